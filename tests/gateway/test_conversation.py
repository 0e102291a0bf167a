"""One request, one answer, one effect: repeats, races, keys dialled ahead, dropped
calls, a desk that fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from db import sessions
from db.seats import bookings as seats
from db.store import links
from db.store.engine import Database
from db.texts import outbox
from settings import Settings
from tests import factories
from tests.gateway.carriers import PHONE, Kept, Ussd, halls, serving

SORRY = "Xin loi, may dang ban. It phut nua xin thu lai, hoac goi mien phi 18008098."


@pytest.fixture
def app(db: Database, settings: Settings) -> Iterator[Flask]:
    halls(db)
    with serving(settings) as made:
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def kept(db: Database) -> Kept:
    return Kept(db)


def test_four_keypresses_after_dialling_a_registered_resident_has_a_booking_and_a_text_on_its_way(
    client: FlaskClient, kept: Kept
) -> None:
    said = Ussd(client).dial("2", "1", "1", "1")
    assert said.startswith("END Da dat 8h00 ")
    assert kept.all() == {
        "sessions": 1,
        "messages": 1,
        "people": 1,
        "bookings": 1,
        "consents": 1,
        "requests": 0,
        "touched": 2,
    }


def test_the_same_request_late_gets_the_same_answer_and_books_nothing_more(
    client: FlaskClient, kept: Kept
) -> None:
    ussd = Ussd(client)
    said = ussd.dial("2", "1", "1", "1")
    before = kept.all()
    assert [ussd.hop("2*1*1*1") for _ in range(3)] == [said] * 3
    assert kept.all() == before


def test_an_earlier_hop_repeated_is_replayed_and_the_call_goes_on(
    client: FlaskClient,
) -> None:
    ussd = Ussd(client)
    ussd.dial()
    first = ussd.press("2")
    ussd.press("1")
    assert ussd.hop("2") == first
    assert ussd.press("1").startswith("CON Dat 8h00 ")


def test_the_same_request_twice_at_once_books_one_seat_and_tells_both_the_same(
    app: Flask, kept: Kept
) -> None:
    ussd = Ussd(app.test_client())
    ussd.dial("2", "1", "1")
    form = {
        "sessionId": ussd.call,
        "phoneNumber": PHONE,
        "serviceCode": "*2404#",
        "text": "2*1*1*1",
    }
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: app.test_client().post("/ussd/simulator", data=form).text,
                range(4),
            )
        )
    assert len(set(answers)) == 1
    assert answers[0].startswith("END Da dat ")
    assert {name: count for name, count in kept.all().items() if name != "touched"} == {
        "sessions": 1,
        "messages": 1,
        "people": 1,
        "bookings": 1,
        "consents": 1,
        "requests": 0,
    }


def test_dialling_twice_at_once_is_one_conversation(app: Flask, kept: Kept) -> None:
    form = {
        "sessionId": "s-1",
        "phoneNumber": "+84990000055",
        "serviceCode": "*2404#",
        "text": "",
    }
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: app.test_client().post("/ussd/simulator", data=form).text,
                range(4),
            )
        )
    assert len(set(answers)) == 1
    assert kept.all()["sessions"] == 1


def test_the_same_text_twice_and_at_once_is_answered_alike_with_one_effect(
    app: Flask, kept: Kept
) -> None:
    client = app.test_client()
    for number, word in enumerate(("DL", "1", "1")):
        client.post(
            "/sms/simulator", data={"from": PHONE, "text": word, "id": f"m-{number}"}
        )
    form = {"from": PHONE, "text": "1", "id": "m-last"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: app.test_client().post("/sms/simulator", data=form).text,
                range(4),
            )
        )
    assert len(set(answers)) == 1
    assert "Da dat lich 8h00" in answers[0]
    assert client.post("/sms/simulator", data=form).text == answers[0]
    # four texts in, four answers
    assert (kept.all()["bookings"], kept.all()["messages"]) == (
        1,
        8,
    )


def test_a_call_and_a_text_at_once_book_one_seat(app: Flask, kept: Kept) -> None:
    ussd = Ussd(app.test_client())
    ussd.dial("2", "1", "1")
    for number, word in enumerate(("DL", "1", "1")):
        app.test_client().post(
            "/sms/simulator", data={"from": PHONE, "text": word, "id": f"m-{number}"}
        )

    def text_in(_: int) -> str:
        form = {"from": PHONE, "text": "1", "id": "m-last"}
        return app.test_client().post("/sms/simulator", data=form).text

    with ThreadPoolExecutor(2) as pool:
        by_text = pool.submit(text_in, 0)
        by_call = pool.submit(ussd.press, "1")
        said = {by_text.result(), by_call.result()}
    assert kept.all()["bookings"] == 1
    assert not any(SORRY in one for one in said)


def test_keys_dialled_ahead_lead_straight_there(client: FlaskClient) -> None:
    ussd = Ussd(client)
    ussd.dial("2")
    shown = ussd.press("1")
    other = Ussd(client, phone="+84990000001")
    other.calls = 7
    assert other.hop("2*1") == shown


def test_keys_dialled_ahead_never_pass_a_screen_that_binds(
    client: FlaskClient, kept: Kept
) -> None:
    ussd = Ussd(client)
    ussd.calls = 1
    said = ussd.hop("2*1*1*1*1*1")
    assert said.startswith("CON Dat 8h00 ")
    assert "dong y cho xa luu so nay" in said
    assert kept.all()["bookings"] == 0
    assert kept.all()["consents"] == 0
    ussd.typed = "2*1*1*1*1*1"
    assert ussd.press("1").startswith("END Da dat ")
    assert kept.all()["bookings"] == 1


def test_nor_cancel_nor_ask_for_a_call(client: FlaskClient, kept: Kept) -> None:
    ussd = Ussd(client)
    ussd.dial("2", "1", "1", "1")
    ussd.calls = 2
    assert ussd.hop("3*2*1").startswith("CON Huy lich ")
    ussd.calls = 3
    assert "dong y" in ussd.hop("4*1")
    assert kept.all()["requests"] == 0


def test_a_star_typed_in_the_middle_is_not_taken_for_two_keys(
    client: FlaskClient, kept: Kept
) -> None:
    ussd = Ussd(client)
    ussd.dial("2")
    said = ussd.press("1*1*1")
    assert said.startswith("CON Phim nay khong co.")
    assert ussd.press("1").startswith("CON ")
    assert kept.all()["bookings"] == 0
    assert ussd.press("*").startswith("CON Phim nay khong co.")


def test_a_late_repeat_of_an_ended_call_books_nothing(
    client: FlaskClient, kept: Kept
) -> None:
    ussd = Ussd(client)
    ussd.dial("2", "1", "1")
    first = ussd.call
    ussd.dial()  # the call dropped; a new one begins
    before = kept.all()
    said = ussd.hop("2*1*1*1", call=first)
    assert said == "END Cuoc goi nay da het. Xin bam goi lai."
    assert kept.all()["bookings"] == 0
    assert kept.all() == before


def test_hops_out_of_order_show_where_we_are_and_do_nothing(
    client: FlaskClient, kept: Kept
) -> None:
    ussd = Ussd(client)
    shown = ussd.dial("2", "1", "1")
    assert ussd.hop("9*9") == shown
    assert kept.all()["bookings"] == 0


def test_a_dropped_call_is_picked_up_where_it_broke_off(client: FlaskClient) -> None:
    ussd = Ussd(client)
    shown = ussd.dial("2", "1")
    assert "Muon lam tiep khong" in ussd.dial()
    assert ussd.press("1") == shown
    assert ussd.press("1").startswith("CON Dat 8h00 ")
    assert ussd.press("1").startswith("END Da dat ")


def test_told_by_the_carrier_that_the_call_is_over_the_session_waits(
    client: FlaskClient, kept: Kept
) -> None:
    ussd = Ussd(client)
    ussd.dial("2")
    over = ussd.send(
        sessionId=ussd.call,
        phoneNumber=PHONE,
        status="Incomplete",
        durationInMillis="9000",
        hopsCount="2",
    )
    assert over.status_code == 200
    assert "Muon lam tiep khong" in ussd.dial()


@pytest.mark.parametrize("named_with_each_key", ["", "*2404#"])
def test_a_call_stays_in_the_commune_it_was_opened_with(
    client: FlaskClient, db: Database, named_with_each_key: str
) -> None:
    with db.transaction() as tx:
        factories.commune(tx, name="Tân Lập", code="*2405#", number="2405")
    ussd = Ussd(client)
    ussd.service = "*2405#"
    opened = ussd.dial()
    assert "Tan Lap" in opened
    # not every carrier says again, with each key, what was dialled
    ussd.service = named_with_each_key
    ussd.press("5")
    assert ussd.press("0") == opened
    ussd.service = "*2404#"
    assert "Tan Lap" not in ussd.dial()


@pytest.mark.parametrize("where", ["seat", "text", "session"])
def test_a_desk_that_fails_leaves_nothing_half_written_and_apologises(
    client: FlaskClient, kept: Kept, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The one place where something is broken on purpose: after it, the same key works."""
    ussd = Ussd(client)
    ussd.dial("2", "1", "1")
    before = kept.all()

    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    module, name = {
        "seat": (seats, "book"),
        "text": (outbox, "post"),
        "session": (sessions, "save"),
    }[where]
    with monkeypatch.context() as broken:
        broken.setattr(module, name, breaks)
        assert ussd.press("1") == f"END {SORRY}"
    assert kept.all() == before
    # the carrier repeats the request
    assert ussd.hop(ussd.typed).startswith("END Da dat ")
    assert kept.all()["bookings"] == 1


