"""The one question ever: whether somebody agrees to adverts, put to those whom an advert leaves out for want of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from db.broadcasts import preview, reasons
from db.engine import Database, Tx
from db.statements import Row, Statement
from db.texts import adverts
from settings import Settings

AT_ONCE = 200  # people a transaction

_PHONE = Statement(text("SELECT phone FROM people WHERE id = :id AND phone IS NOT NULL"))


def ask_who_never_agreed(db: Database, row: Row, *, settings: Settings, now: int) -> int:
    """Queue the question for everybody whom this advert leaves out for no consent; how many were asked.

    Whoever was asked before, ever, is not asked again (db/texts/adverts.py). `now` is UTC ms.
    """
    people = [
        told.line.person_id
        for told in preview.people(db, row, settings=settings, now=now)
        if told.line.left_out == reasons.NO_CONSENT
    ]
    asked = 0
    for first in range(0, len(people), AT_ONCE):
        few = people[first : first + AT_ONCE]
        asked += db.again(lambda tx, few=few: _ask(tx, few, row, settings, now))  # type: ignore[misc]  # mypy cannot see the default
    return asked


def _ask(tx: Tx, people: Sequence[int], row: Row, settings: Settings, now: int) -> int:
    asked = 0
    for person in people:
        phone = tx.value(_PHONE, id=person)
        if phone:
            asked += adverts.ask(
                tx, privacy_key=settings.privacy_key, phone=phone, commune_id=row.commune_id, now=now
            )  # fmt: skip
    return asked
