"""Kannel alone: as many texts as it takes, with the receipts it wants to give, answered by somebody who keeps nothing.

A process of its own (`python -m bench.receipts SENDSMS_PORT TEXTS MASK`): it prints texts a second, from the first
call until the last receipt.
"""

from __future__ import annotations

import asyncio
import sys
import time
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
        self.transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        Sink.seen += len(whole)
        self.transport.write(OK * len(whole))


async def drive(port: int, texts: int, mask: int) -> float:
    """Texts a second, each home."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    back = server.sockets[0].getsockname()[1]
    began = time.perf_counter()
    todo = iter(range(texts))
    await asyncio.gather(*(_send(port, back, mask, todo) for _ in range(CONNECTIONS)))
    until = began + PATIENCE
    while Sink.seen < texts and mask:
        if time.perf_counter() > until:
            raise RuntimeError(f"{Sink.seen} of {texts} receipts came")
        await asyncio.sleep(0.005)
    return texts / (time.perf_counter() - began)


async def _send(port: int, back: int, mask: int, todo: object) -> None:
    """One kept connection, one call after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in todo:  # type: ignore[attr-defined]  # an iterator that all share
        given = {
            "username": kannel.USER,
            "password": kannel.PASSWORD,
            "from": "2404",
            "to": phone(number),
            "text": "x" * 120,
            "coding": "0",
        }
        if mask:
            given |= {
                "dlr-mask": str(mask),
                "dlr-url": f"http://127.0.0.1:{back}/r?m={number}&type=%d",
            }
        writer.write(
            f"GET /cgi-bin/sendsms?{urlencode(given)} HTTP/1.1\r\nHost: here\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 202 " in head[:20], head
        length = int(
            next(
                line
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ).split()[1]
        )
        await reader.readexactly(length)
    writer.close()


if __name__ == "__main__":
    print(asyncio.run(drive(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
