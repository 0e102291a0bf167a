"""The demo commune: invented people and days around today, so that everything can be
tried at once.
"""

from __future__ import annotations

import secrets
from random import Random

from sqlalchemy import insert, text

from db.demo import (
    before_the_day,
    drafted,
    history,
    homes,
    information,
    last_days,
    places,
    registers,
    registration,
    reporting,
    residents,
    sessions,
    steering,
    today,
    wanted,
)
from db.demo.stage import Stage
from db.models import installation
from db.office import accounts
from db.register import schools
from db.store.engine import Database, Tx
from db.store.local_days import day_at
from db.store.statements import Scalar

HAMLET = "Quảng Trung I"  # the one whose head signs in
STAFF = (
    ("admin", "admin", ""), ("commune", "xa", ""), ("hamlet", "truongthon", HAMLET), ("agent", "viettel", ""),
    ("team", "tocongnghe", HAMLET), ("youth", "doanvien", ""), ("school", "truonghoc", ""), ("reader", "nguoixem", ""),
)  # fmt: skip
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is misread
_SEED = 2404  # the same invented people in every demo
MUST_BE_EMPTY = ("people", "staff", "hamlets")  # tables

SignIn = tuple[str, str, str]  # role, user name, password

_KIND = Scalar(text("SELECT kind FROM installation"), str)


class NotEmpty(Exception):
    """The installation is live, or has people in it: no demo goes in there."""


def load(db: Database, privacy_key: str, now: int) -> list[SignIn]:
    """Fill an empty installation, whole or not at all; the sign-ins made. `now` is UTC
    ms. Raises NotEmpty.
    """
    return db.again(lambda tx: _load(tx, privacy_key, now))


def top_up(db: Database, now: int) -> int:
    """Events up to 14 days ahead, where they are missing; how many. Raises NotEmpty
    unless this is a demo.
    """

    return db.again(lambda tx: _top_up(tx, now))


def _top_up(tx: Tx, now: int) -> int:
    if kind(tx) != "demo":
        raise NotEmpty("Only a demo installation is topped up.")
    today = day_at(now)
    swap_days = registration.fill(tx, today, now)
    others = sessions.fill(tx, today, now)
    return swap_days + others


def kind(tx: Tx) -> str:
    """`demo`, `live`, or empty."""
    return tx.value(_KIND) or ""


def _filled(tx: Tx, table: str) -> bool:
    count = Scalar(text(f"SELECT COUNT(*) FROM {table}"), int)
    return bool(tx.value(count))


def _load(tx: Tx, privacy_key: str, now: int) -> list[SignIn]:
    _refuse_unless_empty(tx)
    tx.run(insert(installation).values(id=1, kind="demo", since=now))
    random = Random(_SEED)  # noqa: S311  # invents people, keeps no secret
    day = day_at(now)
    hamlets = places.fill(tx, day)
    of_head = hamlets[HAMLET]
    all_homes = residents.fill(tx, random, hamlets, now)
    sign_ins, staff = _staff(tx, hamlets, now)
    residents.targets(tx, all_homes, hamlets, day)
    stage = Stage(tx, now, staff, privacy_key)
    dealt = homes.deal(all_homes, of_head)
    before_the_day.holiday(stage)
    registration.fill(tx, day, now, registration.BACK)
    sessions.fill(tx, day, now, sessions.BACK)
    history.fill(stage, random, dealt)
    wanted.fill(stage, dealt.callers)
    last_days.fill(stage, dealt)
    today.fill(stage, dealt)
    before_the_day.fill(stage, dealt)
    registers.fill(stage, dealt, all_homes, of_head)
    sessions.look_back(stage, dealt)
    information.fill(tx, random, day, now)
    steering.fill(stage)
    reporting.fill(stage)
    drafted.fill(stage)
    return sign_ins


def _refuse_unless_empty(tx: Tx) -> None:
    """Raises NotEmpty."""
    if kind(tx) or any(_filled(tx, table) for table in MUST_BE_EMPTY):
        raise NotEmpty(
            "This installation is not empty; a demo goes only into an empty one."
        )


def _staff(
    tx: Tx, hamlets: dict[str, int], now: int
) -> tuple[list[SignIn], dict[str, int]]:
    """The sign-ins made, and role -> id."""
    sign_ins = []
    ids = {}
    first_school = schools.named(tx, places.COMMUNE, residents.SCHOOLS[0])
    assert first_school is not None  # the residents came with it
    for role, username, hamlet in STAFF:
        password = _password()
        hamlet_id = hamlets.get(hamlet)
        school_id = first_school.id if role == "school" else None
        ids[role] = accounts.add(
            tx,
            commune_id=places.COMMUNE,
            username=username,
            password=password,
            role=role,
            hamlet_id=hamlet_id,
            name="",
            now=now,
            school_id=school_id,
        )
        sign_ins.append((role, username, password))
    return sign_ins, ids


def _password() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(12))
