"""What every page of the desk shares: who is at it, what they may see, the page around the page, where to go next."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from db.office.sign_in import OnDuty
from db.places import information
from db.reports import messages, opinions, people, places, strip, today
from db.reports import requests as asked
from db.reports.paging import Place
from db.store.engine import Tx
from db.texts import breakers
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import roles
from gateway.staff.roles import Permission
from menus import numbers

Page = tuple[str, int]  # what is shown, and the HTTP status
View = TypeVar("View", bound=Callable[..., Any])
Reached = TypeVar("Reached", people.Person, today.Line, asked.Line)
LATE_MS = 120_000  # a clock that last ran before this is said to stand still
SIGNED_IN, ANYBODY = "signed in", "anybody"


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view with what it takes; a view without a mark is refused to everybody (see `gate`)."""

    def mark(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]  # the mark the gate reads
        return view

    return mark


def open_to(whom: str) -> Callable[[View], View]:
    """Mark a view as open to whoever is signed in, or to anybody."""

    def mark(view: View) -> View:
        view.needs = whom  # type: ignore[attr-defined]  # the mark the gate reads
        return view

    return mark


def staff() -> OnDuty:
    """Who is at the desk; the gate lets nobody further without one."""
    signed_in: OnDuty = g.staff
    return signed_in


def may(permission: Permission) -> bool:
    return g.get("staff") is not None and roles.may(staff().role, permission)


def scope() -> int | None:
    """The hamlet this person is bound to; None sees the whole commune."""
    if staff().role not in roles.BOUND_TO_A_HAMLET:
        return None
    return staff().hamlet_id or -1  # a hamlet head without a hamlet sees nobody rather than everybody


def school_scope() -> int | None:
    """The school this account is bound to; None sees every school."""
    if staff().role not in roles.BOUND_TO_A_SCHOOL:
        return None
    return staff().school_id or -1  # a school's account without a school sees none rather than all


def home() -> str:
    """The address of the own first page."""
    return url_for(roles.home(staff().role))


def language() -> str:
    chosen = g.staff.language if g.get("staff") is not None else cookie.get("language", "vi")
    return chosen if chosen in lang.LANGUAGES else "vi"


def say(key: str, **values: object) -> str:
    return lang.say(language(), key, **values)


def tell(key: str, kind: str = "success", **values: object) -> None:
    """A line on top of the next page."""
    tell_said(say(key, **values), kind)


def tell_said(line: str, kind: str = "success") -> None:
    """A line on top of the next page, already in words."""
    flash(line, kind)


def in_reach(person: Reached | None) -> Reached:
    """The person, if this member of staff may see them; 404 otherwise, which tells nobody that they exist."""
    if person is None or (scope() is not None and person.hamlet_id != scope()):
        abort(404)
    return person


def line_in_reach(line: today.Line | None) -> today.Line:
    """A line of a day's list: of one's own people, or of whoever comes to one's own hall; 404 otherwise."""
    if line is not None and scope() is not None and line.hall_hamlet_id == scope():
        return line
    return in_reach(line)


def person_in_reach(tx: Tx, person_id: int) -> people.Person:
    return in_reach(people.person(tx, person_id, staff().commune_id))


def form_key() -> str:
    """One for each form shown: sent twice, it counts once."""
    return secrets.token_urlsafe(12)


def a_number(name: str, source: Any = None) -> int | None:
    """A whole number from the form or the address; none when it is empty or no number."""
    text = (source if source is not None else request.values).get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def a_place() -> Place:
    """Where in a long list to read on: behind an entry (`before`), or ahead of one (`after`)."""
    return Place(a_number("before"), a_number("after"))


def a_line(name: str, most: int = 200) -> str:
    """One line of text as it was typed, without what a terminal or a file could stumble over."""
    return " ".join(request.values.get(name, "").replace("\x00", "").split())[:most]


