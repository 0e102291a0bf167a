"""What staff say about a topic is what residents are answered, on its days, whichever
port is behind the menus.
"""

from __future__ import annotations

from datetime import timedelta

from menus.topics import Topic
from tests.contract.commune import SUNDAY, TODAY, TUESDAY, Commune

DAUGHTER, NEIGHBOUR = 1, 2
DAY = timedelta(days=1)


def answer(commune: Commune, topic: Topic = Topic.POWER) -> str | None:
    said = commune.phone(DAUGHTER).fact(topic)
    return None if said is None else said["vi"]


def test_nothing_is_said_before_anybody_wrote_it(commune: Commune) -> None:
    assert [answer(commune, topic) for topic in Topic] == [None] * len(Topic)


def test_a_fact_is_told_on_its_first_day_and_on_its_last_and_no_longer(
    commune: Commune,
) -> None:
    commune.says(Topic.POWER, "Sunday to Tuesday", since=SUNDAY, until=TUESDAY)
    told = []
    for _ in range((TUESDAY - TODAY).days + 2):
        told.append(answer(commune))
        commune.goes_by(days=1)
    assert told == [None, None, *["Sunday to Tuesday"] * 3, None]
    assert answer(commune, Topic.WATER) is None


def test_the_newest_that_is_valid_answers_and_the_older_one_again_when_it_has_run_out(
    commune: Commune,
) -> None:
    commune.says(Topic.POWER, "always", since=TODAY - DAY)
    commune.says(Topic.POWER, "for a day", since=TODAY, until=TODAY)
    assert answer(commune) == "for a day"
    commune.goes_by(days=1)
    assert answer(commune) == "always"


def test_of_two_from_the_same_day_the_one_written_last_answers(
    commune: Commune,
) -> None:
    commune.says(Topic.POWER, "with a slip", since=TODAY)
    commune.says(Topic.POWER, "mended", since=TODAY)
    assert answer(commune) == "mended"


def test_one_that_is_to_come_does_not_answer_yet(commune: Commune) -> None:
    commune.says(Topic.POWER, "now", since=TODAY)
    commune.says(Topic.POWER, "from tomorrow", since=TODAY + DAY)
    assert answer(commune) == "now"
    commune.goes_by(days=1)
    assert answer(commune) == "from tomorrow"


def test_each_question_is_counted_on_its_day_and_for_its_topic(
    commune: Commune,
) -> None:
    for number in (DAUGHTER, NEIGHBOUR, DAUGHTER):
        commune.phone(number).asked_about(Topic.MONEY)
    commune.phone(DAUGHTER).asked_about(Topic.WHO)
    commune.goes_by(days=1)
    commune.phone(DAUGHTER).asked_about(Topic.MONEY)
    assert (
        commune.asked(Topic.MONEY, TODAY),
        commune.asked(Topic.MONEY, TODAY + DAY),
    ) == (3, 1)
    assert (commune.asked(Topic.WHO, TODAY), commune.asked(Topic.QR, TODAY)) == (1, 0)
