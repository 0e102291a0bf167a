"""What a conversation by text costs whoever pays for it: parts out, also where somebody
is not understood.
"""

from __future__ import annotations

import pytest

from menus.fitting import SMS, cost
from menus.port import Known
from menus.sample import sample_world
from tests.menus.resident import NOW, Resident

# Said three times on the way, by somebody who does not get on: nobody could tell what
# is meant.
SLIPS = ("gi the nhi", "bua nao cung", "o o")


def texting(known: Known | None) -> Resident:
    return Resident(known, channel="sms", budget=SMS, in_world=sample_world(NOW))


def parts(resident: Resident, *texts: str) -> int:
    """Of all answers together."""
    return sum(cost(resident.text(said)).parts for said in texts)


@pytest.mark.parametrize(
    ("known", "texts", "most"),
    [
        (Known(hamlet=3), ("DL CN 8h quang trung 1", "1"), 2),
        (Known(hamlet=3), ("DL", "1", "1", "1"), 4),
        (None, ("DL", "quang trung 1", "1", "1", "1"), 5),
        (Known(hamlet=3), ("DL", SLIPS[0], "1", SLIPS[1], "1", SLIPS[2], "1"), 7),
        (None, ("DL", "quang trung 1", SLIPS[0], "1", SLIPS[1], "1", SLIPS[2], "1"), 8),
    ],
)
def test_a_booking_by_text_takes_so_many_parts(
    known: Known | None, texts: tuple[str, ...], most: int
) -> None:
    resident = texting(known)
    took = parts(resident, *texts)
    assert resident.booking, resident.screen.text
    assert took <= most


def test_no_list_is_sent_twice_running_and_the_way_to_a_person_is_said() -> None:
    resident = texting(Known(hamlet=3))
    asked = resident.text("DL")
    first, second = resident.text(SLIPS[0]), resident.text(SLIPS[1])
    assert cost(first).parts == cost(second).parts == 1
    assert asked not in second
    assert "98: can bo goi" in second
    assert resident.text("1") != second, "the list is still the one that is open"


def test_a_hamlet_is_asked_for_by_name_and_listed_to_whom_that_does_not_help() -> None:
    stranger = texting(None)
    asked = stranger.text("DL")
    assert "Xin nhan ten thon" in asked
    assert "1. " not in asked
    assert "3. Quang Trung I" in stranger.text("o gan cho")
    assert "Nhan so dong" in stranger.text("10"), (
        "its number is heard, whether it was read or is known"
    )


def test_who_does_not_follow_is_asked_again_and_what_was_open_stays_open() -> None:
    resident = texting(Known(hamlet=3))
    resident.text("DL", "1", "1")
    again = resident.text("toi khong hieu")
    assert cost(again).parts == 1
    assert "98: can bo goi" in again
    assert resident.state == "Confirm"
    assert "Da dat lich" in resident.text("1")


def test_a_grandmother_who_is_called_is_no_number_three() -> None:
    resident = texting(Known(hamlet=3))
    resident.text("DL", "1", "1")
    resident.text("ba chau oi")
    assert resident.state == "Confirm"


def test_a_booking_with_tone_marks_takes_six_parts_and_hides_no_line() -> None:
    """A list that would need a second text with its marks goes without."""
    resident = texting(Known(hamlet=3)).speaking("vi", marks=True)
    assert parts(resident, "DL") == 1
    assert len(resident.screen.options) == 3
    assert parts(resident, "1", "1", "1") == 5
    assert "Đã đặt lịch" in resident.screen.text
