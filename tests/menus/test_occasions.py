"""HOP, and numbers of two digits: what is held in the hamlet, asked for by text or
dialled.
"""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from menus import MENU, words
from menus.core import Screen
from menus.days import at_local
from menus.fitting import SMS, USSD, cost, fits, fold
from menus.hearing import Line, Situation, hear
from menus.port import EventKind, Occasion, Service
from menus.world import World
from tests.menus.resident import NOW, REGISTERED, Resident, world

LONGEST = "NVH Quảng Trung III"
BRING = {
    "vi": "căn cước, máy đang dùng, sổ hộ nghèo nếu",
    "en": "citizen card, the phone in use, booklet!",
}
ALL: tuple[Service, ...] = get_args(Service)
KINDS: tuple[EventKind, ...] = get_args(EventKind)
ASKS = (
    "HOP", "hop", "Họp thôn", "hop xa", "tuan nay thon co hop khong", "bao gio co lop hoc", "co buoi nao o thon khong",
    "bao gio thi hop", "thon minh hom nao hop", "co lop day dung dien thoai khong", "thon sap co gi",
    "hom nao day cach dung dien thoai", "lich hop thon", "chau hoi co tap huan gi khong", "meeting", "next training",
)  # fmt: skip
OF_A_KIND = {
    "dang ky lop nong dan": "farmers", "tap huan nong dan may gio": "farmers", "Lớp nông dân ở đâu": "farmers",
    "muon hoc lop dung dien thoai": "training", "lich ra quan luu dong": "street", "bao gio doan di tung nha": "visits",
}  # fmt: skip
OF_ANY_KIND = (
    "toi muon di hop thi den dau", "di hop o dau may gio", "hom nao doan thanh nien ve thon",
    "bao gio to cong nghe den", "doan thanh nien hom nao ve",
)  # fmt: skip
ASKS_NOT = {
    "lop nong dan hom qua dong qua": None, "toi khong di lop nong dan duoc": None, "bao gio viettel goi": "MINE",
    "di hop khong mang gi co duoc khong": None,
    "t7 ban di hop xa khong den duoc": None, "gio do khong hop": None, "huy 48315": "CANCEL", "dl t7 8h": "BOOK",
    "dang ky lop hoc": None, "cach dung may": "HOWTO", "lich": "MINE", "kiem tra may": "CHECK", "ok": None,
    "mat hop dung may roi": None,
}  # fmt: skip


def held(
    kind: EventKind, number: int, *, place: str = LONGEST, day: int = 20
) -> Occasion:
    on = date(2024, 4, day)
    starts, ends = at_local(on, "14:00"), at_local(on, "16:30")
    return Occasion(
        9_000 + number, kind, starts, ends, place, 1, number, False, BRING, ALL
    )


def village(*, many: int = 1) -> World:
    """A swap day on the 21st, numbered 47, and events of every other kind from the 22nd
    on, numbered from 50.
    """
    here = world(events=1, clocks=("08:00",), hamlets=3)
    here.numbers = {90_001: 47}
    here.without_times = [
        held(kind, 50 + n, day=13 + n % 9) for n, kind in enumerate(KINDS * many)
    ]
    return here


def dialled(number: str, someone: Resident) -> Screen:
    session, _ = MENU.turn(someone.session, None, someone.port, NOW)
    return MENU.dial(session, number, someone.port, NOW)[1]


@pytest.mark.parametrize("said", ASKS)
def test_it_is_asked_for_in_many_ways(said: str) -> None:
    assert hear(said, Situation(date(2024, 4, 12))).word == "SESSIONS", said


@pytest.mark.parametrize("said", ASKS_NOT)
def test_other_things_are_not_taken_for_it(said: str) -> None:
    meaning = hear(said, Situation(date(2024, 4, 12)))
    assert meaning.word != "SESSIONS"
    assert ASKS_NOT[said] in (None, meaning.word)


def test_a_resident_hears_what_is_on_at_home_and_reads_about_one() -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=village())
    someone.text("tuan nay thon co hop khong")
    assert someone.state == "Occasions"
    told = someone.text("1")
    assert someone.screen.ends
    assert "14h00-16h30" in told
    assert "Mang can cuoc" in told


@pytest.mark.parametrize("said", OF_A_KIND)
def test_who_names_a_kind_is_told_of_that_kind_alone(said: str) -> None:
    stranger = Resident(None, channel="sms", budget=SMS, in_world=village())
    stranger.text(said, "1")
    own = words.say("vi", f"kind_{OF_A_KIND[said]}")
    assert f" {fold(own)}, so " in stranger.screen.text
    assert len(stranger.session.offered) == 1
    more = stranger.text("HOP")
    assert len(stranger.session.offered) > 1, more


