"""A phone that nobody knew yet chose how it is spoken to: its texts speak so too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, text

from db.models import installation
from db.store.engine import Database, to_ms
from scheduler.sending import Sending
from settings import Settings
from tests.gateway.carriers import Ussd, halls, serving

STRANGER = "+84990000077"
PLAIN, MARKS, ENGLISH = "1", "2", "3"
# book, the only hamlet, the first day, the first hour, yes
BOOKS = (
    "2",
    "1",
    "1",
    "1",
    "1",
)


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    halls(db)
    with serving(settings) as app:
        yield app.test_client()


@pytest.fixture
def sent(db: Database, settings: Settings) -> Callable[[], list[str]]:
    """What the clock sends now."""

    def go() -> list[str]:
        now = datetime.now(UTC)
        with db.transaction() as tx:
            tx.run(insert(installation).values(id=1, kind="demo", since=to_ms(now)))
        Sending(db, settings, lambda: now).until_empty()
        with db.connection() as tx:
            return [
                row.text
                for row in tx.all(
                    text("SELECT text FROM messages WHERE status = 'SENT' ORDER BY id")
                )
            ]

    return go


@pytest.mark.parametrize(
    ("choice", "begins"),
    [(ENGLISH, "Phuong Luong Van Tri: Booked 8 am "), (MARKS, "Phường Lương Văn Tri: Đã đặt lịch 8 giờ sáng "),
     (PLAIN, "Phuong Luong Van Tri: Da dat lich 8 gio sang ")],
)  # fmt: skip
def test_the_confirmation_speaks_as_was_chosen_before_the_booking(
    client: FlaskClient, sent: Callable[[], list[str]], choice: str, begins: str
) -> None:
    ussd = Ussd(client, STRANGER)
    ussd.dial("6", choice)
    for key in BOOKS:
        ussd.press(key)
    (said,) = sent()
    assert said.startswith(begins)


def test_also_when_all_keys_are_dialled_ahead(
    client: FlaskClient, sent: Callable[[], list[str]]
) -> None:
    ussd = Ussd(client, STRANGER)
    ussd.calls = 1
    assert "Book 8h00" in ussd.hop("*".join(("6", ENGLISH, *BOOKS[:-1])))
    assert ussd.hop("*".join(("6", ENGLISH, *BOOKS))).startswith("END Booked ")
    assert sent()[0].startswith("Phuong Luong Van Tri: Booked ")


def test_chosen_by_text_it_holds_for_the_other_channel_from_the_booking_on(
    client: FlaskClient,
) -> None:
    for number, word in enumerate(("NGON NGU", ENGLISH, "DL", *BOOKS[1:])):
        form = {"from": STRANGER, "text": word, "id": f"m-{number}"}
        said = client.post("/sms/simulator", data=form).text
    assert "Booked 8h00" in said
    assert "See my booking" in Ussd(client, STRANGER).dial("0")


def test_who_changes_the_language_after_the_booking_is_not_turned_back_by_the_next_one(
    client: FlaskClient, db: Database
) -> None:
    ussd = Ussd(client, STRANGER)
    ussd.dial("6", ENGLISH)
    for key in BOOKS:
        ussd.press(key)
    form = {"from": STRANGER, "text": "NGON NGU", "id": "m-1"}
    client.post("/sms/simulator", data=form)
    client.post("/sms/simulator", data=form | {"text": MARKS, "id": "m-2"})
    # the call's own session still speaks English
    assert "will call" in ussd.dial("4", "1", "1")
    with db.connection() as tx:
        row = tx.one(
            text("SELECT language, marks FROM people WHERE phone = :phone"),
            phone=STRANGER,
        )
    assert row is not None
    assert (row.language, bool(row.marks)) == ("vi", True)