def test_a_text_that_could_not_be_answered_is_not_taken_as_answered(
    client: FlaskClient, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"from": PHONE, "text": "DL", "id": "m-1"}

    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(sessions, "save", breaks)
        assert client.post("/sms/simulator", data=form).text == SORRY
    assert kept.all()["messages"] == 1, "it is kept for staff to read"
    assert client.post("/sms/simulator", data=form).text.startswith("Nhan so dong")


def test_two_phones_do_not_see_each_other(client: FlaskClient) -> None:
    one, other = Ussd(client), Ussd(client, phone="+84990000002")
    one.dial("2", "1", "1", "1")
    code = one.hop("2*1*1*1").split("Ma ")[1][:5]
    said = client.post(
        "/sms/simulator", data={"from": other.phone, "text": f"HUY {code}", "id": "m-1"}
    ).text
    assert said.startswith("Khong thay ma nay")
    assert one.dial().startswith("CON Da hen ")


def test_the_language_chosen_once_is_spoken_on_the_other_channel_and_after_the_session_is_gone(
    client: FlaskClient, db: Database
) -> None:
    Ussd(client).dial("6", "3")
    assert (
        "Can I swap?"
        in client.post(
            "/sms/simulator", data={"from": PHONE, "text": "?", "id": "m-1"}
        ).text
    )
    with db.transaction() as tx:
        tx.run(text("DELETE FROM sessions"))
    assert "Can I swap?" in Ussd(client).dial()


