"""Lists taken in at the desk. A file is tried first, and what it would do is shown row
by row; then it is kept, by the same code as at the console (db/commands/imports).
Between the two the form carries the file: nothing of it lies here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from flask import abort, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from db.commands import imports
from db.commands.exports import plain
from db.reports import as_imported
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, tables
from gateway.staff.gate import bp

# bytes, and so many rows: a browser waits for them; the console takes longer lists
FILE_MOST = 1_000_000
ROWS_MOST = 5_000
# rows of each sort on the page; those that are refused are all in the file to download
SHOWN = 200
NAME_MOST = 80
# Which handset a TAC is holds for every commune of the installation: at the console
# alone.
KINDS = tuple(kind for kind in imports.KINDS if kind != "tac")


class Upload(NamedTuple):
    """A file as it was chosen."""

    kind: str  # of KINDS
    name: str
    content: bytes


class Row(NamedTuple):
    """One row of the file: its number as the spreadsheet counts it, and what stands in
    it.
    """

    number: int
    cells: str
    why: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()  # column, before, after, in words


@bp.get("/imports/")
@layout.needs("imports")
def import_lists() -> layout.Page:
    return _form(200)


def _form(http: int) -> layout.Page:
    chosen = layout.a_line("kind", 20)
    return layout.page(
        "imports",
        http,
        kinds={kind: imports.KINDS[kind] for kind in KINDS},
        chosen=chosen if chosen in KINDS else "",
        there=as_imported.READ.keys(),
        megabytes=FILE_MOST // 1_000_000,
        rows_most=ROWS_MOST,
    )


@bp.get("/imports/<kind>.csv")
@layout.needs("imports")
def import_sample(kind: str) -> Response:
    """An empty list of this kind, its columns named in the clerk's language."""
    if kind not in KINDS:
        abort(404)
    columns = imports.KINDS[kind].columns
    head = tuple(map(_column, columns))
    return tables.download(kind, "csv", [head])


@bp.get("/imports/now/<kind>.csv")
@layout.needs("imports")
def import_now(kind: str) -> Response:
    """What is there now, as a list that can be taken in again. That it was taken away,
    by whom, is written down.
    """
    if kind not in as_imported.READ:
        abort(404)
    day = lang.current_day()
    with here().db.connection() as tx:
        rows = as_imported.READ[kind](tx, layout.commune_id(), day)
    layout.note_alone("export", detail=f"list {kind}, {len(rows)} rows")
    columns = imports.KINDS[kind].columns
    lines = [tuple(map(_column, columns))]
    for row in rows:
        cells = zip(columns, row, strict=True)
        line = [plain(_shown_cell(kind, column, cell)) for column, cell in cells]
        lines.append(tuple(line))
    return tables.download(f"{kind}-{day}", "csv", lines)


# What stands in a column as a word of a closed list, and the desk's words for it.
_WORDS_OF = {
    "handset": "handset",
    "sim": "sim",
    "poor": "poor",
    "services": "service",
    "asked": "asked",
}
_KINDS_OF = {"events": "event_kind", "businesses": "kind"}


def _shown_cell(kind: str, column: str, cell: object) -> str:
    """As the desk says it; several with commas between them."""
    if cell is None:
        return ""
    prefix = _WORDS_OF.get(column)
    if column == "kind":
        prefix = _KINDS_OF[kind]
    if prefix is None:
        return str(cell)
    named = [cell] if isinstance(cell, str) else cell
    language = layout.language()
    assert isinstance(named, list)  # of services
    return ", ".join(lang.named(language, prefix, one) for one in named)


