"""Who gets in at the desk, how far, and for how long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from db.office import accounts
from db.store.engine import Database
from gateway.staff import layout, roles
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village

SAMPLE = {
    "kind": "csv", "what": "close", "act": "pause", "key": "sim_4g", "topic": "power", "anywhere": "nowhere/at/all",
}  # fmt: skip


def addresses(app: Flask, method: str) -> Iterator[str]:
    """Every address of the desk that answers this method, filled in."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("staff.") and method in (rule.methods or ()):
                yield url_for(rule.endpoint, **_values(rule))


def _values(rule: Rule) -> dict[str, Any]:
    return {name: SAMPLE.get(name, 1) for name in rule.arguments}


def test_a_visitor_is_sent_to_sign_in_from_every_page(
    app: Flask, visitor: Clerk
) -> None:
    for path in addresses(app, "GET"):
        answer = visitor.client.get(path)
        if not path.startswith("/staff/sign-in"):
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/staff/sign-in"), path


def test_a_visitor_can_do_nothing_even_with_a_token(
    app: Flask, visitor: Clerk, village: Village
) -> None:
    token = visitor.token()
    for path in addresses(app, "POST"):
        if path not in ("/staff/sign-in", "/staff/language"):
            answer = visitor.client.post(path, data={"csrf_token": token})
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/staff/sign-in"), path
    assert visitor.ask("SELECT COUNT(*) FROM audit") == 0


def test_no_form_works_without_its_token(
    app: Flask, signed_in: Callable[[str], Clerk]
) -> None:
    clerk = signed_in("quantri")
    for path in addresses(app, "POST"):
        answer = clerk.client.post(path, data={"slot": 1})
        assert answer.status_code == 400, path
        assert "chưa có gì thay đổi" in answer.text


def test_every_page_says_what_it_needs(app: Flask) -> None:
    known = {layout.ANYBODY, layout.SIGNED_IN, *roles.PERMISSIONS["admin"]}
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("staff."):
            assert getattr(view, "needs", None) in known, endpoint


def test_the_right_password_opens_the_page_that_was_asked_for(visitor: Clerk) -> None:
    answer = visitor.get("/staff/progress/?hamlet=1")
    visitor.get(answer.headers["Location"])
    answer = visitor.send(
        "/staff/sign-in",
        username=" XA ",
        password=PASSWORD,
        next="/staff/progress/?hamlet=1",
    )
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/staff/progress/?hamlet=1",
    )
    cookie = next(
        line
        for line in answer.headers.getlist("Set-Cookie")
        if line.startswith("desk=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org/staff/", "/staff/\\@example.org", "/phone"],
)
def test_a_prepared_link_leads_nowhere_else(visitor: Clerk, elsewhere: str) -> None:
    visitor.get("/staff/sign-in")
    answer = visitor.send(
        "/staff/sign-in", username="xa", password=PASSWORD, next=elsewhere
    )
    assert answer.headers["Location"] == "/staff/"


def test_after_five_wrong_passwords_here_the_account_waits_here_for_a_quarter_of_an_hour(
    visitor: Clerk, app: Flask, db: Database, clock: Clock
) -> None:
    for _ in range(5):
        assert visitor.sign_in("xa", "sai roi").status_code == 401
    assert visitor.sign_in("xa").status_code == 429
    # a colleague on the same line still gets in
    assert Clerk(app, db).sign_in("thon").status_code == 303
    assert (
        visitor.ask(
            "SELECT COUNT(*) FROM sign_ins WHERE who LIKE '%127.0.0.1%' OR who LIKE '%xa%'"
        )
        == 0
    )
    clock.now += timedelta(minutes=16)
    assert visitor.sign_in("xa").status_code == 303
    assert visitor.sign_in("xa").status_code == 303  # and the failures are forgotten


def test_a_stranger_elsewhere_locks_nobody_out_of_the_own_desk(
    xa: Clerk, app: Flask, db: Database
) -> None:
    stranger = _from(Clerk(app, db), "203.0.113.1")
    assert [stranger.sign_in("xa", "sai roi").status_code for _ in range(6)] == [
        401
    ] * 5 + [429]
    assert stranger.sign_in("xa").status_code == 429
    assert Clerk(app, db).sign_in("xa").status_code == 303
    assert stranger.sign_in("xa").status_code == 429, (
        "the clerk's success gives the stranger nothing back"
    )


def test_many_addresses_together_cannot_guess_for_ever(visitor: Clerk) -> None:
    for number in range(50):
        answer = _from(visitor, f"203.0.113.{number // 5}").sign_in("xa", "sai roi")
        assert answer.status_code == 401
    assert _from(visitor, "203.0.113.99").sign_in("xa", "sai roi").status_code == 429


def _from(clerk: Clerk, address: str) -> Clerk:
    clerk.client.environ_base["REMOTE_ADDR"] = address
    return clerk


def test_one_address_cannot_try_many_accounts(visitor: Clerk) -> None:
    for number in range(20):
        assert visitor.sign_in(f"nguoi{number}", "sai roi").status_code == 401
    assert visitor.sign_in("xa").status_code == 429


