"""Kannel, request by request: letters in every charset, USSD by its TLVs, receipts, and what refusals mean."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, quote_from_bytes, urlencode, urlsplit

import pytest
from flask import Flask, request

from gateway.transports.base import (
    BadNumber,
    BadRequest,
    Forbidden,
    Inbound,
    Outbound,
    Rejected,
    Reply,
    Silence,
    Throttled,
    TooLate,
    Uncertain,
    Unreachable,
)
from gateway.transports.kannel import Kannel, KannelSender
from settings import Settings
from tests.gateway.carriers import in_seconds
from tests.journeys.servers import free_port

TOKEN = "a-token"
APP = Flask(__name__)


def settings(url: str = "http://127.0.0.1:1/cgi-bin/sendsms") -> Settings:
    return Settings(
        "sqlite://", "s", "p", public_url="http://127.0.0.1:8000", kannel_send_url=url, kannel_user="lensong",
        kannel_password="pass word&", kannel_from="2404", kannel_token=(TOKEN, "the one before"),
    )  # fmt: skip


def read(query: str, method: str = "GET", **more: Any) -> Inbound:
    with APP.test_request_context(f"/sms/kannel?{query}", method=method, **more):
        kannel = Kannel(settings())
        kannel.authenticate(request)
        return kannel.read(request)


def mo(text: bytes = b"DL", /, **more: str) -> str:
    """The query that Kannel makes of a text; values of `more` are quoted here."""
    fields = {"from": "+84990000001", "to": "2404", "id": "mo-1", "coding": "0", "charset": "UTF-8", **more}
    return f"token={TOKEN}&text={quote_from_bytes(text)}&" + "&".join(f"{n}={quote(v)}" for n, v in fields.items())


def ussd(text: str, op: str, info: str = "%0A%02", **more: str) -> Inbound:
    return read(mo(text.encode(), binfo="USSD", meta=f"?smpp?ussd_service_op={op}&its_session_info={info}&", **more))


@pytest.mark.parametrize(
    ("sent", "coding", "charset", "heard"),
    [
        ("Hủy lịch".encode(), "0", "UTF-8", "Hủy lịch"),  # mo-recode = true, as the handbook has it
        ("Hủy lịch".encode("utf-16-be"), "2", "UTF-16BE", "Hủy lịch"),  # mo-recode = false
        ("Hủy".encode("utf-16-be"), "2", "", "Hủy"),
        ("1😀".encode("utf-16-be"), "2", "UTF-16BE", "1😀"),
        ("à la".encode("cp1252"), "0", "WINDOWS-1252", "à la"),
        (b"\xff\xfe", "0", "UTF-8", "\ufffd\ufffd"),
        (b"DL\x00 T7", "0", "", "DL T7"),
        (b"DL", "0", "zlib_codec", "DL"),  # no charset of ours: a name from outside is never looked up
        (b"\xd8\x3d", "2", "UTF-16BE", "\ufffd"),  # half an emoji
        (b"", "0", "UTF-8", ""),
    ],
)
def test_a_text_is_read_in_the_letters_it_was_written_in(sent: bytes, coding: str, charset: str, heard: str) -> None:
    assert read(mo(sent, coding=coding, charset=charset)).text == heard


def test_spaces_and_signs_arrive_as_typed() -> None:
    assert read(f"token={TOKEN}&from=84990000001&to=2404&id=1&text=DL+t7+%26+%2B1").text == "DL t7 & +1"


def test_a_text_is_known_by_kannels_id_and_comes_from_the_number_it_was_sent_to() -> None:
    heard = read(mo(id="352dca14-cb01"))
    assert (heard.id, heard.session, heard.service, heard.phone) == ("352dca14-cb01", "", "2404", "+84990000001")


def test_a_text_may_be_posted_as_a_form_as_well() -> None:
    form = {"from": "84990000001", "to": "2404", "text": "Hủy", "id": "7"}
    assert read(f"token={TOKEN}", "POST", data=form).text == "Hủy"


@pytest.mark.parametrize("query", ["", "token=", "token=wrong", "token=a-tokeN"])
def test_without_the_secret_nothing_is_read(query: str) -> None:
    with pytest.raises(Forbidden):
        read(query)


@pytest.mark.parametrize("missing", ["from", "to", "text", "id"])
def test_a_missing_field_is_named(missing: str) -> None:
    query = "&".join(part for part in mo().split("&") if not part.startswith(f"{missing}="))
    with pytest.raises(BadRequest, match=missing):
        read(query)


def test_too_many_fields_are_no_text() -> None:
    with pytest.raises(BadRequest):
        read(mo() + "&a=1" * 100)


@pytest.mark.parametrize("sender", ["191", "Viettel", "", "+8424", "00000"])
def test_a_machine_that_texts_is_answered_with_silence(sender: str) -> None:
    """Anything but 200 and nothing makes Kannel text it a sentence of its own, and two robots talk for ever."""
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
def test_a_dialled_string_opens_a_call_with_the_keys_dialled_ahead(text: str, to: str, service: str, keys: str) -> None:
    heard = ussd(text, "%01", to=to)
    assert (heard.event, heard.service, heard.text) == ("open", service, keys)


@pytest.mark.parametrize("op", ["%12", "18"])
def test_a_key_belongs_to_its_dialogue_though_the_second_octet_counts_on(op: str) -> None:
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


@pytest.mark.parametrize("meta", ["", "?smpp?", "?smpp?ussd_service_op=%01", "?other?ussd_service_op=%01", "?", "smpp"])
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
def test_a_receipt_moves_our_own_message(kind: str, reason: str, status: str, said: str) -> None:
    got = receipt(message="7", type=kind, reason=reason)
    assert (got.message_id, got.status, got.reason) == (7, status, said)


@pytest.mark.parametrize("given", [{}, {"message": "7"}, {"message": "x", "type": "1"}, {"message": "²", "type": "1"}])
def test_a_receipt_for_nothing_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadRequest):
        receipt(**given)


class Sendsms(BaseHTTPRequestHandler):
    """Kannel's sendsms for as long as a test: answers as it is told, keeps what it was asked."""

    answers: ClassVar[tuple[int, str]] = (202, "0: Accepted for delivery")
    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        type(self).asked.append(parse_qs(urlsplit(self.path).query, keep_blank_values=True))
        status, said = type(self).answers
        if status == 0:  # hang up in the middle
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def sendsms(status: int = 202, said: str = "0: Accepted for delivery") -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sendsms)
    server.daemon_threads = True
    Sendsms.answers, Sendsms.asked = (status, said), []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/cgi-bin/sendsms"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("text", "coding"), [("Da dat lich [QC] €", "0"), ("Đã đặt lịch", "2")])
