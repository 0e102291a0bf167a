"""Counts everything anew from the log and names what the kept figures say differently;
changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import text

from db.progress.counting import (
    CONVERTED_PERSON,
    HOUSEHOLD_OF,
    MONTH,
    STILL_2G,
    Place,
    TallyKey,
    later,
    tally_of,
)
from db.store.engine import Tx
from db.store.statements import Query

LATEST = 2**62  # later than any hold lasts
Counts = dict[tuple[int, int], Place]  # (indicator id, subject id)
Tallies = Counter[TallyKey]  # by day, or by month in the day's place
K = TypeVar("K", bound=tuple[Any, ...])


class Indicator(NamedTuple):
    id: int
    programme_id: int
    key: str


class Count(NamedTuple):
    """A subject that counts, with where and when: in the log, or in the table."""

    indicator_id: int
    subject_id: int
    hamlet_id: int | None
    day: str  # ISO


class Member(NamedTuple):
    """A person who belongs to a household."""

    id: int
    household_id: int


class Home(NamedTuple):
    """A household in which somebody still uses 2G."""

    household_id: int


class Tally(NamedTuple):
    """How many count in a hamlet since a day."""

    indicator_id: int
    hamlet_id: int  # 0: no hamlet known
    day: str  # ISO
    many: int


class MonthTally(NamedTuple):
    """The same over a month."""

    indicator_id: int
    hamlet_id: int  # 0: no hamlet known
    month: str  # "2026-11"
    many: int


class Rated(NamedTuple):
    """How visits of a hamlet's people were rated."""

    programme_id: int
    hamlet_id: int  # 0: no hamlet known
    answers: int
    total: int  # of the scores


class Over(NamedTuple):
    """A slot with more seats taken than it has."""

    id: int
    capacity: int
    taken: int


_INDICATORS = Query(text("SELECT id, programme_id, key FROM indicators"), Indicator)
_LOG = Query(
    text("""
    SELECT c.indicator_id, c.subject_id, c.hamlet_id, c.day FROM conversions c
    WHERE c.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    ORDER BY c.day, c.id
    """),
    Count,
)
_COUNTED = Query(
    text("SELECT indicator_id, subject_id, hamlet_id, day FROM counted"), Count
)
_MEMBERS = Query(
    text("SELECT id, household_id FROM people WHERE household_id IS NOT NULL"), Member
)
_STILL_2G = Query(text(STILL_2G.format(which="p.household_id IS NOT NULL")), Home)
_TALLIES = Query(
    text("SELECT indicator_id, hamlet_id, day, count AS many FROM tallies"), Tally
)
_MONTH_TALLIES = Query(
    text("SELECT indicator_id, hamlet_id, month, count AS many FROM month_tallies"),
    MonthTally,
)
_OVER = Query(
    text("""
    SELECT s.id, s.capacity, SUM(b.places) AS taken FROM slots s JOIN bookings b ON b.slot_id = s.id
    WHERE (b.status IN ('booked', 'attended', 'missed') AND NOT b.to_move)
      OR (b.status IN ('held', 'offered') AND b.until > :now)
    GROUP BY s.id, s.capacity
    HAVING SUM(b.places) > s.capacity
      AND SUM(b.places) > SUM(CASE WHEN b.status IN ('attended', 'missed') THEN b.places ELSE 0 END)
    ORDER BY s.id
    """),
    Over,
)


_RATED = Query(
    text("""
    SELECT b.programme_id, r.hamlet_id, COUNT(*) AS answers, SUM(r.score) AS total
    FROM ratings r JOIN bookings b ON b.id = r.booking_id
    GROUP BY b.programme_id, r.hamlet_id
    """),
    Rated,
)
_RATING_TALLIES = Query(
    text("SELECT programme_id, hamlet_id, answers, total FROM rating_tallies"), Rated
)


def recount(tx: Tx, now: int = LATEST) -> list[str]:
    """Every difference in one sentence; empty when seats, counted subjects, tallies and
    ratings all agree.

    Holds and offers count as taken while they last beyond `now` (UTC ms); by itself
    none does.
    """
    indicators = tx.all(_INDICATORS)
    keys = {indicator.id: indicator.key for indicator in indicators}
    in_log = _from_log(tx, indicators)
    counted = tx.all(_COUNTED)
    in_table = _first_of_each(counted)
    return [
        *_over_capacity(tx, now),
        *_differing(in_log, in_table, keys),
        *_differing_tallies(tx, in_log, keys),
        *_differing_ratings(tx),
    ]


def _from_log(tx: Tx, indicators: Iterable[Indicator]) -> Counts:
    logged = tx.all(_LOG)
    counts = _first_of_each(logged)
    members = tx.all(_MEMBERS)
    household_of = {member.id: member.household_id for member in members}
    homes = tx.all(_STILL_2G)
    still_2g = {home.household_id for home in homes}
    for ids in _by_programme(indicators):
        _add_people(counts, ids)
        _add_households(counts, ids, household_of, still_2g)
    return counts