def test_where_none_of_the_kind_is_held_all_are_told() -> None:
    here = village()
    here.without_times = [held("meeting", 50)]
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    assert "cuoc hop" in someone.text("dang ky lop nong dan")


@pytest.mark.parametrize("said", OF_ANY_KIND)
def test_who_names_none_is_told_of_all(said: str) -> None:
    meaning = hear(said, Situation(date(2024, 4, 12)))
    assert (meaning.word, meaning.kind) == ("SESSIONS", "")


def test_whose_hamlet_is_not_known_is_asked_once() -> None:
    someone = Resident(None, channel="sms", budget=SMS, in_world=village())
    someone.text("HOP")
    assert someone.state == "AskHamlet"
    someone.text("1")
    assert someone.state == "Occasions"
    someone.text("HOP")
    assert someone.state == "Occasions"


def test_a_hamlet_that_is_named_is_the_one_that_is_meant() -> None:
    here = village()
    here.without_times = [held("meeting", 50).replace(hamlet=2)]
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    assert "(14h00" not in someone.text("hop")
    assert "(14h00" in someone.text(f"{here.hamlets[1].name} bao gio hop")


def test_where_nothing_is_held_somebody_can_call() -> None:
    here = village()
    here.without_times, here.slots = [], {}
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    someone.text("hop")
    assert cost(someone.screen.text).parts == 1
    someone.text("1")
    assert someone.state == "CallMe"


def test_from_the_list_one_with_times_is_booked() -> None:
    here = village()
    here.without_times = []
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    assert "DL 47)" in someone.text("hop")
    someone.text("1", "1", "1")
    assert someone.booking is not None


def test_a_number_leads_straight_to_its_times_or_to_what_it_is() -> None:
    by_text = Resident(REGISTERED, channel="sms", budget=SMS, in_world=village())
    by_text.text("47")
    assert by_text.state == "PickSlot"
    by_text.text("00")
    assert "14h00-16h30" in by_text.text("so 56 nhe")
    in_a_call = Resident(REGISTERED, in_world=village())
    assert "8h00" in dialled("47", in_a_call).text
    assert "14h00-16h30" in dialled("56", in_a_call).text
    assert "96" in dialled("96", in_a_call).text
    assert dialled("8", in_a_call).options


def test_a_number_is_left_to_the_list_or_the_question_that_takes_it() -> None:
    here = world(
        events=1, clocks=tuple(f"{7 + n // 4:02}:{15 * (n % 4):02}" for n in range(48))
    )
    here.numbers = {90_001: 47}
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    someone.text("47")
    assert someone.state == "PickSlot"
    assert len(someone.session.offered) == 48
    someone.text("47")
    assert someone.state == "Confirm", "the 47th line of the list"
    someone.text("3")
    assert someone.state == "OtherName"
    someone.text("47")
    assert someone.state != "PickSlot", "what is typed where a name is asked for"
    short = Resident(REGISTERED, channel="sms", budget=SMS, in_world=village())
    short.text("hop")
    for heard in ("96", "40", "97"):
        told = fold(words.say("vi", "occasion_none", number=heard))
        assert short.text(heard) == told
        assert short.state == "Occasions", "the list stays open"
    short.text("1", "00", "LICH")
    assert "96" not in short.screen.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_number_of_a_session_that_is_off_says_so_and_which_is_next(
    kind: EventKind, language: str
) -> None:
    here = village()
    here.without_times = [held(kind, 62, day=20)]
    here.cancelled = [held(kind, 76, day=21)]
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here).speaking(
        language
    )
    said = someone.text("76")
    assert "76" not in said, said
    assert "21/4" in said
    assert fold(LONGEST) in said
    assert ("62" in said) == (kind != "workshop"), "by invitation nothing is offered"
    assert cost(said).parts == 1, said
    in_a_call = Resident(REGISTERED, in_world=here)
    assert fold(LONGEST) in fold(dialled("76", in_a_call).text)


def test_who_has_a_seat_hears_of_that_before_the_times_of_another() -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=village())
    someone.text("47", "1", "1")
    someone.text("47")
    assert someone.state == "MyBooking"
    assert "14h00-16h30" in someone.text("56")


