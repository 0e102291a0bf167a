"""Signing in and out, and the language of the desk."""

from __future__ import annotations

from flask import g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from db.office import accounts
from db.office import sign_in as tries
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles
from gateway.staff.gate import bp


@bp.get("/sign-in")
@layout.open_to(layout.ANYBODY)
def sign_in() -> Response | layout.Page:
    """The form. Whoever is signed in already goes on to where they wanted."""
    to = _wanted()
    if g.staff:
        first = _begin(to, g.staff.role)
        return redirect(first)
    return layout.page("sign_in", next=to, username="")


@bp.post("/sign-in")
@layout.open_to(layout.ANYBODY)
def try_sign_in() -> Response | layout.Page:
    """One try, which counts until it works."""
    to = _wanted()
    username = layout.a_line("username", 40).lower()
    password = request.form.get("password", "")
    try:
        member = _checked(username, password)
    except tries.TooManyTries:
        layout.tell("too_many_tries", "danger")
        return layout.page("sign_in", 429, next=to, username=username)
    if member is None:
        layout.tell("wrong_password", "danger")
        return layout.page("sign_in", 401, next=to, username=username)
    _remember(member)
    first = _begin(to, member.role)
    return redirect(first, 303)


def _wanted() -> str:
    """Where one goes from here."""
    asked = request.values.get("next", "")
    return layout.inside(asked, url_for("staff.today"))


def _remember(member: accounts.Account) -> None:
    """In the cookie; nothing of the time before stays in it, the CSRF secret included."""
    session.clear()
    session["staff"] = member.id
    session["epoch"] = member.epoch
    session["at"] = lang.now_ms()
    session["language"] = member.language


def _begin(to: str, role: str) -> str:
    """The page that was asked for; the role's first page where it was none in
    particular.
    """
    if to != url_for("staff.today"):
        return to
    home = roles.home(role)
    return url_for(home)


def _checked(username: str, password: str) -> accounts.Account | None:
    """The member of staff, or none. Raises TooManyTries. The try counts first; argon2
    runs outside any transaction.
    """
    db = here().db
    tried = _tried(username)
    db.again(lambda tx: tries.try_sign_in(tx, **tried, now=lang.now_ms()))
    with db.connection() as tx:
        member = accounts.check(tx, username, password)
    if member is not None:
        db.again(lambda tx: tries.sign_in_worked(tx, **tried))
    return member


def _tried(username: str) -> dict[str, str]:
    """What a try counts against: this account from this address, the address, the
    account; none is kept readable.
    """
    address = request.remote_addr
    counted = {
        "pair": f"pair:{address}:{username}",
        "address": f"address:{address}",
        "account": f"account:{username}",
    }
    privacy_key = here().settings.privacy_key
    return {name: tries.blurred(privacy_key, value) for name, value in counted.items()}


@bp.post("/sign-out")
@layout.open_to(layout.SIGNED_IN)
def sign_out() -> Response:
    """Raises the epoch of the account, so that a cookie kept from before is worth
    nothing; other browsers of the same account are signed out with it.
    """
    staff_id = layout.staff().id
    here().db.again(lambda tx: accounts.end_sign_ins(tx, staff_id))
    spoken = layout.language()
    session.clear()
    session["language"] = spoken
    return layout.see("staff.sign_in")


@bp.post("/language")
@layout.open_to(layout.ANYBODY)
def speak() -> Response:
    chosen = request.form.get("to", "")
    if chosen in lang.LANGUAGES:
        _speak(chosen)
    return layout.back(url_for("staff.today"))


def _speak(language: str) -> None:
    """From now on in this browser; for whoever is signed in, in every other one too."""
    session["language"] = language
    if g.staff:
        staff_id = layout.staff().id
        here().db.again(lambda tx: accounts.speak(tx, staff_id, language))
