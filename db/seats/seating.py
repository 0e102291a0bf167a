"""Seats given by staff: to one resident at the desk, or line by line from a hamlet
head's paper list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from db.office import audit
from db.register import identity, people
from db.seats import bookings, free_slots
from db.seats.bookings import Taken
from db.store.engine import Database, Tx
from db.texts import outbox, wishes
from menus.hearing import fold
from menus.numbers import NotAMobile, mobile
from menus.port import AlreadyBooked, SlotTaken

PROMPT = "desk:agreed"  # what staff ask aloud; the form shows the sentence


class OtherName(Exception):
    """The number is kept under another name: a relative's, or a slip of the pen."""


class OutOfReach(Exception):
    """The number is somebody's whom a hamlet head does not see. Right name or wrong:
    the answer is the same, else names could be tried out against numbers.
    """

    def __init__(self, person_id: int) -> None:
        super().__init__(person_id)
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is to come. `phone` is E.164 or empty; `borrowed` says that it is a
    relative's, who gets the texts.

    `may_move`: agrees to go to the next event by itself should this one not take place.
    `is_another`: staff were asked, and it is nobody whom we know by that name.
    """

    name: str
    phone: str = ""
    hamlet_id: int | None = None
    borrowed: bool = False
    may_move: bool = False
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives the seat: `bound_to` is the hamlet a hamlet head is bound to, `answer`
    what was ticked; under `privacy_key` the consent goes into the register.
    """

    commune_id: int
    staff_id: int
    bound_to: int | None
    answer: str
    privacy_key: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paper list as read; `problem` names why it cannot be used."""

    text: str
    guest: Guest | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of a line: a booking with its time (UTC ms) and code, or the reason
    it was refused.
    """

    text: str
    booking_id: int = 0
    code: str = ""
    starts_at: int = 0
    problem: str = ""


def seat(
    tx: Tx,
    guest: Guest,
    *,
    slot_id: int,
    actor: Actor,
    now: int,
    person_id: int | None = None,
) -> Taken:
    """Book, note the consent, post the confirmation. Raises SlotTaken, AlreadyBooked,
    OtherName, OutOfReach.
    """
    who, booker = whose(tx, guest, actor, now, person_id)
    booked = bookings.book(
        tx,
        slot_id=slot_id,
        person_id=who,
        booker_id=booker,
        now=now,
        origin="desk",
        staff_id=actor.staff_id,
    )
    if guest.may_move:
        bookings.may_move(tx, booking_id=booked.id, agreed=True)
    agreed = note_agreed(tx, who, actor, now)
    audit.note(
        tx,
        at=now,
        staff_id=actor.staff_id,
        action="book",
        person_id=who,
        detail=f"booking {booked.id}",
    )
    phone = guest.phone or people.phone_of(tx, booker, actor.commune_id)
    if phone:
        posted = _confirm(tx, booked, phone, actor, now)
        wishes.confirmed(tx, agreed, posted, now)
    return booked


def _confirm(tx: Tx, booked: Taken, phone: str, actor: Actor, now: int) -> int | None:
    """The text that says so; its id."""
    return outbox.post(
        tx,
        kind="booked",
        commune_id=actor.commune_id,
        phone=phone,
        now=now,
        booking_id=booked.id,
        revision=1,
        once=f"booked:{booked.id}:r1",
        courteous=True,
    )


def note_agreed(tx: Tx, person_id: int, actor: Actor, now: int) -> int:
    """Staff asked aloud and ticked it: the line of it in the register."""
    phone = people.phone_of(tx, person_id, actor.commune_id)
    who = identity.who_is(actor.privacy_key, person_id, phone)
    return wishes.agreed(
        tx,
        who=who,
        person_id=person_id,
        purpose="booking",
        prompt=PROMPT,
        channel="desk",
        answer=actor.answer,
        now=now,
    )


def note_refusal(tx: Tx, actor: Actor, person_id: int, now: int) -> None:
    """In a transaction of its own: the one that was refused is rolled back."""
    audit.note(
        tx, at=now, staff_id=actor.staff_id, action="book_refused", person_id=person_id
    )


def whose(
    tx: Tx, guest: Guest, actor: Actor, now: int, person_id: int | None = None
) -> tuple[int, int]:
    """The person who comes, and whose phone gets the texts. Raises OtherName,
    OutOfReach.
    """
    if person_id is not None:
        return person_id, person_id
    if not guest.phone:
        alone = _without_phone(tx, guest, actor, now)
        return alone, alone
    owner = people.by_phone(tx, guest.phone)
    if guest.borrowed:
        lender_id = owner.id if owner else _lender(tx, guest, actor, now)
        return _without_phone(tx, guest, actor, now), lender_id
    if owner:
        _refuse_another(owner, guest, actor)
    made = people.ensure(
        tx,
        commune_id=actor.commune_id,
        phone=guest.phone,
        now=now,
        origin="staff",
        name=guest.name,
        hamlet_id=guest.hamlet_id,
    )
    return made.id, made.id


def _lender(tx: Tx, guest: Guest, actor: Actor, now: int) -> int:
    """Somebody new, of whom the number alone is known."""
    made = people.ensure(
        tx, commune_id=actor.commune_id, phone=guest.phone, now=now, origin="staff"
    )
    return made.id


