"""The demo commune: complete, playable today, and never where real data is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from db import demo
from db.office import accounts
from db.places import information
from db.progress import conversions
from db.register.people import by_phone
from db.store.engine import Database, Tx, to_ms
from menus.fitting import cost, fold
from menus.topics import Topic
from tests.factories import facts_of

KEY = "a key of the tests"


def count(tx: Tx, what: str) -> int:
    return int(tx.value(text(f"SELECT count(*) FROM {what}")))


def test_the_demo_is_whole_and_its_figures_agree(db: Database, now: datetime) -> None:
    sign_ins = demo.load(db, KEY, to_ms(now))
    with db.transaction() as tx:
        assert count(tx, "hamlets") == 11
        assert count(tx, "halls WHERE hamlet_id IS NOT NULL") == 10
        assert 250 < count(tx, "people") < 400
        assert count(tx, "people WHERE origin <> 'demo' AND phone IS NOT NULL") == 0
        assert count(tx, "people WHERE phone IS NOT NULL") == 100
        assert count(tx, "people WHERE phone NOT LIKE '+84990000%'") == 0
        assert count(tx, "requests WHERE kind = 'call_me'") == 1
        assert (
            count(
                tx,
                "bookings b JOIN slots s ON s.id = b.slot_id JOIN events e ON e.id = s.event_id"
                " WHERE e.day = '2024-04-12'",
            )
            == 12
        )
        assert count(tx, "conversions WHERE reverses IS NOT NULL") == 1
        assert count(tx, "targets") > 40
        assert (
            count(
                tx,
                "(SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id"
                " WHERE i.key = 'converted_household') x",
            )
            > 5
        )
        assert conversions.recount(tx) == []
        for role, username, password in sign_ins:
            found = accounts.check(tx, username, password)
            assert found is not None
            assert found.role == role
    assert [role for role, _, _ in sign_ins] == list(accounts.ROLES)


@pytest.mark.parametrize("year", [2024, 2026, 2028])
def test_the_demo_answers_every_topic_in_one_text_and_one_answer_is_about_to_run_out(
    db: Database, now: datetime, year: int
) -> None:
    today = now.replace(year=year)
    demo.load(db, KEY, to_ms(today))
    day = today.date().isoformat()
    with db.connection() as tx:
        for topic in Topic:
            said = information.said(tx, 1, topic, day)
            assert said is not None, topic
            assert [cost(fold(words)).parts for words in said.values()] == [1, 1], topic
            assert "{" not in "".join(said.values())
        assert information.run_out(tx, 1, day) == 1
        assert min(information.how_often(tx, 1, day).values()) > 0


def test_a_visitor_with_the_first_number_has_a_2g_phone_and_no_booking_yet(
    db: Database, now: datetime
) -> None:
    demo.load(db, KEY, to_ms(now))
    with db.connection() as tx:
        visitor = by_phone(tx, "+84990000001")
        assert visitor is not None
        assert facts_of(tx, visitor.id, "register")["handset"] == "2g"
        assert count(tx, f"bookings WHERE person_id = {visitor.id}") == 0


@pytest.mark.parametrize("year", [2024, 2026, 2031])
def test_the_commune_bears_its_old_name_and_the_scheme_is_open_whenever_the_demo_is_loaded(
    db: Database, now: datetime, year: int
) -> None:
    today = now.replace(year=year)
    demo.load(db, KEY, to_ms(today))
    day = today.date().isoformat()
    with db.connection() as tx:
        newest = text(
            "SELECT name FROM commune_names WHERE since <= :day ORDER BY since DESC LIMIT 1"
        )
        assert tx.value(newest, day=day) == "xã Quảng Lạc"
        assert (
            tx.value(newest, day=(today + timedelta(days=445)).date().isoformat())
            == "phường Lương Văn Tri"
        )
        assert count(tx, f"schemes WHERE opens <= '{day}' AND closes >= '{day}'") == 1


def test_a_second_run_keeps_everything_and_adds_only_the_days_that_are_missing(
    db: Database, now: datetime
) -> None:
    demo.load(db, KEY, to_ms(now))
    with db.connection() as tx:
        before = count(tx, "events"), count(tx, "bookings"), count(tx, "people")
    assert demo.top_up(db, to_ms(now)) == 0
    added = demo.top_up(db, to_ms(now + timedelta(days=5)))
    with db.connection() as tx:
        assert added > 5
        assert (count(tx, "events"), count(tx, "bookings"), count(tx, "people")) == (
            before[0] + added,
            *before[1:],
        )
        assert tx.value(text("SELECT max(day) FROM events")) == "2024-04-30"
        assert (
            count(
                tx,
                "(SELECT 1 FROM events GROUP BY hall_id, day HAVING count(*) > 1) twice",
            )
            == 0
        )


def test_a_demo_is_loaded_neither_twice_nor_over_real_data(
    db: Database, now: datetime
) -> None:
    with pytest.raises(demo.NotEmpty):
        demo.top_up(db, to_ms(now))
    with db.transaction() as tx:
        tx.run(text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', 0)"))
    for refused in (demo.top_up, lambda db, at: demo.load(db, KEY, at)):
        with pytest.raises(demo.NotEmpty):
            refused(db, to_ms(now))
    with db.transaction() as tx:
        assert count(tx, "people") == 0
        tx.run(text("DELETE FROM installation"))
    demo.load(db, KEY, to_ms(now))
    with pytest.raises(demo.NotEmpty):
        demo.load(db, KEY, to_ms(now))
