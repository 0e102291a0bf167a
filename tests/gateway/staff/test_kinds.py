"""An event of any kind at the desk: made, changed, copied, brought in from a list; with
times to book or without.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from db.commands import imports
from db.models.states import EventKind
from db.port import DbPort
from db.seats import bookings, holds
from db.store.engine import Database
from gateway.staff import language
from menus.days import at_local, today
from menus.port import HOLDER, Consent, Said, SlotTaken
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

FORM = {
    "day": "2024-04-20", "first": "08:00", "last": "11:00", "minutes": 30, "counters": 1, "places": 6, "note": "",
    "kind": "account", "services": ["account", "app"], "run_by": "Viettel Lạng Sơn, Đoàn Thanh niên",
    "bring": "Căn cước", "bring_en": "ID card",
}  # fmt: skip


def made(clerk: Clerk, village: Village, **more: object) -> int:
    """The form sent: the event's id."""
    assert (
        clerk.post(
            "/staff/events/new", **{**FORM, "hall": village.other_hall, **more}
        ).status_code
        == 303
    )
    return int(clerk.ask("SELECT MAX(id) FROM events"))


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_of_each_kind_says_what_it_is(
    xa: Clerk, village: Village, kind: str
) -> None:
    event_id = made(xa, village, kind=kind)
    name = language.say("vi", f"event_kind_{kind}")
    number = xa.ask("SELECT number FROM events WHERE id = :id", id=event_id)
    page = xa.get(f"/staff/events/{event_id}").text
    assert f"{name}: NVH Quảng Liên I" in xa.page
    for said in (
        "Viettel Lạng Sơn, Đoàn Thanh niên",
        "Căn cước",
        language.say("vi", "service_app"),
        str(number),
    ):
        assert said in page
    xa.get("/staff/events/")
    assert kind == "swap" or name in xa.page
    assert f'<span class="code">{number}</span>' in xa.page


def test_a_form_that_says_nothing_of_it_makes_a_swap_day(
    xa: Clerk, village: Village
) -> None:
    old = {
        name: value
        for name, value in FORM.items()
        if name in ("day", "first", "last", "minutes", "places")
    }
    assert (
        xa.post("/staff/events/new", hall=village.other_hall, **old).status_code == 303
    )
    event_id = xa.ask("SELECT MAX(id) FROM events")
    assert xa.ask("SELECT kind FROM events WHERE id = :id", id=event_id) == "swap"
    assert (
        xa.ask("SELECT service FROM event_services WHERE event_id = :id", id=event_id)
        == "swap"
    )


