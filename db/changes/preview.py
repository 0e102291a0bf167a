"""A change that texts people, looked at before it is made: the very act is carried out,
read, and rolled back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import text

from db.changes.telling import Outcome
from db.notices import phrasing
from db.register import identity
from db.store.engine import Database, Tx, from_ms, to_ms
from db.store.statements import Query
from db.texts import outbox, stops
from menus import notices
from menus.fitting import Cost, cost, on_wire
from menus.notices import Class, Kind


class Who(NamedTuple):
    """Who comes, and how the phone that booked is spoken to."""

    name: str
    hamlet: str | None
    phone: str | None  # E.164
    language: str
    marks: bool  # 0 or 1 on SQLite


class Queued(NamedTuple):
    """The text that the act has just posted: about a booking, or to a guest about an
    event.
    """

    id: int
    kind: Kind
    text_class: Class
    commune_id: int
    phone: str  # E.164
    booking_id: int | None
    revision: int | None
    event_id: int | None


_WHO = Query(
    text("""
    SELECT p.name, h.name AS hamlet, o.phone, o.language, o.marks
    FROM bookings b
    JOIN people p ON p.id = b.person_id
    JOIN people o ON o.id = b.booker_id
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE b.id = :booking_id
    """),
    Who,
)
_GUEST = Query(
    text("""
    SELECT p.name, h.name AS hamlet, p.phone, p.language, p.marks
    FROM people p
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE p.id = :person_id
    """),
    Who,
)
_QUEUED = Query(
    text("""
    SELECT id, kind, class AS text_class, commune_id, phone, booking_id, revision, event_id
    FROM messages
    WHERE id = :message_id
    """),
    Queued,
)


class Changed(Exception):
    """What the act would do is no longer what was shown: somebody booked, cancelled or
    moved meanwhile.
    """


class _Back(Exception):
    """Ends the transaction without a commit."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Line:
    """One party, in the order they are told: who speaks for it, what becomes of it, the
    text as it goes out.
    """

    outcome: Outcome
    name: str
    hamlet: str
    phone: str
    text: str = ""
    cost: Cost | None = None
    goes_at: int = 0  # UTC ms
    barred: bool = False  # wants no texts: somebody has to tell them


def rehearse(
    db: Database, act: Callable[[Tx], Sequence[Outcome]], now: int, privacy_key: str
) -> list[Line]:
    """What the act would do at `now` (UTC ms); nothing of it stays. Raises whatever the
    act raises.
    """

    def work(tx: Tx) -> None:
        outcomes = act(tx)
        raise _Back(lines(tx, outcomes, now, privacy_key))

    try:
        db.again(work)
    except _Back as back:
        return back.lines
    raise AssertionError("unreachable")


def as_shown(
    tx: Tx, outcomes: Sequence[Outcome], now: int, privacy_key: str, seen: str
) -> None:
    """Raises Changed when the act just carried out in `tx` is not the one whose
    `print_of` was seen.
    """
    done = lines(tx, outcomes, now, privacy_key)
    if print_of(done) != seen:
        raise Changed


def lines(
    tx: Tx, outcomes: Sequence[Outcome], now: int, privacy_key: str
) -> list[Line]:
    """The queued texts in words, within the transaction that queued them."""
    return [_line(tx, outcome, now, privacy_key) for outcome in outcomes]


def print_of(shown: Sequence[Line]) -> str:
    """Names what was shown: whom it concerns in which order, what becomes of them,
    every word of the texts.
    """
    said = []
    for line in shown:
        outcome = line.outcome
        said.append(
            (outcome.booking_id, outcome.what, outcome.task, line.phone, line.text)
        )
    digest = hashlib.sha256(repr(said).encode())
    return digest.hexdigest()[:32]


def _line(tx: Tx, outcome: Outcome, now: int, privacy_key: str) -> Line:
    who = _who(tx, outcome)
    line = Line(outcome, who.name, who.hamlet or "", who.phone or "")
    if not outcome.message_id:
        return line
    message = tx.one(_QUEUED, message_id=outcome.message_id)
    if message is None:
        return line
    return _with_text(tx, line, message, who, now, privacy_key)


def _who(tx: Tx, outcome: Outcome) -> Who:
    """Who comes to a booking, or the guest."""
    if outcome.booking_id is None:
        (person_id,) = outcome.people
        who = tx.one(_GUEST, person_id=person_id)
    else:
        who = tx.one(_WHO, booking_id=outcome.booking_id)
    assert who is not None  # the act has just written about them
    return who


def _with_text(
    tx: Tx, line: Line, message: Queued, who: Who, now: int, privacy_key: str
) -> Line:
    """The same with the words of its text, what they cost and when they go."""
    booking = None
    starts_at = line.outcome.starts_at
    if message.booking_id is not None:
        booking = outbox.subject(tx, message.booking_id, message.phone)
        assert booking is not None
        starts_at = booking.starts_at
    said = phrasing.text(tx, message, booking, who.language, now)
    wire = on_wire(said, bool(who.marks))
    starts = from_ms(starts_at)
    goes_at = notices.goes_at(message.kind, message.text_class, starts, from_ms(now))
    hashed = identity.who(privacy_key, message.phone)
    return replace(
        line,
        text=wire,
        cost=cost(wire),
        goes_at=to_ms(goes_at),
        barred=stops.bar(tx, hashed, message.text_class, message.kind),
    )
