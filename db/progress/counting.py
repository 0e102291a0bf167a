"""What currently counts: derived from the log of conversions, for one subject at a
time, with the tallies moved along.

For each indicator and subject the earliest logged row that was not reversed gives day
and hamlet. So `counted` is a function of the log (and of who lives in which household),
and `db.progress.recount` can check it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

# A person counts as moved to 4G when all of these count; the later one gives the day.
CONVERTED_PERSON = ("sim_4g", "handset_volte")
# A household counts when the first of its members does: derived indicator -> the
# members' one.
HOUSEHOLD_OF = {
    "converted_household": "converted_person",
    "money_household": "money_person",
}
FEEDS = {
    "sim_4g": "converted_household",
    "handset_volte": "converted_household",
    "money_person": "money_household",
}
# where a subject's row stands
TABLES = {
    "person": "people",
    "household": "households",
    "business": "businesses",
}

TallyKey = tuple[int, int, str]  # indicator id, hamlet id (0: none known), ISO day

MONTH = len("2026-11")  # of an ISO day


class Place(NamedTuple):
    """Where and when something counts. `day` is a local ISO day."""

    hamlet_id: int | None
    day: str


class Indicator(NamedTuple):
    id: int
    key: str


class Programme(NamedTuple):
    id: int


_INDICATORS = Query(
    text("SELECT id, key FROM indicators WHERE programme_id = :programme_id"), Indicator
)
_PROGRAMMES = Query(text("SELECT id FROM programmes ORDER BY id"), Programme)
_LIVE = Query(
    text("""
    SELECT hamlet_id, day FROM conversions c
    WHERE indicator_id = :indicator_id AND subject_id = :subject_id AND reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
    ORDER BY day, id LIMIT 1
    """),
    Place,
)
_COUNTED = Query(
    text(
        "SELECT hamlet_id, day FROM counted WHERE indicator_id = :indicator_id AND subject_id = :subject_id"
    ),
    Place,
)
_FORGET = Statement(
    text(
        "DELETE FROM counted WHERE indicator_id = :indicator_id AND subject_id = :subject_id"
    )
)
_COUNT = Statement(
    text("""
    INSERT INTO counted (indicator_id, subject_id, hamlet_id, day)
    VALUES (:indicator_id, :subject_id, :hamlet_id, :day)
    """)
)
_MOVE_TALLY = Statement(
    text("""
    INSERT INTO tallies (indicator_id, hamlet_id, day, count) VALUES (:indicator_id, :hamlet_id, :day, :by)
    ON CONFLICT (indicator_id, hamlet_id, day) DO UPDATE SET count = tallies.count + excluded.count
    """)
)
_MOVE_MONTH = Statement(
    text("""
    INSERT INTO month_tallies (indicator_id, hamlet_id, month, count) VALUES (:indicator_id, :hamlet_id, :month, :by)
    ON CONFLICT (indicator_id, hamlet_id, month) DO UPDATE SET count = month_tallies.count + excluded.count
    """)
)
_HOUSEHOLD = Scalar(text("SELECT household_id FROM people WHERE id = :person_id"), int)
_FIRST_MEMBER = Query(
    text("""
    SELECT c.hamlet_id, c.day FROM counted c JOIN people p ON p.id = c.subject_id
    WHERE c.indicator_id = :indicator_id AND p.household_id = :household_id
    ORDER BY c.day, c.subject_id LIMIT 1
    """),
    Place,
)
# What staff saw goes before the register, the register before what was said by phone.
STILL_2G = """
    SELECT p.household_id FROM people p JOIN facts f ON f.person_id = p.id
    WHERE f.kind = 'handset' AND f.value = '2g' AND {which} AND NOT EXISTS (
        SELECT 1 FROM facts better
        WHERE better.person_id = p.id AND better.kind = 'handset' AND better.value <> 'unknown'
          AND CASE better.source WHEN 'seen' THEN 1 WHEN 'register' THEN 2 ELSE 3 END
            < CASE f.source WHEN 'seen' THEN 1 WHEN 'register' THEN 2 ELSE 3 END)
