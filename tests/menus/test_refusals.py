"""No refusal of our texts is lost, in whatever words: it is asked what to stop, and
staff see it.
"""

from __future__ import annotations

import pytest

from menus.fitting import SMS
from menus.hearing import fold
from menus.port import Known
from menus.sample import sample_world
from menus.words import SENTENCES
from tests.menus.resident import NOW, Resident

WHAT_TO_STOP = fold(SENTENCES["vi"]["unclear_stop"])


def texting() -> Resident:
    return Resident(
        Known(hamlet=3), channel="sms", budget=SMS, in_world=sample_world(NOW)
    )


@pytest.mark.parametrize(
    "said",
    [
        "bớt nhắn đi",
        "bot gui tin di",
        "nhắn ít thôi",
        "opt out",
        "opt-out",
        "I want to opt out",
        "leave me alone",
        "do not message me",
        "don't contact me again",
        "remove me",
        "take me off the list",
        "stop messaging me",
        "cancel my subscription",
        "unsubscribe me",
        "dung phien",
        "khong can nua dung nhan",
        "để tôi yên",
        "mac ke toi",
        "ngưng",
        "ngung di",
        "dừng lại",
        "dung",
        "enough",
    ],
)
def test_whoever_wants_no_more_is_asked_what_to_stop(said: str) -> None:
    resident = texting()
    answered = fold(resident.text(said))
    assert answered.startswith(WHAT_TO_STOP)
    assert not resident.session.understood, "staff see it until it is settled"


@pytest.mark.parametrize("said", ["đúng", "đúng rồi", "dung roi"])
def test_who_says_that_it_is_right_refuses_nothing(said: str) -> None:
    assert not fold(texting().text(said)).startswith(WHAT_TO_STOP)


def test_to_an_open_list_stop_is_an_answer_and_not_a_refusal_of_texts() -> None:
    resident = texting()
    resident.text("DL", "1", "1")
    assert not fold(resident.text("dừng lại")).startswith(WHAT_TO_STOP)
    assert resident.booking is None
