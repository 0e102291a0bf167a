"""Seats: held, waited for, offered, booked, moved, given back; every writer of
`bookings` but the day's own.
"""
