"""A text of ours says that a booking is at another time now: `1` is a yes to that very
booking, a no is asked about, and no seat is given up without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from db.store.engine import Database, to_ms
from settings import Settings
from tests.gateway.carriers import PHONE, halls, serving
from tests.gateway.test_by_text import Texter, code_in, event_day


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as made:
        yield made


@pytest.fixture
def booked(app: Flask) -> Texter:
    """With a seat of their own at eight, and their mother's at nine."""
    texter = Texter(app.test_client())
    texter.say(f"DL {event_day()} 8h")
    assert code_in(texter.say("1"))
    texter.say(f"DL {event_day()} 9h cho ba Ly Thi Mau")
    assert code_in(texter.say("1"))
    return texter


def told(db: Database, kind: str, code: str) -> None:
    """A text of ours about this booking has just left."""
    with db.transaction() as tx:
        tx.run(
            text(
                "INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, made_at,"
                " not_before, booking_id) SELECT 1, 'out', :phone, :kind, 'notice', 2, 'SENT', :now, :now, id"
                " FROM bookings WHERE code = :code AND status IN ('booked', 'cancelled', 'missed')"
            ),
            phone=PHONE,
            kind=kind,
            code=code,
            now=to_ms(datetime.now(UTC)),
        )


def both(db: Database) -> list[str]:
    """The own code and the mother's, in the order in which they were booked."""
    booked = text("SELECT code FROM bookings WHERE status = 'booked' ORDER BY id")
    with db.connection() as tx:
        return [row.code for row in tx.all(booked)]


def coming(db: Database) -> list[str]:
    with db.connection() as tx:
        rows = tx.all(text("SELECT code FROM bookings WHERE coming_at IS NOT NULL"))
        return [row.code for row in rows]


@pytest.mark.parametrize("kind", ["event_moved", "desk_moved"])
@pytest.mark.parametrize("said", ["1", "bam 1", "duoc, hom do toi ranh", "co a"])
def test_a_yes_is_to_the_booking_that_was_moved_not_to_the_soonest(
    booked: Texter, db: Database, kind: str, said: str
) -> None:
    _, later = both(db)
    told(db, kind, later)
    assert later in booked.say(said)
    assert coming(db) == [later]


@pytest.mark.parametrize("said", ["2", "2 khong hop", "ko duoc hom do toi ban"])
def test_a_no_asks_whether_to_cancel_or_to_change(
    booked: Texter, db: Database, said: str
) -> None:
    own, mothers = both(db)
    told(db, "event_moved", mothers)
    asked = booked.say(said)
    assert "1. Huy lich hen" in asked
    assert "2. Doi gio hen" in asked
    assert both(db) == [own, mothers]
    assert coming(db) == []
    moved = booked.say("2")
    while not moved.startswith("Da doi lich"):
        assert len(booked.sent) < 12, booked.got
        moved = booked.say("1")
    assert mothers in moved, "of the two it is this one that moves"


def test_only_heard_of_it_is_asked_and_then_a_yes_to_that_booking(
    booked: Texter, db: Database
) -> None:
    _, mothers = both(db)
    told(db, "event_moved", mothers)
    asked = booked.say("vang a")
    assert coming(db) == []
    place = next(line[0] for line in asked.split("\n") if "se den" in line)
    assert mothers in booked.say(place)
    assert coming(db) == [mothers]


@pytest.mark.parametrize("kind", ["event_cancelled", "missed"])
@pytest.mark.parametrize("said", ["1", "1 cho toi hen lai", "co a"])
def test_where_the_booking_stands_no_more_a_yes_leads_to_the_days(
    booked: Texter, db: Database, kind: str, said: str
) -> None:
    own, mothers = both(db)
    ends(db, own)
    ends(db, mothers)
    told(db, kind, mothers)
    assert "Nhan so dong" in booked.say(said)
    assert (both(db), coming(db)) == ([], [])


def test_a_yes_to_what_cannot_take_place_is_none_to_another_booking(
    booked: Texter, db: Database
) -> None:
    own, mothers = both(db)
    ends(db, mothers)
    told(db, "event_cancelled", mothers)
    assert own in booked.say("1")
    assert (both(db), coming(db)) == ([own], [])


def test_a_moved_booking_that_ended_since_is_no_yes_to_another(
    booked: Texter, db: Database
) -> None:
    own, mothers = both(db)
    told(db, "event_moved", mothers)
    ends(db, mothers)
    booked.say("1")
    assert (both(db), coming(db)) == ([own], [])


def ends(db: Database, code: str) -> None:
    with db.transaction() as tx:
        tx.run(
            text("UPDATE bookings SET status = 'cancelled' WHERE code = :code"),
            code=code,
        )
