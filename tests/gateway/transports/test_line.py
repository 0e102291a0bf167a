"""Kept connections and a real server that hangs up at bad moments: what surely did not
go, and what nobody knows.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPMessage, parse_headers
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast

import pytest

from gateway.transports import line
from gateway.transports.base import SendError, Uncertain, Unreachable
from gateway.transports.line import Answer, Line
from tests.journeys.servers import free_port

SECRET = "a-made-up-password"
LARGE = b"x" * 20_000_000  # more than the buffers of both ends hold


class Carrier(ThreadingTCPServer):
    """Does with each request, in turn, what `does` says; the last of these for ever."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *does: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.connections = 0
        self.read: list[str] = []  # first lines of the requests that arrived whole
        self.headers: list[HTTPMessage] = []
        self.over = threading.Event()
        self._does, self._lock = list(does), threading.Lock()

    def next(self) -> str:
        with self._lock:
            return self._does.pop(0) if len(self._does) > 1 else self._does[0]


class Handler(StreamRequestHandler):
    def handle(self) -> None:
        carrier = cast(Carrier, self.server)
        carrier.connections += 1
        while self._serve(carrier):
            pass

    def _serve(self, carrier: Carrier) -> bool:
        """One request. Whether the connection is kept."""
        first = self.rfile.readline().decode()
        if not first:
            return False
        does = carrier.next()
        if does == "cut it off":
            return self._slam()
        headers = parse_headers(self.rfile)
        self.rfile.read(int(headers.get("Content-Length", "0")))
        carrier.read.append(first)
        carrier.headers.append(headers)
        if does == "hang up without a word":
            return False
        if does == "slam":
            return self._slam()
        if does == "say nothing":
            carrier.over.wait(10)
            return False
        said = first.split()[1].encode()
        if does == "say half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + said)
            return False
        if does == "send elsewhere":
            self.wfile.write(
                b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
            )
            return True
        closes = b"Connection: close\r\n" if does == "answer for the last time" else b""
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b"
            % (closes, len(said), said)
        )
        if does == "answer, then complain of the silence":
            time.sleep(0.05)
            self.wfile.write(
                b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
            )
            return True
        return does == "answer"

    def _slam(self) -> bool:
        """Hang up with a reset."""
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.connection.close()
        return False

    def finish(self) -> None:
        if self.connection.fileno() >= 0:
            super().finish()


@contextmanager
def carrier(*does: str) -> Iterator[Carrier]:
    server = Carrier(*does)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def line_to(address: str, at_once: int = 4) -> Iterator[Line]:
    made = Line(address, at_once, seconds_to_answer=0.5)
    try:
        yield made
    finally:
        made.close()


def ask(made: Line, server: Carrier, what: str = "1") -> Answer:
    return made.call("GET", f"{server.address}/{what}?password={SECRET}")


def arrived(server: Carrier) -> list[str]:
    """The requests that were read whole, by what they asked."""
    return [first.split()[1].partition("?")[0] for first in server.read]


def test_a_connection_is_kept_for_the_next_call() -> None:
    with carrier("answer") as server, line_to(server.address) as made:
        assert [ask(made, server, what).text.partition("?")[0] for what in "123"] == [
            "/1",
            "/2",
            "/3",
        ]
        assert server.connections == 1


@pytest.mark.parametrize(
    "then",
    [
        "answer, then hang up",
        "answer for the last time",
        "answer, then complain of the silence",
    ],
)
def test_a_connection_that_the_carrier_has_left_is_not_used_again(then: str) -> None:
    """Not even to read there what was said to nobody: a 408 is no answer to the next
    text.
    """
    with carrier(then, "answer") as server, line_to(server.address) as made:
        assert ask(made, server, "1").status == 200
        time.sleep(0.2)
        assert ask(made, server, "2").status == 200
        assert arrived(server) == ["/1", "/2"]
        assert server.connections == 2


def test_a_connection_that_was_quiet_for_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with carrier("answer") as server, line_to(server.address) as made:
        ask(made, server)
        monkeypatch.setattr(line, "SECONDS_KEPT", 0.05)
        time.sleep(0.1)
        ask(made, server)
        ask(made, server)
        assert server.connections == 2


