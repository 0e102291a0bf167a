"""What comes to the carriers' doors that should not: a plain sentence, a 4xx, nothing
lost, never a 500.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from db.store.engine import Database
from menus.fitting import USSD, fits
from settings import Settings
from tests.gateway.carriers import (
    PHONE,
    TOKEN,
    Kept,
    Ussd,
    halls,
    public,
    serving,
    sms_form,
)

FORM = {
    "sessionId": "s-1",
    "phoneNumber": PHONE,
    "serviceCode": "*2404#",
    "text": "",
    "networkCode": "45204",
}
AFRICA = "/ussd/africastalking"


@pytest.fixture
def client(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    """An installation with the simulator."""
    with serving(settings) as app:
        yield app.test_client()


@pytest.fixture
def real(db: Database, settings: Settings) -> Iterator[FlaskClient]:
    """An installation with real carriers."""
    with serving(public(settings)) as app:
        yield app.test_client()


@pytest.fixture
def kept(db: Database) -> Kept:
    return Kept(db)


@pytest.mark.parametrize("missing", ["sessionId", "phoneNumber", "serviceCode", "text"])
def test_a_call_without_a_field_is_told_which(
    client: FlaskClient, kept: Kept, missing: str
) -> None:
    before = kept.all()
    answer = client.post(
        "/ussd/simulator",
        data={key: value for key, value in FORM.items() if key != missing},
    )
    assert answer.status_code == 400
    assert answer.text == f"Missing: {missing}."
    assert answer.mimetype == "text/plain"
    assert kept.all() == before


@pytest.mark.parametrize("missing", ["from", "text", "id"])
def test_a_text_without_a_field_is_told_which(
    client: FlaskClient, kept: Kept, missing: str
) -> None:
    form = {"from": PHONE, "text": "DL", "id": "m-1"}
    del form[missing]
    answer = client.post("/sms/simulator", data=form)
    assert (answer.status_code, answer.text) == (400, f"Missing: {missing}.")
    assert kept.all()["messages"] == 0


def test_an_empty_request_and_an_empty_session_are_refused(client: FlaskClient) -> None:
    assert client.post("/ussd/simulator").status_code == 400
    assert (
        client.post("/ussd/simulator", data={**FORM, "sessionId": ""}).status_code
        == 400
    )
    assert (
        client.post(
            "/sms/simulator", data={"from": PHONE, "text": "", "id": ""}
        ).status_code
        == 400
    )


@pytest.mark.parametrize(
    "token",
    [
        "",
        "?token=",
        "?token=wrong",
        "?token=a%20token%20of%20the%20test",
        "?token=%C4%91",
    ],
)
def test_a_wrong_or_missing_token_is_turned_away_and_nothing_is_kept(
    real: FlaskClient, kept: Kept, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = kept.all()
    with caplog.at_level(logging.DEBUG):
        answer = real.post(AFRICA + token, data=FORM)
    assert answer.status_code == 403
    assert kept.all() == before
    assert TOKEN not in caplog.text and "wrong" not in caplog.text


@pytest.mark.parametrize("token", [TOKEN, "the token before"])
def test_either_token_is_good_while_it_is_being_changed(
    real: FlaskClient, token: str
) -> None:
    answer = real.post(AFRICA, query_string={"token": token}, data=FORM)
    assert answer.status_code == 200
    assert answer.text.startswith("CON Phuong Luong Van Tri")


@pytest.mark.parametrize(
    "signature", [None, "", "wrong", "đ", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="]
)
def test_a_wrong_or_missing_signature_is_turned_away_and_nothing_is_kept(
    real: FlaskClient, kept: Kept, signature: str | None
) -> None:
    before = kept.all()
    headers = (
        {}
        if signature is None
        else {"X-Twilio-Signature": signature.encode().decode("latin-1")}
    )
    assert (
        real.post("/sms/twilio", data=sms_form("DL"), headers=headers).status_code
        == 403
    )
    assert (
        real.post(
            "/receipts/twilio?message=1", data={"MessageStatus": "delivered"}
        ).status_code
        == 403
    )
    assert kept.all() == before


@pytest.mark.parametrize(
    "path",
    [
        "/ussd/nokia",
        "/sms/nokia",
        "/receipts/nokia",
        "/ussd/twilio",
        "/sms/africastalking",
        "/ussd/simulator",
    ],
)
def test_an_unknown_or_switched_off_carrier_is_not_there(
    real: FlaskClient, kept: Kept, path: str
) -> None:
    assert real.post(path, data=FORM).status_code == 404
    assert kept.all()["sessions"] == 0


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_not_allowed(client: FlaskClient, method: str) -> None:
    assert getattr(client, method)("/ussd/simulator").status_code == 405


def test_a_body_over_64_kb_is_refused(client: FlaskClient, kept: Kept) -> None:
    answer = client.post(
        "/ussd/simulator", data={**FORM, "text": "1" * (64 * 1024 + 1)}
    )
    assert answer.status_code == 413
    assert client.post(
        "/ussd/simulator", data=b"x" * 100_000, content_type="text/plain"
    ).status_code in (400, 413)
    assert kept.all()["sessions"] == 0


def test_a_10_kb_text_is_answered_like_any_word_nobody_knows(
    client: FlaskClient, db: Database
) -> None:
    long = "xin chào " * 1_200
    assert len(long.encode()) > 10_000
    answer = client.post(
        "/sms/simulator", data={"from": PHONE, "text": long, "id": "m-1"}
    )
    assert answer.status_code == 200
    assert "1. Co duoc doi may?" in answer.text
    with db.connection() as tx:
        assert (
            tx.value(text("SELECT length(text) FROM messages WHERE direction = 'in'"))
            <= 1_000
        )
    call = client.post("/ussd/simulator", data={**FORM, "text": "9*" * 5_000})
    assert call.status_code == 200


GARBAGE = (
    b"\x00\xff\xfe\x80garbage", b"%00%ff%fe=%80&&&===", b'{"sessionId": 1}', b"sessionId=%ff%fe&text=%80", b"=" * 5_000,
)  # fmt: skip
KINDS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
    "",
)


@pytest.mark.parametrize("body", GARBAGE)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "path", ["/ussd/simulator", "/sms/simulator", "/receipts/simulator"]
)
def test_garbage_is_a_bad_request(
    client: FlaskClient, path: str, body: bytes, kind: str
) -> None:
    assert client.post(path, data=body, content_type=kind).status_code == 400


@pytest.mark.parametrize(
    "typed",
    [
        "😀",
        "\x00",
        "1\x00",
        "\u200b1",
        "'; DROP TABLE people; --",
        "<script>",
        "*",
        "**",
        "#",
        "𝟙",
        "ﷺ" * 300,
        "\ud7ff",
    ],
)
def test_whatever_is_typed_gets_a_screen(
    client: FlaskClient, kept: Kept, typed: str
) -> None:
    ussd = Ussd(client)
    ussd.dial()
    said = ussd.press(typed)
    assert said.startswith("CON ")
    assert fits(said.removeprefix("CON "), USSD)
    sms = client.post(
        "/sms/simulator", data={"from": PHONE, "text": typed, "id": "m-1"}
    )
    assert sms.status_code == 200
    assert sms.text
    assert kept.all()["people"] == 0


def test_nul_in_every_field_is_dropped_before_the_database(client: FlaskClient) -> None:
    nul = {key: f"{value}\x00" for key, value in FORM.items()}
    assert client.post("/ussd/simulator", data=nul).status_code == 200
    form = {"from": f"\x00{PHONE}", "text": "a\x00b", "id": "m\x001"}
    assert client.post("/sms/simulator", data=form).status_code == 200


def test_a_key_that_was_not_offered_shows_the_screen_again_with_the_reason(
    client: FlaskClient,
) -> None:
    ussd = Ussd(client)
    home, _, _ = ussd.dial().partition("\n98:")  # beside the reason there is no room
    assert ussd.press("8") == home.replace("CON ", "CON Phim nay khong co.\n")


@pytest.mark.parametrize(
    "number",
    [
        "02053812345",
        "+842053812345",
        "+8613800138000",
        "18008098",
        "2404",
        "",
        "nobody",
        "01690000001",
        "+" + "9" * 300,
    ],
)
def test_a_number_that_is_no_vietnamese_mobile_is_told_so_and_the_carrier_gets_a_400(
    client: FlaskClient, kept: Kept, number: str
) -> None:
    before = kept.all()
    answer = client.post("/ussd/simulator", data={**FORM, "phoneNumber": number})
    assert answer.status_code == 400
    assert answer.text.startswith("END Dich vu chi nhan so di dong Viet Nam.")
    text_answer = client.post(
        "/sms/simulator", data={"from": number, "text": "DL", "id": "m-1"}
    )
    assert text_answer.status_code == 400
    assert text_answer.text.startswith("Dich vu chi nhan so di dong Viet Nam.")
    assert kept.all() == before


def test_a_state_of_before_a_deploy_leads_home(
    client: FlaskClient, db: Database
) -> None:
    ussd = Ussd(client, phone="+84990000077")
    ussd.dial("1")
    with db.transaction() as tx:
        tx.run(
            text(
                "UPDATE sessions SET data = replace(data, '\"AskHamlet\"', '\"GoneSinceTuesday\"')"
            )
        )
        assert "GoneSinceTuesday" in tx.value(text("SELECT data FROM sessions"))
    assert ussd.press("1").startswith("CON Phuong Luong Van Tri")


@pytest.mark.parametrize("wreck", ["{}", '{"state": "Home"}', "not json", "[]"])
def test_a_session_row_nobody_can_read_is_a_new_conversation_not_an_apology_for_ever(
    client: FlaskClient, db: Database, wreck: str
) -> None:
    ussd = Ussd(client)
    ussd.dial("1")
    with db.transaction() as tx:
        tx.run(text("UPDATE sessions SET data = :wreck"), wreck=wreck)
    assert "1. Co duoc doi may?" in ussd.dial()


def test_receipts_for_texts_we_do_not_know_change_nothing(
    client: FlaskClient, kept: Kept
) -> None:
    for message in ("1", "999999999", "9" * 30):
        answer = client.post(
            "/receipts/simulator", data={"message": message, "status": "delivered"}
        )
        assert answer.status_code == 200
    for message, status in (
        ("one", "delivered"),
        ("1", "eaten"),
        ("²", "sent"),
        ("", "sent"),
        ("-1", "sent"),
    ):
        form = {"message": message, "status": status}
        assert client.post("/receipts/simulator", data=form).status_code == 400
    assert kept.all()["messages"] == 0


def test_a_number_is_masked_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/ussd/simulator", data={**FORM, "phoneNumber": "02053812345"})
        client.post("/ussd/simulator", data=FORM)
    assert "2053812345" not in caplog.text
    assert "990000001" not in caplog.text


def test_without_the_simulator_there_is_no_simulated_carrier(
    db: Database, settings: Settings
) -> None:
    off = replace(
        settings, simulator=False, ussd_carriers=(), sms_carriers=(), sms_senders=()
    )
    with serving(off) as app:
        assert app.test_client().post("/ussd/simulator", data=FORM).status_code == 404
        assert (
            app.test_client()
            .post("/receipts/simulator", data={"message": "1", "status": "sent"})
            .status_code
            == 404
        )


def test_a_whole_day_of_bad_requests_leaves_the_service_ready(
    client: FlaskClient, db: Database
) -> None:
    halls(db)
    for body in (b"\x00" * 500, b"text=" + b"\xff" * 500):
        client.post("/ussd/simulator", data=body)
    assert client.get("/readyz").get_json()["ready"] is True
    assert client.get("/healthz").text == "ok\n"
    assert Ussd(client).dial("2", "1", "1", "1").startswith("END Da dat ")
