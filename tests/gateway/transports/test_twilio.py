"""Twilio's way in: webhooks signed by its own library, TwiML out, repeats, receipts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from db.models import messages
from db.store.engine import Database
from settings import Settings
from tests.gateway.carriers import (
    AUTH,
    PHONE,
    PUBLIC,
    Kept,
    halls,
    public,
    saying,
    serving,
    signed,
    sms_form,
)

SMS = "/sms/twilio"


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    halls(db)
    with serving(public(settings)) as app:
        yield app.test_client()


def text_in(
    client: FlaskClient, body: str, sid: str = "SM1", phone: str = PHONE
) -> str:
    form = sms_form(body, sid, phone)
    answer = client.post(SMS, data=form, headers=signed(SMS, form))
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "Response"
    found = root.findtext("Message")
    return found or ""


def test_a_resident_books_by_text_and_the_answer_is_the_confirmation(
    client: FlaskClient, db: Database
) -> None:
    assert text_in(client, "DL", "SM1").startswith("Nhan so dong")
    text_in(client, "1", "SM2")
    assert "dong y cho xa luu so nay" in text_in(client, "so 1 nhe", "SM3")
    said = text_in(client, "1", "SM4")
    assert ": Da dat lich 8h00 " in said
    assert Kept(db).all()["bookings"] == 1


def test_the_same_message_twice_is_answered_alike_with_no_second_effect(
    client: FlaskClient, db: Database
) -> None:
    for number, word in enumerate(("DL", "1", "1")):
        text_in(client, word, f"SM{number}")
    said = text_in(client, "1", "SM9")
    before = Kept(db).all()
    assert [text_in(client, "1", "SM9") for _ in range(3)] == [said] * 3
    assert Kept(db).all() == before


def test_behind_a_proxy_the_public_address_is_what_was_signed(
    db: Database, settings: Settings
) -> None:
    form = sms_form("TG")
    for made in (public(settings), replace(public(settings), trusted_proxies=1)):
        with serving(made) as app:
            answer = app.test_client().post(
                SMS,
                data=form,
                headers={
                    **signed(SMS, form),
                    "X-Forwarded-Proto": "http",
                    "X-Forwarded-Host": "10.0.0.7:8000",
                },
                base_url="http://127.0.0.1:8000",
            )
            assert answer.status_code == 200
            inside = signed(SMS, form, base="http://127.0.0.1:8000")
            assert (
                app.test_client().post(SMS, data=form, headers=inside).status_code
                == 403
            )


def test_a_prefix_of_the_public_address_that_a_proxy_cuts_off_is_signed_too(
    db: Database, settings: Settings
) -> None:
    form = sms_form("TG")
    with serving(replace(public(settings), public_url=f"{PUBLIC}/lensong")) as app:
        headers = signed(f"/lensong{SMS}", form)
        assert (
            app.test_client().post(SMS, data=form, headers=headers).status_code == 200
        )


def test_the_query_is_signed_with_the_address(client: FlaskClient) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    path = "/receipts/twilio?message=1&x=%C4%91%20a"
    assert client.post(path, data=form, headers=signed(path, form)).status_code == 200
    other = "/receipts/twilio?message=2&x=%C4%91%20a"
    assert client.post(other, data=form, headers=signed(path, form)).status_code == 403


def test_both_tokens_are_good_while_one_is_being_changed(
    db: Database, settings: Settings
) -> None:
    form = sms_form("TG")
    with serving(
        saying(public(settings), TWILIO_AUTH_TOKEN=f"the new one, {AUTH}")
    ) as app:
        client = app.test_client()
        assert client.post(SMS, data=form, headers=signed(SMS, form)).status_code == 200
        assert (
            client.post(
                SMS, data=form, headers=signed(SMS, form, token="the new one")
            ).status_code
            == 200
        )
        assert (
            client.post(
                SMS, data=form, headers=signed(SMS, form, token="neither")
            ).status_code
            == 403
        )


@pytest.mark.parametrize(
    "change", [{"Body": "HUY"}, {"From": "+84990000002"}, {"Extra": "x"}]
)
def test_a_form_changed_on_the_way_is_turned_away(
    client: FlaskClient, change: dict[str, str]
) -> None:
    form = sms_form("DL")
    assert (
        client.post(SMS, data={**form, **change}, headers=signed(SMS, form)).status_code
        == 403
    )


def test_what_is_said_stands_in_the_answer_as_text_not_as_markup(
    client: FlaskClient,
) -> None:
    assert "1. Co duoc doi may?" in text_in(client, "<Response>&\x00]]>")


def test_a_number_from_abroad_gets_a_sentence_and_the_carrier_a_400(
    client: FlaskClient, db: Database
) -> None:
    form = sms_form("DL", phone="+12025550100")
    answer = client.post(SMS, data=form, headers=signed(SMS, form))
    assert answer.status_code == 400
    assert "Dich vu chi nhan so di dong Viet Nam" in (
        ElementTree.fromstring(answer.text).findtext("Message") or ""
    )
    assert Kept(db).all()["messages"] == 0


def queued(db: Database, status: str = "SENT") -> int:
    with db.transaction() as tx:
        row = {
            "commune_id": 1,
            "direction": "out",
            "phone": PHONE,
            "kind": "booked",
            "class": "reply",
            "priority": 1,
            "status": status,
            "made_at": 1,
            "not_before": 1,
            "text": "x",
        }
        return int(tx.value(insert(messages).values(**row).returning(messages.c.id)))


@pytest.mark.parametrize(
    ("said", "code", "became", "reason"),
    [
        ("queued", "", "SENT", ""),
        ("sent", "", "SENT", ""),
        ("delivered", "", "DELIVERED", ""),
        ("undelivered", "30003", "FAILED", "Twilio 30003"),
        ("failed", "30007", "FAILED", "Twilio 30007"),
    ],
)
@pytest.mark.parametrize("before", ["SENDING", "LOST", "SENT"])
def test_a_receipt_moves_the_text_forward(
    client: FlaskClient,
    db: Database,
    said: str,
    code: str,
    became: str,
    reason: str,
    before: str,
) -> None:
    path = f"/receipts/twilio?message={queued(db, before)}"
    form = {"MessageSid": "SM77", "MessageStatus": said} | (
        {"ErrorCode": code} if code else {}
    )
    assert client.post(path, data=form, headers=signed(path, form)).status_code == 200
    with db.connection() as tx:
        row = tx.one(select(messages.c.status, messages.c.reason))
    assert row is not None
    assert (row.status, row.reason) == (became, reason)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?message=x", "sent"),
        ("", "sent"),
        ("?message=1", "eaten"),
        ("?message=%C2%B2", "sent"),
    ],
)
def test_a_receipt_nobody_can_read_is_a_bad_request(
    client: FlaskClient, query: str, said: str
) -> None:
    path = f"/receipts/twilio{query}"
    form = {"MessageSid": "SM77", "MessageStatus": said}
    assert client.post(path, data=form, headers=signed(path, form)).status_code == 400
