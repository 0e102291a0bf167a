"""The support scheme a commune is told about: dated data, never code."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import text

from db.engine import Row, Statement, Tx
from menus.desk import Scheme

# The scheme that runs today, else the one that opens next, else the one that closed last.
_SCHEME = Statement(
    text(
        "SELECT s.*, (SELECT COUNT(*) FROM counted c JOIN indicators i ON i.id = c.indicator_id"
        "  WHERE i.key = 'handset_volte' AND i.programme_id = s.programme_id AND c.day >= s.opens) AS handed_out"
        " FROM schemes s JOIN programmes p ON p.id = s.programme_id WHERE p.commune_id = :commune_id"
        " ORDER BY CASE WHEN s.opens <= :today AND s.closes >= :today THEN 0 WHEN s.opens > :today THEN 1 ELSE 2 END,"
        " CASE WHEN s.opens > :today THEN s.opens END, s.closes DESC LIMIT 1"
    )
)


def current(tx: Tx, commune_id: int, today: str) -> Scheme | None:
    """The one that matters on this local day (ISO)."""
    row = tx.one(_SCHEME, commune_id=commune_id, today=today)
    return None if row is None else _scheme(row)


def _scheme(row: Row) -> Scheme:
    return Scheme(
        name=row.name,
        opens=date.fromisoformat(row.opens),
        closes=date.fromisoformat(row.closes),
        hamlets=frozenset(json.loads(row.hamlets)) if row.hamlets else None,
        handsets=frozenset(json.loads(row.handsets)),
        sims=frozenset(json.loads(row.sims)) if row.sims else None,
        poor=row.poor,
        one_per_household=bool(row.one_per_household),
        left=None if row.stock is None else row.stock - row.handed_out,
        bring={"vi": row.bring, "en": row.bring_en},
    )
