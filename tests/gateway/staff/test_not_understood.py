"""A text that no menu could read: a person answers it, or notes it as what it is, and
whoever wrote hears of it.
"""

from __future__ import annotations

import pytest
from flask import Flask

from db.privacy import erasure, retention
from db.store.engine import Database
from gateway.staff import language
from menus import words
from scheduler.sending import Sending
from settings import Settings
from tests.gateway.staff.conftest import Clerk, Clock, Village
from tests.gateway.staff.test_requests import Phone, received

STRANGER = "+84990000123"
SAID = "zzz qqq xyzw 0990000123"
LAST = "SELECT MAX(id) FROM messages WHERE direction = 'in'"
LESSONS = "SELECT COUNT(*) FROM lessons"
UNREAD = "/staff/messages/not-understood"


@pytest.fixture
def stranger(app: Flask) -> Phone:
    return Phone(app, STRANGER)


def wrote(stranger: Phone, xa: Clerk) -> str:
    """Something no menu reads: where the desk deals with it."""
    stranger.text(SAID)
    xa.get(UNREAD)
    assert SAID in xa.page
    return f"/staff/messages/{xa.ask(LAST)}/dealt-with"


def test_the_list_says_why_it_was_not_understood(stranger: Phone, xa: Clerk) -> None:
    wrote(stranger, xa)
    whys = ("talk", "unclear", "unsure", "elsewhere")
    assert any(language.say("vi", f"unread_{why}") in xa.page for why in whys)
    assert "%)" in xa.page
    assert STRANGER not in xa.page


@pytest.mark.parametrize("ready", [True, False])
def test_a_stranger_is_answered_with_one_click_or_in_own_words(
    ready: bool,
    stranger: Phone,
    xa: Clerk,
    db: Database,
    settings: Settings,
    clock: Clock,
) -> None:
    at = wrote(stranger, xa)
    own = {"did": "answer", "words": "Mời bác ra xã gặp cán bộ."}
    form = {"ready": "again"} if ready else own
    for _ in range(2):
        xa.post(at, **form)
    assert language.say("vi", "request_as_it_was") in xa.page
    assert SAID not in xa.page
    told = [one for one in received(db, settings, clock) if "Xa Quang Lac:" in one]
    said = "Moi bac ra xa gap can bo."
    if ready:
        said = words.say("vi", "ready_again")
    assert len(told) == 1
    assert ("GOI LAI" in told[0]) if ready else (said in told[0])
    assert xa.ask(LESSONS) == 1


def test_what_may_not_go_is_refused_and_still_there(stranger: Phone, xa: Clerk) -> None:
    at = wrote(stranger, xa)
    for wrong in ("", "xem www.xa.vn", "dài " * 45, "Gói 4G giảm 50%."):
        assert xa.send(at, did="answer", words=wrong).status_code == 400, wrong
    xa.post(at, did="answer", words="xem www.xa.vn")
    assert 'value="xem www.xa.vn"' in xa.page
    for form in ({"did": "burn"}, {"ready": "x"}, {"did": "request", "kind": "x"}):
        assert xa.send(at, **form).status_code == 400
    assert xa.ask(LESSONS) == 0


def test_it_becomes_an_opinion_or_a_request_and_whoever_wrote_has_the_number(
    stranger: Phone, xa: Clerk, db: Database, settings: Settings, clock: Clock
) -> None:
    at = wrote(stranger, xa)
    for _ in range(2):
        xa.post(at, did="opinion")
    assert xa.ask("SELECT words FROM opinions") == SAID
    at = wrote(stranger, xa)
    for _ in range(2):
        xa.post(at, did="request", kind="visit")
    assert xa.ask("SELECT kind FROM requests") == "visit"
    assert xa.ask("SELECT words FROM requests") == SAID
    assert xa.ask("SELECT COUNT(*) FROM requests") == 1
    assert "nho den nha" in stranger.text("LICH", "1")
    told = received(db, settings, clock)
    assert "Da ghi gop y so 1" in told[0]
    assert "Da ghi, so 2: nho den nha." in told[1]
    trail = "SELECT COUNT(*) FROM audit WHERE action = :action"
    for did in ("opinion", "request"):
        assert xa.ask(trail, action=f"unread_{did}") == 1


def test_what_staff_chose_is_a_lesson_without_number_and_name(
    stranger: Phone, xa: Clerk, village: Village, app: Flask
) -> None:
    xa.post(wrote(stranger, xa), did="opinion")
    xa.post(wrote(stranger, xa))
    lines = xa.get("/staff/messages/lessons.csv").text.splitlines()
    assert lines[0].endswith("day,text,did,kind")
    assert [line.split(",", 1)[1] for line in lines[1:]] == [
        "zzz qqq xyzw ##########,opinion,",
        "zzz qqq xyzw ##########,seen,",
    ]
    visitor = Clerk(app, xa.db)
    visitor.sign_in("thon")
    assert visitor.get("/staff/messages/lessons.csv").status_code == 403


def test_who_is_forgotten_taught_nothing(
    stranger: Phone, xa: Clerk, db: Database, clock: Clock, settings: Settings
) -> None:
    xa.post(wrote(stranger, xa), did="answer", words="Chào bác.")
    with db.transaction() as tx:
        erasure.erase(tx, settings.privacy_key, STRANGER, clock.ms)
    assert xa.ask("SELECT COUNT(*) FROM lessons WHERE words <> '' OR answer <> ''") == 0
    Sending(db, settings, lambda: clock.now).until_empty()
    assert xa.ask("SELECT COUNT(*) FROM messages WHERE text LIKE '%Chao bac%'") == 0


def test_what_a_stranger_wrote_waits_over_a_holiday_for_whoever_reads_it(
    stranger: Phone, xa: Clerk, db: Database
) -> None:
    wrote(stranger, xa)
    day = 24 * 3_600_000
    made_at = xa.ask("SELECT MAX(made_at) FROM messages")
    for days_later, kept in ((5, True), (11, False)):
        with db.transaction() as tx:
            retention.let_go(tx, made_at + days_later * day)
        xa.get(UNREAD)
        assert (SAID in xa.page) == kept, days_later
    assert language.say("vi", "no_unread") in xa.page, "nothing is left to read"


def test_once_it_was_dealt_with_it_goes_after_a_day(
    stranger: Phone, xa: Clerk, db: Database
) -> None:
    xa.post(wrote(stranger, xa))
    made_at = xa.ask("SELECT MAX(made_at) FROM messages")
    with db.transaction() as tx:
        retention.let_go(tx, made_at + 2 * 24 * 3_600_000)
    assert xa.ask("SELECT COUNT(*) FROM messages WHERE phone <> ''") == 0
