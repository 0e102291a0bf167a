"""What is known of the resident at the other end: register, their own word, what staff saw."""

from __future__ import annotations

from typing import Literal, NamedTuple, cast

from sqlalchemy import bindparam, select, text

from db.models import tac
from db.register import facts
from db.store.engine import Tx
from db.store.statements import Query, Scalar
from menus.port import Handset, Known, Poor, Sim, Source


class Fact(NamedTuple):
    """A resident with one thing that is known of them; of whom nothing is known, one row without a fact."""

    hamlet_id: int | None
    origin: str  # register | self | staff | demo
    kind: str | None  # handset | sim | poor | imei
    source: Source | None
    value: str | None
    poor: Literal[
        "yes", "near", "no", ""
    ]  # of the household; empty where there is none
    helped: bool  # 0 or 1 on SQLite
    household_helped: bool  # 0 or 1 on SQLite


_PERSON = Query(
    text("""
    SELECT p.hamlet_id, p.origin, f.kind, f.source, f.value, COALESCE(h.poor, '') AS poor,
      EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = 'converted_person' AND c.subject_id = p.id) AS helped,
      EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = 'converted_household' AND c.subject_id = p.household_id) AS household_helped
    FROM people p LEFT JOIN households h ON h.id = p.household_id LEFT JOIN facts f ON f.person_id = p.id
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
    value: dict[str, str] = {}
    sources: dict[str, Source] = {}
    told = [
        (row.kind, row.source, row.value)
        for row in rows
        if row.kind and row.source and row.value is not None
    ]
    told.sort(key=lambda fact: facts.SOURCES.index(fact[1]))
    for kind, source, said in told:
        if kind not in value:
            value[kind] = said
            sources[kind] = source
    if person.hamlet_id:
        sources["hamlet"] = "self" if person.origin == "self" else "register"
    handset = value.get("handset", "unknown")
    sim = value.get("sim", "unknown")
    poor = value.get("poor") or person.poor or "unknown"
    return Known(
        hamlet=person.hamlet_id,
        handset=cast(Handset, handset),
        sim=cast(Sim, sim),
        poor=cast(Poor, poor),
        imei=value.get("imei", ""),
        helped=bool(person.helped),
        household_helped=bool(person.household_helped),
        sources=sources,
    )


def handset_of(tx: Tx, tac: str) -> Handset:
    """The kind that begins with these eight digits of an IMEI."""
    return cast(Handset, tx.value(_HANDSET, tac=tac) or "unknown")
