"""An act is whole, or as if it had not been tried; and the call goes on from there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from db.store.engine import Database, to_ms
from settings import Settings
from tests import factories as make
from tests.gateway.carriers import Kept, Ussd, halls, serving

STRANGER = make.phone(70)


@pytest.fixture
def times(db: Database) -> tuple[int, ...]:
    return halls(db, capacity=1)


@pytest.fixture
def client(times: tuple[int, ...], settings: Settings) -> Iterator[FlaskClient]:
    with serving(settings) as app:
        yield app.test_client()


def _books(db: Database, slot: int, number: int, name: str = "") -> None:
    now = to_ms(datetime.now(UTC))
    with db.transaction() as tx:
        make.booking(
            tx,
            slot_id=slot,
            person_id=make.person(tx, number=number, name=name, now=now),
            now=now,
        )


def test_whoever_finds_a_time_full_is_asked_to_wait_and_nothing_is_kept_of_them(
    client: FlaskClient, db: Database, times: tuple[int, ...]
) -> None:
    _books(db, times[0], 40)
    before = Kept(db).all()
    phone = Ussd(client, STRANGER)
    assert "8h00 (het)" in phone.dial("2", "1", "1")
    assert "da het cho. Ghi ten cho khong?" in phone.press("1")
    assert Kept(db).all() == {**before, "sessions": 1}, (
        "no person, no hold, no lock taken"
    )
    assert phone.press("1").startswith("END Da ghi ten cho")


def test_a_guest_who_has_a_time_already_is_refused_and_the_kept_seat_goes_to_another_or_is_let_go(
    client: FlaskClient, db: Database, times: tuple[int, ...]
) -> None:
    def kept_now() -> int:
        now = to_ms(datetime.now(UTC))
        with db.connection() as tx:
            return int(
                tx.value(
                    text(
                        "SELECT COUNT(*) FROM bookings WHERE status = 'held' AND until > :now"
                    ),
                    now=now,
                )
            )

    _books(db, times[0], 40, "Lý Thị Mẫu")
    phone = Ussd(client, STRANGER)
    phone.dial("2", "1", "1", "2", "3", "Ly Thi Mau", make.phone(40))
    before = Kept(db).all()
    said = phone.press("1")
    assert said.startswith("CON Nguoi duoc dat ho da co lich hen")
    assert (Kept(db).all(), kept_now()) == (before, 1), "nobody agreed to anything"
    assert "Dat ho ai?" in phone.press("1"), "the call goes on"
    phone.press("Ly Thi Mau")
    phone.press(make.phone(40))
    phone.press("1")
    assert phone.press("2").startswith("CON Phuong") and kept_now() == 0
    phone.dial("2", "1", "1", "2", "3", "Hoang Van La", "1")
    assert phone.press("1").startswith("END Da dat cho Hoang Van La 8h30")


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        (("1",), {"handset": "2g"}),
        (("4", "490154203237518"), {"imei": "490154203237518"}),
    ],
)
def test_what_a_stranger_says_of_themselves_is_kept_with_the_booking_as_their_own_word(
    client: FlaskClient, db: Database, answers: tuple[str, ...], kept: dict[str, str]
) -> None:
    said = Ussd(client, STRANGER).dial("1", "1", *answers, "1", "1", "1", "1")
    assert said.startswith("END Da dat 8h00")
    with db.connection() as tx:
        (person,) = tx.all(
            text("SELECT id, hamlet_id FROM people WHERE phone = :phone"),
            phone=STRANGER,
        )
        assert make.facts_of(tx, person.id, "self") == kept
        assert person.hamlet_id == tx.value(text("SELECT id FROM hamlets"))
