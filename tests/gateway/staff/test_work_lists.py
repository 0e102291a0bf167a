"""Lists that lead to work, told as the head of a hamlet and the others use them; and
everybody's first page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from db.models import staff
from db.office import accounts
from db.store.engine import Database, Tx
from gateway.staff import language, roles
from menus.days import at_local, today
from tests import factories
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
TRAIL = "SELECT COUNT(*) FROM audit WHERE action = :action"


@pytest.fixture
def homes(db: Database, village: Village, clock: Clock) -> list[int]:
    """Three households of Quảng Trung I, the first two on 2G; one of Quảng Liên I; and
    somebody alone on 2G.
    """
    with db.transaction() as tx:
        made = [
            factories.household(tx, village.trung, f"HO-{place}", poor)
            for place, poor in enumerate(("no", "yes", "no"))
        ]
        there = factories.household(tx, village.lien, "HO-9")
        factories.person(
            tx,
            number=11,
            name="Vi Văn Ba",
            hamlet_id=village.trung,
            household_id=made[0],
            handset="2g",
        )
        factories.person(
            tx, name="Vi Thị Con", hamlet_id=village.trung, household_id=made[0]
        )
        factories.person(
            tx,
            number=12,
            name="An Thị Tư",
            hamlet_id=village.trung,
            household_id=made[1],
            handset="2g",
        )
        factories.person(
            tx,
            number=13,
            name="Bế Văn Năm",
            hamlet_id=village.trung,
            household_id=made[2],
            handset="4g_volte",
        )
        factories.person(
            tx,
            number=14,
            name="Lý Thị Xa",
            hamlet_id=village.lien,
            household_id=there,
            handset="2g",
        )
        tx.run(
            text("UPDATE people SET name = '=1+1', folded = '=1+1' WHERE id = :id"),
            id=village.hoa,
        )
    return made


def listed(clerk: Clerk, query: str = "") -> list[str]:
    """The heads of the homes, in order."""
    clerk.get(f"/staff/lists/{query}")
    return re.findall(
        r'<article class="line" id="[hp]\d+"> <div class="who"> <strong>([^<]+)</strong>',
        clerk.page,
    )


def test_a_head_prints_who_is_on_2g_visits_and_the_list_shrinks(
    thon: Clerk, xa: Clerk, village: Village, homes: list[int]
) -> None:
    assert listed(thon) == ["Vi Văn Ba", "An Thị Tư", "=1+1"]
    assert listed(thon, "?order=head") == ["An Thị Tư", "Vi Văn Ba", "=1+1"]
    assert "Lý Thị Xa" not in thon.page
    thon.get("/staff/lists/print?list=on_2g")
    assert thon.page.count('class="square"') == 3 * 4
    assert thon.ask(TRAIL, action="list_print") == 1
    for _ in range(2):
        thon.post(
            "/staff/lists/visit",
            home=homes[0],
            person=0,
            result="nobody",
            form_key=KEY,
            back="/staff/lists/",
        )
    assert "✓ Không có ai" in thon.page
    assert thon.ask("SELECT COUNT(*) FROM visits") == 1
    assert listed(thon, "?visited=no") == ["An Thị Tư", "=1+1"]
    assert listed(thon, "?visited=yes") == ["Vi Văn Ba"]
    visit = thon.ask("SELECT id FROM visits")
    thon.post(f"/staff/visits/{visit}/undo", back="/staff/lists/")
    assert listed(thon, "?visited=no") == ["Vi Văn Ba", "An Thị Tư", "=1+1"]
    thon.post(
        "/staff/lists/visit",
        home=0,
        person=village.hoa,
        result="done",
        form_key=KEY + "2",
    )
    assert listed(thon, "?visited=no") == ["Vi Văn Ba", "An Thị Tư"]
    tu = thon.ask("SELECT id FROM people WHERE name = 'An Thị Tư'")
    thon.post(f"/staff/people/{tu}/log", indicator="handset_volte", form_key=KEY)
    assert listed(thon) == ["Vi Văn Ba", "=1+1"], "a new handset is no 2G phone"


def test_a_head_visits_no_home_of_another_hamlet(
    thon: Clerk, village: Village, homes: list[int]
) -> None:
    there = thon.ask("SELECT id FROM households WHERE code = 'HO-9'")
    for form in (
        {"home": there, "person": 0},
        {"home": 0, "person": village.son},
        {"home": 0, "person": 0},
    ):
        assert (
            thon.send(
                "/staff/lists/visit", result="done", form_key=KEY, **form
            ).status_code
            == 404
        )
    assert listed(thon, f"?hamlet={village.lien}") == ["Vi Văn Ba", "An Thị Tư", "=1+1"]


def test_the_commune_sees_all_hamlets_on_one_list_and_a_head_only_the_own(
    xa: Clerk, thon: Clerk, village: Village, homes: list[int]
) -> None:
    assert sorted(listed(xa, "?hamlet=0")) == [
        "=1+1",
        "An Thị Tư",
        "Hoàng Văn Sơn",
        "Lý Thị Xa",
        "Vi Văn Ba",
    ]
    assert '<span class="tag">Quảng Liên I</span>' in xa.page
    assert (
        '"hamlet":' not in re.findall(r'href="/staff/broadcasts/new[^"]*"', xa.page)[0]
    ), "to the whole commune"
    xa.get("/staff/lists/print?hamlet=0")
    assert xa.page.count("<td>Quảng Liên I</td>") == 2
    rows = xa.get("/staff/lists.csv?hamlet=0").text.splitlines()
    assert len(rows) == 1 + 5
    assert rows[0].lstrip("\ufeff").startswith("Thôn,Mã hộ")
    assert listed(thon, "?hamlet=0") == ["Vi Văn Ba", "An Thị Tư", "=1+1"]


def test_on_paper_a_number_is_whole_or_not_there(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    homes: list[int],
    db: Database,
) -> None:
    with db.transaction() as tx:
        add(tx, "team", hamlet_id=village.trung)
    xa.get(f"/staff/lists/print?hamlet={village.trung}")
    assert "0990 000 011" in xa.page
    team = signed_in("team")
    team.get("/staff/lists/print")
    assert "An Thị Tư" in team.page
    assert "***" not in team.page, "half a number is of no use at a door"
    assert "0990 000" not in team.page


def test_each_list_asks_its_own_question(
    xa: Clerk, village: Village, homes: list[int]
) -> None:
    nam = xa.ask("SELECT id FROM people WHERE name = 'Bế Văn Năm'")
    ba = xa.ask("SELECT id FROM people WHERE name = 'Vi Văn Ba'")
    assert listed(xa, "?list=no_app") == ["Bế Văn Năm"]
    xa.post(f"/staff/people/{nam}/log", indicator="app_citizen", form_key=KEY)
    assert listed(xa, "?list=no_app") == []
    xa.post(f"/staff/people/{ba}/log", indicator="money_person", form_key=KEY)
    assert listed(xa, "?list=no_account_home") == ["An Thị Tư", "Bế Văn Năm", "=1+1"]
    assert listed(xa, "?list=no_account") == [
        "Vi Văn Ba",
        "An Thị Tư",
        "Bế Văn Năm",
        "=1+1",
    ]
    assert "Vi Thị Con" in xa.page, "who has none"
    assert listed(xa, "?list=poor") == ["An Thị Tư"]
    assert listed(xa, "?list=all") == ["Vi Văn Ba", "An Thị Tư", "Bế Văn Năm", "=1+1"]
    assert listed(xa, f"?hamlet={village.lien}") == ["Lý Thị Xa", "Hoàng Văn Sơn"]
    assert listed(xa, "?list=nothing&order=up&visited=maybe&since=hom-qua&at=x.y") == [
        "Vi Văn Ba",
        "An Thị Tư",
        "=1+1",
    ]


def test_a_list_is_taken_away_without_whole_numbers_and_without_formulas(
    signed_in: Callable[[str], Clerk],
    xa: Clerk,
    thon: Clerk,
    village: Village,
    homes: list[int],
    db: Database,
) -> None:
    with db.transaction() as tx:
        add(tx, "team", hamlet_id=village.trung)
    team = signed_in("team")
    csv = team.get("/staff/lists.csv?list=on_2g").text
    assert "'=1+1" in csv
    assert "+84990***011" in csv
    assert factories.phone(11) not in csv
    assert "Hộ nghèo" not in csv, "only with the right"
    assert factories.phone(11) in thon.get("/staff/lists.csv").text
    sheet = load_workbook(
        BytesIO(xa.get("/staff/lists.xlsx?list=all").data)
    ).worksheets[0]
    assert sheet.max_row == 1 + 5
    assert xa.ask(TRAIL, action="list_export") == 3
    for path in (
        "/staff/lists/?list=poor",
        "/staff/lists.csv?list=poor",
        "/staff/lists/print?list=poor",
    ):
        assert team.get(path).status_code == 403
    assert "Hộ nghèo, cận nghèo" not in team.get("/staff/lists/").text


def add(tx: Tx, role: str, **bound: int) -> None:
    factories.insert_row(
        tx,
        staff,
        commune_id=1,
        username=role,
        role=role,
        password=accounts._hasher().hash(PASSWORD),
        made_at=0,
        **bound,
    )


def test_a_broadcast_begins_for_exactly_those(
    xa: Clerk, village: Village, homes: list[int]
) -> None:
    for kind, chosen in (
        ("on_2g", 3),
        ("no_account", 4),
        ("no_app", 1),
        ("poor", 1),
        ("no_account_home", 4),
    ):
        xa.get(f"/staff/lists/?list={kind}")
        to = re.search(r'href="(/staff/broadcasts/new[^"]+)"', xa.page)
        assert to, kind
        xa.get(to[1])
        rule = re.search(r"name=\"rule\" value='?\"?([^>]+?)\"?'?>", xa.page)
        assert rule
        words = {"name": kind, "class": "notice", "vi": "Mời bà con đến nhà văn hóa."}
        xa.post("/staff/broadcasts/new", rule=rule[1], **words)
        number = xa.ask("SELECT MAX(id) FROM broadcasts")
        xa.get(f"/staff/broadcasts/{number}/audience")
        assert f"<b>{chosen}</b> người sẽ nhận" in xa.page, kind
        assert "lấy từ tệp" not in xa.page, "the form can say it"
    xa.get("/staff/lists/?visited=no")
    assert "/staff/broadcasts/new" not in xa.page, "no rule says who was visited"


def test_pages_of_homes_follow_each_other_and_miss_none(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        for number in range(110):
            home = factories.household(tx, village.trung, f"X-{number:03}")
            factories.person(
                tx,
                name=f"Vi {number % 9} {number:03}",
                hamlet_id=village.trung,
                household_id=home,
            )
    for order in ("code", "head"):
        seen, path = [], f"?list=all&order={order}"
        for _ in range(4):
            seen += listed(xa, path)
            onward = re.search(r'rel="next" href="/staff/lists/([^"]+)"', xa.page)
            if onward is None:
                break
            path = onward[1]
        ours = [name for name in seen if name.startswith("Vi ")]
        assert len(ours) == len(set(ours)) == 110, order
    assert ours == sorted(ours)


@pytest.mark.parametrize("role", roles.PERMISSIONS)
def test_every_role_has_a_first_page_and_a_menu_of_what_it_may_open(
    role: str,
    app: object,
    signed_in: Callable[[str], Clerk],
    db: Database,
    village: Village,
) -> None:
    bound = {
        "hamlet": {"hamlet_id": village.trung},
        "team": {"hamlet_id": village.trung},
    }.get(role, {})
    with db.transaction() as tx:
        if role == "school":
            bound = {
                "school_id": factories.business(
                    tx, kind="school", name="Trường Tiểu học"
                )
            }
        add(tx, role, **bound)
    clerk = signed_in(role)
    answer = clerk.sign_in(role)
    path = answer.headers["Location"]
    for _ in range(3):
        answer = clerk.get(path)
        if "Location" not in answer.headers:
            break
        path = answer.headers["Location"]
    assert answer.status_code == 200, path
    assert "<h1>" in clerk.page
    assert clerk.get("/staff/").status_code in (200, 303)
    menu = clerk.page.partition("<nav")[2].partition("</nav>")[0] or answer.text
    for link in re.findall(r'href="(/staff/[^"]*)"', menu):
        assert clerk.get(link).status_code in (200, 303), link


def test_the_first_page_of_a_head_names_the_day_the_lists_and_the_own_log(
    thon: Clerk, village: Village, homes: list[int], clock: Clock
) -> None:
    thon.post(
        f"/staff/bookings/{village.hoa_booking}/log",
        indicator="money_person",
        form_key=KEY,
    )
    thon.get("/staff/mine/")
    for shown in (
        "NVH Quảng Trung I",
        "2 người đặt · 1 đã đến",
        "Còn máy 2G",
        "2 hộ · 1 người chưa ghi hộ",
        "Viettel Money",
    ):
        assert shown in thon.page, shown
    clock.now += timedelta(days=40)
    thon.sign_in("thon")
    thon.get("/staff/mine/")
    assert "Chưa ghi việc nào trong 30 ngày qua" in thon.page


def test_whoever_calls_and_belongs_to_no_household_makes_no_household_more(
    xa: Clerk, village: Village, homes: list[int], db: Database
) -> None:
    xa.get("/staff/lists/?list=all")
    assert "3 hộ · 1 người chưa ghi hộ" in xa.page
    with db.transaction() as tx:
        for number in (21, 22):
            factories.person(
                tx, number=number, name=f"Vi Văn {number}", hamlet_id=village.trung
            )
    for path in ("/staff/lists/?list=all", "/staff/lists/print?list=all"):
        xa.get(path)
        assert "3 hộ · 3 người chưa ghi hộ" in xa.page, path
        assert xa.page.count("Người chưa ghi vào hộ nào (3)") == 1, path
        first_alone = xa.page.index("Người chưa ghi vào hộ nào")
        assert xa.page.index("Bế Văn Năm") < first_alone < xa.page.index("Vi Văn 21"), (
            path
        )


def test_whoever_runs_a_session_without_times_sees_it_and_says_who_came(
    signed_in: Callable[[str], Clerk], village: Village, db: Database, clock: Clock
) -> None:
    """Of their hamlet and of the commune; whatever is to come, and what is over until
    somebody said who came.
    """
    to_come = language.say("vi", "mine_to_come")
    to_count = language.say("vi", "mine_count_them")
    evening = at_local(today(clock.now), "06:00")
    with db.transaction() as tx:
        commune_hall = factories.hall(tx, None, "Hội trường xã")
        made = {}
        for name, hall, ahead in (
            ("own", village.hall, 2),
            ("commune", commune_hall, 3),
            ("elsewhere", village.other_hall, 2),
            ("over", village.hall, -2),
        ):
            made[name] = factories.event_with_slots(
                tx,
                hall_id=hall,
                starts=evening + timedelta(days=ahead),
                capacity=0,
                kind="training",
                bookable=False,
                run_by="Đoàn Thanh niên xã",
            ).id
    head = signed_in("thon")
    head.get("/staff/mine/")
    for name, event_id in made.items():
        is_there = f'href="/staff/events/{event_id}/came"' in head.page
        assert is_there == (name != "elsewhere"), name
    assert "CN 14/4/2024, 6h00 – 6h30 · Đoàn Thanh niên xã" in head.page
    assert head.page.count(to_come) == 2
    assert head.page.count(to_count) == 1
    head.post(f"/staff/events/{made['over']}/heads", number=12, form_key=KEY)
    head.get("/staff/mine/")
    assert f'/staff/events/{made["over"]}/came"' not in head.page


ROUND = {
    "list": "on_2g",
    "run_by": "Tổ công nghệ số",
    "day": "2024-04-13",
    "first": "08:00",
    "last": "11:00",
}


def test_a_list_becomes_a_round_whose_visits_are_ticked_off(
    thon: Clerk,
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    homes: list[int],
    clock: Clock,
) -> None:
    """Made in the evening for the next morning; what was met on the way is the round's
    count, and the plan's.
    """
    form = ROUND
    listed(thon)
    assert 'action="/staff/lists/round"' in thon.page
    thon.post("/staff/lists/round", **{**form, "day": "2024-04-11"})
    assert language.say("vi", "event_bad_past") in thon.page
    thon.post("/staff/lists/round", **form)
    event = thon.ask("SELECT id FROM events WHERE kind = 'visits'")
    tally = language.say("vi", "round_tally", visited="0", homes="3")
    assert tally in thon.page
    assert "Tổ công nghệ số" in thon.page
    assert "Lý Thị Xa" not in thon.page, "of another hamlet"
    at = f"/staff/rounds/{event}"
    visit = {"home": homes[0], "person": 0, "form_key": KEY, "back": at}
    thon.post(f"{at}/visit", **visit, result="done")
    assert language.say("vi", "came_not_held") in thon.page
    clock.now = at_local(today(clock.now) + timedelta(days=1), "07:00")
    thon.sign_in("thon")
    xa.sign_in("xa")
    thon.post(f"{at}/visit", **visit, result="done")
    assert language.say("vi", "came_not_begun", time="7h30") in thon.page
    assert thon.ask("SELECT COUNT(*) FROM visits") == 0, "nobody set out yet"
    clock.now = at_local(today(clock.now), "09:00")
    thon.get("/staff/mine/")
    assert f'href="{at}"' in thon.page
    for _ in range(2):
        thon.post(f"{at}/visit", **visit, result="done")
    alone = {"home": 0, "person": village.hoa, "form_key": KEY + "2", "back": at}
    thon.post(f"{at}/visit", **alone, result="nobody")
    assert language.say("vi", "round_tally", visited="2", homes="3") in thon.page
    assert "An Thị Tư" in thon.page
    stranger = {**visit, "home": homes[2], "form_key": KEY + "3"}
    assert thon.send(f"{at}/visit", **stranger, result="done").status_code == 404
    xa.get(f"/staff/events/{event}")
    assert "Người đến: 1" in xa.page, "nobody was met at the other house"
    member = thon.ask("SELECT id FROM people WHERE name = 'Vi Văn Ba'")
    xa.post(f"/staff/events/{event}/came", person=member)
    xa.get(f"/staff/events/{event}")
    assert "Người đến: 1" in xa.page, "one of the home that was visited"
    clock.now += timedelta(hours=7)
    xa.get("/staff/progress/sessions")
    assert language.say("vi", "event_kind_visits") in xa.page
    assert listed(thon, "?visited=yes") == ["Vi Văn Ba", "=1+1"]
    thon.post(f"/staff/visits/{thon.ask('SELECT MIN(id) FROM visits')}/undo", back=at)
    assert language.say("vi", "round_tally", visited="1", homes="3") in thon.page
    assert signed_in("xem").get(at).status_code == 403
    xa.post("/staff/lists/round", **form, hamlet=0)
    assert language.say("vi", "round_nobody", most=300) in xa.page
    xa.post("/staff/lists/round", **{**form, "day": "2024-04-20"}, hamlet=village.lien)
    other = xa.ask("SELECT MAX(id) FROM events")
    assert "Lý Thị Xa" in xa.page
    assert thon.get(f"/staff/rounds/{other}").status_code == 404


def test_the_youth_union_goes_from_house_to_house_on_a_round(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    homes: list[int],
    clock: Clock,
    db: Database,
) -> None:
    with db.transaction() as tx:
        for role in ("youth", "agent"):
            add(tx, role)
    xa.post("/staff/lists/round", **ROUND, hamlet=village.trung)
    at = f"/staff/rounds/{xa.ask('SELECT MAX(id) FROM events')}"
    clock.now = at_local(today(clock.now) + timedelta(days=1), "09:00")
    member = signed_in("youth")
    member.get("/staff/mine/")
    assert f'href="{at}"' in member.page
    member.get(at)
    assert "0990 000 001" not in member.page
    visit = {"home": homes[0], "person": 0, "form_key": KEY, "back": at}
    member.post(f"{at}/visit", **visit, result="done")
    assert language.say("vi", "round_tally", visited="1", homes="3") in member.page
    assert member.get("/staff/lists/").status_code == 403, "no list but this"
    assert signed_in("agent").get(at).status_code == 403, "the operator's man"


def test_residents_hear_of_a_round_once_staff_say_so(
    xa: Clerk, village: Village, homes: list[int], clock: Clock
) -> None:
    """It goes to the homes of an internal list: whoever is not on it waits in vain."""
    xa.post("/staff/lists/round", **ROUND, hamlet=village.trung)
    event = xa.ask("SELECT MAX(id) FROM events")
    at = f"/staff/events/{event}"

    def is_told() -> list[bool]:
        """On the poster, which says what HOP says, and in the bulletin."""
        pages = [f"/staff/poster/{village.trung}", "/staff/announcement/"]
        said = [xa.get(path).text.lower() for path in pages]
        return ["đến từng nhà" in one for one in said]

    assert is_told() == [False, False]
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=event) is None
    xa.get(at)
    assert language.say("vi", "event_internal") in xa.page
    assert language.say("vi", "event_no_times_here") not in xa.page
    xa.post(f"{at}/copy")
    copy = xa.ask("SELECT MAX(id) FROM events")
    homes_of = "SELECT COUNT(*) FROM round_homes WHERE event_id = :id"
    assert xa.ask(homes_of, id=copy) == xa.ask(homes_of, id=event) > 0
    assert xa.ask("SELECT number FROM events WHERE id = :id", id=copy) is None
    for _ in range(2):
        xa.post(f"{at}/announce")
    assert language.say("vi", "event_as_before") in xa.page
    number = xa.ask("SELECT number FROM events WHERE id = :id", id=event)
    xa.get(at)
    assert language.say("vi", "event_number_help", number=number) in xa.page
    assert is_told() == [True, True]
