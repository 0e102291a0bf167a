"""Many phones on few seats over HTTP: holds, the waiting list, offers, swaps; processes
are killed meanwhile.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from random import Random

import pytest

from db.store.engine import Database, to_ms
from menus.port import SlotTaken
from scheduler import upkeep
from tests import factories
from tests.journeys import crowd
from tests.journeys.crowd import Resident
from tests.journeys.servers import ROOT, Web, clock, end, environment, web
from tests.journeys.test_races import APOLOGY, all_at_once, count, rows

SOAK = os.environ.get("SOAK") == "1"
pytestmark = [pytest.mark.race, pytest.mark.timeout(1_800 if SOAK else 180)]

PHONES, SLOTS, CAPACITY, ROUNDS = (990, 5, 10, 6) if SOAK else (120, 3, 4, 2)
DUELS, PAIRS = (200, 25) if SOAK else (10, 1)
SWAPS = 6  # of one pair: a phone that texts much more is taken for a machine
WORKERS, AT_ONCE = 3, 16


def test_many_phones_on_few_seats_with_processes_killed_oversell_nothing_and_leak_nothing(
    db: Database, url: str
) -> None:
    slots = crowd.few_seats(db, SLOTS, CAPACITY)
    watch = crowd.Watch(db)
    watch.start()
    with (
        web(url, workers=WORKERS) as server,
        two_clocks(url) as clocks,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        everybody = [Resident(server.port, number) for number in range(PHONES)]
        killing = pool.submit(kill_a_worker, server)
        list(pool.map(crowd.comes, everybody, map(Random, range(PHONES))))
        killing.result()
        for round_ in range(ROUNDS):
            give_back_one_in_three(db, everybody, round_)
            for place in range(len(clocks)):
                clocks[place] = killed_and_started_anew(clocks[place], url)
            offered = await_offers(db)
            work = [
                (everybody[number], code, Random(number + 7 * round_))
                for number, code in offered.items()
            ]
            list(pool.map(lambda one: crowd.answers_an_offer(*one), work))
        for one in everybody:
            one.hang_up()
    assert watch.stop() == []
    assert count(db, "SELECT count(*) FROM bookings WHERE status = 'booked'") > 0
    assert (
        count(
            db,
            "SELECT count(*) FROM bookings b JOIN messages m ON m.booking_id = b.id AND m.kind = 'offer'",
        )
        > 0
    )
    nothing_said_twice(db, everybody)
    everything_agrees(url)
    no_seat_leaks(db, slots)
    everything_agrees(url)


def test_of_two_who_choose_the_last_seat_at_once_one_has_it_and_the_other_is_asked_to_wait(
    db: Database, url: str
) -> None:
    crowd.few_seats(db, 1, 1)
    with web(url, workers=WORKERS) as server:
        for duel in range(DUELS):
            two = [Resident(server.port, 2 * duel + place) for place in range(2)]
            times = [one.to_the_times() for one in two]
            assert all("Chon gio" in said for said in times), times
            said = all_at_once([partial(one.press, "1") for one in two])
            assert sorted("1. Dong y" in each for each in said) == [False, True], said
            loser, winner = sorted(
                range(2), key=lambda place: "1. Dong y" in said[place]
            )
            assert "het cho" in said[loser], said
            assert "Da dat" in two[winner].press("1")
            crowd.gives_back(two[winner])
            for one in two:
                one.hang_up()
        assert (
            count(db, "SELECT count(*) FROM bookings WHERE status = 'cancelled'")
            == DUELS
        )
    everything_agrees(url)


@pytest.mark.parametrize("room", [2, 1])
def test_two_who_swap_times_at_once_both_stay_booked(
    db: Database, url: str, room: int
) -> None:
    """With a free seat beside each they change places; without, both keep what they
    have. Neither waits for ever.
    """
    slots, hours = crowd.few_seats(db, 2, room), ("8H", "8H30")
    day = date.fromisoformat(rows(db, "SELECT day FROM events")[0].day)
    with web(url, workers=WORKERS) as server:
        for pair in range(PAIRS):
            two = [Resident(server.port, 2 * pair + place) for place in range(2)]
            codes = [
                booked_at(db, slot, 2 * pair + place)
                for place, slot in enumerate(slots)
            ]
            for swap in range(SWAPS):
                to = [hours[(place + swap + 1) % 2] for place in range(2)]
                wishes = [
                    f"DOI {code} {day.day}/{day.month} {hour}"
                    for code, hour in zip(codes, to, strict=True)
                ]
                said = all_at_once(
                    [
                        partial(one.text, wish)
                        for one, wish in zip(two, wishes, strict=True)
                    ]
                )
                assert not any(APOLOGY in each for each in said), said
                assert all(("Da doi lich" in each) == (room == 2) for each in said), (
                    said
                )
                standing = rows(
                    db,
                    "SELECT slot_id, code FROM bookings WHERE status = 'booked' ORDER BY person_id",
                )
                codes = [row.code for row in standing]
                swapped = (swap + 1) % 2 if room == 2 else 0
                assert [row.slot_id for row in standing] == [
                    slots[swapped],
                    slots[1 - swapped],
                ]
            for one, code in zip(two, codes, strict=True):
                assert "Da huy lich" in one.text(f"HUY {code}")
                one.hang_up()
    everything_agrees(url)


@contextmanager
def two_clocks(url: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Both run every job at once and then in their turns."""
    clocks = [clock(url) for _ in range(2)]
    try:
        yield clocks
    finally:
        for process in clocks:
            end(process)  # type: ignore[arg-type]


