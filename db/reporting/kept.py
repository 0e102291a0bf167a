"""Reports that were made: figures as they stood then, version by version, and what a
later version says differently. The only writer of `reports`.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.models.states import PeriodKind
from db.reporting import report as reports
from db.reporting.periods import Period
from db.reporting.report import Report
from db.store.engine import Tx
from db.store.statements import Query, Scalar

SHOWN = 60
NO_VERSION = 2**31 - 1  # later than any


class Version(NamedTuple):
    """One that was made, without its figures. The clock has no name."""

    id: int
    kind: str
    first_day: str  # ISO
    last_day: str  # ISO
    version: int
    made_at: int  # UTC ms
    by: str | None

    @property
    def period(self) -> Period:
        return _period(self.kind, self.first_day, self.last_day)


class Kept(NamedTuple):
    """One with its figures."""

    id: int
    kind: str
    first_day: str  # ISO
    last_day: str  # ISO
    version: int
    figures: str  # JSON
    made_at: int  # UTC ms

    @property
    def period(self) -> Period:
        return _period(self.kind, self.first_day, self.last_day)


def _period(kind: str, first_day: str, last_day: str) -> Period:
    first = date.fromisoformat(first_day)
    return Period(PeriodKind(kind), first, date.fromisoformat(last_day))


_OF = "commune_id = :commune_id AND kind = :kind AND first_day = :first_day AND last_day = :last_day"
_KEEP = Scalar(
    text(f"""
    INSERT INTO reports (commune_id, kind, first_day, last_day, version, figures, made_at, staff_id, form_key)
    SELECT CAST(:commune_id AS BIGINT), CAST(:kind AS VARCHAR), CAST(:first_day AS VARCHAR),
      CAST(:last_day AS VARCHAR), COALESCE(MAX(version), 0) + 1, CAST(:figures AS TEXT), CAST(:made_at AS BIGINT),
      CAST(:staff_id AS BIGINT), CAST(:form_key AS VARCHAR)
    FROM reports
    WHERE {_OF}
    ON CONFLICT DO NOTHING
    RETURNING id
    """),
    int,
)
_BY_KEY = Scalar(text("SELECT id FROM reports WHERE form_key = :form_key"), int)
_BY_CLOCK = Scalar(
    text("""
    SELECT COUNT(*) FROM reports
    WHERE commune_id = :commune_id AND kind = :kind AND staff_id IS NULL
    """),
    int,
)
_LISTED = Query(
    text(f"""
    SELECT r.id, r.kind, r.first_day, r.last_day, r.version, r.made_at, COALESCE(NULLIF(s.name, ''), s.username) AS by
    FROM reports r LEFT JOIN staff s ON s.id = r.staff_id
    WHERE r.commune_id = :commune_id
    ORDER BY r.made_at DESC, r.id DESC LIMIT {SHOWN}
    """),
    Version,
)
_KEPT = "SELECT id, kind, first_day, last_day, version, figures, made_at FROM reports"
_ONE = Query(text(f"{_KEPT} WHERE id = :id AND commune_id = :commune_id"), Kept)
_BEFORE = Query(
    text(f"{_KEPT} WHERE {_OF} AND version < :version ORDER BY version DESC LIMIT 1"),
    Kept,
)


def keep(
    tx: Tx, report: Report, *, commune_id: int, staff_id: int | None, form_key: str
) -> tuple[int, bool]:
    """Its id, and whether it is new: a form sent twice is one report."""
    period = report.period
    row = {
        "commune_id": commune_id,
        "kind": period.kind,
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
        "figures": reports.as_json(report.figures),
        "made_at": report.made_at,
        "staff_id": staff_id,
        "form_key": form_key,
    }
    while True:
        made = tx.value(_KEEP, **row)
        if made is not None:
            return made, True
        before = by_key(tx, form_key)
        if before is not None:
            return before, False
        # somebody else made the same version a moment ago: the next one then


def by_key(tx: Tx, form_key: str) -> int | None:
    """The report that this form, or this turn of the clock, has made."""
    return tx.value(_BY_KEY, form_key=form_key)


def clock_made(tx: Tx, commune_id: int, kind: PeriodKind) -> int:
    """How many of a kind the clock ever made."""
    return tx.value(_BY_CLOCK, commune_id=commune_id, kind=kind) or 0


def listed(tx: Tx, commune_id: int) -> list[Version]:
    """The last sixty, the newest first."""
    return tx.all(_LISTED, commune_id=commune_id)


def one(tx: Tx, report_id: int, *, commune_id: int) -> Kept | None:
    return tx.one(_ONE, id=report_id, commune_id=commune_id)


def as_report(tx: Tx, kept: Kept, *, commune_id: int) -> Report:
    """With its figures as they were, and its words as they read today."""
    return reports.with_words(
        tx,
        commune_id=commune_id,
        period=kept.period,
        made_at=kept.made_at,
        figures=reports.figures_of(kept.figures),
    )


def version_before(tx: Tx, kept: Kept, *, commune_id: int) -> Kept | None:
    """The last one of the same period that was made before it."""
    return last_of(tx, kept.period, commune_id=commune_id, before=kept.version)


def last_of(
    tx: Tx, period: Period, *, commune_id: int, before: int = NO_VERSION
) -> Kept | None:
    """The last one of a period, before a version where one is named."""
    return tx.one(
        _BEFORE,
        commune_id=commune_id,
        kind=period.kind,
        first_day=period.first.isoformat(),
        last_day=period.last.isoformat(),
        version=before,
    )
