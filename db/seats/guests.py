"""Who comes with, or instead of, the holder of a phone: each a person of their own, met
again under the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.register import people
from db.store.engine import Tx
from db.store.statements import Query
from menus import words
from menus.port import Guest


class Met(NamedTuple):
    id: int


# Booked before from this phone under that name; a list sent twice must not make two of
# everybody.
_MET = Query(
    text("""
    SELECT p.id
    FROM people p
    WHERE p.phone IS NULL AND p.folded = :folded AND p.erased_at IS NULL
      AND EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id AND b.booker_id = :booker_id)
    ORDER BY p.id
    """),
    Met,
)


def of_party(
    tx: Tx,
    party: Sequence[Guest],
    *,
    commune_id: int,
    booker_id: int,
    hamlet_id: int | None,
    language: str,
    now: int,
) -> list[int]:
    """The people of a party, in its order; whoever is not known is made, and is called
    `Người nhà 2` in that language where nobody typed a name. The booker vouches for the
    others: a number given for somebody is not texted before its holder answers from it.
    """
    coming: list[int] = []
    for said in party:
        guest = said
        if not _is_theirs(tx, said):
            guest = said.replace(phone="")
        met = _met(tx, guest, booker_id, coming)
        if met is None:
            name = guest.name or words.say(language, "somebody", number=guest.number)
            phone = guest.phone or None
            made = people.ensure(
                tx,
                commune_id=commune_id,
                phone=phone,
                now=now,
                origin="self",
                name=name,
                hamlet_id=hamlet_id,
            )
            met = made.id
        coming.append(met)
    return coming


def _is_theirs(tx: Tx, guest: Guest) -> bool:
    """A number given for somebody is theirs unless it is registered under another name:
    a slip of the thumb would seat a stranger, and the answer would tell whose number it
    is.
    """
    if not guest.phone:
        return True
    known = people.by_phone(tx, guest.phone)
    if known is None or not known.folded:
        return True
    return known.folded == people.fold_name(guest.name)


def _met(tx: Tx, guest: Guest, booker_id: int, coming: Sequence[int]) -> int | None:
    """Who that is, if known; of two with one name in one party the second is somebody
    else.
    """
    if guest.holder:
        return booker_id
    if guest.phone or not guest.name:
        return None  # found by the number, or nobody we could know again
    folded = people.fold_name(guest.name)
    for row in tx.all(_MET, folded=folded, booker_id=booker_id):
        if row.id not in coming:
            return row.id
    return None
