"""Where a turn's time goes: the parts are timed as they call each other, each without
what it calls.
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from bench.load import phone, texts
from db import sessions
from db.store import engine
from gateway.app import create_app
from gateway.conversation import Conversation
from gateway.webhooks import Webhooks
from menus.core import Menu
from settings import Settings

FLASK = "Flask and werkzeug"
PARTS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("webhook, carrier's form", Webhooks, ("_hear",)),
    ("conversation, pool", Conversation, ("hear",)),
    ("menus: states, words, pages", Menu, ("turn",)),
    ("session to and from JSON", sessions, ("_encode", "_decode")),
    ("rows to named tuples, binding", engine.Tx, ("fetch", "run")),
    ("SQL in the driver and the engine", engine.Tx, ("sql",)),
)
FIRST, MANY = 500_000, 150


class Clock:
    """Time goes to the part that runs now; a part that calls another pauses."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._running: list[str] = []
        self._since = 0.0

    def timed(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def run(*args: Any, **named: Any) -> Any:
            self._turn_to(part)
            try:
                return work(*args, **named)
            finally:
                self._turn_back()

        return run

    def _turn_to(self, part: str) -> None:
        now = time.perf_counter()
        if self._running:
            caller = self._running[-1]
            self.spent[caller] += now - self._since
        self._running.append(part)
        self._since = time.perf_counter()

    def _turn_back(self) -> None:
        now = time.perf_counter()
        part = self._running.pop()
        self.spent[part] += now - self._since
        self._since = time.perf_counter()


def shares(url: str) -> dict[str, float]:
    """Microseconds a turn, by part; one thread in this process, without HTTP."""
    settings = Settings(
        url, "a secret key of the bench", "a privacy key of the bench", simulator=True
    )
    app = create_app(settings)
    _play(app.wsgi_app, FIRST - 50, 50)
    clock = Clock()
    with _watched(clock):
        timed = clock.timed(FLASK, app.wsgi_app)
        turns = _play(timed, FIRST, MANY)
    return {part: 1e6 * spent / turns for part, spent in clock.spent.items()}


@contextmanager
def _watched(clock: Clock) -> Iterator[None]:
    plain = []
    for part, owner, names in PARTS:
        for name in names:
            work = getattr(owner, name)
            plain.append((owner, name, work))
            setattr(owner, name, clock.timed(part, work))
    try:
        yield
    finally:
        for owner, name, work in plain:
            setattr(owner, name, work)


def _play(app: Callable[..., Any], first: int, many: int) -> int:
    """The journeys of so many residents; how many turns they took."""
    turns = 0
    for number in range(first, first + many):
        for text in texts(number):
            environ = _environ(number, text)
            answer = b"".join(app(environ, _start_response))
            begins = b"END" if text.count("*") == 4 else b"CON"
            assert answer.startswith(begins), answer
            turns += 1
    return turns


def _environ(number: int, text: str) -> dict[str, Any]:
    """Of one request, as a WSGI server would give it."""
    form = {
        "sessionId": f"b{number}",
        "phoneNumber": phone(number),
        "serviceCode": "*2404#",
        "text": text,
    }
    body = urlencode(form).encode()
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/ussd/simulator",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "REMOTE_ADDR": "127.0.0.1",
    }


def _start_response(*_: object) -> None:
    """Nobody reads the status."""
