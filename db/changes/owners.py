"""Whose a shop is: a person of the register, met by their number or by their name."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.changes import numbers
from db.progress import counting
from db.register import businesses, people
from db.register.businesses import Listed
from db.register.people import Person
from db.store.engine import Tx
from db.store.statements import Query


class Owner(NamedTuple):
    id: int
    folded: str  # the name without marks
    phone: str | None  # E.164


_OWNER = Query(
    text("""
    SELECT id, folded, phone
    FROM people
    WHERE id = :id AND erased_at IS NULL
    """),
    Owner,
)


class OtherName(Exception):
    """The number is known under another name."""


def give(
    tx: Tx,
    business: Listed,
    *,
    name: str,
    phone: str,
    commune_id: int,
    now: int,
    privacy_key: str,
    origin: str,
) -> None:
    """The business is this person's: met by the E.164 number, else by the name in its
    hamlet, made when new.

    Without a name it is nobody's. The same name without a number leaves all as it is;
    an owner who had no number gets the one that is given. `origin` is whose word it is
    (register, staff). Raises OtherName, and then nothing is done.
    """
    counting.lock(tx, "business", business.id)
    if not name:
        businesses.give_to(tx, business.id, None)
        return
    folded = people.fold_name(name)
    known = refuse_other_name(tx, name, phone)
    owner = _owner_of(tx, business)
    if owner is not None and owner.folded == folded:
        if not phone or phone == owner.phone:
            return
        if known is None and owner.phone is None:
            numbers.change(tx, owner.id, phone, now=now, privacy_key=privacy_key)
            return
    if not phone:
        neighbour = people.without_phone(
            tx, commune_id=commune_id, hamlet_id=business.hamlet_id, folded=folded
        )
        if neighbour is not None:
            businesses.give_to(tx, business.id, neighbour)
            return
    met = people.ensure(
        tx,
        commune_id=commune_id,
        phone=phone or None,
        now=now,
        origin=origin,
        name=name,
        hamlet_id=business.hamlet_id,
    )
    businesses.give_to(tx, business.id, met.id)


def _owner_of(tx: Tx, business: Listed) -> Owner | None:
    if not business.owner_id:
        return None
    return tx.one(_OWNER, id=business.owner_id)


def refuse_other_name(tx: Tx, name: str, phone: str) -> Person | None:
    """Whoever has this E.164 number, if anybody. Raises OtherName where that is
    somebody else.
    """
    if not phone:
        return None
    known = people.by_phone(tx, phone)
    if known is None or not known.folded:
        return known
    if known.folded != people.fold_name(name):
        raise OtherName
    return known
