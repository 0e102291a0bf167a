"""The ways out of one clock process: each sender at its pace, and none while its breaker is open."""

from __future__ import annotations

import time
from collections.abc import Sequence

from db import installation
from db.engine import Database, Tx
from db.texts import breakers
from gateway.transports import sender as carrier_sender
from gateway.transports.base import Outbound, Sender, Throttled, Uncertain, Unreachable
from settings import Settings

SIMULATED_RATE = 1_000
OF_THE_SENDER = (Unreachable, Throttled, Uncertain)  # what says something of the carrier, not of the text


class Pace:
    """At most so many a second, for one sender."""

    def __init__(self, rate: int) -> None:
        self._gap, self._next = 1 / max(rate, 1), 0.0

    def wait(self) -> None:
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(self._next, now) + self._gap


class Ways:
    """Senders by name, made when first used."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._senders: dict[str, Sender] = {}
        self._paces: dict[str, Pace] = {}

    def names(self) -> Sequence[str]:
        """Where texts may go: a demo's only to the simulator, a live one's as SENDING says, an empty one's nowhere."""
        with self._db.connection() as tx:
            kind = installation.kind(tx)
        if kind == "demo":
            return ("simulator",)
        if kind == "empty" or self._settings.sending == "off":
            return ()
        return tuple(name for name in self._settings.sms_senders if name != "simulator")

    def all_down(self, names: Sequence[str], now: int) -> bool:
        """Whether nothing is worth claiming: every breaker is open."""
        with self._db.connection() as tx:
            failing = breakers.failing(tx)
        return all(name in failing and (failing[name].open_until or 0) > now for name in names)

    def well(self, names: Sequence[str], now: int) -> tuple[str | None, int]:
        """The first of these that may be used now; or none, and when the next of them may be tried (UTC ms)."""
        opens: list[int] = []
        for name in names:
            at = self._db.again(lambda tx, name=name: breakers.closed_again_at(tx, name, now))  # type: ignore[misc]
            if at is None:
                return name, now
            opens.append(at)
        return None, min(opens, default=now)

    def send(self, name: str, outbound: Outbound) -> str | None:
        """Hand one text over, no faster than the sender's pace. Raises SendError."""
        sender = self._sender(name)
        self._paces[name].wait()
        return sender.send(outbound)

    def repeat_is_safe(self, name: str) -> bool:
        return self._sender(name).repeat_is_safe

    @staticmethod
    def note(tx: Tx, name: str, problem: Exception | None, now: int) -> None:
        """Count for or against the sender, in the transaction that records the attempt."""
        if isinstance(problem, OF_THE_SENDER):
            breakers.failed(tx, name, now)
        else:
            breakers.worked(tx, name)

    def _sender(self, name: str) -> Sender:
        if name not in self._senders:
            self._senders[name] = carrier_sender(name, self._settings)
            self._paces[name] = Pace(SIMULATED_RATE if name == "simulator" else self._settings.sms_rate)
        return self._senders[name]
