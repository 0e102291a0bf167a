"""The conversion log as staff read it: filtered, in pages, each entry with who undid it and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.sql import ColumnElement

from db.models import bookings, businesses, conversions, hamlets, households, indicators, people, programmes, staff
from db.store.engine import Tx
from db.store.statements import Row


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for; days are inclusive, an empty day and None mean no limit."""

    commune_id: int
    since: str = ""
    until: str = ""
    hamlet_id: int | None = None
    indicator_id: int | None = None
    staff_id: int | None = None
    person_id: int | None = None


_undo = conversions.alias("undo")
_undoer = staff.alias("undoer")


def _limits(wanted: Wanted) -> list[ColumnElement[bool]]:
    limits = [programmes.c.commune_id == wanted.commune_id, conversions.c.reverses.is_(None)]
    if wanted.since:
        limits.append(conversions.c.day >= wanted.since)
    if wanted.until:
        limits.append(conversions.c.day <= wanted.until)
    if wanted.hamlet_id is not None:
        limits.append(conversions.c.hamlet_id == wanted.hamlet_id)
    if wanted.indicator_id is not None:
        limits.append(conversions.c.indicator_id == wanted.indicator_id)
    if wanted.staff_id is not None:
        limits.append(conversions.c.staff_id == wanted.staff_id)
    if wanted.person_id is not None:
        limits += [indicators.c.subject == "person", conversions.c.subject_id == wanted.person_id]
    return limits


def _entries() -> Select[Any]:
    def subject(kind: str, table: Any) -> ColumnElement[bool]:
        return and_(indicators.c.subject == kind, table.c.id == conversions.c.subject_id)

    return (
        select(
            conversions.c.id,
            conversions.c.day,
            conversions.c.at,
            conversions.c.subject_id,
            indicators.c.key.label("indicator"),
            indicators.c.name.label("indicator_name"),
            indicators.c.name_en.label("indicator_name_en"),
            indicators.c.subject,
            people.c.name.label("person"),
            people.c.phone,
            households.c.code.label("household"),
            businesses.c.name.label("business"),
            conversions.c.hamlet_id,
            hamlets.c.name.label("hamlet"),
            staff.c.username.label("staff"),
            bookings.c.code.label("booking"),
            _undo.c.at.label("undone_at"),
            _undo.c.reason,
            _undoer.c.username.label("undone_by"),
        )
        .join(indicators, indicators.c.id == conversions.c.indicator_id)
        .join(programmes, programmes.c.id == indicators.c.programme_id)
        .outerjoin(people, subject("person", people))
        .outerjoin(households, subject("household", households))
        .outerjoin(businesses, subject("business", businesses))
        .outerjoin(hamlets, hamlets.c.id == conversions.c.hamlet_id)
        .outerjoin(staff, staff.c.id == conversions.c.staff_id)
        .outerjoin(bookings, bookings.c.id == conversions.c.booking_id)
        .outerjoin(_undo, _undo.c.reverses == conversions.c.id)
        .outerjoin(_undoer, _undoer.c.id == _undo.c.staff_id)
    )


def how_many(tx: Tx, wanted: Wanted) -> int:
    counting = (
        select(func.count())
        .select_from(conversions)
        .join(indicators, indicators.c.id == conversions.c.indicator_id)
        .join(programmes, programmes.c.id == indicators.c.programme_id)
        .where(*_limits(wanted))
    )
    return int(tx.value(counting))


def page(tx: Tx, wanted: Wanted, *, number: int, size: int) -> list[Row]:
    """The `number`th page, from 1; newest first."""
    entries = _entries().where(*_limits(wanted)).order_by(conversions.c.id.desc())
    return tx.all(entries.limit(size).offset((number - 1) * size))


def entry(tx: Tx, conversion_id: int, commune_id: int) -> Row | None:
    """One entry of this commune's log; an undo is no entry."""
    return tx.one(_entries().where(conversions.c.id == conversion_id, *_limits(Wanted(commune_id))))


def every(tx: Tx, wanted: Wanted, size: int = 1000) -> Iterator[Row]:
    """The whole log asked for, oldest first, read `size` at a time so that no export fills the memory."""
    last = 0
    while rows := tx.all(
        _entries().where(*_limits(wanted), conversions.c.id > last).order_by(conversions.c.id).limit(size)
    ):
        yield from rows
        last = rows[-1].id
