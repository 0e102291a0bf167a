"""The trail in the words of the desk: what was changed, by the names of things instead
of their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from db.reports import broadcasts, businesses, events, places, schools
from db.reports.strip import Looked
from db.store.engine import Tx
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.broadcasts.common import reason_said


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in a page of the trail stand for; each is asked for as it is
    written there.
    """

    bookings: dict[int, events.Booked]
    events: dict[int, events.Named]
    businesses: dict[int, str]
    classes: dict[int, schools.Named]
    hamlets: dict[int, str]
    broadcasts: dict[int, str]

    def event(self, number: str) -> str:
        found = self.events.get(int(number))
        if found is None:
            return layout.say("trail_event_gone", number=number)
        return _event_said(found)

    def booking(self, number: str) -> str:
        found = self.bookings.get(int(number))
        if found is None:
            return layout.say("trail_booking", number=number)
        event = _event_said(found)
        begins = lang.clock(found.starts_at)
        return f"{event}, {begins}"

    def business(self, number: str) -> str:
        name = self.businesses.get(int(number))
        return name or layout.say("trail_business_gone", number=number)

    def broadcast(self, number: str) -> str:
        name = self.broadcasts.get(int(number))
        return name or layout.say("trail_broadcast_gone", number=number)

    def of_class(self, number: str) -> str:
        found = self.classes.get(int(number))
        if found is None:
            return layout.say("trail_class_gone", number=number)
        return layout.say("trail_class", name=found.name, school=found.school)

    def school_of(self, class_number: str) -> str:
        """Of the class; by its number once it is gone."""
        found = self.classes.get(int(class_number))
        if found is None:
            return layout.say("trail_class_gone", number=class_number)
        return found.school

    def hamlet(self, number: str) -> str:
        if number in _NO_HAMLET:
            return layout.say("whole_commune")
        return self.hamlets.get(int(number), number)


def _event_said(event: events.Named | events.Booked) -> str:
    kind = layout.say(f"event_kind_{event.kind}")
    day = layout.day_name(event.day)
    return f"{kind}, {event.hall}, {day}"


_NO_HAMLET = ("0", "None")  # as the trail has it, and as it had it once
_EVENT = re.compile(r"event (\d+)")
_BUSINESS = re.compile(r"(?:business|school) (\d+)")
_CLASS = re.compile(r"class (\d+)")
_BROADCAST = re.compile(r"(?:school \d+, )?broadcast (\d+)")
_BOOKING = re.compile(r"booking (\d+)")


def names_in(tx: Tx, rows: Iterable[Looked]) -> Names:
    """What these rows of the trail speak of by number."""
    details = [row.detail for row in rows]
    return Names(
        events=events.names(tx, _numbers(_EVENT, details)),
        businesses=businesses.names(tx, _numbers(_BUSINESS, details)),
        classes=schools.names(tx, _numbers(_CLASS, details)),
        hamlets=places.hamlet_names(tx, layout.commune_id()),
        broadcasts=broadcasts.names(tx, _numbers(_BROADCAST, details)),
        bookings=events.of_bookings(tx, _numbers(_BOOKING, details)),
    )


def _numbers(pattern: re.Pattern[str], details: Iterable[str]) -> list[int]:
    """Those that a detail begins with, each once."""
    found = set()
    for detail in details:
        match = pattern.match(detail)
        if match:
            found.add(int(match[1]))
    return sorted(found)


def said(row: Looked, names: Names) -> str:
    """`event 56: 30 → 0 (xa)` as `Họp, NVH …: xa đếm 30 người, đổi thành 0`; what
    nobody wrote words for as it is.
    """
    for sentence in SENTENCES.get(row.action, ()):
        match = sentence.pattern.fullmatch(row.detail)
        if match:
            return sentence.say(names, match.groupdict())
    return row.detail


Groups = Mapping[str, str]  # what stands in a detail


class Sentence(NamedTuple):
    """How a detail is written, and what is said of it."""

    pattern: re.Pattern[str]
    say: Callable[[Names, Groups], str]


class Field(NamedTuple):
    """What may stand in a detail under a name, as a regular expression, and how the
    desk says it; as it stands, where nothing is said.
    """

    shape: str
    read: Callable[[Names, str], str] | None = None


def _day(_names: Names, day: str) -> str:
    return layout.day_name(day)


def _word_of(prefix: str) -> Callable[[Names, str], str]:
    """The word for a value of a closed list."""
    return lambda _names, value: _named(prefix, value)


def _people(_names: Names, which: str) -> str:
    """All of a broadcast, those that were chosen, or those left out for one reason."""
    match which:
        case "all":
            return layout.say("all")
        case "chosen":
            return layout.say("watch_chosen")
    return reason_said(which)


