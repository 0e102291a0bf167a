"""Twilio's way out: its own library against a small real server on loopback, and what
each failure is called.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs

import pytest

from gateway.transports import base, twilio
from gateway.transports.base import Outbound, SendError
from gateway.transports.twilio import TwilioSender
from settings import Settings
from tests.gateway.carriers import ACCOUNT, AUTH, PUBLIC, in_seconds, public, saying

OUT = Outbound(41, "+84990000001", "Xa Quang Lac: Da dat lich", False)


class StandIn:
    """A small HTTP server in Twilio's place: takes a message, answers what it is told,
    remembers what it got.
    """

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.status, self.body = 201, json.dumps({"sid": "SM123", "status": "queued"})
        self.hang, self.slam = False, False
        self.released = Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked = {name: values[0] for name, values in parse_qs(form).items()}
                stand_in.got.append(asked)
                stand_in.paths.append(self.path)
                if stand_in.hang:
                    stand_in.released.wait(10)
                if stand_in.hang or stand_in.slam:
                    self.close_connection = True
                    return
                body = stand_in.body.replace("{Body}", asked["Body"]).encode()
                self.send_response(stand_in.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = Thread(
            target=self.server.serve_forever,
            kwargs={"poll_interval": 0.02},
            daemon=True,
        )
        self._thread.start()

    def refuses(self, status: int, code: int) -> None:
        self.status = status
        self.body = (
            json.dumps(
                {"code": code, "message": "no", "more_info": "", "status": status}
            )
            if code
            else "oops"
        )

    def stop(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.stop()


Sends = Callable[[str], TwilioSender]


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sends:
    monkeypatch.setattr(twilio, "SECONDS_TO_ANSWER", 0.5)

    def make(base_url: str) -> TwilioSender:
        settings = Settings(database_url="sqlite://", secret_key="x", privacy_key="x")
        return TwilioSender(saying(public(settings), TWILIO_API_BASE=base_url))

    return make


def test_a_text_goes_out_with_our_own_id_in_the_address_of_its_receipt(
    stand_in: StandIn, sender: Sends
) -> None:
    assert sender(stand_in.url).send(OUT) == "SM123"
    assert stand_in.paths == [f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"]
    assert stand_in.got == [
        {
            "To": OUT.to,
            "From": "+15005550006",
            "Body": OUT.text,
            "StatusCallback": f"{PUBLIC}/receipts/twilio?message=41",
        }
    ]


@pytest.mark.parametrize(
    ("seconds", "told"), [(3600, 3586), (20, 6), (40 * 3600, 36_000)]
)
def test_a_deadline_goes_along_in_seconds_and_never_reaches_past_it(
    stand_in: StandIn, sender: Sends, seconds: int, told: int
) -> None:
    """The call itself may take thirteen of them; Twilio takes ten hours at most."""
    sender(stand_in.url).send(replace(OUT, valid_until=in_seconds(seconds)))
    assert told - 5 <= int(stand_in.got[0]["ValidityPeriod"]) <= told


@pytest.mark.parametrize("seconds", [-1, 0, 13])
def test_a_text_whose_time_is_over_is_not_handed_over(
    stand_in: StandIn, sender: Sends, seconds: int
) -> None:
    with pytest.raises(base.TooLate):
        sender(stand_in.url).send(replace(OUT, valid_until=in_seconds(seconds)))
    assert stand_in.got == []


@pytest.mark.parametrize(
    ("status", "code", "problem"),
    [
        (429, 20429, base.Throttled),
        (429, 0, base.Throttled),
        (400, 21610, base.Stopped),
        (400, 21211, base.BadNumber),
        (400, 21614, base.BadNumber),
        (400, 21408, base.Rejected),
        (400, 30007, base.Rejected),
        (400, 21606, base.Rejected),
        (401, 20003, base.Unreachable),
        (400, 0, base.Rejected),
        (500, 20500, base.Uncertain),
        (503, 0, base.Uncertain),
    ],
)
def test_each_refusal_is_said_in_our_own_words(
    stand_in: StandIn, sender: Sends, status: int, code: int, problem: type[SendError]
) -> None:
    stand_in.refuses(status, code)
    with pytest.raises(problem) as raised:
        sender(stand_in.url).send(OUT)
    assert type(raised.value) is problem
    assert AUTH not in str(raised.value) and OUT.to not in str(raised.value)


def test_where_nobody_listens_the_text_surely_did_not_go(sender: Sends) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(base.Unreachable):
        sender(f"http://127.0.0.1:{port}").send(OUT)


def test_an_answer_that_never_comes_leaves_it_uncertain_and_it_is_not_tried_again(
    stand_in: StandIn, sender: Sends
) -> None:
    stand_in.hang = True
    with pytest.raises(base.Uncertain):
        sender(stand_in.url).send(OUT)
    assert len(stand_in.got) == 1


def test_a_connection_cut_after_the_request_leaves_it_uncertain(
    stand_in: StandIn, sender: Sends
) -> None:
    stand_in.slam = True
    with pytest.raises(base.Uncertain):
        sender(stand_in.url).send(OUT)
    assert len(stand_in.got) == 1


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"status": "queued"}'])
def test_an_answer_nobody_can_read_leaves_it_uncertain(
    stand_in: StandIn, sender: Sends, body: str
) -> None:
    stand_in.body = body
    with pytest.raises(base.Uncertain):
        sender(stand_in.url).send(OUT)


def test_threads_that_send_side_by_side_hear_each_of_its_own_text(
    stand_in: StandIn, sender: Sends
) -> None:
    stand_in.body = json.dumps({"sid": "SM{Body}", "status": "queued"})
    one = sender(stand_in.url)
    with ThreadPoolExecutor(TwilioSender.at_once) as threads:
        heard = list(
            threads.map(
                lambda n: one.send(Outbound(n, OUT.to, str(n), False)), range(100)
            )
        )
    assert heard == [f"SM{n}" for n in range(100)]
    assert sorted(int(got["Body"]) for got in stand_in.got) == list(range(100))


def test_a_repeat_is_not_safe_and_the_sender_says_so() -> None:
    assert not TwilioSender.repeat_is_safe
