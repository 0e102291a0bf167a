"""What is answered to a text that moved a booking, or told of a missed one: `1`, `2` and
the words that people write beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from menus import notices, words
from menus.fitting import cost, on_wire
from tests.menus.test_listening import taken
from tests.menus.test_words import LONGEST, longest_time

COMES = (
    "1", "so 1", "bam 1", "1 toi den", "co a", "duoc", "dong y", "duoc, hom do toi ranh", "toi se den",
    "hom do toi den duoc", "van den duoc nhe",
)  # fmt: skip
CANNOT = (
    "2",
    "so 2",
    "2 khong hop",
    "khong",
    "ko duoc hom do toi ban",
    "hom do toi khong di duoc",
)
ONLY_HEARD_OF_IT = ("ok", "ok e", "vang a", "u", "dc roi", "biet roi", "cam on chau")
NOT_PLAIN = (
    "1 nhung mai toi ban", "chac la di duoc", "den duoc khong?", "1 hay 2", "1 2 deu khong", "co le den duoc",
    "vo toi den duoc", "duoc t7 thoi", "hoan den bao gio", "de xem da",
)  # fmt: skip
AGAIN = ("1", "bam 1", "1 cho toi hen lai", "co", "duoc", "1 dat lai ho toi")
NO_MORE = (
    "2", "khong", "khong can", "khong can nua dau", "khong, nha con gai mua may moi cho roi", "thoi khoi dat nua",
)  # fmt: skip


@pytest.mark.parametrize("said", COMES)
def test_a_yes_to_the_new_time_is_a_coming(said: str) -> None:
    heard = taken(said, "putoff")
    assert (heard["reads"], heard["did"]) == ("coming", ["coming 48315"]), heard


@pytest.mark.parametrize("said", CANNOT)
def test_a_no_to_the_new_time_gives_nothing_up_and_is_asked_about(said: str) -> None:
    heard = taken(said, "putoff")
    assert (heard["reads"], heard["did"], heard["asked"]) == ("not_coming", [], True)
    assert "1. Huy lich hen\n2. Doi gio hen" in heard["says"]


@pytest.mark.parametrize("said", [*ONLY_HEARD_OF_IT, *NOT_PLAIN])
def test_what_is_no_plain_yes_binds_nobody(said: str) -> None:
    assert taken(said, "putoff")["did"] == [], said


@pytest.mark.parametrize("said", AGAIN)
def test_a_yes_to_another_time_leads_to_the_days(said: str) -> None:
    heard = taken(said, "missed")
    assert (heard["reads"], heard["did"], heard["asked"]) == ("yes", [], True), heard


def test_a_day_that_is_said_beside_the_key_is_not_lost() -> None:
    heard = taken("1 thu 7 8h", "missed")
    assert (heard["day"], heard["time"]) == ("2026-12-05", "08:00")


@pytest.mark.parametrize("said", NO_MORE)
def test_a_no_to_another_time_is_a_no(said: str) -> None:
    heard = taken(said, "missed")
    assert (heard["reads"], heard["did"], heard["asked"]) == ("no", [], False), heard


@pytest.mark.parametrize(
    "said", ["khong phai toi, nham so roi", "ko phai loi cua toi", "khong hieu"]
)
def test_what_only_begins_with_a_no_is_none(said: str) -> None:
    assert taken(said, "missed")["reads"] != "no"


@pytest.mark.parametrize("language", [words.VIETNAMESE, words.ENGLISH])
@pytest.mark.parametrize("kind", ["event_moved", "desk_moved"])
@pytest.mark.parametrize(
    "whose", [{"places": 5}, {"name": "Nguyễn Thị Phương"}], ids=["five", "named"]
)
def test_the_keys_stand_in_the_one_part_of_the_text(
    kind: notices.Kind, language: str, whose: dict[str, Any]
) -> None:
    starts = longest_time(language)
    said = on_wire(
        notices.text(kind, language, starts=starts, bring="", **LONGEST, **whose), False
    )
    assert cost(said).parts == 1, said
    assert " 1. " in said
    assert " 2. " in said
