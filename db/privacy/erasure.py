"""Erasure: forget a person who asks for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.progress import counting
from db.register import identity
from db.requests import forgetting
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from db.texts import stops, wishes

DETAIL_MOST = 200  # letters of a line of the audit


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did, in numbers."""

    person: int = 0
    bookings_cancelled: int = 0
    texts_blanked: int = 0
    texts_not_sent: int = 0
    facts: int = 0
    sessions: int = 0
    conversions_kept: int = 0

    def __str__(self) -> str:
        said = []
        for name, count in asdict(self).items():
            what = name.replace("_", " ")
            said.append(f"{what} {count}")
        return ", ".join(said)


class Holder(NamedTuple):
    """Who holds the number that is to be forgotten."""

    id: int
    household_id: int | None


_PERSON = Query(
    text("SELECT id, household_id FROM people WHERE phone = :phone"), Holder
)
_AUDIT = Statement(
    text("""
    INSERT INTO audit (at, staff_id, action, person_id, detail) VALUES (:at, :staff_id, 'erased', :person_id, :detail)
    """)
)
_NOT_SENT = Statement(
    text("""
    UPDATE messages SET status = 'SKIPPED', reason = 'erased', ended_at = :at, lease_until = NULL,
      once = CASE WHEN firing_id IS NULL THEN once END
    WHERE direction = 'out' AND status IN ('QUEUED', 'CLAIMED') AND (phone = :phone OR booking_id IN (
        SELECT id FROM bookings WHERE person_id = :person_id))
    """)
)
# To a number they had before, too: what was said of their bookings, unless it went to
# the other one's own phone.
_BLANK = Statement(
    text("""
    UPDATE messages SET phone = '', text = '' WHERE phone = :phone OR (phone <> '' AND booking_id IN (
        SELECT id FROM bookings WHERE person_id = :person_id OR booker_id = :person_id)
      AND NOT EXISTS (SELECT 1 FROM bookings b JOIN people o ON o.id IN (b.person_id, b.booker_id)
        WHERE b.id = messages.booking_id AND o.id <> :person_id AND o.phone = messages.phone))
    """)
)
# What staff made of their texts, and told them.
_LESSONS = Statement(
    text("""
    UPDATE lessons SET words = '', answer = ''
    WHERE message_id IN (SELECT id FROM messages WHERE phone = :phone)
    """)
)
# What broadcasts, and what followed an invitation, said to them, at whatever number.
_BLANK_OF_BROADCASTS = Statement(
    text(
        "UPDATE messages SET phone = '', text = ''"
        " WHERE person_id = :person_id AND (firing_id IS NOT NULL OR event_id IS NOT NULL)"
    )
)
# What staff had sent to themselves as if to them: the number is the staff's own.
_BLANK_TESTS = Statement(
    text(
        "UPDATE messages SET text = ''"
        " WHERE person_id = :person_id AND firing_id IS NULL AND event_id IS NULL"
    )
)
_OLD_NUMBERS = Statement(
    text(
        "UPDATE audit SET detail = '' WHERE person_id = :person_id AND action = 'number'"
    )
)
# What staff typed when they took an entry of the log back, of the person or of the
# household: it may name anybody.
_REASONS = Statement(
    text("""
    UPDATE conversions SET reason = ''
    WHERE reason <> '' AND (
      subject_id = :person_id AND indicator_id IN (SELECT id FROM indicators WHERE subject = 'person')
      OR subject_id = :household_id AND indicator_id IN (SELECT id FROM indicators WHERE subject = 'household'))
    """)
)
# What was decided along the plan's way names no resident; where it does, their whole
# name goes.
_PLAN_NOTES = Statement(
    text("""
    UPDATE plan_notes SET words = REPLACE(words, (SELECT name FROM people WHERE id = :person_id), '***')
    WHERE EXISTS (
      SELECT 1 FROM people p
      WHERE p.id = :person_id AND p.name LIKE '% %' AND plan_notes.words LIKE '%' || p.name || '%')
    """)
)
_CANCEL = Statement(
    text("""
    UPDATE bookings SET status = 'cancelled', ended_at = :at
    WHERE person_id = :person_id AND status IN ('held', 'waiting', 'offered', 'booked')
      AND slot_id IN (SELECT id FROM slots WHERE starts_at > :at)
    """)
)
_STRIP = Statement(
    text("""
    UPDATE people SET phone = NULL, who = NULL, name = '', folded = '', language = 'vi', marks = :no, erased_at = :at
    WHERE id = :person_id
    """)
)
# What they were to a school or a shop. That somebody went to their home stays as a
# number, without words.
_PARENTS = Statement(text("DELETE FROM parents WHERE person_id = :person_id"))
_OWNED = Statement(
    text("UPDATE businesses SET owner_id = NULL WHERE owner_id = :person_id")
)
_FACTS = Statement(text("DELETE FROM facts WHERE person_id = :person_id"))
_SESSIONS = Statement(text("DELETE FROM sessions WHERE phone = :phone"))
_TASKS = Statement(
    text(
        "UPDATE tasks SET note = '', done_at = COALESCE(done_at, :at) WHERE person_id = :person_id"
    )
)
_KEPT = Scalar(
    text("""
    SELECT COUNT(*) FROM conversions c JOIN indicators i ON i.id = c.indicator_id
    WHERE i.subject = 'person' AND c.subject_id = :person_id
    """),
    int,
)


