"""What the pages of broadcasts share: the broadcast at hand, reasons and refusals in the desk's words, the trail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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
UNITS = {
    "days": 24 * 60,
    "hours": 60,
}  # of "so long before or after a session", in minutes
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


def cast_of(tx: Tx, broadcast_id: int) -> Broadcast:
    """The broadcast, if the commune has it; 404 otherwise."""
    try:
        return drafts.get(tx, broadcast_id, layout.staff().commune_id)
    except CannotDo:
        abort(404)


def found(broadcast_id: int) -> Broadcast:
    """The broadcast, read now; 404 where there is none."""
    with here().db.connection() as tx:
        return cast_of(tx, broadcast_id)


def to_its_page(row: Broadcast) -> Response | None:
    """Away from a form that would refuse: what was started is no longer written. None while it is a draft."""
    if row.state == "draft":
        return None
    with here().db.connection() as tx:
        why = drafts.why_fixed(tx, row.id, lang.now_ms())
    layout.tell_said(sentence(why), "warning")
    return layout.see("staff.broadcast", broadcast_id=row.id)


def sentence(problem: CannotDo) -> str:
    """Why something cannot be done, in the reader's language."""
    code = problem.code
    what = problem.what
    if code == "approval" and what:
        return layout.say("cast_approval_changed")
    if code in _STATES:
        what = lang.named(layout.language(), "broadcast_state", what)
    if code == "budget":
        amount = int(what.replace(",", ""))
        what = layout.count(amount)
    return layout.say(f"cast_{code}", what=what)


def refused(problem: CannotDo) -> None:
    """Why nothing was changed, on top of the next page."""
    layout.tell_said(sentence(problem), "danger")


def note_people_seen(broadcast_id: int, which: str, lines: int) -> None:
    """Who looked at whose names is written down; no number stands there."""
    detail = f"broadcast {broadcast_id}, {which}, {lines} lines"
    here().db.again(lambda tx: layout.note_act(tx, "broadcast_people", detail=detail))


def said_by_the_clock(why: str) -> str:
    """What the clock or the trail says in a few English words, in the reader's language; else as it stands."""
    for pattern, key in _SAID_BY_THE_CLOCK:
        match = pattern.fullmatch(why)
        if match is not None:
            numbers = {
                name: layout.count(int(value))
                for name, value in match.groupdict().items()
            }
            return layout.say(key, **numbers)
    return why


def reason_said(reason: str) -> str:
    """Why somebody is left out or got no text: `no number` as the desk says it."""
    slug = re.sub(r"[^a-z0-9]+", "_", reason.lower()).strip("_")
    key = f"left_{slug}"
    if key in lang.WORDS["vi"]:
        return layout.say(key)
    field = re.fullmatch(r"nothing for \{(\w+)\}", reason)
    if field is None:
        return reason
    return layout.say("left_nothing_for", what=field[1])


def why_said(reason: str) -> str:
    """Why a text of any kind did not go: in the desk's words for texts, else in those for broadcasts."""
    known = lang.WORDS[layout.language()].get(f"why_{reason}")
    return known or reason_said(reason)


def members_said(names: list[str]) -> str:
    """The members of the rule that do not hold for somebody, in words."""
    return ", ".join(
        layout.say(f"member_{name}") if name in MEMBERS else name for name in names
    )


MEMBERS = (*groups.SAID, "any", "not")


def hamlets_today(tx: Tx, rule: Mapping[str, Any]) -> dict[str, str]:
    """The hamlets that a rule names, as it names them, with the name that each has now; none that is gone."""
    commune_id = layout.staff().commune_id
    known = naming.Hamlets(tx, commune_id)
    called = {hamlet.id: hamlet.name for hamlet in places.hamlets_of(tx, commune_id)}
    found = {}
    for name in groups.hamlets_in(rule):
        hamlet_id = known.find(name)
        if hamlet_id is not None:
            found[name] = called[hamlet_id]
    return found


def names_in(tx: Tx, rule: Mapping[str, Any]) -> dict[tuple[str, int | str], str]:
    """What the events, broadcasts and hamlets are called now that a rule speaks of."""
    commune_id = layout.staff().commune_id
    named: dict[tuple[str, int | str], str] = {}
    for written, name in hamlets_today(tx, rule).items():
        named["hamlet", written] = name
    for name in ("event", "came"):
        for event_id in groups.ids_in(rule, name):
            event = reports.event(tx, commune_id, event_id)
            if event is not None:
                day = layout.day_name(event.day)
                named[name, event_id] = f"{event.hall}, {day}"
    for broadcast_id in groups.ids_in(rule, "failed_of"):
        try:
            row = drafts.get(tx, broadcast_id, commune_id)
        except CannotDo:
            continue
        named["failed_of", broadcast_id] = row.name
    return named


def audience_said(tx: Tx, written: str | Mapping[str, Any]) -> list[str]:
    """A rule line by line; one that means nothing stands as it is."""
    try:
        rule = rules.parse(written) if isinstance(written, str) else written
    except CannotDo as problem:
        return [sentence(problem)] if problem.code == "unchosen" else [str(written)]
    return groups.in_words(rule, names_in(tx, rule))


def signs(costly: list[str]) -> tuple[list[str], list[str]]:
    """Of signs that make a text dear: those that are dropped on the way, and those that take more room."""
    dropped, dear = [], []
    for sign in costly:
        if fold(sign).strip():
            dear.append(sign)
        else:
            dropped.append(sign)
    return dropped, dear


def trail(tx: Tx, broadcast_id: int) -> list[tuple[Act, str, str]]:
    """What was done, oldest first: each with who did it, and its detail in words."""
    return [(act, _actor(act), _detail(act)) for act in drafts.acts(tx, broadcast_id)]


def _actor(act: Act) -> str:
    """A member of staff; else the clock, which alone cannot go on, and pauses with a reason; else the console."""
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
    parts = [
        lang.named(language, "broadcast_part", part) for part in act.detail.split()
    ]
    return ", ".join(parts)


def in_units(minutes: int | None) -> tuple[int, str]:
    """So many days or hours, as the form and the pages say an offset."""
    length = abs(minutes or 0)
    unit = "hours" if length % UNITS["days"] else "days"
    return length // UNITS[unit], unit


def offset_said(minutes: int) -> str:
    """`3 ngày trước mỗi buổi`."""
    length, unit = in_units(minutes)
    side = "before" if minutes < 0 else "after"
    return layout.say(f"event_{unit}_{side}", number=layout.count(length))


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
