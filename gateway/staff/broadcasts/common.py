"""What the pages of broadcasts share: the broadcast at hand, reasons and refusals in
the desk's words, the trail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypedDict

from flask import abort
from werkzeug.wrappers import Response

from db.broadcasts import drafts, rules
from db.broadcasts.drafts import Act, Broadcast
from db.broadcasts.errors import CannotDo
from db.places import naming
from db.reports import broadcasts as reports
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts import groups
from menus.fitting import fold

PAGE = 50
# of "so long before or after a session", in minutes
UNITS = {
    "days": 24 * 60,
    "hours": 60,
}
_STATES = ("not_running", "not_paused", "over")  # refusals that name a state
_LEFT = re.compile(r"(?P<number>\d+) had left")  # what a pause by hand notes
# What the clock writes for staff, and the desk's sentence for it.
_SAID_BY_THE_CLOCK = (
    (
        re.compile(r"failed: (?P<failed>\d+) of the last (?P<texts>\d+) texts"),
        "broadcast_paused_failed",
    ),
    (
        re.compile(r"refused: (?P<number>\d+) people asked for no more texts"),
        "broadcast_paused_refused",
    ),
    (re.compile(r"(?P<number>\d+) people"), "broadcast_detail_people"),
    (re.compile(r"(?P<number>\d+) sessions"), "broadcast_detail_missed"),
    (_LEFT, "broadcast_detail_left"),
    (
        re.compile(r"(?P<texts>\d+) texts, (?P<parts>\d+) parts, (?P<price>\d+) đồng"),
        "broadcast_detail_priced",
    ),
)
_MEMBERS = (*groups.SAID, "any", "not")  # of a rule, of which the desk's words speak


class Actor(TypedDict):
    """Who does something with a broadcast, for which commune, and when."""

    commune_id: int
    staff_id: int
    now: int  # UTC ms


def cast_of(tx: Tx, broadcast_id: int) -> Broadcast:
    """The broadcast, if the commune has it; 404 otherwise."""
    try:
        return drafts.get(tx, broadcast_id, layout.commune_id())
    except CannotDo:
        abort(404)


def found(broadcast_id: int) -> Broadcast:
    """The broadcast, read now; 404 where there is none."""
    with here().db.connection() as tx:
        return cast_of(tx, broadcast_id)


def to_its_page(row: Broadcast) -> Response | None:
    """Away from a form that would refuse: what was started is no longer written. None
    while it is a draft.
    """
    if row.state == "draft":
        return None
    now = lang.now_ms()
    with here().db.connection() as tx:
        why = drafts.why_fixed(tx, row.id, now)
    layout.tell_said(sentence(why), "warning")
    return see_broadcast(row.id)


def see_broadcast(broadcast_id: int) -> Response:
    """On to its own page."""
    return layout.see("staff.broadcast", broadcast_id=broadcast_id)


def by_me() -> Actor:
    """Whoever is at the desk, now."""
    who = layout.staff()
    now = lang.now_ms()
    return Actor(commune_id=who.commune_id, staff_id=who.id, now=now)


def carry_out(work: Callable[[Tx], object], done: str) -> None:
    """Do it and say so (`done` is in the desk's words already), or say why it cannot be
    done.
    """
    try:
        here().db.again(work)
        layout.tell_said(done)
    except CannotDo as problem:
        refused(problem)


def sentence(problem: CannotDo) -> str:
    """Why something cannot be done, in the reader's language."""
    code = problem.code
    what = problem.what
    if code == "approval" and what:
        return layout.say("cast_approval_changed")
    if code in _STATES:
        what = lang.named(layout.language(), "broadcast_state", what)
    elif code == "budget":
        digits = what.replace(",", "")
        what = layout.count(int(digits))
    return layout.say(f"cast_{code}", what=what)


def refused(problem: CannotDo) -> None:
    """Why nothing was changed, on top of the next page."""
    layout.tell_said(sentence(problem), "danger")


def note_people_seen(broadcast_id: int, which: str, lines: int) -> None:
    """Who looked at whose names is written down; no number stands there."""
    detail = f"broadcast {broadcast_id}, {which}, {lines} lines"
    layout.note_alone("broadcast_people", detail=detail)


def said_by_the_clock(why: str) -> str:
    """What the clock or the trail says in a few English words, in the reader's
    language; else as it stands.
    """
    for pattern, key in _SAID_BY_THE_CLOCK:
        match = pattern.fullmatch(why)
        if match is None:
            continue
        numbers = {}
        for name, digits in match.groupdict().items():
            numbers[name] = layout.count(int(digits))
        return layout.say(key, **numbers)
    return why


def reason_said(reason: str) -> str:
    """Why somebody is left out or got no text: `no number` as the desk says it."""
    said = re.findall(r"[a-z0-9]+", reason.lower())
    slug = "_".join(said)
    key = f"left_{slug}"
    if key in lang.WORDS["vi"]:
        return layout.say(key)
    empty_field = re.fullmatch(r"nothing for \{(\w+)\}", reason)
    if empty_field is None:
        return reason
    return layout.say("left_nothing_for", what=empty_field[1])


def why_said(reason: str) -> str:
    """Why a text of any kind did not go: in the desk's words for texts, else in those
    for broadcasts.
    """
    language = layout.language()
    known = lang.WORDS[language].get(f"why_{reason}")
    return known or reason_said(reason)


def members_said(names: list[str]) -> str:
    """The members of the rule that do not hold for somebody, in words."""
    return ", ".join(map(_member_said, names))


def _member_said(name: str) -> str:
    if name not in _MEMBERS:
        return name
    return layout.say(f"member_{name}")


def hamlets_today(tx: Tx, rule: groups.Rule) -> dict[str, str]:
    """The hamlets that a rule names, as it names them, with the name that each has now;
    none that is gone.
    """
    commune_id = layout.commune_id()
    known = naming.Hamlets(tx, commune_id)
    name_of = places.hamlet_names(tx, commune_id)
    found = {}
    for written in groups.hamlets_in(rule):
        hamlet_id = known.find(written)
        if hamlet_id is not None:
            found[written] = name_of[hamlet_id]
    return found


def names_in(tx: Tx, rule: groups.Rule) -> dict[groups.Value, str]:
    """What the events, broadcasts and hamlets are called now that a rule speaks of."""
    named: dict[groups.Value, str] = {}
    for written, name in hamlets_today(tx, rule).items():
        named["hamlet", written] = name
    for member, name_of in _NAME_OF.items():
        for id_ in groups.ids_in(rule, member):
            called = name_of(tx, id_)
            if called is not None:
                named[member, id_] = called
    return named


def _event_named(tx: Tx, event_id: int) -> str | None:
    """`NVH Quảng Trung I, T7 6/12`; none where the commune has no such event."""
    event = reports.event(tx, layout.commune_id(), event_id)
    if event is None:
        return None
    day = layout.day_name(event.day)
    return f"{event.hall}, {day}"


def _broadcast_named(tx: Tx, broadcast_id: int) -> str | None:
    """Its name; none where the commune has no such broadcast."""
    try:
        row = drafts.get(tx, broadcast_id, layout.commune_id())
    except CannotDo:
        return None
    return row.name


def _person_named(tx: Tx, person_id: int) -> str | None:
    """None where the commune has nobody of this number."""
    person = places.person_named(tx, layout.commune_id(), person_id)
    if person is None:
        return None
    return person.name or layout.say("no_name")


# What a number is called that stands in a rule, by the member that holds it.
_NAME_OF: Mapping[str, Callable[[Tx, int], str | None]] = {
    "event": _event_named,
    "came": _event_named,
    "failed_of": _broadcast_named,
    "person": _person_named,
}


def rule_said(tx: Tx, rule: groups.Rule) -> list[str]:
    """A rule line by line."""
    names = names_in(tx, rule)
    return groups.in_words(rule, names)


def audience_said(tx: Tx, written: str) -> list[str]:
    """A rule (JSON) line by line; one that means nothing stands as it is."""
    try:
        rule = rules.parse(written)
    except CannotDo as problem:
        if problem.code == "unchosen":
            return [sentence(problem)]
        return [written]
    return rule_said(tx, rule)


def signs(costly: list[str]) -> tuple[list[str], list[str]]:
    """Of signs that make a text dear: those that are dropped on the way, and those that
    take more room.
    """
    dropped = []
    dear = []
    for sign in costly:
        if fold(sign).strip():
            dear.append(sign)
        else:
            dropped.append(sign)
    return dropped, dear


class TrailLine(NamedTuple):
    """An act on a broadcast, with who did it, and its detail in words."""

    act: Act
    who: str
    detail: str


def trail(tx: Tx, broadcast_id: int) -> list[TrailLine]:
    """What was done, oldest first."""
    acts = drafts.acts(tx, broadcast_id)
    return [TrailLine(act, _actor(act), _detail(act)) for act in acts]


def _actor(act: Act) -> str:
    """A member of staff; else the clock, which alone cannot go on, and pauses with a
    reason; else the console.
    """
    if act.username:
        return act.name or act.username
    if act.act in ("blocked", "missed"):
        return layout.say("broadcast_by_itself")
    if act.act == "paused" and not _LEFT.fullmatch(act.detail):
        return layout.say("broadcast_by_itself")
    return layout.say("broadcast_by_console")


def _detail(act: Act) -> str:
    if act.act != "edited":
        return said_by_the_clock(act.detail)
    language = layout.language()
    parts = act.detail.split()
    return ", ".join(lang.named(language, "broadcast_part", part) for part in parts)


def in_units(minutes: int | None) -> tuple[int, str]:
    """So many days or hours, as the form and the pages say an offset."""
    length = abs(minutes or 0)
    days, odd_minutes = divmod(length, UNITS["days"])
    if odd_minutes:
        hours = length // UNITS["hours"]
        return hours, "hours"
    return days, "days"


def offset_said(minutes: int) -> str:
    """`3 ngày trước mỗi buổi`."""
    length, unit = in_units(minutes)
    number = layout.count(length)
    side = "before" if minutes < 0 else "after"
    return layout.say(f"event_{unit}_{side}", number=number)


def event_said(day: str, hall: str) -> str:
    """`T7 6/12, NVH Quảng Trung I`."""
    return f"{layout.day_name(day)}, {hall}"


def words(page: str, http: int = 200, /, **values: object) -> layout.Page:
    """A page of broadcasts, with what its templates use everywhere."""
    common = {
        "reason_said": reason_said,
        "members_said": members_said,
        "value_named": groups.value_named,
        "offset_said": offset_said,
        "signs": signs,
    }
    return layout.page(f"broadcasts/{page}", http, **common, **values)
