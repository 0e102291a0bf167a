"""What every page of the desk shares: who is at it, what they may see, the page around
the page, where to go next.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from db.office import audit
from db.office.sign_in import OnDuty
from db.places import information
from db.reports import messages, opinions, people, places, strip, today
from db.reports import requests as asked
from db.reports.paging import Place
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from db.texts import breakers
from gateway.context import everywhere, here
from gateway.staff import language as lang
from gateway.staff import menu, roles
from gateway.staff.roles import Permission
from menus import numbers

Page = tuple[str, int]  # what is shown, and the HTTP status
View = TypeVar("View", bound=Callable[..., Any])
Reached = TypeVar("Reached", people.Person, today.Line, asked.Line)
LATE_MS = 120_000  # a clock that last ran before this is said to stand still
SIGNED_IN, ANYBODY = "signed in", "anybody"


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view with what it takes; a view without a mark is refused to everybody
    (see `gate`).
    """

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


def takes_a_file(view: View) -> View:
    """Mark a view as one whose form is larger than others (see `gate`)."""
    view.takes_a_file = True  # type: ignore[attr-defined]  # the mark the gate reads
    return view


def only_shows(view: View) -> View:
    """Mark a view whose form keeps nothing: it may be sent as often as one likes."""
    view.only_shows = True  # type: ignore[attr-defined]  # the mark the gate reads
    return view


def staff() -> OnDuty:
    """Who is at the desk; the gate lets nobody further without one."""
    signed_in: OnDuty = g.staff
    return signed_in


def commune_id() -> int:
    """The commune of whoever is at the desk."""
    return staff().commune_id


def may(permission: Permission) -> bool:
    if g.get("staff") is None:
        return False
    return roles.may(staff().role, permission)


def scope() -> int | None:
    """The hamlet this person is bound to; None sees the whole commune."""
    if staff().role not in roles.BOUND_TO_A_HAMLET:
        return None
    # a hamlet head without a hamlet sees nobody rather than everybody
    return staff().hamlet_id or -1


def school_scope() -> int | None:
    """The school this account is bound to; None sees every school."""
    if staff().role not in roles.BOUND_TO_A_SCHOOL:
        return None
    # a school's account without a school sees none rather than all
    return staff().school_id or -1


def home() -> str:
    """The address of the own first page."""
    return url_for(roles.home(staff().role))


def language() -> str:
    member = g.get("staff")
    chosen = cookie.get("language") if member is None else member.language
    return chosen if chosen in lang.LANGUAGES else "vi"


def say(key: str, **values: object) -> str:
    return lang.say(language(), key, **values)


def tell(key: str, kind: str = "success", **values: object) -> None:
    """A line on top of the next page."""
    tell_said(say(key, **values), kind)


def tell_said(line: str, kind: str = "success") -> None:
    """A line on top of the next page, already in words. A form of which a danger is
    told was refused, and comes back as it was typed (see `refilled`).
    """
    g.setdefault("told", []).append(kind)
    flash(line, kind)


def count(value: int | None) -> str:
    return lang.number(value, language())


def stamp(ms: int | None) -> str:
    return lang.stamp(ms, language())


def day_name(day: str | None) -> str:
    return lang.day_name(day, language())


def note_act(
    tx: Tx, action: str, *, person_id: int | None = None, detail: str = ""
) -> None:
    """Write into the trail what whoever is at the desk just did, and to whom."""
    now = lang.now_ms()
    staff_id = staff().id
    audit.note(
        tx, at=now, staff_id=staff_id, action=action, person_id=person_id, detail=detail
    )


def note_alone(action: str, *, person_id: int | None = None, detail: str = "") -> None:
    """The same in a transaction of its own: people were looked at, or taken along as a
    file.
    """
    aside(lambda tx: note_act(tx, action, person_id=person_id, detail=detail))


def aside(work: Callable[[Tx], object]) -> None:
    """Write what is no act of the form: that somebody looked, or was refused."""
    everywhere().db.again(work)


def sees_hamlet(hamlet_id: int | None) -> bool:
    """Whether people of this hamlet (none: of nobody knows which) are in reach of
    whoever is at the desk.
    """
    return scope() in (None, hamlet_id)


