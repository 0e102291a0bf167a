"""Kannel of a test's own: both boxes on private loopback ports, a message centre behind
them, ended by pid.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from tests.conftest import debian
from tests.journeys.servers import end, free_port

START_WITHIN = 60.0  # seconds; other tests run beside it
# SMPP 3.4 has room for 8 characters of password
TOKEN, USER, PASSWORD = (
    "a-made-up-token",
    "lensong",
    "made-up",
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens; all on loopback, but for bearerbox's fake SMSC, which
    admits loopback alone.
    """

    admin: int
    boxes: int
    sendsms: int
    centre: int

    @classmethod
    def free(cls) -> Ports:
        return cls(*(free_port() for _ in range(4)))


def config(ports: Ports, service: str, centre: str) -> str:
    """kannel.conf as docs/operations.md shows it, filled in. `service`: address without
    a slash.
    """
    question = "&".join(
        f"{name}=%{escape}"
        for name, escape in (
            ("from", "p"),
            ("to", "P"),
            ("text", "a"),
            ("id", "I"),
            ("coding", "c"),
            ("charset", "C"),
            ("ts", "t"),
            ("binfo", "B"),
            ("meta", "D"),
        )
    )
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
    """A bind as transceiver; what a USSD message carries besides its text are TLVs,
    which Kannel must be told of.
    """
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
def kannel(
    folder: Path, ports: Ports, conf: str, verbosity: str = "0"
) -> Iterator[dict[str, Path]]:
    """Both boxes, up before the block begins and gone after it. Yields where each
    writes what it does.
    """
    bearerbox, smsbox = debian("bearerbox"), debian("smsbox")
    (folder / "kannel.conf").write_text(conf)
    logs = {name: folder / f"{name}.log" for name in ("bearerbox", "smsbox")}
    started: list[subprocess.Popen[bytes]] = []
    try:
        for program, port in ((bearerbox, ports.boxes), (smsbox, ports.sendsms)):
            with logs[Path(program).name].open("wb") as log:
                process = subprocess.Popen(
                    [program, "-v", verbosity, "kannel.conf"],
                    cwd=folder,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            started.append(process)
            said = logs[Path(program).name]
            await_true(partial(answers, port), f"{program} does not listen, see {said}")
        yield logs
    finally:
        for process in reversed(started):
            end(process)


def status(ports: Ports) -> str:
    """What bearerbox says of itself and its connections."""
    with urlopen(
        f"http://127.0.0.1:{ports.admin}/status.txt?password={PASSWORD}", timeout=10
    ) as answer:
        return str(answer.read().decode())


def await_true(
    holds: Callable[[], bool], complaint: str, wait: float = START_WITHIN
) -> None:
    until = time.monotonic() + wait
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(complaint)
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
