"""Texts to many at the desk: written, addressed, read beforehand, approved, started,
watched.
"""

from gateway.staff.broadcasts import (
    answers,
    checking,
    choosing,
    listing,
    not_reached,
    timing,
    watching,
    writing,
)

__all__ = [
    "answers",
    "checking",
    "choosing",
    "listing",
    "not_reached",
    "timing",
    "watching",
    "writing",
]
