"""When broadcasts go: hours, deadlines, repeats, speed, a clock that stood, a carrier
that was gone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, text

from db.broadcasts import control, drafts, planning
from db.broadcasts.drafts import Draft
from db.models import installation
from db.store.engine import from_ms, to_ms
from gateway.transports.base import Outbound, Unreachable
from menus.days import at_local, local
from scheduler import broadcasts
from scheduler.sending import Sending
from tests.db.broadcasts.village import WORDS, Village, tomorrow
from tests.scheduler.stand_in import Carrier


def repeating(village: Village, starts: datetime, **how: Any) -> int:
    """A broadcast that was started at that moment and repeats itself; its words tell of
    everybody.
    """
    now = to_ms(starts)
    given = {"rule": {}, "told_days": 0, **how}
    with village.db.transaction() as tx:
        number = drafts.create(
            tx,
            Draft("Nhắc", "notice", WORDS, **given),
            commune_id=1,
            staff_id=None,
            now=now,
        )
        made = control.start(
            tx, number, commune_id=1, staff_id=None, settings=village.settings, now=now
        )
    assert planning.plan(village.db, made, settings=village.settings, now=now) == ""
    return number


def went_at(village: Village, number: int) -> list[str]:
    """The moments of its goings-out on the commune's clock."""
    return [f"{local(moment):%d/%m %H:%M}" for moment in _moments(village, number)]


def _moments(village: Village, number: int) -> list[datetime]:
    with village.db.connection() as tx:
        rows = tx.all(
            text(
                "SELECT not_before FROM firings WHERE broadcast_id = :id ORDER BY number"
            ),
            id=number,
        )
    return [from_ms(row.not_before) for row in rows]


def test_nothing_leaves_before_its_moment_nor_outside_the_hours(
    village: Village,
) -> None:
    number = village.started(not_before=tomorrow("06:30").isoformat())
    for hour in ("06:29", "06:59"):
        village.clock(tomorrow(hour))
        assert village.show(number)["sent"] == 0
    village.clock(tomorrow("07:00"))
    assert village.show(number)["sent"] == 3
    late = village.started(
        words="Tối nay họp.", not_before=tomorrow("20:30").isoformat()
    )
    village.clock(tomorrow("20:29"))
    village.clock(tomorrow("21:00"))
    village.clock(tomorrow("23:59"))
    assert village.show(late) == {
        "chosen": 3,
        "sent": 0,
        "skipped": 0,
        "failed": 0,
        "unknown": 0,
        "waiting": 3,
    }
    village.clock(tomorrow("07:00", days=2))
    assert village.show(late)["sent"] == 3
    village.agree(late)


def test_what_names_no_moment_goes_at_once_also_by_a_clock_that_is_behind(
    village: Village,
) -> None:
    number = village.started()
    village.clock(tomorrow("09:00", days=-1))
    assert village.show(number)["sent"] == 3


def test_what_passed_its_deadline_is_too_late_for_a_clock_that_stood_for_days(
    village: Village,
) -> None:
    times: dict[str, Any] = {
        "not_before": tomorrow("08:00").isoformat(),
        "not_after": tomorrow("12:00").isoformat(),
    }
    stood, paused, met = (
        village.started(**times),
        village.started(words="A", **times),
        village.started(words="B", **times),
    )
    village.does("pause", paused)
    village.sql(
        "UPDATE firings SET not_after = :at WHERE broadcast_id = :id",
        at=to_ms(tomorrow(days=4)),
        id=met,
    )
    village.clock(tomorrow("09:00", days=4))
    over = "chosen 3 sent 0 skipped 3 failed 0 unknown 0 waiting 0\ntoo late 3\nleft out 0\nstate done\n"
    assert village.does("show", stood) == village.does("show", paused) == over
    assert {one["reason"] for one in village.people(stood)} == {"too late"}
    assert village.show(met)["sent"] == 3  # at the very moment of its deadline
    assert village.refuses("resume", paused) == "It is over (done)."
    for number in (stood, paused, met):
        village.agree(number)


def test_what_waits_for_the_next_day_is_too_late_when_its_deadline_passes_meanwhile(
    village: Village,
) -> None:
    number = village.started(
        not_before=tomorrow("08:00").isoformat(),
        not_after=tomorrow("22:00").isoformat(),
    )
    village.clock(tomorrow("21:30"))
    assert village.show(number)["waiting"] == 3
    village.clock(tomorrow("07:00", days=2))
    assert village.does("show", number).splitlines()[1] == "too late 3"


def test_a_daily_one_goes_every_day_until_its_last_and_once_after_days_without_a_clock(
    village: Village,
) -> None:
    first = tomorrow("09:00")
    number = repeating(
        village,
        first,
        repeats="daily",
        repeat_until=f"{local(first) + timedelta(days=6):%Y-%m-%d}",
    )
    for later in (0, 0, 1, 4, 4, 5, 6, 7, 8):
        village.clock(first + timedelta(days=later, minutes=5))
    days = [
        f"{local(first) + timedelta(days=later):%d/%m} 09:00"
        for later in (0, 1, 2, 5, 6)
    ]
    assert went_at(village, number) == days
    assert len(village.sent(number)) == 3 * len(days)
    assert village.does("show", number).endswith("state done\n")
    village.agree(number)


