"""What happens between a request and its answer: session, menus, and one commit that
holds all of it, or nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from db import sessions
from db.broadcasts import answers
from db.broadcasts.answers import Answered
from db.places.communes import Communes
from db.port import DbPort
from db.register import identity
from db.sessions import Kept
from db.store.engine import Database, Overtaken, Tx, to_ms
from db.texts import inbox, stops, wishes
from gateway.transports.base import Inbound, Reply
from menus import MENU, broadcast, hearing, words
from menus.core import SMS_SESSION, Screen, Session, forgotten
from menus.fitting import on_wire
from menus.numbers import masked
from settings import Settings

log = logging.getLogger(__name__)

TRIES = 5
# What of it stands already makes a refusal nothing new.
_ENOUGH: dict[str, set[str]] = {
    "STOP_ADVERTS": {"advert", "all"},
    "STOP_REMINDERS": {"remind", "all"},
    "STOP_ALL": {"all"},
}


class Conversation:
    """Hears one Inbound at a time and answers it; safe to share between threads."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._privacy_key = settings.privacy_key
        self._prices = settings.sms_prices
        self._hold_minutes = settings.hold_minutes
        self._commune_of = Communes()
        self._one_at_a_time = one_at_a_time(db)

    def hear(self, inbound: Inbound, phone: str, now: datetime) -> Reply:
        """The answer to one request; the same request again gets the same answer and
        has no second effect.

        `phone` is E.164, `now` aware UTC. Never raises: what goes wrong is logged, and
        the resident asked to try again.
        """
        try:
            return self._turn_or_replay(inbound, phone, now)
        except Overtaken:
            log.error(
                "overtaken %d times: %s %s", TRIES, inbound.carrier, masked(phone)
            )
        except Exception:
            log.exception("a turn failed: %s %s", inbound.carrier, masked(phone))
            if not inbound.session:
                self._keep_unread(inbound, phone, now)
        apology = words.say(words.VIETNAMESE, "apology")
        return Reply(on_wire(apology, False))

    def _turn_or_replay(self, inbound: Inbound, phone: str, now: datetime) -> Reply:
        """Where somebody answered first, read again, and replay. Raises Overtaken at
        the last try.
        """
        for _ in range(TRIES - 1):
            try:
                return self._turn(inbound, phone, now)
            except Overtaken:
                continue
        return self._turn(inbound, phone, now)

    def _turn(self, inbound: Inbound, phone: str, now: datetime) -> Reply:
        """Raises Overtaken."""
        with self._one_at_a_time, self._db.connection() as tx:
            if not inbound.session:
                return self._text(tx, inbound, phone, now)
            if inbound.event == "ended":
                # the carrier says the call is over: the session waits to be picked up
                return Reply("")
            return self._call(tx, inbound, phone, now)

    def _keep_unread(self, inbound: Inbound, phone: str, now: datetime) -> None:
        """A text whose turn failed is not lost: staff find it, not understood; a repeat
        of it is heard anew.
        """
        try:
            with self._db.transaction() as tx:
                commune_id = self._commune_of(tx, inbound.service)
                message = inbox.received(
                    tx,
                    commune_id=commune_id,
                    phone=phone,
                    carrier=inbound.carrier,
                    carrier_id=f"{inbound.id}:failed",  # so that a repeat is heard anew
                    text=inbound.text,
                    now=now,
                )
                if message is not None:
                    inbox.not_understood(tx, message)
        except Exception:
            log.exception(
                "nor could its text be kept: %s %s", inbound.carrier, masked(phone)
            )

    def _call(self, tx: Tx, inbound: Inbound, phone: str, now: datetime) -> Reply:
        """One hop of a USSD call."""
        kept = sessions.read(tx, phone, "ussd")
        before = kept.answered(inbound.id)
        if before is not None:
            return Reply(before.text, before.ends)
        # a carrier that says so may use numbers again
        dials = inbound.event == "open" and not inbound.cumulative
        if not dials and inbound.session == kept.call:
            return self._next_key(tx, kept, inbound, now)
        if not dials and kept.was_in_call(inbound.session):
            closed = words.say(kept.session.language, "closed_session")
            return Reply(on_wire(closed, False))
        keys = _keys_dialled(inbound)
        return self._go_on(tx, kept, keys, inbound, now)

    def _next_key(self, tx: Tx, kept: Kept, inbound: Inbound, now: datetime) -> Reply:
        """One hop of the call that goes on."""
        if kept.service:
            # A call stays in the commune it was opened with: not every carrier names
            # the code again with each key.
            inbound = inbound.replace(service=kept.service)
        keys = _keys_since(kept.heard, inbound)
        if keys is None:
            # out of order, or not what this carrier ever sends: show where we are, do
            # nothing
            shown = kept.replays[-1]
            return Reply(shown.text, shown.ends)
        return self._go_on(tx, kept, keys, inbound, now)

    def _go_on(
        self,
        tx: Tx,
        kept: Kept,
        keys: list[str | None],
        inbound: Inbound,
        now: datetime,
    ) -> Reply:
        """Where these keys lead in a call; the session goes on from there."""
        is_dialled_ahead = len(keys) > 1
        if is_dialled_ahead:
            # the resident knows the way: no "welcome back" in between
            kept = kept.replace(session=forgotten(kept.session))
        played = self._play(tx, kept, keys, inbound, now)
        if played.wished:
            who = identity.who(self._privacy_key, played.session.phone)
            wishes.confirmed_on_screen(tx, who, to_ms(now))
        screen = played.screen
        kept = played.kept.after(
            played.session, inbound.session, inbound.text, inbound.id, screen
        )
        kept = kept.replace(service=inbound.service)
        sessions.save(tx, kept, now)
        tx.commit()
        return Reply(screen.text, screen.ends)

    def _play(
        self,
        tx: Tx,
        kept: Kept,
        keys: list[str | None],
        inbound: Inbound,
        now: datetime,
        message: int | None = None,
    ) -> _Played:
        """Feed the keys one by one. Keys dialled ahead stop before a screen that
        promises: nobody has read it.

        `message` is the text, kept already, that says them.
        """
        acting = _Acting(tx, kept, now)
        session = kept.session
        if session.budget != inbound.budget:
            session = session.replace(budget=inbound.budget)
        port = DbPort(
            tx,
            commune_id=self._commune_of(tx, inbound.service),
            phone=session.phone,
            channel=session.channel,
            now=now,
            privacy_key=self._privacy_key,
            acting=acting,
            hold_minutes=self._hold_minutes,
            locale=(session.language, session.marks),
            heard=keys[-1] or "",
            message_id=message,
        )
        session, screen = _fed(session, keys, port, now)
        return _Played(session, screen, acting.kept, port.wished)

    def _text(self, tx: Tx, inbound: Inbound, phone: str, now: datetime) -> Reply:
        """One SMS: stored, answered and its answer recorded in one transaction; its row
        is the dedupe.

        Of a flood the first in each window is kept for staff and told to wait, the
        others are not kept; a refusal of texts is heard, until it stands.
        """
        beyond = inbox.beyond(tx, phone, now)
        is_heard = not beyond or self._refuses_anew(tx, inbound.text, phone)
        if beyond > 1 and not is_heard:
            return _unkept(tx, inbound, phone)
        tx.begin()
        commune_id = self._commune_of(tx, inbound.service)
        message = inbox.received(
            tx,
            commune_id=commune_id,
            phone=phone,
            carrier=inbound.carrier,
            carrier_id=inbound.id,
            text=inbound.text,
            now=now,
        )
        if message is None:
            return Reply(inbox.answer_to(tx, inbound.carrier, inbound.id))
        sms = _Sms(inbound, phone, now, commune_id, message)
        played = self._heard(tx, sms) if is_heard else self._told_to_wait(tx, sms)
        if not played.session.understood:
            inbox.not_understood(tx, message)
        answer = self._answered(tx, sms, played)
        tx.commit()
        return Reply(answer)

    def _answered(self, tx: Tx, sms: _Sms, played: _Played) -> str:
        """What goes back, recorded; empty where it would go round and round."""
        text = played.screen.text
        carrier = sms.inbound.carrier
        if inbox.goes_round(tx, sms.phone, text, sms.now):
            log.warning(
                "the same answer again and again, now silent: %s %s",
                carrier,
                masked(sms.phone),
            )
            return ""
        answer = inbox.answered(
            tx,
            reply_to=sms.message,
            commune_id=sms.commune_id,
            phone=sms.phone,
            carrier=carrier,
            text=text,
            prices=self._prices,
            now=sms.now,
        )
        if played.wished:
            wishes.confirmed_by_answer(tx, sms.message, answer, to_ms(sms.now))
        return text

    def _heard(self, tx: Tx, sms: _Sms) -> _Played:
        """What a text led to: as an answer to the last broadcast, where it is one; else
        by the menus.
        """
        now = sms.now
        tied = answers.tied(tx, sms.phone, to_ms(now))
        if tied is not None:
            answered = self._answers(tx, sms, tied)
            if answered is not None:
                return answered
        kept = sessions.read(tx, sms.phone, "sms")
        before = _awake(kept.session, now)
        kept = kept.replace(session=before)
        played = self._play(tx, kept, [sms.inbound.text], sms.inbound, now, sms.message)
        if tied is not None:
            played = self._about_a_broadcast(tx, sms, tied, before, played)
        kept = played.kept.replace(session=played.session)
        sessions.save(tx, kept, now)
        return played

    @staticmethod
    def _answers(tx: Tx, sms: _Sms, to: Answered) -> _Played | None:
        """A plain yes or no to a broadcast, which was the last thing we said: counted,
        and thanked for.

        None where it says something else, or where the resident has opened a list of
        their own since.
        """
        said = broadcast.answer(sms.inbound.text)
        if said not in ("yes", "no"):
            return None
        kept = sessions.read(tx, sms.phone, "sms")
        session = _awake(kept.session, sms.now)
        if _opened_since(session, to):
            return None
        answers.keep(tx, sms.message, to, said)
        # an older question is closed by a newer one
        closed = forgotten(session).replace(understood=True)
        kept_closed = kept.replace(session=closed)
        sessions.save(tx, kept_closed, sms.now)
        thanks = words.say(session.language, f"broadcast_{said}")
        screen = Screen(on_wire(thanks, session.marks), ends=True)
        return _Played(closed, screen, kept, False)

    @staticmethod
    def _about_a_broadcast(
        tx: Tx, sms: _Sms, to: Answered, before: Session, played: _Played
    ) -> _Played:
        """Whatever else is said to a broadcast is counted; a question is read by a
        person, also where the menus knew an answer to something like it, and what they
        could not read at all, too.

        What the menus ask back goes out. Where a promise goes out in its place, nothing
        stays open that nobody read.
        """
        session = played.session
        text = sms.inbound.text
        message = sms.message
        if hearing.refusal(text) or _asks_which_stop(session):
            answers.keep(tx, message, to, "stop")
            return played
        # of the menus' own, beside the broadcast
        asks_back = bool(_meant(session)) or _opened_since(before, to)
        is_question = broadcast.answer(text) == "question"
        if not is_question and (session.understood or asks_back):
            answers.keep(tx, message, to, "other")
            return played
        answers.keep(tx, message, to, "question")
        is_task = answers.ask(tx, to, text, to_ms(sms.now))
        if session.understood:
            return played
        # a task is read: on the list of texts it would be answered twice
        listed = session.replace(understood=is_task)
        if asks_back:
            return played._replace(session=listed)
        promise = words.say(session.language, "broadcast_question")
        screen = Screen(on_wire(promise, session.marks), ends=True)
        closed = forgotten(listed).replace(at=sms.now)
        return played._replace(session=closed, screen=screen)

    @staticmethod
    def _told_to_wait(tx: Tx, sms: _Sms) -> _Played:
        """A text of a flood: not heard, and what was open stays open."""
        kept = sessions.read(tx, sms.phone, "sms")
        awake = _awake(kept.session, sms.now)
        session = awake.replace(understood=False)
        wait = words.say(session.language, "flood")
        screen = Screen(on_wire(wait, session.marks))
        return _Played(session, screen, kept, False)

    def _refuses_anew(self, tx: Tx, text: str, phone: str) -> bool:
        """Does it ask for no more texts, and did this phone not before?"""
        word = hearing.refusal(text)
        if word is None:
            return False
        who = identity.who(self._privacy_key, phone)
        stands = stops.refused(tx, who)
        return not _ENOUGH[word] & stands


