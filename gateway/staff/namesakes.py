"""Somebody new has the name of somebody who is known there: whether that is the same
person is asked once, before anybody is put into the register.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import abort, request

from db.register import people as register
from db.reports import people
from db.seats import seating
from db.store.engine import Tx
from gateway.staff import layout


class MaybeKnown(Exception):
    """Somebody of that name is known there, and nobody said yet whether it is them."""

    def __init__(self, namesakes: list[people.Person]) -> None:
        super().__init__(namesakes)
        self.namesakes = namesakes


def chosen(
    tx: Tx, guest: seating.Guest, may_be_named: Collection[int] = ()
) -> int | None:
    """The known person who the form says it is; None for somebody new. Its buttons are
    `known` and `another`.

    `may_be_named`: whom one may be told of (ids) who may not find people. Raises
    MaybeKnown before it was asked; 404 for one who was not offered.
    """
    if guest.is_another or _is_known_by_number(tx, guest):
        return None
    found = _namesakes(tx, guest)
    if not layout.may("people"):
        found = [one for one in found if one.id in may_be_named]
    if not found or _is_met_again(guest, found):
        return None
    known = layout.a_number("known", request.form)
    if known is None:
        raise MaybeKnown(found)
    if known not in [one.id for one in found]:
        abort(404)
    _tell_number_left(tx, guest, known)
    return known


def _is_known_by_number(tx: Tx, guest: seating.Guest) -> bool:
    """Whether the number, their own, says who it is."""
    if not guest.phone or guest.borrowed:
        return False
    owner = register.by_phone(tx, guest.phone)
    return owner is not None and owner.name != ""


def _namesakes(tx: Tx, guest: seating.Guest) -> list[people.Person]:
    """Those in reach who have that very name, and may live where the guest does."""
    folded = register.fold_name(guest.name)
    found = people.find(
        tx,
        commune_id=layout.commune_id(),
        hamlet_id=layout.scope(),
        folded=folded,
        digits="",
        phone="",
    )
    return [
        one
        for one in found
        if one.folded == folded and _may_be_neighbours(one.hamlet_id, guest.hamlet_id)
    ]


def _may_be_neighbours(one: int | None, other: int | None) -> bool:
    """Of the same hamlet, as far as it is known where both live."""
    if one is None or other is None:
        return True
    return one == other


def _is_met_again(guest: seating.Guest, found: list[people.Person]) -> bool:
    """The only one of that name has no number either and lives there: nobody needs to
    be asked (see seating.whose).
    """
    has_own_number = guest.phone and not guest.borrowed
    if has_own_number or len(found) != 1:
        return False
    (only,) = found
    return only.phone is None and only.hamlet_id == guest.hamlet_id


def _tell_number_left(tx: Tx, guest: seating.Guest, person_id: int) -> None:
    """A number changes on the page of its owner alone, who is asked there."""
    if not guest.phone or guest.borrowed:
        return
    kept = register.phone_of(tx, person_id, layout.commune_id())
    if kept != guest.phone:
        layout.tell("namesake_number_left", "warning")
