"""The conversion log as staff read it: filtered, in pages, each entry with who undid it
and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import text

from db.models.states import LogAnswer, MessageState
from db.reports import paging
from db.reports.paging import TOP, Page, Place, beyond, order
from db.store.engine import Tx
from db.store.statements import Query, Scalar

# of what is more no page says how much: counting it would take longer every year
COUNTED_TO = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for; days are inclusive, an empty day and None mean no
    limit.
    """

    commune_id: int
    since: str = ""
    until: str = ""
    hamlet_id: int | None = None
    indicator_id: int | None = None
    staff_id: int | None = None
    person_id: int | None = None
    said: str = ""  # a LogAnswer: what the resident said when asked
    still: int | None = None  # 1: without what was undone

    @property
    def given(self) -> Mapping[str, str | int]:
        """The limits that there are."""
        said = {name: getattr(self, name) for name in _LIMITS}
        return {name: value for name, value in said.items() if value not in ("", None)}


class Entry(NamedTuple):
    """One thing that was achieved, for a person, a household or a business; by whom,
    and who took it back.
    """

    id: int
    day: str
    at: int  # UTC ms
    subject_id: int
    indicator: str
    indicator_name: str
    indicator_name_en: str
    subject: str
    person: str | None
    phone: str | None
    household: str | None
    business: str | None
    hamlet_id: int | None
    hamlet: str | None
    staff: str | None
    booking: str | None  # its code
    undone_at: int | None  # UTC ms
    reason: str | None
    undone_by: str | None
    said: str | None  # a LogAnswer; none where nobody was to be asked
    text_status: str | None  # of the text that asks: a MessageState
    words: str | None  # of the text that answers, while it is kept

    @property
    def check(self) -> str:
        """What the resident said: right, wrong; or none yet, and whether they were
        asked: asked, waits, unsent. Empty where nobody asks.
        """
        if self.said in (None, LogAnswer.RIGHT, LogAnswer.WRONG):
            return self.said or ""
        if self.text_status in _WENT:
            return "asked"
        if self.undone_at:
            return ""
        return "waits" if self.text_status in _WAITS else "unsent"


_WENT = frozenset(
    {
        MessageState.SENDING,
        MessageState.SENT,
        MessageState.DELIVERED,
        MessageState.LOST,
    }
)
_WAITS = frozenset({MessageState.QUEUED, MessageState.CLAIMED})
_LIMITS = {
    "since": "c.day >= :since",
    "until": "c.day <= :until",
    "hamlet_id": "c.hamlet_id = :hamlet_id",
    "indicator_id": "c.indicator_id = :indicator_id",
    "staff_id": "c.staff_id = :staff_id",
    "person_id": "c.subject_id = :person_id",
    "still": "(:still = 1 AND NOT EXISTS (SELECT 1 FROM conversions v WHERE v.reverses = c.id))",
    "said": "c.id IN (SELECT conversion_id FROM log_checks WHERE answer = :said)",
}
# Not `reverses IS NULL`: SQLite takes the index of it for as good as any, and reads and
# sorts nearly the whole log. The commune is asked about each entry: begun with the
# commune, all its log would be read before any is shown.
_OURS = """
    NOT (c.reverses IS NOT NULL) AND EXISTS (
      SELECT 1 FROM indicators o JOIN programmes g ON g.id = o.programme_id
      WHERE o.id = c.indicator_id AND g.commune_id = :commune_id{of_a_person})
"""
_ENTRIES = """
    SELECT c.id, c.day, c.at, c.subject_id, i.key AS indicator, i.name AS indicator_name,
      i.name_en AS indicator_name_en, i.subject, p.name AS person, p.phone, o.code AS household, b.name AS business,
      c.hamlet_id, h.name AS hamlet, s.username AS staff, k.code AS booking, u.at AS undone_at, u.reason,
      t.username AS undone_by, q.answer AS said, m.status AS text_status, r.text AS words
    FROM {chosen}
    JOIN indicators i ON i.id = c.indicator_id
    LEFT JOIN people p ON i.subject = 'person' AND p.id = c.subject_id
    LEFT JOIN households o ON i.subject = 'household' AND o.id = c.subject_id
    LEFT JOIN businesses b ON i.subject = 'business' AND b.id = c.subject_id
    LEFT JOIN hamlets h ON h.id = c.hamlet_id
    LEFT JOIN staff s ON s.id = c.staff_id
    LEFT JOIN bookings k ON k.id = c.booking_id
    LEFT JOIN conversions u ON u.reverses = c.id
    LEFT JOIN staff t ON t.id = u.staff_id
    LEFT JOIN log_checks q ON q.conversion_id = c.id
    LEFT JOIN messages m ON m.id = q.message_id
    LEFT JOIN messages r ON r.id = q.said_id
"""
_DAY = Scalar(text("SELECT day FROM conversions WHERE id = :id"), str)
_ONE = Query(
    text(
        f"{_ENTRIES.format(chosen='conversions c')} WHERE c.id = :id AND {_OURS.format(of_a_person='')}"
    ),
    Entry,
)

