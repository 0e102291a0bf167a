"""How the web process listens (gunicorn.conf.py)."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from db.store.engine import Database
from tests import factories
from tests.journeys.servers import Phone, web


@pytest.mark.skipif(
    not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="only Linux knows TCP_DEFER_ACCEPT"
)
def test_connections_that_say_nothing_keep_no_resident_waiting(
    db: Database, url: str
) -> None:
    """Browsers open some ahead; as many as there are threads used to hold every call up
    for five seconds.
    """
    with web(url) as server, ExitStack() as silent:
        phone = Phone(server.port, factories.phone(1), "call-1")
        for _ in range(16):
            silent.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        began = time.monotonic()
        assert phone.dial().startswith("CON")
        assert time.monotonic() - began < 4
        phone.hang_up()


def test_a_line_that_was_silent_is_heard_when_it_speaks(db: Database, url: str) -> None:
    with (
        web(url) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as line,
    ):
        time.sleep(0.5)
        line.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )
        assert line.recv(64).startswith(b"HTTP/1.1 200")
