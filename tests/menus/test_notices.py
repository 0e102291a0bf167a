"""When a text may go: what fails early in the morning is told before it, whatever the
hour at which it failed.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import product
from typing import Any, get_args

import pytest

from menus.days import at_local
from menus.fitting import cost, fold
from menus.notices import ANSWERS, KINDS, Answered, Kind, answer, goes_at, text
from menus.port import IS_FOR, RequestKind
from menus.words import say

ABOUT_AN_EVENT: tuple[Kind, ...] = (
    "event_moved", "event_cancelled", "event_choice", "slot_choice", "wait_moved", "desk_moved", "desk_cancelled",
)  # fmt: skip
WHOSE = "Nguyễn Hoàng Phương Nghiêm"
SHOP = "Cửa hàng tạp hóa tổng hợp và dịch vụ Nghiêm Phượng, chợ xã Quảng Lạc"


def at(day: int, clock: str) -> datetime:
    """An hour of April 2024 in the commune."""
    return at_local(date(2024, 4, day), clock)


def goes(kind: Kind, now: datetime, starts: datetime) -> datetime:
    return goes_at(kind, KINDS[kind][0], starts, now)


@pytest.mark.parametrize("kind", ABOUT_AN_EVENT)
@pytest.mark.parametrize(
    "now", [at(20, "21:00"), at(20, "23:00"), at(21, "00:10"), at(21, "05:29")]
)
@pytest.mark.parametrize(
    ("starts", "told"),
    [("05:30", "05:30"), ("07:00", "05:30"), ("08:00", "05:30"), ("08:30", "05:30"), ("08:31", "07:00"),
     ("14:00", "07:00"), ("05:29", "07:00")],
)  # fmt: skip
def test_what_fails_by_night_is_told_from_half_past_five_when_it_was_to_begin_soon_after(
    kind: Kind, now: datetime, starts: str, told: str
) -> None:
    assert goes(kind, now, at(21, starts)) == at(21, told)


@pytest.mark.parametrize("kind", ABOUT_AN_EVENT)
def test_between_half_past_five_and_seven_three_hours_ahead_are_told_at_once(
    kind: Kind,
) -> None:
    assert goes(kind, at(21, "06:00"), at(21, "09:00")) == at(21, "06:00")
    assert goes(kind, at(21, "06:00"), at(21, "09:01")) == at(21, "07:00")
    assert goes(kind, at(21, "06:00"), at(21, "05:45")) == at(21, "07:00"), (
        "it has begun: no hurry any more"
    )


def test_a_day_later_is_not_the_next_morning() -> None:
    assert goes("event_cancelled", at(19, "23:00"), at(21, "08:00")) == at(20, "07:00")


@pytest.mark.parametrize(
    "kind", ["offer", "unserved", "wait_again", "missed", "rate", "reminder_0d"]
)
def test_other_texts_let_people_sleep_until_seven(kind: Kind) -> None:
    assert goes(kind, at(20, "23:00"), at(21, "08:00")) == at(21, "07:00")
    assert goes(kind, at(21, "06:00"), at(21, "08:00")) == at(21, "07:00")


@pytest.mark.parametrize(
    ("now", "starts", "told"),
    [
        (at(20, "22:30"), at(21, "08:00"), at(21, "07:00")),
        (at(21, "04:00"), at(21, "08:00"), at(21, "07:00")),
        (at(21, "05:10"), at(21, "07:30"), at(21, "05:30")),
        (at(21, "06:10"), at(21, "07:30"), at(21, "06:10")),
        (at(21, "12:00"), at(22, "08:00"), at(21, "12:00")),
    ],
)
def test_whom_staff_book_by_night_sleeps_until_seven_unless_it_is_now_or_never(
    now: datetime, starts: datetime, told: datetime
) -> None:
    assert goes_at("booked", "notice", starts, now) == told


WITH_WORDS_OF_STAFF = frozenset({
    *ANSWERS, "broadcast", "broadcast_test", "broadcast_copy", "broadcast_staff",
})  # fmt: skip
LONGEST: dict[str, Any] = {
    "commune": "Phường Lương Văn Tri",
    "number": "2404",
    "hall": "NVH Quảng Trung III",
    "place": "NVH Quảng Trung III",
    "code": "48315",
    "bring": "CCCD, máy cũ",
    "old": "13h30 22/12",
    "until": "13h30 22/12",
    "day": "CN 22/12",
    "what": "SIM 4G, máy 4G, Viettel Money",
}


@pytest.mark.parametrize("held", ["", *IS_FOR, "training", "farmers", "workshop"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in WITH_WORDS_OF_STAFF]
)
def test_every_text_in_our_own_words_is_one_part_with_the_longest_names(
    kind: Kind, language: str, held: str
) -> None:
    starts = at_local(date(2024, 12, 22), "13:30")
    for places, name in ((1, ""), (5, ""), (1, WHOSE)):
        said = text(
            kind, language, starts=starts, places=places, name=name, held=held,
            **LONGEST,
        )  # fmt: skip
        assert cost(fold(said)).parts == 1, fold(said)


def test_names_give_way_before_the_hour_does() -> None:
    about = {**LONGEST, "commune": "Xã Quảng Lạc", "hall": "NVH Quảng Lạc"}
    morning = at_local(date(2024, 12, 22), "08:00")
    said = text("reminder_1d", "vi", starts=morning, name=WHOSE, **about)
    assert "cho Nghiêm 8 giờ sáng Chủ nhật 22/12" in said
    whole = text("reminder_1d", "vi", starts=morning, name="Lý Thị Mẫu", **about)
    assert "cho Lý Thị Mẫu 8 giờ sáng Chủ nhật 22/12" in whole


@pytest.mark.parametrize("kind", ["booked", "held", "howto_fraud"])
def test_an_answer_goes_at_any_hour(kind: Kind) -> None:
    assert goes(kind, at(20, "23:00"), at(21, "08:00")) == at(20, "23:00")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", get_args(RequestKind))
def test_that_a_request_is_done_says_what_was_done_in_one_part_with_the_longest_names(
    kind: str, language: str
) -> None:
    commune = "Xã Quảng Lạc"
    words = "Cần gì thêm xin gọi lại số của xã trong giờ làm việc."
    says: dict[Kind, str] = {
        "request_done": say(language, f"request_did_{kind}"),
        "request_declined": say(language, f"request_what_{kind}"),
    }
    shops = ("", SHOP) if kind == "qr" else ("",)
    for whose, shop in product(("", WHOSE), shops):
        about = Answered(12345, words, kind, whose, shop)
        for notice, said in says.items():
            told = answer(notice, language, about, commune=commune)
            assert cost(fold(told)).parts == 1, told
            assert said in told
    alone = answer(
        "request_done", language, Answered(1, "", "qr", WHOSE, "Tạp hóa Hoa"),
        commune=commune,
    )  # fmt: skip
    assert "Tạp hóa Hoa" in alone
    assert WHOSE in alone
