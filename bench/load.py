"""The residents: one cheap process that dials, presses and times, over kept-alive
connections, without a framework.

`python -m bench.load PORT FIRST MANY [RATE]`: journeys of phones FIRST to FIRST + MANY
- 1; without RATE as fast as the answers come, with it that many requests a second on
average, since people neither dial in step nor read equally fast. Prints one line of
JSON.
"""

from __future__ import annotations

import gc
import heapq
import json
import random
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import quote_plus

from bench.journey import EVENTS, HAMLETS, SLOTS, TURNS

LENGTH = b"content-length:"
CONNECTIONS = 8
PACED_CONNECTIONS = 32


class Answers(TypedDict):
    """What came back: answers a second, milliseconds from when a request should have
    left; counts of the rest.
    """

    requests: int
    rate: float
    p50: float
    p99: float
    ended: int
    wrong: int


def phone(number: int) -> str:
    """Counted up from the first number of the demo block; the database is thrown away
    and nothing is sent.
    """
    return f"+84990{number:06}"


def texts(number: int) -> list[str]:
    """What this phone's carrier sends: dial, book, hamlet, event, time, confirm; spread
    over events and times.
    """
    hamlet = 1 + number % HAMLETS
    event = 1 + number % EVENTS
    slot = 1 + number // EVENTS % SLOTS
    keys = ["2", str(hamlet), str(event), str(slot), "1"]
    return ["*".join(keys[:pressed]) for pressed in range(TURNS)]


def requests(number: int) -> Iterator[bytes]:
    who = quote_plus(phone(number))
    for text in texts(number):
        body = f"sessionId=bench-{number}&phoneNumber={who}&serviceCode=%2A2404%23&text={quote_plus(text)}"
        yield (
            f"POST /ussd/simulator HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


@dataclass(slots=True)
class Line:
    """One connection, and the requests it still has to send. `due` is when the request
    on its way should have left.
    """

    waiting: Iterator[bytes]
    due: float
    socket: socket.socket = field(default_factory=socket.socket)
    heard: bytearray = field(default_factory=bytearray)
    last: bytes = b""


class Load:
    """Everything that was measured: seconds for each answer, and what was wrong with
    any.
    """

    def __init__(self, port: int, first: int, many: int, rate: float = 0.0) -> None:
        self.port = port
        self.gap = 0.0  # seconds between two keys of one phone
        self.lines = CONNECTIONS
        if rate:
            self.gap = PACED_CONNECTIONS / rate
            self.lines = PACED_CONNECTIONS
        self.chance = random.Random(first)
        self.numbers = iter(range(first, first + many))
        self.took: list[float] = []
        self.ended = 0
        self.wrong = 0
        self._selector = selectors.DefaultSelector()
        # a heap by the moment at which a line is due
        self._later: list[tuple[float, int, Line]] = []

    def run(self) -> Answers:
        began = time.perf_counter()
        for _ in range(self.lines):
            wait = self.chance.uniform(0, TURNS * self.gap)
            line = Line(iter(()), due=began + wait)
            self._next(line, began)
        while True:
            pause = self._send_due()
            if pause is None and not self._selector.get_map():
                break  # the last line has just hung up
            for key, _ in self._selector.select(pause):
                self._hear(key.data)
        seconds = time.perf_counter() - began
        return self._figures(seconds)

    def _send_due(self) -> float | None:
        """What is due by now goes. Seconds until the next is due; none where no line
        waits for its moment.
        """
        now = time.perf_counter()
        while self._later:
            due, _, line = self._later[0]
            if due > now:
                return due - now
            heapq.heappop(self._later)
            self._send(line, now)
        return None

    def _connect(self, line: Line) -> None:
        """Only when it has something to say, as carriers do."""
        line.socket.connect(("127.0.0.1", self.port))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(line.socket, selectors.EVENT_READ, line)

    def _next(self, line: Line, now: float) -> None:
        if line.due > now:
            waits = (line.due, id(line), line)
            heapq.heappush(self._later, waits)
        else:
            self._send(line, now)

    def _send(self, line: Line, now: float) -> None:
        message = next(line.waiting, None)
        if message is None:
            number = next(self.numbers, None)
            if number is None:
                if line.last:
                    self._selector.unregister(line.socket)
                line.socket.close()
                return
            line.waiting = requests(number)
            message = next(line.waiting)
        if not self.gap:
            line.due = now
        if not line.last:
            self._connect(line)
        line.last = message
        line.socket.sendall(message)

    def _hear(self, line: Line) -> None:
        line.heard += line.socket.recv(65536)
        if not line.heard:
            raise ConnectionError("the server hung up")
        head, _, body = bytes(line.heard).partition(b"\r\n\r\n")
        if not _is_whole(head, body):
            return
        now = time.perf_counter()
        self.took.append(now - line.due)
        self._judge(head, body, line.last)
        line.heard.clear()
        line.due += self.gap * self.chance.uniform(0.5, 1.5)
        self._next(line, now)

    def _judge(self, head: bytes, body: bytes, sent: bytes) -> None:
        ends = body.startswith(b"END")
        self.ended += ends
        # the code dialled has one star, the last text four
        should_end = sent.count(b"%2A") == TURNS - 1
        is_ok = b" 200 " in head[:15]
        if not is_ok or ends != should_end:
            self.wrong += 1

    def _figures(self, seconds: float) -> Answers:
        took = sorted(self.took)
        return {
            "requests": len(took),
            "rate": len(took) / seconds,
            "p50": 1000 * took[len(took) // 2],
            "p99": 1000 * took[len(took) * 99 // 100],
            "ended": self.ended,
            "wrong": self.wrong,
        }


def _is_whole(head: bytes, body: bytes) -> bool:
    """Whether the answer has come to its end."""
    at = head.lower().find(LENGTH)
    if at < 0:
        return False
    value = head[at + len(LENGTH) :]
    length, _, _ = value.partition(b"\r\n")
    return len(body) >= int(length)


def main() -> None:
    # a pause of the residents' own, 20 to 40 ms, would be taken for the server's
    gc.disable()
    port, first, many, *paced = sys.argv[1:]
    rate = float(paced[0]) if paced else 0.0
    load = Load(int(port), int(first), int(many), rate)
    answers = load.run()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
