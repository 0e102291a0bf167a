"""Who came to an event, as clerks write it down: by name, by number, twice by mistake,
and put right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import text

from db.models.states import PeriodKind
from db.reporting import report
from db.reporting.periods import Period
from db.reporting.report import Held
from db.store.engine import Database
from gateway.staff import language
from menus.days import at_local, today
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a key of the form"


@pytest.fixture
def meeting(db: Database, village: Village, clock: Clock) -> int:
    """Since this morning, without times to book."""
    with db.transaction() as tx:
        return factories.event_with_slots(
            tx,
            hall_id=village.other_hall,
            starts=at_local(today(clock.now), "08:00"),
            minutes=180,
            capacity=0,
            kind="meeting",
            bookable=False,
        ).id


def total(clerk: Clerk, event_id: int) -> str:
    """`1 có tên, 30 đếm`, as the page says it."""
    clerk.get(f"/staff/events/{event_id}/came")
    found = re.search(r"\d+ có tên, \d+ đếm", clerk.page)
    assert found
    return found[0]


def test_a_known_person_is_noted_once_however_often_it_is_tapped(
    xa: Clerk, village: Village, meeting: int
) -> None:
    at = f"/staff/events/{meeting}/came"
    assert "Nông Thị Hoa" in xa.get(f"{at}?q=hoa").text
    for _ in range(3):
        xa.post(at, person=village.hoa)
    assert "đã có trong danh sách" in xa.page
    assert total(xa, meeting) == "1 có tên, 0 đếm"
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "booked"
    ), "at another event"
    xa.post(f"{at}/{village.hoa}/off")
    xa.post(f"{at}/{village.hoa}/off")
    assert total(xa, meeting) == "0 có tên, 0 đếm"
    assert (
        xa.ask("SELECT COUNT(*) FROM audit WHERE action IN ('came', 'came_off')") == 2
    )


def test_who_has_a_seat_there_is_checked_in(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    clock.now = at_local(today(clock.now), "14:00")
    at = f"/staff/events/{village.event.id}/came"
    for _ in range(2):
        xa.post(at, person=village.hoa)
    assert (
        xa.ask("SELECT status FROM bookings WHERE id = :id", id=village.hoa_booking)
        == "attended"
    )
    assert xa.ask("SELECT COUNT(*) FROM attendances") == 0
    assert total(xa, village.event.id) == "1 có tên, 0 đếm"


def test_somebody_noted_by_name_and_checked_in_later_is_one(
    xa: Clerk, village: Village, db: Database
) -> None:
    with db.transaction() as tx:
        tai = factories.person(
            tx, number=9, name="Lương Văn Tài", hamlet_id=village.trung
        )
    xa.post(f"/staff/events/{village.event.id}/came", person=tai)
    xa.post(
        "/staff/walk-in",
        name="Lương Văn Tài",
        phone=factories.phone(9),
        hamlet=village.trung,
        hall=village.hall,
        agreed="1",
    )
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM bookings WHERE person_id = :id AND status = 'attended'",
            id=tai,
        )
        == 1
    )
    assert total(xa, village.event.id) == "1 có tên, 0 đếm"


def test_heads_are_added_and_a_slip_is_corrected_in_its_line(
    xa: Clerk, signed_in: Callable[[str], Clerk], meeting: int
) -> None:
    at = f"/staff/events/{meeting}/heads"
    for _ in range(2):
        xa.post(at, number=30, form_key=KEY)
    assert total(xa, meeting) == "0 có tên, 30 đếm"
    other = signed_in("quantri")
    other.post(at, number=12, form_key="another key here")
    assert total(xa, meeting) == "0 có tên, 42 đếm"
    first = xa.ask("SELECT MIN(id) FROM head_counts")
    for _ in range(2):
        xa.post(f"{at}/{first}", number=13, form_key="a correcting key")
    assert total(xa, meeting) == "0 có tên, 25 đếm"
    other.post(f"{at}/{first}", number=99, form_key="too late a key..")
    assert "vừa được người khác sửa" in other.page
    assert total(xa, meeting) == "0 có tên, 25 đếm"
    assert xa.ask("SELECT COUNT(*) FROM head_counts") == 3, "nothing is written over"


def test_somebody_elses_count_is_changed_only_by_who_saw_it_and_the_trail_says_by_whom(
    xa: Clerk,
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    meeting: int,
    db: Database,
    village: Village,
) -> None:
    with db.transaction() as tx:
        hall = text("UPDATE events SET hall_id = :hall WHERE id = :id")
        tx.run(hall, hall=village.hall, id=meeting)
    say = partial(language.say, "vi")
    at = f"/staff/events/{meeting}/heads"
    xa.post(at, number=30, form_key=KEY)
    theirs = xa.ask("SELECT id FROM head_counts")
    thon.post(f"{at}/{theirs}", number=0, form_key="the head of a hamlet")
    assert total(xa, meeting) == "0 có tên, 30 đếm", "nothing is changed yet"
    assert say("heads_anothers", who="xa", was="30", number="0") in thon.page
    thon.post(f"{at}/{theirs}", number=0, form_key="the head of a hamlet", sure="1")
    assert total(xa, meeting) == "0 có tên, 0 đếm"
    assert say("heads_corrected", number="30", who="xa") in xa.page
    trail = "SELECT detail FROM audit WHERE action = 'heads' ORDER BY id DESC LIMIT 1"
    assert xa.ask(trail) == f"event {meeting}: 30 → 0 (xa)"


def test_the_trail_says_what_was_counted_where_in_the_words_of_the_desk(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    meeting: int,
    clock: Clock,
) -> None:
    xa.post(f"/staff/events/{meeting}/heads", number=30, form_key=KEY)
    first = xa.ask("SELECT id FROM head_counts")
    xa.post(
        f"/staff/events/{meeting}/heads/{first}",
        number=28,
        form_key="corrected at once",
    )
    xa.post(
        f"/staff/bookings/{village.hoa_booking}/log", indicator="sim_4g", form_key=KEY
    )
    xa.post(f"/staff/people/{village.hoa}/fact", kind="handset", value="4g_volte")
    xa.get(f"/staff/lists/print?hamlet={village.trung}")
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    event = f"Họp, NVH Quảng Liên I, {language.day_name(today(clock.now).isoformat(), 'vi')}"
    for sentence in (
        language.say("vi", "trail_heads", event=event, number="30"),
        language.say(
            "vi", "trail_heads_corrected", event=event, who="xa", was="30", number="28"
        ),
        "SIM 4G",
        "Máy: 4G có VoLTE",
        "Còn máy 2G, Quảng Trung I",
    ):
        assert sentence in admin.page, sentence
    for raw in ("event ", "sim_4g", "handset=", "on_2g"):
        assert f"· {raw}" not in admin.page


def test_whole_words_and_the_halls_own_people_come_first_in_a_search(
    xa: Clerk, village: Village, meeting: int, db: Database
) -> None:
    with db.transaction() as tx:
        for number, (name, hamlet) in enumerate(
            (
                ("An Văn Hải", village.lien),
                ("Bế Thị Hà", village.trung),
                ("Vi Thị Hà", village.lien),
                ("Chu Văn Hạ", village.lien),
            ),
            50,
        ):
            factories.person(tx, number=number, name=name, hamlet_id=hamlet)
    xa.get(f"/staff/events/{meeting}/came?q=Hà")
    found = re.findall(r"<strong>([^<]+H[^<]+)</strong>", xa.page)
    assert found == ["Vi Thị Hà", "Chu Văn Hạ", "Bế Thị Hà", "An Văn Hải"]


@pytest.mark.parametrize("number", ["", "0", "-3", "2001", "many"])
def test_what_is_no_number_of_people_is_refused(
    xa: Clerk, meeting: int, number: str
) -> None:
    xa.post(f"/staff/events/{meeting}/heads", number=number, form_key=KEY)
    assert "từ 1 đến 2000" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM head_counts") == 0


def test_nobody_came_to_what_is_still_to_come_or_was_cancelled(
    xa: Clerk, village: Village, meeting: int, clock: Clock, db: Database
) -> None:
    with db.transaction() as tx:
        later = factories.event_with_slots(
            tx, hall_id=village.hall, starts=at_local(today(clock.now), "08:00")
        ).id
        tx.run(text("UPDATE events SET day = '2024-05-01' WHERE id = :id"), id=later)
        tx.run(text("UPDATE events SET state = 'cancelled' WHERE id = :id"), id=meeting)
    for event_id in (later, meeting):
        xa.post(f"/staff/events/{event_id}/came", person=village.hoa)
        xa.post(
            f"/staff/events/{event_id}/heads", number=3, form_key=f"{KEY} {event_id}"
        )
        assert "nên chưa ghi được" in xa.page
    assert (
        xa.ask("SELECT COUNT(*) FROM attendances")
        + xa.ask("SELECT COUNT(*) FROM head_counts")
        == 0
    )


def test_a_hamlet_head_notes_own_people_anywhere_and_counts_heads_at_home(
    thon: Clerk, xa: Clerk, village: Village, meeting: int, clock: Clock
) -> None:
    at = f"/staff/events/{meeting}/came"
    thon.post(at, person=village.hoa)
    assert thon.send(at, person=village.son).status_code == 404
    assert "Hoàng Văn Sơn" not in thon.get(f"{at}?q=son").text
    heads = f"/staff/events/{meeting}/heads"
    assert 'id="f-heads' not in thon.page
    assert thon.send(heads, number=7, form_key=KEY).status_code == 403
    xa.post(heads, number=7, form_key=KEY)
    count = xa.ask("SELECT id FROM head_counts")
    again = {"number": 9, "form_key": KEY + "2", "sure": "1"}
    assert thon.send(f"{heads}/{count}", **again).status_code == 403
    assert total(thon, meeting) == "1 có tên, 7 đếm"
    clock.now = at_local(today(clock.now), "14:00")
    own = f"/staff/events/{village.event.id}/heads"
    thon.post(own, number=4, form_key=KEY + "3")
    assert total(thon, village.event.id) == "0 có tên, 4 đếm"


def test_the_plans_figures_follow(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    meeting: int,
    clock: Clock,
) -> None:
    xa.post(f"/staff/events/{meeting}/came", person=village.hoa)
    xa.post(f"/staff/events/{meeting}/heads", number=40, form_key=KEY)
    xa.get("/staff/progress/")
    assert '<th scope="row">Họp</th>' not in xa.page, "it is not over"
    clock.now = at_local(today(clock.now), "11:30")
    xa.get("/staff/progress/")
    assert '<th scope="row">Họp</th> <td>1</td> <td><b>41</b></td>' in xa.page
    xa.get(f"/staff/progress/?hamlet={village.trung}")
    assert '<th scope="row">Họp</th>' not in xa.page, (
        "it was at the other hamlet's hall"
    )
    xa.get("/staff/progress/sessions")
    assert "Tháng 4/2024" in xa.page
    assert (
        '<td class="where">Quảng Liên I</td> <td>1</td> <td><b>41</b></td>' in xa.page
    )
    in_all = language.say("vi", "sessions_in_all")
    total = '<th scope="row"{}>{}</th> <td><b>1</b></td> <td><b>41</b></td>'
    assert total.format(' colspan="2"', in_all) in xa.page, "of the month"
    assert total.format("", in_all) in xa.page, "of all months"
    assert '<th scope="row">Họp</th> <td>1</td> <td><b>41</b></td>' in xa.page
    reader = signed_in("xem")
    xa.post(
        f"/staff/events/{meeting}/heads/{xa.ask('SELECT MAX(id) FROM head_counts')}",
        number=2,
        form_key="again!" + KEY,
    )
    reader.get("/staff/progress/")
    assert "dưới 5" in reader.page, "a neighbour could be told from three"


def test_a_session_that_nobody_counted_is_said_beside_those_that_were(
    xa: Clerk, meeting: int, clock: Clock
) -> None:
    """Held, with nobody: whoever signs reads that the number of people lacks it."""
    clock.now = at_local(today(clock.now), "11:30")
    uncounted = language.say("vi", "sessions_uncounted", number=1)
    for page in ("/staff/progress/", "/staff/progress/sessions"):
        xa.get(page)
        assert uncounted in xa.page
    assert _of_report(xa, clock) == [Held("meeting", 1, 0, 1)]
    at = f"/staff/events/{meeting}/heads"
    xa.post(at, number=3, form_key=KEY)
    assert _of_report(xa, clock) == [Held("meeting", 1, 3, 0)]
    counted = xa.ask("SELECT MAX(id) FROM head_counts")
    xa.post(f"{at}/{counted}", number=0, form_key="again!" + KEY)
    xa.get("/staff/progress/")
    assert uncounted not in xa.page, "somebody counted: nobody came"
    assert _of_report(xa, clock) == [Held("meeting", 1, 0, 0)]


def _of_report(xa: Clerk, clock: Clock) -> list[Held]:
    """The meetings of a report of that day, kept and read again."""
    day = today(clock.now)
    period = Period(PeriodKind.DAYS, day, day)
    with xa.db.connection() as tx:
        made = report.gather(tx, commune_id=1, period=period, now=clock.ms)
    kept = report.figures_of(report.as_json(made.figures))
    return [row for row in kept.sessions if row.kind == "meeting"]


def test_the_day_shows_what_is_held_without_times(xa: Clerk, meeting: int) -> None:
    assert f"/staff/events/{meeting}/came" in xa.get("/staff/").text


def test_nobody_came_and_nobody_is_counted_before_the_doors_open(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    """It begins at 14:00; the first stand at the door half an hour before."""
    at = f"/staff/events/{village.event.id}"
    not_begun = language.say("vi", "came_not_begun", time="13h30")
    stranger = {"name": "Lương Văn Tài", "hamlet": village.trung, "agreed": "1"}
    for too_early in ("09:00", "13:29"):
        clock.now = at_local(today(clock.now), too_early)
        xa.get(f"{at}/came?q=hoa")
        assert not_begun in xa.page
        assert 'id="f-heads"' not in xa.page
        assert f'action="{at}/came"' not in xa.page
        xa.post(f"{at}/heads", number=30, form_key=KEY)
        assert not_begun in xa.page
        xa.post(f"{at}/came", person=village.hoa)
        assert not_begun in xa.page
        xa.post(f"{at}/came/new", **stranger)
        assert not_begun in xa.page
        assert total(xa, village.event.id) == "0 có tên, 0 đếm"
    clock.now = at_local(today(clock.now), "13:30")
    xa.post(f"{at}/came", person=village.hoa)
    assert total(xa, village.event.id) == "1 có tên, 0 đếm"
    xa.post(f"{at}/heads", number=30, form_key=KEY)
    assert total(xa, village.event.id) == "1 có tên, 30 đếm"


def test_a_name_that_is_taken_off_takes_back_what_was_ticked_beside_it(
    xa: Clerk, village: Village, meeting: int, db: Database
) -> None:
    """What was ticked for her elsewhere stands; so does what is her home's while
    another of it is on the list.
    """
    with db.transaction() as tx:
        home = factories.household(tx, village.trung)
        tai = factories.person(
            tx, number=9, name="Lương Văn Tài", hamlet_id=village.trung
        )
        tx.run(
            text("UPDATE people SET household_id = :home WHERE id IN (:hoa, :tai)"),
            home=home,
            hoa=village.hoa,
            tai=tai,
        )
    at = f"/staff/events/{meeting}/came"
    say = partial(language.say, "vi")
    ticks = "SELECT COUNT(*) FROM counted"
    xa.post(f"/staff/people/{village.hoa}/log", indicator="sim_4g", form_key="her sim")
    for person in (village.hoa, tai):
        xa.post(at, person=person)
        xa.post(
            f"{at}/{person}/log",
            subject="person",
            indicator="money_person",
            form_key=f"money {person}",
        )
    xa.post(
        f"{at}/{village.hoa}/log",
        subject="household",
        indicator="electricity_money",
        form_key="electricity",
    )
    before = xa.ask(ticks)
    xa.get(at)
    assert say("came_off_ticks", number="1") in xa.page
    xa.post(f"{at}/{village.hoa}/off")
    money = language.named("vi", "do", "money_person")
    assert say("came_ticks_off", what=money) in xa.page
    assert xa.ask(ticks) == before - 1
    assert say("came_off_ticks", number="2") in xa.page, "his, and their home's"
    xa.post(f"{at}/{tai}/off")
    assert xa.ask(ticks) == 1, "the SIM, ticked elsewhere"
    undone = "SELECT COUNT(*) FROM conversions WHERE reverses IS NOT NULL AND reason = :reason"
    assert xa.ask(undone, reason=say("came_off_reason")) == 3
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'undo'") == 3
    xa.post(at, person=tai)
    xa.get(at)
    assert say("came_off") in xa.page
    assert xa.ask(ticks) == 1


@pytest.fixture
def on_at(db: Database, village: Village) -> int:
    """Nông Thị Ơn of Quảng Liên I, whose number ends in 022."""
    with db.transaction() as tx:
        return factories.person(
            tx, number=22, name="Nông Thị Ơn", hamlet_id=village.lien
        )


ASKED_FOR_ON = language.say(
    "vi",
    "namesake",
    name="Nông Thị Ơn",
    hamlet="Quảng Liên I",
    number=language.say("vi", "number_end", end="022"),
)
OF_THAT_NAME = "SELECT COUNT(*) FROM people WHERE folded = 'nong thi on'"


@pytest.mark.parametrize("phone", ["0990 000 023", ""])
@pytest.mark.parametrize("says_hamlet", [True, False])
def test_who_may_be_known_by_that_name_is_asked_about_before_they_are_two(
    xa: Clerk, village: Village, meeting: int, on_at: int, phone: str, says_hamlet: bool
) -> None:
    at = f"/staff/events/{meeting}/came"
    hamlet = village.lien if says_hamlet else ""
    somebody = {"name": "nong thi on", "phone": phone, "hamlet": hamlet, "agreed": "1"}
    xa.post(f"{at}/new", **somebody)
    assert ASKED_FOR_ON in xa.page
    assert f'name="known" value="{on_at}"' in xa.page
    assert xa.ask(OF_THAT_NAME) == 1
    xa.post(f"{at}/new", **somebody, known=on_at)
    assert total(xa, meeting) == "1 có tên, 0 đếm"
    assert xa.ask(OF_THAT_NAME) == 1
    left = language.say("vi", "namesake_number_left")
    xa.post(f"{at}/new", **somebody, known=on_at)
    assert (left in xa.page) == bool(phone)
    xa.post(f"{at}/new", **somebody, another="1")
    assert total(xa, meeting) == "2 có tên, 0 đếm"
    assert xa.ask(OF_THAT_NAME) == 2


def test_another_of_that_name_without_a_number_is_another(
    xa: Clerk, village: Village, meeting: int
) -> None:
    at = f"/staff/events/{meeting}/came"
    somebody = {"name": "Nông Thị Ơn", "hamlet": village.lien, "agreed": "1"}
    xa.post(f"{at}/new", **somebody)
    xa.post(f"{at}/new", **somebody, another="1")
    assert total(xa, meeting) == "2 có tên, 0 đếm"
    xa.post(f"{at}/new", **somebody)
    assert language.say("vi", "namesake_same") in xa.page, "which of the two?"
    assert total(xa, meeting) == "2 có tên, 0 đếm"


def test_the_own_number_or_another_hamlet_says_who_it_is(
    xa: Clerk, village: Village, meeting: int, on_at: int
) -> None:
    at = f"/staff/events/{meeting}/came/new"
    own = factories.phone(22)
    xa.post(at, name="Nông Thị Ơn", phone=own, hamlet=village.lien, agreed="1")
    xa.post(at, name="Nông Thị Ơn", hamlet=village.trung, agreed="1")
    assert total(xa, meeting) == "2 có tên, 0 đếm"
    assert xa.ask(OF_THAT_NAME) == 2


def test_a_name_is_no_way_to_learn_who_is_known(
    xa: Clerk,
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    db: Database,
    village: Village,
    meeting: int,
    on_at: int,
) -> None:
    """A hamlet head learns nothing of another hamlet; the operator's man of nobody whom
    he did not note himself.
    """
    at = f"/staff/events/{meeting}/came/new"
    somebody = {"name": "Nông Thị Ơn", "hamlet": village.lien, "agreed": "1"}
    thon.post(at, **somebody)
    assert "022" not in thon.page
    with db.transaction() as tx:
        tx.run(text("UPDATE staff SET role = 'agent' WHERE username = 'xem'"))
    agent = signed_in("xem")
    agent.post(at, **somebody, phone=factories.phone(24))
    assert "022" not in agent.page
    agent.post(at, **somebody, phone=factories.phone(25))
    assert language.say("vi", "number_end", end="024") in agent.page
    assert "022" not in agent.page
