"""DbPort: the menus' port over the database; all that one turn looks at and does, for
one phone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from db import sessions
from db.calendar import occasions
from db.models.states import Ground, LogAnswer, RequestKind
from db.notices import also_told
from db.notices import logged as of_the_log
from db.places import communes, information, schemes
from db.progress import counting, own
from db.register import (
    facts,
    identity,
    kept_of_them,
    people,
    ratings,
    residents,
    schools,
)
from db.requests import asked, opinions
from db.seats import appointments, bookings, free_slots, guests, holds, parties, waiting
from db.seats.appointments import Appointment
from db.seats.bookings import Revised, Taken
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query, Scalar
from db.texts import adverts, outbox, stops, wishes
from menus.core import Channel
from menus.days import today
from menus.notices import Kind
from menus.port import (
    HOLDER,
    OF_OTHERS,
    SHOWN_AFTER,
    TAKE_BACK_WITHIN,
    Adverts,
    AdvertsAsked,
    Asking,
    Booking,
    Commune,
    Consent,
    Event,
    EventKind,
    Guest,
    Hamlet,
    Handset,
    Hold,
    KeptDetail,
    Known,
    LastText,
    Logged,
    LoggedWork,
    NoSuchBooking,
    NoSuchRequest,
    NothingAsked,
    Occasion,
    Opinion,
    Others,
    Request,
    Said,
    Scheme,
    School,
    Slot,
    Stop,
    Wait,
)
from menus.topics import Topic

HOUR_MS = 3_600_000
ADVICE_KEPT_MS = 24 * HOUR_MS  # advice that could not go by then is no answer any more


class _Sent(NamedTuple):
    """The last text to a phone."""

    kind: str
    left_at: int  # UTC ms
    code: str  # of the booking that it spoke of; empty where there is none


_LAST = """
    SELECT m.kind, COALESCE(m.sent_at, m.made_at) AS left_at, COALESCE(b.code, '') AS code
    FROM messages m
    LEFT JOIN bookings b ON b.id = m.booking_id
    WHERE m.phone = :phone AND m.direction = 'out' AND m.status IN ('SENT', 'DELIVERED') {also}
    ORDER BY m.made_at DESC, m.id DESC
    LIMIT 1
