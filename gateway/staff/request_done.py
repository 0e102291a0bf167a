"""A request that is done goes with what was done, in one act with its end: the QR of a
shop, the account or the app of a person, TV360 in a home.
"""

from __future__ import annotations

from typing import NamedTuple

from db.models.states import RequestKind
from db.progress import conversions, counting
from db.register import businesses as register
from db.register import people as residents
from db.reports import businesses, people, places
from db.reports import conversions as logs
from db.reports.businesses import Business
from db.reports.conversions import Entry
from db.reports.people import Person
from db.reports.places import Household, Named
from db.reports.requests import Line
from db.requests import work
from db.store.engine import Tx
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.moving_in import Unfit, move_in
from gateway.staff.request_kinds import DONE_BY
from gateway.staff.ticking import log_once

SHOP = "household_business"
OFFERED_MOST = 200  # shops without a QR in one hamlet


class Chosen(NamedTuple):
    """What the form, or the address of the text looked at, says it was done for."""

    shop_id: int | None
    shop_name: str  # of a new one
    home: str  # the household's code
    hamlet_id: int | None

    def in_address(self) -> dict[str, object]:
        """As `chosen` reads it again; what was left empty is left out."""
        named = {
            "shop": self.shop_id,
            "shop_name": self.shop_name,
            "home": self.home,
            "hamlet": self.hamlet_id,
        }
        return {name: value for name, value in named.items() if value}


class Offer(NamedTuple):
    """What the form has to ask before the request can be done."""

    shops: list[Business]
    shop_id: int | None  # the likeliest of them
    homes: list[Household]
    asks_home: bool
    asks_hamlet: bool
    hamlets: list[Named]


def chosen() -> Chosen:
    return Chosen(
        layout.a_number("shop"),
        layout.a_line("shop_name", 120),
        layout.a_line("home", 32),
        layout.a_number("hamlet"),
    )


def offer(tx: Tx, line: Line) -> Offer:
    """What there is to choose from for such a request."""
    shops = offered_shops(tx, line) if line.kind == RequestKind.QR else []
    asks_home = line.kind == RequestKind.TV360 and not _has_home(tx, line)
    homes = []
    if asks_home and line.hamlet_id:
        homes = places.households_of(tx, line.hamlet_id)
    is_placed = line.hamlet_id is not None
    asks_hamlet = not is_placed and (asks_home or line.kind == RequestKind.QR)
    hamlets = layout.hamlets(tx) if asks_hamlet else []
    likeliest = _likeliest(line, shops)
    return Offer(shops, likeliest, homes, asks_home, asks_hamlet, hamlets)


def offered_shops(tx: Tx, line: Line) -> list[Business]:
    """Those of whoever is to get the QR, then those of the hamlet that are nobody's and
    have none.
    """
    commune_id = layout.commune_id()
    owner_id = known_recipient(tx, line)
    theirs: list[Business] = []
    if owner_id is not None:
        theirs = businesses.of_owner(tx, owner_id, commune_id)
    wanted = businesses.Wanted(
        commune_id, kind=SHOP, hamlet_id=line.hamlet_id, without=True
    )
    near = businesses.page(tx, wanted, after=None, most=OFFERED_MOST)
    nobodys = [shop for shop in near if shop.owner_id is None]
    found = [shop for shop in theirs if shop.kind == SHOP and not shop.closed_at]
    found += nobodys
    bound = _bound(tx, line)
    if bound is not None and bound.id not in [shop.id for shop in found]:
        found.insert(0, bound)
    return found


def _bound(tx: Tx, line: Line) -> Business | None:
    """The shop that the request is about already."""
    if line.business_id is None:
        return None
    return businesses.one(tx, line.business_id, layout.commune_id())


def _likeliest(line: Line, shops: list[Business]) -> int | None:
    """The one that was chosen before, else the only one of theirs."""
    if line.business_id is not None:
        return line.business_id
    theirs = [shop.id for shop in shops if shop.owner_id is not None]
    return theirs[0] if len(theirs) == 1 else None


