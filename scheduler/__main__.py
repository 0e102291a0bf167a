"""The clock: `python -m scheduler` runs the jobs for ever, `--once` runs each of them
once and ends.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Event

from db.store import installation
from db.store.engine import Database, connect
from db.store.migrate import current_is_head
from gateway import logs, transports
from scheduler import broadcasts, follow_ups, reminders, reports, upkeep
from scheduler.sending import Sending
from settings import Settings, SettingsError, from_environment

log = logging.getLogger("scheduler")

Clock = Callable[[], datetime]
Job = tuple[str, int, Callable[[], str]]  # name, seconds between runs, what it does


def jobs(
    db: Database,
    settings: Settings,
    clock: Clock,
    *,
    paced: bool = True,
    ending: Event | None = None,
) -> tuple[Job, ...]:
    """The table of jobs, in the order of `--once`. `paced` False sends without waiting
    for a broadcast's speed; once `ending` is set no text more is taken.
    """
    sending = Sending(db, settings, clock, paced=paced, ending=ending)
    return (
        ("expire", 15, lambda: upkeep.expire(db, clock(), settings.offer_hours)),
        ("reminders", 60, lambda: reminders.sweep(db, clock())),
        ("follow_ups", 300, lambda: follow_ups.sweep(db, clock())),
        ("broadcasts", 2, lambda: broadcasts.tend(db, settings, clock())),
        ("sending", 2, sending.until_empty),
        ("upkeep", 600, lambda: upkeep.tidy(db, clock())),
        ("reports", 600, lambda: reports.draft(db, clock())),
    )


def run_once(
    db: Database, settings: Settings, clock: Clock, *, paced: bool = True
) -> None:
    """Every job once, a line each. The clock table keeps the real time, whatever
    `clock` says.
    """
    table = jobs(db, settings, clock, paced=paced)
    for name, _, work in table:
        outcome = work()
        print(f"{name}: {outcome}", flush=True)
        upkeep.tick(db, name, _now())


def run_for_ever(db: Database, settings: Settings) -> None:
    """Until SIGTERM. Jobs live in memory with fixed intervals; the truth is in the
    tables.

    At the end the jobs that run are waited for: texts in the hands of a carrier would
    be LOST for nothing.
    """
    from apscheduler.schedulers.blocking import BlockingScheduler

    scheduler = BlockingScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1}
    )
    ending = Event()

    def end(*_: object) -> None:
        ending.set()
        scheduler.shutdown()

    table = jobs(db, settings, _now, ending=ending)
    for name, seconds, work in table:
        guarded = partial(_guarded, db, name, work)
        scheduler.add_job(
            guarded,
            "interval",
            seconds=seconds,
            id=name,
            next_run_time=_now(),
            misfire_grace_time=None,
        )
    signal.signal(signal.SIGTERM, end)
    try:
        scheduler.start()
    except KeyboardInterrupt:
        end()


def _now() -> datetime:
    return datetime.now(UTC)


def _guarded(db: Database, name: str, work: Callable[[], str]) -> None:
    """One run of a job that may fail without taking the clock with it; only a good one
    moves its hand.
    """
    try:
        work()
        upkeep.tick(db, name, _now())
    except Exception:
        log.exception("the job %s failed and will run again", name)


def _given() -> argparse.Namespace:
    """The command line's `once` and `now`."""
    parser = argparse.ArgumentParser(prog="python -m scheduler", description=__doc__)
    parser.add_argument(
        "--once", action="store_true", help="run every job once and end"
    )
    parser.add_argument(
        "--now",
        type=datetime.fromisoformat,
        help="with --once: pretend it is 2026-04-12T07:00+07:00",
    )
    return parser.parse_args()


def main() -> None:
    given = _given()
    try:
        settings = from_environment()
    except SettingsError as problem:
        sys.exit(str(problem))
    logs.start()
    db = connect(settings.database_url)
    try:
        for name in settings.sms_senders:
            transports.sender(name, settings)
    except SettingsError as problem:
        sys.exit(str(problem))
    if not current_is_head(db):
        sys.exit("The schema is not the newest: run `python -m db upgrade` first.")
    if given.now is not None:
        _pretend(db, settings, given.now, given.once)
    elif given.once:
        run_once(db, settings, _now)
    else:
        run_for_ever(db, settings)


def _pretend(db: Database, settings: Settings, moment: datetime, once: bool) -> None:
    """Every job once as if it were that moment; where nobody is texted for real."""
    has_zone = moment.tzinfo is not None
    if not once or not has_zone:
        sys.exit("--now goes with --once and needs a time zone: 2026-04-12T07:00+07:00")
    if not settings.simulator and not _is_demo(db):
        sys.exit("--now is for a demo installation or where SIMULATOR is on.")
    run_once(db, settings, lambda: moment, paced=False)


def _is_demo(db: Database) -> bool:
    with db.connection() as tx:
        return installation.kind(tx) == "demo"


if __name__ == "__main__":
    main()