def test_without_times_nobody_can_book_wait_or_keep_a_seat(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    event_id = made(xa, village, kind="meeting", no_times="1")
    assert xa.ask("SELECT COUNT(*) FROM slots WHERE event_id = :id", id=event_id) == 1
    slot = xa.ask("SELECT id FROM slots WHERE event_id = :id", id=event_id)
    xa.get(f"/staff/events/{event_id}")
    assert language.say("vi", "event_no_times_here") in xa.page
    assert f"/staff/book?event={event_id}" not in xa.page
    assert "0/0" not in xa.get("/staff/events/").text
    with db.transaction() as tx:
        port = DbPort(
            tx,
            commune_id=factories.COMMUNE,
            phone=factories.phone(77),
            channel="sms",
            now=clock.now,
            privacy_key="key",
            acting=tx.savepoint,
        )
        assert event_id not in [
            event.id for event in port.events(village.lien, every=True)
        ]
        assert list(port.slots(event_id)) == []
        assert port.slot(slot) is None
        consent = Consent("confirm:test", "1")
        for act in (
            lambda: port.keep(slot),
            lambda: port.book(slot, Said(), consent, (HOLDER,)),
            lambda: port.wait_for(slot, Said(), consent),
            lambda: bookings.book(
                tx,
                slot_id=slot,
                person_id=village.son,
                booker_id=village.son,
                now=clock.ms,
                origin="desk",
            ),
            lambda: holds.hold(
                tx,
                slot_id=slot,
                booker_id=village.son,
                places=1,
                now=clock.ms,
                origin="sms",
            ),
        ):
            with pytest.raises(SlotTaken):
                act()
    refused = xa.post(
        "/staff/book", slot=slot, name="Lý Văn Tài", hamlet=village.lien, agreed="1"
    )
    assert refused.status_code >= 400


def test_a_session_without_times_ends_when_its_form_says(
    xa: Clerk, village: Village
) -> None:
    event_id = made(xa, village, kind="meeting", no_times="1")
    xa.get(f"/staff/events/{event_id}")
    assert 'name="last" type="time" value="11:00"' in xa.page
    edit = {**FORM, "hall": village.other_hall, "kind": "meeting", "last": "12:30"}
    xa.post(f"/staff/events/{event_id}/edit", **edit)
    xa.get(f"/staff/events/{event_id}")
    assert "8h00 – 12h30" in xa.page
    later = made(xa, village, first="13:00", last="14:00")
    for last, why in (("13:30", "event_hall_taken"), ("07:00", "event_bad_times")):
        xa.post(f"/staff/events/{event_id}/edit", **{**edit, "last": last})
        assert language.say("vi", why) in xa.page
    xa.post(
        f"/staff/events/{later}/edit",
        **{**FORM, "hall": village.other_hall, "first": "13:00", "last": "20:00"},
    )
    xa.get(f"/staff/events/{later}")
    assert "13h00 – 14h00" in xa.page, "its times say when it ends"


def test_what_is_to_be_brought_is_no_link_and_no_password(
    xa: Clerk, village: Village
) -> None:
    event_id = made(xa, village, kind="meeting", no_times="1")
    link = {
        **FORM,
        "hall": village.other_hall,
        "bring": "Xem xa.vn",
        "day": "2024-04-21",
    }
    assert xa.send("/staff/events/new", **link).status_code == 400
    xa.post(f"/staff/events/{event_id}/edit", **link)
    assert language.say("vi", "info_link") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM events WHERE bring LIKE '%.vn%'") == 0
    asks = link | {"bring": "Đọc mã OTP cho cán bộ"}
    xa.post(f"/staff/events/{event_id}/edit", **asks)
    assert language.say("vi", "info_secret") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM events WHERE bring LIKE '%OTP%'") == 0


def test_it_is_changed_and_copied_as_what_it_is(xa: Clerk, village: Village) -> None:
    event_id = made(xa, village, kind="meeting", no_times="1", services=[])
    edit = {
        "hall": village.other_hall,
        "day": "2024-04-20",
        "first": "09:00",
        "note": "",
        "kind": "farmers",
    }
    xa.post(
        f"/staff/events/{event_id}/edit",
        **edit,
        services=["online"],
        run_by="Hội Nông dân",
        bring="",
        bring_en="",
    )
    assert "Hội Nông dân" in xa.page
    assert xa.ask("SELECT capacity FROM slots WHERE event_id = :id", id=event_id) == 0
    xa.post(f"/staff/events/{event_id}/copy")
    copy = xa.ask("SELECT MAX(id) FROM events")
    assert copy != event_id
    said = "SELECT kind || '/' || run_by || '/' || day FROM events WHERE id = :id"
    assert xa.ask(said, id=copy) == "farmers/Hội Nông dân/2024-04-27"
    assert not xa.ask("SELECT bookable FROM events WHERE id = :id", id=copy)
    assert (
        xa.ask("SELECT service FROM event_services WHERE event_id = :id", id=copy)
        == "online"
    )
    numbers = {
        xa.ask("SELECT number FROM events WHERE id = :id", id=one)
        for one in (event_id, copy)
    }
    assert len(numbers) == 2
    xa.confirm(f"/staff/events/{copy}/cancel")
    assert xa.ask("SELECT state FROM events WHERE id = :id", id=copy) == "cancelled"


def test_a_word_that_no_list_offers_is_refused(xa: Clerk, village: Village) -> None:
    for wrong in ({"kind": "party"}, {"services": ["beer"]}):
        assert (
            xa.post(
                "/staff/events/new", **{**FORM, "hall": village.other_hall, **wrong}
            ).status_code
            == 400
        )


def test_a_street_drive_takes_no_hall_from_anybody(xa: Clerk, village: Village) -> None:
    made(xa, village, kind="account")
    made(xa, village, kind="street", no_times="1")
    clash = xa.post(
        "/staff/events/new", **{**FORM, "hall": village.other_hall, "kind": "meeting"}
    )
    assert clash.status_code == 400


def test_who_loses_a_seat_is_sent_to_an_event_of_the_same_kind(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    """The village's swap day is cancelled: an account session on the next day is no
    place to go.
    """
    made(xa, village, kind="account", day="2024-04-13")
    xa.confirm(f"/staff/events/{village.event.id}/cancel")
    offered = "SELECT COUNT(*) FROM bookings WHERE status = 'offered'"
    assert xa.ask(offered) == 0


def test_a_list_brings_events_of_every_kind(
    db: Database, clock: Clock, village: Village, tmp_path: Path
) -> None:
    file = tmp_path / "buoi.csv"
    file.write_text(
        "ngày,địa điểm,từ,đến,phút,chỗ,loại,việc,phụ trách,mang\n"
        '20/4/2024,NVH Quảng Liên I,8h,11h,30,6,mở tài khoản,"tài khoản, ứng dụng",Viettel,căn cước\n'
        "21/4/2024,NVH Quảng Liên I,19h,21h,,,họp thôn,,trưởng thôn,\n"
        "22/4/2024,NVH Quảng Liên I,8h,9h,30,6,tiệc,,,\n",
        encoding="utf-8",
    )
    for _ in range(2):
        report = imports.take_in(db, "events", file, now=clock.ms, privacy_key="key")
        assert (report.accepted, len(report.refused)) == (2, 1)
    with db.connection() as tx:
        rows = factories.rows(
            tx,
            "SELECT kind, run_by, bring, bookable, number FROM events WHERE day > '2024-04-19' ORDER BY day",
        )
    assert [(row.kind, row.run_by, row.bring, bool(row.bookable)) for row in rows] == [
        ("account", "Viettel", "căn cước", True),
        ("meeting", "trưởng thôn", "", False),
    ]
    assert [row.number for row in rows] == [40, 41]


def test_numbers_are_those_of_events_to_come_alone(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    first = made(xa, village, kind="street", no_times="1")
    for team in range(57):
        made(xa, village, kind="street", no_times="1", run_by=f"Tổ {team}")
    assert xa.ask("SELECT COUNT(DISTINCT number) FROM events") == 58
    assert xa.ask("SELECT MIN(number) || '-' || MAX(number) FROM events") == "40-97"
    without = made(xa, village, kind="visits", no_times="1")
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=without) is None
    xa.get(f"/staff/events/{without}")
    assert language.say("vi", "event_number_none") in xa.page
    xa.confirm(f"/staff/events/{first}/cancel")
    again = made(xa, village, kind="visits", no_times="1", run_by="Tổ khác")
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=again) is None, (
        "posters still say 40 for another"
    )
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=first) == 40
    clock.now += timedelta(days=9)
    xa.sign_in("xa")
    later = made(xa, village, kind="visits", no_times="1", day="2024-04-30")
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=later) == 40


