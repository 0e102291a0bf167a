"""The rule that says whom a broadcast is for: a JSON object whose members must all
hold, as a condition in SQL.

    {"hamlet": ["Quảng Trung I", "Quảng Trung II"], "handset": ["2g"], "not": {"booked":
    true}}

A condition speaks of `p`, a row of people, and binds `:now` (UTC ms) alone. Values are
ids and words of closed lists, so that nothing of what was typed gets into it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from db.broadcasts import reasons
from db.broadcasts.errors import BadRule
from db.models.states import EventKind, RequestKind
from db.places import naming
from db.register import businesses, schools
from db.store.engine import Tx
from db.store.statements import Scalar, list_of_ids, list_of_words

Read = Callable[[str, Any], str]  # a member's name and value -> its condition

# how the rule of a draft is kept while nobody has said whom it is for
UNCHOSEN = "null"
DEEPEST = 6  # rules within rules
RULES_MOST = 200  # in all: SQLite takes no condition of a thousand parts
ID_MOST = 2**63 - 1  # as both engines keep it

HANDSETS = ("2g", "3g", "4g_no_volte", "4g_volte", "unknown")
SIMS = ("2g", "3g", "4g", "unknown")
POOR = ("yes", "near", "no", "unknown")
LANGUAGES = ("vi", "en")
KNOWN = ("name", "hamlet", "code")  # of whom there is something to say in a text
PURPOSES = ("booking", "callback", "operator", "advert", "school")
OF_A_CLASS = " / "  # stands between a school and its class: `Trường Tiểu học / 3A`
# of events that somebody has a seat at, or came to
SESSIONS = tuple(kind.value for kind in EventKind)
REQUESTS = tuple(kind.value for kind in RequestKind)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a rule: its name, the condition it sets, and why somebody is left
    out for whom it does not hold.
    """

    name: str
    condition: str
    reason: str = reasons.NOT_ASKED_FOR


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read: all its members must hold."""

    members: tuple[Member, ...]

    @property
    def condition(self) -> str:
        return _all([member.condition for member in self.members])


def is_true(condition: str) -> str:
    """The same, and false where nothing is known of it (NULL)."""
    return f"COALESCE(({condition}), FALSE)"


# What is known best of somebody: staff saw it, else the register says so, else they
# said it themselves.
_BEST = (
    "COALESCE((SELECT f.value FROM facts f WHERE f.person_id = {who}.id AND f.kind = '{kind}' AND f.value <> 'unknown'"
    " ORDER BY CASE f.source WHEN 'seen' THEN 1 WHEN 'register' THEN 2 ELSE 3 END LIMIT 1), 'unknown')"
)
_HANDSET = _BEST.format(who="p", kind="handset")
_SIM = _BEST.format(who="p", kind="sim")
_POOR_FACT = _BEST.format(who="p", kind="poor")
_POOR = (
    f"COALESCE(NULLIF({_POOR_FACT}, 'unknown'),"
    " (SELECT h.poor FROM households h WHERE h.id = p.household_id), 'unknown')"
)
_HOUSEHOLD_ON_2G = (
    f"({_HANDSET} = '2g' OR EXISTS (SELECT 1 FROM people o WHERE o.household_id = p.household_id"
    f" AND o.erased_at IS NULL AND {_BEST.format(who='o', kind='handset')} = '2g'))"
)
_BOOKED = (
    "EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id"
    " WHERE b.person_id = p.id AND b.status = 'booked' AND s.ends_at > :now)"
)
_MISSED = (  # and neither came nor booked since
    "EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id AND b.status = 'missed' AND NOT EXISTS"
    "  (SELECT 1 FROM bookings a WHERE a.person_id = p.id AND a.id > b.id AND a.status IN ('booked', 'attended')))"
)
_WAITING = "EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id AND b.status IN ('waiting', 'offered'))"
_CONVERTED = (
    "EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
    " WHERE i.key = 'converted_person' AND c.subject_id = p.id)"
)
# Of the commune that `p` lives in; indicators have one key in every programme.
_COUNTS = (
    "EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
    " WHERE i.key = '{key}' AND c.subject_id = p.{of})"
)
_ACCOUNT, _APP = (
    _COUNTS.format(key="money_person", of="id"),
    _COUNTS.format(key="app_citizen", of="id"),
)
_HOUSEHOLD_ACCOUNT = (
    f"({_ACCOUNT} OR {_COUNTS.format(key='money_household', of='household_id')})"
)
_PARENT = "EXISTS (SELECT 1 FROM parents a WHERE a.person_id = p.id AND a.class_id IN ({ids}){standing})"
_STANDING = " AND a.withdrawn_at IS NULL"
_OWNER = "EXISTS (SELECT 1 FROM businesses b WHERE b.owner_id = p.id AND b.kind IN ({words}))"
# both ways to ask for who has not
UNCONVERTED = (
    f"NOT {_CONVERTED}",
    f"NOT {is_true(_CONVERTED)}",
)
# The last text that left us did not arrive.
_UNREACHED = """EXISTS (
    SELECT 1 FROM messages m
    WHERE m.phone = p.phone AND m.status IN ('FAILED', 'LOST') AND m.direction = 'out'
      AND NOT EXISTS (
        SELECT 1 FROM messages n
        WHERE n.phone = p.phone AND n.direction = 'out' AND n.id > m.id AND n.status IN ('SENT', 'DELIVERED')))
