"""The service behind a real Kannel: texts and receipts by its own fake SMSC, USSD by
SMPP to an independent one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import bookings, installation, messages
from db.register import people
from db.store.engine import Database, connect, to_ms
from db.store.statements import Row
from db.texts import breakers, outbox
from gateway.transports.base import Outbound
from gateway.transports.kannel import KannelSender
from menus.days import at_local, today
from scheduler.sending import Sending
from settings import read
from tests import factories as make
from tests.conftest import debian
from tests.journeys import kannel
from tests.journeys.centres import Centre, Handsets, install_smpp
from tests.journeys.kannel import Ports, await_true
from tests.journeys.servers import ROOT, SERVICE, environment, free_port, web


@dataclass
class House:
    """A live installation with its web process, a hall that takes bookings, and a
    Kannel in front.
    """

    db: Database
    given: dict[str, str]
    slots: tuple[int, ...]
    ports: Ports

    def texts(self, direction: str = "out") -> list[Row]:
        with self.db.connection() as tx:
            return tx.all(
                select(messages)
                .where(messages.c.direction == direction)
                .order_by(messages.c.id)
            )

    def booked(self) -> int:
        with self.db.connection() as tx:
            return len(
                tx.all(select(bookings.c.id).where(bookings.c.status == "booked"))
            )

    def posts(self, number: int, marks: bool = False) -> int:
        """Somebody books; the confirmation is queued: its id."""
        now = to_ms(datetime.now(UTC))
        with self.db.transaction() as tx:
            person = make.person(tx, number=number, now=now)
            people.prefer(tx, make.phone(number), "vi", marks)
            booking = make.booking(tx, slot_id=self.slots[0], person_id=person, now=now)
            made = outbox.post(
                tx,
                kind="booked",
                commune_id=1,
                phone=make.phone(number),
                booking_id=booking.id,
                revision=1,
                now=now,
            )
        assert made is not None
        return made

    def sends(self) -> str:
        """The clock's sending, at nine tomorrow: whenever the tests run, nobody is
        texted at night.
        """
        nine = at_local(today(datetime.now(UTC)) + timedelta(days=1), "09:00")
        return Sending(self.db, read(self.given), lambda: nine).until_empty()

    def await_status(self, message: int, status: str) -> Row:
        await_true(
            lambda: self._message(message).status == status,
            f"no {status}: {self.texts()}",
        )
        return self._message(message)

    def _message(self, message: int) -> Row:
        return next(row for row in self.texts() if row.id == message)


@contextmanager
def house(url: str) -> Iterator[House]:
    db, ports, port = connect(url), Ports.free(), free_port()
    with db.transaction() as tx:
        tx.run(installation.insert().values(id=1, kind="live", since=1))
        day = today(datetime.now(UTC)) + timedelta(days=6)
        event = make.event_with_slots(
            tx,
            hall_id=make.hall(tx, make.hamlet(tx)),
            starts=at_local(day, "08:00"),
            capacity=5,
        )
    more = {
        "SIMULATOR": "off",
        "SENDING": "on",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SMS_CARRIERS": "kannel",
        "KANNEL_SEND_URL": f"http://127.0.0.1:{ports.sendsms}/cgi-bin/sendsms",
        "KANNEL_USER": kannel.USER,
        "KANNEL_PASSWORD": kannel.PASSWORD,
        "KANNEL_FROM": "2404",
        "KANNEL_TOKEN": kannel.TOKEN,
    }
    with (
        closing(db),
        web(url, workers=1, app=SERVICE, probe="/healthz", port=port, **more) as served,
    ):
        yield House(db, environment(url, **more), event.slots, ports)
        assert "Traceback" not in served.said()


@pytest.fixture
def engine() -> str:
    """Once is enough here: what differs between the engines is tested without Kannel."""
    return "sqlite"


@pytest.fixture
def by_fake(url: str, tmp_path: Path) -> Iterator[House]:
    """bearerbox with its own fake SMSC."""
    with house(url) as made:
        conf = kannel.config(
            made.ports, made.given["PUBLIC_URL"], kannel.fake_centre(made.ports)
        )
        with kannel.kannel(tmp_path, made.ports, conf):
            yield made


@pytest.fixture(scope="session")
def smpp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    debian("node")
    return install_smpp(tmp_path_factory.mktemp("npm"))


@contextmanager
def by_smpp(
    url: str, folder: Path, smpp: Path, password: str = kannel.PASSWORD
) -> Iterator[tuple[House, Centre]]:
    """bearerbox bound to the operator's SMSC, or trying to."""
    with house(url) as made:
        centre = Centre(made.ports.centre, smpp)
        try:
            conf = kannel.config(
                made.ports,
                made.given["PUBLIC_URL"],
                kannel.smpp_centre(made.ports, password),
            )
            with kannel.kannel(folder, made.ports, conf):
                centre.await_event(
                    "bound" if password == kannel.PASSWORD else "refused"
                )
                yield made, centre
        finally:
            centre.close()


