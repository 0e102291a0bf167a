"""What a text may be the answer to: the list that is open on the phone, or the last
text of ours that asks something.

A text of ours that asks closes the list from before it (`Menu._heard`): who is reminded
at six in the evening and then writes "co" answers the reminder, not the question of the
morning.
"""

from __future__ import annotations

from collections.abc import Mapping

from menus.hearing.reader import Asked

# The states that ask, by the name they are kept under.
OF_STATES: Mapping[str, Asked] = {
    "Home": "menu",
    "AskHamlet": "hamlets",
    "NameHamlet": "hamlets",
    "PickEvent": "days",  # or "move", where a booking is being moved
    "PickSlot": "times",
    "Nearest": "confirm",  # the nearest day, where there is none on the one that was said
    "Confirm": "confirm",
    "ConfirmMove": "confirm",
    "AskWait": "wait",
    "ConfirmCancel": "cancel",
    "ConfirmCancelAll": "cancel",
    "WhichToCancel": "cancel",
    "Offered": "offer",
    "Unclear": "stop",
    "AskScore": "rate",
    "Offers": "consent",
    "AskLogged": "logged",
}
# The texts that ask, by their kind (menus/notices.py). What stands here closes an older
# list.
OF_TEXTS: Mapping[str, Asked] = {
    "reminder_1d": "reminder",
    "reminder_0d": "reminder",
    "held": "held",
    "offer": "offer",
    "event_choice": "held",
    "slot_choice": "held",
    "event_moved": "putoff",
    "desk_moved": "putoff",
    "event_cancelled": "putoff",
    "desk_cancelled": "putoff",
    "missed": "missed",
    "logged": "logged",
    "rate": "rate",
    "consent_advert": "consent",
    "broadcast": "broadcast",
    "invited_moved": "broadcast",
}
# These still wait once a fact was asked beside them: `ai đấy` after "is it right?". What
# gives or takes a seat does not: `ok` to a fact is thanks.
WAIT: frozenset[Asked] = frozenset({"logged", "rate", "missed"})
# Of a booking that stands, at another time now.
MOVES: frozenset[str] = frozenset({"event_moved", "desk_moved"})


def of_state(state: str, moving: bool) -> Asked:
    """What the open list of a state asks; `moving` a booking to another day."""
    if state == "PickEvent" and moving:
        return "move"
    return OF_STATES.get(state, "other")