def test_texts_not_understood_are_listed_for_staff(
    client: FlaskClient, db: Database
) -> None:
    for number, word in enumerate(("xin chao cac bac", "DL", "1")):
        client.post(
            "/sms/simulator", data={"from": PHONE, "text": word, "id": f"m-{number}"}
        )
    with db.connection() as tx:
        found = tx.all(
            text(
                "SELECT text, understood FROM messages WHERE direction = 'in' ORDER BY id"
            )
        )
    assert [(row.text, bool(row.understood)) for row in found] == [
        ("xin chao cac bac", False),
        ("DL", True),
        ("1", True),
    ]


def test_a_conversation_by_text_lives_a_day(client: FlaskClient, db: Database) -> None:
    client.post("/sms/simulator", data={"from": PHONE, "text": "DL", "id": "m-1"})
    with db.transaction() as tx:
        tx.run(text("UPDATE sessions SET at = at - 86400001"))
    assert (
        "1. Co duoc doi may?"
        in client.post(
            "/sms/simulator", data={"from": PHONE, "text": "1", "id": "m-2"}
        ).text
    )


def test_a_call_that_a_newer_release_kept_begins_anew(
    client: FlaskClient, db: Database
) -> None:
    ussd = Ussd(client)
    ussd.dial("2")
    with db.transaction() as tx:
        tx.run(
            text(
                "UPDATE sessions SET data = substr(data, 1, length(data) - 1) || ',1]'"
            )
        )
    assert "Muon lam tiep" not in ussd.dial()


def test_with_sqlite_callers_of_one_process_never_find_the_file_taken_by_each_other(
    engine: str, db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take turns, so it does not matter that SQLite waits for nobody here."""
    if engine == "sqlite":
        monkeypatch.setattr(links, "BUSY_S", 0.0)
    halls(db)
    with serving(settings) as app, ThreadPoolExecutor(8) as pool:

        def call(number: int) -> list[str]:
            ussd = Ussd(app.test_client(), factories.phone(100 + number))
            return [ussd.dial(), *[ussd.press(key) for key in "21111"]]

        heard = [said for one in pool.map(call, range(40)) for said in one]
    assert SORRY not in "".join(heard)