def one_at_a_time(db: Database) -> AbstractContextManager[object]:
    """What each turn holds while it lasts.

    With SQLite a turn computes or writes, and both are for one at a time. Side by side
    they only took the interpreter and the file from each other: a fifth more work, and
    the slowest of a hundred took twice as long.
    """
    return Lock() if db.is_sqlite else nullcontext()


class _Sms(NamedTuple):
    """A text on its way through a turn."""

    inbound: Inbound
    phone: str
    now: datetime
    commune_id: int
    message: int  # its row


class _Played(NamedTuple):
    """What a turn led to; `wished`: something was agreed to, refused or taken back in
    it, for the answer to confirm.
    """

    session: Session
    screen: Screen
    kept: Kept
    wished: bool


class _Acting:
    """Each act whole, or as if it had not been tried. The first of a turn is the turn's
    transaction itself, begun with the session's guard; where one is open already, an
    act is a savepoint in it.
    """

    def __init__(self, tx: Tx, kept: Kept, now: datetime) -> None:
        self.tx = tx
        self.kept = kept
        self.now = now
        self._unguarded = kept

    @contextmanager
    def __call__(self) -> Iterator[None]:
        opens = not self.tx.open
        if opens:
            self.tx.begin()
        if self.kept is self._unguarded:
            self.kept = sessions.guard(self.tx, self.kept, self.now)
        if not opens:
            with self.tx.savepoint():
                yield
            return
        try:
            yield
        except BaseException:
            self.tx.rollback()
            # the guard went with it: the next act, or the save, looks again
            self.kept = self._unguarded
            raise


