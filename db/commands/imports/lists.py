"""Short lists: targets of the plan, numbers that take no advertising, which handset a
TAC is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.commands.imports.cells import HANDSETS, Cells, Fault
from db.commands.imports.work import NEW, SAME, Outcome, Work, changed
from db.places import targets
from db.register import identity
from db.store.statements import Query, Scalar, Statement
from db.texts import stops
from menus.hearing import fold

# in place of a hamlet: the commune as a whole
WHOLE = ("", "toan xa", "ca xa", "whole commune", "the whole commune")


@dataclass(frozen=True, slots=True)
class Target:
    indicator: str
    hamlet: str
    denominator: int
    target: int | None  # none: the plan's share, or none at all
    as_of: date
    source: str


class Indicator(NamedTuple):
    """An indicator by every name it goes by."""

    id: int
    key: str
    name: str
    name_en: str


_INDICATORS = Query(
    text(
        "SELECT id, key, name, name_en FROM indicators WHERE programme_id = :programme_id"
    ),
    Indicator,
)
_TAC_NOW = Scalar(text("SELECT handset FROM tac WHERE tac = :tac"), str)
_TAC = Statement(
    text("""
    INSERT INTO tac (tac, handset) VALUES (:tac, :handset) ON CONFLICT (tac) DO UPDATE SET handset = excluded.handset
    """)
)


def read_target(cells: Cells) -> Target:
    indicator = cells.text("indicator", 120, needed=True)
    hamlet = cells.text("hamlet", 60)
    denominator = cells.whole("denominator", 0, 1_000_000)
    target = None
    if cells.text("target", 20):
        target = cells.whole("target", 0, 1_000_000)
    as_of = cells.day("as_of")
    source = cells.text("source", targets.SOURCE_MOST)
    if target is not None and target > denominator:
        raise Fault("mục tiêu lớn hơn mẫu số / the target is more than the denominator")
    return Target(indicator, hamlet, denominator, target, as_of, source)


def keep_target(work: Work, row: Target) -> Outcome:
    indicator_id = _indicator(work, row.indicator)
    hamlet_id = None
    if fold(row.hamlet) not in WHOLE:
        hamlet_id = work.hamlet_or_none(row.hamlet)
    goal = targets.Goal(row.denominator, row.target, row.source)
    as_of = row.as_of.isoformat()
    before, now = targets.give(work.tx, indicator_id, hamlet_id, goal, as_of=as_of)
    if before is None:
        return NEW
    return changed(
        denominator=(before.denominator, now.denominator),
        target=(before.target, now.target),
        source=(before.source, now.source),
    )


def _indicator(work: Work, written: str) -> int:
    """Its id, by key or name. Raises Fault."""
    said = fold(written)
    indicators = work.tx.all(_INDICATORS, programme_id=work.programme_id)
    for known in indicators:
        names = fold(known.name), fold(known.name_en)
        if said == known.key or said in names:
            return known.id
    raise Fault(f"không có chỉ tiêu '{written}' / there is no indicator '{written}'")


def read_dnc(cells: Cells) -> str:
    return cells.phone("phone", needed=True)


def keep_dnc(work: Work, phone: str) -> Outcome:
    who = identity.who(work.privacy_key, phone)
    stands = stops.do_not_call(work.tx, who, work.now)
    return NEW if stands else SAME


def read_tac(cells: Cells) -> tuple[str, str]:
    tac = cells.tac("tac")
    handset = cells.choice("handset", HANDSETS, needed=True)
    return tac, handset


def keep_tac(work: Work, row: tuple[str, str]) -> Outcome:
    tac, handset = row
    before = work.tx.value(_TAC_NOW, tac=tac)
    work.tx.run(_TAC, tac=tac, handset=handset)
    if before is None:
        return NEW
    return changed(handset=(before, handset))
