"""Who is told and who is left out, and for which one reason: asked of everybody, of a
stretch of people, or of a few.

What a person's own row and the rule say is one CASE of SQL. What is few among many (who
refused, whose number is dead, who had the same words lately) is read once from its own
side, so that a million people cost a million cheap rows.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from sqlalchemy import text

from db.broadcasts import reasons, rules
from db.broadcasts.rules import Member, Rule, is_true
from db.broadcasts.templates import filled
from db.register import identity
from db.store.chunks import Stretch
from db.store.engine import Database, Tx
from db.store.statements import Query, Statement, list_of_ids
from menus.broadcast import TextClass
from menus.numbers import AFTER_FIXED_LINES, FIXED_LINES

Whose = TypeVar("Whose", int, str)  # a person, or the HMAC of a number

DAY_MS = 24 * 3_600_000
ADVERTS_A_DAY = 3  # to one number in any 24 hours (Decree 91/2020)
DEAD_FOR_MS = 180 * DAY_MS  # a number that failed longer ago may be somebody's again
DEAD_AFTER = 3  # texts in a row that did not arrive

# Whoever a list or a clerk put there, or who agreed to something. Whoever only dialled
# once is not registered.
REGISTERED = """
    p.commune_id = :commune_id
    AND (p.origin <> 'self' OR EXISTS (SELECT 1 FROM consents k WHERE k.person_id = p.id))
"""
# Two comparisons, the first of which most numbers fail: a SUBSTR of each costs a
# million rows 60 ms on SQLite.
_IS_FIXED_LINE = f"p.phone < '{AFTER_FIXED_LINES}' AND p.phone >= '{FIXED_LINES}'"
_AGREED_TO_ADVERTS = """
    EXISTS (SELECT 1 FROM consents k
      WHERE k.person_id = p.id AND k.purpose = 'advert' AND k.withdrawn_at IS NULL)
"""
# Which refusals keep which class back, and as what they count here.
REFUSED: Mapping[TextClass, Mapping[str, str]] = {
    "notice": {"erased": reasons.ERASED, "all": reasons.OPTED_OUT},
    "advert": {
        "erased": reasons.ERASED,
        "all": reasons.OPTED_OUT,
        "advert": reasons.NO_ADVERTS,
        "dnc": reasons.DO_NOT_CALL,
    },
}


class Refusal(NamedTuple):
    id: int  # of the person
    what: str


class Numbered(NamedTuple):
    id: int  # of a person, or of a firing


class Texted(NamedTuple):
    """Somebody who had all texts that one may have in 24 hours."""

    id: int
    first: int  # UTC ms; of these texts


class Alike(NamedTuple):
    """A going-out of another broadcast, with the same words or about the same event."""

    id: int
    event_id: int | None
    repeats: str


class Unhashed(NamedTuple):
    """Somebody whose number was not met with refusals yet."""

    id: int
    phone: str  # E.164


class Judged(NamedTuple):
    """Somebody registered, and the reason that their own row and the rule give."""

    id: int
    name: str
    phone: str | None  # E.164
    hamlet_id: int | None
    hamlet: str | None
    left_out: str | None  # none: chosen


class Failing(NamedTuple):
    """Which members of a rule do not hold for somebody."""

    id: int
    fails: str  # a sign for each member: 1 where it does not hold


class Standing(NamedTuple):
    """Somebody as they are now, and the reason that their own row and the rule give."""

    id: int
    name: str
    phone: str | None  # E.164
    hamlet_id: int | None
    language: str
    marks: bool
    left_out: str | None  # none: chosen


_STOPS = Query(
    text(
        "SELECT p.id, s.what FROM stops s JOIN people p ON p.who = s.who WHERE p.commune_id = :commune_id"
    ),
    Refusal,
)
# Answers to a resident's own texts do not count: whoever asks is answered.
STARTED = "m.direction = 'out' AND m.kind <> 'reply' AND m.status IN ('SENDING', 'SENT', 'DELIVERED', 'LOST')"
_TEXTED = Query(
    text(f"""
    SELECT p.id, t.first FROM people p
    JOIN (
      SELECT m.phone, COUNT(*) AS texts, SUM(CASE WHEN m.class = 'advert' THEN 1 ELSE 0 END) AS adverts,
        MIN(COALESCE(m.sent_at, m.made_at)) AS first
      FROM messages m
      WHERE m.made_at > :lately AND {STARTED} AND COALESCE(m.sent_at, m.made_at) > :since
      GROUP BY m.phone) t ON t.phone = p.phone
    WHERE p.commune_id = :commune_id AND (t.texts >= :cap OR t.adverts >= :adverts)
    """),
    Texted,
)
# What failed for the carrier's sake, the text's or the hour's says nothing of the
# number.
_NOT_THE_NUMBER = "'Unreachable', 'Throttled', 'Rejected', 'TooLate'"
_DEAD = Query(
    text(f"""
    SELECT p.id FROM people p
    JOIN (
      SELECT m.phone, COUNT(*) AS texts, SUM(CASE WHEN m.reason = 'BadNumber' THEN 1 ELSE 0 END) AS bad
      FROM messages m
      WHERE m.status IN ('FAILED', 'LOST') AND m.status = 'FAILED' AND m.made_at > :since
        AND m.reason NOT IN ({_NOT_THE_NUMBER})
        AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.phone = m.phone AND n.id > m.id AND n.status = 'DELIVERED')
      GROUP BY m.phone) t ON t.phone = p.phone
    WHERE t.bad > 0 OR t.texts >= {DEAD_AFTER}
    """),
    Numbered,
)
_ALIKE = Query(
    text("""
    SELECT g.id, g.event_id, b.repeats
    FROM firings g
    JOIN broadcast_words w ON w.id = g.words_id
    JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE (w.digest = :digest OR g.event_id = :event_id) AND g.started_at > :since AND g.broadcast_id <> :but
    """),
    Alike,
)
# What may have gone is not said again on a guess.
_TOLD = """
    SELECT m.person_id AS id FROM messages m
    WHERE m.firing_id IN ({firings}) AND m.direction = 'out'
      AND m.status IN ('SENDING', 'SENT', 'DELIVERED', 'LOST') AND m.person_id > :after AND m.person_id <= :last
