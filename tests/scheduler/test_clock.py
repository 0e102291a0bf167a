"""The clock as it is started: `python -m scheduler`, a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from db.store.engine import Database
from db.store.health import clocks
from settings import ROOT
from tests.scheduler.conftest import Town, at

LONG_AGO = at(12, "09:00")
JOBS = {
    "expire",
    "broadcasts",
    "reminders",
    "follow_ups",
    "sending",
    "upkeep",
    "reports",
}


def environment(url: str, **more: str) -> dict[str, str]:
    """Nothing of the shell's own settings; a folder without `.env` would be read
    otherwise.
    """
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG")
        if name in os.environ
    }
    keys = {
        "SECRET_KEY": "a secret of the tests",
        "PRIVACY_KEY": "another secret of the tests",
    }
    off = {
        "SIMULATOR": "off",
        "SENDING": "off",
        "USSD_CARRIERS": "",
        "SMS_CARRIERS": "",
        "SMS_SENDERS": "",
    }
    return {**kept, **keys, **off, "PYTHONPATH": str(ROOT), "DATABASE_URL": url, **more}


def run(url: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scheduler", *words],
        cwd=ROOT,
        env=environment(url, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_once_runs_every_job_in_order_and_prints_a_line_for_each(
    db: Database, town: Town, url: str
) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    done = run(url, "--once", "--now", "2024-04-20T18:30+07:00")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "expire: 0 lapsed leases, 0 told of a kept seat, 0 offers passed on, 0 seats offered, 0 waits closed",
        "reminders: 1 for the day before, 0 for the day",
        "follow_ups: 0 asked how it went, 0 about their face",
        "broadcasts: 0 begun again, 0 lists frozen, 0 joined, 0 paused, 0 ended",
        "sending: 1 sent",
        "upkeep: 0 missed",
        "reports: 2 drafts",
    ]
    assert [row.status for row in town.texts()] == ["SENT"]
    with db.connection() as tx:
        assert clocks(tx).keys() == JOBS


def test_once_more_changes_nothing(db: Database, town: Town, url: str) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    run(url, "--once", "--now", "2024-04-20T18:30+07:00")
    again = run(url, "--once", "--now", "2024-04-20T18:31+07:00")
    assert "reminders: 0 for the day before" in again.stdout
    assert "sending: nothing due" in again.stdout


def test_bookings_nobody_came_to_are_marked_two_hours_after(
    db: Database, town: Town, url: str
) -> None:
    town.is_now("demo")
    town.books(at(21, "08:00"), LONG_AGO)
    assert (
        "upkeep: 0 missed"
        in run(url, "--once", "--now", "2024-04-21T10:30+07:00").stdout
    )
    assert (
        "upkeep: 1 missed"
        in run(url, "--once", "--now", "2024-04-21T10:31+07:00").stdout
    )


def test_pretending_a_time_is_refused_on_a_live_installation(
    db: Database, town: Town, url: str
) -> None:
    town.is_now("live")
    refused = run(url, "--once", "--now", "2024-04-20T18:30+07:00")
    assert refused.returncode == 1
    assert (
        refused.stderr.strip()
        == "--now is for a demo installation or where SIMULATOR is on."
    )
    assert refused.stdout == ""
    real = run(url, "--once")
    assert real.returncode == 0
    assert "sending: sending is off" in real.stdout


def test_where_the_simulator_is_on_a_time_may_be_pretended(
    db: Database, town: Town, url: str
) -> None:
    assert (
        run(url, "--once", "--now", "2024-04-20T18:30+07:00", SIMULATOR="on").returncode
        == 0
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--now", "2024-04-20T18:30+07:00"),
        ("--once", "--now", "2024-04-20T18:30"),
        ("--once", "--now", "soon"),
    ],
)
def test_a_time_needs_its_zone_and_goes_with_once(words: tuple[str, ...]) -> None:
    refused = run("sqlite:////nowhere/at/all.db", *words)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr


def test_a_missing_setting_is_named(url: str) -> None:
    refused = run(url, "--once", SECRET_KEY="")
    assert refused.returncode == 1
    assert "SECRET_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_clock_ticks_until_it_is_told_to_stop(
    db: Database, town: Town, url: str
) -> None:
    town.is_now("demo")
    town.posts(town.books(at(21, "08:00"), LONG_AGO))
    process = subprocess.Popen(
        [sys.executable, "-m", "scheduler"],
        cwd=ROOT,
        env=environment(url),
        stderr=subprocess.PIPE,
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with db.connection() as tx:
                if clocks(tx).keys() == JOBS:
                    break
            time.sleep(0.1)
        else:
            pytest.fail("the clock never ticked")
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert not re.search(rb"Traceback", said)
    # sent, unless upkeep marked the old booking first
    assert town.texts()[0].status in (
        "SENT",
        "SKIPPED",
    )
