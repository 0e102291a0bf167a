"""What currently counts: derived from the log of conversions, for one subject at a time, with the tallies moved along.

For each indicator and subject the earliest logged row that was not reversed gives day and hamlet. So
`counted` is a function of the log (and of who lives in which household), and `db.progress.recount` can check it.
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
# A household counts when the first of its members does: derived indicator -> the members' one.
HOUSEHOLD_OF = {
    "converted_household": "converted_person",
    "money_household": "money_person",
}
FEEDS = {
    "sim_4g": "converted_household",
    "handset_volte": "converted_household",
    "money_person": "money_household",
}


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
    table: Statement(text(f"UPDATE {table} SET commune_id = commune_id WHERE id = :id"))
    for table in ("people", "households", "businesses")
}


def settle(tx: Tx, programme_id: int, key: str, subject_id: int) -> None:
    """Bring `counted` and `tallies` to what the log says, for this indicator and all that follows from it."""
    settling = _Settling(tx, programme_id)
    settling.logged(key, subject_id)
    if key in CONVERTED_PERSON:
        settling.person(subject_id)
    if key in FEEDS:
        household_id = tx.value(_HOUSEHOLD, person_id=subject_id)
        if household_id:
            settling.household(FEEDS[key], household_id)
    settling.move_tallies()


def settle_household(tx: Tx, household_id: int) -> None:
    """The same after a household's members, or what is known of their handsets, changed."""
    lock(tx, "household", household_id)
    for programme in tx.all(_PROGRAMMES):
        settling = _Settling(tx, programme.id)
        for key in HOUSEHOLD_OF:
            settling.household(key, household_id)
        settling.move_tallies()


def handset_known(tx: Tx, person_id: int) -> None:
    """What is known of a person's handset changed: the household may count now, or no longer."""
    household_id = tx.value(_HOUSEHOLD, person_id=person_id)
    if household_id:
        settle_household(tx, household_id)


def lock(tx: Tx, subject: str, subject_id: int) -> int:
    """Whoever counts this subject next waits for us, then sees what we did. 0 if there is no such subject."""
    table = {"person": "people", "household": "households", "business": "businesses"}[
        subject
    ]
    found = tx.run(_LOCK[table], id=subject_id)
    if found and subject == "person":
        household_id = tx.value(_HOUSEHOLD, person_id=subject_id)
        if household_id:
            tx.run(_LOCK["households"], id=household_id)
    return found


class _Settling:
    """One programme's indicators being settled; tallies are moved last and in key order, so that nobody deadlocks."""

    def __init__(self, tx: Tx, programme_id: int) -> None:
        self._tx = tx
        self._ids: dict[str, int] = {
            row.key: row.id for row in tx.all(_INDICATORS, programme_id=programme_id)
        }
        self._moves: Counter[tuple[int, int, str]] = Counter()

    def logged(self, key: str, subject_id: int) -> None:
        place = self._tx.one(_LIVE, indicator_id=self._ids[key], subject_id=subject_id)
        self._set(key, subject_id, place)

    def person(self, person_id: int) -> None:
        if "converted_person" not in self._ids:
            return
        parts = [self._counted(key, person_id) for key in CONVERTED_PERSON]
        place = later([part for part in parts if part])
        self._set("converted_person", person_id, place)

    def household(self, key: str, household_id: int) -> None:
        if key not in self._ids:
            return
        of_members = self._ids[HOUSEHOLD_OF[key]]
        place = self._tx.one(
            _FIRST_MEMBER, indicator_id=of_members, household_id=household_id
        )
        if (
            key == "converted_household"
            and self._tx.value(_STILL_2G, household_id=household_id) is not None
        ):
            place = None
        self._set(key, household_id, place)

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
            self._moves[indicator_id, have.hamlet_id or 0, have.day] -= 1
        if want:
            self._tx.run(
                _COUNT,
                indicator_id=indicator_id,
                subject_id=subject_id,
                **want._asdict(),
            )
            self._moves[indicator_id, want.hamlet_id or 0, want.day] += 1


def later(parts: Sequence[Place]) -> Place | None:
    """Where a person counts as moved to 4G: with both parts, from the later on; of two on one day, the handset's."""
    if len(parts) < len(CONVERTED_PERSON):
        return None
    return max(reversed(parts), key=lambda place: place.day)