"""
_LINES = """
    SELECT p.id, p.name, p.phone, p.hamlet_id, h.name AS hamlet, {reason} AS left_out
    FROM people p LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE {registered} AND p.id > :after
    ORDER BY p.id LIMIT :most
"""
_STILL = """
    SELECT p.id, p.name, p.phone, p.hamlet_id, p.language, p.marks, {reason} AS left_out
    FROM people p
    WHERE p.commune_id = :commune_id AND p.id IN ({ids})
"""
_FAILING = "SELECT p.id, {members} AS fails FROM people p WHERE p.commune_id = :commune_id AND p.id IN ({ids})"
_UNHASHED = Query(
    text(
        "SELECT id, phone FROM people WHERE who IS NULL AND phone IS NOT NULL AND id > :after ORDER BY id LIMIT :most"
    ),
    Unhashed,
)
_HASHED = Statement(
    text("UPDATE people SET who = :who WHERE id = :id AND phone = :phone")
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that decides who is told. `closes` is the deadline (UTC ms) where it
    lies within a day: whose texts are too many until then cannot be put off any more.

    `cap` is how many texts a person may get in 24 hours, of every class; `told` are the
    firings whose people heard the same words, or of the same event, lately. `now` is
    UTC ms.
    """

    commune_id: int
    rule: Rule
    text_class: TextClass
    now: int
    cap: int
    closes: int | None = None
    told: tuple[int, ...] = ()

    @property
    def binds(self) -> dict[str, int]:
        """Values of the names that a condition may hold."""
        return {"commune_id": self.commune_id, "now": self.now}


def reason(asked: Asked) -> str:
    """The one reason why `p` is left out, as an SQL expression; NULL for who is chosen."""
    # condition, reason
    cases: list[tuple[str, str]] = [("p.erased_at IS NOT NULL", reasons.ERASED)]
    # in whatever order it was written
    in_order = sorted(asked.rule.members, key=_how_telling)
    for member in in_order:
        fails = f"NOT {is_true(member.condition)}"
        cases.append((fails, _why_not(member)))
    cases.append(("p.phone IS NULL", reasons.NO_NUMBER))
    cases.append((_IS_FIXED_LINE, reasons.FIXED_LINE))
    if asked.text_class == "advert":
        cases.append((f"NOT {_AGREED_TO_ADVERTS}", reasons.NO_CONSENT))
    whens = [f"WHEN {condition} THEN '{why}'" for condition, why in cases]
    return f"CASE {' '.join(whens)} END"