def test_several_go_to_houses_at_once_but_not_the_same_twice(
    xa: Clerk, village: Village
) -> None:
    form = {**FORM, "hall": village.other_hall, "kind": "visits", "no_times": "1"}
    for team in ("Tổ 1", "Tổ 2"):
        xa.post("/staff/events/new", **{**form, "run_by": team})
        assert language.say("vi", "event_created") in xa.page
    xa.post("/staff/events/new", **{**form, "run_by": "Tổ 1"})
    assert language.say("vi", "event_there_already") in xa.page
    assert xa.ask("SELECT COUNT(*) FROM events WHERE kind = 'visits'") == 2


def test_each_wrong_field_of_a_new_session_has_a_sentence(
    xa: Clerk, village: Village
) -> None:
    wrong: dict[str, dict[str, object]] = {
        "hall": {"hall": ""},
        "day": {"day": "hom nay"},
        "first": {"first": "8 giờ"},
        "past": {"day": "2024-04-01"},
        "far": {"day": "2026-04-20"},
        "order": {"last": "07:00"},
        "minutes": {"minutes": 3},
        "counters": {"counters": 0},
        "places": {"places": 900},
        "pause": {"pause_from": "12:00", "pause_to": "13:00"},
        "slots": {"minutes": 480},
    }
    for field, changed in wrong.items():
        answer = xa.post(
            "/staff/events/new", **{**FORM, "hall": village.other_hall, **changed}
        )
        assert answer.status_code == 400, field
        assert language.say("vi", f"event_bad_{field}") in xa.page, field
    xa.post("/staff/events/new", **{**FORM, "hall": "", "minutes": 3, "last": "07:00"})
    for field in ("hall", "minutes", "order"):
        assert language.say("vi", f"event_bad_{field}") in xa.page, "all at once"
    assert xa.ask("SELECT COUNT(*) FROM events") == 1


