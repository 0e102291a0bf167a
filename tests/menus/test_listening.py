"""`python -m menus hear`: what one text is taken for and what would be done, as whoever
labels texts asks it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from menus.listening import hear, lines
from menus.sample import HAMLETS

# a Thursday; the sample's sessions are on Saturday, Sunday and Tuesday
NOW = "2026-12-03T09:00+07:00"
SUNDAY = {
    "code": "24892",
    "starts": "2026-12-06T08:00+07:00",
    "hall": "NVH Quảng Trung I",
    "for": "",
}
MOTHER = {
    "code": "57518",
    "starts": "2026-12-05T08:30+07:00",
    "hall": "NVH Quảng Trung I",
    "for": "Lý Thị Mẩu",
}


def taken(text: str, last: str = "none", *bookings: dict[str, str]) -> dict[str, Any]:
    asked = json.dumps({"text": text, "now": NOW, "last": last, "bookings": bookings})
    answers: list[str] = []
    lines([asked], answers.append)
    (answer,) = answers
    found: dict[str, Any] = json.loads(answer)
    return found


def test_place_day_and_hour_in_one_text_are_read_and_asked_about_before_they_bind() -> (
    None
):
    said = taken("DL 8h t7 quang trung 1")
    assert (said["reads"], said["hamlet"], said["day"], said["time"]) == (
        "book",
        "Quảng Trung I",
        "2026-12-05",
        "08:00",
    )
    assert (said["did"], said["asked"], said["parts"]) == ([], True, 1)
    assert said["says"].startswith("Dat 8h00 T7 5/12, NVH Quang Trung I?")


@pytest.mark.parametrize(
    ("last", "text", "reads", "did"),
    [
        ("confirm", "1", "yes", ["book"]),
        ("wait", "1", "yes", ["wait 48321"]),
        ("cancel", "1", "yes", ["cancel 48315"]),
        ("cancel", "2", "no", []),
        ("reminder", "co", "coming", ["coming 48315"]),
        ("reminder", "HUY 48315", "cancel", ["cancel 48315"]),
        ("offer", "NHAN 48315", "yes", ["take 48315"]),
        ("offer", "HUY 48315", "cancel", ["give_up 48315"]),
        ("held", "NHAN 48315", "yes", ["take 48315"]),
        ("rate", "4", "pick", ["rate 4"]),
        ("stop", "3", "pick", ["stop all"]),
        ("consent", "dong y", "yes", ["consent advert"]),
        ("consent", "khong", "no", ["stop adverts"]),
        ("broadcast", "co a", "yes", []),
        ("none", "TC DV", "stop_all", ["stop all"]),
        ("none", "TC NHAC", "stop_reminders", ["stop reminders"]),
        ("missed", "cam on", "thanks", []),
        ("missed", "1", "yes", []),
        ("putoff", "1", "coming", ["coming 48315"]),
        ("putoff", "2", "not_coming", []),
        ("logged", "1", "yes", ["confirm 1"]),
        ("logged", "2", "no", ["deny 1"]),
    ],
)
def test_what_is_carried_out_is_named_with_the_code(
    last: str, text: str, reads: str, did: list[str]
) -> None:
    said = taken(text, last)
    assert (said["reads"], said["did"]) == (reads, did), said


def test_what_is_picked_from_a_list_says_which_place_day_or_hour_it_is() -> None:
    assert [taken(str(number), "hamlets")["hamlet"] for number in range(1, 12)] == list(
        HAMLETS
    )
    assert taken("1", "days")["day"] == "2026-12-05"
    assert taken("9h", "times")["time"] == "09:00"
    assert taken("chu nhat", "move")["day"] == "2026-12-06"


def test_the_bookings_that_are_given_stand_also_where_no_session_is() -> None:
    assert taken("co", "reminder", SUNDAY)["did"] == ["coming 24892"]
    assert taken("huy 57518", "reminder", SUNDAY, MOTHER)["did"] == ["cancel 57518"]
    assert "Ly Thi Mau" in taken("LICH 57518", "none", MOTHER)["says"]


def test_nothing_is_kept_from_one_line_to_the_next() -> None:
    assert taken("huy 24892", "none", SUNDAY) == taken("huy 24892", "none", SUNDAY)


def test_a_line_that_is_none_stops_with_its_number() -> None:
    for wrong in (
        "{}",
        '{"text": "co", "now": "2026-12-03T09:00"}',
        '{"text": "co", "now": "x"}',
        "no json",
    ):
        with pytest.raises(ValueError, match=r"^line 2: "):
            lines(["", wrong], print)


def test_every_last_word_of_ours_can_be_set_up() -> None:
    for last in hear.__globals__["Last"].__args__:
        assert taken("xin chao", last)["says"], last


def test_the_command_reads_lines_and_prints_lines() -> None:
    asked = "\n".join(json.dumps({"text": text, "now": NOW}) for text in ("LICH", "TG"))
    ran = subprocess.run(
        [sys.executable, "-m", "menus", "hear"],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line)["reads"] for line in ran.stdout.splitlines()] == [
        "mine",
        "help",
    ]
