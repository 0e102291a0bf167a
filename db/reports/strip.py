"""What the strip above every page of the desk says: the kind of installation, when the clock last ran; the trail."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from db.models import audit, clocks, installation, people, staff
from db.store.engine import Tx
from db.store.statements import Row, Statement

_KIND = Statement(select(installation.c.kind))
_CLOCK = Statement(select(func.max(clocks.c.at)))
_AUDIT = Statement(
    select(audit.c.id, audit.c.at, audit.c.action, audit.c.detail, audit.c.person_id,
           staff.c.username.label("staff"), people.c.name.label("person"))
    .outerjoin(staff, staff.c.id == audit.c.staff_id)
    .outerjoin(people, people.c.id == audit.c.person_id)
    .where(func.coalesce(staff.c.commune_id, people.c.commune_id) == bindparam("commune"))
    .order_by(audit.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skip"))
)  # fmt: skip


def kind(tx: Tx) -> str:
    """demo | live; empty before the first data."""
    return tx.value(_KIND) or ""


def clock_ran_at(tx: Tx) -> int | None:
    """UTC ms of the last job that ended well, of any kind."""
    ran: int | None = tx.value(_CLOCK)
    return ran


def trail(tx: Tx, *, commune_id: int, number: int, size: int) -> list[Row]:
    """Who looked at or changed whom, newest first; `number` is the page, from 1."""
    return tx.all(_AUDIT, commune=commune_id, size=size, skip=(number - 1) * size)
