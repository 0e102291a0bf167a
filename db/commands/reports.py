"""A report written to files at the console: the draft as it stands now, kept nowhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from db.models.states import PeriodKind
from db.reporting import annex, decree30, heads, kept
from db.reporting import report as reports
from db.reporting.periods import Period
from db.reports import places
from db.store.engine import Tx


def write(
    tx: Tx,
    *,
    commune_id: int,
    first: date,
    last: date,
    docx: Path | None,
    xlsx: Path | None,
    now: int,
) -> str:
    """The files that are named, of these days, both included; what was written. `now` is
    UTC ms.
    """
    period = Period(PeriodKind.DAYS, first, last)
    report = reports.gather(tx, commune_id=commune_id, period=period, now=now)
    written = []
    if docx is not None:
        head = heads.on(tx, commune_id, report.made_on.isoformat())
        programme = places.programme_of(tx, commune_id)
        name = programme.name if programme else ""
        docx.write_bytes(decree30.docx(report, head, name))
        written.append(docx)
    if xlsx is not None:
        before = kept.last_of(tx, period, commune_id=commune_id)
        earlier = reports.figures_of(before.figures) if before else None
        xlsx.write_bytes(annex.xlsx(report, earlier))
        written.append(xlsx)
    return "".join(f"{file}: {file.stat().st_size} bytes.\n" for file in written)
