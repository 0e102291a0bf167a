"""Kannel, request by request: letters in every charset, USSD by its TLVs, receipts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from flask import Flask, request

from gateway.transports.base import (
    BadRequest,
    Forbidden,
    Inbound,
    Reply,
    Silence,
)
from gateway.transports.kannel import Kannel
from settings import Settings

TOKEN = "a-token"
APP = Flask(__name__)


def settings(url: str = "http://127.0.0.1:1/cgi-bin/sendsms") -> Settings:
    return Settings(
        "sqlite://",
        "s",
        "p",
        public_url="http://127.0.0.1:8000",
        given={
            "KANNEL_SEND_URL": url,
            "KANNEL_USER": "lensong",
            "KANNEL_PASSWORD": "pass word&",
            "KANNEL_FROM": "2404",
            "KANNEL_TOKEN": f"{TOKEN}, the one before",
        },
    )


def read(query: str, method: str = "GET", **more: Any) -> Inbound:
    with APP.test_request_context(f"/sms/kannel?{query}", method=method, **more):
        kannel = Kannel(settings())
        kannel.authenticate(request)
        return kannel.read(request)


def mo(text: bytes = b"DL", /, **more: str) -> str:
    """The query that Kannel makes of a text; values of `more` are quoted here."""
    fields = {
        "from": "+84990000001",
        "to": "2404",
        "id": "mo-1",
        "coding": "0",
        "charset": "UTF-8",
        **more,
    }
    return f"token={TOKEN}&text={quote_from_bytes(text)}&" + "&".join(
        f"{n}={quote(v)}" for n, v in fields.items()
    )


def ussd(text: str, op: str, info: str = "%0A%02", **more: str) -> Inbound:
    return read(
        mo(
            text.encode(),
            binfo="USSD",
            meta=f"?smpp?ussd_service_op={op}&its_session_info={info}&",
            **more,
        )
    )


@pytest.mark.parametrize(
    ("sent", "coding", "charset", "heard"),
    [
        (
            "Hủy lịch".encode(),
            "0",
            "UTF-8",
            "Hủy lịch",
        ),  # mo-recode = true, as the handbook has it
        (
            "Hủy lịch".encode("utf-16-be"),
            "2",
            "UTF-16BE",
            "Hủy lịch",
        ),  # mo-recode = false
        ("Hủy".encode("utf-16-be"), "2", "", "Hủy"),
        ("1😀".encode("utf-16-be"), "2", "UTF-16BE", "1😀"),
        ("à la".encode("cp1252"), "0", "WINDOWS-1252", "à la"),
        (b"\xff\xfe", "0", "UTF-8", "\ufffd\ufffd"),
        (b"DL\x00 T7", "0", "", "DL T7"),
        (
            b"DL",
            "0",
            "zlib_codec",
            "DL",
        ),  # no charset of ours: a name from outside is never looked up
        (b"\xd8\x3d", "2", "UTF-16BE", "\ufffd"),  # half an emoji
        (b"", "0", "UTF-8", ""),
    ],
)
def test_a_text_is_read_in_the_letters_it_was_written_in(
    sent: bytes, coding: str, charset: str, heard: str
) -> None:
    assert read(mo(sent, coding=coding, charset=charset)).text == heard


def test_spaces_and_signs_arrive_as_typed() -> None:
    assert (
        read(f"token={TOKEN}&from=84990000001&to=2404&id=1&text=DL+t7+%26+%2B1").text
        == "DL t7 & +1"
    )


def test_a_text_is_known_by_kannels_id_and_comes_from_the_number_it_was_sent_to() -> (
    None
):
    heard = read(mo(id="352dca14-cb01"))
    assert (heard.id, heard.session, heard.service, heard.phone) == (
        "352dca14-cb01",
        "",
        "2404",
        "+84990000001",
    )


def test_a_text_may_be_posted_as_a_form_as_well() -> None:
    form = {"from": "84990000001", "to": "2404", "text": "Hủy", "id": "7"}
    assert read(f"token={TOKEN}", "POST", data=form).text == "Hủy"


@pytest.mark.parametrize("query", ["", "token=", "token=wrong", "token=a-tokeN"])
def test_without_the_secret_nothing_is_read(query: str) -> None:
    with pytest.raises(Forbidden):
        read(query)


@pytest.mark.parametrize("missing", ["from", "to", "text", "id"])
def test_a_missing_field_is_named(missing: str) -> None:
    query = "&".join(
        part for part in mo().split("&") if not part.startswith(f"{missing}=")
    )
    with pytest.raises(BadRequest, match=missing):
        read(query)


def test_too_many_fields_are_no_text() -> None:
    with pytest.raises(BadRequest):
        read(mo() + "&a=1" * 100)


@pytest.mark.parametrize("sender", ["191", "Viettel", "", "+8424", "00000"])
def test_a_machine_that_texts_is_answered_with_silence(sender: str) -> None:
    """Anything but 200 and nothing makes Kannel text it a sentence of its own, and two
    robots talk for ever.
    """
    with pytest.raises(Silence):
        read(mo(b"DL", **{"from": sender}))


def test_an_answer_with_marks_says_so_or_kannel_sends_question_marks() -> None:
    with APP.app_context():
        plain = Kannel(settings()).answer(Reply("Da dat lich"), None)
        marked = Kannel(settings()).answer(Reply("Đã đặt lịch"), None)
    assert "X-Kannel-Coding" not in plain.headers
    assert marked.headers["X-Kannel-Coding"] == "2"
    assert marked.get_data(as_text=True) == "Đã đặt lịch"


@pytest.mark.parametrize(
    ("text", "to", "service", "keys"),
    [
        ("*2404#", "2404", "*2404#", ""),
        ("*2404*2*3#", "2404", "*2404#", "2*3"),
        ("*2404*2*3", "2404", "*2404#", "2*3"),
        ("*384*123*2#", "384*123", "*384*123#", "2"),
        ("*2404*1#", "operator-7", "*2404#", "1"),  # the bind has a name of its own
        ("", "2404", "*2404#", ""),
    ],
)
def test_a_dialled_string_opens_a_call_with_the_keys_dialled_ahead(
    text: str, to: str, service: str, keys: str
) -> None:
    heard = ussd(text, "%01", to=to)
    assert (heard.event, heard.service, heard.text) == ("open", service, keys)


@pytest.mark.parametrize("op", ["%12", "18"])
def test_a_key_belongs_to_its_dialogue_though_the_second_octet_counts_on(
    op: str,
) -> None:
    first, then = ussd("*2404#", "%01", "%0A%02"), ussd("1", op, "%0A%04")
    assert (then.event, then.text) == ("key", "1")
    assert first.session == then.session != ""
    assert first.id != ussd("1", op, "%0A%04", id="mo-2").id


@pytest.mark.parametrize("op", ["%20", "%11", "%02"])
def test_any_other_operation_ends_the_call(op: str) -> None:
    assert ussd("", op).event == "ended"


def test_the_confirmation_of_a_notification_needs_no_answer() -> None:
    with pytest.raises(Silence):
        ussd("", "%13")


@pytest.mark.parametrize(
    "meta",
    [
        "",
        "?smpp?",
        "?smpp?ussd_service_op=%01",
        "?other?ussd_service_op=%01",
        "?",
        "smpp",
    ],
)
def test_a_ussd_message_without_its_tlvs_is_refused_in_words(meta: str) -> None:
    with pytest.raises(BadRequest, match="smpp-tlv"):
        read(mo(binfo="USSD", meta=meta))


def receipt(**given: str) -> Any:
    with APP.test_request_context(f"/receipts/kannel?{urlencode(given)}"):
        return Kannel(settings()).read_receipt(request)


@pytest.mark.parametrize(
    ("kind", "reason", "status", "said"),
    [
        ("1", "", "DELIVERED", ""),
        ("2", "NACK/11", "FAILED", "Kannel NACK/11"),
        ("4", "", "SENT", ""),
        ("8", "ACK/", "SENT", ""),
        ("16", "NACK/0x0b/Invalid Destination", "FAILED", "Kannel NACK/0x0b/Invalid Destination"),
        ("34", "", "FAILED", ""),  # its validity ran out
        ("66", "", "FAILED", ""),
    ],
)  # fmt: skip
def test_a_receipt_moves_our_own_message(
    kind: str, reason: str, status: str, said: str
) -> None:
    got = receipt(message="7", type=kind, reason=reason)
    assert (got.message_id, got.status, got.reason) == (7, status, said)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"message": "7"},
        {"message": "x", "type": "1"},
        {"message": "²", "type": "1"},
    ],
)
def test_a_receipt_for_nothing_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        receipt(**given)
