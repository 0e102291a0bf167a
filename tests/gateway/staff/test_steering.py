"""Progress that steers: pace beside the pace that is needed, unmet demand by hamlet, and what was adjusted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from db.models import messages
from db.models.states import RequestKind
from db.progress import conversions
from db.reports.progress import Figure
from db.reports.steering import Pace, pace
from db.requests import asked
from db.seats import waiting
from db.store.engine import Database
from gateway.staff import language
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
                    tx, programme_id=factories.PROGRAMME, indicator="sim_4g", subject_id=who, at=clock.ms, staff_id=None
                )  # fmt: skip

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
            tx, messages, commune_id=1, direction="out", phone=factories.phone(1), kind="booked", priority=1,
            status="DELIVERED", made_at=at, not_before=at, text="Da dat lich", **{"class": "notice"},
        )  # fmt: skip
    xa.get("/staff/progress/demand")
    lien = xa.page[xa.page.index("<strong>Quảng Liên I</strong>") :]
    assert "Đang chờ chỗ: 2" in lien
    assert "Yêu cầu chưa xong: 1" in lien
    assert "Chưa tin nào tới, chưa đổi máy: 3" in lien
    assert "Chưa có buổi nào sắp tới ở thôn" in lien
    assert "Chưa tin nào tới, chưa đổi máy: 1" in xa.page, (
        "of Hoa and her neighbour she was told"
    )
    assert "Buổi tới nên mở ở Quảng Liên I." in xa.page
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


def test_a_session_that_is_over_today_is_no_next_one(
    xa: Clerk, village: Village, clock: Clock
) -> None:
    xa.get("/staff/progress/demand")
    assert "Buổi tới ở thôn: T6 12/4/2024" in xa.page
    clock.now += timedelta(hours=7, minutes=30)
    xa.get("/staff/progress/demand")
    assert "Buổi tới ở thôn" not in xa.page


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
    assert "Buổi tới nên mở ở Quảng Hồng I." in xa.page
    assert "ghi tên địa điểm trước" in xa.page
    assert 'href="/staff/events/new"' not in xa.page
    admin = signed_in("quantri")
    admin.get("/staff/progress/demand")
    assert 'href="/staff/setup/places#halls"' in admin.page
    with db.transaction() as tx:
        factories.hall(tx, None, "Hội trường xã")
    xa.get("/staff/progress/demand")
    assert "Hoặc mở ở nơi chung của xã: Hội trường xã." in xa.page
    assert 'href="/staff/events/new"' in xa.page


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
