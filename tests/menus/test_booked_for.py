"""A seat for an account, a QR, an app: the text that says what for, where and when books
that; a request is made only where no session fits, or none was wanted.
"""

from __future__ import annotations

from datetime import date

import pytest

from menus.days import at_local
from menus.port import Event, Slot
from menus.world import World
from tests.menus.resident import REGISTERED, Resident, world

ACCOUNTS = Event(90_050, date(2024, 4, 18), "NVH Quảng Trung III", 2, 0, "account")


def with_accounts() -> World:
    """On Thursday a session for accounts in the second hamlet, between days for swaps."""
    here = world(events=2, hamlets=3)
    slots = dict(here.slots)
    for number, clock in enumerate(("17:00", "17:15")):
        at = at_local(ACCOUNTS.day, clock)
        slots[800_001 + number] = Slot(800_001 + number, at, 6), ACCOUNTS
    here.slots = slots
    return here


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("DL mo tai khoan viettel money quang trung 3", "PickSlot"),
        ("dat cho mo tai khoan viettel money T5 18/4 17h quang trung 3", "Confirm"),
        ("dat lich lap tai khoan viettel pay thu 5 17h15", "Confirm"),
        ("DL mo vi viettel t5", "PickSlot"),
        ("dat lich mo tai khoan", "PickEvent"),
        ("dang ky viettel money t5 17h quang trung 3", "Confirm"),
        ("DL mo tai khoan t7 20/4", "Nearest"),
        ("muon lam tai khoan viettel money chieu thu 5", "PickSlot"),
        ("muốn mở tài khoản 17h15 thứ 5 tới được không", "Confirm"),
    ],
)
def test_what_it_is_for_leads_to_a_session_that_has_it(said: str, state: str) -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=with_accounts())
    someone.text(said)
    assert someone.state == state, someone.screen.text
    assert "mo tai khoan" in someone.screen.text
    assert someone.port.requests() == []


def test_the_day_and_the_hour_that_were_said_are_booked() -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=with_accounts())
    someone.text("dat cho mo tai khoan viettel money T5 18/4 17h15 quang trung 3", "1")
    assert someone.booking is not None
    assert (someone.booking.kind, someone.booking.slot) == ("account", 800_002)


def test_only_sessions_that_have_it_are_listed() -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=with_accounts())
    someone.text("dat lich mo tai khoan")
    assert [line.value for line in someone.session.offered] == ["90050"]


@pytest.mark.parametrize(
    "said", ["mo tai khoan thu 5 mang gi", "lam tai khoan thu 5 co mat tien khong"]
)
def test_a_question_about_it_books_nothing(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=with_accounts())
    someone.text(said)
    assert someone.state not in ("PickSlot", "Confirm", "AskRequest"), someone.screen


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("DL lam ma qr quang trung 3", "qr"),
        ("dang ky tv360 o quang trung 3", "tv360"),
        ("cho toi dang ky tv360", "tv360"),
        ("dang ky viettel money quang trung 2", "account"),
        ("toi ban tap hoa muon xin ma qr", "qr"),
    ],
)
def test_where_none_fits_a_person_does_it(said: str, kind: str) -> None:
    someone = Resident(REGISTERED, channel="sms", in_world=with_accounts())
    someone.text(said)
    assert someone.state == "AskRequest", someone.screen.text
    assert someone.session.answers["kind"] == kind


@pytest.mark.parametrize(
    "said", ["DL", "DL t7 8h", "dat lich doi may quang trung 2", "DL 8h chu nhat quang trung 2"]
)  # fmt: skip
def test_without_it_all_is_as_before(said: str) -> None:
    plain = Resident(REGISTERED, channel="sms", in_world=with_accounts())
    plain.text(said)
    assert "service" not in plain.session.answers
