"""Many residents at once, over HTTP, against several web processes: seats, repeats,
kills and two clocks.
"""

from __future__ import annotations

import http.client
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from db.models import installation
from db.progress.recount import recount
from db.store.engine import Database, to_ms
from db.store.statements import Row
from menus import days, words
from menus.fitting import fold
from tests import factories
from tests.journeys.servers import Phone, Web, clock, web

pytestmark = [
    pytest.mark.race,
    pytest.mark.timeout(1_800 if os.environ.get("SOAK") == "1" else 180),
]

SOAK = os.environ.get("SOAK") == "1"
RESIDENTS, SEATS, ROUNDS = (1_000, 50, 5) if SOAK else (200, 10, 1)
WORKERS = 3
TO_CONFIRM = ("2", "1", "1", "1")  # book, hamlet, event, time
BOOKED = fold(
    words.say("vi", "booked", time="", hall="", code="", bring="", many="").split()[0]
)
POLITE = (
    *[fold(words.say("vi", key)) for key in ("slot_taken", "no_events")],
    "da het cho. Ghi ten cho khong?",
)
APOLOGY = fold(words.say("vi", "apology"))


def one_slot(db: Database, capacity: int) -> int:
    """A hamlet, its hall and an event in three days with one time; the slot's id."""
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
        days=3
    )
    with db.transaction() as tx:
        hamlet = factories.hamlet(tx)
        return factories.event_with_slots(
            tx, hall_id=factories.hall(tx, hamlet), starts=starts, capacity=capacity
        ).slots[0]


def at_the_confirm_screen(
    server: Web,
    numbers: Iterable[int],
    keys: Sequence[str] = TO_CONFIRM,
    sees: str = "1. Dong y",
) -> list[Phone]:
    """These residents, each one keypress away from a seat; or wherever else these keys
    lead.
    """

    def walk(number: int) -> Phone:
        phone = Phone(server.port, factories.phone(number), f"call-{number}")
        phone.dial()
        for key in keys:
            said = phone.press(key)
        assert phone.status == 200 and sees in said, said
        # the next request opens a connection anew, and may meet another worker
        phone.hang_up()
        return phone

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(walk, numbers))