def _unkept(tx: Tx, inbound: Inbound, phone: str) -> Reply:
    """To a text of a flood: nothing, unless it was answered before."""
    before = inbox.answer_to(tx, inbound.carrier, inbound.id)
    if not before:
        log.warning(
            "a flood of texts, neither kept nor answered: %s %s",
            inbound.carrier,
            masked(phone),
        )
    return Reply(before)


def _fed(
    session: Session, keys: list[str | None], port: DbPort, now: datetime
) -> tuple[Session, Screen]:
    """Where the keys lead, one by one, as far as they are taken."""
    screen = Screen("")
    last = len(keys) - 1
    for position, key in enumerate(keys):
        if position == 1 and key is not None:
            session, screen = MENU.dial(session, key, port, now)
        else:
            session, screen = MENU.turn(session, key, port, now)
        if screen.ends:
            break
        state = MENU.states.get(session.state)
        if position < last and state is not None and state.binding:
            break
    return session, screen


def _keys_dialled(inbound: Inbound) -> list[str | None]:
    """With what a call begins: None opens it, and the keys that were dialled ahead
    follow.
    """
    is_last_key = not inbound.cumulative and inbound.event != "open"
    if is_last_key or not inbound.text:
        return [None]
    return [None, *inbound.text.split("*")]


