"""The handset in the browser, as the server hands it out: what it shows, and what it
keeps to itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from db import demo
from db.models import installation, messages, people
from db.register import facts
from db.register.people import by_phone
from db.store.engine import Database, to_ms
from gateway.app import create_app
from gateway.context import EXTENSION
from gateway.phone import NOT_IN_REGISTER, SHOWN, STORIES
from menus import fitting
from settings import ROOT, Settings

PHONE = "+84990000001"
TEXT: dict[str, Any] = {
    "commune_id": 1, "direction": "out", "phone": PHONE, "kind": "booked", "class": "reply", "priority": 1,
    "status": "SENT", "made_at": 1_000, "not_before": 0, "text": "Da dat lich", "encoding": "GSM-7", "length": 11,
    "parts": 1, "price": 500,
}  # fmt: skip


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    with served(settings) as made:
        yield made


@contextmanager
def served(settings: Settings) -> Iterator[FlaskClient]:
    app = create_app(settings)
    yield app.test_client()
    app.extensions[EXTENSION].db.close()


def given(client: FlaskClient) -> dict[str, Any]:
    """What the page hands to its script."""
    page = client.get("/phone")
    assert page.status_code == 200
    found = re.search(
        r'<script type="application/json" id="given">(.*?)</script>',
        page.text,
        re.DOTALL,
    )
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def post(db: Database, **row: Any) -> None:
    with db.transaction() as tx:
        tx.run(insert(messages).values(**{**TEXT, **row}))


def inbox(client: FlaskClient, phone: str) -> list[dict[str, Any]]:
    answer = client.get("/phone/inbox", query_string={"phone": phone})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found: list[dict[str, Any]] = answer.get_json()["messages"]
    return found


def test_a_resident_sees_the_texts_in_the_order_they_came_with_what_each_costs(
    client: FlaskClient, db: Database
) -> None:
    post(
        db, direction="in", kind="said", status="RECEIVED", text="DK", length=2, price=0
    )
    post(
        db,
        kind="reply",
        status="DELIVERED",
        text="Xin chào",
        encoding="UCS-2",
        length=8,
        sent_at=2_000,
    )
    post(db, phone="+84990000002", text="for somebody else")
    said, reply = inbox(client, "0990 000 001")
    assert (said["direction"], said["text"], said["at"]) == ("in", "DK", 1_000)
    assert {key: reply[key] for key in reply if key != "id"} == {
        "direction": "out",
        "text": "Xin chào",
        "encoding": "UCS-2",
        "length": 8,
        "parts": 1,
        "price": 500,
        "at": 2_000,
        "status": "DELIVERED",
        "kind": "reply",
    }


def test_a_reminder_planned_long_ago_arrives_as_the_newest_text(
    client: FlaskClient, db: Database
) -> None:
    post(db, kind="reminder_1d", text="reminder", made_at=1_000, sent_at=9_000)
    post(db, kind="reply", text="reply", made_at=5_000, sent_at=5_000)
    assert [one["text"] for one in inbox(client, PHONE)] == ["reply", "reminder"]


@pytest.mark.parametrize(
    "status", ["QUEUED", "CLAIMED", "SENDING", "SKIPPED", "LOST", "FAILED"]
)
def test_a_text_that_did_not_go_out_is_not_on_the_phone(
    client: FlaskClient, db: Database, status: str
) -> None:
    post(db, status=status)
    assert inbox(client, PHONE) == []


def test_a_phone_keeps_the_last_fifty_texts(client: FlaskClient, db: Database) -> None:
    for number in range(53):
        post(db, text=str(number))
    assert [one["text"] for one in inbox(client, PHONE)] == [
        str(number) for number in range(3, 53)
    ]


@pytest.mark.parametrize(
    "number", ["", "0205 3812 345", "+8613800138000", "\x00", "x" * 5_000]
)
def test_a_number_that_is_no_mobile_is_told_so(
    client: FlaskClient, number: str
) -> None:
    answer = client.get("/phone/inbox", query_string={"phone": number})
    assert answer.status_code == 400
    assert "di động" in answer.get_json()["problem"]


def test_the_demo_offers_residents_who_each_show_something_else(
    client: FlaskClient, db: Database, settings: Settings, now: datetime
) -> None:
    demo.load(db, settings.privacy_key, to_ms(now))
    shown = given(client)["people"]
    residents, stranger = shown[:-1], shown[-1]
    assert SHOWN <= len(residents) <= SHOWN + len(STORIES)
    assert len({tuple(one["traits"]) for one in residents}) == len(residents)
    assert all(
        one["name"] and one["hamlet"] and one["phone"].startswith("+84990000")
        for one in residents
    )
    assert any({"handset_2g", "listed"} <= set(one["traits"]) for one in residents)
    assert stranger == {
        "phone": NOT_IN_REGISTER,
        "name": "",
        "hamlet": "",
        "traits": ["unlisted"],
    }
    assert "Dữ liệu minh họa" in client.get("/phone").text


def test_a_newcomer_finds_a_number_for_each_thing_that_a_booking_can_come_to(
    client: FlaskClient, db: Database, settings: Settings
) -> None:
    demo.load(db, settings.privacy_key, to_ms(datetime.now(UTC)))
    told = [one for one in given(client)["people"] if one["traits"][0] in STORIES]
    assert [one["traits"] for one in told] == [[story] for story in STORIES]
    assert len({one["phone"] for one in told}) == len(told)
    words = (ROOT / "gateway/static/phone/words.js").read_text("utf-8")
    assert all(
        len(re.findall(rf"^    {story}:", words, re.MULTILINE)) == 2
        for story in STORIES
    )


def test_staff_who_saw_the_handset_know_better_than_the_register(
    client: FlaskClient, db: Database, settings: Settings, now: datetime
) -> None:
    demo.load(db, settings.privacy_key, to_ms(now))
    with db.transaction() as tx:
        person = by_phone(tx, PHONE)
        assert person
        facts.note(tx, person.id, "handset", "seen", "4g_volte", to_ms(now))
    first = given(client)["people"][0]
    assert (first["phone"], first["traits"][0]) == (PHONE, "handset_4g_volte")


def test_an_empty_installation_names_nobody(client: FlaskClient, db: Database) -> None:
    with db.transaction() as tx:
        tx.run(
            insert(people).values(
                commune_id=1,
                phone=PHONE,
                name="Nông Văn An",
                folded="nong van an",
                origin="self",
                made_at=1,
            )
        )
    page = client.get("/phone").text
    assert "Nông Văn An" not in page
    assert "Dữ liệu minh họa" not in page
    assert given(client)["code"] == "*2404#"


def test_the_page_counts_as_the_service_counts(client: FlaskClient) -> None:
    data = given(client)
    assert data["budget"] == {"GSM-7": fitting.USSD.septets, "UCS-2": fitting.USSD.ucs2}
    assert set(data["alphabet"]["basic"]) == fitting.BASIC
    assert set(data["alphabet"]["extended"]) == fitting.EXTENDED


def test_nothing_on_the_page_comes_from_elsewhere_or_stands_inline(
    client: FlaskClient,
) -> None:
    page = client.get("/phone").text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert all(file.startswith("/") and not file.startswith("//") for file in files)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all(
        "src=" in tag or "application/json" in tag
        for tag in re.findall(r"<script[^>]*>", page)
    )
    for script in (ROOT / "gateway/static/phone").glob("*.js"):
        assert not re.search(r"https?://|innerHTML|\beval\b", script.read_text("utf-8"))


def test_both_languages_of_the_page_have_the_same_sentences() -> None:
    vi, en = (
        (ROOT / "gateway/static/phone/words.js").read_text("utf-8").split("  en: {", 1)
    )
    keys = [re.findall(r"^    (\w+):", half, re.MULTILINE) for half in (vi, en)]
    assert keys[0] == keys[1]
    used = re.findall(
        r'data-say(?:-label)?="(\w+)"',
        (ROOT / "gateway/templates/phone.html").read_text("utf-8"),
    )
    assert set(used) <= set(keys[0])


def test_a_commune_that_went_live_has_no_handset(
    client: FlaskClient, db: Database
) -> None:
    with db.transaction() as tx:
        tx.run(insert(installation).values(id=1, kind="demo", since=1))
    assert client.get("/phone").status_code == 200
    with db.transaction() as tx:
        tx.run(update(installation).values(kind="live"))
    assert client.get("/phone").status_code == 404
    assert client.get("/phone/inbox", query_string={"phone": PHONE}).status_code == 404


def test_without_the_simulator_there_is_no_handset(
    db: Database, settings: Settings
) -> None:
    off = replace(
        settings, simulator=False, ussd_carriers=(), sms_carriers=(), sms_senders=()
    )
    with served(off) as client:
        assert client.get("/phone").status_code == 404
