"""Texts that say plainly what they want, and are answered with just that: sessions, an
account, a trouble.
"""

from __future__ import annotations

from datetime import date

import pytest

from menus import words
from menus.appointments.about import BRING, BRING_TO_OTHERS
from menus.days import at_local, today
from menus.fitting import SMS, cost, on_wire
from menus.hearing import Line, Situation, hear
from menus.port import Known, Occasion
from menus.sample import HAMLETS, sample_world
from menus.topics import Topic
from menus.world import CommuneFact, World
from tests.menus.resident import NOW, Resident

HERE = Situation(
    date(2026, 12, 2),
    hamlets=tuple(Line(str(n), name) for n, name in enumerate(HAMLETS, 1)),
)
MONEY = (
    "Viettel Money: gửi, nhận, trả tiền bằng điện thoại, không cần thẻ. Miễn phí mở."
)


def commune() -> World:
    return sample_world(NOW)


def texting(here: World) -> Resident:
    """From a phone that nobody knows."""
    return Resident(None, channel="sms", budget=SMS, in_world=here)


def with_accounts(here: World, *, fact: str = MONEY) -> World:
    """The first day is one of accounts, and staff wrote about Viettel Money."""
    slots = here.slots.items()
    here.slots = {
        key: (it, day.replace(kind="account") if day.id == 1 else day)
        for key, (it, day) in slots
    }
    here.facts.append(CommuneFact(Topic.MONEY, {"vi": fact, "en": fact}, today(NOW)))
    return here


# A hamlet's sessions


@pytest.mark.parametrize(
    ("said", "hamlet"),
    [
        ("HOP quang lien 2", 10),
        ("HOP 10", 10),
        ("hop quang lien ii", 10),
        ("Họp Quảng Liên II", 10),
        ("hop thon quang hong 1", 6),
        ("buoi nao o quang hong 1", 6),
        ("quang hong 1 co buoi nao", 6),
    ],
)
def test_a_phone_that_nobody_knows_asks_for_a_hamlet_by_name_or_number(
    said: str, hamlet: int
) -> None:
    meaning = hear(said, HERE)
    assert (meaning.word, meaning.hamlet) == ("SESSIONS", str(hamlet))
    stranger = texting(commune())
    assert on_wire(HAMLETS[hamlet - 1], False) in stranger.text(said)


def test_the_word_before_the_number_of_a_session_is_no_hindrance() -> None:
    here = commune()
    here.numbers = {1: 47}
    stranger = texting(here)
    stranger.text("HOP 47")
    assert stranger.state == "PickSlot"


@pytest.mark.parametrize(
    "said", ["hop may gio", "hop ma k co phong bi thi k den", "hop lam gi", "HOP 12"]
)
def test_no_hamlet_is_made_out_of_other_words(said: str) -> None:
    assert hear(said, HERE).hamlet == ""


def test_the_soonest_stands_first_wherever_it_is_held() -> None:
    here = commune()
    soon = at_local(date(2024, 4, 13), "06:45")
    gate = Occasion(901, "school", soon, soon, "Cổng trường TH Quảng Lạc", None)
    here.without_times = [gate.replace(ends=at_local(date(2024, 4, 13), "08:00"))]
    stranger = texting(here)
    told = stranger.text("HOP quang trung 1")
    gate_line, own = told.splitlines()[1:3]
    assert "Cong truong" in gate_line
    assert "doi may 4G, DL" in own
    assert "(6h45 nop hoc phi)" in told
    assert cost(told).parts == 1


# An account


@pytest.mark.parametrize(
    "said",
    ["dang ky viettel money", "mo tai khoan", "Cho tôi mở tài khoản Viettel Money"],
)
def test_who_wants_an_account_reads_of_it_and_keeps_a_seat_at_the_next_session(
    said: str,
) -> None:
    buyer = texting(with_accounts(commune()))
    told = buyer.text(said)
    assert "Viettel Money: gui" in told
    assert "CN 14/4, NVH Quang Trung I" in told
    assert cost(told).parts == 1
    buyer.text("1")
    assert buyer.state == "PickSlot"
    buyer.text("1", "1")
    assert buyer.booking is not None
    assert buyer.booking.kind == "account"


def test_where_both_are_too_long_for_one_text_the_session_comes_first() -> None:
    buyer = texting(with_accounts(commune(), fact="Viettel Money " * 11))
    told = buyer.text("dang ky viettel money")
    assert cost(told).parts == 1
    assert "NVH Quang Trung I" in told
    assert buyer.text("2").startswith("Viettel Money Viettel")


def test_who_asks_in_the_middle_of_booking_is_answered_and_goes_on() -> None:
    buyer = texting(with_accounts(commune()))
    buyer.text("DL", "3")
    assert buyer.state == "PickEvent"
    assert buyer.text("viettel money la gi") == on_wire(MONEY, False)
    buyer.text("1")
    assert buyer.state == "PickSlot"


def test_where_no_session_comes_the_fact_stands_alone() -> None:
    here = with_accounts(commune())
    here.slots = {}
    told = texting(here).text("mo tai khoan")
    ask_for_it = words.say("vi", "fact_ask")
    assert told == on_wire(f"{MONEY}\n1. {ask_for_it}", False)


# A trouble


@pytest.mark.parametrize(
    "said",
    [
        "may toi la 4g ma ko nghe goi duoc",
        "máy mới không gọi được",
        "dien thoai 4g khong nghe duoc",
    ],
)
def test_whose_4g_phone_does_not_ring_reads_how_to_turn_calls_on(said: str) -> None:
    told = texting(commune()).text(said)
    assert "VoLTE" in told
    assert cost(told).parts == 1


