"""After the visit, by text and by call: the score is kept, the advice comes, whatever
the carrier repeats.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from db.seats import attendance
from db.store.engine import Database, to_ms
from settings import Settings
from tests import factories
from tests.gateway.carriers import PHONE, Ussd, halls, serving
from tests.gateway.test_by_text import Texter, code_in, event_day


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as made:
        yield made


@pytest.fixture
def visitor(app: Flask, db: Database) -> Texter:
    """Booked by text, and served."""
    texter = Texter(app.test_client())
    texter.say(f"DL {event_day()} 8h")
    assert code_in(texter.say("1"))
    with db.transaction() as tx:
        visit = tx.value(text("SELECT id FROM bookings WHERE status = 'booked'"))
        attendance.attend(
            tx,
            booking_id=visit,
            now=to_ms(datetime.now(UTC)),
            staff_id=factories.staff(tx),
        )
    return texter


def kept(db: Database) -> list[int]:
    with db.connection() as tx:
        return [row.score for row in tx.all(text("SELECT score FROM ratings"))]


def test_a_score_by_text_is_kept_and_a_later_one_replaces_it(
    visitor: Texter, db: Database
) -> None:
    assert visitor.say("dg5") == "Da ghi diem 5. Cam on da gop y."
    assert visitor.say("danh gia 4") == "Da ghi diem 4. Cam on da gop y."
    assert kept(db) == [4]


def test_a_bare_five_answers_the_question_that_came_last(
    visitor: Texter, db: Database
) -> None:
    now = to_ms(datetime.now(UTC))
    with db.transaction() as tx:
        # the list of the day before yesterday is no longer open
        tx.run(text("DELETE FROM sessions"))
        tx.run(
            text(
                "INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, made_at,"
                " not_before) VALUES (1, 'out', :phone, 'rate', 'notice', 6, 'SENT', :now, :now)"
            ),
            phone=PHONE,
            now=now + 1,
        )
    assert visitor.say("5") == "Da ghi diem 5. Cam on da gop y."
    assert kept(db) == [5]


def test_who_never_came_has_nothing_to_rate(app: Flask, db: Database) -> None:
    assert Texter(app.test_client()).say("DG 5").startswith("Hien khong co buoi nao")
    assert kept(db) == []


def test_advice_asked_for_in_a_call_is_posted_once(app: Flask, db: Database) -> None:
    phone = Ussd(app.test_client(), "+84990000077")
    for _ in range(2):
        assert phone.dial("5", "2", "3").startswith("END Da ghi. Huong dan se den")
        assert phone.hop(phone.typed).startswith("END Da ghi")
    with db.connection() as tx:
        assert [row.kind for row in tx.all(text("SELECT kind FROM messages"))] == [
            "howto_battery"
        ]
        assert (
            tx.value(
                text("SELECT COUNT(*) FROM people WHERE phone = :phone"),
                phone=phone.phone,
            )
            == 0
        ), "nobody is registered for asking"