def _why_not(member: Member) -> str:
    """What is said of whom this member of the rule does not ask for."""
    if _asks_for_unconverted(member):
        return reasons.CONVERTED
    return member.reason


def _how_telling(member: Member) -> int:
    """Whoever is not asked for at all comes first, then what else keeps somebody back."""
    if member.reason != reasons.NOT_ASKED_FOR:
        return 2
    return 1 if _asks_for_unconverted(member) else 0


def _asks_for_unconverted(member: Member) -> bool:
    """Does this member ask for people who have not converted? Then "converted already"
    says more than "not asked".
    """
    return member.condition in rules.UNCONVERTED


def alike(
    tx: Tx, *, digest: str, event_id: int | None, repeats: str, but: int, since: int
) -> tuple[int, ...]:
    """Firings of other broadcasts since then (UTC ms) with the same words, or about the
    same event.

    Of two reminders that belong to each event, neither is news told already: staff made
    both.
    """
    found = []
    for row in tx.all(_ALIKE, digest=digest, event_id=event_id, but=but, since=since):
        both_by_event = row.repeats == repeats == "event"
        if both_by_event and row.event_id == event_id:
            continue
        found.append(row.id)
    return tuple(found)


def refused(
    text_class: TextClass, refusals: Iterable[tuple[Whose, str]]
) -> dict[Whose, str]:
    """Who refuses this class, each with the reason that says most, of `stops` as
    (whose, what).
    """
    as_what = REFUSED[text_class]
    found: dict[Whose, str] = {}
    for whose, what in refusals:
        if what not in as_what:
            continue
        why = as_what[what]
        said_before = found.get(whose, why)
        found[whose] = min(said_before, why, key=reasons.ALL.index)
    return found


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Those left out for what is kept outside their own row: person id -> reason, the
    first that holds.
    """

    asked: Asked
    left_out: Mapping[int, str]  # reason by person
    people: Sequence[int]  # the same, in order of id

    @staticmethod
    def read(tx: Tx, asked: Asked) -> Exclusions:
        """Read what is few among many, outside any writing transaction."""
        refusals = tx.all(_STOPS, commune_id=asked.commune_id)
        refusing = refused(asked.text_class, refusals)
        dead = tx.all(_DEAD, since=asked.now - DEAD_FOR_MS)
        found = {row.id: reasons.DEAD_NUMBER for row in dead}
        if asked.closes is not None:
            capped = over_the_cap(tx, asked, asked.closes)
            found |= dict.fromkeys(capped, reasons.OVER_THE_CAP)
        found |= refusing
        return Exclusions(asked, found, sorted(found))

    def between(self, tx: Tx, after: int, last: int) -> dict[int, str]:
        """Of the people with `after` < id <= `last`."""
        first = bisect_right(self.people, after)
        end = bisect_right(self.people, last)
        here = self.people[first:end]
        found = {person: self.left_out[person] for person in here}
        for person in _told(tx, self.asked, after, last):
            why = found.get(person, reasons.DEAD_NUMBER)
            if why == reasons.DEAD_NUMBER:
                found[person] = reasons.TOLD_ALREADY
        return found


def over_the_cap(tx: Tx, asked: Asked, moment: int) -> dict[int, int]:
    """Who will still have had too many texts in 24 hours at that moment, and when they
    may have one at the earliest. Moments are UTC ms.
    """
    since = moment - DAY_MS
    lately = since - 7 * DAY_MS
    adverts = ADVERTS_A_DAY if asked.text_class == "advert" else asked.cap
    rows = tx.all(
        _TEXTED,
        since=since,
        lately=lately,
        cap=asked.cap,
        adverts=adverts,
        commune_id=asked.commune_id,
    )
    return {row.id: row.first + DAY_MS for row in rows}


def _told(tx: Tx, asked: Asked, after: int, last: int) -> list[int]:
    if not asked.told:
        return []
    firings = list_of_ids(asked.told)
    told = filled(_TOLD, Numbered, firings=firings)
    rows = tx.all(told, after=after, last=last)
    return [row.id for row in rows]


def hash_numbers(db: Database, key: str) -> int:
    """Fill in `people.who` where it is missing, stretch by stretch; how many. Refusals
    are met by it.
    """
    stretch = Stretch(db)
    after = 0
    done = 0
    while True:
        with db.connection() as tx:
            rows = tx.all(_UNHASHED, after=after, most=stretch.rows)
        if not rows:
            return done
        hashed = [
            {"id": row.id, "phone": row.phone, "who": identity.who(key, row.phone)}
            for row in rows
        ]
        began = time.perf_counter()
        db.again(partial(_keep_hashes, hashed=hashed), durable=False)
        stretch.took(time.perf_counter() - began)
        after = rows[-1].id
        done += len(rows)


def _keep_hashes(tx: Tx, hashed: Sequence[Mapping[str, object]]) -> None:
    tx.many(_HASHED, hashed)


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the register: chosen where `left_out` is empty. `phone` is E.164,
    or empty.
    """

    person_id: int
    name: str
    phone: str
    hamlet_id: int | None
    hamlet: str
    left_out: str


