"""Whom a broadcast is for, between a form and its rule: a group, perhaps a second one,
and whom to leave out.

    {"hamlet": ["Quảng Trung I"], "handset": ["2g"], "not": {"booked": true}} {"any":
    [{"hamlet": ["Quảng Trung I"]}, {"poor": ["yes"]}], "not": {"converted": true}}

A rule that is built otherwise (from a file) is kept and said in words; the form only
replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
Form = MultiDict[str, str]
Value = tuple[str, int | str]  # a member of a rule, and one value of it
Names = Mapping[Value, str]  # what each value is called today

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
# what the words of its values begin with, where that is not its name
SAID_AS = {"request": "request_kind"}
EITHER = (
    "household_on_2g",
    "booked",
    "missed",
    "waiting",
    "converted",
    "account",
    "household_account",
    "app",
    "unreached",
)
NAMED = ("school",)  # come by name from a page of their own
# come from elsewhere: a day's page, a broadcast that failed for some, an invitation
IDS = (
    "event",
    "came",
    "failed_of",
    "person",
)
SAID = ("hamlet", *MANY, *EITHER, *NAMED, *IDS)  # members that the form can say
# the group, the second one, whom to leave out: what their fields begin with
GROUPS = (
    "a",
    "b",
    "c",
)


def _filled_in(members: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {name: values for name, values in members.items() if values}


@dataclass(slots=True)
class Group:
    """What is ticked in one group of the form. `either` holds yes, no, or nothing where
    it does not matter.
    """

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
        for name, said in self.either.items():
            if said:
                made[name] = said == "yes"
        made |= _filled_in(self.named)
        made |= _filled_in(self.ids)
        return made


@dataclass(slots=True)
class Choice:
    """The whole form: everybody in `group` or in `second`, but nobody of `excluded`.

    Where neither group is filled in, `everybody` must have been ticked: an empty form
    chooses nobody.
    """

    group: Group = field(default_factory=Group)
    second: Group = field(default_factory=Group)
    excluded: Group = field(default_factory=Group)
    everybody: bool = False

    @property
    def rule(self) -> dict[str, Any] | None:
        """As it is kept; none while nobody is chosen. Where only the second group is
        filled in, it is the group.
        """
        group = self.group.rule
        second = self.second.rule
        excluded = self.excluded.rule
        if not group and not second and not self.everybody:
            return None
        made: dict[str, Any] = group or second
        if group and second:
            made = {"any": [group, second]}
        if excluded:
            made["not"] = excluded
        return made

    @property
    def parts(self) -> list[tuple[str, Group]]:
        """Each group with what its fields begin with."""
        groups = (self.group, self.second, self.excluded)
        return list(zip(GROUPS, groups, strict=True))


def from_form(form: Form) -> Choice:
    """What was ticked; what the form never offered is passed over."""
    choice = Choice()
    choice.everybody = bool(form.get("everybody"))
    for prefix, group in choice.parts:
        fields = _fields(form, prefix)
        _tick(group, fields)
    return choice


def _fields(form: Form, prefix: str) -> Form:
    """The fields of one group, without what their names begin with."""
    begins = f"{prefix}_"
    found: Form = MultiDict()
    for field_name, value in form.items(multi=True):
        if field_name.startswith(begins):
            name = field_name.removeprefix(begins)
            found.add(name, value)
    return found


def _tick(group: Group, fields: Form) -> None:
    group.hamlets = fields.getlist("hamlet")
    for name, offered in MANY.items():
        ticked = fields.getlist(name)
        group.many[name] = [value for value in ticked if value in offered]
    for name in EITHER:
        said = fields.get(name)
        if said in ("yes", "no"):
            group.either[name] = said
    for name in IDS:
        ticked = fields.getlist(name)
        group.ids[name] = _whole_numbers(ticked)
    for name in NAMED:
        group.named[name] = fields.getlist(name)


def _whole_numbers(ticked: list[str]) -> list[int]:
    return [int(one) for one in ticked if layout.is_whole_number(one)]


def from_rule(rule: Rule | None) -> Choice | None:
    """The form as it would be filled in for this rule, empty while there is none; None
    where the form cannot say it.
    """
    if rule is None:
        return Choice()
    groups = _two_groups(rule)
    if groups is None:
        return None
    group, second = map(_filled, groups)
    excluded = _filled(rule.get("not", {}))
    if group is None or second is None or excluded is None:
        return None
    everybody = not group.rule and not second.rule
    return Choice(group, second, excluded, everybody)


def _two_groups(rule: Rule) -> Sequence[Any] | None:
    """The rules of the group and of the second one, which may be empty; None where it
    is not built of these.
    """
    members = dict(rule)
    members.pop("not", None)
    either_of = members.pop("any", None)
    if either_of is None:
        return (members, {})
    if members or not isinstance(either_of, list):
        return None
    return either_of if len(either_of) == 2 else None


def _filled(rule: Any) -> Group | None:
    """The group as it would be ticked for this rule; None where the form cannot say it."""
    if not isinstance(rule, dict):
        return None
    found = Group()
    for name, value in rule.items():
        is_filled = _fill(found, name, value)
        if not is_filled:
            return None
    return found


def _fill(group: Group, name: str, value: Any) -> bool:
    """Tick what this member of a rule says; whether the form can say it."""
    values = _as_list(value)
    if name == "hamlet":
        group.hamlets = _as_text(values)
    elif name in MANY:
        group.many[name] = _as_text(values)
    elif name in EITHER and isinstance(value, bool):
        group.either[name] = _yes_or_no(value)
    elif name in NAMED:
        group.named[name] = _as_text(values)
    elif name in IDS and _are_numbers(values):
        group.ids[name] = values
    else:
        return False
    return True


def _are_numbers(values: list[Any]) -> bool:
    return all(isinstance(one, int) for one in values)


def _as_list(value: Any) -> list[Any]:
    """What a rule says of a member: several values, or one."""
    return value if isinstance(value, list) else [value]


def _as_text(values: list[Any]) -> list[str]:
    return [str(value) for value in values]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def in_words(rule: Rule, names: Names) -> list[str]:
    """The rule line by line in the reader's language: every line must hold. A group
    within it stands in brackets.

    `names` are those of the events, broadcasts and hamlets it speaks of.
    """
    if not rule:
        return [layout.say("audience_everybody")]
    return [_member(name, value, names) for name, value in rule.items()]


def _member(name: str, value: Any, names: Names) -> str:
    if name == "any" and isinstance(value, list):
        return _either_of(value, names)
    if name == "not":
        excluded = _in_one_line(value, names)
        return layout.say("audience_not", what=excluded)
    if name in SAID:
        label = layout.say(f"member_{name}")
        said = _values(name, value, names)
    else:
        label = name
        said = json.dumps(value)
    return f"{label}: {said}"


def _either_of(rules: list[Any], names: Names) -> str:
    either = layout.say("audience_or")
    groups = [_in_one_line(rule, names) for rule in rules]
    return f" {either} ".join(groups)


def _values(name: str, value: Any, names: Names) -> str:
    if name in EITHER and isinstance(value, bool):
        return layout.say(_yes_or_no(value))
    said = [_value(name, one, names) for one in _as_list(value)]
    return ", ".join(said)


def _in_one_line(rule: Any, names: Names) -> str:
    """A group within a rule, in brackets where several things must hold in it."""
    if not isinstance(rule, dict):
        return json.dumps(rule, ensure_ascii=False)
    lines = in_words(rule, names)
    if len(lines) == 1 and "any" not in rule:
        return lines[0]
    both = layout.say("audience_and")
    joined = f"; {both} ".join(lines)
    return f"({joined})"


def _value(name: str, value: Any, names: Names) -> str:
    written = str(value)
    is_id = name in IDS and isinstance(value, int)
    if is_id or name == "hamlet":
        return names.get((name, value), written)
    return value_named(name, written)


def value_named(name: str, value: str) -> str:
    """The word for one value of a member: `2G phone`, `near poor`; a hamlet stands for
    itself.
    """
    known = MANY.get(name, ())
    if value not in known:
        return value
    prefix = SAID_AS.get(name, name)
    return layout.say(f"{prefix}_{value}")


def ids_in(rule: Any, kind: str) -> list[int]:
    """Which events, or which broadcasts, a rule speaks of, however deep."""
    return [one for one in _values_in(rule, kind) if isinstance(one, int)]


def hamlets_in(rule: Any) -> list[str]:
    """Which hamlets a rule names, however deep, as they were called when it was
    written.
    """
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
            found += _as_list(value)
        elif name in ("any", "not"):
            found += _values_in(value, kind)
    return found


def called_today(choice: Choice, names: Mapping[str, str]) -> None:
    """Tick each hamlet under the name it has now. `names` is the name it had -> the one
    it has.
    """
    for _, group in choice.parts:
        today = [names.get(name, name) for name in group.hamlets]
        group.hamlets = list(dict.fromkeys(today))