@pytest.mark.parametrize(
    "said", ["may 2g sang nam khong goi duoc nua a", "dat lich, may khong goi duoc"]
)
def test_the_end_of_2g_is_no_such_trouble(said: str) -> None:
    assert hear(said, HERE).kind != "howto_calls"


@pytest.mark.parametrize(
    "said",
    [
        "toi bi lua dao mat tien",
        "tôi vừa bị lừa mất 5 triệu",
        "vua chuyen tien cho ke lua dao",
    ],
)
def test_who_was_cheated_is_warned_and_offered_a_call(said: str) -> None:
    victim = texting(commune())
    told = victim.text(said)
    assert told.startswith("Dung chuyen them tien")
    assert cost(told).parts == 1
    victim.text("1")
    assert "goi lai so nay" in victim.screen.text or victim.state in (
        "CallMe",
        "NameHamlet",
    )


def test_who_only_asks_whether_it_is_a_fraud_reads_who_we_are() -> None:
    assert hear("co phai lua dao khong", HERE).kind == ""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_warning_is_one_text_with_its_line(language: str) -> None:
    someone = texting(commune()).speaking(language)
    someone.text("toi bi lua dao mat tien")
    assert cost(someone.screen.text).parts == 1
    assert words.say(language, "home_call") in someone.session.offered[0].label


# What to bring


@pytest.mark.parametrize(
    "said",
    [
        "mang giay to gi",
        "can mang gi theo ha chau",
        "Đến đó cần giấy tờ gì?",
        "co phai mang cccd khong",
    ],
)
def test_who_asks_what_to_bring_is_told_in_one_part(said: str) -> None:
    answer = texting(commune()).text(said)
    assert on_wire(BRING["vi"], False) in answer
    assert cost(answer).parts == 1


def test_to_bring_to_ones_own_session_is_what_that_session_asks_for() -> None:
    booked = texting(with_accounts(commune()))
    booked.text("dl quang trung 1", "1", "1", "1")
    assert booked.booking
    assert on_wire(BRING_TO_OTHERS["vi"], False) in booked.text("mang gi theo a")


# Somebody who has no phone


@pytest.mark.parametrize(
    "said",
    [
        "me toi o quang hong 3 khong co dien thoai",
        "truong thon quang trung 1 nho giup ba Lan khong co may",
        "ba toi khong co may",
        "ong Nam o quang tien 1 khong co dien thoai",
    ],
)
def test_whoever_speaks_for_somebody_without_a_phone_books_nothing_for_themselves(
    said: str,
) -> None:
    meaning = hear(said, HERE)
    assert (meaning.word, meaning.kind) == ("REQUEST", "no_phone")


@pytest.mark.parametrize("said", ["toi khong co may 4g", "bac oi toi khong co may moi"])
def test_who_has_only_no_new_phone_is_no_such_request(said: str) -> None:
    assert hear(said, HERE).kind != "no_phone"


# Who has an account or the app already


@pytest.mark.parametrize(
    "said",
    [
        "xoa tai khoan viettel money",
        "mat sim viettel money lam sao",
        "viettel money bi khoa roi",
        "dong vi viettel money",
        "rut tien viettel money the nao",
        "tai khoan viettel money bi khoa",
        "mo khoa tai khoan viettel money",
        "huy tai khoan viettel money",
        "Viettel Money là gì",
    ],
)
def test_who_has_it_or_asks_what_it_is_reads_the_fact_and_no_session(said: str) -> None:
    user = texting(with_accounts(commune()))
    told = user.text(said)
    assert "Viettel Money: gui" in told
    assert "NVH" not in told
    assert "Giu cho" not in told
    assert cost(told).parts == 1
    assert user.session.understood


@pytest.mark.parametrize(
    "said",
    [
        "ung dung xu lang dang nhap khong duoc",
        "go app cong dan so co sao khong",
        "cong dan so bi loi",
        "app cong dan so dung lam gi",
        "xoa app cong dan so giup toi",
        "mở app công dân số không lên",
    ],
)
def test_where_nothing_is_written_of_it_staff_read_the_text(said: str) -> None:
    user = texting(with_accounts(commune()))
    assert user.text(said).startswith("Da nhan tin, can bo xa se doc.")
    assert not user.session.understood


def test_in_the_middle_of_booking_the_list_stays_open_and_staff_read_it() -> None:
    user = texting(commune())
    user.text("DL", "3")
    told = user.text("app cong dan so dang nhap khong duoc")
    assert told == on_wire(words.say("vi", "noted"), False)
    assert not user.session.understood
    user.text("1")
    assert user.state == "PickSlot"


@pytest.mark.parametrize(
    "said",
    ["MONEY", "chua co viettel money thi lam the nao", "dang ky viettel money o dau"],
)
def test_who_wants_it_reads_of_the_session_and_where_it_is(said: str) -> None:
    told = texting(with_accounts(commune())).text(said)
    assert "Gan nhat trong xa: CN 14/4, NVH Quang Trung I" in told


def test_at_home_it_is_the_next_one() -> None:
    at_home = Resident(
        Known(hamlet=3), channel="sms", budget=SMS, in_world=with_accounts(commune())
    )
    assert "Buoi toi: CN 14/4, NVH Quang Trung I" in at_home.text("mo viettel money")