def lines(
    tx: Tx,
    asked: Asked,
    exclusions: Exclusions,
    *,
    after: int = 0,
    most: int = 10_000_000,
) -> list[Line]:
    """Registered people with id above `after`, in order of id, each chosen or left out
    for one reason.
    """
    judged = filled(_LINES, Judged, reason=reason(asked), registered=REGISTERED)
    rows = tx.all(judged, after=after, most=most, **asked.binds)
    if not rows:
        return []
    excluded = exclusions.between(tx, after, rows[-1].id)
    return [_line(row, excluded) for row in rows]


def _line(row: Judged, excluded: Mapping[int, str]) -> Line:
    left_out = _why(row.left_out or "", row.id, excluded)
    return Line(
        row.id, row.name, row.phone or "", row.hamlet_id, row.hamlet or "", left_out
    )


def _why(left_out: str, person_id: int, excluded: Mapping[int, str]) -> str:
    """Whoever refused has said more than whoever never agreed."""
    if left_out in ("", reasons.NO_CONSENT):
        return excluded.get(person_id, left_out)
    return left_out


def still(tx: Tx, asked: Asked, people: Sequence[int]) -> dict[int, Standing]:
    """These people as they are now, by id."""
    if not people:
        return {}
    ids = list_of_ids(people)
    standing = filled(_STILL, Standing, reason=reason(asked), ids=ids)
    rows = tx.all(standing, **asked.binds)
    return {row.id: row for row in rows}


def judged(
    tx: Tx, asked: Asked, exclusions: Exclusions, people: Sequence[int]
) -> dict[int, str]:
    """Why each of these people would be left out now, by id; empty for who would be
    told.
    """
    if not people:
        return {}
    excluded = exclusions.between(tx, min(people) - 1, max(people))
    found = {}
    for person_id, row in still(tx, asked, people).items():
        found[person_id] = _why(row.left_out or "", person_id, excluded)
    return found


def lacking(tx: Tx, asked: Asked, people: Sequence[int]) -> dict[int, list[str]]:
    """Which members of the rule do not hold for each of these people, by person id: why
    they are not asked for.
    """
    members = asked.rule.members
    if not members or not people:
        return {}
    signs = [_sign(member) for member in members]
    in_a_row = " || ".join(signs)
    ids = list_of_ids(people)
    failing = filled(_FAILING, Failing, members=in_a_row, ids=ids)
    rows = tx.all(failing, **asked.binds)
    return {row.id: _failing(members, row.fails) for row in rows}


def _sign(member: Member) -> str:
    """1 where the member does not hold, as an SQL expression."""
    return f"CASE WHEN {is_true(member.condition)} THEN '0' ELSE '1' END"


def _failing(members: Sequence[Member], signs: str) -> list[str]:
    each_once = {}  # a member may stand there twice
    for member, sign in zip(members, signs, strict=True):
        if sign == "1":
            each_once[member.name] = True
    return list(each_once)


def told_lately(tx: Tx, asked: Asked, people: Sequence[int]) -> set[int]:
    """Which of these have had the same words, or news of the same event, meanwhile."""
    if not asked.told or not people:
        return set()
    first = min(people)
    last = max(people)
    told = _told(tx, asked, first - 1, last)
    return set(told)
