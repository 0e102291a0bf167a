"""Lists to take away, as CSV rows; no phone number and no name of a resident stands in
any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query
from menus import days

HEADER = (
    "at",
    "day",
    "hamlet",
    "indicator",
    "subject",
    "subject_id",
    "staff",
    "reverses",
    "reason",
    "id",
)
WISHES_HEADER = (
    "at",
    "act",
    "what",
    "channel",
    "words",
    "confirmed_at",
    "who",
    "prompt",
    "ended_at",
    "id",
)
WHO_SHOWN = 12  # of the HMAC: enough to see which lines are of one number
CHUNK = 2_000
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


class Converted(NamedTuple):
    """A line of the log of conversions."""

    id: int
    at: int  # UTC ms
    day: str  # ISO
    hamlet: str | None
    indicator: str
    subject: str  # person | household | business
    subject_id: int
    staff: str | None
    reverses: int | None  # the line that this one undoes
    reason: str


class Wish(NamedTuple):
    """A line of the register of wishes."""

    id: int
    at: int  # UTC ms
    act: str
    what: str
    channel: str
    words: str
    who: str  # an HMAC
    prompt: str
    ended_at: int | None  # UTC ms
    confirmed_at: int | None  # UTC ms


_CONVERSIONS = Query(
    text("""
    SELECT c.id, c.at, c.day, h.name AS hamlet, i.key AS indicator, i.subject, c.subject_id, s.username AS staff,
      c.reverses, c.reason
    FROM conversions c
    JOIN indicators i ON i.id = c.indicator_id
    LEFT JOIN hamlets h ON h.id = c.hamlet_id
    LEFT JOIN staff s ON s.id = c.staff_id
    WHERE i.programme_id = :programme_id AND c.id > :after AND c.day BETWEEN :first AND :last
    ORDER BY c.id
    LIMIT :chunk
    """),
    Converted,
)
# A confirmation stands in the line of what it confirms: when its text was sent, or when
# its screen was shown.
_WISHES = Query(
    text("""
    SELECT w.id, w.at, w.act, w.what, w.channel, w.words, w.who, w.prompt, w.ended_at,
      (SELECT MIN(CASE WHEN c.message_id IS NULL THEN c.at ELSE m.sent_at END) FROM wishes c
        LEFT JOIN messages m ON m.id = c.message_id WHERE c.confirms = w.id) AS confirmed_at
    FROM wishes w WHERE w.id > :after AND w.act <> 'confirmed' AND w.at >= :since AND w.at < :until
    ORDER BY w.id LIMIT :chunk
    """),
    Wish,
)


def conversions(
    tx: Tx, programme_id: int, first: str, last: str
) -> Iterator[tuple[str, ...]]:
    """The log of these days (ISO, both included) in the order it was written, undone
    rows and their undoing too.
    """
    yield HEADER
    after = 0
    while rows := tx.all(
        _CONVERSIONS,
        programme_id=programme_id,
        after=after,
        first=first,
        last=last,
        chunk=CHUNK,
    ):
        for row in rows:
            yield _line(
                _instant(row.at),
                row.day,
                row.hamlet,
                row.indicator,
                row.subject,
                row.subject_id,
                row.staff,
                row.reverses,
                row.reason,
                row.id,
            )
        after = rows[-1].id


def wishes(tx: Tx, first: date, last: date) -> Iterator[tuple[str, ...]]:
    """The register of wishes of these local days, both included, in the order it was
    written: what the law asks to be kept of consents, refusals, their taking back and
    their confirmation.
    """
    yield WISHES_HEADER
    after = 0
    since = _midnight(first)
    until = _midnight(last + timedelta(days=1))
    while rows := tx.all(_WISHES, after=after, since=since, until=until, chunk=CHUNK):
        for row in rows:
            yield _line(
                _instant(row.at),
                row.act,
                row.what,
                row.channel,
                row.words,
                _instant(row.confirmed_at),
                row.who[:WHO_SHOWN],
                row.prompt,
                _instant(row.ended_at),
                row.id,
            )
        after = rows[-1].id


def _midnight(day: date) -> int:
    """With which a local day begins, UTC ms."""
    begins = days.at_local(day, "00:00")
    return to_ms(begins)


def _instant(ms: int | None) -> str:
    """On the commune's clock, to the second; empty for none."""
    if ms is None:
        return ""
    moment = days.local(from_ms(ms))
    return moment.isoformat(timespec="seconds")


def _line(*cells: object) -> tuple[str, ...]:
    """The cells as they are written; empty for none."""
    written = ["" if cell is None else str(cell) for cell in cells]
    return tuple(plain(cell) for cell in written)


def plain(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs as a formula."""
    if cell.startswith(FORMULA_BEGINS):
        return f"'{cell}"
    return cell
