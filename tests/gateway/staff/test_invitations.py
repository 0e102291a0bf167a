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


def invited(xa: Clerk, workshop: int, *people: int) -> None:
    """They get the invitation to it with the next tick."""
    at = f"/staff/events/{workshop}"
    xa.post(f"{at}/invite", person=list(people), do="invite")
    number = xa.ask("SELECT id FROM broadcasts")
    started(xa, number)


def told(xa: Clerk, kind: str) -> int:
    return int(xa.ask("SELECT COUNT(*) FROM messages WHERE kind = :kind", kind=kind))


def moved_to(xa: Clerk, workshop: int, day: str) -> dict[str, object]:
    hall = xa.ask("SELECT hall_id FROM events WHERE id = :id", id=workshop)
    return {"hall": hall, "day": day, "first": "14:00", "kind": "workshop"}


def test_whoever_is_invited_and_did_not_say_no_hears_that_it_is_off(
    xa: Clerk,
    app: Flask,
    signed_in: Callable[[str], Clerk],
    village: Village,
    workshop: int,
    clock: Clock,
    tick: Tick,  # noqa: F811
) -> None:
    at = f"/staff/events/{workshop}"
    invited(xa, workshop, village.hoa, village.son)
    tick()
    clock.now += timedelta(hours=1)
    texts(app, clock, 2, "2")
    xa.post(f"{at}/cancel")
    assert "gửi 1 tin" in xa.page
    assert "Nông Thị Hoa" in xa.page
    assert "Buoi da moi" in xa.page
    assert told(xa, "invited_cancelled") == 0, "nothing goes before it is read"
    at_once = signed_in("xa")
    at_once.post(f"{at}/cancel")
    xa.press(f"{at}/cancel")
    at_once.press(f"{at}/cancel")
    assert told(xa, "invited_cancelled") == 1
    tick()
    sent = xa.ask("SELECT text FROM messages WHERE kind = 'invited_cancelled'")
    assert "Hoi truong xa khong to chuc duoc" in sent
    assert cost(sent).parts == 1


def test_a_new_time_is_told_to_the_invited_who_answer_it_as_the_invitation(
    xa: Clerk,
    app: Flask,
    village: Village,
    workshop: int,
    clock: Clock,
    tick: Tick,  # noqa: F811
) -> None:
    at = f"/staff/events/{workshop}"
    invited(xa, workshop, village.hoa)
    tick()
    clock.now += timedelta(hours=1)
    day = (clock.now + timedelta(days=8)).date().isoformat()
    at_two = moved_to(xa, workshop, day)
    xa.post(f"{at}/edit", **at_two)
    assert "gửi 1 tin" in xa.page
    xa.press(f"{at}/edit", **at_two)
    tick()
    sent = xa.ask("SELECT text FROM messages WHERE kind = 'invited_moved'")
    assert "Buoi da moi chuyen sang 2 gio chieu" in sent
    assert cost(sent).parts == 1
    clock.now += timedelta(hours=30)
    xa.sign_in("xa")
    texts(app, clock, 1, "2")
    xa.get(at)
    assert tally(1, 0, 1, 0) in xa.page


def test_guests_are_not_woken_and_hear_only_the_last_time(
    xa: Clerk,
    village: Village,
    workshop: int,
    clock: Clock,
    tick: Tick,  # noqa: F811
) -> None:
    at = f"/staff/events/{workshop}"
    invited(xa, workshop, village.hoa)
    tick()
    clock.now += timedelta(hours=13)  # in the night
    xa.sign_in("xa")
    day = (clock.now + timedelta(days=6)).date().isoformat()
    xa.confirm(f"{at}/edit", **moved_to(xa, workshop, day))
    tick()
    xa.confirm(f"{at}/cancel")
    tick()
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM messages WHERE kind LIKE 'invited%' AND text <> ''"
        )
        == 0
    )
    clock.now += timedelta(hours=10)
    tick()
    gone = "SELECT kind FROM messages WHERE kind LIKE 'invited%' AND text <> ''"
    assert xa.ask(gone) == "invited_cancelled"


def test_an_invitation_on_its_way_does_not_outlive_its_session(
    xa: Clerk,
    village: Village,
    workshop: int,
    tick: Tick,  # noqa: F811
) -> None:
    invited(xa, workshop, village.hoa)
    xa.confirm(f"/staff/events/{workshop}/cancel")
    tick()
    assert told(xa, "broadcast") == 0
    assert told(xa, "invited_cancelled") == 0


def test_the_page_of_a_cancelled_session_says_what_its_number_answers(
    xa: Clerk,
    app: Flask,
    workshop: int,
) -> None:
    at = f"/staff/events/{workshop}"
    assert language.say("vi", "event_number_help", number=45) in xa.get(at).text
    xa.confirm(f"{at}/cancel")
    xa.get(at)
    assert language.say("vi", "event_number_off", number=45) in xa.page
    assert language.say("vi", "event_number_help", number=45) not in xa.page
