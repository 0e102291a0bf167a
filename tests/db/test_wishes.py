"""The register of wishes: appended, never changed, kept a year beyond its end, and
naming nobody.
"""

from __future__ import annotations

import csv
import re
import string
import unicodedata
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from db.__main__ import main
from db.changes import numbers
from db.commands import exports
from db.privacy import erasure, retention
from db.register import identity
from db.store.engine import Database, Tx, to_ms
from db.store.local_days import day_at, iso_day_at
from db.store.statements import Row
from db.texts import adverts, stops, wishes
from db.texts.masking import masked
from db.texts.wishes import Heard
from menus import words
from menus.hearing import fold
from settings import ROOT
from tests import factories as make

KEY = "a key of the tests"
DAY = 24 * 3_600_000
WHO, NEW = identity.who(KEY, make.phone(1)), identity.who(KEY, make.phone(3))


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def lines(tx: Tx, who: str = WHO) -> list[Row]:
    return tx.all(text("SELECT * FROM wishes WHERE who = :who ORDER BY id"), who=who)


def standing(tx: Tx, who: str = WHO) -> list[tuple[str, str]]:
    return [(row.act, row.what) for row in lines(tx, who) if row.ended_at is None]


def asks(tx: Tx, number: int, at: int) -> bool:
    return adverts.ask(
        tx, privacy_key=KEY, phone=make.phone(number), commune_id=1, now=at
    )


# --- it is only appended to


@pytest.mark.parametrize(
    "change",
    ["who = 'x'", "act = 'agreed'", "what = 'all'", "words = ''", "channel = 'x'", "prompt = 'x'", "at = 1",
     "message_id = NULL", "confirms = NULL"],
)  # fmt: skip
def test_the_database_lets_nobody_change_a_line(
    db: Database, at: int, change: str
) -> None:
    with db.transaction() as tx:
        stops.refuse(tx, WHO, "advert", at, Heard("sms", "TC"))
    with pytest.raises(Exception, match="only appended"), db.transaction() as tx:
        tx.run(text(f"UPDATE wishes SET {change}"))


