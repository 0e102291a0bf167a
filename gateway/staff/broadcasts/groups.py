"""Whom a broadcast is for, between a form and its rule: a group, perhaps a second one, and whom to leave out.

    {"hamlet": ["Quảng Trung I"], "handset": ["2g"], "not": {"booked": true}}
    {"any": [{"hamlet": ["Quảng Trung I"]}, {"poor": ["yes"]}], "not": {"converted": true}}

A rule that is built otherwise (from a file) is kept and said in words; the form only replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from db.broadcasts.rules import (
    HANDSETS,
    KNOWN,
    LANGUAGES,
    POOR,
    PURPOSES,
    REQUESTS,
    SESSIONS,
    SIMS,
)
from db.register.businesses import KINDS
from gateway.staff import layout

Rule = Mapping[str, Any]

MANY: Mapping[str, tuple[str, ...]] = {
    "handset": HANDSETS,
    "sim": SIMS,
    "poor": POOR,
    "language": LANGUAGES,
    "consent": PURPOSES,
    "known": KNOWN,
    "business": KINDS,
    "session": SESSIONS,
    "request": REQUESTS,
}
SAID_AS = {
    "request": "request_kind"
}  # what the words of its values begin with, where that is not its name
EITHER = (
    "household_on_2g", "booked", "missed", "waiting", "converted", "account", "household_account", "app", "unreached",
)  # fmt: skip
NAMED = ("school",)  # come by name from a page of their own
IDS = (
    "event",
    "came",
    "failed_of",
)  # come from elsewhere: a day's page, a broadcast that failed for some
GROUPS = (
    "a",
    "b",
    "c",
)  # the group, the second one, whom to leave out: what their fields begin with


def _filled_in(members: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {name: values for name, values in members.items() if values}


@dataclass(slots=True)
class Group:
    """What is ticked in one group of the form. `either` holds yes, no, or nothing where it does not matter."""

    hamlets: list[str] = field(default_factory=list)
    many: dict[str, list[str]] = field(default_factory=dict)
    either: dict[str, str] = field(default_factory=dict)
    ids: dict[str, list[int]] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rule(self) -> dict[str, Any]:
        """Its members; empty where nothing is ticked."""
        made: dict[str, Any] = {}
        if self.hamlets:
            made["hamlet"] = self.hamlets
        made |= _filled_in(self.many)
        made |= {name: said == "yes" for name, said in self.either.items() if said}
        made |= _filled_in(self.named)
        made |= _filled_in(self.ids)
        return made


@dataclass(slots=True)
class Choice:
    """The whole form: everybody in `group` or in `second`, but nobody of `excluded`.

    Where neither group is filled in, `everybody` must have been ticked: an empty form chooses nobody.
    """

    group: Group = field(default_factory=Group)
    second: Group = field(default_factory=Group)
    excluded: Group = field(default_factory=Group)
    everybody: bool = False

    @property
    def rule(self) -> dict[str, Any] | None:
        """As it is kept; none while nobody is chosen. Where only the second group is filled in, it is the group."""
        groups = [self.group.rule, self.second.rule]
        filled = [rule for rule in groups if rule]
        if not filled and not self.everybody:
            return None
        made: dict[str, Any] = {}
        if len(filled) > 1:
            made["any"] = filled
        elif filled:
            made |= filled[0]
        excluded = self.excluded.rule
        if excluded:
            made["not"] = excluded
        return made

    @property
    def parts(self) -> list[tuple[str, Group]]:
        """Each group with what its fields begin with."""
        return list(zip(GROUPS, (self.group, self.second, self.excluded), strict=True))


def from_form(form: MultiDict[str, str]) -> Choice:
    """What was ticked; what the form never offered is passed over."""
    group, second, excluded = [_group(form, prefix) for prefix in GROUPS]
    return Choice(group, second, excluded, everybody=bool(form.get("everybody")))


def _group(form: MultiDict[str, str], prefix: str) -> Group:
    found = Group(hamlets=form.getlist(f"{prefix}_hamlet"))
    for name, values in MANY.items():
        ticked = form.getlist(f"{prefix}_{name}")
        found.many[name] = [value for value in ticked if value in values]
    for name in EITHER:
        said = form.get(f"{prefix}_{name}")
        if said in ("yes", "no"):
            found.either[name] = said
    for name in IDS:
        given = form.getlist(f"{prefix}_{name}")
        found.ids[name] = [int(one) for one in given if layout.is_whole_number(one)]
    for name in NAMED:
        found.named[name] = form.getlist(f"{prefix}_{name}")
    return found


def from_rule(rule: Rule | None) -> Choice | None:
    """The form as it would be filled in for this rule, empty while there is none; None where the form cannot say it."""
    if rule is None:
        return Choice()
    members = {
        name: value for name, value in rule.items() if name not in ("any", "not")
    }
    either_of = rule.get("any")
    if either_of is None:
        groups: list[Any] = [members, {}]
    elif members or not isinstance(either_of, list) or len(either_of) != 2:
        return None
    else:
        groups = either_of
    group = _filled(groups[0])
    second = _filled(groups[1])
    excluded = _filled(rule.get("not", {}))
    if group is None or second is None or excluded is None:
        return None
    everybody = not group.rule and not second.rule
    return Choice(group, second, excluded, everybody)


def _filled(rule: Any) -> Group | None:
    if not isinstance(rule, dict):
        return None
    found = Group()
    for name, value in rule.items():
        listed = value if isinstance(value, list) else [value]
        if name == "hamlet":
            found.hamlets = [str(one) for one in listed]
        elif name in MANY:
            found.many[name] = [str(one) for one in listed]
        elif name in EITHER and isinstance(value, bool):
            found.either[name] = "yes" if value else "no"
        elif name in NAMED:
            found.named[name] = [str(one) for one in listed]
        elif name in IDS and all(isinstance(one, int) for one in listed):
            found.ids[name] = listed
        else:
            return None
    return found


Names = Mapping[
    tuple[str, int | str], str
]  # member and value -> what it is called today


def in_words(rule: Rule, names: Names) -> list[str]:
    """The rule line by line in the reader's language: every line must hold. A group within it stands in brackets.

    `names` are those of the events, broadcasts and hamlets it speaks of.
    """
    if not rule:
        return [layout.say("audience_everybody")]
    return [_member(name, value, names) for name, value in rule.items()]


def _member(name: str, value: Any, names: Names) -> str:
    if name == "any" and isinstance(value, list):
        groups = [_in_one_line(one, names) for one in value]
        either = layout.say("audience_or")
        return f" {either} ".join(groups)
    if name == "not":
        excluded = _in_one_line(value, names)
        return layout.say("audience_not", what=excluded)
    if name not in SAID:
        return f"{name}: {json.dumps(value)}"
    label = layout.say(f"member_{name}")
    said = _values(name, value, names)
    return f"{label}: {said}"


def _values(name: str, value: Any, names: Names) -> str:
    if name in EITHER and isinstance(value, bool):
        return layout.say("yes" if value else "no")
    listed = value if isinstance(value, list) else [value]
    said = [_value(name, one, names) for one in listed]
    return ", ".join(said)


SAID = ("hamlet", *MANY, *EITHER, *NAMED, *IDS)


def _in_one_line(rule: Any, names: Names) -> str:
    """A group within a rule, in brackets where several things must hold in it."""
    if not isinstance(rule, dict):
        return json.dumps(rule, ensure_ascii=False)
    lines = in_words(rule, names)
    if len(lines) == 1 and "any" not in rule:
        return lines[0]
    both = layout.say("audience_and")
    return f"({f'; {both} '.join(lines)})"


def _value(name: str, value: Any, names: Names) -> str:
    if name == "hamlet" or (name in IDS and isinstance(value, int)):
        return names.get((name, value), str(value))
    return value_named(name, str(value))


def value_named(name: str, value: str) -> str:
    """The word for one value of a member: `2G phone`, `near poor`; a hamlet stands for itself."""
    if name == "hamlet" or value not in MANY.get(name, ()):
        return value
    prefix = SAID_AS.get(name, name)
    return layout.say(f"{prefix}_{value}")


def ids_in(rule: Any, kind: str) -> list[int]:
    """Which events, or which broadcasts, a rule speaks of, however deep."""
    return [one for one in _values_in(rule, kind) if isinstance(one, int)]


def hamlets_in(rule: Any) -> list[str]:
    """Which hamlets a rule names, however deep, as they were called when it was written."""
    return [one for one in _values_in(rule, "hamlet") if isinstance(one, str)]


def _values_in(rule: Any, kind: str) -> list[Any]:
    found: list[Any] = []
    if isinstance(rule, list):
        for part in rule:
            found += _values_in(part, kind)
        return found
    if not isinstance(rule, dict):
        return found
    for name, value in rule.items():
        if name == kind:
            found += value if isinstance(value, list) else [value]
        elif name in ("any", "not"):
            found += _values_in(value, kind)
    return found


def called_today(choice: Choice, names: Mapping[str, str]) -> None:
    """Tick each hamlet under the name it has now. `names` is the name it had -> the one it has."""
    for _, group in choice.parts:
        today = [names.get(name, name) for name in group.hamlets]
        group.hamlets = list(dict.fromkeys(today))