def _named(prefix: str, value: str) -> str:
    return lang.named(layout.language(), prefix, value)


_A_NUMBER = r"\d+"
_A_WORD = r"\w+"
_A_DAY = r"\d{4}-\d\d-\d\d"
_ANYTHING = ".*"
_OF_DAY = Field(_A_DAY, _day)
# By the name under which it stands in a detail and in the sentence that is said of it.
FIELDS: Mapping[str, Field] = {
    "event": Field(_A_NUMBER, Names.event),
    "booking": Field(_A_NUMBER, Names.booking),
    "business": Field(_A_NUMBER, Names.business),
    "school": Field(_A_NUMBER, Names.business),
    "of_class": Field(_A_NUMBER, Names.of_class),
    "school_of": Field(_A_NUMBER, Names.school_of),
    "broadcast": Field(_A_NUMBER, Names.broadcast),
    "hamlet": Field(r"\d+|None", Names.hamlet),
    "number": Field(_A_NUMBER),
    "cancelled": Field(_A_NUMBER),
    "kept": Field(_A_NUMBER),
    "day": _OF_DAY,
    "since": _OF_DAY,
    "until": _OF_DAY,
    "starts": _OF_DAY,
    "ends": _OF_DAY,
    "list": Field(_A_WORD, _word_of("list")),
    "kind": Field(_A_WORD, _word_of("import_kind")),
    "what": Field(_A_WORD, _word_of("do")),
    "topic": Field(_A_WORD, _word_of("topic")),
    "report": Field(_A_WORD, _word_of("report_kind")),
    "outcome": Field("[a-z]+", _word_of("outcome_of")),
    "answer": Field("kept|gone", _word_of("app_is")),
    "fact": Field("handset|sim|poor"),
    "value": Field(_A_WORD),
    "which": Field(".+", _people),
    "code": Field(r"\*\S+#"),
    "sms": Field(r"\S+"),
    "was": Field(".+"),
    "who": Field(".+"),
    "name": Field(_ANYTHING),
    "first": Field(_ANYTHING),
    "last": Field(_ANYTHING),
}


def _written(detail: str, says: str | Callable[[Names, Groups], str]) -> Sentence:
    """Of a detail like `event {event}: {number}`, where `…` is what nobody reads: the
    key of a sentence with these fields, or a function.
    """
    escaped = re.escape(detail).replace("…", _ANYTHING)
    pattern = re.sub(r"\\{(\w+)\\}", _as_group, escaped)
    say = partial(_filled, says) if isinstance(says, str) else says
    return Sentence(re.compile(pattern), say)


def _as_group(field: re.Match[str]) -> str:
    name = field[1]
    return f"(?P<{name}>{FIELDS[name].shape})"


def _filled(key: str, names: Names, groups: Groups) -> str:
    read = {name: _read(name, names, value) for name, value in groups.items()}
    return layout.say(key, **read)


def _read(name: str, names: Names, value: str) -> str:
    read = FIELDS[name].read
    if read is None:
        return value
    return read(names, value)


def _joined(names: Names, groups: Groups) -> str:
    """What needs no sentence: one thing after the other."""
    read = [_read(name, names, value) for name, value in groups.items()]
    return ", ".join(read)


def _told_of(names: Names, groups: Groups) -> str:
    """What became of somebody when the event was changed."""
    event = names.event(groups["event"])
    outcome = _named("outcome_of", groups["outcome"])
    return f"{event}: {outcome}"


def _seen(_names: Names, groups: Groups) -> str:
    kind = groups["fact"]
    fact = _named("fact", kind)
    value = _named(kind, groups["value"])
    return f"{fact}: {value}"


def _log(_names: Names, groups: Groups) -> str:
    """Of the log of what was done; None or nothing where it was not narrowed."""
    first = groups["first"]
    last = groups["last"]
    if first in _NOT_NARROWED and last in _NOT_NARROWED:
        return layout.say("trail_log_whole")
    since = _day_or_open(first)
    until = _day_or_open(last)
    return layout.say("trail_log", since=since, until=until)


def _day_or_open(day: str) -> str:
    return "…" if day in _NOT_NARROWED else layout.day_name(day)


