"""Hubtel-style USSD, request by request: JSON of all kinds, each call's beginning, keys
and end.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, request

from gateway.transports.base import BadRequest, Forbidden, Inbound, Reply
from gateway.transports.hubtel import Hubtel
from settings import Settings

APP = Flask(__name__)
HUBTEL = Hubtel(
    Settings("sqlite://", "s", "p", given={"HUBTEL_TOKEN": "a-token, the one before"})
)
CALL: dict[str, Any] = {
    "Mobile": "84990000001", "SessionId": "s-1", "ServiceCode": "2404", "Type": "Response", "Message": "1",
    "Operator": "viettel", "Sequence": 2,
}  # fmt: skip


def read(body: str | bytes, token: str = "a-token") -> Inbound:
    with APP.test_request_context(
        f"/ussd/hubtel?token={token}", method="POST", data=body
    ):
        HUBTEL.authenticate(request)
        return HUBTEL.read(request)


def call(**more: Any) -> Inbound:
    return read(
        json.dumps(
            {
                name: value
                for name, value in {**CALL, **more}.items()
                if value is not None
            }
        )
    )


@pytest.mark.parametrize(
    ("dialled", "code", "service", "keys"),
    [
        ("*2404#", "2404", "*2404#", ""),
        ("*2404*2*3#", "2404", "*2404#", "2*3"),
        ("*713*1*2#", "713*1", "*713*1#", "2"),
        ("*713*1*2#", "", "*713#", "1*2"),
    ],
)
def test_a_call_opens_with_what_was_dialled(
    dialled: str, code: str, service: str, keys: str
) -> None:
    heard = call(Type="Initiation", Message=dialled, ServiceCode=code, Sequence=1)
    assert (heard.event, heard.service, heard.text, heard.session) == (
        "open",
        service,
        keys,
        "s-1",
    )


def test_a_key_is_the_last_one_only_and_pressed_twice_is_two_requests() -> None:
    first, second = call(), call(Sequence=3)
    assert (first.event, first.text, first.cumulative) == ("key", "1", False)
    assert first.id != second.id
    assert first.id == call().id, "the same request again"
    assert first.id.startswith(f"{first.session}|"), (
        "so that a late repeat is known by its call"
    )


@pytest.mark.parametrize("kind", ["Release", "Timeout", "RELEASE"])
def test_the_end_of_a_call_is_told(kind: str) -> None:
    assert call(Type=kind, Message=None, Sequence=None).event == "ended"


@pytest.mark.parametrize(("ends", "kind"), [(False, "Response"), (True, "Release")])
def test_the_answer_says_whether_the_call_goes_on(ends: bool, kind: str) -> None:
    with APP.app_context():
        answer = HUBTEL.answer(Reply("Chọn 1", ends), call())
    assert answer.get_json() == {"Type": kind, "Message": "Chọn 1"}


def test_a_call_that_is_over_is_released() -> None:
    with APP.app_context():
        assert (
            HUBTEL.answer(Reply("", False), call(Type="Timeout")).get_json()["Type"]
            == "Release"
        )


@pytest.mark.parametrize(
    "field", ["Mobile", "SessionId", "Message", "Sequence", "Type"]
)
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(BadRequest, match=field):
        call(**{field: None})


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "1",
        "{",
        b"\xff\xfe",
        "[" * 60_000,
        '{"Type": "Dance"}',
        '{"Type": {}}',
        '{"Type": 1e999}',
    ],
)
def test_no_json_however_odd_is_more_than_refused(body: str | bytes) -> None:
    with pytest.raises(BadRequest):
        read(body)


def test_half_a_letter_becomes_something_a_database_can_keep() -> None:
    assert call(Message="\ud83d\x001").text.encode()


def test_without_the_secret_nothing_is_read() -> None:
    with pytest.raises(Forbidden):
        read(json.dumps(CALL), "wrong")


def test_it_sends_no_receipts() -> None:
    with APP.test_request_context("/receipts/hubtel"), pytest.raises(BadRequest):
        HUBTEL.read_receipt(request)
