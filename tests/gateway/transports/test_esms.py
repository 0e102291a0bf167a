"""eSMS.vn, request by request: signature, XML answer, code table, receipts told five
times.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask import Flask, request

from gateway.transports import esms
from gateway.transports.base import (
    BadNumber,
    BadRequest,
    Forbidden,
    Inbound,
    Outbound,
    Refused,
    Rejected,
    Reply,
    Silence,
    Throttled,
    TooLate,
    Uncertain,
    Unreachable,
)
from settings import Settings
from tests.gateway.carriers import in_seconds
from tests.journeys.servers import free_port

APP = Flask(__name__)
KEY = "a-private-key"
TEXT = {
    "sender": "84990000001", "content": "Hủy 48315", "serviceNumber": "8000", "keyword": "XA", "cpid": "abcdef",
    "smsid": "1234xyz", "receiverTime": "20240412090000",
}  # fmt: skip


def settings(base: str = "", keyword: str = "") -> Settings:
    return Settings(
        "sqlite://",
        "s",
        "p",
        public_url="https://xa.example.vn",
        given={
            "ESMS_API_KEY": "key",
            "ESMS_SECRET_KEY": "secret",
            "ESMS_BRANDNAME": "QUANGLAC",
            "ESMS_CPID": "abcdef",
            "ESMS_KEYWORD": keyword,
            "ESMS_PRIVATE_KEY": f"{KEY}, the one before",
            "ESMS_TOKEN": "a-token",
            "ESMS_API_BASE": base,
        },
    )


def signed(key: str = KEY, **more: str) -> dict[str, str]:
    given = {**TEXT, **more}
    return {
        **given,
        "sign": esms.signature(
            "".join(given[n] for n in ("cpid", "smsid", "content", "receiverTime"))
            + key
        ),
    }


def read(given: dict[str, str], keyword: str = "") -> Inbound:
    with APP.test_request_context(f"/sms/esms?{urlencode(given)}"):
        transport = esms.Esms(settings(keyword=keyword))
        transport.authenticate(request)
        return transport.read(request)


def test_the_signature_is_the_published_one() -> None:
    assert (
        esms.signature("abcdef1234xyz17417a0d20114d36a902e49cad0e97f3")
        == "O85nc2XByOhTm8a8t2rYKA=="
    )


def test_a_signed_text_is_read_and_known_by_its_smsid() -> None:
    heard = read(signed())
    assert (heard.id, heard.phone, heard.text, heard.service) == (
        "1234xyz",
        "84990000001",
        "Hủy 48315",
        "8000",
    )


def test_the_key_before_holds_while_it_is_being_changed() -> None:
    assert read(signed("the one before")).id == "1234xyz"


def test_a_plus_that_became_a_space_on_its_way_still_signs() -> None:
    given = next(g for n in range(200) if "+" in (g := signed(smsid=str(n)))["sign"])
    assert read({**given, "sign": given["sign"].replace("+", " ")}).id == given["smsid"]


@pytest.mark.parametrize("change", ["content", "smsid", "receiverTime", "cpid", "sign"])
def test_one_changed_letter_and_nothing_is_read(change: str) -> None:
    given = signed()
    with pytest.raises(Forbidden):
        read({**given, change: given[change] + "1"})


def test_another_customer_of_the_same_aggregator_is_turned_away() -> None:
    with pytest.raises(Forbidden):
        read(signed(cpid="other"))


def test_without_a_signature_nothing_is_read() -> None:
    with pytest.raises(Forbidden):
        read(TEXT)


@pytest.mark.parametrize("missing", ["sender", "serviceNumber"])
def test_a_missing_field_is_named(missing: str) -> None:
    with pytest.raises(BadRequest, match=missing):
        read({name: value for name, value in signed().items() if name != missing})


@pytest.mark.parametrize(
    ("keyword", "sent", "heard"),
    [
        ("", "XA DL", "XA DL"),
        ("XA", "xa DL t7", "DL t7"),
        ("XA", "XA", ""),
        ("XA", "Xang het", "Xang het"),
        ("XA", "DL", "DL"),
    ],
)
def test_the_word_that_leads_to_us_on_a_shared_number_is_taken_off(
    keyword: str, sent: str, heard: str
) -> None:
    assert read(signed(content=sent), keyword).text == heard


@pytest.mark.parametrize("sender", ["191", "VIETTEL", ""])
def test_a_machine_that_texts_is_answered_with_silence(sender: str) -> None:
    with pytest.raises(Silence):
        read(signed(sender=sender))


def test_the_answer_is_xml_that_any_reader_reads() -> None:
    with APP.app_context():
        answer = esms.Esms(settings()).answer(
            Reply('Đã đặt <lịch> & "hẹn"\n1. Có\x07'), read(signed())
        )
    root = ElementTree.fromstring(answer.get_data())
    assert root.tag == "ClientResponse"
    assert [(part.tag, part.text) for part in root] == [
        ("Message", 'Đã đặt <lịch> & "hẹn"\n1. Có'),
        ("Smsid", "1234xyz"),
        ("Receiver", "84990000001"),
    ]


def receipt(**given: str) -> Any:
    with APP.test_request_context(f"/receipts/esms?{urlencode(given)}"):
        transport = esms.Esms(settings())
        transport.authenticate(request)
        return transport.read_receipt(request)


@pytest.mark.parametrize(
    ("state", "succeeded", "status"),
    [
        ("5", "1", "DELIVERED"),
        ("5", "0", "FAILED"),
        ("4", "0", "SENT"),
        ("", "", "SENT"),
    ],
)
def test_a_receipt_says_what_became_of_our_message(
    state: str, succeeded: str, status: str
) -> None:
    got = receipt(
        token="a-token",
        SMSID="S-1",
        SendStatus=state,
        SendSuccess=succeeded,
        SendFailed="0",
        RequestId="7",
    )
    assert (got.message_id, got.provider_id, got.status) == (7, "S-1", status)


def test_a_receipt_without_the_secret_is_turned_away_though_it_bears_a_texts_signature() -> (
    None
):
    with pytest.raises(Forbidden):
        receipt(**signed(), SMSID="S-1", SendStatus="5", SendSuccess="1", RequestId="7")


def test_a_receipt_for_nothing_is_refused() -> None:
    with pytest.raises(BadRequest):
        receipt(
            token="a-token",
            SMSID="S-1",
            SendStatus="5",
            SendSuccess="1",
            RequestId="abc",
        )


class Api(BaseHTTPRequestHandler):
    """The aggregator for as long as a test: answers as it is told, keeps what it was
    asked.
    """

    answers: ClassVar[tuple[int, str]]
    asked: ClassVar[list[dict[str, Any]]]

    def do_POST(self) -> None:
        type(self).asked.append(
            json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        )
        status, said = type(self).answers
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def api(status: int, said: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Api.answers, Api.asked = (status, said), []
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(status: int, said: str, outbound: Outbound | None = None) -> str | None:
    with api(status, said) as base:
        return esms.EsmsSender(settings(base)).send(
            outbound or Outbound(7, "+84990000001", "Da dat lich", False)
        )


@pytest.mark.parametrize("code", ["100", "124"])
def test_a_text_taken_or_taken_before_went_out(code: str) -> None:
    assert send(200, json.dumps({"CodeResult": code, "SMSID": "S-1"})) == "S-1"
    (asked,) = Api.asked
    assert (asked["RequestId"], asked["Phone"], asked["Content"]) == (
        "7",
        "84990000001",
        "Da dat lich",
    )
    assert (asked["Brandname"], asked["SmsType"], asked["IsUnicode"]) == (
        "QUANGLAC",
        "2",
        "0",
    )
    assert asked["CallbackUrl"] == "https://xa.example.vn/receipts/esms?token=a-token"


def test_marks_and_adverts_are_declared() -> None:
    send(
        200,
        '{"CodeResult": "100"}',
        Outbound(8, "+84990000001", "Đã đặt", True, advert=True),
    )
    assert (Api.asked[0]["IsUnicode"], Api.asked[0]["SmsType"]) == ("1", "1")


@pytest.mark.parametrize(
    ("status", "said", "means"),
    [
        (200, '{"CodeResult": "101"}', Unreachable),
        (200, '{"CodeResult": 103}', Unreachable),
        (200, '{"CodeResult": "104"}', Unreachable),
        (200, '{"CodeResult": "99"}', BadNumber),
        (200, '{"CodeResult": "108", "ErrorMessage": "x"}', BadNumber),
        (200, '{"CodeResult": "118"}', Rejected),
        (200, '{"CodeResult": "119"}', Rejected),
        (200, '{"CodeResult": "146"}', Rejected),
        (200, '{"CodeResult": "777"}', Refused),
        (200, "{}", Uncertain),
        (200, "<html>", Uncertain),
        (200, "[]", Uncertain),
        (429, "", Throttled),
        (502, "", Uncertain),
        (404, "", Unreachable),
    ],
)
def test_each_code_has_one_meaning(
    status: int, said: str, means: type[Exception]
) -> None:
    with pytest.raises(means) as problem:
        send(status, said)
    assert type(problem.value) is means
    assert "secret" not in str(problem.value)


def test_a_text_whose_time_is_over_is_not_handed_over_and_esms_is_told_of_no_deadline() -> (
    None
):
    """It has no field for one."""
    with pytest.raises(TooLate):
        send(
            200,
            '{"CodeResult": "100"}',
            Outbound(7, "+84990000001", "x", False, valid_until=in_seconds(0)),
        )
    assert Api.asked == []
    assert send(200, '{"CodeResult": "100"}') is None
    (plain,) = Api.asked
    send(
        200,
        '{"CodeResult": "100"}',
        Outbound(7, "+84990000001", "Da dat lich", False, valid_until=in_seconds(60)),
    )
    assert Api.asked == [plain]


def test_where_nobody_listens_the_text_surely_did_not_go() -> None:
    with pytest.raises(Unreachable):
        esms.EsmsSender(settings(f"http://127.0.0.1:{free_port()}")).send(
            Outbound(7, "+84990000001", "x", False)
        )
