"""The rule that says whom a broadcast is for: a JSON object whose members must all hold, as a condition in SQL.

    {"hamlet": ["Quảng Trung I", "Quảng Trung II"], "handset": ["2g"], "not": {"booked": true}}

A condition speaks of `p`, a row of people, and binds `:now` (UTC ms) alone. Values are ids and words of closed lists,
so that nothing of what was typed gets into it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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

UNCHOSEN = (
    "null"  # how the rule of a draft is kept while nobody has said whom it is for
)
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
SESSIONS = tuple(
    kind.value for kind in EventKind
)  # of events that somebody has a seat at, or came to
REQUESTS = tuple(kind.value for kind in RequestKind)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a rule: its name, the condition it sets, and why somebody is left out for whom it does not hold."""

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


# What is known best of somebody: staff saw it, else the register says so, else they said it themselves.
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
UNCONVERTED = (
    f"NOT {_CONVERTED}",
    f"NOT COALESCE(({_CONVERTED}), FALSE)",
)  # both ways to ask for who has not
# The last text that left us did not arrive.
_UNREACHED = """EXISTS (
    SELECT 1 FROM messages m
    WHERE m.phone = p.phone AND m.status IN ('FAILED', 'LOST') AND m.direction = 'out'
      AND NOT EXISTS (
        SELECT 1 FROM messages n
        WHERE n.phone = p.phone AND n.direction = 'out' AND n.id > m.id AND n.status IN ('SENT', 'DELIVERED')))
"""
_CONSENT = "EXISTS (SELECT 1 FROM consents c WHERE c.person_id = p.id AND c.withdrawn_at IS NULL AND c.purpose IN ({words}))"
_ASKS_FOR = "EXISTS (SELECT 1 FROM requests r WHERE r.person_id = p.id AND r.state = 'open' AND r.kind IN ({words}))"
_AT_EVENT = (
    "EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.person_id = p.id"
    " AND b.status IN ('booked', 'attended') AND s.event_id IN ({ids}))"
)
_CAME_TO = "EXISTS (SELECT 1 FROM attendances c WHERE c.person_id = p.id AND c.event_id IN ({ids}))"
_CAME = (
    "EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.person_id = p.id"
    " AND b.status = 'attended' AND s.event_id IN ({ids}))"
)
_OF_KIND = (
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
    """The rule as conditions, with the names in it looked up as they stand now. Raises BadRule."""
    return _Reader(tx, commune_id).rule(rule)


class _Reader:
    """Reads one rule of one commune."""

    def __init__(self, tx: Tx, commune_id: int) -> None:
        self._tx = tx
        self._commune_id = commune_id
        self._rules = 0
        self._hamlets = naming.Hamlets(tx, commune_id)
        self._members: Mapping[str, Callable[[str, Any, int], str]] = {
            "hamlet": self._hamlet,
            "handset": _one_of(_HANDSET, HANDSETS),
            "sim": _one_of(_SIM, SIMS),
            "poor": _one_of(_POOR, POOR),
            "language": _one_of("p.language", LANGUAGES),
            "household_on_2g": _holds(_HOUSEHOLD_ON_2G),
            "booked": _holds(_BOOKED),
            "missed": _holds(_MISSED),
            "converted": _holds(_CONVERTED),
            "waiting": _holds(_WAITING),
            "unreached": _holds(_UNREACHED),
            "account": _holds(_ACCOUNT),
            "household_account": _holds(_HOUSEHOLD_ACCOUNT),
            "app": _holds(_APP),
            "business": self._business,
            "school": self._school,
            "consent": self._consent,
            "request": self._request,
            "known": self._fields,
            "event": self._event,
            "came": self._came,
            "session": self._session,
            "failed_of": self._failed_of,
            "any": self._any,
            "not": self._not,
        }

    def rule(self, rule: Any, depth: int = 0) -> Rule:
        if not isinstance(rule, dict):
            raise BadRule("value", json.dumps(rule, ensure_ascii=False))
        self._rules += 1
        if depth > DEEPEST or self._rules > RULES_MOST:
            raise BadRule("deep")
        members: list[Member] = []
        for name, value in rule.items():
            members += self._said(name, value, depth)
        return Rule(tuple(members))

    def _said(self, name: str, value: Any, depth: int) -> list[Member]:
        if name not in self._members:
            raise BadRule("member", name)
        read = self._members[name]
        condition = read(name, value, depth)
        if name != "school":
            return [Member(name, condition)]
        # A parent who took the consent back has said more than somebody else's parent.
        once = _PARENT.format(ids=self._classes(value), standing="")
        return [Member(name, once), Member(name, condition, reasons.NO_CONSENT)]

    def _business(self, name: str, value: Any, depth: int) -> str:
        return _OWNER.format(
            words=list_of_words(_known(name, _texts(name, value), businesses.KINDS))
        )

    def _school(self, name: str, value: Any, depth: int) -> str:
        return _PARENT.format(ids=self._classes(value), standing=_STANDING)

    def _classes(self, value: Any) -> str:
        """The classes of these schools, and these classes; of a school without any, none. Raises BadRule."""
        found: list[int] = []
        for said in _texts("school", value):
            found += self._classes_of(said)
        return list_of_ids(found) or "0"

    def _classes_of(self, said: str) -> list[int]:
        school = schools.named(self._tx, self._commune_id, said)
        if school is not None:
            return [one.id for one in schools.classes_of(self._tx, school.id)]
        of_school, _, name = said.rpartition(OF_A_CLASS)
        school = schools.named(self._tx, self._commune_id, of_school)
        one = (
            schools.class_named(self._tx, school.id, name)
            if school is not None
            else None
        )
        if one is None:
            raise BadRule("school", said)
        return [one.id]

    def _hamlet(self, name: str, value: Any, depth: int) -> str:
        ids = []
        for said in _texts(name, value):
            hamlet_id = self._hamlets.find(said)
            if hamlet_id is None:
                raise BadRule("hamlet", said)
            ids.append(hamlet_id)
        return f"p.hamlet_id IN ({list_of_ids(ids)})"

    def _consent(self, name: str, value: Any, depth: int) -> str:
        chosen = _known(name, _texts(name, value), PURPOSES)
        return _CONSENT.format(words=list_of_words(chosen))

    def _request(self, name: str, value: Any, depth: int) -> str:
        chosen = _known(name, _texts(name, value), REQUESTS)
        return _ASKS_FOR.format(words=list_of_words(chosen))

    def _fields(self, name: str, value: Any, depth: int) -> str:
        chosen = _known(name, _texts(name, value), KNOWN)
        return _all([_HAS[field] for field in chosen])

    def _event(self, name: str, value: Any, depth: int) -> str:
        ids = list_of_ids(self._there("event", _EVENTS, value))
        return f"({_AT_EVENT.format(ids=ids)} OR {_CAME_TO.format(ids=ids)})"

    def _came(self, name: str, value: Any, depth: int) -> str:
        """Was checked in at one of these events, or noted as there."""
        ids = list_of_ids(self._there("event", _EVENTS, value))
        return f"({_CAME.format(ids=ids)} OR {_CAME_TO.format(ids=ids)})"

    def _session(self, name: str, value: Any, depth: int) -> str:
        """Booked at or came to an event of one of these kinds."""
        return _OF_KIND.format(
            words=list_of_words(_known(name, _texts(name, value), SESSIONS))
        )

    def _failed_of(self, name: str, value: Any, depth: int) -> str:
        return _FAILED_OF.format(
            ids=list_of_ids(self._there("broadcast", _BROADCASTS, value))
        )

    def _there(self, kind: str, lookup: Scalar[int], value: Any) -> Iterator[int]:
        """These ids, each of which must be the commune's own."""
        ids = value if isinstance(value, list) else [value]
        if not ids:
            raise BadRule("empty", kind)
        for one in ids:
            if type(one) is not int or not 0 < one <= ID_MOST:  # True is an int, too
                raise BadRule(kind, one)
            if self._tx.value(lookup, commune_id=self._commune_id, id=one) is None:
                raise BadRule(kind, one)
            yield one

    def _any(self, name: str, value: Any, depth: int) -> str:
        if not isinstance(value, list):
            raise BadRule("value", json.dumps(value, ensure_ascii=False))
        if not value:
            raise BadRule("empty", name)
        return (
            "("
            + " OR ".join(f"({self.rule(one, depth + 1).condition})" for one in value)
            + ")"
        )

    def _not(self, name: str, value: Any, depth: int) -> str:
        if value == {}:  # everybody
            raise BadRule("empty", name)
        return f"NOT COALESCE(({self.rule(value, depth + 1).condition}), FALSE)"


def _all(conditions: list[str]) -> str:
    return " AND ".join(conditions) or "TRUE"


def _holds(condition: str) -> Callable[[str, Any, int], str]:
    """A member that is true or false."""

    def member(name: str, value: Any, depth: int) -> str:
        if not isinstance(value, bool):
            raise BadRule("value", f"{name}: {json.dumps(value, ensure_ascii=False)}")
        return condition if value else f"NOT {condition}"

    return member


def _one_of(expression: str, words: tuple[str, ...]) -> Callable[[str, Any, int], str]:
    """A member that names one or several words of a closed list."""

    def member(name: str, value: Any, depth: int) -> str:
        named = _known(name, _texts(name, value), words)
        return f"{expression} IN ({list_of_words(named)})"

    return member


def _texts(name: str, value: Any) -> list[str]:
    """One word, or a list of words. Raises BadRule."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadRule("value", f"{name}: {json.dumps(value, ensure_ascii=False)}")
    if not found:
        raise BadRule("empty", name)
    return found


def _known(name: str, found: list[str], words: tuple[str, ...]) -> list[str]:
    for one in found:
        if one not in words:
            raise BadRule("value", f"{name}: {one}")
    return found