def known_recipient(tx: Tx, line: Line) -> int | None:
    """Who is to get it: whoever asked for themselves; of another the one whose number
    was left, or who is known by that name there. None where nobody known is meant.
    """
    if line.for_phone:
        owner = residents.by_phone(tx, line.for_phone)
        return owner.id if owner else None
    if not line.for_name:
        return line.person_id
    folded = residents.fold_name(line.for_name)
    return residents.without_phone(
        tx, commune_id=layout.commune_id(), hamlet_id=line.hamlet_id, folded=folded
    )


def _recipient(tx: Tx, line: Line) -> Person:
    """The same, made where nobody known is meant."""
    person_id = known_recipient(tx, line)
    if person_id is None:
        made = residents.ensure(
            tx,
            commune_id=layout.commune_id(),
            phone=line.for_phone or None,
            now=lang.now_ms(),
            origin="staff",
            name=line.for_name,
            hamlet_id=line.hamlet_id,
        )
        person_id = made.id
    found = people.person(tx, person_id, layout.commune_id())
    if found is None:
        raise Unfit("request_nobody_there")
    return found


def _has_home(tx: Tx, line: Line) -> bool:
    person_id = known_recipient(tx, line)
    if person_id is None:
        return False
    who = people.person(tx, person_id, layout.commune_id())
    return who is not None and who.household_id is not None


def shop_named(tx: Tx, line: Line, choice: Chosen) -> str:
    """The shop as the text to the resident names it; empty where it is about none."""
    if line.kind != RequestKind.QR:
        return ""
    if choice.shop_name:
        return choice.shop_name
    for shop in offered_shops(tx, line):
        if shop.id == choice.shop_id:
            return shop.name
    return ""


def lacks(tx: Tx, line: Line, choice: Chosen) -> str:
    """What is still to be said before it can be done: a key of the words, empty where
    nothing is.
    """
    if line.kind == RequestKind.QR:
        return _lacks_shop(tx, line, choice)
    offered = offer(tx, line)
    is_placed = line.hamlet_id or choice.hamlet_id
    if not offered.asks_home:
        return ""
    if not choice.home:
        return "request_home_needed"
    return "" if is_placed else "request_hamlet_needed"


def _lacks_shop(tx: Tx, line: Line, choice: Chosen) -> str:
    """Why no QR can be logged for it: said before a text promises one."""
    shop_id = choice.shop_id
    if choice.shop_name:
        listed = register.same(tx, layout.commune_id(), _sought(tx, line, choice))
        if listed is None:
            return ""
        if listed.closed_at is not None:
            return "request_shop_closed"
        shop_id = listed.id
    if shop_id is None:
        return "request_shop_needed"
    offered = [shop.id for shop in offered_shops(tx, line)]
    return "" if shop_id in offered else "request_shop_of_another"


def _sought(tx: Tx, line: Line, choice: Chosen) -> register.Sought:
    """A shop by its name, where whoever is to get the QR lives, and theirs."""
    owner, phone = line.for_name, line.for_phone
    known_id = known_recipient(tx, line)
    if known_id is not None:
        who = people.person(tx, known_id, layout.commune_id())
        if who is not None:
            owner, phone = who.name, who.phone or ""
    hamlet_id = line.hamlet_id or choice.hamlet_id
    return register.Sought(SHOP, choice.shop_name, hamlet_id, owner, phone)


def count(tx: Tx, line: Line, choice: Chosen) -> None:
    """What was done counts for whoever it was done for, once. Raises Unfit."""
    key = DONE_BY.get(line.kind)
    if key is None or not layout.may("log"):
        return
    problem = lacks(tx, line, choice)
    if problem:
        raise Unfit(problem)
    subject_id = _subject(tx, line, choice)
    for indicator in places.indicators_of(tx, layout.commune_id()):
        if indicator.key == key:
            log_once(tx, indicator, subject_id, work.ending_key(tx, line.id))


def is_logged(tx: Tx, line: Line) -> bool:
    """Does what its ending logged still stand?"""
    return conversions.stands(tx, work.ending_key(tx, line.id))


