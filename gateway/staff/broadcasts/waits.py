"""Why the chosen of a going-out have no text yet: of one person, and of all together."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from db.broadcasts import ledger
from db.broadcasts.drafts import Broadcast
from db.broadcasts.ledger import GoingOut, Line, Waiting
from db.store.engine import Tx
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import timing

SOON_MS = 60_000  # who waits no longer than that is on the way


class Said(NamedTuple):
    """`đã nhận đủ số tin trong ngày, gửi tiếp sớm nhất lúc 9h00 T7 13/4`, and of how
    many that is true.
    """

    why: str
    people: int


def of_all(tx: Tx, row: Broadcast, firing: GoingOut) -> list[Said]:
    """Each reason for which somebody still waits, most people first."""
    now = lang.now_ms()
    soon = now + SOON_MS
    people: Counter[str] = Counter()
    for one in ledger.waiting(tx, firing.id, soon=soon):
        why = _why(row, firing, one, now)
        people[why] += one.people
    return [Said(why, number) for why, number in people.most_common()]


def _why(row: Broadcast, firing: GoingOut, one: Waiting, now: int) -> str:
    if row.state == "paused":
        return layout.say("waits_paused")
    if one.why in ("cap", "tried"):
        return _until(f"waits_{one.why}", row, one.until, now)
    if one.why == "leaving":
        return layout.say("waits_leaving")
    if _lies_ahead(row, firing, now):
        return _until("waits_ahead", row, firing.not_before, now)
    if row.pace_many:
        many = layout.count(row.pace_many)
        minutes = layout.count(row.pace_minutes)
        return layout.say("waits_pace", many=many, minutes=minutes)
    return layout.say("waits_turn")


def _lies_ahead(row: Broadcast, firing: GoingOut, now: int) -> bool:
    """Whether nothing of it leaves yet, the hours kept."""
    leaves = timing.leaves_at(row.text_class, firing.not_before, now)
    return leaves > now


def _until(key: str, row: Broadcast, not_before: int | None, now: int) -> str:
    """The sentence of that key, with when a text leaves that may not go before that
    moment.
    """
    leaves = timing.leaves_at(row.text_class, not_before, now)
    when = layout.stamp(leaves)
    return layout.say(key, when=when)


def of_one(row: Broadcast, firing: GoingOut, line: Line) -> str:
    """Why somebody has no text yet, and until when."""
    now = lang.now_ms()
    if line.status not in (None, "QUEUED"):
        return layout.say("waits_leaving")
    if row.state == "paused":
        return layout.say("waits_paused")
    if line.status == "QUEUED":
        return _in_queue(row, line, now)
    if _lies_ahead(row, firing, now):
        return _until("waits_ahead", row, firing.not_before, now)
    return layout.say("waits_turn")


def _in_queue(row: Broadcast, line: Line, now: int) -> str:
    waits_until = line.waits_until or 0
    if waits_until <= now + SOON_MS:
        return layout.say("waits_leaving")
    why = "waits_tried" if line.tries else "waits_cap"
    return _until(why, row, waits_until, now)