def hamlets(tx: Tx) -> list[places.Named]:
    """The hamlets of the commune in reach, in its order."""
    of_commune = places.hamlets_of(tx, commune_id())
    return [hamlet for hamlet in of_commune if sees_hamlet(hamlet.id)]


def chosen_hamlet() -> int | None:
    """The hamlet one is bound to, else the one of the form or the address."""
    return scope() or a_number("hamlet")


def refuse_unknown_hamlet(tx: Tx, hamlet_id: int | None) -> None:
    """400 for one that the commune does not have: no list offers it."""
    if hamlet_id is None:
        return
    known = [hamlet.id for hamlet in places.hamlets_of(tx, commune_id())]
    if hamlet_id not in known:
        abort(400)


def in_reach(person: Reached | None) -> Reached:
    """The person, if this member of staff may see them; 404 otherwise, which tells
    nobody that they exist.
    """
    if person is None or not sees_hamlet(person.hamlet_id):
        abort(404)
    return person


def line_in_reach(line: today.Line | None) -> today.Line:
    """A line of a day's list: of one's own people, or of whoever comes to one's own
    hall; 404 otherwise.
    """
    own = scope()
    if line is not None and own is not None and line.hall_hamlet_id == own:
        return line
    return in_reach(line)


def person_in_reach(tx: Tx, person_id: int) -> people.Person:
    person = people.person(tx, person_id, commune_id())
    return in_reach(person)


def shown_number(phone: str | None) -> str:
    """In full for whoever may see numbers, masked for others; empty where there is
    none.
    """
    if not phone:
        return ""
    return phone if may("numbers") else numbers.masked(phone)


def form_key() -> str:
    """What the form at hand is known by (gateway/staff/once.py); one that brought no key
    is like no other.
    """
    digest: str = g.context.db.form.digest
    return digest or secrets.token_hex(16)


def a_number(name: str, source: Any = None) -> int | None:
    """A whole number from the form or the address; none when it is empty or no number."""
    if source is None:
        source = request.values
    text = source.get(name, "").strip()
    return int(text) if is_whole_number(text) else None


def is_whole_number(text: str) -> bool:
    """Whether it is one that both engines can hold."""
    is_written_in_digits = text.isascii() and text.isdigit()
    return is_written_in_digits and len(text) < 16


