"""Somebody is put into the household that is named, in one act with what is logged for
it.
"""

from __future__ import annotations

from db.progress import counting
from db.register import households
from db.register import people as residents
from db.reports.people import Person
from db.store.engine import Tx
from gateway.staff import layout


class Unfit(Exception):
    """It cannot be done so; `key` of the desk's words says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def move_in(tx: Tx, who: Person, code: str, hamlet_id: int | None) -> int:
    """The household of that code, made when new, to which they belong from now on: its
    id. `hamlet_id` is where it is said that they live, where nobody knew. Raises Unfit.
    """
    if not code:
        raise Unfit("home_needed")
    there = who.hamlet_id or hamlet_id
    if there is None:
        raise Unfit("request_hamlet_needed")
    layout.refuse_unknown_hamlet(tx, there)
    try:
        home_id = households.ensure(
            tx, commune_id=layout.commune_id(), hamlet_id=there, code=code
        )
    except households.OtherHamlet as problem:
        raise Unfit("request_home_elsewhere") from problem
    _tell_whose(tx, home_id, code)
    residents.edit(
        tx,
        who.id,
        name=who.name,
        folded=who.folded,
        hamlet_id=there,
        household_id=home_id,
    )
    counting.settle_household(tx, home_id)
    layout.note_act(tx, "edit", person_id=who.id)
    return home_id


def _tell_whose(tx: Tx, home_id: int, code: str) -> None:
    """Whoever mistyped a code reads at once whose household it is."""
    living = households.living(tx, home_id)
    if not living.people:
        layout.tell("home_is_new", code=code)
    elif layout.may("people"):
        told = {"code": code, "head": living.head, "number": living.people}
        layout.tell("home_joined", "warning", **told)
    else:
        layout.tell("home_joined_unnamed", "warning", code=code, number=living.people)
