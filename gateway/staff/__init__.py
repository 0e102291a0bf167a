"""The staff desk under /staff/: one file a page family. Each hangs itself on the blueprint of the gate."""

from gateway.staff import (
    booking,
    broadcasts,
    businesses,
    conversions,
    events,
    faces,
    messages,
    people,
    progress,
    rebooking,
    schemes,
    setup,
    sign_in,
    today,
    unreached,
    walk_in,
)
from gateway.staff.gate import bp, init

__all__ = [
    "booking",
    "bp",
    "broadcasts",
    "businesses",
    "conversions",
    "events",
    "faces",
    "init",
    "messages",
    "people",
    "progress",
    "rebooking",
    "schemes",
    "setup",
    "sign_in",
    "today",
    "unreached",
    "walk_in",
]
