"""Which bookings are due a reminder: a sweep in small chunks that posts one row for
each, and never two.

The day before at 18:00, never after 21:00; on the day two hours before, not before
07:00, not with less than 45 minutes left; none whose moment lies before the booking or
its last move. All on the commune's clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from db.notices import reminders
from db.store.chunks import REST_S
from db.store.engine import Database, to_ms
from menus.days import at_local, today

# bookings a transaction, some 28 ms: a turn waiting for SQLite's one writer waits tens
# of milliseconds
CHUNK = 7_000
HOUR_MS = 3_600_000
BEFORE_MS = 2 * HOUR_MS
LEAST_LEFT_MS = 45 * 60_000


Post = Callable[..., int]  # posts one kind of reminder in a window of slots; how many


def sweep(db: Database, now: datetime) -> str:
    """Post every reminder that is due and has no row yet. Says how many. `now` is aware
    UTC.
    """
    moment = to_ms(now)
    local_day = today(now)
    day_before = same_day = 0
    # today's too: a clock that was down says what it missed
    for day in (local_day, local_day + timedelta(days=1)):
        eve = day - timedelta(days=1)
        due = _at(eve, "18:00")
        if due <= moment:
            until = _at(eve, "21:00")
            post = partial(reminders.post_at_one_hour, due=due, until=until)
            day_before += _post(db, day, moment, post)
    due = _at(local_day, "07:00")
    if due <= moment:
        post = partial(
            reminders.post_before_each,
            before=BEFORE_MS,
            due=due,
            least_left=LEAST_LEFT_MS,
        )
        same_day = _post(db, local_day, moment, post)
    return f"{day_before} for the day before, {same_day} for the day"


def _at(day: date, clock: str) -> int:
    """That hour of a local day, UTC ms."""
    return to_ms(at_local(day, clock))


def _post(db: Database, day: date, now: int, post: Post) -> int:
    """One kind of reminder for the slots of one local day that have not begun."""
    day_after = day + timedelta(days=1)
    from_ms = max(_at(day, "00:00"), now + 1)
    until_ms = _at(day_after, "00:00")
    with db.connection() as tx:
        slots = reminders.slots_between(tx, from_ms, until_ms)
    posted = 0
    for first, last in _chunks(slots):
        post_some = partial(
            post, first=first, last=last, from_ms=from_ms, to_ms=until_ms, now=now
        )
        posted += db.again(post_some)
        if db.is_sqlite:
            time.sleep(REST_S)
    return posted


def _chunks(slots: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First and last id of runs of slots (id and capacity of each) that hold about
    CHUNK seats.
    """
    first = last = None
    seats = 0
    for slot_id, capacity in slots:
        if first is None:
            first = slot_id
        last = slot_id
        seats += capacity
        if seats >= CHUNK:
            yield first, last
            first = None
            seats = 0
    if first is not None and last is not None:
        yield first, last
