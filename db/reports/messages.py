"""Texts as staff see them, those nobody understood, and the people who asked to be called."""

from __future__ import annotations

from sqlalchemy import bindparam, case, func, select

from db.models import hamlets, messages, people, staff, tasks
from db.store.engine import Tx
from db.store.statements import Row, Statement

TROUBLE = ("LOST", "FAILED")  # nobody may have read it: staff decide what to do

_COUNTS = Statement(
    select(messages.c.status, func.count().label("number"))
    .where(messages.c.commune_id == bindparam("commune"), messages.c.direction == "out")
    .group_by(messages.c.status)
)
_NOT_UNDERSTOOD = Statement(
    select(messages.c.id, messages.c.phone, messages.c.text, messages.c.made_at, people.c.id.label("person_id"),
           people.c.name, hamlets.c.name.label("hamlet"))
    .outerjoin(people, people.c.phone == messages.c.phone)
    .outerjoin(hamlets, hamlets.c.id == people.c.hamlet_id)
    .where(messages.c.commune_id == bindparam("commune"), messages.c.direction == "in",
           messages.c.understood.is_(False), messages.c.ended_at.is_(None))
    .order_by(messages.c.made_at.desc())
    .limit(100)
)  # fmt: skip


def page(tx: Tx, *, commune_id: int, status: str, number: int, size: int) -> list[Row]:
    """Texts that went out, newest first; those in trouble on top unless one status is asked for."""
    lines = (
        select(messages, people.c.id.label("person_id"), people.c.name.label("person"))
        .outerjoin(people, people.c.phone == messages.c.phone)
        .where(messages.c.commune_id == commune_id, messages.c.direction == "out")
        .order_by(messages.c.made_at.desc(), messages.c.id.desc())
    )
    if status:
        lines = lines.where(messages.c.status == status)
    return tx.all(lines.limit(size).offset((number - 1) * size))


def counts(tx: Tx, commune_id: int) -> dict[str, int]:
    return {row.status: row.number for row in tx.all(_COUNTS, commune=commune_id)}


def not_understood(tx: Tx, commune_id: int) -> list[Row]:
    """Texts in that no menu could read and nobody has dealt with."""
    return tx.all(_NOT_UNDERSTOOD, commune=commune_id)


def tasks_of(tx: Tx, *, commune_id: int, hamlet_id: int | None, done: bool) -> list[Row]:
    """Open ones oldest first, or the last thirty done."""
    lines = (
        select(
            tasks.c.id,
            tasks.c.kind,
            tasks.c.made_at,
            tasks.c.done_at,
            tasks.c.note,
            tasks.c.person_id,
            people.c.name,
            people.c.phone,
            func.coalesce(tasks.c.hamlet_id, people.c.hamlet_id).label("hamlet_id"),
            hamlets.c.name.label("hamlet"),
            staff.c.username.label("done_by"),
        )
        .join(people, people.c.id == tasks.c.person_id)
        .outerjoin(hamlets, hamlets.c.id == func.coalesce(tasks.c.hamlet_id, people.c.hamlet_id))
        .outerjoin(staff, staff.c.id == tasks.c.done_by)
        .where(tasks.c.commune_id == commune_id)
    )
    if hamlet_id is not None:
        lines = lines.where(func.coalesce(tasks.c.hamlet_id, people.c.hamlet_id) == hamlet_id)
    if done:
        return tx.all(lines.where(tasks.c.done_at.is_not(None)).order_by(tasks.c.done_at.desc()).limit(30))
    return tx.all(lines.where(tasks.c.done_at.is_(None)).order_by(tasks.c.made_at))


_WAITING = (
    select(func.count().label("calls"))
    .select_from(tasks)
    .join(people, people.c.id == tasks.c.person_id)
    .where(tasks.c.done_at.is_(None))
)
_TEXTS = Statement(
    select(
        func.coalesce(func.sum(case((messages.c.direction == "out", 1), else_=0)), 0).label("trouble"),
        func.coalesce(func.sum(case((messages.c.direction == "in", 1), else_=0)), 0).label("unread"),
    ).where(
        messages.c.commune_id == bindparam("commune"),
        ((messages.c.direction == "out") & ((messages.c.status == "LOST") | (messages.c.status == "FAILED")))
        | ((messages.c.direction == "in") & messages.c.understood.is_(False) & messages.c.ended_at.is_(None)),
    )
)


def calls_waiting(tx: Tx, *, commune_id: int, hamlet_id: int | None) -> int:
    lines = _WAITING.where(tasks.c.commune_id == commune_id)
    if hamlet_id is not None:
        lines = lines.where(func.coalesce(tasks.c.hamlet_id, people.c.hamlet_id) == hamlet_id)
    return int(tx.value(lines))


def texts_waiting(tx: Tx, commune_id: int) -> tuple[int, int]:
    """(LOST and FAILED texts, texts in that were not understood)."""
    row = tx.one(_TEXTS, commune=commune_id)
    return (0, 0) if row is None else (int(row.trouble), int(row.unread))