HELD_AFTERWARDS = ("meeting", "training", "street", "visits", "school")
TODAY, LONGEST_AGO, TOO_LONG_AGO = "2024-04-12", "2024-03-12", "2024-03-11"


@pytest.mark.parametrize("kind", HELD_AFTERWARDS)
@pytest.mark.parametrize("day", [TODAY, LONGEST_AGO])
def test_what_was_held_is_entered_afterwards_and_only_staff_know_of_it(
    xa: Clerk, village: Village, clock: Clock, kind: str, day: str
) -> None:
    clock.now = at_local(today(clock.now), "11:00")
    xa.sign_in("xa")
    held = {"kind": kind, "no_times": "1", "day": day, "first": "09:00"}
    event_id = made(xa, village, **held, last="10:00")
    assert language.say("vi", "event_held_created") in xa.page
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=event_id) is None
    assert xa.ask("SELECT COUNT(*) FROM messages") == 0
    trail = "SELECT detail FROM audit WHERE action = 'event_held'"
    assert xa.ask(trail) == f"event {event_id}"
    xa.get(f"/staff/poster/{village.lien}")
    assert language.say("vi", f"event_kind_{kind}") not in xa.page
    xa.post(f"/staff/events/{event_id}/came", person=village.son)
    xa.get(f"/staff/events/{event_id}/came")
    assert "1 có tên, 0 đếm" in xa.page


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "swap"},
        {"kind": "meeting", "no_times": ""},
        {"day": TOO_LONG_AGO},
        {"last": "12:00"},  # it still runs
        {"last": "08:00"},
    ],
)
def test_what_could_be_booked_or_is_not_over_is_not_entered_afterwards(
    xa: Clerk, village: Village, clock: Clock, changed: dict[str, str]
) -> None:
    clock.now = at_local(today(clock.now), "11:00")
    xa.sign_in("xa")
    held = {"kind": "meeting", "no_times": "1", "day": TODAY, "first": "09:00"}
    form = {**FORM, "hall": village.other_hall, **held, "last": "10:00", **changed}
    if not form["no_times"]:
        del form["no_times"]
    assert xa.post("/staff/events/new", **form).status_code == 400
    assert xa.ask("SELECT COUNT(*) FROM events") == 1


