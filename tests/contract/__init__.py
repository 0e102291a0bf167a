"""One contract for both ports of the menus: in memory, and over the database on both
engines.
"""
