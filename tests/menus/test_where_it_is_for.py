"""A phone that nobody knows asks for something: where it is gets asked once; a name or
hamlet that was said counts.
"""

from __future__ import annotations

import pytest

from menus.fitting import SMS, cost
from menus.naming import name_in
from menus.sample import sample_world
from tests.menus.resident import NOW, REGISTERED, Resident


def stranger(channel: str = "sms") -> Resident:
    if channel == "sms":
        return Resident(None, channel="sms", budget=SMS, in_world=sample_world(NOW))
    return Resident(None, in_world=sample_world(NOW))


def asked(someone: Resident) -> tuple[str, str, int | None]:
    """Kind, for whom and where, of the last request."""
    _, request = someone.world.requests[-1]
    return request.kind, request.name, request.place


def test_by_text_the_hamlet_is_asked_for_by_its_name_and_is_home_from_then_on() -> None:
    caller = stranger()
    question = caller.text("GOI LAI")
    assert "Xin nhan ten thon" in question
    assert cost(question).parts == 1
    caller.text("quang lien 3")
    assert caller.state == "CallMe"
    caller.text("1")
    assert asked(caller) == ("call_me", "", 11)
    assert "Quang Lien III" in caller.text("HOP"), "and is not asked again"


@pytest.mark.parametrize("said", ["chau o day nay", "10"])
def test_what_is_no_hamlets_name_brings_the_list(said: str) -> None:
    caller = stranger()
    caller.text("GOI LAI", said)
    assert caller.state == "AskHamlet"
    caller.text("10", "1")
    assert asked(caller) == ("call_me", "", 10)


def test_who_does_not_know_it_asks_all_the_same() -> None:
    caller = stranger()
    caller.text("GOI LAI", "2", "1")
    assert asked(caller) == ("call_me", "", None)


def test_in_a_call_the_list_is_shown() -> None:
    caller = stranger("ussd")
    caller.dial("4", "1")
    assert caller.state == "AskHamlet"
    caller.press("3", "1")
    assert asked(caller) == ("call_me", "", 3)


def test_by_the_menu_it_is_asked_too_but_for_ones_own_data_it_is_not() -> None:
    shop = stranger()
    shop.text("GOI LAI", "2", "3", "1", "quang hong 1", "1")
    assert asked(shop) == ("qr", "", 6)
    someone = stranger()
    someone.text("xoa het thong tin cua toi")
    assert someone.state == "AskRequest"


def test_a_hamlet_that_the_text_named_is_not_asked_for() -> None:
    shop = stranger()
    shop.text("toi ban tap hoa o Quang Trung 2 muon xin ma qr")
    assert shop.state == "AskRequest"
    shop.text("1")
    assert asked(shop) == ("qr", "", 4)
    assert "Quang Trung II" in shop.text("HOP")
    caller = stranger()
    caller.text("toi o quang lien 3, goi cho toi")
    assert caller.state == "CallMe"
    caller.text("1")
    assert caller.port.known().hamlet == 11


def test_somebody_without_a_phone_keeps_the_name_and_the_hamlet_that_were_said() -> (
    None
):
    daughter = stranger()
    daughter.text(
        "me toi khong co dien thoai, ba Lý Thị Mẫu quang trung 1, muon doi may"
    )
    assert daughter.state == "GroundOfRequest"
    assert "Ly Thi Mau" in daughter.text("1")
    daughter.text("1")
    assert asked(daughter) == ("no_phone", "Lý Thị Mẫu", 3)
    assert daughter.port.known().hamlet is None, "it says nothing of her own"


def test_a_visit_to_somebody_else_is_for_them() -> None:
    son = stranger()
    son.text("nho can bo den nha me toi o quang trung 1")
    assert son.state == "WhoseRequest"
    son.text("1", "1")
    assert asked(son) == ("visit", "me toi", 3), "whoever skips the name"
    son.text("nho can bo den nha ông Hoàng Văn Tư o quang trung 1", "3", "1")
    assert asked(son) == ("visit", "Hoàng Văn Tư", 3)
    assert len(son.world.requests) == 2
    assert son.port.known().hamlet is None