def _first_of_each(rows: Iterable[Count]) -> Counts:
    """Where each subject counts: of several rows the first says it."""
    counts: Counts = {}
    for row in rows:
        subject = (row.indicator_id, row.subject_id)
        place = Place(row.hamlet_id, row.day)
        counts.setdefault(subject, place)
    return counts


def _by_programme(indicators: Iterable[Indicator]) -> Iterable[Mapping[str, int]]:
    """The indicators of each programme: key -> id."""
    programmes: dict[int, dict[str, int]] = defaultdict(dict)
    for indicator in indicators:
        ids = programmes[indicator.programme_id]
        ids[indicator.key] = indicator.id
    return programmes.values()


def _add_people(counts: Counts, ids: Mapping[str, int]) -> None:
    """Whoever has all the parts of a conversion counts from the last of them on."""
    if "converted_person" not in ids:
        return
    converted = ids["converted_person"]
    parts = [ids.get(key) for key in CONVERTED_PERSON]
    first_part, *_ = parts
    people = [subject for indicator, subject in counts if indicator == first_part]
    for person in people:
        places = [counts.get((part, person)) for part in parts if part]
        place = later(places)
        if place:
            counts[converted, person] = place


def _add_households(
    counts: Counts,
    ids: Mapping[str, int],
    household_of: Mapping[int, int],
    still_2g: set[int],
) -> None:
    """A household counts from the first of its members on."""
    for key, members_key in HOUSEHOLD_OF.items():
        if key not in ids or members_key not in ids:
            continue
        for person, place in _earliest_first(counts, ids[members_key]):
            home = household_of.get(person)
            if home is None:
                continue
            if key == "converted_household" and home in still_2g:
                continue
            counts.setdefault((ids[key], home), place)


def _earliest_first(counts: Counts, indicator_id: int) -> list[tuple[int, Place]]:
    """Whoever counts for this indicator, by day, of one day by id."""
    found = [
        (subject, place)
        for (of, subject), place in counts.items()
        if of == indicator_id
    ]
    return sorted(found, key=_day_then_id)


def _day_then_id(counted: tuple[int, Place]) -> tuple[str, int]:
    person, place = counted
    return place.day, person


def _over_capacity(tx: Tx, now: int) -> list[str]:
    """Those who came before the slot was shrunk, and those named to be moved since, are
    expected; no other is.
    """
    slots = tx.all(_OVER, now=now)
    return [
        f"slot {slot.id}: {slot.taken} seats taken, capacity {slot.capacity}"
        for slot in slots
    ]


def _differing(in_log: Counts, in_table: Counts, keys: Mapping[int, str]) -> list[str]:
    found = []
    for counted in _where_different(in_log, in_table):
        logged = _say(in_log.get(counted))
        kept = _say(in_table.get(counted))
        indicator, subject = counted
        what = f"counted {keys[indicator]} of subject {subject}"
        found.append(f"{what}: the log says {logged}, the table {kept}")
    return found


def _where_different(one: Mapping[K, object], other: Mapping[K, object]) -> list[K]:
    """The keys of which they do not say the same, in order."""
    differing = one.items() ^ other.items()
    keys = {key for key, _ in differing}
    return sorted(keys)


def _differing_tallies(tx: Tx, counts: Counts, keys: Mapping[int, str]) -> list[str]:
    days = _tallied(counts)
    months: Tallies = Counter()
    for (indicator, hamlet, day), many in days.items():
        months[indicator, hamlet, day[:MONTH]] += many
    kept_days = _kept(tx.all(_TALLIES))
    kept_months = _kept(tx.all(_MONTH_TALLIES))
    return _apart(days, kept_days, keys) + _apart(months, kept_months, keys)


def _tallied(counts: Counts) -> Tallies:
    tallies: Tallies = Counter()
    for (indicator, _), place in counts.items():
        tally = tally_of(indicator, place)
        tallies[tally] += 1
    return tallies


def _kept(rows: Iterable[Tally | MonthTally]) -> Tallies:
    kept: Tallies = Counter()
    for indicator, hamlet, when, many in rows:
        if many:  # a row of 0 says as much as none
            kept[indicator, hamlet, when] = many
    return kept


def _apart(in_log: Tallies, in_table: Tallies, keys: Mapping[int, str]) -> list[str]:
    found = []
    for tally in _where_different(in_log, in_table):
        logged = in_log[tally]
        kept = in_table[tally]
        indicator, hamlet, when = tally
        what = f"tally {keys[indicator]}, hamlet {hamlet}, {when}"
        found.append(f"{what}: the log says {logged}, the table {kept}")
    return found


def _differing_ratings(tx: Tx) -> list[str]:
    rated = set(tx.all(_RATED))
    tallied = set(tx.all(_RATING_TALLIES))
    found = []
    for row in sorted(rated ^ tallied):
        where = "not in the tally" if row in rated else "in the tally alone"
        what = f"ratings of programme {row.programme_id}, hamlet {row.hamlet_id}"
        found.append(f"{what}: {row.answers} with {row.total} points are {where}")
    return found


def _say(place: Place | None) -> str:
    if place is None:
        return "nothing"
    return f"{place.day} in hamlet {place.hamlet_id or 0}"
