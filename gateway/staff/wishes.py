"""The register of wishes as a file: who agreed to what, refused it or took it back, as
the law asks to be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from flask import Response, request

from db.commands import exports
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, tables
from gateway.staff.gate import bp

SHOWN_DAYS = 365  # where no first day is given: what has to be kept at least


@bp.get("/wishes.<any(csv, xlsx):kind>")
@layout.needs("audit")
def wishes_file(kind: str) -> Response:
    """Of these local days, both included: the last year where none is given. Numbers
    stand in it as a code.
    """
    today = date.fromisoformat(lang.current_day())
    year_ago = today - timedelta(days=SHOWN_DAYS)
    first = _day("since") or year_ago
    last = _day("until") or today
    detail = f"wishes {first}..{last}"
    here().db.again(lambda tx: layout.note_act(tx, "export", detail=detail))
    lines = _lines(first, last)
    return tables.download(f"wishes-{first}-{last}", kind, lines)


def _day(name: str) -> date | None:
    """The day of a field; none where it is empty or no day."""
    written = request.args.get(name, "")
    return layout.as_day(written)


def _lines(first: date, last: date) -> Iterator[tuple[str, ...]]:
    with here().db.connection() as tx:
        yield from exports.wishes(tx, first, last)
