"""What is known of the resident at the other end: register, their own word, what staff
saw.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, cast

from sqlalchemy import bindparam, select, text

from db.models import tac
from db.register import facts
from db.store.engine import Tx
from db.store.statements import Query, Scalar
from menus.port import Handset, Known, Poor, Sim, Source


class Fact(NamedTuple):
    """A resident with one thing that is known of them; of whom nothing is known, one
    row without a fact.
    """

    hamlet_id: int | None
    origin: str  # register | self | staff | demo
    kind: str | None  # handset | sim | poor | imei
    source: Source | None
    value: str | None
    # of the household; empty where there is none
    poor: Literal["yes", "near", "no", ""]
    helped: bool  # 0 or 1 on SQLite
    household_helped: bool  # 0 or 1 on SQLite


_PERSON = Query(
    text("""
    SELECT p.hamlet_id, p.origin, f.kind, f.source, f.value, COALESCE(h.poor, '') AS poor,
      EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = 'converted_person' AND c.subject_id = p.id) AS helped,
      EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = 'converted_household' AND c.subject_id = p.household_id) AS household_helped
    FROM people p
    LEFT JOIN households h ON h.id = p.household_id
    LEFT JOIN facts f ON f.person_id = p.id
    WHERE p.phone = :phone
    """),
    Fact,
)
_HANDSET = Scalar(select(tac.c.handset).where(tac.c.tac == bindparam("tac")), str)


def known(tx: Tx, phone: str) -> Known:
    """Of whoever holds this E.164 number, the best source first; nothing of a stranger."""
    rows = tx.all(_PERSON, phone=phone)
    if not rows:
        return Known()
    person = rows[0]
    values, sources = _best(rows)
    if person.hamlet_id:
        sources["hamlet"] = "self" if person.origin == "self" else "register"
    handset = values.get("handset", "unknown")
    sim = values.get("sim", "unknown")
    poor = values.get("poor") or person.poor or "unknown"
    return Known(
        hamlet=person.hamlet_id,
        handset=cast(Handset, handset),
        sim=cast(Sim, sim),
        poor=cast(Poor, poor),
        imei=values.get("imei", ""),
        helped=bool(person.helped),
        household_helped=bool(person.household_helped),
        sources=sources,
    )


def _best(rows: list[Fact]) -> tuple[dict[str, str], dict[str, Source]]:
    """What the best source says of each kind, and which source that is."""
    values: dict[str, str] = {}
    sources: dict[str, Source] = {}
    for source in facts.SOURCES:
        for row in rows:
            if row.source == source and row.kind and row.value is not None:
                values.setdefault(row.kind, row.value)
                sources.setdefault(row.kind, row.source)
    return values, sources


def handset_of(tx: Tx, tac: str) -> Handset:
    """The kind that begins with these eight digits of an IMEI."""
    found = tx.value(_HANDSET, tac=tac)
    return cast(Handset, found or "unknown")