def counted_apart(tx: Tx, line: Line) -> Entry | None:
    """What counts for whoever it was done for though this request did not log it: it
    was ticked before, or elsewhere. None where it logged it itself, or nothing counts.
    """
    key = DONE_BY.get(line.kind)
    if key is None or is_logged(tx, line):
        return None
    subject_id = _known_subject(tx, line)
    if subject_id is None:
        return None
    return logs.standing(tx, layout.commune_id(), key, subject_id)


def may_take_back(entry: Entry) -> bool:
    """An own entry, or any that is in reach of whoever may undo others'."""
    if entry.staff == layout.staff().username:
        return True
    return layout.may("undo") and layout.sees_hamlet(entry.hamlet_id)


def uncount_apart(tx: Tx, line: Line, reason: str) -> int:
    """What was ticked apart from it was not done either: how much was taken back."""
    ticked = counted_apart(tx, line)
    if ticked is None or not may_take_back(ticked):
        return 0
    undone = conversions.undo(
        tx,
        conversion_id=ticked.id,
        at=lang.now_ms(),
        staff_id=layout.staff().id,
        reason=reason,
    )
    layout.note_act(tx, "undo", person_id=line.person_id, detail=DONE_BY[line.kind])
    return int(undone)


def uncount(tx: Tx, line: Line, reason: str) -> int:
    """What its ending logged is taken back, for a reason that the log keeps: how much.
    What counted before it ended stays.
    """
    undone = conversions.undo_form(
        tx,
        work.ending_key(tx, line.id),
        at=lang.now_ms(),
        staff_id=layout.staff().id,
        reason=reason,
    )
    if undone:
        layout.note_act(tx, "undo", person_id=line.person_id, detail=DONE_BY[line.kind])
    return undone


def _known_subject(tx: Tx, line: Line) -> int | None:
    """The shop, the household or the person, where it is known."""
    if line.kind == RequestKind.QR:
        return line.business_id
    person_id = known_recipient(tx, line)
    if person_id is None or line.kind != RequestKind.TV360:
        return person_id
    who = people.person(tx, person_id, layout.commune_id())
    return who.household_id if who else None


def _subject(tx: Tx, line: Line, choice: Chosen) -> int:
    """The shop, the household or the person."""
    if line.kind == RequestKind.QR:
        return keep_shop(tx, line, choice)
    who = _recipient(tx, line)
    if line.kind != RequestKind.TV360:
        return who.id
    if who.household_id:
        return who.household_id
    return move_in(tx, who, choice.home, line.hamlet_id or choice.hamlet_id)


def keep_shop(tx: Tx, line: Line, choice: Chosen) -> int:
    """The shop that is meant, added where it is new, is theirs and the request's from
    now on: its id. Raises Unfit.
    """
    shop_id = _shop_meant(tx, line, choice)
    _give(tx, shop_id, line)
    if work.set_shop(tx, line.id, shop_id):
        layout.note_act(
            tx, "business", person_id=line.person_id, detail=f"business {shop_id}"
        )
    return shop_id


def _shop_meant(tx: Tx, line: Line, choice: Chosen) -> int:
    """Added where nobody had listed it. Raises Unfit."""
    problem = _lacks_shop(tx, line, choice)
    if problem:
        raise Unfit(problem)
    if not choice.shop_name:
        assert choice.shop_id is not None  # else it lacks one
        return choice.shop_id
    commune_id = layout.commune_id()
    sought = _sought(tx, line, choice)
    layout.refuse_unknown_hamlet(tx, sought.hamlet_id)
    made = register.add(tx, commune_id, sought)
    if made is not None:
        return made
    listed = register.same(tx, commune_id, sought)
    assert listed is not None  # else it would have been added
    return listed.id


def _give(tx: Tx, shop_id: int, line: Line) -> None:
    """To whoever is to get the QR, unless it is somebody's already."""
    counting.lock(tx, "business", shop_id)
    shop = register.get(tx, shop_id, layout.commune_id())
    if shop is None or shop.owner_id is not None:
        return
    owner = _recipient(tx, line)
    register.give_to(tx, shop_id, owner.id)