def _keys_since(heard: str, inbound: Inbound) -> list[str | None] | None:
    """What was typed since we last heard; None where it cannot be told."""
    text = inbound.text
    if not inbound.cumulative:
        return [text]
    if not text:
        return None
    if not heard:
        return [text]
    before = f"{heard}*"
    if not text.startswith(before):
        return None
    return [text.removeprefix(before)]


def _meant(session: Session) -> list[str]:
    """Between which requests the menus ask what was meant; empty where they ask no such
    thing.
    """
    if session.state != MENU.unclear.__name__:
        return []
    perhaps = session.answers.get("perhaps", "")
    if not perhaps:
        return []
    return perhaps.split(",")


def _asks_which_stop(session: Session) -> bool:
    """Do the menus ask what is to be stopped? `đừng gửi tin nữa` may be a refusal of
    all texts, or of one kind.
    """
    return "STOP_ALL" in _meant(session)


def _opened_since(session: Session, to: Answered) -> bool:
    """Has the resident opened a list of their own since this broadcast?"""
    if not session.offered or session.at is None:
        return False
    return to_ms(session.at) > to.sent_at


def _awake(session: Session, now: datetime) -> Session:
    """A conversation by SMS lives a day; after that the next text starts a new one."""
    if session.at is None or now - session.at > SMS_SESSION:
        return forgotten(session)
    return session
