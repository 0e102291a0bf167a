"""The demo's places and rules: hamlets, halls, a scheme open now, and the dates of law
and names moved along.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Table, insert, text

from db.models import halls, hamlet_aliases, hamlets, schemes
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.hearing import fold

COMMUNE = PROGRAMME = 1  # the ones every installation ships with
# the day in the plan's spring that the demo's first day stands for
SPRING = date(2024, 4, 12)
SCHEME_OPENED = date(2024, 4, 1)
SCHEME_CLOSED = date(2024, 10, 15)  # 2G-only phones were blocked from the day after

GROUPS = {"Quảng Tiến": 2, "Quảng Trung": 3, "Quảng Hồng": 3, "Quảng Liên": 3}
NAMES = [
    f"{group} {'I' * number}"
    for group, count in GROUPS.items()
    for number in range(1, count + 1)
]
# besides the numbers, which every hamlet has
ALIASES = {"Quảng Trung I": ("Nà Quang",)}
WITHOUT_HALL = "Quảng Liên III"
COMMUNE_HALL = "Hội trường xã"
SCHOOL_GATE = "Cổng trường tiểu học"


class Dated(NamedTuple):
    """A name of the commune, and from when on it holds."""

    id: int
    since: str  # ISO day


_NAMES = Query(text("SELECT id, since FROM commune_names"), Dated)
_MOVE_NAME = Statement(text("UPDATE commune_names SET since = :since WHERE id = :id"))


def fill(tx: Tx, today: date) -> dict[str, int]:
    """The places; hamlet name -> id."""
    shift = today - SPRING
    _shift_names(tx, shift)
    ids = {}
    for position, name in enumerate(NAMES, 1):
        hamlet_id = add(tx, hamlets, commune_id=COMMUNE, name=name, position=position)
        ids[name] = hamlet_id
        for alias in aliases(name):
            add(tx, hamlet_aliases, hamlet_id=hamlet_id, folded=alias)
        if name != WITHOUT_HALL:
            _hall(tx, f"NVH {name}", hamlet_id)
    _hall(tx, COMMUNE_HALL, None)
    _hall(tx, SCHOOL_GATE, None)
    _scheme(tx, shift)
    return ids


def _hall(tx: Tx, name: str, hamlet_id: int | None) -> None:
    add(tx, halls, commune_id=COMMUNE, hamlet_id=hamlet_id, name=name)


def add(tx: Tx, table: Table, **row: object) -> int:
    """One row; its id."""
    statement = insert(table).values(**row).returning(table.c.id)
    made = tx.value(Scalar(statement, int))
    assert made is not None  # an insert returns its row
    return made


def aliases(name: str) -> list[str]:
    """How people write it: with a number for the numeral, without the space, and by
    older names.
    """
    group, _, numeral = name.rpartition(" ")
    number = len(numeral)
    _, last_word = group.split()
    written = [f"{group} {number}", f"{group}{number}", f"{last_word} {number}"]
    written += ALIASES.get(name, ())
    folded = {fold(alias) for alias in written}
    return sorted(folded)


def _shift_names(tx: Tx, shift: timedelta) -> None:
    """The name of the plan's spring holds today; what followed later in truth follows
    as much later here.
    """
    names = tx.all(_NAMES)
    for row in names:
        since = date.fromisoformat(row.since)
        if since > SPRING:
            moved = since + shift
            tx.run(_MOVE_NAME, id=row.id, since=moved.isoformat())


def _scheme(tx: Tx, shift: timedelta) -> None:
    opens = SCHEME_OPENED + shift
    closes = SCHEME_CLOSED + shift
    add(
        tx,
        schemes,
        programme_id=PROGRAMME,
        name="Đổi máy 2G lấy máy 4G (dữ liệu mẫu)",
        opens=opens.isoformat(),
        closes=closes.isoformat(),
        hamlets=None,
        handsets=json.dumps(["2g", "3g"]),
        sims=None,
        poor="any",
        one_per_household=True,
        stock=120,
        bring="CCCD, máy cũ",
        bring_en="ID card, old phone",
    )