def erase(
    tx: Tx, key: str, phone: str, now: int, staff_id: int | None = None
) -> Erased:
    """Erase whoever holds this E.164 number: what is left tells nobody who it was.

    The conversions stay, with a number in place of a person, and so does the household
    they count for: the figures do not change. A suppression record (an HMAC) keeps the
    number from being texted again.
    """
    who = identity.who(key, phone)
    stops.erased(tx, who, now)
    person = tx.one(_PERSON, phone=phone)
    person_id = person.id if person else 0
    if person:
        counting.lock(tx, "person", person_id)
    cancelled = tx.run(_CANCEL, person_id=person_id, at=now)
    not_sent = tx.run(_NOT_SENT, phone=phone, person_id=person_id, at=now)
    tx.run(_LESSONS, phone=phone)
    blanked = tx.run(_BLANK, phone=phone, person_id=person_id)
    sessions = tx.run(_SESSIONS, phone=phone)
    if person is None:
        return Erased(texts_blanked=blanked, texts_not_sent=not_sent, sessions=sessions)
    wishes.erased(tx, who, person_id, now)
    blanked += tx.run(_BLANK_OF_BROADCASTS, person_id=person_id)
    blanked += tx.run(_BLANK_TESTS, person_id=person_id)
    blanked += forgetting.erased(tx, person_id, phone, now)
    _blank_notes(tx, person, now)
    facts = strip(tx, person_id, now)
    if person.household_id:
        counting.settle_household(tx, person.household_id)
    summary = Erased(
        person=1,
        bookings_cancelled=cancelled,
        texts_blanked=blanked,
        texts_not_sent=not_sent,
        facts=facts,
        sessions=sessions,
        conversions_kept=tx.value(_KEPT, person_id=person_id) or 0,
    )
    _note(tx, person_id, summary, staff_id, now)
    return summary


def _note(
    tx: Tx, person_id: int, summary: Erased, staff_id: int | None, now: int
) -> None:
    """The line of the trail."""
    detail = str(summary)
    tx.run(
        _AUDIT,
        at=now,
        staff_id=staff_id,
        person_id=person_id,
        detail=detail[:DETAIL_MOST],
    )


def _blank_notes(tx: Tx, person: Holder, now: int) -> None:
    """What staff wrote about them loses its words. `now` is UTC ms."""
    household_id = person.household_id or 0
    tx.run(_TASKS, person_id=person.id, at=now)
    tx.run(_OLD_NUMBERS, person_id=person.id)
    tx.run(_REASONS, person_id=person.id, household_id=household_id)
    tx.run(_PLAN_NOTES, person_id=person.id)


def strip(tx: Tx, person_id: int, now: int) -> int:
    """What is left of the person's row names nobody and has no number; how many facts
    went. `now` is UTC ms.
    """
    facts = tx.run(_FACTS, person_id=person_id)
    tx.run(_PARENTS, person_id=person_id)
    tx.run(_OWNED, person_id=person_id)
    tx.run(_STRIP, person_id=person_id, at=now, no=False)
    return facts
