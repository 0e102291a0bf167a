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


@bp.route("/sign-in", methods=["GET", "POST"])
@layout.open_to(layout.ANYBODY)
def sign_in() -> Response | layout.Page:
    to = layout.inside(request.values.get("next", ""), url_for("staff.today"))
    if request.method == "GET":
        if g.staff:
            return redirect(_begin(to, g.staff.role))
        return layout.page("sign_in", next=to, username="")
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
    session.clear()  # nothing of the time before, the CSRF secret included
    session["staff"] = member.id
    session["epoch"] = member.epoch
    session["at"] = lang.now_ms()
    session["language"] = member.language
    return redirect(_begin(to, member.role), 303)


def _begin(to: str, role: str) -> str:
    """The page that was asked for; the role's first page where it was none in particular."""
    if to == url_for("staff.today"):
        return url_for(roles.home(role))
    return to


def _checked(username: str, password: str) -> accounts.Account | None:
    """The member of staff, or none. Raises TooManyTries. The try counts first; argon2 runs outside any transaction."""
    db = here().db
    privacy_key = here().settings.privacy_key
    address = request.remote_addr
    tried = {
        "pair": tries.blurred(privacy_key, f"pair:{address}:{username}"),
        "address": tries.blurred(privacy_key, f"address:{address}"),
        "account": tries.blurred(privacy_key, f"account:{username}"),
    }
    db.again(lambda tx: tries.try_sign_in(tx, **tried, now=lang.now_ms()))
    with db.connection() as tx:
        member = accounts.check(tx, username, password)
    if member is not None:
        db.again(lambda tx: tries.sign_in_worked(tx, **tried))
    return member


@bp.post("/sign-out")
@layout.open_to(layout.SIGNED_IN)
def sign_out() -> Response:
    """Raises the epoch of the account, so that a cookie kept from before is worth nothing; other browsers of the
    same account are signed out with it."""
    here().db.again(lambda tx: accounts.end_sign_ins(tx, layout.staff().id))
    spoken = layout.language()
    session.clear()
    session["language"] = spoken
    return layout.see("staff.sign_in")


@bp.post("/language")
@layout.open_to(layout.ANYBODY)
def speak() -> Response:
    chosen = request.form.get("to", "")
    if chosen in lang.LANGUAGES:
        session["language"] = chosen
        if g.staff:
            here().db.again(lambda tx: accounts.speak(tx, g.staff.id, chosen))
    return layout.back(url_for("staff.today"))
