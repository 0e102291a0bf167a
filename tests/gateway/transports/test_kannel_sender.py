"""Kannel's way out: its sendsms as a small real server on loopback, what is asked of it
and what its refusals mean.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.transports.base import (
    BadNumber,
    Outbound,
    Rejected,
    Reply,
    Throttled,
    TooLate,
    Uncertain,
    Unreachable,
)
from gateway.transports.kannel import Kannel, KannelSender
from tests.gateway.carriers import in_seconds
from tests.gateway.transports.test_kannel import APP, TOKEN, settings, ussd
from tests.journeys.servers import free_port


class Sendsms(BaseHTTPRequestHandler):
    """Kannel's sendsms for as long as a test: answers as it is told, keeps what it was
    asked.
    """

    answers: ClassVar[tuple[int, str]] = (202, "0: Accepted for delivery")
    asked: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        type(self).asked.append(
            parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        )
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
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/cgi-bin/sendsms"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("text", "coding"), [("Da dat lich [QC] €", "0"), ("Đã đặt lịch", "2")]
)
def test_a_text_goes_out_with_its_coding_and_the_address_for_its_receipt(
    text: str, coding: str
) -> None:
    with sendsms() as url:
        assert (
            KannelSender(settings(url)).send(
                Outbound(7, "+84990000001", text, coding == "2")
            )
            is None
        )
    (asked,) = Sendsms.asked
    assert asked["text"] == [text]
    assert (asked["coding"], asked["charset"], asked["dlr-mask"]) == (
        [coding],
        ["UTF-8"],
        ["19"],
    )
    assert (asked["username"], asked["password"], asked["from"]) == (
        ["lensong"],
        ["pass word&"],
        ["2404"],
    )
    assert asked["to"] == ["+84990000001"]
    assert asked["dlr-url"] == [
        f"http://127.0.0.1:8000/receipts/kannel?token={TOKEN}&message=7&type=%d&reason=%A"
    ]


@pytest.mark.parametrize(
    ("status", "said", "means"),
    [
        (400, "Missing receiver number, rejected", Rejected),
        (
            400,
            "Number(s) has/have been denied by white- and/or black-lists.",
            BadNumber,
        ),
        (
            403,
            "Authorization failed for sendsms",
            Unreachable,
        ),  # ours to mend: no text is given up for it
        (403, "Not routable. Do not try again.", Unreachable),
        (404, "Unknown request.", Unreachable),
        (503, "Temporal failure, try again later.", Throttled),
        (500, "", Uncertain),
        (0, "", Uncertain),
    ],
)
def test_what_kannel_refuses_is_said_in_our_words(
    status: int, said: str, means: type[Exception]
) -> None:
    with sendsms(status, said) as url, pytest.raises(means) as problem:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
    assert type(problem.value) is means
    assert "pass" not in str(problem.value)


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        (3600, "59"),
        (125, "1"),
        (130, "1"),
        (4 * 24 * 3600, "4320"),
    ],  # the call itself may take thirteen seconds
)
def test_a_deadline_goes_along_in_whole_minutes_and_never_reaches_past_it(
    seconds: int, minutes: str
) -> None:
    with sendsms() as url:
        KannelSender(settings(url)).send(
            Outbound(7, "+84990000001", "x", False, valid_until=in_seconds(seconds))
        )
    assert Sendsms.asked[0]["validity"] == [minutes]


@pytest.mark.parametrize("seconds", [-1, 0, 72])
def test_a_text_whose_time_is_over_before_kannel_could_be_told_is_not_handed_over(
    seconds: int,
) -> None:
    with sendsms() as url, pytest.raises(TooLate):
        KannelSender(settings(url)).send(
            Outbound(7, "+84990000001", "x", False, valid_until=in_seconds(seconds))
        )
    assert Sendsms.asked == []


def test_a_text_that_does_not_grow_old_may_be_tried_as_long_as_the_centre_likes() -> (
    None
):
    with sendsms() as url:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
    assert "validity" not in Sendsms.asked[0]


def test_queued_for_a_centre_that_is_away_is_taken_all_the_same() -> None:
    with sendsms(202, "3: Queued for later delivery") as url:
        assert (
            KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
            is None
        )


def test_where_nobody_listens_the_text_surely_did_not_go() -> None:
    url = f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms"
    with pytest.raises(Unreachable) as problem:
        KannelSender(settings(url)).send(Outbound(7, "+84990000001", "x", False))
    assert "password" not in repr(problem.value) + repr(problem.value.__cause__)


@pytest.mark.parametrize(("ends", "op"), [(False, "2"), (True, "17")])
def test_a_ussd_answer_goes_through_sendsms_with_its_operation_and_its_dialogue(
    ends: bool, op: str
) -> None:
    with sendsms() as url, APP.app_context():
        answer = Kannel(settings(url)).answer(
            Reply("Chon 1", ends), ussd("*2404#", "%01", "%0A%3F")
        )
    assert (answer.status_code, answer.get_data()) == (200, b"")
    (asked,) = Sendsms.asked
    assert asked["binfo"] == ["USSD"]
    assert asked["meta-data"] == [f"?smpp?ussd_service_op={op}&its_session_info=%0a%3f"]
    assert (asked["from"], asked["to"], asked["text"]) == (
        ["2404"],
        ["+84990000001"],
        ["Chon 1"],
    )
    assert "dlr-url" not in asked


def test_a_ussd_answer_that_cannot_go_is_logged_and_no_error_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    nobody = settings(f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms")
    with APP.app_context():
        answer = Kannel(nobody).answer(Reply("Chon 1", False), ussd("*2404#", "%01"))
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert "+84990***001" in caplog.text
    assert "pass" not in caplog.text


def test_a_call_that_is_over_is_answered_with_nothing() -> None:
    with sendsms() as url, APP.app_context():
        assert (
            Kannel(settings(url)).answer(Reply(""), ussd("", "%20")).get_data() == b""
        )
    assert Sendsms.asked == []
