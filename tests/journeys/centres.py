"""The far side of Kannel: phones behind its fake SMSC, and an operator's SMSC that
shares no line of code with it.
"""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tests.conftest import debian, missing
from tests.journeys.kannel import PASSWORD, Ports, await_true, status
from tests.journeys.servers import end

FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")  # Debian's kannel-extras
SMPP = "smpp@0.5.1"  # of npm
HERE = Path(__file__).parent


class Handsets:
    """Phones behind Kannel's fake SMSC: what they text, and what they are texted."""

    def __init__(self, ports: Ports) -> None:
        if not FAKESMSC.exists():
            debian("fakesmsc")
        self._ports = ports

    def texts(self, number: str, body: str, wait: float = 30.0) -> list[str]:
        """One text from this number to 2404, in the letters it needs; what comes back
        until one came or time is up.
        """
        kind, sent = (
            ("text", body)
            if body.isascii()
            else ("ucs2", quote_from_bytes(body.encode("utf-16-be"), ""))
        )
        with self.listening("-m", "1", f"{number} 2404 {kind} {sent}") as process:
            return self.hear(process, 1, wait)

    @contextmanager
    def listening(
        self, *arguments: str, output: int = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A fakesmsc that sends nothing unless told, bound before the block begins."""
        process = subprocess.Popen(
            [
                str(FAKESMSC),
                "-H",
                "127.0.0.1",
                "-r",
                str(self._ports.centre),
                *(arguments or ("-m", "0", "1 2 text -")),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            await_true(
                lambda: "online" in status(self._ports), "fakesmsc is not connected"
            )
            yield process
        finally:
            end(process)

    def hear(
        self, process: subprocess.Popen[bytes], most: int, wait: float = 30.0
    ) -> list[str]:
        """The texts handed over for delivery, as they read, until so many came or the
        time is up.
        """
        said: list[str] = []
        lines = Lines(process)
        for line in lines.within(wait):
            said += _message(line)
            if len(_whole(said)) >= most:
                for late in lines.within(0.3):
                    said += _message(late)
                return _whole(said)
        return _whole(said)


def _message(line: str) -> list[str]:
    return [line.partition("<")[2].rpartition(">")[0]] if "Got message" in line else []


def _whole(said: list[str]) -> list[str]:
    """Texts as they read, parts put together. fakesmsc speaks in lines: a text's
    further lines stand alone.
    """
    texts: list[str] = []
    more = 0
    for line in said:
        if not re.match(r"\S+ \S+ (text|data|ucs-2|udh) ", line):
            texts[-1] += f"\n{line}"
            continue
        text, still = _read(line)
        if more:
            texts[-1] += text
        else:
            texts.append(text)
        more = still
    return texts[:-1] if more else texts


def _read(line: str) -> tuple[str, int]:
    """`from to kind text` as it reads on the handset, and how many parts of it are
    still to come.
    """
    kind, _, rest = line.split(" ", 2)[2].partition(" ")
    more = 0
    if kind == "udh":
        header, kind, rest = rest.split(" ", 2)
        total, part = unquote_to_bytes(header)[-2:]
        more = total - part
    if kind == "text":
        return rest, more
    octets = unquote_to_bytes(rest.replace("+", " "))
    return octets.decode("utf-16-be" if b"\0" in octets else "utf-8"), more


class Centre:
    """The operator's SMSC of tests/journeys/smsc.js, run by node."""

    def __init__(self, port: int, modules: Path) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "NODE_PATH": str(modules / "node_modules"),
        }
        self.process = subprocess.Popen(
            [debian("node"), str(HERE / "smsc.js"), str(port), PASSWORD],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.seen: list[dict[str, Any]] = []
        self._lines = Lines(self.process)
        self.await_event("listening")

    def deliver(self, **message: Any) -> None:
        """Hand Kannel one message of a phone: from, to, text, coding, tlvs = {op, its}."""
        self._tell(message)

    def does(self, what: str) -> None:
        """From now on it will `deliver`, `refuse` or `expire` every text."""
        self._tell({"does": what})

    def _tell(self, what: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()

    def await_event(self, name: str, wait: float = 30.0) -> dict[str, Any]:
        """The next event of this name; all that passed stands in `seen`."""
        for line in self._lines.within(wait):
            event: dict[str, Any] = json.loads(line)
            self.seen.append(event)
            if event["event"] == name:
                return event
        raise AssertionError(f"the SMSC saw no {name!r}: {self.seen}")

    def await_text(self) -> dict[str, Any]:
        """The next text or screen handed over, its parts put together; `tlvs` and the
        rest are the first part's.
        """
        first = part = self.await_event("submitted")
        text = str(first["text"])
        while part["more"]:
            part = self.await_event("submitted")
            text += part["text"]
        return {**first, "text": text}

    def close(self) -> None:
        end(self.process)


def install_smpp(folder: Path) -> Path:
    """npm's smpp in a folder of its own: nothing of it is kept in the project."""
    npm = debian("npm")
    command = [
        npm,
        "install",
        SMPP,
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        str(folder),
    ]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        missing(f"npm could not bring {SMPP}: {done.stderr[-200:]}")
    return folder


class Lines:
    """What a process says, line by line."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._source, self._rest, self._ready = (
            process.stdout.fileno(),
            b"",
            list[str](),
        )

    def within(self, wait: float) -> Iterator[str]:
        """Lines as they come, until the time is up or the process ends."""
        until = time.monotonic() + wait
        while True:
            while self._ready:
                yield self._ready.pop(0)
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._source], [], [], left)[0]:
                return
            got = os.read(self._source, 65536)
            if not got:
                return
            *whole, self._rest = (self._rest + got).split(b"\n")
            self._ready += [line.decode(errors="replace") for line in whole]
