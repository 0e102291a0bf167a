"""Whom a broadcast is for, between a form and its rule: a group, perhaps a second one, and whom to leave out.

    {"hamlet": ["Quảng Trung I"], "handset": ["2g"], "not": {"booked": true}}
    {"any": [{"hamlet": ["Quảng Trung I"]}, {"poor": ["yes"]}], "not": {"converted": true}}

A rule that is built otherwise (from a file) is kept and said in words; the form only replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from db.broadcasts.rules import HANDSETS, KNOWN, LANGUAGES, POOR, PURPOSES, REQUESTS, SESSIONS, SIMS
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
SAID_AS = {"request": "request_kind"}  # what the words of its values begin with, where that is not its name
EITHER = (
    "household_on_2g", "booked", "missed", "waiting", "converted", "account", "household_account", "app", "unreached",
)  # fmt: skip
NAMED = ("school",)  # come by name from a page of their own
IDS = ("event", "failed_of")  # come from elsewhere: a day's page, a broadcast that failed for some
GROUPS = ("a", "b", "c")  # the group, the second one, whom to leave out: what their fields begin with


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
        made |= {name: values for name, values in self.many.items() if values}
        made |= {name: said == "yes" for name, said in self.either.items() if said}
        made |= {name: names for name, names in self.named.items() if names}
        return made | {name: ids for name, ids in self.ids.items() if ids}


@dataclass(slots=True)
class Choice:
    """The whole form: everybody in `group` or in `second`, but nobody of `excluded`."""

    group: Group = field(default_factory=Group)
    second: Group = field(default_factory=Group)
    excluded: Group = field(default_factory=Group)

    @property
    def rule(self) -> dict[str, Any]:
        """As it is kept. Where only the second group is filled in, it is the group."""
        filled = [group.rule for group in (self.group, self.second) if group.rule]
        made: dict[str, Any] = {"any": filled} if len(filled) > 1 else dict(filled[0]) if filled else {}
        if self.excluded.rule:
            made["not"] = self.excluded.rule
        return made

    @property
    def parts(self) -> list[tuple[str, Group]]:
        """Each group with what its fields begin with."""
        return list(zip(GROUPS, (self.group, self.second, self.excluded), strict=True))


def from_form(form: MultiDict[str, str]) -> Choice:
    """What was ticked; what the form never offered is passed over."""
    return Choice(*[_group(form, prefix) for prefix in GROUPS])


def _group(form: MultiDict[str, str], prefix: str) -> Group:
    found = Group(hamlets=form.getlist(f"{prefix}_hamlet"))
    for name, values in MANY.items():
        found.many[name] = [value for value in form.getlist(f"{prefix}_{name}") if value in values]
    for name in EITHER:
        said = form.get(f"{prefix}_{name}", "")
        found.either[name] = said if said in ("yes", "no") else ""
    for name in IDS:
        given = form.getlist(f"{prefix}_{name}")
        found.ids[name] = [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 16]
    for name in NAMED:
        found.named[name] = form.getlist(f"{prefix}_{name}")
    return found


def from_rule(rule: Rule) -> Choice | None:
    """The form as it would be filled in for this rule; None where the form cannot say it."""
    plain = {name: value for name, value in rule.items() if name not in ("any", "not")}
    either_of = rule.get("any")
    if either_of is None:
        groups: list[Any] = [plain, {}]
    elif plain or not isinstance(either_of, list) or len(either_of) != 2:
        return None
    else:
        groups = either_of
    filled = [_filled(one) for one in (*groups, rule.get("not", {}))]
    if any(one is None for one in filled):
        return None
    return Choice(*[one for one in filled if one is not None])


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


def in_words(rule: Rule, names: Mapping[tuple[str, int], str]) -> list[str]:
    """The rule line by line in the reader's language. `names` are those of events and broadcasts it speaks of."""
    lines = [_member(name, value, names) for name, value in rule.items()]
    return lines or [layout.say("audience_everybody")]


def _member(name: str, value: Any, names: Mapping[tuple[str, int], str]) -> str:
    if name == "any" and isinstance(value, list):
        return f" – {layout.say('audience_or')} – ".join(_in_one_line(one, names) for one in value)
    if name == "not":
        return layout.say("audience_not", what=_in_one_line(value, names))
    if name in EITHER and isinstance(value, bool):
        return f"{layout.say(f'member_{name}')}: {layout.say('yes' if value else 'no')}"
    listed: Sequence[Any] = value if isinstance(value, list) else [value]
    said = ", ".join(_value(name, one, names) for one in listed)
    return f"{layout.say(f'member_{name}')}: {said}" if name in SAID else f"{name}: {json.dumps(value)}"


SAID = ("hamlet", *MANY, *EITHER, *NAMED, *IDS)


def _in_one_line(rule: Any, names: Mapping[tuple[str, int], str]) -> str:
    return "; ".join(in_words(rule, names)) if isinstance(rule, dict) else json.dumps(rule, ensure_ascii=False)


def _value(name: str, value: Any, names: Mapping[tuple[str, int], str]) -> str:
    if name in IDS and isinstance(value, int):
        return names.get((name, value), str(value))
    return value_named(name, str(value))


def value_named(name: str, value: str) -> str:
    """The word for one value of a member: `2G phone`, `near poor`; a hamlet stands for itself."""
    if name == "hamlet":
        return value
    return layout.say(f"{SAID_AS.get(name, name)}_{value}") if value in MANY.get(name, ()) else value


def ids_in(rule: Any, kind: str) -> list[int]:
    """Which events, or which broadcasts, a rule speaks of, however deep."""
    if isinstance(rule, list):
        return [one for part in rule for one in ids_in(part, kind)]
    if not isinstance(rule, dict):
        return []
    found: list[int] = []
    for name, value in rule.items():
        if name == kind:
            found += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)]
        elif name in ("any", "not"):
            found += ids_in(value, kind)
    return found