@pytest.mark.parametrize(
    "does", ["hang up without a word", "slam", "say nothing", "say half"]
)
@pytest.mark.parametrize("kept", [False, True])
def test_a_text_that_was_read_and_not_answered_may_have_gone_and_is_not_written_again(
    does: str, kept: bool
) -> None:
    with (
        carrier(*(["answer"] if kept else []), does) as server,
        line_to(server.address) as made,
    ):
        if kept:
            ask(made, server, "before")
        with pytest.raises(Uncertain) as problem:
            ask(made, server, "text")
        assert type(problem.value) is Uncertain
        assert arrived(server).count("/text") == 1
        assert server.connections == 1
        assert says_no_secret(problem.value)


@pytest.mark.parametrize("kept", [False, True])
def test_a_text_cut_off_while_it_was_written_surely_did_not_go(kept: bool) -> None:
    with (
        carrier(*(["answer"] if kept else []), "cut it off") as server,
        line_to(server.address) as made,
    ):
        if kept:
            ask(made, server, "before")
        with pytest.raises(Unreachable) as problem:
            made.call("POST", f"{server.address}/text?password={SECRET}", body=LARGE)
        assert "/text" not in arrived(server)
        assert server.connections == 1
        assert says_no_secret(problem.value)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{}", "http://nowhere.invalid:{}", "http:///", "http://[::"],
)
def test_where_nobody_listens_the_text_surely_did_not_go(address: str) -> None:
    address = address.format(free_port())
    with line_to("http://127.0.0.1:1") as made, pytest.raises(Unreachable) as problem:
        made.call("GET", f"{address}/1?password={SECRET}")
    assert says_no_secret(problem.value)


def test_who_cannot_prove_its_name_reads_nothing() -> None:
    with carrier("answer") as server:
        address = server.address.replace("http:", "https:")
        with line_to(address) as made, pytest.raises(Unreachable):
            made.call("GET", f"{address}/1?password={SECRET}")
        assert server.read == []


def test_the_text_is_not_sent_on_to_where_the_carrier_points() -> None:
    with carrier("send elsewhere", "answer") as server, line_to(server.address) as made:
        assert ask(made, server).status == 302
        assert arrived(server) == ["/1"]


def test_many_threads_hear_each_its_own_answer_and_each_text_is_written_once() -> None:
    texts = [str(number) for number in range(400)]
    with (
        carrier("answer") as server,
        line_to(server.address, 16) as made,
        ThreadPoolExecutor(16) as threads,
    ):
        heard = list(
            threads.map(
                lambda text: ask(made, server, text).text.partition("?")[0], texts
            )
        )
        assert heard == [f"/{text}" for text in texts]
        assert sorted(arrived(server)) == sorted(heard)
        assert server.connections <= 16


def test_a_text_that_may_have_gone_says_nothing_of_the_next_one() -> None:
    with carrier("slam") as server, line_to(server.address) as made:
        with pytest.raises(Uncertain):
            ask(made, server)
        with pytest.raises(Unreachable):
            made.call("GET", f"http://127.0.0.1:{free_port()}")


def test_who_stands_in_the_address_is_said_in_a_header() -> None:
    with carrier("answer") as server:
        address = server.address.replace("//", "//user:pass%20word@")
        with line_to(address) as made:
            made.call("GET", f"{address}/1")
        assert server.headers[0]["Authorization"] == "Basic dXNlcjpwYXNzIHdvcmQ="
        assert arrived(server) == ["/1"]


def test_the_proxy_of_the_environment_is_asked_unless_the_carrier_is_excepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with carrier("answer") as proxy, carrier("answer") as server:
        monkeypatch.setenv(
            "http_proxy", f"user:pass@{proxy.address.removeprefix('http://')}"
        )
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with line_to(server.address) as made:
            made.call("GET", f"{server.address}/1")
        assert arrived(proxy) == [f"{server.address}/1"]
        assert proxy.headers[0]["Proxy-Authorization"] == "Basic dXNlcjpwYXNz"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with line_to(server.address) as made:
            made.call("GET", f"{server.address}/2")
        assert arrived(server) == ["/2"]


def says_no_secret(problem: SendError) -> bool:
    return SECRET not in "".join(traceback.format_exception(problem))
