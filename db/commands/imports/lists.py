"""Short lists: targets of the plan, numbers that take no advertising, which handset a TAC is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.commands.imports.cells import HANDSETS, Cells, Fault
from db.commands.imports.work import NEW, SAME, Outcome, Work, changed
from db.register import identity
from db.store.statements import Query, Scalar, Statement
from db.texts import stops
from menus.hearing import fold


@dataclass(frozen=True, slots=True)
class Target:
    indicator: str
    hamlet: str
    denominator: int
    target: int
    as_of: date


class Figures(NamedTuple):
    """A target as it is kept."""

    denominator: int
    target: int


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
_TARGET = Query(
    text("""
    SELECT denominator, target FROM targets
    WHERE indicator_id = :indicator_id AND COALESCE(hamlet_id, 0) = :hamlet AND as_of = :as_of
    """),
    Figures,
)
_SET_TARGET = Statement(
    text("""
    UPDATE targets SET denominator = :denominator, target = :target
    WHERE indicator_id = :indicator_id AND COALESCE(hamlet_id, 0) = :hamlet AND as_of = :as_of
    """)
)
_NEW_TARGET = Statement(
    text("""
    INSERT INTO targets (indicator_id, hamlet_id, denominator, target, as_of)
    VALUES (:indicator_id, :hamlet_id, :denominator, :target, :as_of)
    """)
)
_TAC_NOW = Scalar(text("SELECT handset FROM tac WHERE tac = :tac"), str)
_TAC = Statement(
    text("""
    INSERT INTO tac (tac, handset) VALUES (:tac, :handset) ON CONFLICT (tac) DO UPDATE SET handset = excluded.handset
    """)
)


def read_target(cells: Cells) -> Target:
    row = Target(
        cells.text("indicator", 120, needed=True), cells.text("hamlet", 60), cells.whole("denominator", 0, 1_000_000),
        cells.whole("target", 0, 1_000_000), cells.day("as_of"),
    )  # fmt: skip
    if row.target > row.denominator:
        raise Fault("mục tiêu lớn hơn mẫu số / the target is more than the denominator")
    return row


def keep_target(work: Work, row: Target) -> Outcome:
    indicator_id = _indicator(work, row.indicator)
    hamlet_id = work.hamlet(row.hamlet) if row.hamlet else None
    as_of = row.as_of.isoformat()
    of = {"indicator_id": indicator_id, "as_of": as_of}
    figures = {"denominator": row.denominator, "target": row.target}
    # A unique constraint sees no two empty hamlets as the same, so it cannot settle this.
    before = work.tx.one(_TARGET, hamlet=hamlet_id or 0, **of)
    if before is None:
        work.tx.run(_NEW_TARGET, hamlet_id=hamlet_id, **of, **figures)
        return NEW
    work.tx.run(_SET_TARGET, hamlet=hamlet_id or 0, **of, **figures)
    return changed(
        denominator=(before.denominator, row.denominator),
        target=(before.target, row.target),
    )


def _indicator(work: Work, written: str) -> int:
    """Its id, by key or name. Raises Fault."""
    said = fold(written)
    for known in work.tx.all(_INDICATORS, programme_id=work.programme_id):
        if said in (known.key, fold(known.name), fold(known.name_en)):
            return known.id
    raise Fault(f"không có chỉ tiêu '{written}' / there is no indicator '{written}'")


def read_dnc(cells: Cells) -> str:
    return cells.phone("phone", needed=True)


def keep_dnc(work: Work, phone: str) -> Outcome:
    stands = stops.do_not_call(work.tx, identity.who(work.privacy_key, phone), work.now)
    return NEW if stands else SAME


def read_tac(cells: Cells) -> tuple[str, str]:
    return cells.tac("tac"), cells.choice("handset", HANDSETS, needed=True)


def keep_tac(work: Work, row: tuple[str, str]) -> Outcome:
    tac, handset = row
    before = work.tx.value(_TAC_NOW, tac=tac)
    work.tx.run(_TAC, tac=tac, handset=handset)
    return NEW if before is None else changed(handset=(before, handset))
