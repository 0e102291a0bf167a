"""The trail in the words of the desk: what was changed, by the names of things instead of their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from db.reports import broadcasts, businesses, events, places, schools
from db.reports.strip import Looked
from db.store.engine import Tx
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import reason_said


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in a page of the trail stand for."""

    events: dict[int, events.Named]
    businesses: dict[int, str]
    classes: dict[int, schools.Named]
    hamlets: dict[int, str]
    broadcasts: dict[int, str]

    def event(self, event_id: int) -> str:
        found = self.events.get(event_id)
        if found is None:
            return layout.say("trail_event_gone", number=event_id)
        kind = layout.say(f"event_kind_{found.kind}")
        return f"{kind}, {found.hall}, {layout.day_name(found.day)}"

    def business(self, business_id: int) -> str:
        return self.businesses.get(business_id) or layout.say(
            "trail_business_gone", number=business_id
        )

    def broadcast(self, broadcast_id: int) -> str:
        return self.broadcasts.get(broadcast_id) or layout.say(
            "trail_broadcast_gone", number=broadcast_id
        )

    def of_class(self, class_id: int) -> str:
        found = self.classes.get(class_id)
        if found is None:
            return layout.say("trail_class_gone", number=class_id)
        return layout.say("trail_class", name=found.name, school=found.school)

    def school_of(self, class_id: int) -> str:
        """Of the class; by its number once it is gone."""
        found = self.classes.get(class_id)
        return (
            found.school if found else layout.say("trail_class_gone", number=class_id)
        )

    def hamlet(self, hamlet_id: int) -> str:
        if not hamlet_id:
            return layout.say("whole_commune")
        return self.hamlets.get(hamlet_id, str(hamlet_id))


_EVENT = re.compile(r"event (\d+)")
_BUSINESS = re.compile(r"(?:business|school) (\d+)")
_CLASS = re.compile(r"class (\d+)")
_BROADCAST = re.compile(r"broadcast (\d+)")


def names_in(tx: Tx, rows: Iterable[Looked]) -> Names:
    details = [row.detail for row in rows]
    hamlets = places.hamlets_of(tx, layout.staff().commune_id)
    return Names(
        events.names(tx, _numbers(_EVENT, details)),
        businesses.names(tx, _numbers(_BUSINESS, details)),
        schools.names(tx, _numbers(_CLASS, details)),
        {hamlet.id: hamlet.name for hamlet in hamlets},
        broadcasts.names(tx, _numbers(_BROADCAST, details)),
    )


def _numbers(pattern: re.Pattern[str], details: Iterable[str]) -> list[int]:
    """Those that a detail begins with, each once."""
    found = {int(match[1]) for detail in details if (match := pattern.match(detail))}
    return sorted(found)


def said(detail: str, names: Names) -> str:
    """`event 56: 30 → 0 (xa)` as `Họp, NVH …: xa đếm 30 người, đổi thành 0`; what nobody wrote words for as it is."""
    for pattern, sentence in _SENTENCES:
        match = pattern.fullmatch(detail)
        if match:
            return sentence(match, names)
    return _word(detail)


def _corrected(match: re.Match[str], names: Names) -> str:
    event = names.event(int(match[1]))
    return layout.say(
        "trail_heads_corrected",
        event=event,
        was=match[2],
        number=match[3],
        who=match[4],
    )


def _counted(match: re.Match[str], names: Names) -> str:
    return layout.say("trail_heads", event=names.event(int(match[1])), number=match[2])


def _event(match: re.Match[str], names: Names) -> str:
    return names.event(int(match[1]))


def _business(match: re.Match[str], names: Names) -> str:
    return names.business(int(match[1]))


def _classes(match: re.Match[str], names: Names) -> str:
    school = names.business(int(match[1]))
    return layout.say(
        "trail_classes", school=school, day=layout.day_name(match[2]), number=match[3]
    )


def _class_renamed(match: re.Match[str], names: Names) -> str:
    school = names.school_of(int(match[1]))
    return layout.say("trail_class_renamed", school=school, was=match[2], name=match[3])


