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
    text("SELECT id, folded, phone FROM people WHERE id = :id AND erased_at IS NULL"),
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
    """The business is this person's: met by the E.164 number, else by the name in its hamlet, made when new.

    Without a name it is nobody's. The same name without a number leaves all as it is; an owner who had no number gets
    the one that is given. `origin` is whose word it is (register, staff). Raises OtherName, and then nothing is done.
    """
    counting.lock(tx, "business", business.id)
    if not name:
        businesses.give_to(tx, business.id, None)
        return
    folded = people.fold_name(name)
    known = refuse_other_name(tx, name, phone)
    before = tx.one(_OWNER, id=business.owner_id) if business.owner_id else None
    if before is not None and before.folded == folded:
        if not phone or phone == before.phone:
            return
        if known is None and before.phone is None:
            numbers.change(tx, before.id, phone, now=now, privacy_key=privacy_key)
            return
    owner_id = None
    if not phone:
        owner_id = _of_that_name(tx, business, commune_id, folded)
    if owner_id is None:
        owner = people.ensure(
            tx, commune_id=commune_id, phone=phone or None, now=now, origin=origin, name=name,
            hamlet_id=business.hamlet_id,
        )  # fmt: skip
        owner_id = owner.id
    businesses.give_to(tx, business.id, owner_id)


def refuse_other_name(tx: Tx, name: str, phone: str) -> Person | None:
    """Whoever has this E.164 number, if anybody. Raises OtherName where that is somebody else."""
    known = people.by_phone(tx, phone) if phone else None
    if known is not None and known.folded not in ("", people.fold_name(name)):
        raise OtherName
    return known


def _of_that_name(tx: Tx, business: Listed, commune_id: int, folded: str) -> int | None:
    return people.without_phone(
        tx, commune_id=commune_id, hamlet_id=business.hamlet_id, folded=folded
    )
