"""The ways out of one clock: each sender at its pace, with as many calls open as it
bears, none while it rests.
"""

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
AT_FIRST = 4  # calls that may be open before any was answered
# what says something of the carrier, not of the text
OF_THE_SENDER = (
    Unreachable,
    Throttled,
    Uncertain,
)


@dataclass(slots=True)
class Width:
    """How many calls of one sender may be open: few at first, twice as many after each
    that went well, one after a failure. A carrier that hangs costs few texts that way,
    and one that is well is soon used in full.
    """

    most: int
    now: int = AT_FIRST

    def went(self, well: bool) -> None:
        if well:
            twice = 2 * self.now
            self.now = min(twice, self.most)
        else:
            self.now = 1


class Senders:
    """Senders by name, made when first used."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._senders: dict[str, Sender] = {}
        self._widths: dict[str, Width] = {}

    def names(self) -> Sequence[str]:
        """Where texts may go: a demo's only to the simulator, a live one's as SENDING
        says, an empty one's nowhere.
        """
        return self._allowed(self._settings.sms_senders)

    def for_adverts(self) -> Sequence[str]:
        """Where adverts may go: through the brandname's senders, where they are named."""
        named = self._settings.sms_senders_advert
        return self._allowed(named or self._settings.sms_senders)

    def _allowed(self, named: Sequence[str]) -> Sequence[str]:
        with self._db.connection() as tx:
            kind = installation.kind(tx)
        if kind == "demo":
            return ("simulator",)
        is_off = self._settings.sending == "off"
        if kind == "empty" or is_off:
            return ()
        return tuple(name for name in named if name != "simulator")

    def all_down(self, names: Sequence[str], now: int) -> bool:
        """Whether nothing is worth claiming: every breaker is open."""
        with self._db.connection() as tx:
            failing = breakers.failing(tx)
        for name in names:
            breaker = failing.get(name)
            if breaker is None:
                return False
            open_until = breaker.open_until or now
            if open_until <= now:
                return False
        return True

    @staticmethod
    def well(tx: Tx, names: Sequence[str], now: int) -> tuple[str | None, int]:
        """The first of these that may be used now; or none, and when the next of them
        may be tried (UTC ms).
        """
        closed_again = []
        for name in names:
            at = breakers.closed_again_at(tx, name, now)
            if at is None:
                return name, now
            closed_again.append(at)
        next_at = min(closed_again, default=now)
        return None, next_at

    def first_well(self, tx: Tx, names: Sequence[str], now: int) -> str | None:
        """The first of these that may be used now."""
        name, _ = self.well(tx, names, now)
        return name

    def send(self, name: str, outbound: Outbound) -> str | None:
        """Hand one text over, from any thread. Raises SendError."""
        sender = self.sender(name)
        return sender.send(outbound)

    def rate(self, name: str) -> int:
        """Texts a second."""
        if name == "simulator":
            return SIMULATED_RATE
        return max(self._settings.sms_rate, 1)

    def width(self, name: str) -> Width:
        """How many calls of it may be open."""
        width = self._widths.get(name)
        if width is None:
            most = self.sender(name).at_once
            width = Width(most, min(AT_FIRST, most))
            self._widths[name] = width
        return width

    def most_at_once(self, *names: str) -> int:
        """Calls of the one of these that bears most."""
        return max(self.width(name).most for name in names)

    def note(self, tx: Tx, name: str, problem: Exception | None, now: int) -> None:
        """Count for or against the sender, in the transaction that records the attempt."""
        failed = isinstance(problem, OF_THE_SENDER)
        width = self.width(name)
        width.went(well=not failed)
        if failed:
            breakers.failed(tx, name, now)
        else:
            breakers.worked(tx, name)

    def sender(self, name: str) -> Sender:
        """The sender of this name; made in the clock's own thread, before any other
        uses it.
        """
        sender = self._senders.get(name)
        if sender is None:
            sender = carrier_sender(name, self._settings)
            self._senders[name] = sender
        return sender
