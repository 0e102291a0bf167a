"""A form that comes twice is one act, and whoever sent it reads so."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from db.store.engine import Database
from gateway.staff import language, once
from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a key of one page"
SAID = language.say("vi", "form_twice")


def sent(clerk: Clerk, path: str, **values: object) -> TestResponse:
    return clerk.post(path, **{"form_key": KEY, **values})


def event(clock: Clock, village: Village, day: str = "2024-04-20") -> dict[str, object]:
    return {
        "hall": village.hall,
        "day": day,
        "first": "08:00",
        "last": "10:00",
        "minutes": 30,
        "places": 4,
        "kind": "swap",
    }


def test_the_same_form_again_leads_to_what_the_first_one_made(
    xa: Clerk, clock: Clock, village: Village
) -> None:
    first = sent(xa, "/staff/events/new", **event(clock, village))
    assert SAID not in xa.page
    again = sent(xa, "/staff/events/new", **event(clock, village))
    assert (again.status_code, again.location) == (303, first.location)
    assert SAID in xa.page
    assert xa.ask("SELECT COUNT(*) FROM events WHERE day = '2024-04-20'") == 1


def test_a_tap_again_leads_back_to_its_line_and_the_address_is_not_kept(
    xa: Clerk, village: Village
) -> None:
    path = f"/staff/bookings/{village.hoa_booking}/check-in"
    line = f"/staff/?q=0990000001#b{village.hoa_booking}"
    for _ in range(2):
        assert sent(xa, path, back="/staff/?q=0990000001").location == line
    assert SAID in xa.page
    assert xa.ask("SELECT led_to FROM sent_forms") == f"#b{village.hoa_booking}"


def test_two_buttons_of_one_page_are_two_acts_and_so_is_a_form_filled_in_otherwise(
    xa: Clerk, clock: Clock, village: Village
) -> None:
    path = f"/staff/people/{village.hoa}/fact"
    for value in ("3g", "4g_volte"):
        sent(xa, path, kind="handset", value=value)
        assert SAID not in xa.page
    for day in ("2024-04-20", "2024-04-21"):
        sent(xa, "/staff/events/new", **event(clock, village, day))
        assert SAID not in xa.page
    assert xa.ask("SELECT COUNT(*) FROM events WHERE day >= '2024-04-20'") == 2


def test_the_same_form_from_another_page_is_another_act(
    xa: Clerk, village: Village
) -> None:
    """Checked in, not here after all, checked in once more."""
    for key, act in enumerate(("check-in", "not-here", "check-in")):
        path = f"/staff/bookings/{village.hoa_booking}/{act}"
        sent(xa, path, form_key=f"page {key}", back="/staff/")
        assert SAID not in xa.page
    assert xa.ask("SELECT COUNT(*) FROM bookings WHERE status = 'attended'") == 1


def test_a_form_that_was_refused_may_come_again(
    xa: Clerk, clock: Clock, village: Village
) -> None:
    sent(xa, "/staff/events/new", **event(clock, village), form_key="another")
    form = {**event(clock, village), "places": 5}
    assert sent(xa, "/staff/events/new", **form).status_code == 400
    with xa.db.transaction() as tx:
        tx.sql("UPDATE events SET state = 'cancelled'")
    assert sent(xa, "/staff/events/new", **form).status_code == 303
    assert SAID not in xa.page


def test_a_refusal_that_is_written_down_leaves_the_form_free(
    xa: Clerk, village: Village
) -> None:
    """Whose number it is stands in the trail each time."""
    path = f"/staff/people/{village.hoa}/number"
    for _ in range(2):
        assert sent(xa, path, phone="0990 000 002").status_code == 409
    assert xa.ask("SELECT COUNT(*) FROM sent_forms") == 0
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'number_refused'") == 2


def test_a_form_whose_first_answer_never_went_out_leads_back(
    xa: Clerk, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "WAIT_S", 0.05)
    path = f"/staff/bookings/{village.hoa_booking}/check-in"
    form = {"csrf_token": xa.token(), "form_key": KEY, "back": "/staff/?hall=1"}
    xa.client.post(path, data=form)  # the line broke before the end of the answer
    answer = sent(xa, path, back="/staff/?hall=1")
    assert answer.location == "/staff/?hall=1"
    assert SAID in xa.page


def test_what_another_page_says_is_no_way_out_of_the_desk(
    xa: Clerk, village: Village
) -> None:
    path = f"/staff/bookings/{village.hoa_booking}/check-in"
    for _ in range(2):
        answer = sent(xa, path, back="//evil.example/")
    assert str(answer.location).startswith("/staff/")


def test_every_form_of_a_page_has_its_key_and_no_two_pages_the_same(
    xa: Clerk, db: Database, village: Village
) -> None:
    keys = set()
    for path in ("/staff/", "/staff/", f"/staff/people/{village.hoa}"):
        xa.get(path)
        forms = xa.page.split("<form ")[1:]
        posted = [form for form in forms if 'method="post"' in form.split(">")[0]]
        found = {
            form.split('name="form_key" value="')[1].split('"')[0] for form in posted
        }
        assert len(found) == 1
        keys |= found
    assert len(keys) == 3
