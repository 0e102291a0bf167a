"""Counts everything anew from the log and names what the kept figures say differently; changes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text

from db.progress.counting import CONVERTED_PERSON, HOUSEHOLD_OF, STILL_2G, Place, later
from db.store.engine import Tx
from db.store.statements import Query

LATEST = 2**62  # later than any hold lasts
Counts = dict[tuple[int, int], Place]  # (indicator id, subject id)


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
    """Every difference in one sentence; empty when seats, counted subjects, tallies and ratings all agree.

    Holds and offers count as taken while they last beyond `now` (UTC ms); by itself none does.
    """
    keys = {row.id: row.key for row in tx.all(_INDICATORS)}
    want = _from_log(tx)
    have: Counts = {}
    for row in tx.all(_COUNTED):
        have[row.indicator_id, row.subject_id] = Place(row.hamlet_id, row.day)
    differences = _over_capacity(tx, now)
    differences += _differing(want, have, keys)
    differences += _differing_tallies(tx, want, keys)
    differences += _differing_ratings(tx)
    return differences


def _from_log(tx: Tx) -> Counts:
    counts: Counts = {}
    for row in tx.all(_LOG):
        counts.setdefault(
            (row.indicator_id, row.subject_id), Place(row.hamlet_id, row.day)
        )
    household_of = {member.id: member.household_id for member in tx.all(_MEMBERS)}
    still_2g = {home.household_id for home in tx.all(_STILL_2G)}
    programmes: dict[int, dict[str, int]] = defaultdict(dict)
    for indicator in tx.all(_INDICATORS):
        programmes[indicator.programme_id][indicator.key] = indicator.id
    for ids in programmes.values():
        _add_people(counts, ids)
        _add_households(counts, ids, household_of, still_2g)
    return counts


def _add_people(counts: Counts, ids: Mapping[str, int]) -> None:
    """Whoever has all the parts of a conversion counts from the last of them on."""
    if "converted_person" not in ids:
        return
    parts = [ids[key] for key in CONVERTED_PERSON if key in ids]
    first_part = ids.get(CONVERTED_PERSON[0])
    subjects = {subject for indicator, subject in counts if indicator == first_part}
    for subject in subjects:
        places = [counts[part, subject] for part in parts if (part, subject) in counts]
        place = later(places)
        if place:
            counts[ids["converted_person"], subject] = place


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
        members = [
            (place.day, subject, place)
            for (of, subject), place in counts.items()
            if of == ids[members_key]
        ]
        members.sort()
        for _, subject, place in members:
            home = household_of.get(subject)
            if home is None:
                continue
            if key == "converted_household" and home in still_2g:
                continue
            counts.setdefault((ids[key], home), place)


def _over_capacity(tx: Tx, now: int) -> list[str]:
    """Those who came before the slot was shrunk, and those named to be moved since, are expected; no other is."""
    return [
        f"slot {row.id}: {row.taken} seats taken, capacity {row.capacity}"
        for row in tx.all(_OVER, now=now)
    ]


def _differing(want: Counts, have: Counts, keys: Mapping[int, str]) -> list[str]:
    found = []
    for counted in sorted(want.keys() | have.keys()):
        indicator, subject = counted
        in_log = want.get(counted)
        in_table = have.get(counted)
        if in_log != in_table:
            what = f"counted {keys[indicator]} of subject {subject}"
            found.append(
                f"{what}: the log says {_say(in_log)}, the table {_say(in_table)}"
            )
    return found


def _differing_tallies(tx: Tx, counts: Counts, keys: Mapping[int, str]) -> list[str]:
    want: Counter[tuple[int, int, str]] = Counter()
    for (indicator, _), place in counts.items():
        want[indicator, place.hamlet_id or 0, place.day] += 1
    have: Counter[tuple[int, int, str]] = Counter()
    for row in tx.all(_TALLIES):
        have[row.indicator_id, row.hamlet_id, row.day] = row.many
    found = []
    for tally in sorted(want.keys() | have.keys()):
        if want[tally] != have[tally]:
            indicator, hamlet, day = tally
            what = f"tally {keys[indicator]}, hamlet {hamlet}, {day}"
            found.append(f"{what}: the log says {want[tally]}, the table {have[tally]}")
    return found


def _differing_ratings(tx: Tx) -> list[str]:
    want = set(tx.all(_RATED))
    have = set(tx.all(_RATING_TALLIES))
    found = []
    for row in sorted(want ^ have):
        where = "not in the tally" if row in want else "in the tally alone"
        what = f"ratings of programme {row.programme_id}, hamlet {row.hamlet_id}"
        found.append(f"{what}: {row.answers} with {row.total} points are {where}")
    return found


def _say(place: Place | None) -> str:
    return f"{place.day} in hamlet {place.hamlet_id or 0}" if place else "nothing"
