"""Through a real Kannel: texts answered, and texts sent with their receipts recorded,
beside Kannel's own ceilings.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import text

from bench import broadcasts
from bench.databases import Engine
from bench.load import phone
from db.store.engine import Database, connect
from db.store.statements import Statement
from gateway.transports.kannel import WANTED
from scheduler.sending import Sending
from settings import Settings, read
from tests.journeys import kannel
from tests.journeys.centres import FAKESMSC, Handsets
from tests.journeys.kannel import Ports, status
from tests.journeys.servers import environment, free_port, web

TEXTS, MANY = 1_000, 4_000
PATIENCE = 120.0  # seconds
FIXED = 'text = "Tra loi"'  # Kannel answers by itself, and asks nobody
_GO_LIVE = text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', 1)")
_IDS = "SELECT COUNT(*) FROM messages WHERE direction = 'in'"
_PEOPLE = Statement(
    text("""
    INSERT INTO people (commune_id, phone, hamlet_id, origin, made_at, marks)
    WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :many)
    SELECT 1, '+84' || CAST(970000000 + i AS VARCHAR), (SELECT MIN(id) FROM hamlets), 'register', 0, false
    FROM n
    """)
)
_DELIVERED = "SELECT COUNT(*) FROM messages WHERE status = 'DELIVERED'"


@dataclass(frozen=True, slots=True)
class Through:
    """Texts a second: answered by Kannel alone and by the service; sent by Kannel
    alone, with receipts that somebody only says yes to and without, and sent by the
    service, with each receipt recorded.
    """

    answers_alone: float
    answers: float
    alone: float
    alone_without: float
    sent: float
    delivered: float

    @property
    def ratio(self) -> float:
        """The service's texts, home and recorded, to those of Kannel alone with the
        same receipts.
        """
        return self.delivered / self.alone


def installed() -> bool:
    return shutil.which("bearerbox") is not None and FAKESMSC.exists()


def through(engine: Engine) -> Through:
    with _kannel("http://127.0.0.1:1", fixed=True) as ports:
        answers_alone = _answers(ports, partial(_sent, ports))
        alone = _alone(ports, WANTED)
        without = _alone(ports, 0)
    url = engine.fresh()
    port = free_port()
    with _kannel(f"http://127.0.0.1:{port}") as ports:
        given = _settings(port, ports)
        db = connect(url)
        with db.transaction() as tx:
            tx.run(_GO_LIVE)
        with web(url, workers=None, port=port, **given):
            answers = _answers(ports, partial(_count, db, _IDS))
            settings = read(environment(url, **given))
            settings = replace(settings, sms_rate=1_000_000)
            sent, delivered = _sends(db, settings, ports)
        db.close()
    return Through(answers_alone, answers, alone, without, sent, delivered)


@contextmanager
def _kannel(service: str, fixed: bool = False) -> Iterator[Ports]:
    ports = Ports.free()
    conf = kannel.config(ports, service, kannel.fake_centre(ports))
    if fixed:
        conf = re.sub('get-url = ".*"', FIXED, conf)
    with (
        tempfile.TemporaryDirectory(prefix="lensong-kannel-") as folder,
        kannel.kannel(Path(folder), ports, conf, verbosity="4"),
    ):
        yield ports


def _settings(port: int, ports: Ports) -> dict[str, str]:
    return {
        "SIMULATOR": "off",
        "SENDING": "on",
        "SMS_CARRIERS": "kannel",
        "SMS_RATE": "100000",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "KANNEL_SEND_URL": f"http://127.0.0.1:{ports.sendsms}/cgi-bin/sendsms",
        "KANNEL_USER": kannel.USER,
        "KANNEL_PASSWORD": kannel.PASSWORD,
        "KANNEL_FROM": "2404",
        "KANNEL_TOKEN": kannel.TOKEN,
    }


def _answers(ports: Ports, done: Callable[[], int]) -> float:
    """Everybody asks for help once, all at the same moment."""
    said = [f"{phone(number)} 2404 text TG" for number in range(TEXTS)]
    began = time.perf_counter()
    with _quietly(ports, "-i", "0", "-m", str(TEXTS), *said):
        ended = _until(lambda: done() >= TEXTS)
    return TEXTS / (ended - began)


def _alone(ports: Ports, mask: int) -> float:
    """The same calls of sendsms over kept connections, from a process of its own that
    keeps nothing.
    """
    numbers = [str(number) for number in (ports.sendsms, MANY, mask)]
    command = [sys.executable, "-m", "bench.receipts", *numbers]
    with _quietly(ports):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _sends(db: Database, settings: Settings, ports: Ports) -> tuple[float, float]:
    """One clock process sends a broadcast to everybody; the receipts come to the web
    process. Texts a second: handed over, and home.
    """
    with db.transaction() as tx:
        tx.run(_PEOPLE, many=MANY)
    firing = broadcasts.started(db, settings)
    broadcasts.freeze(db, settings, firing)
    nine = broadcasts.nine_tomorrow()
    sending = Sending(db, settings, lambda: nine)
    with _quietly(ports):
        began = time.perf_counter()
        sending.until_empty()
        sent = time.perf_counter()
        home = _until(lambda: _count(db, _DELIVERED) >= MANY)
    return MANY / (sent - began), MANY / (home - began)


@contextmanager
def _quietly(ports: Ports, *arguments: str) -> Iterator[None]:
    """Phones whose chatter nobody reads: a pipe that fills would hold them up. Without
    arguments they say nothing.
    """
    said = arguments or ("-m", "0", "1 2 text -")
    with Handsets(ports).listening("-v", "4", *said, output=subprocess.DEVNULL):
        yield


def _until(holds: Callable[[], bool]) -> float:
    """When it came true, looked at fifty times a second."""
    until = time.perf_counter() + PATIENCE
    while not holds():
        if time.perf_counter() > until:
            raise RuntimeError("Kannel or the service did not finish")
        time.sleep(0.02)
    return time.perf_counter()


def _count(db: Database, sql: str) -> int:
    with db.connection() as tx:
        return int(tx.value(text(sql)))


def _sent(ports: Ports) -> int:
    """As Kannel's own page counts them."""
    _, _, of_texts = status(ports).partition("SMS: received")
    found = re.search(r"sent (\d+)", of_texts)
    assert found
    return int(found[1])
