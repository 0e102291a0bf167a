"""USSD as Africa's Talking and its like post it: each labelled request and what we read
in it.
"""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from gateway.transports.africastalking import AfricasTalking
from gateway.transports.base import BadRequest, Forbidden, Inbound, Reply
from menus.fitting import USSD
from settings import Settings
from tests.gateway.carriers import PHONE, TOKEN, saying

CARRIER = AfricasTalking(
    saying(
        Settings(database_url="sqlite://", secret_key="x", privacy_key="x"), AFRICASTALKING_TOKEN=f"{TOKEN}, before"
    )
)  # fmt: skip
FORM = {
    "sessionId": "ATUid_1",
    "phoneNumber": PHONE,
    "serviceCode": "*2404#",
    "text": "",
    "networkCode": "45204",
}


def posted(token: str | None = TOKEN, **changed: str | None) -> Request:
    form = {
        name: value for name, value in {**FORM, **changed}.items() if value is not None
    }
    query = {} if token is None else {"token": token}
    return Request(
        EnvironBuilder(
            "/ussd/africastalking", method="POST", data=form, query_string=query
        ).get_environ()
    )


@pytest.mark.parametrize(
    ("label", "changed", "id_", "text", "event"),
    [
        ("the first hop", {}, "ATUid_1|", "", "open"),
        ("the first key", {"text": "2"}, "ATUid_1|2", "2", "key"),
        ("the third key", {"text": "2*1*1"}, "ATUid_1|2*1*1", "2*1*1", "key"),
        ("dialled through", {"text": "2*1"}, "ATUid_1|2*1", "2*1", "key"),
        ("a typed star", {"text": "2**"}, "ATUid_1|2**", "2**", "key"),
        (
            "letters with marks",
            {"text": "2*Nông Văn An"},
            "ATUid_1|2*Nông Văn An",
            "2*Nông Văn An",
            "key",
        ),
        ("NUL", {"text": "2\x00"}, "ATUid_1|2", "2", "key"),
        (
            "a thousand keys",
            {"text": "1*" * 900},
            "ATUid_1|" + ("1*" * 900)[:1000],
            ("1*" * 900)[:1000],
            "key",
        ),
        ("no network code", {"networkCode": None}, "ATUid_1|", "", "open"),
        ("a field more", {"later": "1"}, "ATUid_1|", "", "open"),
    ],
)
def test_a_hop_is_read(
    label: str, changed: dict[str, str | None], id_: str, text: str, event: str
) -> None:
    read = CARRIER.read(posted(**changed))
    assert read == Inbound(
        "africastalking",
        id_,
        "ATUid_1",
        PHONE,
        text,
        cumulative=True,
        event=event,  # type: ignore[arg-type]
        service="*2404#",
        budget=USSD,
    ), label


def test_the_notice_that_a_call_is_over_is_read() -> None:
    over = posted(
        text=None,
        serviceCode=None,
        status="Incomplete",
        durationInMillis="9000",
        hopsCount="2",
        input="2*1",
        lastAppResponse="CON Chon gio",
        errorMessage="Timed out",
    )
    read = CARRIER.read(over)
    assert (read.event, read.session, read.phone, read.text) == (
        "ended",
        "ATUid_1",
        PHONE,
        "",
    )


@pytest.mark.parametrize("missing", ["sessionId", "phoneNumber", "serviceCode", "text"])
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(BadRequest, match=f"Missing: {missing}"):
        CARRIER.read(posted(**{missing: None}))


def test_an_empty_session_cannot_be_told_from_another() -> None:
    with pytest.raises(BadRequest):
        CARRIER.read(posted(sessionId=""))
    with pytest.raises(BadRequest):
        CARRIER.read(posted(sessionId="\x00"))


@pytest.mark.parametrize("token", [TOKEN, "before"])
def test_the_token_of_today_and_the_one_before_open(token: str) -> None:
    CARRIER.authenticate(posted(token))


@pytest.mark.parametrize(
    "token", [None, "", "wrong", TOKEN.upper(), f"{TOKEN} ", "đ", "a" * 5_000]
)
def test_no_other_token_does(token: str | None) -> None:
    with pytest.raises(Forbidden):
        CARRIER.authenticate(posted(token))


def test_without_a_token_set_nobody_gets_in() -> None:
    bare = AfricasTalking(
        Settings(database_url="sqlite://", secret_key="x", privacy_key="x")
    )
    for token in (None, "", "x"):
        with pytest.raises(Forbidden):
            bare.authenticate(posted(token))


@pytest.mark.parametrize(
    ("reply", "body"),
    [(Reply("Chon gio", ends=False), "CON Chon gio"), (Reply("Da dat"), "END Da dat")],
)
def test_the_answer_says_whether_the_call_goes_on(reply: Reply, body: str) -> None:
    answer = CARRIER.answer(reply, None)
    assert answer.get_data(as_text=True) == body
    assert answer.content_type == "text/plain; charset=utf-8"


def test_it_sends_no_receipts() -> None:
    with pytest.raises(BadRequest):
        CARRIER.read_receipt(posted())