def _refuse_another(owner: people.Person, guest: Guest, actor: Actor) -> None:
    """The number has to be the guest's own. Raises OtherName, OutOfReach."""
    has_other_name = _has_other_name(owner, guest)
    is_elsewhere = actor.bound_to is not None and actor.bound_to != owner.hamlet_id
    has_home = owner.hamlet_id is not None
    if is_elsewhere and (has_other_name or has_home):
        raise OutOfReach(owner.id)
    if has_other_name:
        raise OtherName


def _has_other_name(owner: people.Person, guest: Guest) -> bool:
    if not owner.name:
        return False
    return fold(owner.name) != fold(guest.name)


def _without_phone(tx: Tx, guest: Guest, actor: Actor, now: int) -> int:
    """Met before under that name in that hamlet, or new: a list sent twice must not
    make two of everybody.
    """
    known = None if guest.is_another else _met_without_phone(tx, guest, actor)
    if known is not None:
        return known
    new = people.ensure(
        tx,
        commune_id=actor.commune_id,
        phone=None,
        now=now,
        origin="staff",
        name=guest.name,
        hamlet_id=guest.hamlet_id,
    )
    return new.id


def _met_without_phone(tx: Tx, guest: Guest, actor: Actor) -> int | None:
    folded = people.fold_name(guest.name)
    return people.without_phone(
        tx, commune_id=actor.commune_id, hamlet_id=guest.hamlet_id, folded=folded
    )


_NUMBERING = re.compile(r"^\s*\d{1,3}\s*[.)/:-]?\s+")
_SEPARATOR = re.compile(r"[,;\t|]")


def read_list(text: str, hamlets: Mapping[str, int], own: int | None) -> list[Line]:
    """One person a line: name[, phone][, hamlet], in any order after the name.
    `hamlets` by folded name or alias; `own` is taken where a line names none.
    """
    found = []
    for raw in text.splitlines():
        tidied = " ".join(raw.split())
        if tidied:
            line = _read_line(tidied, raw, hamlets, own)
            found.append(line)
    return found


def _read_line(
    text: str, raw: str, hamlets: Mapping[str, int], own: int | None
) -> Line:
    without_number = _NUMBERING.sub("", raw)
    name, *others = _SEPARATOR.split(without_number)
    name = name.strip()
    has_letters = any(letter.isalpha() for letter in name)
    if not has_letters:
        return Line(text, problem="no_name")
    phone = ""
    hamlet_id = own
    for other in others:
        part = other.strip()
        if not part:
            continue
        if _looks_like_a_number(part):
            try:
                phone = mobile(part)
            except NotAMobile:
                return Line(text, problem="not_a_mobile")
            continue
        hamlet_id = hamlets.get(fold(part).removeprefix("thon "))
        if hamlet_id is None:
            return Line(text, problem="no_such_hamlet")
    guest = Guest(name[:80], phone, hamlet_id)
    return Line(text, guest)


def _looks_like_a_number(part: str) -> bool:
    digits = sum(letter.isdigit() for letter in part)
    return digits >= 6


def seat_list(
    db: Database, lines: list[Line], *, event_id: int, actor: Actor, now: int
) -> list[LineOutcome]:
    """Each line in a transaction of its own, from the first free slot on: one refused
    line stops no other.
    """
    return [_seat_line(db, line, event_id, actor, now) for line in lines]


def _seat_line(
    db: Database, line: Line, event_id: int, actor: Actor, now: int
) -> LineOutcome:
    guest = line.guest
    if guest is None:
        return LineOutcome(line.text, problem=line.problem)
    if actor.bound_to is not None and guest.hamlet_id != actor.bound_to:
        return LineOutcome(line.text, problem="other_hamlet")
    try:
        booked, starts_at = db.again(
            lambda tx: _first_free(tx, guest, event_id, actor, now)
        )
        return LineOutcome(line.text, booked.id, booked.code, starts_at)
    except SlotTaken:
        return LineOutcome(line.text, problem="event_full")
    except AlreadyBooked:
        return LineOutcome(line.text, problem="already_booked")
    except OutOfReach as refused:
        person_id = refused.person_id
        db.again(lambda tx: note_refusal(tx, actor, person_id, now))
        return LineOutcome(line.text, problem="out_of_reach")


def _first_free(
    tx: Tx, guest: Guest, event_id: int, actor: Actor, now: int
) -> tuple[Taken, int]:
    for slot in free_slots.of_event(tx, event_id, now):
        try:
            booked = _seat_or_borrow(tx, guest, slot.id, actor, now)
        except SlotTaken:
            continue
        return booked, slot.starts_at
    raise SlotTaken


def _seat_or_borrow(
    tx: Tx, guest: Guest, slot_id: int, actor: Actor, now: int
) -> Taken:
    """On paper a number under another name is a relative's: nobody is there to ask."""
    try:
        return seat(tx, guest, slot_id=slot_id, actor=actor, now=now)
    except OtherName:
        return seat(
            tx, replace(guest, borrowed=True), slot_id=slot_id, actor=actor, now=now
        )