def test_a_new_password_ends_every_open_sign_in(xa: Clerk, db: Database) -> None:
    assert xa.get("/staff/").status_code == 200
    with db.transaction() as tx:
        accounts.set_password(tx, "xa", "mot mat khau khac")
    assert xa.get("/staff/").status_code == 303


def test_a_closed_account_is_out_at_once(xa: Clerk, db: Database, clock: Clock) -> None:
    with db.transaction() as tx:
        accounts.disable(tx, "xa", clock.ms)
    assert xa.get("/staff/").status_code == 303
    assert xa.sign_in("xa").status_code == 401


def test_a_forgotten_browser_signs_out_after_eight_idle_hours(
    xa: Clerk, clock: Clock
) -> None:
    for _ in range(3):
        clock.now += timedelta(hours=7)
        assert xa.get("/staff/").status_code == 200
    clock.now += timedelta(hours=8, minutes=2)
    assert xa.get("/staff/").status_code == 303


def test_signing_out_is_out(xa: Clerk) -> None:
    kept = xa.client.get_cookie("desk").value
    xa.post("/staff/sign-out")
    assert xa.get("/staff/").status_code == 303
    xa.client.set_cookie("desk", kept)
    assert xa.get("/staff/").status_code == 303, (
        "a cookie kept from before opens nothing"
    )


def test_a_reader_sees_progress_and_nobody(signed_in: Callable[[str], Clerk]) -> None:
    reader = signed_in("xem")
    assert reader.get("/staff/progress/").status_code == 200
    assert reader.get("/staff/").headers["Location"] == "/staff/progress/", (
        "the address everybody knows leads home"
    )
    for path in (
        "/staff/people/",
        "/staff/conversions/",
        "/staff/messages/",
        "/staff/calls/",
        "/staff/schools/",
    ):
        answer = reader.get(path)
        assert answer.status_code == 403
        assert "không có quyền" in answer.text


def test_the_desk_speaks_english_when_asked_and_remembers(
    xa: Clerk, app: Flask, db: Database
) -> None:
    xa.get("/staff/")
    assert 'lang="vi"' in xa.page
    xa.post("/staff/language", to="en", back="/staff/")
    assert "Book for someone" in xa.page
    again = Clerk(app, db)
    again.sign_in("xa")
    again.get("/staff/")
    assert "Book for someone" in again.page


def test_a_wrong_address_answers_in_the_desks_own_words(xa: Clerk) -> None:
    answer = xa.get("/staff/khong/co")
    assert answer.status_code == 404
    assert "Không có trang" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_id_too_large_for_any_list_is_a_page_that_is_not_there(
    xa: Clerk, app: Flask
) -> None:
    numbered = [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if "<int:" in rule.rule and method in ("GET", "POST")
    ]
    assert len(numbered) > 15
    token = xa.token()
    for rule, method in numbered:
        for large in ("9223372036854775808", "9" * 5000):
            path = re.sub(r"<int:\w+>", large, rule).replace(
                "<any(close, reopen):what>", "close"
            )
            assert (
                xa.client.open(
                    path, method=method, data={"csrf_token": token}
                ).status_code
                == 404
            ), path[:80]


def test_nothing_on_a_page_comes_from_elsewhere(xa: Clerk) -> None:
    answer = xa.get("/staff/")
    assert "://" not in xa.page.replace("http://www.w3.org", "")
    assert 'rel="icon"' in xa.page, (
        "without one a browser asks for /favicon.ico, which is not there"
    )
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    for path in _files(answer.get_data(as_text=True)):
        with xa.client.get(path) as answer:
            assert answer.status_code == 200


def _files(page: str) -> list[str]:
    """What a browser fetches beside the page."""
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def test_a_first_visit_is_light_enough_for_a_slow_line(xa: Clerk) -> None:
    """At 50 kbit/s 20 kB take three seconds; what was fetched once stays for a year."""
    slow = {"Accept-Encoding": "br, gzip"}
    page = xa.get("/staff/").get_data(as_text=True)
    with xa.client.get("/staff/", headers=slow) as answer:
        weight = len(answer.get_data())
    files = _files(page)
    assert len(files) == 3
    for path in files:
        with xa.client.get(path, headers=slow) as answer:
            weight += len(answer.get_data())
            assert answer.headers["Cache-Control"] == "public, max-age=31536000"
    assert weight <= 20_000


def test_an_old_phone_that_unpacks_nothing_reads_the_page(xa: Clerk) -> None:
    with xa.client.get("/staff/", headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert b"<main" in answer.get_data()


def test_looking_at_the_sign_in_page_is_no_try(
    visitor: Clerk, village: Village
) -> None:
    for _ in range(25):
        assert visitor.client.head("/staff/sign-in").status_code == 200
        assert visitor.client.get("/staff/sign-in?username=xa").status_code == 200
    assert visitor.ask("SELECT COUNT(*) FROM sign_ins") == 0
    assert visitor.sign_in("xa").status_code == 303


def test_whoever_only_asks_for_the_head_of_a_page_is_led_on_alike(
    visitor: Clerk, signed_in: Callable[[str], Clerk]
) -> None:
    asked = visitor.client.head("/staff/people/?q=hoa")
    assert asked.headers["Location"].endswith("next=/staff/people/?q%3Dhoa")
    assert signed_in("xem").client.head("/staff/").status_code == 303
