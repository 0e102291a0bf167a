"""The ways out of one clock: each sender at its pace, with as many calls open as it bears, none while it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.store import installation
from db.store.engine import Database, Tx
from db.texts import breakers
from gateway.transports import sender as carrier_sender
from gateway.transports.base import Outbound, Sender, Throttled, Uncertain, Unreachable
from settings import Settings

SIMULATED_RATE = 1_000
OF_THE_SENDER = (
    Unreachable,
    Throttled,
    Uncertain,
)  # what says something of the carrier, not of the text


@dataclass(slots=True)
class Width:
    """How many calls of one sender may be open: few at first, twice as many after each that went well, one after a
    failure. A carrier that hangs costs few texts that way, and one that is well is soon used in full.
    """

    most: int
    now: int = 4

    def went(self, well: bool) -> None:
        if well:
            self.now = min(2 * self.now, self.most)
        else:
            self.now = 1


class Senders:
    """Senders by name, made when first used."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._senders: dict[str, Sender] = {}
        self._widths: dict[str, Width] = {}

    def names(self) -> Sequence[str]:
        """Where texts may go: a demo's only to the simulator, a live one's as SENDING says, an empty one's nowhere."""
        return self._allowed(self._settings.sms_senders)

    def for_adverts(self) -> Sequence[str]:
        """Where adverts may go: through the brandname's senders, where they are named."""
        return self._allowed(
            self._settings.sms_senders_advert or self._settings.sms_senders
        )

    def _allowed(self, named: Sequence[str]) -> Sequence[str]:
        with self._db.connection() as tx:
            kind = installation.kind(tx)
        if kind == "demo":
            return ("simulator",)
        if kind == "empty" or self._settings.sending == "off":
            return ()
        return tuple(name for name in named if name != "simulator")

    def all_down(self, names: Sequence[str], now: int) -> bool:
        """Whether nothing is worth claiming: every breaker is open."""
        with self._db.connection() as tx:
            failing = breakers.failing(tx)
        for name in names:
            breaker = failing.get(name)
            if breaker is None or not breaker.open_until or breaker.open_until <= now:
                return False
        return True

    @staticmethod
    def well(tx: Tx, names: Sequence[str], now: int) -> tuple[str | None, int]:
        """The first of these that may be used now; or none, and when the next of them may be tried (UTC ms)."""
        opens: list[int] = []
        for name in names:
            at = breakers.closed_again_at(tx, name, now)
            if at is None:
                return name, now
            opens.append(at)
        return None, min(opens, default=now)

    def send(self, name: str, outbound: Outbound) -> str | None:
        """Hand one text over, from any thread. Raises SendError."""
        return self.sender(name).send(outbound)

    def rate(self, name: str) -> int:
        """Texts a second."""
        if name == "simulator":
            return SIMULATED_RATE
        return max(self._settings.sms_rate, 1)

    def width(self, name: str) -> Width:
        """How many calls of it may be open."""
        if name not in self._widths:
            most = self.sender(name).at_once
            self._widths[name] = Width(most, min(4, most))
        return self._widths[name]

    def note(self, tx: Tx, name: str, problem: Exception | None, now: int) -> None:
        """Count for or against the sender, in the transaction that records the attempt."""
        failed = isinstance(problem, OF_THE_SENDER)
        self.width(name).went(well=not failed)
        if failed:
            breakers.failed(tx, name, now)
        else:
            breakers.worked(tx, name)

    def sender(self, name: str) -> Sender:
        """The sender of this name; made in the clock's own thread, before any other uses it."""
        if name not in self._senders:
            self._senders[name] = carrier_sender(name, self._settings)
        return self._senders[name]