def as_day(text: str) -> date | None:
    """The day that is written so; none when it is empty or no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def iso_day(text: str) -> str:
    """The same as ISO; empty where it is none."""
    day = as_day(text)
    return day.isoformat() if day else ""


def a_place() -> Place:
    """Where in a long list to read on: behind an entry (`before`), or ahead of one
    (`after`).
    """
    return Place(a_number("before"), a_number("after"))


def a_line(name: str, most: int = 200) -> str:
    """One line of text as it was typed, without what a terminal or a file could stumble
    over.
    """
    words = typed(name, request.values).split()
    return " ".join(words)[:most]


def typed(name: str, source: Any = None) -> str:
    """Text of the form as it was typed, without NUL, which no database keeps."""
    if source is None:
        source = request.form
    text: str = source.get(name, "")
    return text.replace("\x00", "")


def inside(path: str, otherwise: str) -> str:
    """The path when it leads to a page of the desk: nobody is sent elsewhere by a
    prepared link.
    """
    parts = urlsplit(path)
    if parts.scheme or parts.netloc:
        return otherwise
    if "\\" in path or "\n" in path:
        return otherwise
    return path if path.startswith(url_for("staff.today")) else otherwise


def back(otherwise: str, anchor: str = "") -> Response:
    """To the page the form came from, at the line it was about."""
    came_from = request.form.get("back", "")
    to = inside(came_from, otherwise)
    if anchor:
        to = f"{to}#{anchor}"
    return redirect(to, 303)


def see(endpoint: str, **values: Any) -> Response:
    """On to another page, once a form was sent or there is nothing to see here."""
    return redirect(url_for(endpoint, **values), 303)


def page(template: str, http: int = 200, /, **values: Any) -> Page:
    return render_template(f"staff/{template}.html", **values), http


def to_many(rule: dict[str, Any], hamlets: Sequence[str] = ()) -> str:
    """The page where a broadcast to the people of a list is written; in these hamlets
    only, where some are named.
    """
    if hamlets:
        rule = {"hamlet": list(hamlets), **rule}
    written = json.dumps(rule, ensure_ascii=False)
    return url_for("staff.broadcast_new", rule=written)


def surroundings() -> dict[str, Any]:
    """What the templates may use on every page."""
    spoken = language()
    in_english = spoken == "en"
    common: dict[str, Any] = {
        "t": say,
        "language": spoken,
        "named": lambda prefix, value: lang.named(spoken, prefix, value),
        "clock": lang.clock,
        "stamp": lambda ms: lang.stamp(ms, spoken),
        "day_name": lambda day: lang.day_name(day, spoken),
        "count": lambda value: lang.number(value, spoken),
        "score": lambda value: lang.decimal(value, spoken),
        "indicator_name": lambda row: row.name_en if in_english else row.name,
        "denominator_name": lambda row: (
            row.denominator_en if in_english else row.denominator
        ),
        "masked": lambda phone: numbers.masked(phone) if phone else "",
        "local": lambda phone: numbers.local(phone) if phone else "",
        "may": may,
        "home": home,
        "to_many": to_many,
        "here_path": this_address(),
        "staff": g.get("staff"),
    }
    return common | _strip()


def this_address() -> str:
    """Path and query of this request, as a link within the desk."""
    return (request.script_root + request.full_path).rstrip("?")


def _strip() -> dict[str, Any]:
    """The strip above a page: demo, sending off, a sender or the clock down; and what
    waits, beside the menu.
    """
    with here().db.connection() as tx:
        shown = _installation_strip(tx)
        if g.get("staff") is None:
            return shown | {"clock_late": False, "commune": "", "waiting": {}}
        return shown | _commune_strip(tx)


def _installation_strip(tx: Tx) -> dict[str, Any]:
    """What is to be said of the installation, whoever is at the desk."""
    kind = strip.kind(tx)
    is_live = kind == "live"
    sending_off = is_live and here().settings.sending == "off"
    senders_down = []
    if is_live and not sending_off:
        senders = breakers.failing(tx).values()
        senders_down = [sender for sender in senders if sender.open_until]
    return {
        "demo": kind == "demo",
        "sending_off": sending_off,
        "senders_down": senders_down,
    }


def _commune_strip(tx: Tx) -> dict[str, Any]:
    """What is to be said to whoever is signed in."""
    now = lang.now_ms()
    ran_at = strip.clock_ran_at(tx)
    waiting = _waiting(tx, now)
    return {
        "clock_late": ran_at is None or now - ran_at > LATE_MS,
        "clock_ran_at": ran_at,
        "commune": places.commune_name(tx, commune_id(), iso_day_at(now)),
        "waiting": waiting,
        "own_work": menu.OWN,
        "menu": menu.shown(may, _is_here, waiting),
    }


def _is_here(entry: menu.Entry) -> bool:
    """Is it the page at hand, or above it?"""
    return request.path.startswith(url_for(f"staff.{entry.endpoint}"))


def _waiting(tx: Tx, now: int) -> dict[str, int]:
    """How much waits behind each entry of the menu."""
    waiting = {"requests": _requests_waiting(tx, now)}
    if may("opinions"):
        waiting["opinions"] = opinions.waiting(tx, commune_id())
    if may("messages"):
        waiting["trouble"], waiting["unread"] = messages.texts_waiting(tx, commune_id())
    if may("information_write"):
        waiting["facts"] = information.run_out(tx, commune_id(), iso_day_at(now))
    return waiting


def viewer() -> asked.Viewer:
    """Whoever is at the desk, as one who looks at requests."""
    member = staff()
    reach = asked.REACH_OF.get(member.role, "all")
    return asked.Viewer(member.commune_id, member.id, reach)


def _requests_waiting(tx: Tx, now: int) -> int:
    """Open requests in reach, and people who are to be told something."""
    if not may("requests"):
        return 0
    hamlet_id = scope()
    waiting = asked.waiting(tx, viewer(), hamlet_id=hamlet_id, now=now)
    if not may("tasks"):
        return waiting.open
    calls = messages.calls_waiting(tx, commune_id=commune_id(), hamlet_id=hamlet_id)
    return waiting.open + calls