def test_a_kind_that_is_no_swap_is_said_on_the_way_to_its_seat() -> None:
    here = world(events=2, clocks=("08:00", "14:00"))
    here.slots = {
        key: (slot, event.replace(kind="account") if event.id == 90_002 else event)
        for key, (slot, event) in here.slots.items()
    }
    someone = Resident(REGISTERED, in_world=here)
    account = "mo tai khoan"
    lines = someone.dial("2").split("\n")
    assert [account in line for line in lines if line[:2] in ("1.", "2.")] == [
        False,
        True,
    ]
    assert account in someone.press("2")
    assert account in someone.press("2")
    assert fits(someone.screen.text, USSD)
    assert "99." not in someone.screen.text
    someone.press("1")
    assert someone.consents[-1].prompt.startswith("confirm_kind:")
    others = someone.dial("3", "1").split("\n")[1:-1]
    assert len(others) == 1
    assert account in others[0], "a time is changed within its kind"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_answer_is_one_part_with_the_longest_names(language: str) -> None:
    someone = Resident(
        REGISTERED, channel="sms", budget=SMS, in_world=village(many=3)
    ).speaking(language)
    texts = [someone.text("hop")]
    while "more" in {option.value for option in someone.session.offered}:
        texts.append(someone.text(str(len(someone.session.offered))))
    lines = [line for text in texts for line in text.split("\n") if "(14h00" in line]
    assert len(lines) > 15, "all of them are reached"
    texts += [someone.text(str(50 + n)) for n in range(3 * len(KINDS))]
    texts += [someone.text("97")]
    for text in texts:
        assert cost(text).parts == 1, text
    with_marks = Resident(
        REGISTERED, channel="sms", budget=SMS, in_world=village()
    ).speaking(language, marks=True)
    assert cost(with_marks.text("hop")).parts <= 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_question_that_books_is_one_page_for_every_kind(
    kind: EventKind, language: str
) -> None:
    here = world(events=1, clocks=("14:00",))
    here.slots = {
        key: (slot, event.replace(kind=kind))
        for key, (slot, event) in here.slots.items()
    }
    here.numbers = {90_001: 47}
    someone = Resident(REGISTERED, in_world=here).speaking(language)
    session, _ = MENU.turn(someone.session, None, someone.port, NOW)
    session, _ = MENU.dial(session, "47", someone.port, NOW)
    session, screen = MENU.turn(session, "1", someone.port, NOW)
    assert session.state == "Confirm"
    assert "99." not in screen.text, screen.text


def test_a_line_that_is_open_is_a_line() -> None:
    today = date(2024, 4, 12)
    lines = tuple(Line(str(n), f"{n}h00") for n in range(45))
    assert hear("44", Situation(today, lines)).word == "PICK"
    assert hear("46", Situation(today, lines)).number == 46
    assert hear("46", Situation(today, lines, typed=True)).number == 0
    assert hear("39", Situation(today)).number == 0
    assert hear("98", Situation(today)).number == 0


def test_the_soonest_stands_first_on_one_line_with_its_number() -> None:
    here = village()
    here.without_times = [
        held("meeting", 61, place="Hội trường xã", day=14).replace(hamlet=None),
        held("training", 62, day=13),
        held("visits", 63, day=15),
    ]
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=here)
    told = someone.text("hop")
    assert cost(told).parts == 1
    numbers = ("so 62)", "so 61)")
    assert [line[-6:] for line in told.splitlines()[1:3]] == list(numbers)
    someone.text("62")
    assert "14h00-16h30" in someone.screen.text


@pytest.mark.parametrize(
    "said",
    [
        "bao gio co buoi nua",
        "hom nay nha van hoa lam gi",
        "tap huan ngay nao",
        "buoi hop thon may gio",
        "lan sau la ngay nao",
        "khi nao doan ve thon toi",
        "con buoi nao nua khong",
        "when is the next session",
    ],
)
def test_everyday_questions_tell_what_is_on(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=village())
    someone.text(said)
    assert someone.state == "Occasions"


@pytest.mark.parametrize("said", ["47", "DL 47", "hop 47", "dat lich so 47", "buoi 47"])
def test_the_number_of_a_session_is_heard_behind_any_word(said: str) -> None:
    someone = Resident(REGISTERED, channel="sms", budget=SMS, in_world=village())
    someone.text(said)
    assert someone.state == "PickSlot"


@pytest.mark.parametrize(
    "ways", [("DL",), ("GOI LAI",), ("toi muon xin ma qr",), ("TG",), ("GOP Y",), ("NN",), ("qr",)]
)  # fmt: skip
def test_a_number_of_two_digits_is_a_sessions_whatever_is_open(
    ways: tuple[str, ...],
) -> None:
    for known in (REGISTERED, None):
        here = village()
        here.numbers = {90_001: 74}
        someone = Resident(known, channel="sms", budget=SMS, in_world=here)
        someone.text(*ways)
        none = fold(words.say("vi", "occasion_none", number="91"))
        assert someone.text("91") == none, ways
        someone.text("74")
        assert someone.state == "PickSlot", ways
