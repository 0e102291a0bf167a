"""Each kind of session from the desk to the resident and back: made, heard of, held,
counted in the plan's figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient

from db.models import staff
from db.office import accounts
from db.store.engine import Database, to_ms
from gateway.staff import language
from menus.days import today
from menus.fitting import cost
from settings import Settings
from tests import factories
from tests.gateway import carriers
from tests.gateway.carriers import Ussd
from tests.gateway.staff.conftest import PASSWORD, Clerk

AHEAD = 3  # days
_texts = count(1)


@dataclass
class Hamlet:
    """Quảng Trung I with its hall, two registered people, a clerk at the desk; `day` is
    when everything is held.
    """

    app: Flask
    db: Database
    clerk: Clerk
    id: int
    hall: int
    hoa: int
    now: datetime

    @property
    def day(self) -> str:
        return (today(self.now) + timedelta(days=AHEAD)).isoformat()

    def makes(self, kind: str, **more: object) -> int:
        """The clerk fills in the form; the event's id."""
        form = {
            "hall": self.hall,
            "day": self.day,
            "first": "08:00",
            "last": "10:00",
            "minutes": 30,
            "counters": 1,
            "places": 5,
            "note": "",
            "kind": kind,
            "run_by": "Đoàn Thanh niên",
            "bring": "",
            "bring_en": "",
            **more,
        }
        assert self.clerk.post("/staff/events/new", **form).status_code == 303
        return int(self.clerk.ask("SELECT MAX(id) FROM events"))

    def number(self, event: int) -> str:
        return str(self.clerk.ask("SELECT number FROM events WHERE id = :id", id=event))

    def text(self, said: str, phone: int = 1) -> str:
        """A resident's text and its answer, which is one part."""
        client: FlaskClient = self.app.test_client()
        form = {"from": factories.phone(phone), "text": said, "id": f"t{next(_texts)}"}
        answer = client.post("/sms/simulator", data=form)
        assert answer.status_code == 200
        assert cost(answer.text).parts == 1, answer.text
        return answer.text

    def dial(self, code: str, phone: int = 1) -> str:
        ussd = Ussd(self.app.test_client(), phone=factories.phone(phone))
        ussd.calls += 1
        return ussd.hop(code)

    def evening_of_it(self, patch: pytest.MonkeyPatch) -> None:
        """The desk's clock: everything has been held."""
        later = to_ms(self.now + timedelta(days=AHEAD, hours=15))
        patch.setattr(language, "now_ms", lambda: later)
        self.clerk.sign_in("xa")

    def held(self, kind: str) -> tuple[int, int]:
        """Sessions and people, as the progress page says it."""
        self.clerk.get("/staff/progress/")
        name = re.escape(language.say("vi", f"event_kind_{kind}"))
        found = re.search(
            rf'<th scope="row">{name}</th> <td>(\d+)</td> <td><b>(\d+)</b></td>',
            self.clerk.page,
        )
        assert found, self.clerk.page
        return int(found[1]), int(found[2])


@pytest.fixture
def hamlet(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hamlet]:
    # 09:00: evenings of the days to come are the same day
    now = datetime.now(UTC).replace(hour=2, minute=0)
    monkeypatch.setattr(language, "now_ms", lambda: to_ms(now))
    with db.transaction() as tx:
        home = factories.hamlet(tx)
        hall = factories.hall(tx, home)
        hoa = factories.person(
            tx,
            number=1,
            name="Nông Thị Hoa",
            hamlet_id=home,
            handset="2g",
            now=to_ms(now),
        )
        factories.person(
            tx, number=2, name="Lương Văn Tài", hamlet_id=home, now=to_ms(now)
        )
        hashed = accounts._hasher().hash(PASSWORD)
        factories.insert_row(
            tx,
            staff,
            commune_id=factories.COMMUNE,
            username="xa",
            name="xa",
            role="commune",
            password=hashed,
            made_at=to_ms(now),
        )
    with carriers.serving(settings) as app:
        clerk = Clerk(app, db)
        clerk.sign_in("xa")
        yield Hamlet(app, db, clerk, home, hall, hoa, now)