def test_the_name_of_kin_who_are_visited_is_asked_for_and_kept() -> None:
    son = stranger()
    son.text("ba toi bi liet o nha nho can bo den nha", "Ly Thi Mau")
    assert "Nguoi can giup o thon nao" in son.screen.text
    son.text("quang hong 1", "1")
    assert asked(son) == ("visit", "Ly Thi Mau", 6)


@pytest.mark.parametrize(
    "said", ["HUY", "khong", "thoi", "thoi khong can nua", "huy bo", "HUY YEU CAU"]
)
@pytest.mark.parametrize(
    "first",
    [
        ("xin ma qr",),
        ("GOI LAI",),
        ("xin ma qr", "tap hoa dau cho"),
        ("me toi khong co dien thoai",),
        ("me toi khong co dien thoai", "Ly Thi Mau"),
        ("nho can bo den nha me toi",),
    ],
)
def test_huy_or_a_no_leaves_a_question_for_a_place_or_a_name(
    first: tuple[str, ...], said: str
) -> None:
    someone = stranger()
    someone.text(*first)
    someone.text(said)
    assert someone.state == ""
    assert "chua lam gi ca" in someone.screen.text
    assert someone.port.requests() == []


@pytest.mark.parametrize("said", ["HUY", "khong", "thoi khong can nua"])
def test_huy_or_a_no_leaves_the_question_for_the_school(said: str) -> None:
    parent = Resident(REGISTERED, channel="sms")
    parent.text("hoc phi cua con toi")
    assert parent.state == "WhichSchool"
    parent.text(said)
    assert parent.state == ""


def test_huy_at_the_name_of_who_comes_gives_the_seat_back() -> None:
    someone = stranger()
    someone.text("DL CN 8h", "3", "HUY")
    assert someone.state == ""
    assert someone.port.hold() is None


@pytest.mark.parametrize("said", ["Hong", "Khoi", "anh Huy", "ba Dien", "Ai"])
def test_a_name_that_is_also_a_word_of_ours_is_a_name(said: str) -> None:
    someone = stranger()
    someone.text("me toi khong co dien thoai", said)
    assert someone.session.answers["whose"] == said


TOPICS = ["NUOC", "MONEY", "TV360", "HOC PHI", "UU DAI", "QR", "2G", "APP"]


@pytest.mark.parametrize("said", [*TOPICS, "DIEN", "DIEM"])
@pytest.mark.parametrize("first", ["GOI LAI", "xin ma qr", "nho can bo den nha"])
def test_a_topic_is_answered_and_the_question_for_the_hamlet_stays(
    first: str, said: str
) -> None:
    someone = stranger()
    someone.text(first, said)
    assert someone.state == "NameHamlet"
    assert "thon nao" not in someone.screen.text
    someone.text("quang hong 1")
    assert someone.session.answers["hamlet"] == "6"


@pytest.mark.parametrize("said", TOPICS)
def test_a_topic_is_answered_and_the_question_for_a_name_stays(said: str) -> None:
    someone = stranger()
    someone.text("me toi khong co dien thoai", said)
    assert someone.state == "WhoseRequest"


def test_hop_with_a_hamlet_is_no_answer_to_where_home_is() -> None:
    someone = stranger()
    someone.text("98", "HOP quang hong 1")
    assert someone.state == "Occasions"
    assert "Quang Hong I" in someone.screen.text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ba Ly Thi Mau quang trung 1", "Ly Thi Mau"),
        ("ten la ly thi mau, quang trung 1", "ly thi mau"),
        ("bà Nông Thị Phương Thảo", "Nông Thị Phương Thảo"),
        ("nha ong Vi Tu o quang lien", "Vi Tu"),
        ("toi la Nong Thi Hoa", ""),
        ("hoi truong nong qua", ""),
        ("o Quang Trung I", ""),
        ("ma QR cua toi", ""),
    ],
)
def test_a_name_is_found_where_one_stands(said: str, name: str) -> None:
    assert name_in(said) == name


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_of_these_questions_is_one_text(language: str) -> None:
    someone = stranger().speaking(language)
    for said in (
        "GOI LAI",
        "me toi khong co dien thoai, ba Hoang Thi Phuong Thao",
        "1",
    ):
        assert cost(someone.text(said)).parts == 1, someone.screen.text
