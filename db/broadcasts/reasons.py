"""Why somebody is not told: a closed list. The first that holds, in this order, is the
one that is kept and shown.
"""

from __future__ import annotations

from typing import Final

# Kept in `recipients.left_out` (16 letters at most) and, for who was chosen and judged
# anew, in `messages.reason`.
ERASED: Final = "erased"
NOT_ASKED_FOR: Final = "not in the rule"
CONVERTED: Final = "converted"
NO_NUMBER: Final = "no number"
FIXED_LINE: Final = "fixed line"
SAME_NUMBER: Final = "same number"
OPTED_OUT: Final = "opted out"
NO_ADVERTS: Final = "no adverts"
DO_NOT_CALL: Final = "do-not-call"
NO_CONSENT: Final = "no consent"
OVER_THE_CAP: Final = "over the cap"
TOLD_ALREADY: Final = "told already"
DEAD_NUMBER: Final = "dead number"
OTHER_COMMUNE: Final = "other commune"

# Only of who was chosen: the moment passed, or staff ended it.
TOO_LATE: Final = "too late"
STOPPED: Final = "stopped"

ALL = (
    ERASED,
    OTHER_COMMUNE,
    NOT_ASKED_FOR,
    CONVERTED,
    NO_NUMBER,
    FIXED_LINE,
    SAME_NUMBER,
    OPTED_OUT,
    NO_ADVERTS,
    DO_NOT_CALL,
    NO_CONSENT,
    OVER_THE_CAP,
    TOLD_ALREADY,
    DEAD_NUMBER,
)

# As the console says them.
IN_FULL = {
    NOT_ASKED_FOR: "not in the audience",
    CONVERTED: "already converted",
    SAME_NUMBER: "same number as another person",
    NO_CONSENT: "no consent for this purpose",
    DEAD_NUMBER: "number known dead",
}


def nothing_for(field: object) -> str:
    """Of who was chosen: nothing is known of them for this field of the words."""
    return f"nothing for {{{field}}}"


def in_full(reason: str) -> str:
    """The reason as the console prints it."""
    return IN_FULL.get(reason, reason)