def test_a_resident_texts_and_reads_the_answer_whatever_letters_they_use(
    by_fake: House,
) -> None:
    phones = Handsets(by_fake.ports)
    for number, body in (
        ("+84990000001", "TG"),
        ("84990000002", "Trợ giúp"),
        ("84990000003", "Đặt lịch 😀 & +1"),
    ):
        (answer,) = phones.texts(number, body)
        said, replied = by_fake.texts("in")[-1], by_fake.texts()[-1]
        assert (said.text, said.phone, said.carrier) == (
            body,
            f"+{number.removeprefix('+')}",
            "kannel",
        )
        assert answer == replied.text
        assert "?" not in answer.replace("?", "", replied.text.count("?"))


def test_an_answer_with_tone_marks_arrives_with_them(by_fake: House) -> None:
    with by_fake.db.transaction() as tx:
        make.person(tx, number=1)
        people.prefer(tx, make.phone(1), "vi", True)
    (answer,) = Handsets(by_fake.ports).texts("+84990000001", "GOP Y them ghe ngoi cho")
    assert answer == by_fake.texts()[-1].text
    assert by_fake.texts()[-1].encoding == "UCS-2"


def test_a_machine_that_texts_is_not_answered(by_fake: House) -> None:
    assert Handsets(by_fake.ports).texts("191", "Quy khach co 1 tin nhan", wait=3) == []
    assert by_fake.texts("in") == []


@pytest.mark.parametrize("marks", [False, True])
def test_a_text_we_start_is_delivered_and_its_receipt_comes_home(
    by_fake: House, marks: bool
) -> None:
    message = by_fake.posts(1, marks)
    phones = Handsets(by_fake.ports)
    with phones.listening() as process:
        assert by_fake.sends() == "1 sent"
        (heard,) = phones.hear(process, 1)
        sent = by_fake.await_status(message, "DELIVERED")
    assert heard == sent.text
    assert sent.encoding == ("UCS-2" if marks else "GSM-7")


def test_a_resident_dials_books_and_is_told_by_ussd_over_smpp(
    url: str, tmp_path: Path, smpp: Path
) -> None:
    with by_smpp(url, tmp_path, smpp) as (made, centre):
        screens = []
        turns = [
            (1, "*2404#", "0a02"),
            *((18, key, f"0a{at:02x}") for at, key in enumerate("21111", 2)),
        ]
        for op, text, info in turns:
            centre.deliver(
                **{
                    "from": "84990000001",
                    "to": "2404",
                    "text": text,
                    "tlvs": {"op": op, "its": info},
                }
            )
            screen = centre.await_text()
            assert (screen["service"], screen["its"], screen["from"]) == (
                "USSD",
                info,
                "2404",
            )
            screens.append(screen)
        assert [screen["op"] for screen in screens] == [2, 2, 2, 2, 2, 17]
        assert "Dat lich" in screens[0]["text"]
        assert screens[-1]["text"].startswith("Da dat")
        assert made.booked() == 1

        # the operator counts its dialogues with one octet: numbers come back
        again = {
            "op": 1,
            "its": "0a02",
        }
        centre.deliver(
            **{"from": "84990000001", "to": "2404", "text": "*2404#", "tlvs": again}
        )
        assert "Da hen 8h00" in centre.await_text()["text"]
        centre.deliver(
            **{
                "from": "84990000002",
                "to": "2404",
                "text": "*2404*2#",
                "tlvs": {"op": 1, "its": "0b02"},
            }
        )
        assert "Nha o thon nao" in centre.await_text()["text"]


