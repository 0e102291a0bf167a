"""Lists to take away, as CSV rows; no phone number stands in any of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from db.engine import Tx, from_ms
from db.statements import Statement
from menus import days

HEADER = ("at", "day", "hamlet", "indicator", "subject", "subject_id", "staff", "reverses", "reason", "id")
CHUNK = 2_000

_CONVERSIONS = Statement(
    text("""
    SELECT c.id, c.at, c.day, h.name AS hamlet, i.key AS indicator, i.subject, c.subject_id, s.username AS staff,
      c.reverses, c.reason
    FROM conversions c JOIN indicators i ON i.id = c.indicator_id
      LEFT JOIN hamlets h ON h.id = c.hamlet_id LEFT JOIN staff s ON s.id = c.staff_id
    WHERE c.id > :after AND c.day BETWEEN :first AND :last ORDER BY c.id LIMIT :chunk
    """)
)


def conversions(tx: Tx, first: str, last: str) -> Iterator[tuple[str, ...]]:
    """The log of these days (ISO, both included) in the order it was written, undone rows and their undoing too."""
    yield HEADER
    after = 0
    while rows := tx.all(_CONVERSIONS, after=after, first=first, last=last, chunk=CHUNK):
        for row in rows:
            at = days.local(from_ms(row.at)).isoformat(timespec="seconds")
            cells = (at, row.day, row.hamlet, row.indicator, row.subject, row.subject_id, row.staff, row.reverses)
            yield tuple("" if cell is None else plain(str(cell)) for cell in (*cells, row.reason, row.id))
        after = rows[-1].id


def plain(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
