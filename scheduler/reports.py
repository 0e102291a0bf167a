"""Drafts of reports, made by the clock: see db/reporting/drafts.py."""

from __future__ import annotations

from datetime import datetime

from db.places import communes
from db.reporting import drafts, kept
from db.reporting import report as reports
from db.reporting.periods import Period
from db.store import installation
from db.store.engine import Database, to_ms
from menus import days


def draft(db: Database, now: datetime) -> str:
    """Whatever is due and not there yet, in each commune."""
    moment = to_ms(now)
    made = 0
    with db.connection() as tx:
        commune_ids = communes.ids(tx)
        if installation.kind(tx) == "empty":
            return "0 drafts"
    for commune_id in commune_ids:
        with db.connection() as tx:
            due = drafts.due(tx, commune_id, days.today(now))
        for period in due:
            made += _make(db, commune_id, period, moment)
    return f"{made} drafts"


def _make(db: Database, commune_id: int, period: Period, now: int) -> int:
    """Counted in one transaction, kept in another: the writing is a moment."""
    with db.connection() as tx:
        report = reports.gather(tx, commune_id=commune_id, period=period, now=now)
    key = drafts.key(commune_id, period)
    _, is_new = db.again(
        lambda tx: kept.keep(
            tx, report, commune_id=commune_id, staff_id=None, form_key=key
        )
    )
    return int(is_new)