def killed_and_started_anew(
    process: subprocess.Popen[str], url: str
) -> subprocess.Popen[str]:
    process.kill()
    process.communicate()
    return clock(url)


def kill_a_worker(server: Web) -> None:
    for _ in range(3 if SOAK else 1):
        time.sleep(1.0)
        os.kill(server.workers()[0], signal.SIGKILL)


def give_back_one_in_three(
    db: Database, everybody: Sequence[Resident], round_: int
) -> None:
    booked = rows(
        db,
        "SELECT b.code, p.phone FROM bookings b JOIN people p ON p.id = b.booker_id"
        " WHERE b.status = 'booked' ORDER BY b.id",
    )
    for row in booked[round_ % 3 :: 3]:
        everybody[int(row.phone[-3:])].text(f"HUY {row.code}")


def await_offers(db: Database) -> dict[int, str]:
    """What the clocks offer at their first look: the number of the phone, and the code."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        offers = rows(
            db,
            "SELECT p.phone, b.code FROM bookings b JOIN people p ON p.id = b.booker_id"
            " WHERE b.status = 'offered' AND b.until > :now",
            now=to_ms(datetime.now(UTC)),
        )
        if offers:
            time.sleep(1.0)  # the other clock looks too
            return {int(row.phone[-3:]): row.code for row in offers}
        time.sleep(0.1)
    raise AssertionError("nobody was offered a seat")


def booked_at(db: Database, slot: int, number: int) -> str:
    with db.transaction() as tx:
        who = factories.person(tx, number=number)
        return str(
            factories.booking(
                tx, slot_id=slot, person_id=who, now=to_ms(datetime.now(UTC))
            ).code
        )


def nothing_said_twice(db: Database, everybody: Sequence[Resident]) -> None:
    """No text about the same booking as it stood, no text sent twice; and every code
    that was told is kept.
    """
    doubled = rows(
        db,
        "SELECT kind, booking_id, revision FROM messages WHERE direction = 'out'"
        " AND booking_id IS NOT NULL GROUP BY kind, booking_id, revision HAVING count(*) > 1",
    )
    again = rows(
        db,
        "SELECT message_id FROM attempts WHERE outcome = 'sent' GROUP BY message_id HAVING count(*) > 1",
    )
    assert (doubled, again) == ([], [])
    kept = {
        (row.phone, row.code)
        for row in rows(
            db,
            "SELECT p.phone, b.code FROM bookings b JOIN people p ON p.id = b.booker_id",
        )
    }
    for one in everybody:
        assert not any(APOLOGY in said for said in one.heard)
        told = {
            code
            for said in one.heard
            if "Da dat" in said
            for code in re.findall(r"Ma (\d{5})", said)
        }
        assert {(one.number, code) for code in told} <= kept


def everything_agrees(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db", "verify"],
        cwd=ROOT,
        env=environment(url),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "Everything agrees."), (
        done.stdout + done.stderr
    )


def no_seat_leaks(db: Database, slots: Sequence[int]) -> None:
    """Holds and offers run out, the list is served to its end: then what is not booked
    can be booked, and no more.
    """
    promised = "SELECT count(*) FROM bookings WHERE status IN ('held', 'offered') AND until > 1"
    for _ in range(PHONES):
        with db.transaction() as tx:
            tx.sql("UPDATE bookings SET until = 1 WHERE status IN ('held', 'offered')")
        upkeep.expire(db, datetime.now(UTC))
        if not count(db, promised):
            break
    assert count(db, promised) == 0
    now = to_ms(datetime.now(UTC))
    for slot in slots:
        (seats,) = rows(
            db,
            "SELECT s.capacity - count(b.id) AS free, (SELECT count(*) FROM bookings w"
            " WHERE w.slot_id = s.id AND w.status = 'waiting') AS waiting FROM slots s LEFT JOIN bookings b"
            " ON b.slot_id = s.id AND b.status = 'booked' WHERE s.id = :slot GROUP BY s.id, s.capacity",
            slot=slot,
        )
        assert not (seats.free and seats.waiting)
        with db.transaction() as tx:
            for _ in range(seats.free):
                factories.booking(
                    tx, slot_id=slot, person_id=factories.person(tx), now=now
                )
            with pytest.raises(SlotTaken):
                factories.booking(
                    tx, slot_id=slot, person_id=factories.person(tx), now=now
                )