def test_a_meeting_offers_no_swap_that_nobody_ticked_and_a_swap_day_does(
    xa: Clerk, village: Village
) -> None:
    xa.get("/staff/events/new")
    assert 'value="swap" checked' not in xa.page
    made(xa, village, kind="meeting")
    assert language.say("vi", "event_created") in xa.page
    offered = (
        "SELECT COUNT(*) FROM event_services WHERE service = 'swap' AND event_id = :id"
    )
    assert xa.ask(offered, id=xa.ask("SELECT MAX(id) FROM events")) == 0
    swap_day = made(xa, village, kind="swap", day="2024-04-21", services=["account"])
    assert xa.ask(offered, id=swap_day) == 1


def test_the_list_of_sessions_is_narrowed_paged_and_says_what_is_over(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        for day in range(1, 46):
            at_hall = village.hall if day % 3 else village.other_hall
            starts = clock.now + timedelta(days=day)
            factories.event_with_slots(
                tx,
                hall_id=at_hall,
                starts=starts,
                kind="swap" if day % 2 else "meeting",
            )
        over = factories.event_with_slots(
            tx, hall_id=village.hall, starts=clock.now - timedelta(hours=2), minutes=30
        )
    pages = leafed(xa, "/staff/events/")
    seen = [event for page in pages for event in page]
    assert len(seen) == len(set(seen)) == 46, (
        "those to come, and the one of this afternoon"
    )
    assert str(over.id) not in seen
    xa.get(f"/staff/events/?kind=meeting&hamlet={village.lien}")
    assert len(re.findall(r'href="/staff/events/(\d+)"', xa.page)) == 7
    xa.get("/staff/events/?past=1")
    assert f'href="/staff/events/{over.id}"' in xa.page
    for path in ("/staff/events/?past=1", f"/staff/events/{over.id}"):
        xa.get(path)
        assert language.say("vi", "event_is_over") in xa.page
        assert language.say("vi", "event_state_open") not in xa.page, (
            "it takes nobody any more"
        )
    for place in ("before=999999999999999", "after=0", "page=2"):
        path = f"/staff/events/?{place}&kind=beer&hamlet=77"
        assert xa.get(path).status_code == 200


def leafed(clerk: Clerk, path: str) -> list[list[str]]:
    """The sessions of each page, from the first to the last as its links lead on; and
    back again, where the same ones stand.
    """
    pages = []
    to: str | None = path
    while to:
        clerk.get(to)
        found = re.findall(r'href="/staff/events/(\d+)"', clerk.page)
        assert 0 < len(found) <= 20
        pages.append(found)
        last = to
        to = linked(clerk, "next")
    clerk.get(last)
    for page in pages[-2::-1]:
        back = linked(clerk, "prev")
        assert back
        clerk.get(back)
        assert re.findall(r'href="/staff/events/(\d+)"', clerk.page) == page
    assert linked(clerk, "prev") is None
    return pages


def linked(clerk: Clerk, way: str) -> str | None:
    found = re.search(rf'rel="{way}" href="([^"]+)"', clerk.page)
    return found[1] if found else None


def test_those_that_are_over_are_leafed_through_without_a_gap(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    """Three of a day, so that pages end within a day; a session that is over meanwhile
    shifts nothing.
    """
    with db.transaction() as tx:
        for number in range(45):
            hall = (village.hall, village.other_hall)[number % 2]
            starts = clock.now - timedelta(days=1 + number // 3, hours=number % 3)
            factories.event_with_slots(tx, hall_id=hall, starts=starts)
    pages = leafed(xa, "/staff/events/?past=1")
    seen = [event for page in pages for event in page]
    assert len(seen) == len(set(seen)) == 45
    xa.get("/staff/events/?past=1")
    onward = linked(xa, "next")
    assert onward
    assert "past=1" in onward
    with db.transaction() as tx:
        factories.event_with_slots(
            tx, hall_id=village.hall, starts=clock.now - timedelta(hours=2)
        )
    xa.get(onward)
    assert re.findall(r'href="/staff/events/(\d+)"', xa.page) == pages[1]
    narrowed = leafed(xa, f"/staff/events/?past=1&hamlet={village.lien}")
    assert [len(page) for page in narrowed] == [20, 2]
