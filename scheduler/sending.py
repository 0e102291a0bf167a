"""Claim, send, record: each text is looked at again just before it goes; no transaction is open while it does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from db.engine import Database, Tx, to_ms
from db.statements import Row
from db.texts import outbox
from gateway.transports.base import Final, Outbound, Refused, SendError, Uncertain
from menus import words
from menus.fitting import cost, is_gsm, on_wire, price
from menus.numbers import masked, network
from scheduler import wording
from scheduler.ways import Ways
from settings import Settings

log = logging.getLogger(__name__)

BATCH = 50


class Sending:
    """The way out for one clock process."""

    def __init__(
        self, db: Database, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db, self._settings, self._clock = db, settings, clock
        self._ways = Ways(db, settings)

    def until_empty(self) -> str:
        """Send what is due until nothing is. Says what became of it."""
        done: dict[str, int] = {}
        names = self._ways.names()
        if not names:
            return "sending is off"
        while not (down := self._ways.all_down(names, self._now())) and (batch := self._claim()):
            for message in batch:
                outcome = self._one(message, names)
                done[outcome] = done.get(outcome, 0) + 1
        nothing = "every sender is down" if down else "nothing due"
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.items())) or nothing

    def _claim(self) -> list[Row]:
        return self._db.again(lambda tx: outbox.claim(tx, now=self._now(), most=BATCH))

    def _one(self, message: Row, names: Sequence[str]) -> str:
        """Knock at one sender after the other until one takes it, or it is no longer sure that none did."""
        if not (names := self._may_carry(message, names)):
            return self._lost(message)
        name, tried_again = self._ways.well(names, self._now())
        if name is None:
            self._db.again(lambda tx: outbox.wait(tx, message.id, not_before=tried_again))
            return "waiting for a sender"
        first = name
        outbound = self._db.again(lambda tx: self._prepare(tx, message, first))
        while isinstance(outbound, Outbound):
            problem = self._knock(name, outbound)
            if problem is None:
                return "sent"
            names = names[names.index(name) + 1 :]
            following = self._ways.well(names, self._now())[0] if isinstance(problem, Refused) else None
            if following is None:
                return self._record_problem(message, name, problem)
            if not self._hand_on(message, name, following, problem):
                return "overtaken"
            name = following
        return outbound

    def _may_carry(self, message: Row, names: Sequence[str]) -> Sequence[str]:
        """All of them; but what may have gone by one that tells repeats is only ever repeated there."""
        if message.tries == 1:
            return names
        with self._db.connection() as tx:
            last = outbox.last_attempt(tx, message.id)
        if last is None or last.outcome != Uncertain.__name__:
            return names
        return [name for name in names if name == last.sender]

    def _lost(self, message: Row) -> str:
        """The sender that may have it is no longer in SMS_SENDERS: nobody can ask it, and nobody guesses."""
        now, gone = self._now(), "the sender that may have sent it is switched off"
        self._db.again(lambda tx: outbox.record_lost(tx, message.id, sender="", now=now, detail=gone))
        return "lost"

    def _knock(self, name: str, outbound: Outbound) -> SendError | None:
        """One call of one sender, recorded when it took the text; else what went wrong."""
        try:
            provider_id = self._ways.send(name, outbound)
        except SendError as problem:
            return problem
        except Exception as problem:  # a fault of ours or the library's: nobody knows whether it went
            log.exception("sending %s to %s by %s", outbound.id, masked(outbound.to), name)
            return Uncertain(type(problem).__name__)
        now = self._now()

        def record(tx: Tx) -> None:
            outbox.record_sent(tx, outbound.id, sender=name, provider_id=provider_id, now=now)
            self._ways.note(tx, name, None, now)

        self._db.again(record)
        return None

    def _hand_on(self, message: Row, name: str, to: str, problem: SendError) -> bool:
        now, outcome, detail = self._now(), type(problem).__name__, str(problem)

        def record(tx: Tx) -> bool:
            self._ways.note(tx, name, problem, now)
            return outbox.hand_on(tx, message.id, sender=name, to=to, now=now, outcome=outcome, detail=detail)

        return self._db.again(record)

    def _prepare(self, tx: Tx, message: Row, name: str) -> Outbound | str:
        """The text in the words of this moment, marked SENDING; or what was done instead of sending."""
        now = self._now()
        try:
            said, marks = wording.said(tx, message, self._settings, now)
        except wording.Skip as why:
            outbox.record_skipped(tx, message.id, reason=str(why), now=now)
            return "skipped"
        except wording.Later as later:
            outbox.put_back(tx, message.id, not_before=later.moment, reason="quiet hours")
            return "put off"
        wire = on_wire(said, marks)
        size = cost(wire)
        paid = price(self._settings.sms_prices, network(message.phone), message.text_class, size.parts)
        ours = outbox.record_sending(
            tx, message.id, sender=name, text=wire, cost=size, price=paid, words=words.VERSION, now=now
        )
        if not ours:
            return "overtaken"
        return Outbound(message.id, message.phone, wire, not is_gsm(wire), message.text_class == "advert")

    def _record_problem(self, message: Row, name: str, problem: SendError) -> str:
        now, outcome, detail = self._now(), type(problem).__name__, str(problem)
        again = isinstance(problem, Refused) or (isinstance(problem, Uncertain) and self._ways.repeat_is_safe(name))

        def record(tx: Tx) -> str:
            self._ways.note(tx, name, problem, now)
            if again:
                tries = message.tries
                outbox.record_refused(tx, message.id, sender=name, tries=tries, now=now, outcome=outcome, detail=detail)
                return "to be tried again"
            if isinstance(problem, Final):
                outbox.record_failed(tx, message.id, sender=name, now=now, outcome=outcome, detail=detail)
                return "failed"
            outbox.record_lost(tx, message.id, sender=name, now=now, detail=detail)
            return "lost"

        return self._db.again(record)

    def _now(self) -> int:
        return to_ms(self._clock())