def test_texts_and_receipts_go_by_smpp_as_well(
    url: str, tmp_path: Path, smpp: Path
) -> None:
    with by_smpp(url, tmp_path, smpp) as (made, centre):
        centre.deliver(
            **{"from": "84990000001", "to": "2404", "text": "Trợ giúp", "coding": 8}
        )
        assert centre.await_text()["text"] == made.texts()[-1].text
        assert made.texts("in")[-1].text == "Trợ giúp"
        message = made.posts(2, marks=True)
        assert made.sends() == "1 sent"
        seen = centre.await_text()
        sent = made.await_status(message, "DELIVERED")
        assert (seen["text"], seen["coding"]) == (sent.text, 8)


def test_what_the_operator_refuses_or_gives_up_is_told_though_we_ask_for_few_receipts(
    url: str, tmp_path: Path, smpp: Path
) -> None:
    """Not for the one of a text that the centre took: 4 and 8 change nothing, and each
    is a call of the web process.
    """
    with by_smpp(url, tmp_path, smpp) as (made, centre):
        for number, what in enumerate(("refuse", "expire", "deliver"), 1):
            centre.does(what)
            message = made.posts(number)
            assert made.sends() == "1 sent"
            assert centre.await_text()["receipt"] == 1  # and no intermediate ones
            row = made.await_status(
                message, "DELIVERED" if what == "deliver" else "FAILED"
            )
            assert (row.reason or "").startswith(
                "Kannel NACK/0x0000000b" if what == "refuse" else ""
            )
        assert called_home(tmp_path) == ["16", "34", "1"]


def called_home(folder: Path) -> list[str]:
    """The kinds of the receipts that Kannel called the service with, in turn."""
    return re.findall(
        r"Parsing URL .*&type=(\d+)",
        (folder / "smsbox.log").read_text(errors="replace"),
    )


def test_the_operator_is_told_until_when_a_text_is_of_use(
    url: str, tmp_path: Path, smpp: Path
) -> None:
    with by_smpp(url, tmp_path, smpp) as (made, centre):
        out = KannelSender(read(made.given))
        in_an_hour = datetime.now(UTC) + timedelta(hours=1)
        out.send(
            Outbound(
                made.posts(1),
                make.phone(1),
                "Mai hoan vi mua",
                False,
                valid_until=to_ms(in_an_hour),
            )
        )
        told = datetime.fromisoformat(centre.await_text()["until"])
        assert in_an_hour - timedelta(minutes=2) < told <= in_an_hour
        out.send(Outbound(made.posts(2), make.phone(2), "Da dat lich", False))
        assert not centre.await_text()["until"]


def test_with_a_wrong_password_the_text_waits_and_the_sender_is_counted(
    url: str, tmp_path: Path, smpp: Path
) -> None:
    """One refusal and Kannel calls the centre dead for good, and says of every text:
    not routable, do not try again.
    """
    with by_smpp(url, tmp_path, smpp, password="wrong") as (made, _):
        await_true(lambda: "(dead" in kannel.status(made.ports), "Kannel still hopes")
        message = made.posts(1)
        assert made.sends() == "1 to be tried again"
        assert made.await_status(message, "QUEUED").reason == "Unreachable"
        with made.db.connection() as tx:
            assert breakers.failing(tx)["kannel"].failures == 1


def test_while_the_centre_is_away_kannel_keeps_the_text_and_delivers_it_later(
    by_fake: House,
) -> None:
    message = by_fake.posts(1)
    assert by_fake.sends() == "1 sent"
    assert by_fake.await_status(message, "SENT")
    phones = Handsets(by_fake.ports)
    with phones.listening() as process:
        assert phones.hear(process, 1) == [
            by_fake.await_status(message, "DELIVERED").text
        ]


def test_without_kannel_a_text_waits(url: str) -> None:
    with house(url) as made:
        message = made.posts(1)
        assert made.sends() == "1 to be tried again"
        assert made.await_status(message, "QUEUED").reason == "Unreachable"


def test_the_handbook_shows_the_very_configuration_that_runs_here() -> None:
    ports = Ports(13000, 13001, 13013, 2775)
    conf = kannel.config(
        ports, "http://127.0.0.1:8000", kannel.smpp_centre(ports).strip()
    )
    conf = (
        conf.replace(kannel.TOKEN, "THE-TOKEN")
        .replace(kannel.PASSWORD, "PASSWORD")
        .strip()
    )
    shown = "\n".join(f"    {line}" if line else "" for line in conf.splitlines())
    assert shown in (ROOT / "docs/operations.md").read_text("utf-8")