"""
_STILL_2G = Scalar(
    text(STILL_2G.format(which="p.household_id = :household_id") + " LIMIT 1"), int
)
_LOCK = {
    subject: Statement(
        text(f"UPDATE {table} SET commune_id = commune_id WHERE id = :id")
    )
    for subject, table in TABLES.items()
}


def settle(tx: Tx, programme_id: int, key: str, subject_id: int) -> None:
    """Bring `counted` and `tallies` to what the log says, for this indicator and all
    that follows from it.
    """
    settling = _Settling(tx, programme_id)
    settling.logged(key, subject_id)
    if key in CONVERTED_PERSON:
        settling.person(subject_id)
    if key in FEEDS:
        settling.household_of(subject_id, FEEDS[key])
    settling.move_tallies()


def settle_household(tx: Tx, household_id: int) -> None:
    """The same after a household's members, or what is known of their handsets,
    changed.
    """
    lock(tx, "household", household_id)
    for programme in tx.all(_PROGRAMMES):
        settling = _Settling(tx, programme.id)
        for key in HOUSEHOLD_OF:
            settling.household(key, household_id)
        settling.move_tallies()


def handset_known(tx: Tx, person_id: int) -> None:
    """What is known of a person's handset changed: the household may count now, or no
    longer.
    """
    household_id = tx.value(_HOUSEHOLD, person_id=person_id)
    if household_id:
        settle_household(tx, household_id)


def lock(tx: Tx, subject: str, subject_id: int) -> int:
    """Whoever counts this subject next waits for us, then sees what we did. 0 if there
    is no such subject.
    """
    found = tx.run(_LOCK[subject], id=subject_id)
    if not found or subject != "person":
        return found
    household_id = tx.value(_HOUSEHOLD, person_id=subject_id)
    if household_id:
        tx.run(_LOCK["household"], id=household_id)
    return found


class _Settling:
    """One programme's indicators being settled; tallies are moved last and in key
    order, so that nobody deadlocks.
    """

    def __init__(self, tx: Tx, programme_id: int) -> None:
        self._tx = tx
        indicators = tx.all(_INDICATORS, programme_id=programme_id)
        self._ids: dict[str, int] = {
            indicator.key: indicator.id for indicator in indicators
        }
        self._moves: Counter[TallyKey] = Counter()

    def logged(self, key: str, subject_id: int) -> None:
        place = self._tx.one(_LIVE, indicator_id=self._ids[key], subject_id=subject_id)
        self._set(key, subject_id, place)

    def person(self, person_id: int) -> None:
        if "converted_person" not in self._ids:
            return
        parts = [self._counted(key, person_id) for key in CONVERTED_PERSON]
        self._set("converted_person", person_id, later(parts))

    def household_of(self, person_id: int, key: str) -> None:
        household_id = self._tx.value(_HOUSEHOLD, person_id=person_id)
        if household_id:
            self.household(key, household_id)

    def household(self, key: str, household_id: int) -> None:
        if key not in self._ids:
            return
        members_key = HOUSEHOLD_OF[key]
        of_members = self._ids[members_key]
        place = self._tx.one(
            _FIRST_MEMBER, indicator_id=of_members, household_id=household_id
        )
        if key == "converted_household" and self._is_still_on_2g(household_id):
            place = None
        self._set(key, household_id, place)

    def _is_still_on_2g(self, household_id: int) -> bool:
        return self._tx.value(_STILL_2G, household_id=household_id) is not None

    def move_tallies(self) -> None:
        for (indicator_id, hamlet_id, day), by in sorted(self._moves.items()):
            if by:
                self._tx.run(
                    _MOVE_TALLY,
                    indicator_id=indicator_id,
                    hamlet_id=hamlet_id,
                    day=day,
                    by=by,
                )
                month = day[:MONTH]
                self._tx.run(
                    _MOVE_MONTH,
                    indicator_id=indicator_id,
                    hamlet_id=hamlet_id,
                    month=month,
                    by=by,
                )

    def _counted(self, key: str, subject_id: int) -> Place | None:
        if key not in self._ids:
            return None
        return self._tx.one(
            _COUNTED, indicator_id=self._ids[key], subject_id=subject_id
        )

    def _set(self, key: str, subject_id: int, want: Place | None) -> None:
        """From now on it counts there and then, or not at all."""
        indicator_id = self._ids[key]
        have = self._counted(key, subject_id)
        if want == have:
            return
        if have:
            self._tx.run(_FORGET, indicator_id=indicator_id, subject_id=subject_id)
            before = tally_of(indicator_id, have)
            self._moves[before] -= 1
        if want:
            self._tx.run(
                _COUNT,
                indicator_id=indicator_id,
                subject_id=subject_id,
                **want._asdict(),
            )
            after = tally_of(indicator_id, want)
            self._moves[after] += 1


def tally_of(indicator_id: int, place: Place) -> TallyKey:
    """The tally that a subject is counted in."""
    return indicator_id, place.hamlet_id or 0, place.day


def later(parts: Sequence[Place | None]) -> Place | None:
    """Where a person counts as moved to 4G: with both parts, from the later on; of two
    on one day, the handset's.

    `parts` are where each of CONVERTED_PERSON counts, None where it does not.
    """
    counted = [part for part in parts if part]
    if len(counted) < len(CONVERTED_PERSON):
        return None
    counted.reverse()
    return max(counted, key=lambda place: place.day)
