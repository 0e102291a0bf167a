"""The database itself: its engine, connections, statements and migrations; what kind of
installation it is.
"""
