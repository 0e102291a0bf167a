"""Days and hours as they are said in the commune, wherever the server stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from menus import days


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of May 2024 on the commune's clock."""
    return days.at_local(date(2024, 5, day), f"{hour:02}:{minute:02}")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (at(12, 8), "8 giờ sáng Chủ nhật 12/5"),
        (at(13, 8, 30), "8 giờ 30 sáng Thứ hai 13/5"),
        (at(14, 11), "11 giờ trưa Thứ ba 14/5"),
        (at(15, 12, 30), "12 giờ 30 trưa Thứ tư 15/5"),
        (at(16, 14), "2 giờ chiều Thứ năm 16/5"),
        (at(17, 17, 30), "5 giờ 30 chiều Thứ sáu 17/5"),
        (at(18, 19), "7 giờ tối Thứ bảy 18/5"),
    ],
)
def test_elders_hear_the_hour_as_they_say_it(moment: datetime, said: str) -> None:
    assert days.elder_time(moment, "vi") == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (at(12, 8), "8 am Sunday 12/5"),
        (at(12, 12), "12 pm Sunday 12/5"),
        (at(12, 14, 30), "2:30 pm Sunday 12/5"),
    ],
)
def test_in_english_too(moment: datetime, said: str) -> None:
    assert days.elder_time(moment, "en") == said


def test_a_screen_has_the_short_form() -> None:
    assert days.short_time(at(12, 8), "vi") == "8h00 CN 12/5"
    assert days.short_time(at(13, 14, 5), "en") == "14h05 Mon 13/5"


def test_the_day_turns_at_midnight_in_the_commune_not_in_london() -> None:
    before, after = (
        datetime(2024, 5, 11, 16, 59, tzinfo=UTC),
        datetime(2024, 5, 11, 17, 0, tzinfo=UTC),
    )
    assert days.today(before) == date(2024, 5, 11)
    assert days.today(after) == date(2024, 5, 12)
    assert days.tomorrow(after) == date(2024, 5, 13)


def test_a_local_hour_and_back_again() -> None:
    assert days.at_local(date(2024, 5, 12), "07:00") == datetime(
        2024, 5, 12, 0, 0, tzinfo=UTC
    )
    assert days.local(at(12, 7)).hour == 7


def test_no_day_is_ever_called_tomorrow() -> None:
    said = [
        days.elder_time(at(1, 8) + timedelta(hours=hours), lang)
        for hours in range(24 * 14)
        for lang in ("vi", "en")
    ]
    assert not any("mai" in one or "tomorrow" in one for one in said)
