"""What a carrier is to the rest of the house: how it is read, answered, sent through,
and how sending fails.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from werkzeug.wrappers import Request, Response

from menus.fitting import USSD, Budget
from menus.values import Value
from settings import Settings

TEXT_READ = 1_000  # characters; nobody types more, robots do
POST, GET, EITHER = frozenset({"POST"}), frozenset({"GET"}), frozenset({"GET", "POST"})

Event = Literal["open", "key", "ended"]
Status = Literal["SENT", "DELIVERED", "FAILED"]


class Inbound(Value, frozen=True):
    """One request of a carrier, about one phone (as the carrier wrote it).

    `id` is unique within the phone's channel: a repeat bears the same. For USSD
    `session` is the carrier's own; `text` is everything typed since the call began when
    `cumulative`, else the last key, or, when a call opens, the keys dialled ahead.
    `service` is what was dialled or texted (of a call it is enough when it opens),
    `echo` what the carrier wants back with the answer.
    """

    carrier: str
    id: str
    session: str
    phone: str
    text: str
    cumulative: bool = False
    event: Event = "key"
    service: str = ""
    budget: Budget = USSD
    echo: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a text: our own message id, or only the carrier's."""

    message_id: int | None
    provider_id: str | None
    status: Status
    reason: str = ""


class Reply(Value, frozen=True):
    """What the resident reads now; empty when there is nothing to say."""

    text: str
    ends: bool = True


@dataclass(frozen=True, slots=True)
class Outbound:
    """One text as it is sent: `to` is E.164, `text` exactly what goes out, of no use
    after `valid_until` (UTC ms).
    """

    id: int
    to: str
    text: str
    unicode: bool
    advert: bool = False
    valid_until: int | None = None


class BadRequest(Exception):
    """The carrier sent something that cannot be read; the message says what is missing."""


class Forbidden(Exception):
    """The secret or signature is missing or wrong."""


class Silence(Exception):
    """Well said, but nothing to do and nobody to answer: a machine that texts, a
    carrier's own notification.
    """


class Transport(Protocol):
    """A way in, by these HTTP methods. Raises Forbidden, BadRequest, Silence."""

    name: str
    methods: frozenset[str]

    def authenticate(self, request: Request) -> None: ...
    def read(self, request: Request) -> Inbound: ...
    def answer(self, reply: Reply, inbound: Inbound | None) -> Response: ...
    def read_receipt(self, request: Request) -> Receipt: ...


class Sender(Protocol):
    """A way out. `send` blocks, with no transaction open, and returns the provider's
    id. Raises SendError.

    Up to `at_once` calls of it may be open at the same moment, from as many threads.
    """

    name: str
    repeat_is_safe: bool
    at_once: int

    def send(self, outbound: Outbound) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Carrier:
    """What a carrier's file offers, and the settings without which it cannot be
    switched on. Without a `way_in` it sends, and brings no receipts.
    """

    way_in: Callable[[Settings], Transport] | None = None
    way_out: Callable[[Settings], Sender] | None = None
    needs: tuple[str, ...] = ()


class SendError(Exception):
    """A text did not surely go out. The closed vocabulary of ways to fail, each saying
    whether to try again.
    """


class Refused(SendError):
    """Surely not sent; worth another try later."""


class Unreachable(Refused):
    """No connection, the carrier is down, or it does not know our account: a wrong
    password is ours to mend, and other texts wait for it.
    """


class Throttled(Refused):
    """Too fast for the carrier."""


class Final(SendError):
    """Surely not sent, and never will be."""


class BadNumber(Final):
    """No such mobile number."""


class Stopped(Final):
    """The resident told the carrier to stop."""


class Rejected(Final):
    """The carrier refuses this text."""


class TooLate(Final):
    """Its time is over, or so nearly that the carrier could not be told in time to
    stop.
    """


class Uncertain(SendError):
    """The request was written and no answer came: it may have gone out."""


def required(form: Mapping[str, str], *names: str) -> list[str]:
    """These fields of a form, cut and without NUL. Raises BadRequest naming what is
    missing.
    """
    refuse_missing(name for name in names if name not in form)
    return [clean(form[name]) for name in names]


def refuse_missing(names: Iterable[str]) -> None:
    """Raises BadRequest naming them, if there are any."""
    missing = ", ".join(names)
    if missing:
        raise BadRequest(f"Missing: {missing}.")


def clean(text: str) -> str:
    """What a database can keep and a person could have typed."""
    return text[:TEXT_READ].replace("\x00", "")


def dialled(text: str, code: str) -> tuple[str, str]:
    """What was dialled under this code: `*2404*2*3#` under `2404` is the service
    `*2404#` and the keys `2*3`.
    """
    parts = text.strip("*# ").split("*")
    own = code.strip("*# ").split("*")
    if text and parts[: len(own)] != own:
        # the carrier's name for itself is another one than the resident's
        own = parts[:1]
    service = "*".join(own)
    keys = "*".join(parts[len(own) :])
    return f"*{service}#", keys


def same_secret(given: str, allowed: Iterable[str]) -> bool:
    """In constant time; two secrets may hold while one is being changed."""
    octets = given.encode()
    return any([hmac.compare_digest(octets, secret.encode()) for secret in allowed])