def test_a_repeated_text_is_good_for_its_time_and_no_longer(village: Village) -> None:
    first = tomorrow("09:00")
    number = repeating(village, first, repeats="weekly", good_for=60)
    village.clock(first + timedelta(minutes=60))
    village.clock(first + timedelta(days=7, minutes=61))
    assert village.does("show", number).splitlines()[1] == "too late 3"
    village.clock(first + timedelta(days=14, minutes=1))
    assert village.show(number)["sent"] == 3
    assert len(village.sent(number)) == 6


def test_a_monthly_one_of_the_31st_goes_on_each_months_last_day_and_comes_back_to_the_31st(
    village: Village,
) -> None:
    year = tomorrow().year + 1
    first = at_local(datetime(year, 1, 31).date(), "09:00")  # noqa: DTZ001  # a day
    last_of_february = "29/02" if year % 4 == 0 else "28/02"
    for begins in (
        first,
        None,
    ):  # told when to begin, or begun with a click on that day
        number = repeating(
            village, first, repeats="monthly", not_before=begins and to_ms(begins)
        )
        for later in range(0, 125, 4):
            village.clock(first + timedelta(days=later, minutes=1))
        days = ["31/01", last_of_february, "31/03", "30/04", "31/05"]
        assert went_at(village, number) == [f"{day} 09:00" for day in days]
        village.does("stop", number)


def test_a_week_in_which_nobody_is_concerned_does_not_end_what_repeats(
    village: Village,
) -> None:
    first = tomorrow("09:00")
    number = repeating(village, first, repeats="weekly", rule={"booked": False})
    village.clock(first)
    with village.db.transaction() as tx:
        tx.run(text("UPDATE people SET phone = NULL, who = NULL"))
    village.clock(first + timedelta(days=7))
    with village.db.transaction() as tx:
        tx.run(text("UPDATE people SET phone = '+8499000000' || id"))
    village.clock(first + timedelta(days=14))
    assert len(village.sent(number)) == 6
    assert village.does("show", number).endswith("state running\n")
    village.agree(number)


def test_so_many_a_minute_leave_evenly_and_a_rest_is_not_made_up_for_at_once(
    village: Village,
) -> None:
    village.imports(
        "residents",
        "phone,name,hamlet",
        *[f"09900001{at:02},N{at},Quảng Trung I" for at in range(60)],
    )
    number = village.started(per_minute=30, not_before=tomorrow("08:00").isoformat())
    now = tomorrow("09:00")
    sending = Sending(village.db, village.settings, lambda: now)
    so_far = [0]
    for _ in range(20):
        sending.until_empty()
        so_far.append(village.show(number)["sent"])
        now += timedelta(seconds=2)
    steps = [after - before for before, after in itertools.pairwise(so_far)]
    assert max(steps) <= 1
    assert 19 <= so_far[-1] <= 21
    now += timedelta(minutes=30)  # the clock stood still
    sending.until_empty()
    at_once = village.show(number)["sent"] - so_far[-1]
    assert 1 <= at_once <= 30 // 4
    village.does("pause", number)
    now += timedelta(minutes=5)
    sending.until_empty()
    assert village.show(number)["sent"] == so_far[-1] + at_once
    village.does("resume", number)
    for _ in range(60):
        now += timedelta(seconds=2)
        sending.until_empty()
    assert village.show(number)["sent"] == 63
    village.agree(number)


def test_a_carrier_that_is_gone_for_a_day_loses_nobody_and_repeats_nothing(
    village: Village, carrier: type[Carrier]
) -> None:
    number = village.started(not_before=tomorrow("08:00").isoformat())
    with village.db.transaction() as tx:
        tx.run(delete(installation))
        tx.run(insert(installation).values(id=1, kind="live", since=1))
    settings = replace(
        village.settings,
        simulator=False,
        sending="on",
        sms_senders=("stand-in",),
        sms_rate=1000,
    )
    now = tomorrow("08:00")

    def gone(outbound: Outbound) -> str | None:
        raise Unreachable("no route")

    well: Callable[[Outbound], str | None] = carrier.does
    carrier.does = staticmethod(gone)
    sending = Sending(village.db, settings, lambda: now)
    for _ in range(2 * 24):
        broadcasts.tend(village.db, settings, now)
        sending.until_empty()
        now += timedelta(minutes=30)
    asked = len(carrier.taken)
    assert village.show(number)["waiting"] == 3, village.does("show", number)
    carrier.does = staticmethod(well)
    carrier.taken.clear()
    for _ in range(12):
        now += timedelta(minutes=30)
        broadcasts.tend(village.db, settings, now)
        sending.until_empty()
    assert sorted(one.to for one in carrier.taken) == [
        "+84990000001",
        "+84990000002",
        "+84990000003",
    ]
    assert village.show(number)["sent"] == 3
    assert asked < 60
    village.agree(number)
