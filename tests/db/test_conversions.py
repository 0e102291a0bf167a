"""The log of conversions: what counts, once, in which hamlet, and what an undo takes
back.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from db.progress import conversions, counting
from db.register import facts
from db.store.engine import Database, Tx, to_ms
from tests import factories as make


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def log(
    tx: Tx, indicator: str, subject_id: int, at: int, form_key: str | None = None
) -> int | None:
    return conversions.log(
        tx,
        programme_id=1,
        indicator=indicator,
        subject_id=subject_id,
        at=at,
        staff_id=None,
        form_key=form_key,
    )


def swap(tx: Tx, person: int, at: int) -> None:
    log(tx, "sim_4g", person, at)
    log(tx, "handset_volte", person, at)


def tallies(tx: Tx) -> dict[tuple[str, int, str], int]:
    rows = tx.all(
        text(
            "SELECT i.key, t.hamlet_id, t.day, t.count FROM tallies t JOIN indicators i ON i.id = t.indicator_id"
        )
    )
    return {(row.key, row.hamlet_id, row.day): row.count for row in rows if row.count}


def test_a_swap_seen_by_staff_moves_the_number_of_the_hamlet(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        person = make.person(
            tx, number=1, hamlet_id=hamlet, household_id=home, handset="2g"
        )
        log(tx, "sim_4g", person, at)
        assert tallies(tx) == {("sim_4g", hamlet, "2024-04-12"): 1}
        log(tx, "handset_volte", person, at)
        assert tallies(tx) == {
            (key, hamlet, "2024-04-12"): 1
            for key in (
                "sim_4g",
                "handset_volte",
                "converted_person",
                "converted_household",
            )
        }
        assert make.facts_of(tx, person, "seen") == {"handset": "4g_volte", "sim": "4g"}
        assert conversions.recount(tx) == []


def test_a_double_tap_is_one_log_and_two_visits_count_once(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        assert log(tx, "money_person", person, at, "form-1") is not None
        assert log(tx, "money_person", person, at, "form-1") is None
        assert log(tx, "money_person", person, at + 1, "form-2") is not None
        assert tallies(tx) == {("money_person", 0, "2024-04-12"): 1}


def test_the_day_is_the_communes_not_the_servers(db: Database, now: datetime) -> None:
    with db.transaction() as tx:
        log(
            tx,
            "money_person",
            make.person(tx, number=1),
            to_ms(now.replace(hour=17, minute=30)),
        )
        assert tallies(tx) == {("money_person", 0, "2024-04-13"): 1}


def test_an_undo_takes_back_once_and_only_what_it_reverses(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        person = make.person(
            tx, number=1, hamlet_id=hamlet, household_id=make.household(tx, hamlet)
        )
        sim = log(tx, "sim_4g", person, at)
        log(tx, "handset_volte", person, at)
        assert sim is not None
        assert conversions.undo(
            tx, conversion_id=sim, at=at, staff_id=None, reason="nhầm người"
        )
        assert tallies(tx) == {("handset_volte", hamlet, "2024-04-12"): 1}
        assert make.facts_of(tx, person, "seen") == {"handset": "4g_volte"}
        assert not conversions.undo(
            tx, conversion_id=sim, at=at, staff_id=None, reason="lần nữa"
        )
        reversal = tx.value(
            text("SELECT id FROM conversions WHERE reverses IS NOT NULL")
        )
        assert not conversions.undo(
            tx, conversion_id=reversal, at=at, staff_id=None, reason="undo of an undo"
        )
        assert not conversions.undo(
            tx, conversion_id=999, at=at, staff_id=None, reason="none"
        )
        log(tx, "sim_4g", person, at)
        assert ("converted_household", hamlet, "2024-04-12") in tallies(tx)
        assert conversions.recount(tx) == []


def test_of_two_logs_one_undone_the_other_still_counts_on_its_own_day(
    db: Database, at: int
) -> None:
    later = at + 24 * 3_600_000
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        first = log(tx, "sim_4g", person, at)
        log(tx, "sim_4g", person, later)
        assert first is not None
        conversions.undo(
            tx, conversion_id=first, at=later, staff_id=None, reason="sai ngày"
        )
        assert tallies(tx) == {("sim_4g", 0, "2024-04-13"): 1}
        assert make.facts_of(tx, person, "seen")["sim"] == "4g"


def test_a_household_counts_only_when_nobody_in_it_is_known_to_use_a_2g_phone(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        one = make.person(
            tx, number=1, hamlet_id=hamlet, household_id=home, handset="2g"
        )
        other = make.person(
            tx, number=2, hamlet_id=hamlet, household_id=home, handset="2g"
        )
        swap(tx, one, at)
        assert ("converted_household", hamlet, "2024-04-12") not in tallies(tx)
        swap(tx, other, at)
        assert tallies(tx)["converted_household", hamlet, "2024-04-12"] == 1
        assert conversions.recount(tx) == []


def test_a_2g_phone_heard_of_later_takes_the_household_out_again(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        swap(tx, make.person(tx, number=1, hamlet_id=hamlet, household_id=home), at)
        other = make.person(tx, number=2, hamlet_id=hamlet, household_id=home)
        facts.note(tx, other, "handset", "self", "2g", at)
        counting.handset_known(tx, other)
        assert ("converted_household", hamlet, "2024-04-12") not in tallies(tx)
        facts.note(tx, other, "handset", "seen", "4g_volte", at)
        counting.handset_known(tx, other)
        assert ("converted_household", hamlet, "2024-04-12") in tallies(tx)
        assert conversions.recount(tx) == []


def test_money_counts_each_person_and_the_household_once(db: Database, at: int) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        for number in (1, 2):
            log(
                tx,
                "money_person",
                make.person(tx, number=number, hamlet_id=hamlet, household_id=home),
                at,
            )
        assert tallies(tx) == {
            ("money_person", hamlet, "2024-04-12"): 2,
            ("money_household", hamlet, "2024-04-12"): 1,
        }


def test_a_shop_is_no_school_and_derived_figures_are_not_logged_by_hand(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        shop = make.business(tx)
        assert log(tx, "business_qr", shop, at) is not None
        for indicator, subject in (
            ("tuition_school", shop),
            ("converted_person", 1),
            ("nothing", 1),
            ("sim_4g", 999),
        ):
            with pytest.raises(conversions.NotLogged):
                log(tx, indicator, subject, at)
        assert conversions.recount(tx) == []


def test_recount_names_a_tally_a_count_and_a_seat_that_are_wrong(
    db: Database, now: datetime
) -> None:
    at = to_ms(now)
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        log(tx, "sim_4g", person, at)
        slot = make.event_with_slots(
            tx, hall_id=make.hall(tx), starts=now + timedelta(days=1)
        ).slots[0]
        make.booking(tx, slot_id=slot, person_id=person, now=at)
        assert conversions.recount(tx) == []
        tx.run(text("UPDATE tallies SET count = 7"))
        tx.run(text("UPDATE slots SET capacity = 0"))
        tx.run(text("DELETE FROM counted"))
        seat, count, tally = conversions.recount(tx)
        assert "1 seats taken, capacity 0" in seat
        assert "counted sim_4g" in count
        assert "the log says 1, the table 7" in tally


def test_two_staff_logging_sim_and_handset_at_once_still_make_one_conversion(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        people = [
            make.person(
                tx,
                number=number,
                hamlet_id=hamlet,
                household_id=make.household(tx, hamlet),
            )
            for number in range(1, 11)
        ]
    jobs = [
        (indicator, person)
        for person in people
        for indicator in ("sim_4g", "handset_volte")
    ]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda job: db.again(lambda tx: log(tx, job[0], job[1], at), tries=20),
                jobs,
            )
        )
    with db.transaction() as tx:
        assert tallies(tx)["converted_household", hamlet, "2024-04-12"] == 10
        assert conversions.recount(tx) == []
