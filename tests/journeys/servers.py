"""Web and clock processes of a test's own: on a free loopback port, with its own
database and keys, ended by pid.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 60.0  # seconds; other tests run beside it
SERVICE = "gateway.app:create_app()"


def environment(url: str, **more: str) -> dict[str, str]:
    """What a process of the service needs and nothing of what this machine's owner has
    set.
    """
    own = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "TMPDIR")
        if name in os.environ
    }
    return {
        **own,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "SECRET_KEY": "a secret key of the tests, nothing else",
        "PRIVACY_KEY": "a privacy key of the tests, nothing else",
        "SIMULATOR": "on",
        **more,
    }


@dataclass(slots=True)
class Web:
    """A running gunicorn. `first_answer` is the time from the start of the process to
    its first answer, seconds.
    """

    port: int
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    first_answer: float = 0.0

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        listed = Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        ).read_text()
        return [int(pid) for pid in listed.split()]

    def said(self) -> str:
        """All that it has logged."""
        self.log.seek(0)
        return self.log.read().decode()


@contextmanager
def web(
    url: str,
    *,
    workers: int | None = None,
    app: str = SERVICE,
    probe: str = "/healthz",
    port: int = 0,
    **more: str,
) -> Iterator[Web]:
    """gunicorn with the project's own settings, up before the block begins and gone
    after it.
    """
    port = port or free_port()
    if workers is not None:
        more["WEB_CONCURRENCY"] = str(workers)
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                str(ROOT / "gunicorn.conf.py"),
                app,
            ],
            cwd=ROOT,
            env=environment(url, HOST="127.0.0.1", PORT=str(port), **more),
            stdout=log,
            stderr=log,
        )
        served = Web(port, process, log)
        try:
            _await_answer(served, probe, began + START_WITHIN)
            served.first_answer = time.monotonic() - began
            yield served
        finally:
            end(process)


def clock(url: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """A `python -m scheduler` with these arguments, under way."""
    return subprocess.Popen(
        [sys.executable, "-m", "scheduler", *arguments],
        cwd=ROOT,
        env=environment(url, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Phone:
    """One resident's phone on one kept-alive connection; `call` and `press` return what
    the screen says.
    """

    def __init__(
        self, port: int, number: str, session: str, path: str = "/ussd/simulator"
    ) -> None:
        self.number, self.session, self.typed, self.status = number, session, "", 0
        self._path = path
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def dial(self) -> str:
        self.typed = ""
        return self.send(self.typed)

    def press(self, key: str) -> str:
        self.typed = f"{self.typed}*{key}" if self.typed else key
        return self.send(self.typed)

    def send(self, text: str) -> str:
        """One request of the carrier, as it would repeat it. The status stands in
        `status`.
        """
        form = {
            "sessionId": self.session,
            "phoneNumber": self.number,
            "serviceCode": "*2404#",
            "text": text,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._line.request("POST", self._path, urlencode(form), headers)
        answer = self._line.getresponse()
        self.status = answer.status
        return answer.read().decode()

    def hang_up(self) -> None:
        self._line.close()


def free_port() -> int:
    """A free port below those the system hands out by itself, so that no connection
    takes it before the server does.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def _await_answer(served: Web, path: str, until: float) -> None:
    while time.monotonic() < until and served.process.poll() is None:
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        try:
            line.request("GET", path)
            line.getresponse().read()
            return
        except OSError:
            time.sleep(0.02)
        finally:
            line.close()
    raise RuntimeError(f"gunicorn did not answer: {served.said()}")


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