@bp.post("/imports/")
@layout.needs("imports")
@layout.takes_a_file
@layout.only_shows
def try_import() -> layout.Page:
    """What the file would do; nothing is kept."""
    kind = layout.a_line("kind", 20)
    if kind not in KINDS:
        abort(400)
    chosen = request.files.get("file")
    name = _name_of(chosen)
    if not chosen or not name:
        return _refused("file")
    content = chosen.read(FILE_MOST + 1)
    if len(content) > FILE_MOST:
        return _refused("large", megabytes=FILE_MOST // 1_000_000)
    upload = Upload(kind, name, content)
    try:
        report = _taken(upload, dry_run=True)
    except imports.CannotImport as problem:
        return _refused_as(problem)
    return _preview(upload, report)


def _name_of(chosen: FileStorage | None) -> str:
    """What the file is called, on one line: the end of it, which says what it is. Empty
    where none was chosen.
    """
    if not chosen:
        return ""
    words = (chosen.filename or "").split()
    return " ".join(words)[-NAME_MOST:]


@bp.get("/imports/keep")
@layout.needs("imports")
def kept_before() -> Response:
    """Where a browser lands that was only told another language: the file is no longer
    there.
    """
    return layout.see("staff.import_lists")


@bp.post("/imports/keep")
@layout.needs("imports")
@layout.takes_a_file
def keep_import() -> layout.Page:
    """Keep what was shown; where it would do something else by now, that is shown
    first.
    """
    seen = layout.a_line("seen", 64)
    upload = _carried()
    try:
        tried = _taken(upload, dry_run=True)
        if seen != _digest(tried):
            layout.tell("import_changed_since", "warning")
            return _preview(upload, tried, 409)
        report = _taken(upload, dry_run=False)
    except imports.CannotImport as problem:
        return _refused_as(problem)
    return _shown(upload, report, 200, kept=True)


@bp.post("/imports/refused.csv")
@layout.needs("imports")
@layout.takes_a_file
@layout.only_shows
def import_refused() -> layout.Page | Response:
    """The rows that are refused, to be mended and sent again."""
    upload = _carried()
    try:
        report = _taken(upload, dry_run=True)
    except imports.CannotImport as problem:
        return _refused_as(problem)
    name = f"{upload.kind}-refused"
    lines = [tuple(map(_cell, row)) for row in report.refused_rows()]
    return tables.download(name, "csv", lines)


def _cell(cell: object) -> str | int:
    if isinstance(cell, int):
        return cell
    return plain(_written(cell))


def _taken(upload: Upload, *, dry_run: bool) -> imports.Report:
    """Raises CannotImport."""
    sheet = imports.read(upload.name, upload.content, ROWS_MOST)

    def noted(tx: Tx, rows: int) -> None:
        layout.note_act(tx, "import", detail=f"{upload.kind}, {rows} rows")

    return imports.take_rows(
        here().db,
        upload.kind,
        sheet,
        commune_id=layout.commune_id(),
        now=lang.now_ms(),
        privacy_key=here().settings.privacy_key,
        dry_run=dry_run,
        beside=noted,
    )


def _refused(key: str, **values: object) -> layout.Page:
    layout.tell(f"import_no_{key}", "danger", **values)
    return _form(400)


def _refused_as(problem: imports.CannotImport) -> layout.Page:
    """Columns by the names that the clerk reads."""
    values = dict(problem.values)
    for name, value in problem.values.items():
        if isinstance(value, list | tuple):
            values[name] = _columns(value)
    return _refused(problem.key, **values)


def _columns(names: Iterable[str]) -> str:
    return ", ".join(map(_column, names))


def _column(name: str) -> str:
    return lang.named(layout.language(), "import_column", name)


def _carried() -> Upload:
    """The file that the form of the preview carries. What no preview made is 400."""
    kind = layout.a_line("kind", 20)
    name = layout.a_line("name", NAME_MOST)
    carried = request.form.get("carried", "")
    unpacking = zlib.decompressobj()
    try:
        packed = base64.b64decode(carried, validate=True)
        content = unpacking.decompress(packed, FILE_MOST)
    except (binascii.Error, ValueError, zlib.error):
        abort(400)
    if kind not in KINDS or not unpacking.eof:
        abort(400)
    return Upload(kind, name, content)


def _preview(upload: Upload, report: imports.Report, http: int = 200) -> layout.Page:
    return _shown(upload, report, http, kept=False)


def _shown(
    upload: Upload, report: imports.Report, http: int, *, kept: bool
) -> layout.Page:
    """What the file would do, or did."""
    counts = Counter(outcome.what for outcome in report.outcomes.values())
    packed = zlib.compress(upload.content)
    carried = base64.b64encode(packed).decode()
    return layout.page(
        "import_preview",
        http,
        kept=kept,
        upload=upload,
        report=report,
        counts=counts,
        refused=_refused_rows(report),
        changed=_rows(report, "changed"),
        new=_rows(report, "new"),
        shown=SHOWN,
        carried=carried,
        seen=_digest(report),
    )


def _refused_rows(report: imports.Report) -> list[Row]:
    cells_of = dict(report.sheet.rows)
    found = []
    for number, why in report.refused[:SHOWN]:
        line = _line(cells_of[number])
        reason = _reason(why)
        found.append(Row(number, line, reason))
    return found


def _rows(report: imports.Report, what: str) -> list[Row]:
    """Those that were kept so, in the order of the file."""
    found: list[Row] = []
    for number, cells in report.sheet.rows:
        outcome = report.outcomes.get(number)
        if outcome is None or outcome.what != what:
            continue
        changes = tuple(map(_said, outcome.changes))
        found.append(Row(number, _line(cells), changes=changes))
        if len(found) == SHOWN:
            break
    return found


def _said(change: imports.Change) -> tuple[str, str, str]:
    """The column, what stood there, what stands there now."""
    column = _column(change.column)
    was = _value(change.column, change.was)
    now = _value(change.column, change.now)
    return column, was, now


def _value(column: str, value: str) -> str:
    """`2g` as the desk says it; a name as it is."""
    language = layout.language()
    return lang.named(language, column, value) or "–"


def _line(cells: Iterable[object]) -> str:
    written = map(_written, cells)
    return " · ".join(filter(None, written))


def _written(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _reason(why: str) -> str:
    """A reason is written `vi / en`: the half that the clerk reads; all of it where the
    halves cannot be told apart.
    """
    parts = why.split(" / ")
    half, odd = divmod(len(parts), 2)
    if odd:
        return why
    if layout.language() == "vi":
        return " / ".join(parts[:half])
    return " / ".join(parts[half:])


def _digest(report: imports.Report) -> str:
    """What was shown: whoever confirms it confirms this."""
    outcomes = sorted(report.outcomes.items())
    shown = json.dumps([report.new_places, report.refused, outcomes])
    return hashlib.sha256(shown.encode()).hexdigest()
