"""How it went, as residents say: shown by hamlet, and small numbers to nobody below the
commune.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from db.models import bookings
from db.register import ratings
from db.store.engine import Database
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village


@pytest.fixture
def rated(db: Database, village: Village, clock: Clock) -> None:
    """Five of Quảng Trung I (4,4 on average), two of Quảng Liên I."""
    with db.transaction() as tx:
        said = [(village.trung, score) for score in (5, 5, 5, 4, 3)] + [
            (village.lien, 1)
        ] * 2
        for number, (hamlet, score) in enumerate(said):
            person = factories.person(
                tx, number=20 + number, hamlet_id=hamlet, now=clock.ms
            )
            visit = factories.insert_row(
                tx,
                bookings,
                programme_id=1,
                slot_id=village.event.slots[0],
                person_id=person,
                booker_id=person,
                code=f"{20_000 + number}",
                status="attended",
                places=0,
                origin="desk",
                made_at=1,
                changed_at=1,
            )
            assert ratings.rate(tx, visit, score=score, now=clock.ms)


def shown(clerk: Clerk, path: str = "/staff/progress/") -> list[tuple[str, str]]:
    clerk.get(path)
    table = clerk.page.partition("Người dân chấm điểm")[2]
    rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', table)
    return [
        (name, " ".join(re.sub(r"<[^>]+>", " ", cells).split())) for name, cells in rows
    ]


@pytest.mark.usefixtures("rated")
def test_the_commune_sees_every_number(xa: Clerk, village: Village) -> None:
    assert shown(xa) == [
        ("Toàn xã", "7 3,4"),
        ("Quảng Trung I", "5 4,4"),
        ("Quảng Liên I", "2 1,0"),
    ]
    assert shown(xa, f"/staff/progress/?hamlet={village.lien}") == [
        ("Quảng Liên I", "2 1,0")
    ]


@pytest.mark.usefixtures("rated")
def test_below_the_commune_what_few_said_is_not_shown_nor_can_it_be_reckoned(
    thon: Clerk, signed_in: Callable[[str], Clerk]
) -> None:
    assert shown(thon) == [("Quảng Trung I", "5 4,4")]
    assert shown(signed_in("xem")) == [
        ("Quảng Trung I", "5 4,4"),
        ("Quảng Liên I", "dưới 5 trả lời"),
    ]


def test_while_nobody_answered_there_is_no_table(xa: Clerk) -> None:
    assert shown(xa) == []