def test_a_text_goes_out_with_its_coding_and_the_address_for_its_receipt(text: str, coding: str) -> None:
    with sendsms() as url:
        assert KannelSender(settings(url)).send(Outbound(7, "+84990000001", text, coding == "2")) is None
    (asked,) = Sendsms.asked
    assert asked["text"] == [text]
    assert (asked["coding"], asked["charset"], asked["dlr-mask"]) == ([coding], ["UTF-8"], ["19"])
    assert (asked["username"], asked["password"], asked["from"]) == (["lensong"], ["pass word&"], ["2404"])
    assert asked["to"] == ["+84990000001"]
    assert asked["dlr-url"] == [
        f"http://127.0.0.1:8000/receipts/kannel?token={TOKEN}&message=7&type=%d&reason=%A"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "said", "means"),
    [
        (400, "Missing receiver number, rejected", Rejected),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", BadNumber),
        (403, "Authorization failed for sendsms", Unreachable),  # ours to mend: no text is given up for it
        (403, "Not routable. Do not try again.", Unreachable),
        (404, "Unknown request.", Unreachable),
        (503, "Temporal failure, try again later.", Throttled),
        (500, "", Uncertain),
        (0, "", Uncertain),
    ],
)
def test_what_kannel_refuses_is_said_in_our_words(status: int, said: str, means: type[Exception]) -> None:
    with sendsms(status, said) as url, pytest.raises(means) as problem:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
    assert type(problem.value) is means
    assert "pass" not in str(problem.value)


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(3600, "59"), (125, "1"), (130, "1"), (4 * 24 * 3600, "4320")],  # the call itself may take thirteen seconds
)
def test_a_deadline_goes_along_in_whole_minutes_and_never_reaches_past_it(seconds: int, minutes: str) -> None:
    with sendsms() as url:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False, valid_until=in_seconds(seconds)))
    assert Sendsms.asked[0]["validity"] == [minutes]


@pytest.mark.parametrize("seconds", [-1, 0, 72])
def test_a_text_whose_time_is_over_before_kannel_could_be_told_is_not_handed_over(seconds: int) -> None:
    with sendsms() as url, pytest.raises(TooLate):
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False, valid_until=in_seconds(seconds)))
    assert Sendsms.asked == []


def test_a_text_that_does_not_grow_old_may_be_tried_as_long_as_the_centre_likes() -> None:
    with sendsms() as url:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
    assert "validity" not in Sendsms.asked[0]


def test_queued_for_a_centre_that_is_away_is_taken_all_the_same() -> None:
    with sendsms(202, "3: Queued for later delivery") as url:
        assert KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False)) is None


def test_where_nobody_listens_the_text_surely_did_not_go() -> None:
    url = f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms"
    with pytest.raises(Unreachable) as problem:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
    assert "password" not in repr(problem.value) + repr(problem.value.__cause__)


@pytest.mark.parametrize(("ends", "op"), [(False, "2"), (True, "17")])
def test_a_ussd_answer_goes_through_sendsms_with_its_operation_and_its_dialogue(ends: bool, op: str) -> None:
    with sendsms() as url, APP.app_context():
        answer = Kannel(settings(url)).answer(Reply("Chon 1", ends), ussd("*2404#", "%01", "%0A%3F"))
    assert (answer.status_code, answer.get_data()) == (200, b"")
    (asked,) = Sendsms.asked
    assert asked["binfo"] == ["USSD"]
    assert asked["meta-data"] == [f"?smpp?ussd_service_op={op}&its_session_info=%0a%3f"]
    assert (asked["from"], asked["to"], asked["text"]) == (["2404"], ["+84990000001"], ["Chon 1"])
    assert "dlr-url" not in asked


def test_a_ussd_answer_that_cannot_go_is_logged_and_no_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    nobody = settings(f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms")
    with APP.app_context():
        answer = Kannel(nobody).answer(Reply("Chon 1", False), ussd("*2404#", "%01"))
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert "+84990***001" in caplog.text
    assert "pass" not in caplog.text


def test_a_call_that_is_over_is_answered_with_nothing() -> None:
    with sendsms() as url, APP.app_context():
        assert Kannel(settings(url)).answer(Reply(""), ussd("", "%20")).get_data() == b""
    assert Sendsms.asked == []