def all_at_once(works: Sequence[Callable[[], str]]) -> list[str]:
    """Each in a thread of its own, let go together."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], str]) -> str:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def confirm(phone: Phone, *before: str) -> Callable[[], str]:
    """Press 1; where the connection breaks, the carrier sends the same request again."""
    again = "*".join((*(before or TO_CONFIRM), "1"))

    def press() -> str:
        for _ in range(20):
            with suppress(OSError, http.client.HTTPException):
                return phone.send(again)
            phone.hang_up()
            time.sleep(0.1)
        raise AssertionError("no answer after twenty tries")

    return press


def rows(db: Database, sql: str, **values: object) -> list[Row]:
    with db.connection() as tx:
        return tx.all(text(sql), **values)


def count(db: Database, sql: str) -> int:
    return int(rows(db, sql)[0][0])


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_when_two_hundred_residents_want_ten_seats_ten_are_booked_and_the_rest_are_told_politely(
    db: Database, url: str, round_: int
) -> None:
    """Choosing the time is what they race for: it keeps the seat. Whoever has it kept
    then gets it.
    """
    slot, to_the_times = one_slot(db, SEATS), TO_CONFIRM[:-1]
    with web(url, workers=WORKERS) as server:
        phones = at_the_confirm_screen(
            server, range(RESIDENTS), to_the_times, "Chon gio"
        )
        answers = all_at_once([confirm(phone, *to_the_times) for phone in phones])
        kept = [
            phone
            for phone, answer in zip(phones, answers, strict=True)
            if "1. Dong y" in answer
        ]
        booked = all_at_once([confirm(phone) for phone in kept])
        for phone in phones:
            phone.hang_up()
        log = server.said()
    assert {phone.status for phone in phones} == {200}
    told = [
        answer
        for answer in answers
        if answer.startswith("CON") and any(said in answer for said in POLITE)
    ]
    assert (len(kept), len(told)) == (SEATS, RESIDENTS - SEATS), log
    assert all(answer.startswith(f"END {BOOKED}") for answer in booked), booked
    assert (
        len(
            rows(
                db,
                "SELECT id FROM bookings WHERE slot_id = :slot AND status = 'booked'",
                slot=slot,
            )
        )
        == SEATS
    )
    assert count(db, "SELECT count(*) FROM messages WHERE kind = 'booked'") == SEATS
    assert "ERROR" not in log
    with db.connection() as tx:
        assert recount(tx) == []


def test_a_confirmation_sent_five_times_at_once_books_once_and_is_answered_alike(
    db: Database, url: str
) -> None:
    one_slot(db, 100)
    residents = range(100 if SOAK else 10)
    with web(url, workers=WORKERS) as server:
        for first in at_the_confirm_screen(server, residents):
            repeats = [
                Phone(server.port, first.number, first.session) for _ in range(5)
            ]
            answers = all_at_once([confirm(repeat) for repeat in repeats])
            assert {repeat.status for repeat in repeats} == {200}
            assert len(set(answers)) == 1 and answers[0].startswith(f"END {BOOKED}"), (
                answers
            )
            for repeat in repeats:
                repeat.hang_up()
    assert count(db, "SELECT count(*) FROM bookings WHERE status = 'booked'") == len(
        residents
    )
    assert count(db, "SELECT count(*) FROM consents") == len(residents)
    assert count(db, "SELECT count(*) FROM messages WHERE kind = 'booked'") == len(
        residents
    )


def test_a_worker_killed_in_the_middle_of_a_burst_leaves_nothing_half_written(
    db: Database, url: str
) -> None:
    residents = 400 if SOAK else 120
    one_slot(db, residents)
    with web(url, workers=WORKERS) as server:
        phones = at_the_confirm_screen(server, range(residents))

        def kill_workers() -> str:
            for worker in server.workers()[:2]:
                time.sleep(0.1)
                os.kill(worker, signal.SIGKILL)
            return ""

        answers = all_at_once([*[confirm(phone) for phone in phones], kill_workers])[
            :-1
        ]
        for phone in phones:
            phone.hang_up()
    assert all(answer.startswith(f"END {BOOKED}") for answer in answers), answers
    # Every booking has its consent, its text and its session's answer, and nothing
    # stands without a booking.
    assert (
        count(db, "SELECT count(*) FROM bookings WHERE status = 'booked'") == residents
    )
    assert count(db, "SELECT count(*) FROM people") == residents
    assert count(db, "SELECT count(*) FROM consents") == residents
    assert count(db, "SELECT count(*) FROM messages WHERE kind = 'booked'") == residents
    for answer, phone in zip(answers, phones, strict=True):
        (kept,) = rows(
            db,
            "SELECT b.code FROM bookings b JOIN people p ON p.id = b.person_id WHERE p.phone = :p"
            " AND b.status = 'booked'",
            p=phone.number,
        )
        assert kept.code in answer
    with db.connection() as tx:
        assert recount(tx) == []


def test_two_clocks_at_once_never_send_a_text_twice(db: Database, url: str) -> None:
    residents = 1_000 if SOAK else 400
    tomorrow = days.today(datetime.now(UTC)) + timedelta(days=1)
    evening = days.at_local(days.today(datetime.now(UTC)), "18:30")
    with db.transaction() as tx:
        factories.insert_row(tx, installation, id=1, kind="demo", since=0)
        hall = factories.hall(tx, factories.hamlet(tx))
        event = factories.event_with_slots(
            tx,
            hall_id=hall,
            starts=days.at_local(tomorrow, "08:00"),
            slots_=4,
            capacity=residents,
        )
        for number in range(residents):
            person = factories.person(tx, number=number)
            factories.booking(
                tx,
                slot_id=event.slots[number % 4],
                person_id=person,
                now=to_ms(evening) - 86_400_000,
            )
    clocks = [
        clock(url, "--once", "--now", evening.isoformat())
        for _ in range(3 if SOAK else 2)
    ]
    said = [process.communicate(timeout=120)[0] for process in clocks]
    assert [process.returncode for process in clocks] == [0] * len(clocks), said
    sent = rows(db, "SELECT booking_id, kind, status FROM messages")
    assert len(sent) == residents and {(row.kind, row.status) for row in sent} == {
        ("reminder_1d", "SENT")
    }
    assert len({row.booking_id for row in sent}) == residents
    assert (
        count(db, "SELECT count(*) FROM attempts WHERE outcome = 'sent'") == residents
    )
