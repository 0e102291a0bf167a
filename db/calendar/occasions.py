"""What is held, as residents are told of it: of any kind, with or without times to
book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.models import INTERNAL
from db.models.states import EventKind
from db.store.engine import Tx, from_ms
from db.store.statements import Query, Scalar
from menus import words
from menus.port import BY_INVITATION, TOLD_AHEAD, Occasion, Service
from menus.port import EventKind as Kind

MOST = 20  # more than is held in one hamlet in a fortnight


class Held(NamedTuple):
    """An event of a hall, with the name of the hamlet that the hall is in."""

    id: int
    kind: Kind
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    hall: str
    hamlet_id: int | None
    hamlet: str | None
    number: int | None
    bookable: bool  # 0 or 1 on SQLite
    state: str
    bring: str
    bring_en: str


class Offered(NamedTuple):
    service: Service


_INTERNAL = INTERNAL.format(e="e")
_TOLD = """
    SELECT e.id, e.kind, MIN(s.starts_at) AS starts_at, MAX(s.ends_at) AS ends_at, l.name AS hall, l.hamlet_id,
      h.name AS hamlet, e.number, e.bookable, e.state, e.bring, e.bring_en
    FROM events e
    JOIN halls l ON l.id = e.hall_id
    JOIN slots s ON s.event_id = e.id
    LEFT JOIN hamlets h ON h.id = l.hamlet_id
    WHERE e.commune_id = :commune_id AND NOT ({internal}) AND {which}
    GROUP BY e.id, e.kind, l.name, l.hamlet_id, h.name, e.number, e.bookable, e.state, e.bring, e.bring_en
    {having}
    ORDER BY starts_at, e.id
"""


def _held(which: str) -> str:
    """What is neither over nor off, and fulfils this condition."""
    return _TOLD.format(
        internal=_INTERNAL,
        which=f"e.state <> 'cancelled' AND {which}",
        having="HAVING MAX(s.ends_at) > :now",
    )


_HERE = Query(
    text(
        _held(
            f"""e.kind <> '{BY_INVITATION}' AND e.day >= :first AND e.day <= :last
      AND (l.hamlet_id = :hamlet_id OR l.hamlet_id IS NULL)"""
        )
        + f"LIMIT {MOST}"
    ),
    Held,
)
_NEXT = Query(
    text(_held("e.kind = :kind AND e.day >= :today") + "LIMIT 1"),
    Held,
)
_ONE = Query(text(_held("e.id = :event_id")), Held)
_CALLED_OFF = Query(
    text(
        _TOLD.format(
            internal=_INTERNAL,
            which="""e.state = 'cancelled' AND e.day >= :today
      AND e.number = CAST(:number AS INTEGER)""",
            having="",
        )
    ),
    Held,
)
_NUMBERED = Scalar(
    text("""
    SELECT id
    FROM events
    WHERE commune_id = :commune_id AND number = CAST(:number AS INTEGER) AND day >= :today AND state <> 'cancelled'
    """),
    int,
)
_SERVICES = Query(
    text("SELECT service FROM event_services WHERE event_id = :event_id"), Offered
)


def here(
    tx: Tx, *, commune_id: int, hamlet_id: int, today: str, now: int
) -> Sequence[Occasion]:
    """What is held in the hamlet, or for the whole commune, from `today` (ISO) on.
    `now` is UTC ms.
    """
    first = date.fromisoformat(today)
    last = first + TOLD_AHEAD
    found = tx.all(
        _HERE,
        commune_id=commune_id,
        hamlet_id=hamlet_id,
        first=today,
        last=last.isoformat(),
        now=now,
    )
    return [_told(row, ()) for row in found]


def next_held(
    tx: Tx, kind: Kind, *, commune_id: int, today: str, now: int
) -> Occasion | None:
    """The soonest of this kind that is not over. `today` is ISO, `now` UTC ms."""
    row = tx.one(_NEXT, commune_id=commune_id, kind=kind, today=today, now=now)
    return _told(row, ()) if row else None


def one(tx: Tx, event_id: int, *, commune_id: int, now: int) -> Occasion | None:
    """With what one can get there; none once it is over or off. `now` is UTC ms."""
    row = tx.one(_ONE, commune_id=commune_id, event_id=event_id, now=now)
    if row is None:
        return None
    offered = tx.all(_SERVICES, event_id=event_id)
    services = sorted({found.service for found in offered})
    return _told(row, tuple(services))


def numbered(
    tx: Tx, number: int, *, commune_id: int, today: str, now: int
) -> Occasion | None:
    """The one to come with this number."""
    event_id = tx.value(_NUMBERED, commune_id=commune_id, number=number, today=today)
    if event_id is None:
        return None
    return one(tx, event_id, commune_id=commune_id, now=now)


def called_off(tx: Tx, number: int, *, commune_id: int, today: str) -> Occasion | None:
    """The cancelled one with this number, until its day is over. `today` is ISO."""
    row = tx.one(_CALLED_OFF, commune_id=commune_id, number=number, today=today)
    return _told(row, ()) if row else None


def brought(bring: str, bring_en: str) -> Mapping[str, str]:
    """What an event of its own asks to bring, by language; empty where the scheme's
    list holds.
    """
    if not bring:
        return {}
    return {words.VIETNAMESE: bring, words.ENGLISH: bring_en or bring}


def _told(row: Held, services: tuple[Service, ...]) -> Occasion:
    is_open = row.state == "open"
    return Occasion(
        row.id,
        row.kind,
        from_ms(row.starts_at),
        from_ms(row.ends_at),
        _place(row),
        row.hamlet_id,
        row.number or 0,
        bool(row.bookable) and is_open,
        brought(row.bring, row.bring_en),
        services,
    )


def _place(row: Held) -> str:
    """From street to street and from house to house it is held nowhere but in the
    hamlet itself.
    """
    goes_round = row.kind in (EventKind.STREET, EventKind.VISITS)
    if goes_round and row.hamlet:
        return row.hamlet
    return row.hall
