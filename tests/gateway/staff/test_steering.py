"""Progress that steers: pace beside the pace that is needed, unmet demand by hamlet,
and what was adjusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import text

from db import demo
from db.models import event_services, messages
from db.models.states import RequestKind
from db.progress import conversions
from db.reports.progress import Figure
from db.reports.steering import Pace, pace
from db.requests import asked
from db.seats import waiting, who_came
from db.store.engine import Database
from gateway.staff import language
from menus import days
from scheduler import upkeep
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
STARTS, ENDS = "2024-04-01", "2024-05-26"  # eight weeks
NOTES = "SELECT COUNT(*) FROM plan_notes"


@pytest.mark.parametrize(
    ("count", "before", "target", "day", "so_far", "needed", "slow"),
    [
        (
            20,
            0,
            80,
            "2024-04-14",
            10,
            60 * 7 / 43,
            False,
        ),  # two weeks gone; today still counts to what is left
        (10, 0, 80, "2024-04-14", 5, 70 * 7 / 43, True),
        (
            20,
            15,
            80,
            "2024-04-14",
            2.5,
            60 * 7 / 43,
            True,
        ),  # what counted before the plan is no pace of its own
        (90, 0, 80, "2024-04-14", 45, 0, False),
        (3, 0, None, "2024-04-07", 3, None, False),
        (3, 0, 80, "2024-05-27", 3 * 7 / 57, None, False),  # it is over
        (
            0,
            0,
            80,
            "2024-03-01",
            None,
            10,
            False,
        ),  # it has not begun: the pace of the whole
        (79, 0, 80, "2024-05-26", 79 / 8, 7, False),  # its last day
    ],
)
def test_the_pace_so_far_and_the_pace_that_is_needed(
    count: int,
    before: int,
    target: int | None,
    day: str,
    so_far: float | None,
    needed: float | None,
    slow: bool,
) -> None:
    figure = Figure(1, None, count, 100, target, "2024-04-01")
    found = pace(figure, {(1, None): before}, starts=STARTS, ends=ENDS, today=day)
    assert found.so_far == (None if so_far is None else pytest.approx(so_far))
    assert found.needed == (None if needed is None else pytest.approx(needed))
    assert found.is_slow == slow


@pytest.mark.parametrize(
    ("so_far", "needed", "shown", "slow", "on_pace"),
    [
        (0.24, 0.21, (0.2, 0.2), False, True),
        (
            0.16,
            0.24,
            (0.2, 0.2),
            False,
            True,
        ),  # who reads 0.2 and 0.2 reads no "slow" beside them
        (0.24, 0.26, (0.2, 0.3), True, False),
        (0.04, 0.03, (0.0, 0.1), True, False),
        (4.0, 0.0, (4.0, 0.0), False, False),  # it is reached: no verdict
        (None, 3.0, (None, 3.0), False, False),
        (2.0, None, (2.0, None), False, False),
    ],
)
def test_the_verdict_follows_from_the_two_figures_that_are_shown(
    so_far: float | None,
    needed: float | None,
    shown: tuple[float | None, float | None],
    slow: bool,
    on_pace: bool,
) -> None:
    found = Pace(so_far, needed)
    assert (found.shown_so_far, found.shown_needed) == shown
    assert (found.is_slow, found.is_on_pace) == (slow, on_pace)


@pytest.fixture
def planned(db: Database, village: Village) -> None:
    """39 of 43 households of Quảng Trung I are to be converted; one was."""
    with db.transaction() as tx:
        household = factories.household(tx, village.trung)
        tx.run(
            text("UPDATE people SET household_id = :h WHERE id = :p"),
            h=household,
            p=village.hoa,
        )
        tx.run(
            text(
                "INSERT INTO targets (indicator_id, hamlet_id, denominator, target, as_of)"
                " VALUES (:i, :h, 43, 39, '2024-04-01')"
            ),
            i=factories.indicator(tx, "converted_household"),
            h=village.trung,
        )


def test_paces_are_told_once_the_plans_dates_are_entered(
    planned: None, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    admin = signed_in("quantri")
    admin.get("/staff/progress/")
    assert "Chưa nhập ngày bắt đầu và kết thúc kế hoạch" in admin.page
    assert 'href="/staff/setup/#plan"' in admin.page
    assert "mỗi tuần" not in admin.page
    admin.post("/staff/setup/plan", starts=ENDS, ends=STARTS)
    assert "Ngày kết thúc phải sau ngày bắt đầu" in admin.page
    admin.post("/staff/setup/plan", starts=STARTS, ends=ENDS)
    for indicator in ("sim_4g", "handset_volte"):
        admin.post(
            f"/staff/bookings/{village.hoa_booking}/log",
            indicator=indicator,
            form_key=KEY,
        )
    # Twelve days gone, and one household; 38 to go in 45 days.
    said = "Đạt 0,6 mỗi tuần · từ nay cần 5,9 mỗi tuần"
    admin.get("/staff/progress/")
    assert "Kế hoạch từ T2 1/4/2024 đến hết CN 26/5/2024" in admin.page
    for path in ("/staff/progress/", f"/staff/progress/?hamlet={village.trung}"):
        admin.get(path)
        assert said in admin.page, path
    admin.get("/staff/progress/converted_household")
    assert admin.page.count(said) == 2, (
        "of the commune, and of the one hamlet with a target"
    )
    assert '<span class="tag tag-bad">Chậm</span>' in admin.page


@pytest.fixture
def swapped(db: Database, village: Village, clock: Clock) -> Callable[[int, int], None]:
    """So many people of a hamlet got a 4G SIM."""
    numbers = iter(range(100, 200))

    def make(hamlet_id: int, number: int) -> None:
        with db.transaction() as tx:
            for _ in range(number):
                who = factories.person(
                    tx, number=next(numbers), hamlet_id=hamlet_id, now=clock.ms
                )
                conversions.log(
                    tx,
                    programme_id=factories.PROGRAMME,
                    indicator="sim_4g",
                    subject_id=who,
                    at=clock.ms,
                    staff_id=None,
                )

    return make


def cells(clerk: Clerk) -> dict[str, str]:
    """What stands in the row of each hamlet."""
    found = re.findall(
        r'<th scope="row"> (.+?) (?:<small>.*?)?</th> <td><b>(.+?)</b>', clerk.page
    )
    return dict(found)


def test_the_city_reads_no_number_so_small_that_a_neighbour_could_be_told(
    xa: Clerk,
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    swapped: Callable[[int, int], None],
) -> None:
    swapped(village.trung, 3)
    swapped(village.lien, 9)
    reader = signed_in("xem")
    reader.get("/staff/progress/sim_4g")
    few = language.say("vi", "steer_few", least=5)
    assert cells(reader) == {
        "Toàn xã": "12",
        "Quảng Trung I": few,
        "Quảng Liên I": "–",  # from 12 and 9 the three would follow
    }
    reader.get(f"/staff/progress/?hamlet={village.trung}")
    assert f"<b>{few}</b>" in reader.page
    assert "<b>3</b>" not in reader.page
    for who in (xa, thon):
        who.get("/staff/progress/sim_4g")
        assert cells(who)["Quảng Trung I"] == "3"


def test_schools_are_no_matter_of_hamlets(xa: Clerk, village: Village) -> None:
    xa.get("/staff/progress/tuition_school")
    assert list(cells(xa)) == ["Toàn xã"]


def test_who_may_not_set_up_is_told_without_a_link(xa: Clerk) -> None:
    xa.get("/staff/progress/")
    assert "Chưa nhập ngày bắt đầu" in xa.page
    assert "#plan" not in xa.page
    assert xa.send("/staff/setup/plan", starts=STARTS, ends=ENDS).status_code == 403


def test_the_next_session_should_be_where_most_wait_and_none_is_to_come(
    xa: Clerk,
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    clock: Clock,
) -> None:
    at = clock.ms
    with db.transaction() as tx:
        day = clock.now + timedelta(days=2)
        full = factories.event_with_slots(
            tx, hall_id=village.hall, starts=day, capacity=1
        ).slots[0]
        seated = factories.person(tx, number=3, hamlet_id=village.trung, now=at)
        factories.booking(tx, slot_id=full, person_id=seated, now=at)
        for number in (4, 5):
            waits = factories.person(tx, number=number, hamlet_id=village.lien, now=at)
            waiting.wait(
                tx, slot_id=full, person_id=waits, booker_id=waits, now=at, origin="sms"
            )
        asked.ask(
            tx,
            asked.Wanted(RequestKind.QR, village.son, village.lien),
            commune_id=1,
            now=at,
        )
        factories.insert_row(
            tx,
            messages,
            commune_id=1,
            direction="out",
            phone=factories.phone(1),
            kind="booked",
            priority=1,
            status="DELIVERED",
            made_at=at,
            not_before=at,
            text="Da dat lich",
            **{"class": "notice"},
        )
    xa.get("/staff/progress/demand")
    lien = xa.page[xa.page.index("<strong>Quảng Liên I</strong>") :]
    assert "Đang chờ chỗ: 2" in lien
    assert "Yêu cầu chưa xong: 1" in lien
    assert "Chưa tin nào tới, chưa đổi máy: 3" in lien
    swap, account = (language.say("vi", f"event_kind_{k}") for k in ("swap", "account"))
    none = language.say("vi", "steer_need_none", kind=swap, number="5")
    assert none in lien
    assert language.say("vi", "steer_need_none", kind=account, number="1") in lien
    assert "Chưa tin nào tới, chưa đổi máy: 1" in xa.page, (
        "of Hoa and her neighbour she was told"
    )
    assert "Buổi tới nên mở ở Quảng Liên I: Đổi máy 4G." in xa.page
    assert "/staff/events/new?kind=swap" in xa.page
    thon.get("/staff/progress/demand")
    assert "Quảng Liên I" not in thon.page, "another hamlet than the head's own"
    assert "Buổi tới nên mở" not in thon.page, "nothing to compare it with"
    reader = signed_in("xem")
    reader.get("/staff/progress/demand")
    assert "Đang chờ chỗ: dưới 5" in reader.page
    assert "Đang chờ chỗ: 2" not in reader.page
    assert "Chưa tin nào tới, chưa đổi máy: 3" not in reader.page
    assert '<span class="came">6</span>' in xa.page
    assert '<span class="came">6</span>' not in reader.page


def test_only_whom_a_text_could_bring_is_unreached(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        factories.person(tx, name="Vi Văn Cụ", hamlet_id=village.lien)
        factories.person(
            tx,
            number=6,
            name="Vi Văn Tư",
            hamlet_id=village.lien,
            handset="4g_volte",
            now=clock.ms,
        )
        factories.person(
            tx,
            number=7,
            name="Vi Văn Năm",
            hamlet_id=village.lien,
            handset="4g_no_volte",
            now=clock.ms,
        )
    xa.get("/staff/progress/demand")
    lien = xa.page[xa.page.index("<strong>Quảng Liên I</strong>") :]
    assert "Chưa tin nào tới, chưa đổi máy: 1" in lien, "Sơn, on a 2G phone"


def test_what_takes_long_to_count_is_shown_as_the_clock_counted_it(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    upkeep.count_long_figures(db, clock.now)
    with db.transaction() as tx:
        factories.person(
            tx,
            number=8,
            name="Vi Văn Tám",
            hamlet_id=village.lien,
            handset="2g",
            now=clock.ms,
        )
    xa.get("/staff/progress/demand")
    assert "Chưa tin nào tới, chưa đổi máy: 2" in of_lien(xa), (
        "quick to count, so never behind"
    )
    assert "đếm lúc" not in xa.page
    with db.transaction() as tx:
        tx.run(text("UPDATE kept_figures SET took_ms = 10000"))
    xa.get("/staff/progress/demand")
    assert "Chưa tin nào tới, chưa đổi máy: 1" in of_lien(xa)
    assert "đếm lúc 9h00" in xa.page
    clock.now += timedelta(minutes=30)
    upkeep.count_long_figures(db, clock.now)
    xa.get("/staff/progress/demand")
    assert "Chưa tin nào tới, chưa đổi máy: 1" in of_lien(xa), (
        "the clock rests 200 times what it took"
    )
    clock.now += timedelta(minutes=4)
    upkeep.count_long_figures(db, clock.now)
    xa.get("/staff/progress/demand")
    assert "Chưa tin nào tới, chưa đổi máy: 2" in of_lien(xa)


def of_lien(clerk: Clerk) -> str:
    return clerk.page[clerk.page.index("<strong>Quảng Liên I</strong>") :]


def test_a_session_that_is_over_today_is_no_next_one(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    xa.get("/staff/progress/demand")
    assert "buổi tới T6 12/4/2024" in xa.page
    clock.now += timedelta(hours=7, minutes=30)
    xa.get("/staff/progress/demand")
    assert "buổi tới" not in xa.page
    assert "chưa có buổi nào sắp tới ở thôn" in xa.page


def test_only_a_session_that_serves_the_demand_is_a_next_one(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    """A meeting swaps no phones, and a swap day opens no accounts, unless it says so."""

    def held(kind: str, ahead: int, service: str = "") -> None:
        starts = clock.now + timedelta(days=ahead)
        with db.transaction() as tx:
            event = factories.event_with_slots(
                tx, hall_id=village.other_hall, starts=starts, kind=kind
            )
            if service:
                offered = {"event_id": event.id, "service": service}
                tx.run(event_services.insert().values(**offered))

    with db.transaction() as tx:
        for kind in (RequestKind.ACCOUNT, RequestKind.CALL_ME):
            wanted = asked.Wanted(kind, village.son, village.lien)
            asked.ask(tx, wanted, commune_id=1, now=clock.ms)
    swap, account = (language.say("vi", f"event_kind_{k}") for k in ("swap", "account"))
    no_account = language.say("vi", "steer_need_none", kind=account, number="1")
    held("workshop", 1, "account")
    xa.get("/staff/progress/demand")
    assert no_account in of_lien(xa), "nobody comes there uninvited"
    held("meeting", 1, "account")
    xa.get("/staff/progress/demand")
    no_swap = language.say("vi", "steer_need_none", kind=swap, number="1")
    assert no_swap in of_lien(xa)
    a_day = language.day_name("2024-04-13", "vi")
    wanted_there = language.say(
        "vi", "steer_need_day", kind=account, number="1", day=a_day
    )
    assert wanted_there in of_lien(xa), "a meeting where accounts are opened, too"
    held("swap", 3, "swap")
    xa.get("/staff/progress/demand")
    a_day = language.day_name("2024-04-15", "vi")
    assert language.say(
        "vi", "steer_need_day", kind=swap, number="1", day=a_day
    ) in of_lien(xa)
    assert "Chưa có buổi" not in of_lien(xa)


def test_a_hamlet_without_a_hall_needs_one_first(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    clock: Clock,
) -> None:
    with db.transaction() as tx:
        bare = factories.hamlet(tx, "Quảng Hồng I", 3)
        for number in (31, 32, 33):
            factories.person(
                tx, number=number, hamlet_id=bare, handset="2g", now=clock.ms
            )
    xa.get("/staff/progress/demand")
    assert "Buổi tới nên mở ở Quảng Hồng I: Đổi máy 4G." in xa.page
    assert "ghi tên địa điểm trước" in xa.page
    assert 'href="/staff/events/new?kind=swap"' not in xa.page
    admin = signed_in("quantri")
    admin.get("/staff/progress/demand")
    assert 'href="/staff/setup/places#halls"' in admin.page
    with db.transaction() as tx:
        factories.hall(tx, None, "Hội trường xã")
    xa.get("/staff/progress/demand")
    assert "Hoặc mở ở nơi chung của xã: Hội trường xã." in xa.page
    assert 'href="/staff/events/new?kind=swap"' in xa.page


def test_an_adjustment_is_noted_once_with_its_day_and_who_wrote_it(
    xa: Clerk, thon: Clerk, village: Village
) -> None:
    note = {
        "words": "Thêm buổi tối ở Quảng Trung I",
        "day": "2024-04-10",
        "indicator": "",
        "form_key": KEY,
    }
    for _ in range(2):
        assert xa.post("/staff/progress/notes", **note).status_code == 303
    xa.post(
        "/staff/progress/notes",
        **(
            note
            | {
                "words": "Đi từng nhà",
                "day": "2024-04-11",
                "indicator": "business_qr",
                "form_key": f"{KEY}2",
            }
        ),
    )
    assert xa.page.index("Đi từng nhà") < xa.page.index("Thêm buổi tối"), (
        "the newest first"
    )
    assert "T4 10/4/2024" in xa.page
    assert "xa ghi" in xa.page
    thon.get("/staff/progress/")
    assert "Đi từng nhà" in thon.page
    assert "plan_note" not in thon.page
    assert 'action="/staff/progress/notes"' not in thon.page
    assert thon.send("/staff/progress/notes", **note).status_code == 403
    assert xa.ask(NOTES) == 2
    token = xa.token()
    values = {**note, "form_key": "a-key-for-a-race", "csrf_token": token}
    threads = [
        Thread(target=lambda: xa.client.post("/staff/progress/notes", data=values))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert xa.ask(NOTES) == 3


def test_a_note_that_cannot_stand_is_refused_and_stays_typed(
    xa: Clerk, village: Village
) -> None:
    note = {
        "words": "Đổi nơi họp",
        "day": "2024-04-10",
        "indicator": "",
        "form_key": KEY,
    }
    cases = (
        ({"words": ""}, "Xin ghi điều chỉnh gì"),
        ({"words": "x" * 401}, "Dài quá 400 chữ"),
        ({"words": "Gọi 0990 000 001 trước"}, "Có dãy số"),
        ({"day": "2024-04-13"}, "chưa tới"),
        ({"day": "hom nay"}, "Ngày"),
    )
    for changed, why in cases:
        answer = xa.post("/staff/progress/notes", **(note | changed))
        assert answer.status_code == 400, changed
        assert why in xa.page, changed
        assert (note | changed)["words"][:400] in xa.page
        assert "Location" not in answer.headers, "what was typed stands in no address"
    assert (
        xa.send(
            "/staff/progress/notes", **(note | {"indicator": "khong_co"})
        ).status_code
        == 400
    )
    assert xa.ask(NOTES) == 0


def test_what_has_no_target_is_measured_once_its_denominator_is_given(
    xa: Clerk, thon: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    """Electricity: of how many households, by whose word, of which day; its share and
    its pace follow, and a target only where one is typed.
    """
    with db.transaction() as tx:
        home = factories.household(tx, village.trung)
        conversions.log(
            tx,
            programme_id=factories.PROGRAMME,
            indicator="electricity_money",
            subject_id=home,
            at=clock.ms,
            staff_id=None,
        )
        tx.run(text("UPDATE programmes SET starts = '2024-04-01', ends = '2024-05-26'"))
    at = "/staff/progress/electricity_money"
    xa.get("/staff/progress/")
    unknown = language.say("vi", "of_unknown", denominator="toàn bộ số hộ")
    assert unknown in xa.page
    form = {
        "denominator": 8,
        "target": "",
        "as_of": "2024-04-10",
        "source": "Điện lực Cao Lộc",
        "hamlet": village.trung,
    }
    for field, wrong, why in (
        ("denominator", "", "figure_no_number"),
        ("source", " ", "figure_no_source"),
        ("as_of", "2024-04-13", "figure_to_come"),
        ("as_of", "hom qua", "setup_bad_day"),
        ("target", 9, "figure_more_than_all"),
    ):
        assert xa.post(f"{at}/target", **{**form, field: wrong}).status_code == 400
        assert language.WORDS["vi"][why].partition("{")[0] in xa.page, field
        assert 'value="Điện lực Cao Lộc"' in xa.page or field == "source", "stays typed"
    xa.post(f"{at}/target", **form)
    for page in (at, f"/staff/progress/?hamlet={village.trung}", "/staff/progress/"):
        xa.get(page)
        for read in ("12,5%", "T4 10/4/2024", "nguồn: Điện lực Cao Lộc", "mỗi tuần"):
            assert read in xa.page, (page, read)
    xa.post(f"{at}/target", **{**form, "target": 4})
    xa.get(f"/staff/progress/?hamlet={village.trung}")
    assert "Mục tiêu 4, số liệu ngày T4 10/4/2024" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM targets") == 1, "that day's figure was mended"
    assert thon.send(f"{at}/target", **form).status_code == 403
    xa.post("/staff/progress/converted_household/target", **{**form, "target": ""})
    assert (
        xa.ask("SELECT target FROM targets WHERE denominator = 8 AND target > 4") == 8
    )


def test_the_demo_measures_electricity_and_tv360(db: Database, clock: Clock) -> None:
    demo.load(db, "a key of the demo that is long", clock.ms)
    with db.connection() as tx:
        for key in ("electricity_money", "tv360"):
            given = factories.rows(
                tx,
                "SELECT t.denominator, t.target, t.source FROM targets t JOIN indicators i ON i.id = t.indicator_id"
                " WHERE i.key = :key",
                key=key,
            )
            assert given, key
            assert all(row.target is None and row.source for row in given)


def test_a_denominator_that_cannot_be_is_asked_about_or_refused_and_can_be_withdrawn(
    xa: Clerk, thon: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    say = partial(language.say, "vi")
    with db.transaction() as tx:
        for _ in range(3):
            conversions.log(
                tx,
                programme_id=factories.PROGRAMME,
                indicator="electricity_money",
                subject_id=factories.household(tx, village.trung),
                at=clock.ms,
                staff_id=None,
            )
    at = "/staff/progress/electricity_money"
    form = {"as_of": "2024-04-10", "source": "Điện lực", "target": ""}
    whole = {**form, "denominator": 2, "hamlet": ""}
    rows = """
        SELECT COUNT(*) FROM targets t JOIN indicators i ON i.id = t.indicator_id
        WHERE i.key = 'electricity_money'
    """
    xa.post(f"{at}/target", **whole)
    assert say("figure_fewer", counted="3", number="2") in xa.page
    assert xa.ask(rows) == 0, "it is asked first"
    xa.post(f"{at}/target", **whole, sure="1")
    assert xa.ask(rows) == 1
    xa.post(f"{at}/target", **{**whole, "denominator": 100})
    of_hamlet = {**form, "denominator": 500, "hamlet": village.trung}
    assert xa.post(f"{at}/target", **of_hamlet).status_code == 400
    assert say("figure_hamlet_more", hamlet=500, whole=100) in xa.page
    xa.post(f"{at}/target", **{**of_hamlet, "denominator": 60})
    assert xa.post(f"{at}/target", **{**whole, "denominator": 50}).status_code == 400
    assert xa.ask(rows) == 2
    xa.get(at)
    assert "Rút số này" in xa.page
    gone = {"hamlet": village.trung, "as_of": "2024-04-10"}
    assert thon.send(f"{at}/target/withdraw", **gone).status_code == 403
    xa.post(f"{at}/target/withdraw", **gone)
    assert say("figure_withdrawn") in xa.page
    assert xa.ask(rows) == 1
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'target'") == 4
    xa.post(f"{at}/target/withdraw", **gone)
    assert say("figure_withdrawn") not in xa.page


def test_a_hamlet_head_reads_what_is_asked_for_at_home_however_few_they_are(
    thon: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    clock: Clock,
) -> None:
    few = language.say("vi", "steer_few", least=5)
    with db.transaction() as tx:
        wanted = asked.Wanted(RequestKind.VISIT, village.hoa, village.trung)
        asked.ask(tx, wanted, commune_id=factories.COMMUNE, now=clock.ms)
        held = factories.event_with_slots(
            tx,
            hall_id=village.hall,
            starts=clock.now - timedelta(days=2),
            capacity=0,
            kind="meeting",
            bookable=False,
        )
        who_came.came(
            tx,
            held.id,
            village.hoa,
            staff_id=factories.staff(tx),
            today=days.today(clock.now).isoformat(),
            now=clock.ms,
        )
    thon.get("/staff/progress/demand")
    assert few not in thon.page
    assert language.say("vi", "steer_requests", number="1") in thon.page
    thon.get("/staff/progress/sessions")
    assert language.say("vi", "sessions_few", least=5) not in thon.page
    reader = signed_in("xem")
    reader.get("/staff/progress/demand")
    assert few in reader.page, "to the city one visit is one neighbour"
