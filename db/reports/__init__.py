"""Read-only questions behind the staff pages, one file a page family; nothing here
writes.
"""