def test_an_account_session_is_heard_of_booked_attended_and_counted(
    hamlet: Hamlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = hamlet.makes(
        "account",
        services=["swap", "account", "app"],
        bring="căn cước",
        bring_en="ID card",
    )
    assert "mo tai khoan, DL 40)" in hamlet.text("tuan nay thon co hop khong")
    assert "mo tai khoan" in hamlet.text(hamlet.number(event)), "its times"
    assert "mo tai khoan" in hamlet.text("1"), "the question"
    assert "Mang can cuoc" in hamlet.text("1"), (
        "the answer says what this one asks to bring"
    )
    assert "mo tai khoan" in hamlet.dial(hamlet.number(event), phone=9)
    hamlet.evening_of_it(monkeypatch)
    hamlet.clerk.post(f"/staff/events/{event}/came", person=hamlet.hoa)
    assert "đã điểm danh" in hamlet.clerk.page
    booking = hamlet.clerk.ask("SELECT id FROM bookings WHERE status = 'attended'")
    hamlet.clerk.post(
        f"/staff/bookings/{booking}/log",
        indicator="money_person",
        form_key="a key of the form",
    )
    hamlet.clerk.post(
        f"/staff/events/{event}/heads", number=6, form_key="a key of the form"
    )
    assert hamlet.held("account") == (1, 7), (
        "one visit for swap, account and app is one person"
    )
    assert hamlet.clerk.ask("SELECT COUNT(*) FROM counted") == 1, (
        "the account is hers, and nobody else's"
    )


def test_a_school_gate_desk_is_found_by_its_number_and_takes_no_bookings(
    hamlet: Hamlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = hamlet.makes(
        "school",
        no_times="1",
        services=["tuition", "account"],
        bring="căn cước",
        bring_en="ID card",
    )
    said = hamlet.text(hamlet.number(event), phone=5)
    for part in (
        "Nop hoc phi: 8h00-10h00",
        "NVH Quang Trung I",
        "Mang can cuoc",
        "hoc phi",
    ):
        assert part in said
    assert hamlet.dial(hamlet.number(event), phone=6).startswith("END Nop hoc phi")
    assert "NVH" not in hamlet.text("DL", phone=1), "nothing can be booked there"
    hamlet.evening_of_it(monkeypatch)
    for _ in range(2):
        hamlet.clerk.post(
            f"/staff/events/{event}/heads", number=23, form_key="one form sent twice"
        )
    assert hamlet.held("school") == (1, 23)


@pytest.mark.parametrize(
    ("kind", "asked", "heard"),
    [
        ("training", "hom nao day cach dung dien thoai", "lop dung may"),
        ("farmers", "bao gio co lop hoc", "lop nong dan"),
        ("meeting", "co buoi nao o thon khong", "cuoc hop"),
        ("street", "HOP", "ban luu dong"),
    ],
)
def test_training_meetings_and_drives_are_asked_for_and_counted(
    hamlet: Hamlet, monkeypatch: pytest.MonkeyPatch, kind: str, asked: str, heard: str
) -> None:
    event = hamlet.makes(kind, no_times="1", services=["online"])
    assert heard in hamlet.text(asked)
    assert "dich vu cong" in hamlet.text("1")
    hamlet.evening_of_it(monkeypatch)
    for _ in range(2):
        hamlet.clerk.post(f"/staff/events/{event}/came", person=hamlet.hoa)
    hamlet.clerk.post(
        f"/staff/events/{event}/heads", number=31, form_key="who was counted"
    )
    line = hamlet.clerk.ask("SELECT id FROM head_counts")
    hamlet.clerk.post(
        f"/staff/events/{event}/heads/{line}", number=30, form_key="counted anew"
    )
    assert hamlet.held(kind) == (1, 31)


def test_a_workshop_is_told_to_whoever_was_given_its_number(hamlet: Hamlet) -> None:
    event = hamlet.makes("workshop", no_times="1")
    assert "chua co buoi nao" in hamlet.text("HOP")
    assert hamlet.text(hamlet.number(event)).startswith("Hoi thao")


def test_a_stranger_is_asked_for_the_hamlet_once_and_a_number_nobody_has_is_answered(
    hamlet: Hamlet,
) -> None:
    hamlet.makes("meeting", no_times="1")
    assert "Quang Trung I" in hamlet.text("HOP", phone=30)
    assert "cuoc hop" in hamlet.text("quang trung 1", phone=30)
    assert "96" in hamlet.text("96", phone=31)
    assert "HOP" in hamlet.dial("96", phone=32)


def test_a_cancelled_session_is_told_no_more_and_its_number_says_so(
    hamlet: Hamlet,
) -> None:
    event = hamlet.makes("meeting", no_times="1")
    number = hamlet.number(event)
    hamlet.clerk.confirm(f"/staff/events/{event}/cancel")
    assert "chua co buoi nao" in hamlet.text("HOP")
    assert "da huy" in hamlet.text(number, phone=33)


def test_a_swap_and_an_account_are_two_seats_told_apart_everywhere(
    hamlet: Hamlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = hamlet.makes("swap", services=["swap"])
    account = hamlet.makes(
        "account", services=["account", "app", "qr"], first="17:00", last="18:00"
    )
    for number, hour in ((hamlet.number(account), "17h"), (hamlet.number(swap), "8h")):
        assert "Chon gio" in hamlet.text(number)
        hamlet.text(hour)
        assert "Da dat lich" in hamlet.text("1")
    said = hamlet.text("LICH")
    assert "doi may 4G" in said
    assert "mo tai khoan" in said
    assert "Chon lich" in hamlet.text("DOI LICH")
    again = hamlet.dial(hamlet.number(swap))
    assert "Da co lich 8h00" in again, "of that kind there is one"
    refused = hamlet.clerk.post("/staff/book", **_booked_at(hamlet, account))
    assert refused.status_code == 409
    hamlet.evening_of_it(monkeypatch)
    for event in (swap, account):
        hamlet.clerk.post(f"/staff/events/{event}/came", person=hamlet.hoa)
    assert hamlet.held("swap") == (1, 1)
    assert hamlet.held("account") == (1, 1)


def _booked_at(hamlet: Hamlet, event: int) -> dict[str, object]:
    slot = hamlet.clerk.ask("SELECT MIN(id) FROM slots WHERE event_id = :id", id=event)
    return {"person": hamlet.hoa, "slot": slot, "agreed": "1"}


def test_a_kind_that_somebody_has_elsewhere_is_not_given_to_a_booked_session(
    hamlet: Hamlet,
) -> None:
    swap = hamlet.makes("swap", services=["swap"])
    account = hamlet.makes("account", first="17:00", last="18:00")
    for event in (swap, account):
        booked = hamlet.clerk.post("/staff/book", **_booked_at(hamlet, event))
        assert booked.status_code == 303
    form = {"hall": hamlet.hall, "day": hamlet.day, "first": "17:00", "note": ""}
    hamlet.clerk.post(f"/staff/events/{account}/edit", **form, kind="swap")
    assert "chưa đổi được loại buổi" in hamlet.clerk.page
    hamlet.clerk.post(f"/staff/events/{account}/edit", **form, kind="training")
    kinds = "SELECT COUNT(*) FROM bookings WHERE kind = 'training'"
    assert hamlet.clerk.ask(kinds) == 1
