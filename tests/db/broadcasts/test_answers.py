"""What people answer to a broadcast: counted with it, a question becomes a task, a stop
counts before the next text.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.models import UNREAD
from db.store.engine import to_ms
from menus import words
from menus.fitting import cost, on_wire
from tests.db.broadcasts.village import Village, tomorrow


def counted(village: Village, number: int, answer: str) -> int:
    return int(
        village.ask(
            "SELECT COUNT(*) FROM messages m JOIN firings g ON g.id = m.firing_id"
            " WHERE g.broadcast_id = :id AND m.direction = 'in' AND m.answer = :answer",
            id=number,
            answer=answer,
        )
    )


def test_yes_no_a_question_and_a_stop_are_told_apart_and_counted(
    village: Village,
) -> None:
    village.imports("residents", "phone,name,hamlet", "0990000004,Dũng,Quảng Hồng II")
    number = village.started(words="Thứ Bảy họp thôn, có đến được không?")
    village.clock()
    replies = [
        village.says(1, "Dạ có ạ"),
        village.says(2, "không"),
        village.says(3, "Họp ở đâu, mấy giờ vậy?"),
        village.says(4, "TC DV"),
    ]
    assert {
        answer: counted(village, number, answer)
        for answer in ("yes", "no", "question", "stop")
    } == {
        "yes": 1,
        "no": 1,
        "question": 1,
        "stop": 1,
    }
    assert all(said and cost(said).parts == 1 for said in replies[:3]), replies
    note = village.ask(
        "SELECT MIN(note) FROM tasks WHERE kind = 'question' AND done_at IS NULL"
    )
    assert note == "Đổi máy: Họp ở đâu, mấy giờ vậy?"
    following = village.started(words="Nhắc lại: thứ Bảy họp thôn.")
    assert village.why(following) == {"Dũng": "opted out"}
    village.agree(number)


def test_short_forms_of_yes_and_no_are_heard(village: Village) -> None:
    number = village.started(words="Thứ Bảy họp thôn, có đến được không?")
    village.clock()
    for who, written in (
        (1, "Dạ"),
        (1, "u"),
        (1, "uh"),
        (2, "k"),
        (2, "hok"),
        (2, "Ko nhé"),
    ):
        village.says(who, written)
    assert (counted(village, number, "yes"), counted(village, number, "no")) == (3, 3)


def test_a_text_long_after_belongs_to_no_broadcast(village: Village) -> None:
    number = village.started(words="Thứ Bảy họp thôn.")
    village.clock(tomorrow("09:00", days=-4))
    assert village.show(number)["sent"] == 3
    village.says(1, "có")
    village.says(2, "TC DV")
    assert (
        sum(
            counted(village, number, answer)
            for answer in ("yes", "stop", "other", "question", "no")
        )
        == 0
    )


def test_an_answer_belongs_to_the_last_broadcast_of_two(village: Village) -> None:
    first = village.started(words="Thứ Bảy họp thôn.")
    village.clock(tomorrow("09:00"))
    second = village.started(
        words="Chủ nhật quét đường.", not_before=tomorrow("10:00").isoformat()
    )
    village.clock(tomorrow("10:00"))
    village.says(1, "ok")
    assert (counted(village, first, "yes"), counted(village, second, "yes")) == (0, 1)


def test_a_code_of_ones_own_or_a_command_is_done_and_is_no_answer(
    village: Village,
) -> None:
    village.books(1)
    number = village.started(words="Thứ Bảy họp thôn.")
    village.clock()
    code = village.ask("SELECT code FROM bookings")
    assert code in village.says(1, "LICH")
    assert counted(village, number, "question") == 0


def test_a_question_waits_for_an_answer_in_one_place(village: Village) -> None:
    """As a task; the list of texts that nobody understood does not hold it as well."""
    number = told_just_now(village)
    assert is_said(village.says(1, "hop o dau vay"), "broadcast_question")
    assert counted(village, number, "question") == 1
    assert (
        village.ask(
            "SELECT COUNT(*) FROM tasks WHERE kind = 'question' AND done_at IS NULL"
        )
        == 1
    )
    assert village.ask(f"SELECT COUNT(*) FROM messages WHERE {UNREAD}") == 0


def test_a_question_of_somebody_who_is_gone_is_found_among_the_texts(
    village: Village,
) -> None:
    """No task can be about them: the text is not lost."""
    told_just_now(village)
    village.sql("UPDATE people SET erased_at = 1 WHERE name = 'An'")
    village.says(1, "hop o dau vay")
    assert village.ask("SELECT COUNT(*) FROM tasks WHERE kind = 'question'") == 0
    assert village.ask(f"SELECT COUNT(*) FROM messages WHERE {UNREAD}") == 1


def told_just_now(village: Village) -> int:
    """A notice that everybody had this moment, and not tomorrow as the clock of the
    story has it: its number.
    """
    number = village.started(words="Thứ Bảy họp thôn.")
    village.clock()
    village.sql(
        "UPDATE messages SET sent_at = :now WHERE direction = 'out'",
        now=to_ms(datetime.now(UTC)),
    )
    return number


def is_said(answer: str, key: str) -> bool:
    """Does the answer begin with this sentence of ours?"""
    sentence = on_wire(words.say(words.VIETNAMESE, key), False)
    return answer.startswith(sentence)


@pytest.mark.parametrize(
    "written",
    [
        "dung gui tin nua",
        "khong nhan tin nua",
        "thoi dung nhan nua",
        "ngung tin",
        "huy",
    ],
)
def test_a_refusal_in_own_words_is_asked_back_and_counted_as_one(
    village: Village, written: str
) -> None:
    number = told_just_now(village)
    assert is_said(village.says(1, written), "unclear_stop")
    assert (counted(village, number, "stop"), counted(village, number, "question")) == (
        1,
        0,
    )
    assert village.ask("SELECT COUNT(*) FROM tasks") == 0
    village.says(1, "3")
    following = village.started(words="Nhắc lại: thứ Bảy họp thôn.")
    assert village.why(following) == {"An": "opted out"}


def test_a_number_never_answers_a_question_that_was_not_sent(village: Village) -> None:
    told_just_now(village)
    assert is_said(village.says(1, "hop o dau vay"), "broadcast_question")
    village.says(1, "3")
    assert village.ask("SELECT COUNT(*) FROM stops") == 0
    assert village.ask("SELECT COUNT(*) FROM requests WHERE kind = 'call_me'") == 0


def test_a_list_of_before_the_broadcast_is_closed_by_the_promise(
    village: Village,
) -> None:
    village.books(2)
    village.says(1, "DL")
    number = told_just_now(village)
    assert is_said(
        village.says(1, "truong thon noi nhu the la y lam sao"), "broadcast_question"
    )
    assert counted(village, number, "question") == 1
    assert (
        village.ask("SELECT COUNT(*) FROM sessions WHERE data LIKE '%\"options\":[{%'")
        == 0
    )


def test_a_slip_in_answer_to_a_list_opened_since_is_asked_again(
    village: Village,
) -> None:
    village.books(2)
    number = told_just_now(village)
    opened = village.says(1, "DL")
    again = village.says(1, "abc xyz")
    assert opened.splitlines()[-1] in again
    assert counted(village, number, "question") == 0


def test_a_consent_to_adverts_is_no_yes_to_the_broadcast(village: Village) -> None:
    """`DY QC` is our own command: the meeting is not what they agreed to."""
    number = village.started(words="Thứ Bảy họp thôn, có đến được không?")
    village.clock()
    assert "dong y nhan tin quang cao" in village.says(1, "DY QC")
    assert (counted(village, number, "yes"), counted(village, number, "other")) == (
        0,
        1,
    )
