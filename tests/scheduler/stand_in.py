"""A carrier of the tests' own, and one round of sending through it."""

from __future__ import annotations

from collections.abc import Callable

from db.store.engine import Database
from gateway.transports.base import Outbound
from scheduler.sending import Sending
from settings import Settings
from tests.scheduler.conftest import Clock, at

NOON = at(12, "12:00")


class Carrier:
    """A carrier of the test's own that does what it is told; it stands in the table of
    carriers like any other.
    """

    taken: list[Outbound]  # set anew by the fixture
    does: Callable[[Outbound], str | None]

    name = "stand-in"
    repeat_is_safe = False
    at_once = 1  # a story is told text by text

    def __init__(self, settings: Settings) -> None:
        pass

    def send(self, outbound: Outbound) -> str | None:
        type(self).taken.append(outbound)
        return type(self).does(outbound)


class SafeCarrier(Carrier):
    repeat_is_safe = True


def fails(carrier: type[Carrier], problem: Exception) -> None:
    def does(outbound: Outbound) -> str | None:
        raise problem

    carrier.does = staticmethod(does)


def go(db: Database, settings: Settings, clock: Clock) -> str:
    return Sending(db, settings, clock).until_empty()
