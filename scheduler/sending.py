"""Claim, send, record: each text is looked at again just before it goes; no transaction is open while it does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from db import installation, outbox, privacy
from db.desk import DbDesk
from db.engine import Database, Row, Tx, from_ms, to_ms
from gateway.transports import sender as carrier_sender
from gateway.transports.base import Final, Outbound, Refused, Sender, SendError
from menus import notices, words
from menus.booking import BRING
from menus.days import at_local, local, today
from menus.desk import Commune
from menus.fitting import cost, is_gsm, on_wire, price
from menus.numbers import masked, network
from settings import Settings

log = logging.getLogger(__name__)

BATCH = 50
DAY_BEGINS, DAY_ENDS = 7, 21  # our courtesy: notices and reminders keep these hours of the commune's clock
URGENT_BEGINS, URGENT_MS = "05:30", 3 * 3_600_000  # an event that fails within three hours is told from half past five
SIMULATED_RATE = 1_000

BARRED_BY = {
    "reply": frozenset[str](),
    "notice": frozenset({"all", "erased"}),
    "reminder": frozenset({"all", "erased"}),
    "advert": frozenset({"advert", "all", "erased", "dnc"}),
}
GONE = {"cancelled": "cancelled", "attended": "already came", "missed": "already past"}


class Pace:
    """At most so many a second, for one sender."""

    def __init__(self, rate: int) -> None:
        self._gap, self._next = 1 / max(rate, 1), 0.0

    def wait(self) -> None:
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(self._next, now) + self._gap


class Skip(Exception):
    """Do not send; the message says why, for staff."""


class Later(Exception):
    """Not at this hour: due again at `moment`, UTC ms."""

    def __init__(self, moment: int) -> None:
        super().__init__("quiet hours")
        self.moment = moment


class Sending:
    """The way out for one clock process."""

    def __init__(
        self, db: Database, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db, self._settings, self._clock = db, settings, clock
        self._senders: dict[str, Sender] = {}
        self._paces: dict[str, Pace] = {}

    def until_empty(self) -> str:
        """Send what is due until nothing is. Says what became of it."""
        done: dict[str, int] = {}
        names = self._ways_out()
        if not names:
            return "sending is off"
        while batch := self._db.again(lambda tx: outbox.claim(tx, now=self._now(), most=BATCH)):
            for message in batch:
                outcome = self._one(message, names)
                done[outcome] = done.get(outcome, 0) + 1
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.items())) or "nothing due"

    def _ways_out(self) -> Sequence[str]:
        """Where texts may go: a demo's only to the simulator, a live one's as SENDING says, an empty one's nowhere."""
        with self._db.connection() as tx:
            kind = installation.kind(tx)
        if kind == "demo":
            return ("simulator",)
        if kind == "empty" or self._settings.sending == "off":
            return ()
        return tuple(name for name in self._settings.sms_senders if name != "simulator")

    def _one(self, message: Row, names: Sequence[str]) -> str:
        name = names[(message.tries - 1) % len(names)]  # a refused text may go another way the next time
        outbound = self._db.again(lambda tx: self._prepare(tx, message, name))
        if isinstance(outbound, str):
            return outbound
        sender = self._sender(name)
        self._paces[name].wait()
        try:
            provider_id = sender.send(outbound)
        except SendError as problem:
            return self._record_problem(message, sender, problem)
        except Exception as problem:  # a fault of ours or the library's: nobody knows whether it went
            log.exception("sending %s to %s by %s", message.id, masked(message.phone), name)
            return self._record_problem(message, sender, problem)
        now = self._now()
        self._db.again(lambda tx: outbox.record_sent(tx, message.id, sender=name, provider_id=provider_id, now=now))
        return "sent"

    def _prepare(self, tx: Tx, message: Row, name: str) -> Outbound | str:
        """The text in the words of this moment, marked SENDING; or what was done instead of sending."""
        now = self._now()
        try:
            said, marks = self._words(tx, message, now)
        except Skip as why:
            outbox.record_skipped(tx, message.id, reason=str(why), now=now)
            return "skipped"
        except Later as later:
            outbox.put_back(tx, message.id, not_before=later.moment, reason="quiet hours")
            return "put off"
        wire = on_wire(said, marks)
        size = cost(wire)
        paid = price(self._settings.sms_prices, network(message.phone), message.text_class, size.parts)
        ours = outbox.record_sending(
            tx, message.id, sender=name, text=wire, cost=size, price=paid, words=words.VERSION, now=now
        )
        return Outbound(message.id, message.phone, wire, not is_gsm(wire)) if ours else "overtaken"

    def _words(self, tx: Tx, message: Row, now: int) -> tuple[str, bool]:
        """Look at the booking again, as it is now. Raises Skip, Later."""
        if message.not_after is not None and now > message.not_after:
            raise Skip("too late")
        if not message.phone:
            raise Skip("erased")
        on_trial = self._settings.sending == "trial" and installation.kind(tx) == "live"
        if on_trial and message.phone not in self._settings.trial_numbers:
            raise Skip("trial: not a trial number")
        stops = outbox.stops(tx, privacy.who(self._settings.privacy_key, message.phone))
        if stops & BARRED_BY[message.text_class]:
            raise Skip("opted out")
        booking = outbox.subject(tx, message.booking_id)
        if booking is None:
            raise Skip("no such booking")
        if message.kind in notices.STANDING:
            if booking.status != "booked":
                raise Skip(GONE.get(booking.status, booking.status))
            if booking.revision != message.revision:
                raise Skip("moved")
        self._keep_hours(message, booking.starts_at, now)
        commune, bring = self._surroundings(tx, message, booking.language)
        said = notices.text(
            message.kind,
            booking.language,
            commune=commune.name,
            number=commune.sms_number,
            starts=from_ms(booking.starts_at),
            hall=booking.hall,
            code=booking.code,
            bring=bring,
        )
        return said, bool(booking.marks)

    @staticmethod
    def _keep_hours(message: Row, starts_at: int, now: int) -> None:
        """Raises Later outside the hours of courtesy. A reply goes at any hour."""
        if message.text_class == "reply":
            return
        here = local(from_ms(now))
        if DAY_BEGINS <= here.hour < DAY_ENDS:
            return
        urgent = message.kind in ("event_cancelled", "event_moved") and 0 < starts_at - now <= URGENT_MS
        if urgent and now >= to_ms(at_local(here.date(), URGENT_BEGINS)):
            return
        morning = here.date() if here.hour < DAY_BEGINS else here.date() + timedelta(days=1)
        raise Later(to_ms(at_local(morning, f"{DAY_BEGINS:02}:00")))

    def _surroundings(self, tx: Tx, message: Row, language: str) -> tuple[Commune, str]:
        """What the commune is called today, and what its scheme asks to bring."""
        moment = from_ms(self._now())
        desk = DbDesk(
            tx,
            commune_id=message.commune_id,
            phone=message.phone,
            channel="sms",
            now=moment,
            privacy_key="",
            acting=lambda: None,
        )
        scheme = desk.scheme()
        bring: Mapping[str, str] = scheme.bring if scheme and scheme.closes >= today(moment) else BRING
        return desk.commune(), bring[language]

    def _record_problem(self, message: Row, sender: Sender, problem: Exception) -> str:
        now, outcome, detail = self._now(), type(problem).__name__, str(problem)
        name = sender.name
        if isinstance(problem, Refused) or (sender.repeat_is_safe and not isinstance(problem, Final)):
            self._db.again(
                lambda tx: outbox.record_refused(
                    tx, message.id, sender=name, tries=message.tries, now=now, outcome=outcome, detail=detail
                )
            )
            return "to be tried again"
        if isinstance(problem, Final):
            self._db.again(
                lambda tx: outbox.record_failed(tx, message.id, sender=name, now=now, outcome=outcome, detail=detail)
            )
            return "failed"
        self._db.again(lambda tx: outbox.record_lost(tx, message.id, sender=name, now=now, detail=detail))
        return "lost"

    def _sender(self, name: str) -> Sender:
        if name not in self._senders:
            self._senders[name] = carrier_sender(name, self._settings)
            self._paces[name] = Pace(SIMULATED_RATE if name == "simulator" else self._settings.sms_rate)
        return self._senders[name]

    def _now(self) -> int:
        return to_ms(self._clock())
