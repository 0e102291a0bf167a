"""Which of what was logged a denial is about."""

from __future__ import annotations

import pytest

from menus.hearing.denials import denied
from menus.port import LoggedWork

ALL: tuple[LoggedWork, ...] = ("sim_4g", "handset_volte", "money_person")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("sai roi, toi chi doi sim thoi, chua co may", ALL[1:]),
        ("Sai rồi, tôi chỉ đổi sim thôi", ALL[1:]),
        ("toi chua lam tai khoan viettel money dau", ("money_person",)),
        ("2. toi chua nhan may", ("handset_volte",)),
        ("sim thi dung, may thi sai", ("handset_volte",)),
        ("chưa đổi sim, chưa mở tài khoản", ("sim_4g", "money_person")),
        ("sai, toi doi may chu khong doi sim", ("sim_4g",)),
        ("I never opened Viettel Money", ("money_person",)),
    ],
)
def test_a_denial_is_of_what_it_names(said: str, wrong: tuple[LoggedWork, ...]) -> None:
    assert tuple(denied(said, ALL)) == wrong


@pytest.mark.parametrize(
    "said",
    [
        "2",
        "sai",
        "ghi sai roi",
        "2. toi da doi dau",
        "sai, chưa cài công dân số",  # was not logged
        "chua doi sim, doi sim hoi nao",
        "sai rồi, chị đổi sim thôi mà",
        "may nguoi ghi sai roi",
    ],
)
def test_one_that_names_nothing_plainly_is_of_all(said: str) -> None:
    assert tuple(denied(said, ALL)) == ALL
