"""Appointments: one conversation in four drawers that lead to each other (booking,
mine, party, waits).

They name each other by module, so that none need be complete when another is read.
"""
