"""Through a real Kannel: texts answered, and texts sent with their receipts recorded, beside Kannel's own ceilings."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from sqlalchemy import text

from bench.databases import Engine
from bench.load import phone
from db.engine import Database, connect, to_ms
from db.models import people
from db.texts import outbox
from menus.days import at_local, today
from scheduler.sending import Sending
from settings import read
from tests import factories as make
from tests.journeys import kannel
from tests.journeys.centres import FAKESMSC, Handsets
from tests.journeys.kannel import Ports, status
from tests.journeys.servers import environment, free_port, web

TEXTS = 1_000
PATIENCE = 120.0  # seconds
FIXED = 'text = "Tra loi"'  # Kannel answers by itself, and asks nobody
_IDS = "SELECT COUNT(*) FROM messages WHERE direction = 'in'"
_DELIVERED = "SELECT COUNT(*) FROM messages WHERE status = 'DELIVERED'"


@dataclass(frozen=True, slots=True)
class Through:
    """Texts a second: answered by Kannel alone and by the service; taken by Kannel alone, sent by us, with receipts."""

    answers_alone: float
    answers: float
    taken_alone: float
    sent: float
    delivered: float


def installed() -> bool:
    return shutil.which("bearerbox") is not None and FAKESMSC.exists()


def through(engine: Engine) -> Through:
    with _kannel("http://127.0.0.1:1", fixed=True) as ports:
        alone = _answers(ports, lambda: int(_sent(ports)))
        taken = _taken(ports)
    url, port = engine.fresh(), free_port()
    with _kannel(f"http://127.0.0.1:{port}") as ports:
        given = _settings(port, ports)
        db = connect(url)
        with db.transaction() as tx:
            tx.run(text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', 1)"))
        with web(url, workers=None, port=port, **given):
            answers = _answers(ports, lambda: _count(db, _IDS))
            sent, delivered = _sends(db, url, ports, given)
        db.close()
    return Through(alone, answers, taken, sent, delivered)


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
        "SIMULATOR": "off", "SENDING": "on", "SMS_CARRIERS": "kannel", "SMS_RATE": "100000",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "KANNEL_SEND_URL": f"http://127.0.0.1:{ports.sendsms}/cgi-bin/sendsms", "KANNEL_USER": kannel.USER,
        "KANNEL_PASSWORD": kannel.PASSWORD, "KANNEL_FROM": "2404", "KANNEL_TOKEN": kannel.TOKEN,
    }  # fmt: skip


def _answers(ports: Ports, done: Callable[[], int]) -> float:
    """Everybody asks for help once, all at the same moment."""
    said = [f"{phone(number)} 2404 text TG" for number in range(TEXTS)]
    began = time.perf_counter()
    with _quietly(ports, "-i", "0", "-m", str(TEXTS), *said):
        return TEXTS / (_until(lambda: done() >= TEXTS) - began)


def _taken(ports: Ports) -> float:
    """The same call of sendsms, on one kept connection, with nobody to report to."""
    given = {"username": kannel.USER, "password": kannel.PASSWORD, "from": "2404", "to": phone(1), "text": "x" * 120}
    with _quietly(ports), requests.Session() as line:
        began = time.perf_counter()
        for _ in range(TEXTS):
            line.get(f"http://127.0.0.1:{ports.sendsms}/cgi-bin/sendsms", params={**given, "coding": "0"}).close()
        return TEXTS / (time.perf_counter() - began)


def _sends(db: Database, url: str, ports: Ports, given: dict[str, str]) -> tuple[float, float]:
    """One clock process sends what was booked; the receipts come to the web process."""
    now = datetime.now(UTC)
    with db.transaction() as tx:
        slot = tx.value(text("SELECT MIN(id) FROM slots"))
        tx.run(text("UPDATE slots SET capacity = :many WHERE id = :slot"), many=TEXTS, slot=slot)
        for number in range(TEXTS):
            person = make.insert_row(tx, people, commune_id=1, phone=phone(90_000 + number), origin="self",
                                     made_at=0, marks=False)  # fmt: skip
            booking = make.booking(tx, slot_id=slot, person_id=person, now=to_ms(now))
            outbox.post(tx, kind="booked", commune_id=1, phone=phone(90_000 + number), booking_id=booking.id,
                        revision=1, now=to_ms(now))  # fmt: skip
    nine = at_local(today(now) + timedelta(days=1), "09:00")
    settings = replace(read(environment(url, **given)), sms_rate=1_000_000)
    with _quietly(ports):
        began = time.perf_counter()
        Sending(db, settings, lambda: nine).until_empty()
        sent = time.perf_counter()
        return TEXTS / (sent - began), TEXTS / (_until(lambda: _count(db, _DELIVERED) >= TEXTS) - began)


@contextmanager
def _quietly(ports: Ports, *arguments: str) -> Iterator[None]:
    """Phones whose chatter nobody reads: a pipe that fills would hold them up."""
    with Handsets(ports).listening("-v", "4", *(arguments or ("-m", "0", "1 2 text -")), output=subprocess.DEVNULL):
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


def _sent(ports: Ports) -> str:
    found = re.search(r"sent (\d+)", status(ports).partition("SMS: received")[2])
    assert found
    return found[1]
