"""A workshop by invitation: whom it is told to, what they say, who comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from db.models import businesses
from db.store.engine import Database
from gateway.context import EXTENSION
from gateway.staff import language
from gateway.transports.base import Inbound
from menus.fitting import SMS, cost, fold
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village
from tests.gateway.staff.test_broadcasts import Tick, started, tick  # noqa: F401  # a fixture


@pytest.fixture
def workshop(db: Database, village: Village, clock: Clock) -> int:
    """On the fifth day from now, with a number; a shop of Quảng Liên I has an owner."""
    with db.transaction() as tx:
        hall = factories.hall(tx, None, "Hội trường xã")
        son_shop = factories.business(tx, village.lien, name="Tạp hóa Sơn")
        owner = {"owner_id": village.son}
        tx.run(businesses.update().where(businesses.c.id == son_shop).values(**owner))
        return factories.event_with_slots(
            tx,
            hall_id=hall,
            starts=clock.now + timedelta(days=5),
            minutes=120,
            capacity=0,
            kind="workshop",
            bookable=False,
            number=45,
        ).id


def test_whoever_is_invited_says_yes_or_no_and_comes(
    xa: Clerk,
    app: Flask,
    village: Village,
    workshop: int,
    clock: Clock,
    tick: Tick,  # noqa: F811
) -> None:
    at = f"/staff/events/{workshop}"
    xa.get(at)
    assert language.say("vi", "invited_none") in xa.page
    xa.post(f"{at}/invite", q="hoa", do="search")
    assert f'value="{village.hoa}"' in xa.page
    xa.post(f"{at}/invite", person=village.hoa, q="", do="search")
    assert f'value="{village.hoa}" checked' in xa.page, "she stays ticked"
    assert xa.post(f"{at}/invite", do="invite").status_code == 400
    assert language.say("vi", "invite_nobody") in xa.page
    xa.post(
        f"{at}/invite", person=village.hoa, business="household_business", do="invite"
    )
    number = xa.ask("SELECT id FROM broadcasts")
    written = xa.ask("SELECT vi FROM broadcast_words")
    for read in ("Hội trường xã", "Nhắn 1", "45"):
        assert read in written
    sample = fold(written.replace("{commune}", "xa Quang Lac"))
    assert cost(sample.replace("{number}", "2404")).parts == 1
    xa.get(f"/staff/broadcasts/{number}/audience")
    assert "Nông Thị Hoa" in xa.page
    started(xa, number)
    tick()
    xa.get(at)
    assert tally(2, 0, 0, 0) in xa.page
    clock.now += timedelta(days=4)
    xa.sign_in("xa")
    texts(app, clock, 1, "1")
    texts(app, clock, 2, "co", "khong")
    xa.get(at)
    assert tally(2, 1, 1, 0) in xa.page
    assert re.search(r"Nông Thị Hoa</a> <small>[^<]*nhận lời", xa.page)
    clock.now += timedelta(days=1, minutes=10)
    xa.sign_in("xa")
    xa.post(f"{at}/came", person=village.hoa)
    xa.post(f"{at}/heads", number=7, form_key="a key of the form")
    xa.get(at)
    assert tally(2, 1, 1, 1) in xa.page
    assert language.say("vi", "invited_heads", number="8") in xa.page


def texts(app: Flask, clock: Clock, person: int, *said: str) -> None:
    """Somebody answers, at the desk's own time."""
    number = factories.phone(person)
    conversation = app.extensions[EXTENSION].conversation
    for text in said:
        inbound = Inbound("simulator", f"{number}:{text}", "", number, text, budget=SMS)
        conversation.hear(inbound, number, clock.now)


def tally(invited: int, yes: int, no: int, came: int) -> str:
    return language.say(
        "vi", "invited_tally", invited=invited, yes=yes, no=no, came=came
    )


def test_only_a_session_by_invitation_has_guests(
    xa: Clerk,
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    workshop: int,
) -> None:
    swap_day = f"/staff/events/{village.event.id}"
    assert xa.get(f"{swap_day}/invite").status_code == 404
    assert language.say("vi", "invited") not in xa.get(swap_day).text
    assert thon.get(f"/staff/events/{workshop}/invite").status_code == 403