"""
_LAST_TEXT = Query(text(_LAST.format(also="")), _Sent)
_LAST_BUT_ANSWERS = Query(text(_LAST.format(also="AND m.kind <> 'reply'")), _Sent)
_TOLD_LATELY = Scalar(
    text("""
    SELECT 1
    FROM messages
    WHERE phone = :phone AND direction = 'out' AND kind = :kind AND made_at > :since
    LIMIT 1
    """),
    int,
)


class DbPort:
    """One phone's view of the world at one moment. `acting` opens one act: whole, or as
    if not tried.
    """

    def __init__(
        self,
        tx: Tx,
        *,
        commune_id: int,
        phone: str,
        channel: Channel,
        now: datetime,
        privacy_key: str,
        acting: Callable[[], AbstractContextManager[None]],
        hold_minutes: int = holds.HOLD_MINUTES,
        locale: people.Locale = people.UNASKED,
        heard: str = "",
        message_id: int | None = None,
    ) -> None:
        self.tx = tx
        self.commune_id = commune_id
        self.phone = phone
        self.channel = channel
        self.moment = now
        self.now = to_ms(now)
        self.privacy_key = privacy_key
        self._act = acting
        self._hold_minutes = hold_minutes
        self._heard = heard  # as it came; by SMS the text that brought it
        self._message_id = message_id
        # the line of a consent that a text is to confirm
        self._agreed: int | None = None
        self.wished = False  # is there anything for the answer to confirm?
        self._locale = locale  # what a phone that is new to us has spoken so far

    @property
    def today(self) -> str:
        return today(self.moment).isoformat()

    def commune(self) -> Commune:
        return communes.named(self.tx, self.commune_id, self.today)

    def hamlets(self) -> Sequence[Hamlet]:
        return communes.hamlets(self.tx, self.commune_id)

    def schools(self) -> Sequence[School]:
        rows = schools.offered(self.tx, self.commune_id, self.phone)
        return [School(row.id, row.name, bool(row.own)) for row in rows]

    def known(self) -> Known:
        return residents.known(self.tx, self.phone)

    def handset_of(self, tac: str) -> Handset:
        return residents.handset_of(self.tx, tac)

    def scheme(self) -> Scheme | None:
        return schemes.current(self.tx, self.commune_id, self.today, self.phone)

    def bring(self) -> Mapping[str, str] | None:
        return schemes.bring(self.tx, self.commune_id, self.today)

    def events(self, hamlet: int | None, every: bool = False) -> Sequence[Event]:
        most = free_slots.EVENTS_MOST if every else free_slots.EVENTS_SHOWN
        return free_slots.events(
            self.tx,
            commune_id=self.commune_id,
            hamlet_id=hamlet,
            today=self.today,
            now=self.now,
            most=most,
        )

    def occasions(self, hamlet: int) -> Sequence[Occasion]:
        return occasions.here(
            self.tx,
            commune_id=self.commune_id,
            hamlet_id=hamlet,
            today=self.today,
            now=self.now,
        )

    def occasion(self, event: int) -> Occasion | None:
        return occasions.one(self.tx, event, commune_id=self.commune_id, now=self.now)

    def next_held(self, kind: EventKind) -> Occasion | None:
        return occasions.next_held(
            self.tx, kind, commune_id=self.commune_id, today=self.today, now=self.now
        )

    def numbered(self, number: int) -> Occasion | None:
        return occasions.numbered(
            self.tx, number, commune_id=self.commune_id, today=self.today, now=self.now
        )

    def called_off(self, number: int) -> Occasion | None:
        return occasions.called_off(
            self.tx, number, commune_id=self.commune_id, today=self.today
        )

    def slots(self, event: int) -> Sequence[Slot]:
        return free_slots.slots(self.tx, event_id=event, phone=self.phone, now=self.now)

    def slot(self, slot: int) -> Slot | None:
        return free_slots.slot(self.tx, slot_id=slot, phone=self.phone, now=self.now)

    def last_text(self, *, but_answers: bool = False) -> LastText | None:
        query = _LAST_BUT_ANSWERS if but_answers else _LAST_TEXT
        last = self.tx.one(query, phone=self.phone)
        if last is None:
            return None
        return LastText(last.kind, from_ms(last.left_at), last.code)

    def bookings(self) -> Sequence[Booking]:
        return appointments.mine(self.tx, self.phone, self.now)

    def booking(self, code: str = "") -> Booking | None:
        found = appointments.mine(self.tx, self.phone, self.now, code)
        return found[0] if found else None

    def wait(self, code: str = "") -> Wait | None:
        return appointments.wait(self.tx, self.phone, self.now, code)

    def hold(self) -> Hold | None:
        call = sessions.read(self.tx, self.phone, "ussd").session
        return appointments.hold(self.tx, self.phone, self.now, call)

    def keep(self, slot: int, places: int = 1) -> Hold:
        with self._act():
            booker = self._holder(None)
            held = holds.hold(
                self.tx,
                slot_id=slot,
                booker_id=booker.id,
                places=places,
                now=self.now,
                origin=self.channel,
                minutes=self._hold_minutes,
            )
            return Hold(held.code, slot, places, from_ms(held.until))

    def let_go(self) -> None:
        with self._act():
            holds.release(self.tx, phone=self.phone, now=self.now)

    def book(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> str:
        with self._act():
            booker = self._told_of_themselves(said, consent)
            coming = self._people(party, booker)
            made = parties.book(
                self.tx,
                slot_id=slot,
                people=coming,
                booker_id=booker.id,
                now=self.now,
                origin=self.channel,
                past_goes=True,
            )
            if not _is_alone(party):
                self._tell_all_of("booked", made)
            return self._told("booked", made)

    def _told_of_themselves(self, said: Said, consent: Consent) -> people.Met:
        """The person behind this phone, who agreed to be told of a seat; with what they
        said on the way.
        """
        person = self._consenting("booking", consent, said.hamlet)
        self._note(person.id, "handset", said.handset)
        self._note(person.id, "imei", said.imei)
        if said.handset != "unknown":
            counting.handset_known(self.tx, person.id)
        return person

    def _note(self, person_id: int, kind: str, value: str) -> None:
        """Nothing where they said nothing of it."""
        if value not in ("", "unknown"):
            facts.note(self.tx, person_id, kind, "self", value, self.now)

    def _people(self, party: Sequence[Guest], booker: people.Met) -> list[int]:
        return guests.of_party(
            self.tx,
            party,
            commune_id=self.commune_id,
            booker_id=booker.id,
            hamlet_id=booker.hamlet_id,
            language=self._locale[0],
            now=self.now,
        )

    def move(self, booking: int, slot: int) -> str:
        with self._act():
            own = appointments.rows_of(self.tx, self.phone, booking)
            if len(own) > 1:
                moved = parties.move(
                    self.tx, booking_id=booking, slot_id=slot, now=self.now
                )
            else:
                is_guest = not own[0].booked_here
                moved = bookings.move(
                    self.tx,
                    booking_id=booking,
                    slot_id=slot,
                    now=self.now,
                    alone=is_guest,
                )
            self._tell_others("moved", own)
            return self._told("moved", moved)

    def cancel(self, booking: int) -> Booking:
        with self._act():
            own = appointments.rows_of(self.tx, self.phone, booking)
            first = own[0]
            for row in own:
                bookings.cancel(
                    self.tx, booking_id=row.id, now=self.now, ended_with=first.id
                )
            self._told("cancelled", first)
            self._tell_others("cancelled", own)
            return appointments.together(own)

    def take_back(self) -> str:
        with self._act():
            since = to_ms(self.moment - TAKE_BACK_WITHIN)
            made = parties.take_back(
                self.tx,
                phone=self.phone,
                since=since,
                now=self.now,
                origin=self.channel,
            )
            self._tell_all_of("booked", made)
            return made.code

    def wait_for(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> Wait:
        with self._act():
            me = self._told_of_themselves(said, consent)
            coming: Sequence[int] = ()
            if not _is_alone(party):
                coming = self._people(party, me)
            waiting.wait(
                self.tx,
                slot_id=slot,
                person_id=me.id,
                booker_id=me.id,
                now=self.now,
                origin=self.channel,
                people=coming,
            )
            joined = self.wait()
            assert joined is not None  # a statement ago
            return joined

    def accept(self, wait: int) -> str:
        with self._act():
            self._waits(wait)
            made = waiting.accept(self.tx, wait_id=wait, now=self.now)
            is_new = made.revision == 1
            news: Kind = "booked" if is_new else "moved"
            self._tell_all_of(news, made)
            return self._told("booked", made)

    def leave(self, wait: int) -> None:
        with self._act():
            self._waits(wait)
            waiting.leave(self.tx, wait_id=wait, now=self.now)

    def coming(self, booking: int, consent: Consent) -> None:
        with self._act():
            own = appointments.rows_of(self.tx, self.phone, booking)
            for row in own:
                bookings.coming(self.tx, booking_id=row.id, now=self.now)
            is_guest = not own[0].booked_here
            if is_guest:
                self._consenting("booking", consent, None)

    def may_move(self, booking: int, agreed: bool) -> None:
        with self._act():
            own = appointments.rows_of(self.tx, self.phone, booking)
            for row in own:
                bookings.may_move(self.tx, booking_id=row.id, agreed=agreed)

    # What they ask for and say

    def requests(self) -> Sequence[Request]:
        rows = asked.shown(self.tx, self.phone, self._shown_since())
        return [_request(row) for row in rows]

    def opinions(self) -> Sequence[Opinion]:
        rows = opinions.shown(self.tx, self.phone, self._shown_since())
        return [_opinion(row) for row in rows]

    def logged(self) -> Sequence[Logged]:
        return own.logged(self.tx, self.phone)

    def logged_asked(self) -> Logged | None:
        return of_the_log.asked(self.tx, self.phone)

    def confirm_logged(self) -> None:
        with self._act():
            self._answer_logged(LogAnswer.RIGHT)

    def deny_logged(
        self, words: str, consent: Consent, works: Sequence[LoggedWork] = ()
    ) -> int:
        with self._act():
            about = of_the_log.asked(self.tx, self.phone)
            self._answer_logged(LogAnswer.WRONG, works)
            if about is None or not about.done:
                return 0
            person = self._consenting("callback", consent, None)
            call = asked.Wanted(
                RequestKind.CALL_ME,
                person.id,
                person.hamlet_id,
                words=words,
                channel=self.channel,
            )
            made = asked.ask(self.tx, call, commune_id=self.commune_id, now=self.now)
            return made.number

    def _answer_logged(self, said: LogAnswer, works: Sequence[LoggedWork] = ()) -> None:
        """Raises NothingAsked."""
        was_asked = of_the_log.answer(
            self.tx,
            self.phone,
            said,
            now=self.now,
            said_id=self._message_id,
            works=works,
        )
        if not was_asked:
            raise NothingAsked

    def kept_of_them(self) -> Sequence[KeptDetail]:
        return kept_of_them.of(self.tx, self.phone)

    def _shown_since(self) -> int:
        """UTC ms: what ended before is not shown any more."""
        return to_ms(self.moment - SHOWN_AFTER)

    def ask(self, asking: Asking, hamlet: int | None, consent: Consent) -> int:
        with self._act():
            person = self._asks(asking, hamlet, consent)
            place = asking.place or hamlet or person.hamlet_id
            wanted = asked.Wanted(
                RequestKind(asking.kind),
                person.id,
                place,
                words=asking.words,
                for_name=asking.name,
                ground=Ground(asking.ground),
                told=asking.told,
                channel=self.channel,
                school_id=asking.school,
            )
            made = asked.ask(self.tx, wanted, commune_id=self.commune_id, now=self.now)
            return made.number

    def _asks(self, asking: Asking, hamlet: int | None, consent: Consent) -> people.Met:
        """Who asks, and agrees that the number is kept for it. Whoever wants to be
        forgotten agrees to nothing.
        """
        if asking.kind == "erase":
            return self._holder(hamlet)
        to_the_operator = asking.told and asking.school is None
        purpose = "operator" if to_the_operator else "callback"
        return self._consenting(purpose, consent, hamlet)

    def withdraw(self, number: int) -> None:
        with self._act():
            was_open = asked.withdraw(self.tx, number, phone=self.phone, now=self.now)
            if not was_open:
                raise NoSuchRequest

    def for_commune_alone(self, others: Others, consent: Consent) -> Sequence[int]:
        with self._act():
            heard = self._wish()
            kinds = OF_OTHERS[others]
            numbers = asked.for_commune_alone(
                self.tx, kinds, phone=self.phone, now=self.now
            )
            if others == "operator":
                self._end_consent("operator", heard)
            if numbers:
                self._keep_for_commune(heard, consent)
            return numbers

    def _end_consent(self, purpose: str, heard: wishes.Heard) -> None:
        who = self._who()
        wishes.withdraw(self.tx, who, heard.person_id, purpose, self.now)

    def _keep_for_commune(self, heard: wishes.Heard, consent: Consent) -> None:
        """No wish for texts: a refusal of all stands."""
        assert heard.person_id is not None  # who asked is known
        wishes.agreed(
            self.tx,
            who=self._who(),
            person_id=heard.person_id,
            purpose="callback",
            prompt=consent.prompt,
            channel=self.channel,
            answer=consent.answer,
            now=self.now,
            message_id=self._message_id,
        )

    def take_back_opinion(self, number: int) -> None:
        with self._act():
            is_back = opinions.take_back(
                self.tx, number, phone=self.phone, now=self.now
            )
            if not is_back:
                raise NoSuchRequest

    def opine(self, words: str) -> int:
        with self._act():
            person = self._holder(None)
            said = opinions.Said(
                words, person.id, person.hamlet_id, channel=self.channel
            )
            return opinions.keep(
                self.tx, said, commune_id=self.commune_id, now=self.now
            )

    # What is asked about

    def fact(self, topic: Topic) -> Mapping[str, str] | None:
        return information.said(self.tx, self.commune_id, topic, self.today)

    def asked_about(self, topic: Topic) -> None:
        with self._act():
            information.asked(self.tx, self.commune_id, topic, self.today)

    # After the visit

    def rate(self, score: int) -> bool:
        with self._act():
            return ratings.keep(self.tx, phone=self.phone, score=score, now=self.now)

    def tell(self, kind: Kind) -> None:
        with self._act():
            since = self.now - HOUR_MS
            told_lately = self.tx.value(
                _TOLD_LATELY, phone=self.phone, kind=kind, since=since
            )
            if told_lately is None:
                self._post(kind, not_after=self.now + ADVICE_KEPT_MS)

    # What the phone wishes

    def prefer(self, language: str, marks: bool) -> None:
        self._locale = language, marks
        with self._act():
            people.prefer(self.tx, self.phone, language, marks)

    def stop(self, what: Stop) -> bool:
        with self._act():
            heard = self._wish()
            return stops.refuse(self.tx, self._who(), what, self.now, heard)

    def resume_texts(self) -> bool:
        with self._act():
            who = self._who()
            heard = self._wish()
            stops.take_back(self.tx, who, self.now, heard)
            return wishes.withdrew_adverts(self.tx, who, heard.person_id)

    def asked_for_adverts(self) -> AdvertsAsked | None:
        return adverts.question(self.tx, self._who(), self.phone, self.now)

    def agree_to_adverts(self, consent: Consent) -> Adverts:
        with self._act():
            who = self._who()
            hindered = adverts.hindered(self.tx, who)
            if hindered:
                return hindered
            person = self._holder(None)
            heard = self._wish()
            line = adverts.agree(
                self.tx,
                who,
                person_id=person.id,
                prompt=consent.prompt,
                heard=heard,
                now=self.now,
            )
            if line is None:
                return "before"
            if self.channel == "ussd":
                posted = self._post("advert_agreed")
                wishes.confirmed(self.tx, line, posted, self.now)
            return "agreed"

    def _post(self, kind: Kind, not_after: int | None = None) -> int | None:
        """A text to this phone: the id of it."""
        return outbox.post(
            self.tx,
            kind=kind,
            commune_id=self.commune_id,
            phone=self.phone,
            now=self.now,
            not_after=not_after,
        )

    def _who(self) -> str:
        return identity.who(self.privacy_key, self.phone)

    def _wish(self) -> wishes.Heard:
        """How this turn's wish reached us."""
        self.wished = True
        person_id = None
        person = people.by_phone(self.tx, self.phone)
        if person is not None:
            person_id = person.id
        return wishes.Heard(self.channel, self._heard, person_id, self._message_id)

    def _holder(self, hamlet: int | None) -> people.Met:
        """The person behind this phone. Without a consent they are forgotten after a
        day (db/privacy/retention.py).
        """
        return people.ensure(
            self.tx,
            commune_id=self.commune_id,
            phone=self.phone,
            now=self.now,
            origin="self",
            hamlet_id=hamlet,
            locale=self._locale,
        )

    def _consenting(
        self, purpose: str, consent: Consent, hamlet: int | None
    ) -> people.Met:
        """The person behind this phone, who has just agreed that the number is kept."""
        person = self._holder(hamlet)
        who = self._who()
        heard = wishes.Heard(self.channel, consent.answer, person.id, self._message_id)
        stops.agreed_anew(self.tx, who, self.now, heard)
        self.wished = True
        self._agreed = wishes.agreed(
            self.tx,
            who=who,
            person_id=person.id,
            purpose=purpose,
            prompt=consent.prompt,
            channel=self.channel,
            answer=consent.answer,
            now=self.now,
            message_id=self._message_id,
        )
        return person

    def _told(self, kind: Kind, row: Taken | Appointment) -> str:
        """The code of a booking that was just made, moved or cancelled; by SMS the
        answer itself tells of it, by USSD a text is queued.
        """
        if self.channel == "ussd":
            posted = outbox.post(
                self.tx,
                kind=kind,
                commune_id=self.commune_id,
                phone=self.phone,
                now=self.now,
                booking_id=row.id,
                revision=row.revision,
                once=f"{kind}:{row.id}:r{row.revision}",
            )
            if self._agreed is not None and posted is not None:
                wishes.confirmed(self.tx, self._agreed, posted, self.now)
                self._agreed = None
        return row.code

    def _tell_all_of(self, kind: Kind, made: Taken) -> None:
        """The others who come together on this booking."""
        together = parties.standing(self.tx, made.id)
        self._tell_others(kind, together)

    def _waits(self, wait: int) -> None:
        """Raises NoSuchBooking when it is not this phone's."""
        mine = self.wait()
        if mine is None or mine.id != wait:
            raise NoSuchBooking

    def _tell_others(self, kind: Kind, rows: Sequence[Revised | Appointment]) -> None:
        """Those who come with it, and who booked it, as far as they take texts from us."""
        ids = [row.id for row in rows]
        also_told.tell(
            self.tx, kind, ids, but=self.phone, commune_id=self.commune_id, now=self.now
        )


def _is_alone(party: Sequence[Guest]) -> bool:
    """Nobody but the phone's holder comes."""
    return tuple(party) == (HOLDER,)


def _opinion(row: opinions.Shown) -> Opinion:
    answered = from_ms(row.answered_at) if row.answered_at else None
    return Opinion(row.number, from_ms(row.made_at), answered, row.answer)


def _request(row: asked.Shown) -> Request:
    ended = from_ms(row.ended_at) if row.ended_at else None
    is_done = row.state == "done"
    return Request(
        row.number,
        row.kind,
        from_ms(row.made_at),
        bool(row.taken),
        bool(row.tried),
        row.for_name,
        row.hamlet_id,
        ended=ended,
        done=is_done,
        answer=row.answer,
        told=bool(row.told),
        reopened=bool(row.reopened),
    )