def inside(path: str, otherwise: str) -> str:
    """The path when it leads to a page of the desk: nobody is sent elsewhere by a prepared link."""
    parts = urlsplit(path)
    root = url_for("staff.today")
    safe = not parts.scheme and not parts.netloc and path.startswith(root) and "\\" not in path and "\n" not in path
    return path if safe else otherwise


def back(otherwise: str, anchor: str = "") -> Response:
    """To the page the form came from, at the line it was about."""
    to = inside(request.form.get("back", ""), otherwise)
    return redirect(f"{to}#{anchor}" if anchor else to, 303)


def page(template: str, http: int = 200, /, **values: Any) -> Page:
    return render_template(f"staff/{template}.html", **values), http


def to_many(rule: dict[str, Any], hamlets: Sequence[str] = ()) -> str:
    """The page where a broadcast to the people of a list is written; in these hamlets only, where some are named."""
    asked = {"hamlet": list(hamlets), **rule} if hamlets else rule
    return url_for("staff.broadcast_new", rule=json.dumps(asked, ensure_ascii=False))


def surroundings() -> dict[str, Any]:
    """What the templates may use on every page."""
    spoken = language()
    common: dict[str, Any] = {
        "t": say,
        "language": spoken,
        "named": lambda prefix, value: lang.named(spoken, prefix, value),
        "clock": lang.clock,
        "stamp": lambda ms: lang.stamp(ms, spoken),
        "day_name": lambda day: lang.day_name(day, spoken),
        "count": lambda value: lang.number(value, spoken),
        "score": lambda value: lang.decimal(value, spoken),
        "indicator_name": lambda row: row.name_en if spoken == "en" else row.name,
        "masked": lambda phone: numbers.masked(phone) if phone else "",
        "local": lambda phone: numbers.local(phone) if phone else "",
        "may": may,
        "home": home,
        "to_many": to_many,
        "here_path": (request.script_root + request.full_path).rstrip("?"),
        "staff": g.get("staff"),
    }
    return common | _strip()


def _strip() -> dict[str, Any]:
    """The strip above a page: demo, sending off, a sender or the clock down; and what waits, beside the menu."""
    with here().db.connection() as tx:
        kind, ran = strip.kind(tx), strip.clock_ran_at(tx)
        off = kind == "live" and here().settings.sending == "off"
        down = [row for row in breakers.failing(tx).values() if kind == "live" and not off and row.open_until]
        found: dict[str, Any] = {"demo": kind == "demo", "sending_off": off, "senders_down": down}
        if g.get("staff") is None:
            return found | {"clock_late": False, "commune": "", "waiting": {}}
        now, commune_id = lang.now_ms(), staff().commune_id
        waiting = {"requests": _requests_waiting(tx, commune_id, now)}
        if may("opinions"):
            waiting["opinions"] = opinions.waiting(tx, commune_id)
        if may("messages"):
            waiting["trouble"], waiting["unread"] = messages.texts_waiting(tx, commune_id)
        if may("information_write"):
            waiting["facts"] = information.run_out(tx, commune_id, lang.today(now))
        return found | {
            "clock_late": ran is None or now - ran > LATE_MS,
            "clock_ran_at": ran,
            "commune": places.commune_name(tx, commune_id, lang.today(now)),
            "waiting": waiting,
        }


def viewer() -> asked.Viewer:
    """Whoever is at the desk, as one who looks at requests."""
    return asked.Viewer(staff().commune_id, staff().id, asked.REACH_OF.get(staff().role, "all"))


def _requests_waiting(tx: Tx, commune_id: int, now: int) -> int:
    """Open requests in reach, and people who are to be told something."""
    if not may("requests"):
        return 0
    found = asked.waiting(tx, viewer(), hamlet_id=scope(), now=now).open
    if may("tasks"):
        found += messages.calls_waiting(tx, commune_id=commune_id, hamlet_id=scope())
    return found