"""
_CONSENT = """
    EXISTS (SELECT 1 FROM consents c
      WHERE c.person_id = p.id AND c.withdrawn_at IS NULL AND c.purpose IN ({words}))
"""
_ASKS_FOR = """
    EXISTS (SELECT 1 FROM requests r
      WHERE r.person_id = p.id AND r.state = 'open' AND r.kind IN ({words}))
"""
_AT_EVENT = (
    "EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.person_id = p.id"
    " AND b.status IN ('booked', 'attended') AND s.event_id IN ({ids}))"
)
_CAME_TO = "EXISTS (SELECT 1 FROM attendances c WHERE c.person_id = p.id AND c.event_id IN ({ids}))"
_CAME = (
    "EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.person_id = p.id"
    " AND b.status = 'attended' AND s.event_id IN ({ids}))"
)
_OF_KIND = (  # booked at or came to an event of one of these kinds
    "(EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN events e ON e.id = s.event_id"
    "  WHERE b.person_id = p.id AND b.status IN ('booked', 'attended') AND e.kind IN ({words}))"
    " OR EXISTS (SELECT 1 FROM attendances c JOIN events e ON e.id = c.event_id"
    "  WHERE c.person_id = p.id AND e.kind IN ({words})))"
)
_FAILED_OF = (
    "EXISTS (SELECT 1 FROM messages m JOIN firings g ON g.id = m.firing_id WHERE m.person_id = p.id"
    " AND m.direction = 'out' AND m.status = 'FAILED' AND g.broadcast_id IN ({ids}))"
)
# Of whom something is known that a text speaks of.
_HAS: Mapping[str, str] = {
    "name": "p.name <> ''",
    "hamlet": "p.hamlet_id IS NOT NULL",
    "code": _BOOKED,
}
_EVENTS = Scalar(
    text("SELECT id FROM events WHERE commune_id = :commune_id AND id = :id"), int
)
_PEOPLE = Scalar(
    text("SELECT id FROM people WHERE commune_id = :commune_id AND id = :id"), int
)
_BROADCASTS = Scalar(
    text("SELECT id FROM broadcasts WHERE commune_id = :commune_id AND id = :id"), int
)


def parse(written: str) -> dict[str, Any]:
    """The JSON of a rule as it was stored or typed. Raises BadRule."""
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        raise BadRule("json") from None
    if found is None:
        raise BadRule("unchosen")
    if not isinstance(found, dict):
        raise BadRule("json")
    return found


def read(tx: Tx, rule: Mapping[str, Any], commune_id: int) -> Rule:
    """The rule as conditions, with the names in it looked up as they stand now. Raises
    BadRule.
    """
    return _Reader(tx, commune_id).rule(rule)


class _Reader:
    """Reads one rule of one commune."""

    def __init__(self, tx: Tx, commune_id: int) -> None:
        self._tx = tx
        self._commune_id = commune_id
        self._rules = 0  # read so far
        self._depth = 0  # of rules within rules
        self._hamlets = naming.Hamlets(tx, commune_id)
        self._members: Mapping[str, Read] = {
            **_MEMBERS,
            "hamlet": self._hamlet,
            "school": self._school,
            "known": self._fields,
            "event": self._event,
            "came": self._came,
            "failed_of": self._failed_of,
            "person": self._person,
            "any": self._any,
            "not": self._not,
        }

    def rule(self, rule: Any) -> Rule:
        if not isinstance(rule, dict):
            raise BadRule("value", _as_json(rule))
        self._rules += 1
        if self._depth > DEEPEST or self._rules > RULES_MOST:
            raise BadRule("deep")
        self._depth += 1
        members: list[Member] = []
        for name, value in rule.items():
            members += self._said(name, value)
        self._depth -= 1
        return Rule(tuple(members))

    def _said(self, name: str, value: Any) -> list[Member]:
        if name not in self._members:
            raise BadRule("member", name)
        read = self._members[name]
        condition = read(name, value)
        if name != "school":
            return [Member(name, condition)]
        # A parent who took the consent back has said more than somebody else's parent.
        classes = self._classes(value)
        once = _PARENT.format(ids=classes, standing="")
        return [Member(name, once), Member(name, condition, reasons.NO_CONSENT)]

    def _school(self, name: str, value: Any) -> str:
        classes = self._classes(value)
        return _PARENT.format(ids=classes, standing=_STANDING)

    def _classes(self, value: Any) -> str:
        """The classes of these schools, and these classes; of a school without any,
        none. Raises BadRule.
        """
        found: list[int] = []
        for said in _texts("school", value):
            found += self._classes_of(said)
        return list_of_ids(found) or "0"

    def _classes_of(self, said: str) -> list[int]:
        school = schools.named(self._tx, self._commune_id, said)
        if school is not None:
            classes = schools.classes_of(self._tx, school.id)
            return [one.id for one in classes]
        of_school, _, name = said.rpartition(OF_A_CLASS)
        school = schools.named(self._tx, self._commune_id, of_school)
        if school is not None:
            one = schools.class_named(self._tx, school.id, name)
            if one is not None:
                return [one.id]
        raise BadRule("school", said)

    def _hamlet(self, name: str, value: Any) -> str:
        ids = []
        for said in _texts(name, value):
            hamlet_id = self._hamlets.find(said)
            if hamlet_id is None:
                raise BadRule("hamlet", said)
            ids.append(hamlet_id)
        return f"p.hamlet_id IN ({list_of_ids(ids)})"

    def _fields(self, name: str, value: Any) -> str:
        fields = _known(name, value, KNOWN)
        return _all([_HAS[field] for field in fields])

    def _event(self, name: str, value: Any) -> str:
        """Booked at or came to one of these events."""
        ids = self._there("event", _EVENTS, value)
        booked = _AT_EVENT.format(ids=ids)
        came = _CAME_TO.format(ids=ids)
        return _either([booked, came])

    def _came(self, name: str, value: Any) -> str:
        """Was checked in at one of these events, or noted as there."""
        ids = self._there("event", _EVENTS, value)
        checked_in = _CAME.format(ids=ids)
        noted = _CAME_TO.format(ids=ids)
        return _either([checked_in, noted])

    def _failed_of(self, name: str, value: Any) -> str:
        ids = self._there("broadcast", _BROADCASTS, value)
        return _FAILED_OF.format(ids=ids)

    def _person(self, name: str, value: Any) -> str:
        """One of these people."""
        ids = self._there("person", _PEOPLE, value)
        return f"p.id IN ({ids})"

    def _there(self, kind: str, lookup: Scalar[int], value: Any) -> str:
        """The ids of a list of SQL, each of which must be the commune's own. Raises
        BadRule.
        """
        ids = value if isinstance(value, list) else [value]
        if not ids:
            raise BadRule("empty", kind)
        for one in ids:
            if not self._is_there(lookup, one):
                raise BadRule(kind, one)
        return list_of_ids(ids)

    def _is_there(self, lookup: Scalar[int], value: Any) -> bool:
        if not _is_id(value):
            return False
        found = self._tx.value(lookup, commune_id=self._commune_id, id=value)
        return found is not None

    def _any(self, name: str, value: Any) -> str:
        if not isinstance(value, list):
            raise BadRule("value", _as_json(value))
        if not value:
            raise BadRule("empty", name)
        alternatives = [self.rule(one) for one in value]
        return _either([f"({rule.condition})" for rule in alternatives])

    def _not(self, name: str, value: Any) -> str:
        if value == {}:  # everybody
            raise BadRule("empty", name)
        rule = self.rule(value)
        return f"NOT {is_true(rule.condition)}"


def _all(conditions: list[str]) -> str:
    return " AND ".join(conditions) or "TRUE"


def _either(conditions: list[str]) -> str:
    return f"({' OR '.join(conditions)})"


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value <= ID_MOST  # True is an int, too


def _holds(condition: str) -> Read:
    """A member that is true or false."""

    def member(name: str, value: Any) -> str:
        if not isinstance(value, bool):
            raise BadRule("value", f"{name}: {_as_json(value)}")
        return condition if value else f"NOT {condition}"

    return member


def _one_of(expression: str, words: tuple[str, ...]) -> Read:
    """A member that names one or several words of a closed list, of which the
    expression is one.
    """
    return _some_of(f"{expression} IN ({{words}})", words)


def _some_of(condition: str, words: tuple[str, ...]) -> Read:
    """A member that names one or several words of a closed list, which stand in the
    condition as `{words}`.
    """

    def member(name: str, value: Any) -> str:
        named = _known(name, value, words)
        return condition.format(words=list_of_words(named))

    return member


def _texts(name: str, value: Any) -> list[str]:
    """One word, or a list of words. Raises BadRule."""
    found = [value] if isinstance(value, str) else value
    if not _is_list_of_texts(found):
        raise BadRule("value", f"{name}: {_as_json(value)}")
    if not found:
        raise BadRule("empty", name)
    return list(found)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _known(name: str, value: Any, words: tuple[str, ...]) -> list[str]:
    """One word of a closed list, or several. Raises BadRule."""
    found = _texts(name, value)
    for one in found:
        if one not in words:
            raise BadRule("value", f"{name}: {one}")
    return found


# Members that are read without a look at the database.
_MEMBERS: Mapping[str, Read] = {
    "handset": _one_of(_HANDSET, HANDSETS),
    "sim": _one_of(_SIM, SIMS),
    "poor": _one_of(_POOR, POOR),
    "language": _one_of("p.language", LANGUAGES),
    "business": _some_of(_OWNER, businesses.KINDS),
    "consent": _some_of(_CONSENT, PURPOSES),
    "request": _some_of(_ASKS_FOR, REQUESTS),
    "session": _some_of(_OF_KIND, SESSIONS),
    "household_on_2g": _holds(_HOUSEHOLD_ON_2G),
    "booked": _holds(_BOOKED),
    "missed": _holds(_MISSED),
    "converted": _holds(_CONVERTED),
    "waiting": _holds(_WAITING),
    "unreached": _holds(_UNREACHED),
    "account": _holds(_ACCOUNT),
    "household_account": _holds(_HOUSEHOLD_ACCOUNT),
    "app": _holds(_APP),
}
