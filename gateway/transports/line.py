"""Calls to a carrier over kept connections, and what a failed call proves: surely not
sent, or nobody knows.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
from urllib3 import (
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    Timeout,
    make_headers,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gateway.transports.base import Outbound, TooLate, Uncertain, Unreachable

SECONDS_TO_CONNECT, SECONDS_TO_ANSWER = 3.05, 10.0
LONGEST_CALL = SECONDS_TO_CONNECT + SECONDS_TO_ANSWER
# A connection quiet for longer is not used again. Servers hang up after two seconds
# (gunicorn) to a minute (Kannel); a request that crosses with the hanging up is LOST:
# nobody can know whether it was read.
SECONDS_KEPT = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the carrier said, whatever its status."""

    status: int
    text: str


class Line:
    """The connections to one carrier, at most `at_once` of them kept. Any number of
    threads may call at once.
    """

    def __init__(
        self, address: str, at_once: int, seconds_to_answer: float = SECONDS_TO_ANSWER
    ) -> None:
        self._timeout = Timeout(connect=SECONDS_TO_CONNECT, read=seconds_to_answer)
        self._manager = _manager(address, at_once)
        self._who = _named_in(address)

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One request, written at most once; no redirect is followed.

        Raises Unreachable where the request was not written to its end, so that nobody
        can have acted on it; Uncertain where it was and no whole answer came. Neither
        names the address: secrets stand in it.
        """
        _call.written = False
        sent_headers = {**self._who, **(headers or {})}
        try:
            answer = self._manager.request(
                method,
                url,
                headers=sent_headers,
                body=body,
                timeout=self._timeout,
                retries=False,
                redirect=False,
            )
        except (HTTPError, OSError) as problem:
            what = type(problem).__name__
            if _call.written:
                raise Uncertain(f"no answer ({what})") from None
            raise Unreachable(f"no connection ({what})") from None
        text = answer.data.decode("utf-8-sig", "replace")
        return Answer(answer.status, text)

    def close(self) -> None:
        """Hang up what is kept. A later call connects anew."""
        self._manager.clear()


def seconds_left(outbound: Outbound, least: int = 0) -> int | None:
    """For how long a carrier may try to deliver this text, in whole seconds; None: for
    as long as it likes.

    Carriers count from when they read the call, which may be at its very end, so the
    longest call is taken off. Raises TooLate where fewer than `least` are left, the
    shortest time that this carrier can be told.
    """
    if outbound.valid_until is None:
        return None
    until = outbound.valid_until / 1_000
    left = int(until - time.time() - LONGEST_CALL)
    if left < least:
        raise TooLate(f"{left} s left of its time")
    return left


class _Call(threading.local):
    """The call that this thread is making."""

    written = False


_call = _Call()


class _Kept(HTTPConnection):
    """Knows when it was last answered, and tells the call when a request has been
    written to its end.
    """

    _answered_at = 0.0

    def request(self, *what: Any, **more: Any) -> None:
        super().request(*what, **more)
        _call.written = True

    def getresponse(self) -> Any:
        answer = super().getresponse()
        self._answered_at = time.monotonic()
        return answer

    @property
    def is_connected(self) -> bool:
        """What the pool asks before it uses a kept connection again."""
        quiet_for = time.monotonic() - self._answered_at
        return quiet_for < SECONDS_KEPT and super().is_connected


class _KeptSecurely(_Kept, HTTPSConnection):
    pass


class _Connections(HTTPConnectionPool):
    ConnectionCls = _Kept


class _SecureConnections(HTTPSConnectionPool):
    ConnectionCls = _KeptSecurely


def _manager(address: str, at_once: int) -> PoolManager:
    """Connections to this address, through the proxy that the environment names for it
    (HTTPS_PROXY, NO_PROXY).
    """
    parts = urlsplit(address)
    options: dict[str, Any] = {"maxsize": at_once}
    if parts.scheme == "https":
        options["ssl_context"] = _trust()
    proxy = getproxies().get(parts.scheme)
    manager: PoolManager
    if proxy and not proxy_bypass(parts.hostname or ""):
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        proxy_headers = _named_in(proxy, proxy=True)
        manager = ProxyManager(proxy, proxy_headers=proxy_headers, **options)
    else:
        manager = PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _Connections, "https": _SecureConnections}
    return manager


def _named_in(address: str, proxy: bool = False) -> dict[str, str]:
    """`user:password@` of an address as the header that says it."""
    who, _, _ = urlsplit(address).netloc.rpartition("@")
    if not who:
        return {}
    credentials = unquote(who)
    if proxy:
        return dict(make_headers(proxy_basic_auth=credentials))
    return dict(make_headers(basic_auth=credentials))


@cache
def _trust() -> ssl.SSLContext:
    """Whom we believe: the world's authorities, which come along, and this machine's
    own.
    """
    made = ssl.create_default_context(cafile=certifi.where())
    made.load_default_certs()
    return made
