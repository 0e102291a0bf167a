"""Why the chosen of a going-out have no text yet: of one person, and of all together."""

from __future__ import annotations

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
    """`đã nhận đủ số tin trong ngày, gửi tiếp sớm nhất lúc 9h00 T7 13/4`, and of how many that is true."""

    why: str
    people: int


def of_all(tx: Tx, row: Broadcast, firing: GoingOut) -> list[Said]:
    """Each reason for which somebody still waits, most people first."""
    now = lang.now_ms()
    people: dict[str, int] = {}
    for one in ledger.waiting(tx, firing.id, soon=now + SOON_MS):
        why = _why(row, firing, one, now)
        people[why] = people.get(why, 0) + one.people
    said = [Said(why, number) for why, number in people.items()]
    return sorted(said, key=lambda one: one.people, reverse=True)


def _why(row: Broadcast, firing: GoingOut, one: Waiting, now: int) -> str:
    if row.state == "paused":
        return layout.say("waits_paused")
    if one.why in ("cap", "tried"):
        leaves = timing.leaves_at(row.text_class, one.until, now)
        return layout.say(f"waits_{one.why}", when=layout.stamp(leaves))
    if one.why == "leaving":
        return layout.say("waits_leaving")
    leaves = timing.leaves_at(row.text_class, firing.not_before, now)
    if leaves > now:
        return layout.say("waits_ahead", when=layout.stamp(leaves))
    if row.pace_many:
        many = layout.count(row.pace_many)
        return layout.say(
            "waits_pace", many=many, minutes=layout.count(row.pace_minutes)
        )
    return layout.say("waits_turn")


def of_one(row: Broadcast, firing: GoingOut, line: Line) -> str:
    """Why somebody has no text yet, and until when."""
    now = lang.now_ms()
    if line.status not in (None, "QUEUED"):
        return layout.say("waits_leaving")
    if row.state == "paused":
        return layout.say("waits_paused")
    if line.status == "QUEUED":
        return _in_queue(row, line, now)
    leaves = timing.leaves_at(row.text_class, firing.not_before, now)
    if leaves <= now:
        return layout.say("waits_turn")
    return layout.say("waits_ahead", when=layout.stamp(leaves))


def _in_queue(row: Broadcast, line: Line, now: int) -> str:
    if (line.waits_until or 0) <= now + SOON_MS:
        return layout.say("waits_leaving")
    leaves = timing.leaves_at(row.text_class, line.waits_until, now)
    when = layout.stamp(leaves)
    return layout.say("waits_tried" if line.tries else "waits_cap", when=when)
