"""Kannel of a test's own: both boxes on private loopback ports, a message centre behind them, ended by pid."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.conftest import debian
from tests.journeys.servers import end, free_port

FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")  # Debian's kannel-extras
SMPP = "smpp@0.5.1"  # of npm: an SMSC that shares no line of code with Kannel
HERE = Path(__file__).parent
START_WITHIN = 20.0  # seconds
TOKEN, USER, PASSWORD = "a-made-up-token", "lensong", "made-up"  # SMPP 3.4 has room for 8 characters of password


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens; all on loopback, but for bearerbox's fake SMSC, which admits loopback alone."""

    admin: int
    boxes: int
    sendsms: int
    centre: int

    @classmethod
    def free(cls) -> Ports:
        return cls(*(free_port() for _ in range(4)))


def config(ports: Ports, service: str, centre: str) -> str:
    """kannel.conf as docs/operations.md shows it, filled in. `service`: address without a slash."""
    question = "&".join(
        f"{name}=%{escape}"
        for name, escape in (
            ("from", "p"), ("to", "P"), ("text", "a"), ("id", "I"), ("coding", "c"), ("charset", "C"), ("ts", "t"),
            ("binfo", "B"), ("meta", "D"),
        )
    )  # fmt: skip
    return f"""
group = core
admin-port = {ports.admin}
admin-interface = 127.0.0.1
admin-password = {PASSWORD}
smsbox-port = {ports.boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = "*.*.*.*"
dlr-storage = internal

{centre}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {ports.sendsms}
sendsms-interface = 127.0.0.1
mo-recode = true
http-request-retry = 3
http-queue-delay = 2
reply-couldnotfetch = "Xin loi, may dang ban. Vui long nhan lai sau it phut."
reply-couldnotrepresent = "Xin loi, may dang ban. Vui long nhan lai sau it phut."
reply-requestfailed = "Xin loi, may dang ban. Vui long nhan lai sau it phut."

group = sendsms-user
username = {USER}
password = {PASSWORD}
user-allow-ip = 127.0.0.1
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 10
concatenation = true
omit-empty = true
accept-x-kannel-headers = true
get-url = "{service}/sms/kannel?token={TOKEN}&{question}"
"""


def fake_centre(ports: Ports) -> str:
    return f"""
group = smsc
smsc = fake
smsc-id = fake
port = {ports.centre}
connect-allow-ip = 127.0.0.1
"""


def smpp_centre(ports: Ports, password: str = PASSWORD) -> str:
    """A bind as transceiver; what a USSD message carries besides its text are TLVs, which Kannel must be told of."""
    return f"""
group = smsc
smsc = smpp
smsc-id = operator
host = 127.0.0.1
port = {ports.centre}
transceiver-mode = true
smsc-username = {USER}
smsc-password = {password}
system-type = ""
service-type = ""
enquire-link-interval = 30
reconnect-delay = 1

group = smpp-tlv
name = ussd_service_op
tag = 0x0501
type = integer
length = 1
smsc-id = operator

group = smpp-tlv
name = its_session_info
tag = 0x1383
type = octetstring
length = 2
smsc-id = operator
"""


@contextmanager
def kannel(folder: Path, ports: Ports, conf: str) -> Iterator[dict[str, Path]]:
    """Both boxes, up before the block begins and gone after it. Yields where each writes what it does."""
    bearerbox, smsbox = debian("bearerbox"), debian("smsbox")
    (folder / "kannel.conf").write_text(conf)
    logs = {name: folder / f"{name}.log" for name in ("bearerbox", "smsbox")}
    started: list[subprocess.Popen[bytes]] = []
    try:
        for program, port in ((bearerbox, ports.boxes), (smsbox, ports.sendsms)):
            with logs[Path(program).name].open("wb") as log:
                process = subprocess.Popen(
                    [program, "-v", "0", "kannel.conf"], cwd=folder, stdout=log, stderr=log, start_new_session=True
                )
            started.append(process)
            await_true(lambda port=port: answers(port), f"{program} does not listen")  # type: ignore[misc]
        yield logs
    finally:
        for process in reversed(started):
            end(process)


def status(ports: Ports) -> str:
    """What bearerbox says of itself and its connections."""
    with urlopen(f"http://127.0.0.1:{ports.admin}/status.txt?password={PASSWORD}", timeout=10) as answer:
        return str(answer.read().decode())


class Handsets:
    """Phones behind Kannel's fake SMSC: `text` sends, `heard` is what came back: (from, to, kind, text)."""

    def __init__(self, ports: Ports) -> None:
        if not FAKESMSC.exists():
            debian("fakesmsc")
        self._ports = ports

    def texts(self, number: str, body: str, *, kind: str = "text", wait: float = 10.0) -> list[str]:
        """One text from this number; what the SMSC is given to deliver until `wait` seconds pass or one came."""
        process = self.listen("-m", "1", f"{number} 2404 {kind} {body}")
        try:
            return self.hear(process, wait, 1)
        finally:
            end(process)

    def listen(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A fakesmsc that sends nothing by itself."""
        return subprocess.Popen(
            [str(FAKESMSC), "-H", "127.0.0.1", "-r", str(self._ports.centre), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def hear(self, process: subprocess.Popen[bytes], wait: float, most: int) -> list[str]:
        said: list[str] = []
        for line in Lines(process).within(wait):
            if "Got message" in line:
                said.append(line.partition("<")[2].rpartition(">")[0])
            if len(said) >= most:
                break
        return said


class Centre:
    """The operator's SMSC of tests/journeys/smsc.js, run by node."""

    def __init__(self, port: int, modules: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(modules / "node_modules")}
        self.process = subprocess.Popen(
            [debian("node"), str(HERE / "smsc.js"), str(port), PASSWORD],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.seen: list[dict[str, Any]] = []
        self._lines = Lines(self.process)
        self.await_event("listening")

    def deliver(self, **message: Any) -> None:
        """Hand Kannel one message of a phone: from, to, text, coding, tlvs = {op, its}."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def await_event(self, name: str, wait: float = 15.0) -> dict[str, Any]:
        """The next event of this name; all that passed stands in `seen`."""
        for line in self._lines.within(wait):
            event: dict[str, Any] = json.loads(line)
            self.seen.append(event)
            if event["event"] == name:
                return event
        raise AssertionError(f"the SMSC saw no {name!r}: {self.seen}")

    def close(self) -> None:
        end(self.process)


def install_smpp(folder: Path) -> Path:
    """npm's smpp in a folder of its own: nothing of it is kept in the project."""
    npm = debian("npm")
    command = [npm, "install", SMPP, "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def await_true(holds: Callable[[], bool], complaint: str, wait: float = START_WITHIN) -> None:
    until = time.monotonic() + wait
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(complaint)
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Lines:
    """What a process says, line by line."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._source, self._rest, self._ready = process.stdout.fileno(), b"", list[str]()

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
