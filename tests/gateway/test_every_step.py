"""Whatever happens to the call at whatever step, nothing is booked twice and nothing is
lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from db.progress.recount import recount
from db.store.engine import Database
from settings import Settings
from tests.gateway.carriers import Kept, Ussd, halls, serving

BOOKING = ("2", "1", "1", "1")
JOURNEYS = {
    "booking": ((), BOOKING, "Da dat "),
    "changing": (BOOKING, ("3", "1", "1", "1", "1"), "Da doi lich "),
    "cancelling": (BOOKING, ("3", "2", "1"), "Da huy lich "),
    "asking to be called": ((), ("4", "1", "1"), "Da ghi"),
}
STEPS = [
    (name, step)
    for name, (_, keys, _) in JOURNEYS.items()
    for step in range(len(keys) + 1)
]
each_step = pytest.mark.parametrize(("journey", "step"), STEPS)


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as made:
        yield made


def made(db: Database) -> dict[str, int]:
    """What an undisturbed journey leaves behind: people, seats, consents, texts,
    requests; the slots agree.
    """
    with db.connection() as tx:
        assert recount(tx) == []
        standing = int(
            tx.value(text("SELECT COUNT(*) FROM bookings WHERE status = 'booked'"))
        )
    left = Kept(db).all()
    return {
        **{
            table: left[table]
            for table in ("bookings", "consents", "messages", "requests")
        },
        "standing": standing,
    }


EXPECTED = {
    "booking": {
        "bookings": 1,
        "consents": 1,
        "messages": 1,
        "requests": 0,
        "standing": 1,
    },
    "changing": {
        "bookings": 1,
        "consents": 1,
        "messages": 2,
        "requests": 0,
        "standing": 1,
    },
    "cancelling": {
        "bookings": 1,
        "consents": 1,
        "messages": 2,
        "requests": 0,
        "standing": 0,
    },
    "asking to be called": {
        "bookings": 0,
        "consents": 1,
        "messages": 0,
        "requests": 1,
        "standing": 0,
    },
}


def prepared(app: Flask, journey: str) -> tuple[Ussd, tuple[str, ...], str]:
    before, keys, last = JOURNEYS[journey]
    phone = Ussd(app.test_client())
    if before:
        phone.dial(*before)
    return phone, keys, last


@each_step
def test_a_call_that_drops_is_carried_on_where_it_broke_off(
    app: Flask, db: Database, journey: str, step: int
) -> None:
    phone, keys, last = prepared(app, journey)
    shown = phone.dial(*keys[:step])
    again = phone.dial()
    if step == len(keys):
        assert "Cuoc goi truoc bi ngat" not in again, (
            "it was done: there is nothing to carry on"
        )
    elif step:
        assert "Cuoc goi truoc bi ngat" in again
        assert phone.press("1") == shown, "the very screen on which the call broke off"
    for key in keys[step:]:
        again = phone.press(key)
    if step < len(keys):
        assert again.startswith(f"END {last}")
    assert made(db) == EXPECTED[journey]


@each_step
def test_a_request_that_comes_twice_is_answered_alike(
    app: Flask, db: Database, journey: str, step: int
) -> None:
    phone, keys, _ = prepared(app, journey)
    shown = phone.dial(*keys[:step])
    assert phone.hop(phone.typed) == shown
    for key in keys[step:]:
        shown = phone.press(key)
        assert phone.hop(phone.typed) == shown
    assert made(db) == EXPECTED[journey]


@each_step
def test_a_request_that_comes_again_late_changes_nothing(
    app: Flask, db: Database, journey: str, step: int
) -> None:
    phone, keys, _ = prepared(app, journey)
    phone.dial()
    answers = {"": phone.hop("")}
    for key in keys:
        said = phone.press(key)
        answers[phone.typed] = said
    late = "*".join(keys[:step])
    assert phone.hop(late) == answers[late]
    call = phone.call
    phone.dial()  # and later still, when another call has begun
    assert phone.hop(late, call=call) == answers[late]
    assert made(db) == EXPECTED[journey]


@each_step
def test_the_same_request_twice_at_once_acts_once(
    app: Flask, db: Database, journey: str, step: int
) -> None:
    phone, keys, _ = prepared(app, journey)
    phone.dial(*keys[:step])
    typed = "*".join(keys[: step + 1])
    twins = [Ussd(app.test_client()) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda twin: twin.hop(typed, call=phone.call), twins))
    assert len(set(answers)) == 1, "all three read the same"
    for number in range(step + 2, len(keys) + 1):
        phone.hop("*".join(keys[:number]))
    assert made(db) == EXPECTED[journey]
