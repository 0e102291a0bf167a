"""A form that comes twice is one act: after an impatient finger, or a line or a proxy that
sends it again.

Every form has a key that no other page shown has (`csrf` in parts.html). The first
transaction that stays claims it; the same form once more waits for that, changes
nothing, and leads to where the first one led.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from flask import g, redirect, request
from werkzeug.wrappers import Response

from db.office import sent_forms
from db.office.sent_forms import Sent
from db.store.engine import Database, Tx
from gateway.context import everywhere
from gateway.staff import language as lang
from gateway.staff import layout

T = TypeVar("T")

LED_TO_MOST = 200  # letters
# the first one is answered some ms after it was carried out; a long import later
WAIT_S, LOOK_S = 1.0, 0.01


class Twice(Exception):
    """This very form was carried out before."""


class FormDatabase(Database):
    """The database as the views of one form write to it: with the claim, and one form
    of the commune after another.
    """

    def __init__(self, db: Database, form: Sent) -> None:
        self.url, self._engine = db.url, db._engine
        self.form = form
        self.is_claimed = False

    def again(self, work: Callable[[Tx], T], tries: int = 5, durable: bool = True) -> T:
        """Raises Twice too."""

        def in_turn(tx: Tx) -> T:
            self._claim(tx)
            return work(tx)

        done = super().again(in_turn, tries, durable)
        self.is_claimed = True
        return done

    def _claim(self, tx: Tx) -> None:
        if self.is_claimed or not self.form.digest:
            sent_forms.take_turn(tx, self.form)
        elif not sent_forms.claim(tx, self.form, lang.now_ms()):
            raise Twice


def new_key() -> str:
    """The key of the forms of this page."""
    if "new_key" not in g:
        g.new_key = secrets.token_urlsafe(12)
    made: str = g.new_key
    return made


def begin() -> None:
    """From here on what this form writes is one act."""
    member = layout.staff()
    form = Sent(_digest(), member.commune_id, member.id, request.endpoint or "")
    context = everywhere()
    g.context = replace(context, db=FormDatabase(context.db, form))


def _digest() -> str:
    """Two buttons of one form are two acts; so is the same form, filled in otherwise."""
    if not request.form.get("form_key"):
        return ""
    sent_along = request.form.items(multi=True)
    fields = [field for field in sent_along if field[0] != "csrf_token"]
    sent = repr((layout.staff().id, request.path, fields))
    return hashlib.sha256(sent.encode()).hexdigest()[:32]


def end(response: Response) -> None:
    """Keep where it led to, once the answer has gone out. Refused, it may come again."""
    db = _db()
    if db is None or not db.is_claimed or response.status_code >= 500:
        return
    keep = sent_forms.refused
    if response.status_code < 400:
        led_to = _without_back(response.headers.get("Location", ""))
        keep = partial(sent_forms.answered, led_to=led_to)

    def write() -> None:
        with db.connection() as tx:
            keep(tx, db.form)

    response.call_on_close(write)


def once_more() -> Response:
    """The answer to a form that was carried out before."""
    db = _db()
    assert db is not None  # it raised Twice
    led_to = _led_to(db)
    if led_to is None:
        layout.tell("form_refused", "warning")
    else:
        layout.tell("form_twice")
    to = _with_back(led_to or "")
    return redirect(layout.inside(to, layout.home()), 303)


def _db() -> FormDatabase | None:
    context = g.get("context")
    db: FormDatabase | None = context and context.db
    return db


def _led_to(db: FormDatabase) -> str | None:
    """Where the first one led, as soon as it was answered; none where it was refused
    after all.
    """
    until = time.monotonic() + WAIT_S
    while True:
        with db.connection() as tx:
            answer = sent_forms.answer(tx, db.form)
        if answer is None or answer.led_to is not None:
            return answer and answer.led_to
        if time.monotonic() > until:
            return ""
        time.sleep(LOOK_S)


def _without_back(location: str) -> str:
    """The address that the form brought along is not kept: somebody may have been
    looked for in it.
    """
    led_to = location.removeprefix(_back())
    return led_to if len(led_to) <= LED_TO_MOST else ""


def _with_back(led_to: str) -> str:
    """The same whole again; where nothing is known, the page that the form stood on."""
    if led_to.startswith("/"):
        return led_to
    if led_to or _back():
        return _back() + led_to
    page = urlsplit(request.referrer or "")
    return f"{page.path}?{page.query}".rstrip("?")


def _back() -> str:
    back: str = request.form.get("back", "")
    return back
