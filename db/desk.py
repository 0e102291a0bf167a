"""DbDesk: the menus' Desk over the database; all that one turn looks at and does, for one phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import cast

from sqlalchemy import bindparam, select, text

from db import bookings, communes, outbox, people, privacy, schemes, stops
from db.engine import Row, Statement, Tx, from_ms, to_ms
from db.models import LIVE, tac
from menus.core import Channel
from menus.days import today
from menus.desk import (
    TAKE_BACK_WITHIN,
    Booking,
    Commune,
    Consent,
    Event,
    Hamlet,
    Handset,
    Known,
    NoSuchBooking,
    Poor,
    Scheme,
    Sim,
    Slot,
    Source,
    Stop,
)
from menus.notices import Kind

EVENTS_SHOWN = 12  # more would be pages nobody turns

_PERSON = Statement(
    text(
        "SELECT p.id, p.hamlet_id, p.origin, COALESCE(h.poor, '') AS poor,"
        " EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
        "  WHERE i.key = 'converted_person' AND c.subject_id = p.id) AS helped,"
        " EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
        "  WHERE i.key = 'converted_household' AND c.subject_id = p.household_id) AS household_helped"
        " FROM people p LEFT JOIN households h ON h.id = p.household_id WHERE p.phone = :phone"
    )
)
_HANDSET = Statement(select(tac.c.handset).where(tac.c.tac == bindparam("tac")))
_TAKEN = f"COALESCE((SELECT SUM(b.places) FROM bookings b WHERE b.slot_id = s.id AND {LIVE.format(now=':now')}), 0)"
_EVENTS = Statement(
    text(
        "SELECT * FROM (SELECT e.id, e.day, h.name AS hall, h.hamlet_id,"
        f" SUM(CASE WHEN s.capacity > {_TAKEN} THEN s.capacity - {_TAKEN} ELSE 0 END) AS seats"
        " FROM events e JOIN halls h ON h.id = e.hall_id JOIN slots s ON s.event_id = e.id AND s.starts_at > :now"
        " WHERE e.commune_id = :commune_id AND e.state = 'open' AND e.day >= :today"
        " GROUP BY e.id, e.day, h.name, h.hamlet_id) open_events WHERE seats > 0"
        " ORDER BY CASE WHEN hamlet_id = :hamlet THEN 0 ELSE 1 END, day, id LIMIT :most"
    )
)
_SLOTS = Statement(
    text(
        "SELECT * FROM (SELECT s.id, s.starts_at,"
        f" s.capacity - {_TAKEN} AS seats FROM slots s JOIN events e ON e.id = s.event_id"
        " WHERE s.event_id = :event_id AND s.starts_at > :now AND e.state = 'open') free WHERE seats > 0"
        " ORDER BY starts_at"
    )
)
_SLOT = Statement(
    text(
        f"SELECT s.id, s.starts_at, s.capacity - {_TAKEN} AS seats, e.id AS event_id, e.day, h.name AS hall,"
        " h.hamlet_id FROM slots s JOIN events e ON e.id = s.event_id JOIN halls h ON h.id = e.hall_id"
        " WHERE s.id = :slot_id AND s.starts_at > :now AND e.state = 'open'"
    )
)
_BOOKING = (
    "SELECT b.id, b.code, b.revision, b.slot_id, s.starts_at, h.name AS hall"
    " FROM bookings b JOIN slots s ON s.id = b.slot_id"
    " JOIN events e ON e.id = s.event_id JOIN halls h ON h.id = e.hall_id"
    " WHERE b.status = 'booked' AND {which} AND (b.booker_id = (SELECT id FROM people WHERE phone = :phone)"
    " OR b.person_id = (SELECT id FROM people WHERE phone = :phone)) ORDER BY s.starts_at LIMIT 1"
)
_MINE = Statement(text(_BOOKING.format(which="s.ends_at > :now AND (:code = '' OR b.code = :code)")))
_THIS = Statement(text(_BOOKING.format(which="b.id = :booking_id")))
_REMINDED = Statement(
    text(
        "SELECT kind FROM messages WHERE phone = :phone AND direction = 'out' AND status IN ('SENT', 'DELIVERED')"
        " ORDER BY made_at DESC, id DESC LIMIT 1"
    )
)
_GIVEN_UP = Statement(
    text(
        "SELECT b.slot_id, b.person_id, b.booker_id, b.places FROM bookings b JOIN people p ON p.id = b.booker_id"
        " WHERE p.phone = :phone AND b.status = 'cancelled' AND b.reason = '' AND b.ended_at >= :since"
        " ORDER BY b.ended_at DESC LIMIT 1"
    )
)
_PAST = Statement(
    text(
        "UPDATE bookings SET status = 'missed', ended_at = :now WHERE person_id = :person_id AND status = 'booked'"
        " AND slot_id IN (SELECT id FROM slots WHERE ends_at <= :now)"
    )
)
_CALL = Statement(
    text(
        "INSERT INTO tasks (commune_id, person_id, hamlet_id, kind, made_at)"
        " SELECT :commune_id, :person_id, CAST(:hamlet_id AS BIGINT), 'call_me', :now WHERE NOT EXISTS"
        " (SELECT 1 FROM tasks WHERE person_id = :person_id AND kind = 'call_me' AND done_at IS NULL)"
    )
)


class DbDesk:
    """One phone's view of the world at one moment. `acting` is called before the first act, to open the transaction."""

    def __init__(
        self,
        tx: Tx,
        *,
        commune_id: int,
        phone: str,
        channel: Channel,
        now: datetime,
        privacy_key: str,
        acting: Callable[[], None],
    ) -> None:
        self.tx, self.commune_id, self.phone, self.channel = tx, commune_id, phone, channel
        self.moment, self.now = now, to_ms(now)
        self.privacy_key, self._acting = privacy_key, acting

    @property
    def today(self) -> str:
        return today(self.moment).isoformat()

    def commune(self) -> Commune:
        return communes.named(self.tx, self.commune_id, self.today)

    def hamlets(self) -> Sequence[Hamlet]:
        return communes.hamlets(self.tx, self.commune_id)

    def known(self) -> Known:
        person = self.tx.one(_PERSON, phone=self.phone)
        if person is None:
            return Known()
        facts = people.best_facts(self.tx, person.id)
        value = {kind: said for kind, (said, _) in facts.items()}
        sources = {kind: cast(Source, source) for kind, (_, source) in facts.items()}
        if person.hamlet_id:
            sources["hamlet"] = "self" if person.origin == "self" else "register"
        return Known(
            hamlet=person.hamlet_id,
            handset=cast(Handset, value.get("handset", "unknown")),
            sim=cast(Sim, value.get("sim", "unknown")),
            poor=cast(Poor, value.get("poor") or person.poor or "unknown"),
            imei=value.get("imei", ""),
            helped=bool(person.helped),
            household_helped=bool(person.household_helped),
            sources=sources,
        )

    def handset_of(self, tac: str) -> Handset:
        return cast(Handset, self.tx.value(_HANDSET, tac=tac) or "unknown")

    def scheme(self) -> Scheme | None:
        return schemes.current(self.tx, self.commune_id, self.today, self.phone)

    def events(self, hamlet: int | None) -> Sequence[Event]:
        rows = self.tx.all(
            _EVENTS, commune_id=self.commune_id, now=self.now, today=self.today, hamlet=hamlet or 0, most=EVENTS_SHOWN
        )
        return [Event(row.id, date.fromisoformat(row.day), row.hall, row.hamlet_id, int(row.seats)) for row in rows]

    def slots(self, event: int) -> Sequence[Slot]:
        rows = self.tx.all(_SLOTS, event_id=event, now=self.now)
        return [Slot(row.id, from_ms(row.starts_at), int(row.seats)) for row in rows]

    def slot(self, slot: int) -> tuple[Slot, Event] | None:
        row = self.tx.one(_SLOT, slot_id=slot, now=self.now)
        if row is None:
            return None
        event = Event(row.event_id, date.fromisoformat(row.day), row.hall, row.hamlet_id, int(row.seats))
        return Slot(row.id, from_ms(row.starts_at), int(row.seats)), event

    def reminded(self) -> bool:
        return str(self.tx.value(_REMINDED, phone=self.phone)).startswith("reminder")

    def booking(self, code: str = "") -> Booking | None:
        row = self.tx.one(_MINE, phone=self.phone, now=self.now, code=code)
        return _booking(row) if row else None

    def book(self, slot: int, known: Known, consent: Consent) -> Booking:
        with self._act():
            person = self._consenting("booking", consent, known.hamlet)
            for kind in ("handset", "imei"):
                value = getattr(known, kind)
                if known.sources.get(kind) == "self" and value not in ("", "unknown"):
                    people.note_fact(self.tx, person, kind, "self", value, self.now)
            self.tx.run(_PAST, person_id=person, now=self.now)
            made = bookings.book(
                self.tx, slot_id=slot, person_id=person, booker_id=person, now=self.now, origin=self.channel
            )
            if self.channel == "ussd":  # by SMS the answer itself is the confirmation
                self._post("booked", made.id, 1)
            return self._this(made.id)

    def move(self, booking: int, slot: int) -> Booking:
        with self._act():
            self._this(booking)
            moved = bookings.move(self.tx, booking_id=booking, slot_id=slot, now=self.now)
            if self.channel == "ussd":
                self._post("moved", booking, moved.revision)
            return self._this(booking)

    def cancel(self, booking: int) -> Booking:
        with self._act():
            gone = self._this(booking)
            bookings.cancel(self.tx, booking_id=booking, now=self.now)
            if self.channel == "ussd":
                self._post("cancelled", booking, gone.revision)
            return gone

    def take_back(self) -> Booking:
        with self._act():
            since = to_ms(self.moment - TAKE_BACK_WITHIN)
            given_up = self.tx.one(_GIVEN_UP, phone=self.phone, since=since)
            if given_up is None:
                raise NoSuchBooking
            made = bookings.book(
                self.tx,
                slot_id=given_up.slot_id,
                person_id=given_up.person_id,
                booker_id=given_up.booker_id,
                places=given_up.places,
                now=self.now,
                origin=self.channel,
            )
            return self._this(made.id)

    def ask_call(self, hamlet: int | None, consent: Consent) -> None:
        with self._act():
            person = self._consenting("callback", consent, hamlet)
            home = hamlet or self.known().hamlet
            self.tx.run(_CALL, commune_id=self.commune_id, person_id=person, hamlet_id=home, now=self.now)

    def prefer(self, language: str, marks: bool) -> None:
        with self._act():
            people.prefer(self.tx, self.phone, language, marks)

    def stop(self, what: Stop) -> bool:
        with self._act():
            return stops.refuse(self.tx, privacy.who(self.privacy_key, self.phone), what, self.now)

    def resume_texts(self) -> None:
        with self._act():
            stops.take_back(self.tx, privacy.who(self.privacy_key, self.phone))

    def _act(self) -> AbstractContextManager[None]:
        self._acting()
        return self.tx.savepoint()

    def _consenting(self, purpose: str, consent: Consent, hamlet: int | None) -> int:
        """The person behind this phone, who has just agreed that the number is kept."""
        person = people.ensure(
            self.tx, commune_id=self.commune_id, phone=self.phone, now=self.now, origin="self", hamlet_id=hamlet
        )
        stops.agreed_anew(self.tx, privacy.who(self.privacy_key, self.phone), self.now)
        people.agreed(
            self.tx,
            person_id=person,
            purpose=purpose,
            prompt=consent.prompt,
            channel=self.channel,
            answer=consent.answer,
            now=self.now,
        )
        return person

    def _post(self, kind: Kind, booking: int, revision: int) -> None:
        outbox.post(
            self.tx,
            kind=kind,
            commune_id=self.commune_id,
            phone=self.phone,
            now=self.now,
            booking_id=booking,
            revision=revision,
            once=f"{kind}:{booking}:r{revision}",
        )

    def _this(self, booking: int) -> Booking:
        row = self.tx.one(_THIS, phone=self.phone, booking_id=booking)
        if row is None:
            raise NoSuchBooking
        return _booking(row)


def _booking(row: Row) -> Booking:
    return Booking(row.id, row.code, from_ms(row.starts_at), row.hall, row.revision, row.slot_id)