_STANDING = Scalar(
    text("""
    SELECT MAX(c.id)
    FROM conversions c
    JOIN indicators i ON i.id = c.indicator_id
    JOIN programmes g ON g.id = i.programme_id
    WHERE g.commune_id = :commune_id AND i.key = :indicator AND c.subject_id = :subject_id AND c.reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    """),
    int,
)


def _where(limits: tuple[str, ...]) -> str:
    of_a_person = " AND o.subject = 'person'" if "person_id" in limits else ""
    return " AND ".join(
        (_OURS.format(of_a_person=of_a_person), *[_LIMITS[name] for name in limits])
    )


@cache
def _page(limits: tuple[str, ...], way: str) -> Query[Entry]:
    """The ids first, by an index in their order; only what is shown is put together."""
    chosen = f"""
        (SELECT c.id FROM conversions c
         WHERE {_where(limits)} {beyond(way, "(c.day, c.id)", "(:day, :beside)")}
         {order(way, "c.day", "c.id")} LIMIT :most) chosen
        JOIN conversions c ON c.id = chosen.id
    """
    return Query(
        text(f"""
        {_ENTRIES.format(chosen=chosen)}
        {order(way, "c.day", "c.id")}
        """),
        Entry,
    )


@cache
def _counted(limits: tuple[str, ...]) -> Scalar[int]:
    return Scalar(
        text(f"""
        SELECT COUNT(*) FROM (
          SELECT 1 AS one FROM conversions c WHERE {_where(limits)} LIMIT {COUNTED_TO + 1}) counted
        """),
        int,
    )


def how_many(tx: Tx, wanted: Wanted) -> int:
    """Entries, up to COUNTED_TO; one beyond that where there are more."""
    return (
        tx.value(
            _counted(tuple(wanted.given)), commune_id=wanted.commune_id, **wanted.given
        )
        or 0
    )


def page(tx: Tx, wanted: Wanted, *, place: Place, size: int) -> Page[Entry]:
    """By day and as they were written, newest first."""
    return paging.page(lambda at, most: _read(tx, wanted, at, most), place, size)


def _read(tx: Tx, wanted: Wanted, at: Place, most: int) -> list[Entry]:
    day = tx.value(_DAY, id=at.beside) if at.way else None
    if day is None:
        at = TOP
    limits = wanted.given
    statement = _page(tuple(limits), at.way)
    return tx.all(
        statement,
        commune_id=wanted.commune_id,
        day=day,
        beside=at.beside,
        most=most,
        **limits,
    )


def entry(tx: Tx, conversion_id: int, commune_id: int) -> Entry | None:
    """One entry of this commune's log; an undo is no entry."""
    return tx.one(_ONE, id=conversion_id, commune_id=commune_id)


def standing(tx: Tx, commune_id: int, indicator: str, subject_id: int) -> Entry | None:
    """The last entry of that indicator for somebody, some home or shop that nobody took
    back.
    """
    found = tx.value(
        _STANDING, commune_id=commune_id, indicator=indicator, subject_id=subject_id
    )
    return entry(tx, found, commune_id) if found is not None else None


def every(tx: Tx, wanted: Wanted, size: int = 1000) -> Iterator[Entry]:
    """The whole log asked for, oldest first, read `size` at a time so that no export
    fills the memory.
    """
    limits = wanted.given
    statement = _page(tuple(limits), "newer")
    day = ""
    last = 0
    while True:
        rows = tx.all(
            statement,
            commune_id=wanted.commune_id,
            day=day,
            beside=last,
            most=size,
            **limits,
        )
        if not rows:
            return
        yield from rows
        day = rows[-1].day
        last = rows[-1].id
