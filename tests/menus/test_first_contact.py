"""What strangers text first, without a word of ours: acted on, or answered truthfully."""

from __future__ import annotations

import pytest

from menus.hearing import hear
from tests.menus.resident import Resident
from tests.menus.test_heard import situation

HEARD = {
    "toi khong co dien thoai": ("REQUEST", "no_phone"),
    "toi khong co dien thoai nho may chau nhan ho": ("REQUEST", "no_phone"),
    "toi khong co dien thoai, day la may hang xom": ("REQUEST", "no_phone"),
    "nha toi chua co di dong": ("REQUEST", "no_phone"),
    "hoi truong nong qua": ("OPINION", "said"),
    "nha van hoa thieu ghe lam": ("OPINION", "said"),
    "lop cho nong dan hoc o dau": ("SESSIONS", "farmers"),
    "lop ky nang to chuc hom nao": ("SESSIONS", ""),
    "hoi thao o xa hom nao": ("SESSIONS", ""),
    "moi nguoi den tung nha ngay nao": ("SESSIONS", ""),
    "khi nao doan thanh nien ra quan": ("SESSIONS", ""),
    "tuan nay thon quang hong 3 co gi": ("SESSIONS", ""),
    "hom nay can bo xa co o quang hong 3 khong": ("SESSIONS", ""),
    "viec toi nho xong chua": ("MINE", "stands"),
    "yeu cau so 14 den dau": ("MINE", "stands"),
    "chua thay ai den nha": ("MINE", "stands"),
    "sao chua thay ai goi": ("MINE", "stands"),
    "da xong chua": ("MINE", "stands"),
}
TOPICS = {
    "ai dang nhan tin cho toi": "who",
    "co nguoi goi bao doi sim la ai": "who",
    "cat dien roi dong tien o dau": "power",
    "truong con toi co thu qua viettel money khong": "tuition",
    "rut tien viettel money o dau": "point",
}
NOT_WITHOUT_A_PHONE = [
    "toi khong co dien thoai 4g", "toi chua co dien thoai moi", "toi khong co dien thoai thi co duoc doi may khong",
]  # fmt: skip


@pytest.mark.parametrize("said", HEARD)
def test_what_is_wanted_is_heard(said: str) -> None:
    meaning = hear(said, situation("none"))
    assert (meaning.word, meaning.kind) == HEARD[said]


@pytest.mark.parametrize("said", TOPICS)
def test_what_is_asked_about_is_heard(said: str) -> None:
    meaning = hear(said, situation("none"))
    assert (meaning.word, meaning.topic) == ("FACT", TOPICS[said])


@pytest.mark.parametrize("said", [*HEARD, *TOPICS])
def test_nobody_gets_the_bare_menu_for_it(said: str) -> None:
    stranger = Resident(channel="sms")
    stranger.text(said)
    assert stranger.state != "Home", stranger.screen.text


@pytest.mark.parametrize("said", NOT_WITHOUT_A_PHONE)
def test_who_has_a_phone_is_not_asked_for_a_name(said: str) -> None:
    assert hear(said, situation("none")).kind != "no_phone"


def test_the_hamlet_that_is_named_is_the_one_that_is_told() -> None:
    meaning = hear("tuan nay thon quang hong 3 co gi", situation("none"))
    assert meaning.hamlet