def _class_removed(match: re.Match[str], names: Names) -> str:
    return layout.say(
        "trail_class_removed", school=names.business(int(match[1])), name=match[2]
    )


def _parents(match: re.Match[str], names: Names) -> str:
    return layout.say(
        "trail_parents", of_class=names.of_class(int(match[1])), number=match[2]
    )


def _of_class(match: re.Match[str], names: Names) -> str:
    return names.of_class(int(match[1]))


def _homes(match: re.Match[str], names: Names) -> str:
    listed = _named("list", match[1])
    return layout.say(
        "trail_homes", list=listed, hamlet=names.hamlet(int(match[2])), number=match[3]
    )


def _not_reached(match: re.Match[str], names: Names) -> str:
    hamlet_id = 0 if match[2] == "None" else int(match[2])  # as the trail had it once
    hamlet = names.hamlet(hamlet_id)
    return layout.say(
        "trail_not_reached",
        name=names.broadcast(int(match[1])),
        hamlet=hamlet,
        number=match[3],
    )


def _broadcast_people(match: re.Match[str], names: Names) -> str:
    which = {"all": layout.say("all"), "chosen": layout.say("watch_chosen")}.get(
        match[2]
    ) or reason_said(match[2])
    return layout.say(
        "trail_broadcast",
        name=names.broadcast(int(match[1])),
        which=which,
        number=match[3],
    )


def _rows(match: re.Match[str], names: Names) -> str:
    return layout.say(
        "trail_import", kind=_named("import_kind", match[1]), number=match[2]
    )


def _fact(match: re.Match[str], names: Names) -> str:
    return f"{_named('topic', match[1])}, {layout.day_name(match[2])}"


def _plan_note(match: re.Match[str], names: Names) -> str:
    day = layout.day_name(match[1])
    return f"{day}, {_word(match[2])}" if match[2] else day


def _seen(match: re.Match[str], names: Names) -> str:
    return f"{_named('fact', match[1])}: {_named(match[1], match[2])}"


def _numbered(key: str) -> Callable[[re.Match[str], Names], str]:
    return lambda match, names: layout.say(key, number=match[1])


def _word(detail: str) -> str:
    """An indicator, or what was answered of the app."""
    if detail in ("kept", "gone"):
        return layout.say(f"app_is_{detail}")
    return _named("do", detail)


def _named(prefix: str, value: str) -> str:
    return lang.named(layout.language(), prefix, value)


_SENTENCES: tuple[
    tuple[re.Pattern[str], Callable[[re.Match[str], Names], str]], ...
] = (
    (re.compile(r"event (\d+): (\d+) → (\d+) \((.+)\)"), _corrected),
    (re.compile(r"event (\d+): (\d+)"), _counted),
    (re.compile(r"event (\d+)"), _event),
    (re.compile(r"school (\d+), (\d{4}-\d\d-\d\d), (\d+) classes"), _classes),
    (re.compile(r"class (\d+): (\S+) → (\S+)"), _class_renamed),
    (re.compile(r"class (\d+), (\d+) lines"), _parents),
    (re.compile(r"class (\d+)"), _of_class),
    (re.compile(r"school (\d+), (\S+)"), _class_removed),
    (re.compile(r"(?:business|school) (\d+)(?:, broadcast \d+)?"), _business),
    (re.compile(r"(\w+), hamlet (\d+), (\d+) homes"), _homes),
    (
        re.compile(r"broadcast (\d+), not reached, hamlet (\d+|None), (\d+) lines"),
        _not_reached,
    ),
    (re.compile(r"broadcast (\d+), (.+), (\d+) lines"), _broadcast_people),
    (re.compile(r"(\w+), (\d+) rows"), _rows),
    (re.compile(r"request (\d+)"), _numbered("trail_request")),
    (re.compile(r"booking (\d+)"), _numbered("trail_booking")),
    (re.compile(r"(handset|sim|poor)=(\w+)"), _seen),
    (re.compile(r"([a-z_0-9]+) (\d{4}-\d\d-\d\d)"), _fact),
    (re.compile(r"(\d{4}-\d\d-\d\d) ?(\w*)"), _plan_note),
)
