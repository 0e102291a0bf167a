"""Kannel alone: as many texts as it takes, with the receipts it wants to give, answered
by somebody who keeps nothing.

A process of its own (`python -m bench.receipts SENDSMS_PORT TEXTS MASK`): it prints
texts a second, from the first call until the last receipt.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from bench.load import phone
from tests.journeys import kannel

CONNECTIONS = 32
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
PATIENCE = 120.0  # seconds


class Sink(asyncio.Protocol):
    """Says yes to every request and counts them."""

    seen = 0
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        heard = self._rest + data
        *whole, self._rest = heard.split(b"\r\n\r\n")
        number = len(whole)
        Sink.seen += number
        self.transport.write(OK * number)


async def drive(port: int, texts: int, mask: int) -> float:
    """Texts a second, each home."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    _, back = server.sockets[0].getsockname()
    began = time.perf_counter()
    todo = iter(range(texts))  # all connections take theirs from it
    sending = [_send(port, back, mask, todo) for _ in range(CONNECTIONS)]
    await asyncio.gather(*sending)
    if mask:
        await _until_home(texts, began + PATIENCE)
    seconds = time.perf_counter() - began
    return texts / seconds


async def _until_home(texts: int, until: float) -> None:
    """Raises RuntimeError where the receipts are not there by then."""
    while Sink.seen < texts:
        if time.perf_counter() > until:
            raise RuntimeError(f"{Sink.seen} of {texts} receipts came")
        await asyncio.sleep(0.005)


async def _send(port: int, back: int, mask: int, todo: Iterator[int]) -> None:
    """One kept connection, one call after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in todo:
        request = _request(number, back, mask)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 202 " in head[:20], head
        length = _length(head)
        await reader.readexactly(length)
    writer.close()


def _request(number: int, back: int, mask: int) -> bytes:
    given = {
        "username": kannel.USER,
        "password": kannel.PASSWORD,
        "from": "2404",
        "to": phone(number),
        "text": "x" * 120,
        "coding": "0",
    }
    if mask:
        given["dlr-mask"] = str(mask)
        given["dlr-url"] = f"http://127.0.0.1:{back}/r?m={number}&type=%d"
    query = urlencode(given)
    return f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nHost: here\r\n\r\n".encode()


def _length(head: bytes) -> int:
    """What follows, in bytes."""
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    raise ValueError("an answer without its length")


def main() -> None:
    port, texts, mask = map(int, sys.argv[1:])
    rate = asyncio.run(drive(port, texts, mask))
    print(rate)


if __name__ == "__main__":
    main()