def test_a_line_ends_once_and_is_deleted_only_after_its_end(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        stops.refuse(tx, WHO, "advert", at)
    with pytest.raises(Exception, match="only appended"), db.transaction() as tx:
        tx.run(text("DELETE FROM wishes"))
    with db.transaction() as tx:
        wishes.end(tx, WHO, "refused", "advert", at + 1)
    with pytest.raises(Exception, match="only appended"), db.transaction() as tx:
        tx.run(text("UPDATE wishes SET ended_at = ended_at + 1"))


def test_nothing_else_writes_what_the_register_must_know_of() -> None:
    """Statements of the product: whoever writes `stops`, `consents` or `wishes`
    elsewhere leaves no line.
    """
    writes = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (stops|consents|wishes)\b")
    found = {
        (str(file.relative_to(ROOT)), name)
        for room in ("db", "gateway", "scheduler")
        for file in (ROOT / room).rglob("*.py")
        if "migrations" not in file.parts
        for name in writes.findall(file.read_text("utf-8"))
    }
    retention = {
        ("db/privacy/retention.py", "consents"),
        ("db/privacy/retention.py", "wishes"),
    }
    assert (
        found
        == {
            ("db/texts/stops.py", "stops"),
            ("db/texts/wishes.py", "consents"),
            ("db/texts/wishes.py", "wishes"),
        }
        | retention
    )


# --- how long it is kept


def test_the_proof_of_a_refusal_is_kept_a_year_beyond_the_day_it_was_taken_back(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        stops.refuse(tx, WHO, "all", at, Heard("sms", "TC DV"))
        long_after = at + 5 * 365 * DAY
        retention.let_go(tx, long_after)
        assert standing(tx) == [("refused", "all")], (
            "while it stands it stays, however old"
        )
        stops.take_back(tx, WHO, long_after)
        retention.let_go(tx, long_after + 365 * DAY)
        assert [row.act for row in lines(tx)] == ["refused", "took_back"]
        retention.let_go(tx, long_after + 367 * DAY)
        assert [row.act for row in lines(tx)] == ["took_back"]


def test_the_proof_of_a_consent_is_kept_a_year_beyond_the_erasure_and_names_nobody(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1, name="Lý Thị Mẫu")
        make.agreed(
            tx,
            KEY,
            person,
            number=1,
            now=at - 2000 * DAY,
            answer="Lý Thị Mẫu đồng ý 0990000001",
        )
        erasure.erase(tx, KEY, make.phone(1), at)
        (agreed, erased) = lines(tx)
        assert (agreed.act, agreed.words, agreed.ended_at) == (
            "agreed",
            "*** *** *** đồng ý ##########",
            at,
        )
        assert (erased.act, erased.what, erased.ended_at) == ("refused", "erased", None)
        assert tx.value(text("SELECT answer FROM consents")) == ""
        retention.let_go(tx, at + 365 * DAY)
        assert len(lines(tx)) == 2
        retention.let_go(tx, at + 367 * DAY)
        assert [row.what for row in lines(tx)] == ["erased"]


def test_a_consent_older_than_the_register_gets_its_line_when_its_person_is_erased(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1, name="Lý Thị Mẫu")
        make.consent(tx, person, purpose="booking", answer="Mẫu: ok", now=at - DAY)
        retention.let_go(tx, at + 1000 * DAY)
        assert tx.value(text("SELECT answer FROM consents")) == "Mẫu: ok", (
            "it is the proof while it stands"
        )
        erasure.erase(tx, KEY, make.phone(1), at)
        agreed = lines(tx)[1]
        assert (agreed.what, agreed.words, agreed.at, agreed.ended_at) == (
            "booking",
            "***: ok",
            at - DAY,
            at,
        )


def test_a_confirmation_ends_with_what_it_confirms(db: Database, at: int) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        wishes.confirmed(
            tx,
            make.agreed(tx, KEY, person, number=1, purpose="advert", now=at),
            None,
            at,
        )
        stops.refuse(tx, WHO, "advert", at + 1, Heard("sms", "TC", person))
        assert [(row.act, row.ended_at) for row in lines(tx)] == [
            ("agreed", at + 1),
            ("confirmed", at + 1),
            ("refused", None),
        ]


def test_who_changes_the_number_takes_the_proof_along(db: Database, at: int) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1, name="Lý Thị Mẫu")
        wishes.confirmed(tx, make.agreed(tx, KEY, person, number=1, now=at), None, at)
        stops.refuse(tx, WHO, "remind", at, Heard("sms", "TC NHAC", person))
        stops.do_not_call(tx, WHO, at)
        numbers.change(tx, person, make.phone(3), now=at + 9, privacy_key=KEY)
        assert standing(tx) == [("refused", "remind"), ("refused", "dnc")]
        assert standing(tx, NEW) == [
            ("agreed", "booking"),
            ("confirmed", "booking"),
            ("refused", "remind"),
        ]
        agreed, confirmation, _ = lines(tx, NEW)
        assert (agreed.at, confirmation.confirms) == (at, agreed.id)
        erasure.erase(tx, KEY, make.phone(3), at + 10)
        assert lines(tx, NEW)[0].ended_at == at + 10


def test_who_has_no_number_is_in_the_register_too(db: Database, at: int) -> None:
    with db.transaction() as tx:
        person = make.person(tx, name="Lý Thị Mẫu")
        nobody = identity.who_is(KEY, person, None)
        wishes.agreed(
            tx,
            who=nobody,
            person_id=person,
            purpose="booking",
            prompt="p",
            channel="desk",
            answer="ticked",
            now=at,
        )
        numbers.change(tx, person, make.phone(1), now=at + 9, privacy_key=KEY)
        assert standing(tx, nobody) == []
        assert standing(tx) == [("agreed", "booking")]


# --- the one question


def test_a_number_is_asked_once_even_where_two_ask_at_once(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        assert asks(tx, 1, at)
        assert not asks(tx, 1, at)
        assert wishes.note(tx, WHO, "asked", "advert", at) is None, (
            "the table holds it, too"
        )
        numbers.change(tx, person, make.phone(3), now=at, privacy_key=KEY)
        assert not asks(tx, 3, at), "it was the same person"
        for _ in range(2):
            retention.let_go(tx, at + 10_000 * DAY)
        assert wishes.was_asked(tx, WHO)


@pytest.mark.parametrize("what", ["advert", "all", "erased", "dnc"])
def test_whoever_refused_is_not_asked(db: Database, at: int, what: stops.What) -> None:
    with db.transaction() as tx:
        make.person(tx, number=1)
        stops.refuse(tx, WHO, what, at)
        assert not asks(tx, 1, at)


@pytest.mark.parametrize("what", ["advert", "all", "erased"])
def test_whoever_ever_refused_is_not_asked_though_they_took_it_back(
    db: Database, at: int, what: stops.What
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        stops.refuse(tx, WHO, what, at, Heard("sms", "TC", person))
        stops.take_back(tx, WHO, at + 1)
        assert not asks(tx, 1, at + 2)
        for _ in range(2):
            retention.let_go(tx, at + 800 * DAY)
        assert not asks(tx, 1, at + 800 * DAY), (
            "nor when the line of the refusal is gone"
        )
        numbers.change(tx, person, make.phone(3), now=at + 800 * DAY, privacy_key=KEY)
        assert not asks(tx, 3, at + 801 * DAY), "nor at another number"


def test_whoever_ever_agreed_is_not_asked_after_a_refusal_start_and_another_number(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        make.agreed(tx, KEY, person, number=1, purpose="advert", now=at)
        assert not asks(tx, 1, at)
        stops.refuse(tx, WHO, "advert", at + 1, Heard("sms", "TC", person))
        stops.take_back(tx, WHO, at + 2)
        assert not asks(tx, 1, at + 3)
        numbers.change(tx, person, make.phone(3), now=at + 4, privacy_key=KEY)
        assert not asks(tx, 3, at + 5)


def test_whoever_agreed_and_was_erased_is_not_asked_in_a_new_life(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        make.agreed(tx, KEY, person, number=1, purpose="advert", now=at)
        erasure.erase(tx, KEY, make.phone(1), at + 1)
        stops.take_back(tx, WHO, at + 2)
        again = make.person(tx, number=1)
        assert again != person
        assert not asks(tx, 1, at + 3)
        numbers.change(tx, again, make.phone(3), now=at + 4, privacy_key=KEY)
        assert not asks(tx, 3, at + 5)


def test_a_refusal_of_reminders_says_nothing_of_adverts(db: Database, at: int) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        make.agreed(tx, KEY, person, number=1, now=at)
        stops.refuse(tx, WHO, "remind", at, Heard("sms", "TC NHAC", person))
        assert asks(tx, 1, at)


def test_nobody_unknown_is_asked(db: Database, at: int) -> None:
    with db.transaction() as tx:
        assert not asks(tx, 1, at)


# --- the words

_CLOTHES = [
    string.digits, "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⓪①②③④⑤⑥⑦⑧⑨", "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
]  # fmt: skip
_BETWEEN = st.sampled_from(
    ["", "", " ", ".", "-", "\u200b", "\u00a0", "\n", "/", "\ufe0f\u20e3"]
)
_KNOWN_WORDS = st.sampled_from(
    ["TC", "TC DV", "dung gui nua", "toi la", "so", "+84 ", "0", ""]
)


@st.composite
def _dressed(draw: st.DrawFn) -> str:
    """A phone number, each digit in clothes of its own, with something before and
    after.
    """
    digits = draw(st.lists(st.integers(0, 9), min_size=7, max_size=13))
    worn = [draw(st.sampled_from(_CLOTHES))[digit] + draw(_BETWEEN) for digit in digits]
    return f"{draw(_KNOWN_WORDS)}{draw(_BETWEEN)}{''.join(worn)}{draw(_KNOWN_WORDS)}"


@given(_dressed())
def test_no_number_in_whatever_clothes_is_kept(written: str) -> None:
    kept = masked(written)
    assert not any(mark.isnumeric() for mark in kept), kept
    assert not any(unicodedata.digit(mark, None) is not None for mark in kept)


@given(st.text(max_size=400))
def test_whatever_is_written_keeps_no_word_that_is_not_one_of_ours(
    written: str,
) -> None:
    kept = masked(written)
    assert len(kept) <= 200
    assert sum(mark.isnumeric() for mark in kept) <= 2


_FAMILY_NAMES = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Đặng Bùi Đỗ Hồ Ngô"
_FAMILY_NAMES += " Dương Lý Nông Vi Lương Lò Hà Chu Triệu Ma Đàm Lâm Hứa"
_FAMILY = st.sampled_from(_FAMILY_NAMES.split(" "))
_MIDDLE = st.sampled_from(["Văn", "Thị", "Đức", "Minh", "Thu", "Ngọc"])
_GIVEN_NAMES = "An Bình Dũng Nhàn Tín Đông Ý Hoa Tư"
_GIVEN_NAMES += " Sáu Bảy Huy Lịch Hai Mai Lan Quang Thời Hẹn"
_GIVEN = st.sampled_from(_GIVEN_NAMES.split(" "))
_CASE = st.sampled_from([str, str.lower, str.upper, str.title, fold])


@given(
    _FAMILY,
    _MIDDLE,
    _GIVEN,
    _CASE,
    st.sampled_from(
        ["{}", "TC {}", "TC\n{}", "toi la {}", "xoa so cua {}", "STOP. {}"]
    ),
)
def test_no_full_name_is_kept_though_nobody_knows_it(
    family: str, middle: str, given_name: str, case: object, around: str
) -> None:
    assert callable(case)
    name = case(f"{family} {middle} {given_name}")
    kept = fold(masked(around.format(name)))
    before = fold(around.format(""))
    assert kept == fold(f"{before} *** *** ***"), kept


@given(_FAMILY, _MIDDLE, _GIVEN, _CASE)
def test_ones_own_name_is_kept_nowhere(
    family: str, middle: str, given_name: str, case: object
) -> None:
    assert callable(case)
    own = f"{family} {middle} {given_name}"
    kept = masked(
        f"khong {case(given_name)} gui {case(family)} nua {case(middle)}", [own]
    )
    assert kept == "khong *** gui *** nua ***"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("TC", "TC"), ("TC DV nhé", "TC DV nhé"), ("Từ chối nhận tin quảng cáo", "Từ chối nhận tin quảng cáo"),
        ("Đồng ý", "Đồng ý"), ("1", "1"), ("NHAN 48315", "NHAN #####"),
        ("toi la Dung, dung gui nua", "toi la ***, dung gui nua"), ("TC Nhàn", "TC ***"), ("ten Tin", "ten ***"),
        ("so O99O OOO OO1", "so #### *** ###"),
        ("khong chin chin khong khong khong mot", "*** *** *** *** *** *** ***"),
    ],
)  # fmt: skip
def test_what_was_wanted_can_still_be_read(written: str, kept: str) -> None:
    assert masked(written) == kept


_COMMANDS = [
    phrase.strip("«»")
    for word in (
        "STOP_ALL",
        "STOP_REMINDERS",
        "STOP_ADVERTS",
        "ADVERTS_YES",
        "ADVERTS",
        "START",
    )
    for phrase in words.HEARD[word]
]


@given(
    st.sampled_from(_COMMANDS).flatmap(
        lambda phrase: st.from_regex(phrase, fullmatch=True)
    ),
    st.sampled_from([str, str.upper, str.capitalize]),
)
def test_a_command_is_kept_in_every_spelling_that_is_heard(
    command: str, case: object
) -> None:
    assert callable(case)
    written = case(command)
    assert masked(written) == written
    assert (
        masked(f"{written} Nông Thị Mẫu 0990000001")
        == f"{written} *** *** *** ##########"
    )


# --- the file


def test_the_register_leaves_as_a_file_day_by_day(
    db: Database,
    url: str,
    at: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with db.transaction() as tx:
        person = make.person(tx, number=1)
        stops.refuse(tx, WHO, "advert", at - 2 * DAY, Heard("sms", "TC", person))
        line = make.agreed(
            tx, KEY, person, number=1, purpose="advert", now=at, answer="DY QC"
        )
        wishes.confirmed(tx, line, None, at + 1000)
    day = iso_day_at(at)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "a secret key of the tests, nothing else")
    monkeypatch.setenv("PRIVACY_KEY", KEY)
    assert main(["export", "wishes", "--from", day, "--to", day]) == 0
    header, row = csv.reader(capsys.readouterr().out.splitlines())
    assert tuple(header) == exports.WISHES_HEADER
    said = dict(zip(header, row, strict=True))
    assert (said["act"], said["what"], said["words"], said["who"]) == (
        "agreed",
        "advert",
        "DY QC",
        WHO[:12],
    )
    assert (said["at"], said["confirmed_at"]) == (
        "2024-04-12T09:00:00+07:00",
        "2024-04-12T09:00:01+07:00",
    )
    with db.connection() as tx:
        both = list(exports.wishes(tx, day_at(at) - timedelta(days=2), day_at(at)))
    assert len(both) == 3
    assert all(one[0] < other[0] for one, other in pairwise(both[1:]))
