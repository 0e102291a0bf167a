"""A person's phone number changes, with the new SIM: the person stays, and what was on
its way finds the new number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, text, update

from db.models import people
from db.privacy import erasure
from db.register import identity
from db.requests import forgetting
from db.seats import holds
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from db.texts import outbox, stops, wishes

GONE = "no number any more"  # why a queued text was not sent, as staff read it


class Person(NamedTuple):
    commune_id: int
    phone: str | None  # E.164


class Holder(NamedTuple):
    """Who has the number by now. The name is empty where nobody said it."""

    id: int
    name: str
    household_id: int | None


class Standing(NamedTuple):
    """The booking by which a text can prove the new number."""

    id: int
    revision: int
    said: bool  # a text that tells of it is in the queue already; 0 or 1 on SQLite


# Both rows are locked where there is more than one writer: of two who send the same
# form at once the second finds it done, and whoever books or counts meanwhile for the
# number's holder waits for us, or is seen by the next statement.
_PERSON = "SELECT commune_id, phone FROM people WHERE id = :id AND erased_at IS NULL"
_HOLDER = "SELECT id, name, household_id FROM people WHERE phone = :phone"
_LOCK = {"sqlite": "", "postgresql": " FOR UPDATE"}
_PERSONS = {
    engine: Query(text(_PERSON + lock), Person) for engine, lock in _LOCK.items()
}
_HOLDERS = {
    engine: Query(text(_HOLDER + lock), Holder) for engine, lock in _LOCK.items()
}
_HAS_SOMETHING = Scalar(
    text("""
    SELECT 1
    WHERE EXISTS (SELECT 1 FROM bookings b
        WHERE (b.person_id = :id OR b.booker_id = :id) AND b.status IN ('booked', 'waiting', 'offered', 'attended'))
      OR EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.subject = 'person' AND c.subject_id = :id)
      OR EXISTS (SELECT 1 FROM verifications v WHERE v.person_id = :id)
      OR EXISTS (SELECT 1 FROM businesses o WHERE o.owner_id = :id)
      OR EXISTS (SELECT 1 FROM parents a WHERE a.person_id = :id)
    """),
    int,
)
_CALLS = Statement(
    text("""
    UPDATE tasks SET person_id = :to
    WHERE person_id = :id AND done_at IS NULL
    """)
)
_SET = Statement(
    update(people)
    .where(people.c.id == bindparam("person_id"))
    .values(phone=bindparam("to"), who=None)
)
_SESSIONS = Statement(text("DELETE FROM sessions WHERE phone = :phone"))
# Their own seat before a guest's. What is in the queue already goes to the new number.
_STANDING = Query(
    text("""
    SELECT b.id, b.revision,
      EXISTS (SELECT 1 FROM messages m
        WHERE m.booking_id = b.id AND m.phone = :phone AND m.revision = b.revision
          AND m.kind IN ('booked', 'moved', 'desk_moved') AND m.status = 'QUEUED') AS said
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    WHERE b.booker_id = :id AND b.status = 'booked' AND s.starts_at > :now
    ORDER BY CASE WHEN b.person_id = :id THEN 0 ELSE 1 END, s.starts_at, b.id
    LIMIT 1
    """),
    Standing,
)


class NumberTaken(Exception):
    """The number is somebody else's."""

    def __init__(self, person_id: int) -> None:
        super().__init__(person_id)
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Changed:
    """From which number (E.164, empty: none), whether there was anything to do, and
    whether a text proves the new.
    """

    before: str
    done: bool = True
    texted: bool = False


def change(
    tx: Tx, person_id: int, phone: str, *, now: int, privacy_key: str
) -> Changed:
    """Give the person this E.164 number, or none (empty). `now` is UTC ms. All that is
    theirs stays theirs.

    Texts in the queue go to the new number, a refusal of texts holds for it too, and a
    standing booking is confirmed there: the resident sees that the number is right.
    Raises NumberTaken, LookupError; a number that was taken at this moment has
    `Database.again` look anew.
    """
    person = tx.one(_PERSONS[tx.dialect.name], id=person_id)
    if person is None:
        raise LookupError(person_id)
    before = person.phone or ""
    if phone == before:
        return Changed(before, done=False)
    if phone:
        _make_way(tx, phone, person_id, now, privacy_key)
    tx.run(_SET, person_id=person_id, to=phone or None)
    who_before = identity.who_is(privacy_key, person_id, before)
    who_now = identity.who_is(privacy_key, person_id, phone)
    wishes.go_along(tx, who_before, who_now, now)
    if before:
        _leave(tx, before, phone, now)
    if not phone:
        return Changed(before)
    if before:
        stops.go_along(tx, who_before, who_now)
    texted = _confirm(tx, person_id, person.commune_id, phone, who_now, now)
    return Changed(before, texted=texted)


def _make_way(tx: Tx, phone: str, person_id: int, now: int, privacy_key: str) -> None:
    """Whoever once dialled from that SIM and left nothing behind lets go of the number;
    anybody else keeps it.

    Their row names nobody from then on, as after an erasure; the proof of what they
    agreed to stays with it. A call that was asked for is owed to whoever answers at
    that number.
    """
    holder = tx.one(_HOLDERS[tx.dialect.name], phone=phone)
    if holder is None:
        return
    if _is_somebody(tx, holder):
        raise NumberTaken(holder.id)
    holds.release(tx, phone=phone, now=now)
    tx.run(_CALLS, id=holder.id, to=person_id)
    forgetting.hand_on(tx, holder.id, person_id, now)
    who = identity.who(privacy_key, phone)
    wishes.leave(tx, who, now)
    erasure.strip(tx, holder.id, now)


def _is_somebody(tx: Tx, holder: Holder) -> bool:
    if holder.name or holder.household_id:
        return True
    return tx.value(_HAS_SOMETHING, id=holder.id) is not None


def _leave(tx: Tx, before: str, phone: str, now: int) -> None:
    """Nothing of the person stays with the number they had: whoever gets it next is a
    stranger.
    """
    tx.run(_SESSIONS, phone=before)
    if phone:
        outbox.redirect(tx, before, phone)
    else:
        outbox.drop(tx, before, reason=GONE, now=now)


def _confirm(
    tx: Tx, person_id: int, commune_id: int, phone: str, who: str, now: int
) -> bool:
    """Staff changed it: the text keeps the hours, and is not promised to whoever
    refused all texts.
    """
    standing = tx.one(_STANDING, id=person_id, phone=phone, now=now)
    if stops.bar(tx, who, "notice") or standing is None:
        return False
    if not standing.said:
        outbox.post(
            tx,
            kind="booked",
            commune_id=commune_id,
            phone=phone,
            now=now,
            booking_id=standing.id,
            revision=standing.revision,
            courteous=True,
        )
    return True
