"""The one question ever: whether somebody agrees to adverts, put to those whom an
advert leaves out for want of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import text

from db.broadcasts import drafts, preview, reasons
from db.broadcasts.drafts import Broadcast
from db.broadcasts.errors import CannotDo
from db.register import identity
from db.store.engine import Database, Tx
from db.store.statements import Scalar
from db.texts import adverts, wishes
from settings import Settings

AT_ONCE = 200  # people a transaction

_PHONE = Scalar(
    text("SELECT phone FROM people WHERE id = :id AND phone IS NOT NULL"), str
)


def never_asked(
    db: Database, row: Broadcast, *, settings: Settings, now: int
) -> list[int]:
    """Whom this advert leaves out for no consent and nobody ever asked: ids of people.
    `now` is UTC ms.
    """
    everybody = preview.people(db, row, settings=settings, now=now)
    without_consent = [
        told.line for told in everybody if told.line.left_out == reasons.NO_CONSENT
    ]
    found = []
    with db.connection() as tx:
        for line in without_consent:
            who = identity.who(settings.privacy_key, line.phone)
            if not wishes.was_asked(tx, who):
                found.append(line.person_id)
    return found


def ask(db: Database, row: Broadcast, *, settings: Settings, now: int) -> int:
    """Queue the question for everybody who was never asked; how many were. `now` is UTC
    ms.

    It goes to many and once ever, so it takes the second pair of eyes that the advert
    takes. Raises CannotDo.
    """
    if not drafts.is_approved(row):
        raise CannotDo("unapproved")
    people = never_asked(db, row, settings=settings, now=now)
    asked = 0
    for first in range(0, len(people), AT_ONCE):
        few = people[first : first + AT_ONCE]
        asked += db.again(
            partial(_ask, people=few, row=row, settings=settings, now=now)
        )
    return asked


def _ask(
    tx: Tx, people: Sequence[int], row: Broadcast, settings: Settings, now: int
) -> int:
    asked = 0
    for person in people:
        phone = tx.value(_PHONE, id=person)
        if phone:
            asked += adverts.ask(
                tx,
                privacy_key=settings.privacy_key,
                phone=phone,
                commune_id=row.commune_id,
                now=now,
            )
    return asked