_NOT_NARROWED = ("", "None")
_OF_EVENT = _written("event {event}", _joined)
_OF_ITS_PEOPLE = _written("event {event}: {outcome}", _told_of)
_OF_BUSINESS = _written("business {business}", _joined)
_OF_HOMES = _written("{list}, hamlet {hamlet}, {number} homes", "trail_homes")
_OF_BOOKING = _written("booking {booking}", _joined)
_OF_REQUEST = _written("request {number}", "trail_request")
_OF_INDICATOR = _written("{what}", _joined)
_OF_FACT = _written("{topic} {day}", _joined)
# For each action, the details that are written with it, and what is said of them;
# the first that fits. Without any it says enough.
SENTENCES: Mapping[str, tuple[Sentence, ...]] = {
    "look": (),
    "edit": (),
    "check_in": (),
    "undo_check_in": (),
    "move": (),
    "cancel": (),
    "called": (),
    "number_refused": (),
    "book_refused": (),
    "parent_withdrawn": (),
    "face_waits": (),
    "face_done": (),
    "event_new": (_OF_EVENT,),
    "event_held": (_OF_EVENT,),
    "event_announce": (_OF_EVENT,),
    "event_copy": (_OF_EVENT,),
    "event_close": (_OF_EVENT,),
    "event_reopen": (_OF_EVENT,),
    "event_edit": (_OF_EVENT, _OF_ITS_PEOPLE),
    "event_cancel": (_OF_EVENT, _OF_ITS_PEOPLE),
    "event_named": (_OF_EVENT, _OF_ITS_PEOPLE),
    "came": (_OF_EVENT,),
    "came_off": (_OF_EVENT,),
    "heads": (
        _written("event {event}: {was} → {number} ({who})", "trail_heads_corrected"),
        _written("event {event}: {number}", "trail_heads"),
    ),
    "book": (_OF_BOOKING,),
    "walk_in": (_OF_BOOKING,),
    "log": (_OF_INDICATOR,),
    "undo": (_OF_BUSINESS, _OF_INDICATOR),
    "app": (_written("{answer}", _joined),),
    "seen": (_written("{fact}={value}", _seen),),
    "number": (),
    "business": (
        _written("business …: {was} → {name}", "trail_renamed"),
        _OF_BUSINESS,
    ),
    "business_close": (_OF_BUSINESS,),
    "business_reopen": (_OF_BUSINESS,),
    "class_counts": (
        _written("school {school}, {day}, {number} classes", "trail_classes"),
    ),
    "class_counts_back": (
        _written("school {school}, {day}, taken back", "trail_counts_back"),
    ),
    "class_renamed": (
        _written("class {school_of}: {was} → {name}", "trail_class_renamed"),
    ),
    "class_removed": (_written("school {school}, {name}", "trail_class_removed"),),
    "parents": (_written("class {of_class}, {number} lines", "trail_parents"),),
    "parent": (_written("class {of_class}", _joined),),
    "school_notice": (
        _written("school {school}, broadcast {broadcast}", "trail_school_notice"),
    ),
    "list_print": (_OF_HOMES,),
    "list_export": (_OF_HOMES,),
    "unreached": (_written("hamlet {hamlet}, {number} lines", "trail_unreached"),),
    "broadcast_people": (
        _written(
            "broadcast {broadcast}, not reached, hamlet {hamlet}, {number} lines",
            "trail_not_reached",
        ),
        _written("broadcast {broadcast}, {which}, {number} lines", "trail_broadcast"),
    ),
    "export": (
        _written("broadcast {broadcast}", "trail_broadcast_list"),
        _written("lessons", "trail_lessons"),
        _written("wishes {since}..{until}", "trail_wishes"),
        _written("conversions {first}..{last}", _log),
        _written("list {kind}, {number} rows", "trail_import"),
    ),
    "import": (_written("{kind}, {number} rows", "trail_import"),),
    "request": (_OF_REQUEST,),
    "request_done": (_OF_REQUEST,),
    "request_declined": (_OF_REQUEST,),
    "request_reopened": (_OF_REQUEST,),
    "request_to_school": (_OF_REQUEST,),
    "unread_seen": (),
    "unread_answer": (),
    "unread_opinion": (),
    "unread_request": (_OF_REQUEST,),
    "parent_adverts": (),
    "parent_adverts_withdrawn": (),
    "fact_written": (_OF_FACT,),
    "fact_withdrawn": (_OF_FACT,),
    "plan_note": (
        _written("{day}", _joined),
        _written("{day} {what}", _joined),
    ),
    "report": (_written("{report} {since} {until}", "trail_report"),),
    "report_file": (),
    "target": (_written("{what} {hamlet} {number}", "trail_target"),),
    "setup": (
        _written("{code} {sms}", "trail_reach"),
        _written("{day} {name}", "trail_name"),
        _written("report {day}", "trail_report_head"),
        _written("plan {starts} {ends}", "trail_plan"),
        _written("holiday {day} {name}", "trail_holiday"),
        _written("no holiday {day}", "trail_no_holiday"),
        _written("hamlet {name}", "trail_hamlet"),
        _written("hall {name}", "trail_hall"),
        _written("scheme ended {name}", "trail_scheme_ended"),
        _written("scheme {name}", "trail_scheme"),
    ),
    "erased": (
        _written(
            "…bookings cancelled {cancelled},…conversions kept {kept}", "trail_erased"
        ),
    ),
}
