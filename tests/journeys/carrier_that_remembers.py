"""A carrier of a test's own that forgets nothing: Kannel's sendsms in a process apart,
which outlives every kill.

    python -m tests.journeys.carrier_that_remembers FILE PORT '{"seed": 1, "refuses":
    0.05}'

Every text it takes stands in FILE, a line of JSON, before the service hears that it was
taken. What it does with a text is drawn from the seed, the text and how often it was
asked, so that a story can be told again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from tests.journeys.kannel import answers, await_true
from tests.journeys.servers import ROOT, end, free_port

ACCEPTED = b"0: Accepted for delivery"
LONGER_THAN_ANYBODY_WAITS = 12.0  # seconds; the service gives a carrier ten
SLOW = 0.3
REPORTERS = 4  # receipts that are brought back at the same time


@dataclass(frozen=True, slots=True)
class Manners:
    """What it does with which share of the texts; the rest is taken and answered at
    once.
    """

    seed: int = 0
    refuses: float = 0.0  # 503, and not taken
    slow: float = 0.0
    twice: float = 0.0  # the answer stands there twice
    drops: float = 0.0  # taken, and the connection breaks without an answer
    hangs: float = 0.0  # taken, and no answer comes as long as anybody waits
    # seconds before every answer, so that calls are open at the same time
    pause: float = 0.0
    receipts: float = 0.0  # a report that it was delivered
    failures: float = 0.0  # of the reports: that it was not
    receipts_twice: float = 0.0  # of the reports: brought a second time
    receipts_early: float = 0.0  # of the reports: brought before the answer


@dataclass(frozen=True, slots=True)
class Taken:
    """One text that it took: our id for it, the number, the words, and when (seconds
    since 1970).
    """

    message: int
    to: str
    text: str
    at: float


@dataclass(slots=True)
class Carrier:
    """The process, and its memory as it stands in the file."""

    port: int
    file: Path
    process: subprocess.Popen[bytes]
    _read: int = 0
    _lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where texts are handed over."""
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def settings(self, public_url: str = "http://127.0.0.1:1") -> dict[str, str]:
        """What a live installation needs to send through it."""
        return {
            "SIMULATOR": "off",
            "SENDING": "on",
            "PUBLIC_URL": public_url,
            "SMS_CARRIERS": "kannel",
            "KANNEL_SEND_URL": self.address,
            "KANNEL_USER": "lensong",
            "KANNEL_PASSWORD": "made-up",
            "KANNEL_FROM": "2404",
            "KANNEL_TOKEN": "a-made-up-token",
        }

    def remembers(self) -> list[dict[str, Any]]:
        """Every line of its memory so far."""
        with self.file.open("rb") as memory:
            memory.seek(self._read)
            for line in memory:
                if not line.endswith(b"\n"):
                    break  # being written
                self._read += len(line)
                self._lines.append(json.loads(line))
        return self._lines

    def taken(self) -> list[Taken]:
        """Every text that it took, in order."""
        return [
            Taken(line["message"], line["to"], line["text"], line["at"])
            for line in self.remembers()
            if line["what"] == "taken"
        ]

    def reported(self) -> dict[int, str]:
        """The reports that the service took: message id -> delivered or failed."""
        return {
            line["message"]: line["said"]
            for line in self.remembers()
            if line["what"] == "reported"
        }

    def counts(self) -> Counter[str]:
        """How often it did what."""
        return Counter(line["what"] for line in self.remembers())


@contextmanager
def carrier(
    file: Path, manners: Manners = Manners(), port: int = 0
) -> Iterator[Carrier]:
    """The process, up before the block begins and gone after it; its memory stays in
    the file.
    """
    port = port or free_port()
    file.touch()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.journeys.carrier_that_remembers",
            str(file),
            str(port),
            json.dumps(asdict(manners)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        await_true(lambda: answers(port), "the carrier does not listen")
        yield Carrier(port, file, process)
    finally:
        end(process)


class _Memory:
    """The file. A line is with the kernel before anybody hears of it: that outlives a
    kill of any process here.
    """

    def __init__(self, file: str) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._asked: Counter[int] = Counter()
        self._lock = threading.Lock()

    def keep(self, what: str, **more: object) -> None:
        os.write(
            self._file,
            json.dumps({"what": what, "at": time.time(), **more}).encode() + b"\n",
        )

    def asked(self, message: int) -> int:
        """How often it has been asked to take this text, with this time."""
        with self._lock:
            self._asked[message] += 1
            return self._asked[message]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, memory: _Memory, manners: Manners) -> None:
        super().__init__(("127.0.0.1", port), _Call)
        self.memory, self.manners = memory, manners
        self.reporters = ThreadPoolExecutor(REPORTERS)

    def handle_error(self, *_: object) -> None:
        """A connection broke off: whoever asked was killed, or wants no more of it."""


class _Call(BaseHTTPRequestHandler):
    """One connection of the service, with one text after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer goes out in one piece
    server: _Server

    def do_GET(self) -> None:
        asked = {
            name: values[0]
            for name, values in parse_qs(urlsplit(self.path).query).items()
        }
        message = int(parse_qs(urlsplit(asked["dlr-url"]).query)["message"][0])
        manners, memory = self.server.manners, self.server.memory
        rng = random.Random(f"{manners.seed}:{message}:{memory.asked(message)}")
        if rng.random() < manners.refuses:
            memory.keep("refused", message=message)
            self._answer(503, b"Queue full")
            return
        memory.keep("taken", message=message, to=asked["to"], text=asked["text"])
        early = rng.random() < manners.receipts_early
        if rng.random() < manners.receipts:
            brings = self.server.reporters.submit(
                _report, memory, manners, rng, message, asked["dlr-url"]
            )
            if early:
                brings.result()
        time.sleep(manners.pause)
        self._says(rng.random(), manners)

    def _says(self, will: float, manners: Manners) -> None:
        for share, act in (
            (manners.hangs, self._hang),
            (manners.drops, self._drop),
            (manners.slow, self._slow),
            (manners.twice, self._twice),
        ):
            if will < share:
                if act in (self._hang, self._drop):
                    self.server.memory.keep("silent")
                act()
                return
            will -= share
        self._answer(202, ACCEPTED)

    def _hang(self) -> None:
        time.sleep(LONGER_THAN_ANYBODY_WAITS)
        self._drop()

    def _drop(self) -> None:
        self.close_connection = True

    def _slow(self) -> None:
        time.sleep(SLOW)
        self._answer(202, ACCEPTED)

    def _twice(self) -> None:
        self._answer(202, ACCEPTED)
        self._answer(202, ACCEPTED)

    def _answer(self, status: int, said: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # whoever asked was killed meanwhile

    def log_message(self, *_: object) -> None:
        pass


def _report(
    memory: _Memory, manners: Manners, rng: random.Random, message: int, address: str
) -> None:
    """Bring the receipt back, again and again until it is taken, as a carrier does."""
    kind, said = (
        ("2", "failed") if rng.random() < manners.failures else ("1", "delivered")
    )
    for _ in range(2 if rng.random() < manners.receipts_twice else 1):
        for _ in range(50):
            try:
                with urlopen(
                    address.replace("%d", kind).replace("%A", "made-up"), timeout=30
                ):
                    memory.keep("reported", message=message, said=said)
                    break
            except OSError:
                time.sleep(0.2)


def main() -> None:
    file, port, manners = sys.argv[1:]
    server = _Server(int(port), _Memory(file), Manners(**json.loads(manners)))
    # whoever still hangs on it is let go
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()
