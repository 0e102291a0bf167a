"""Lists taken in at the desk: tried first, with each refused row and why, then kept;
never by whom it is no matter.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import insert, update
from werkzeug.test import TestResponse

from db.broadcasts import rules
from db.commands import imports
from db.commands.imports import cells, registers
from db.commands.imports import events as sessions
from db.commands.imports.kinds import place_of
from db.models import businesses as businesses_table
from db.models import (
    event_services,
    facts,
    hamlet_aliases,
    installation,
    parents,
    people,
    staff,
    targets,
)
from db.models.states import EventKind, Service
from db.office import accounts
from db.progress.recount import recount
from db.register import businesses, schools
from db.reports import as_imported
from db.store.engine import Database
from gateway.staff import gate, language
from gateway.staff import imports as page
from tests import factories
from tests.gateway.staff.conftest import PASSWORD, Clerk, Clock, Village

COLUMNS = "Số điện thoại, Tên, Thôn, Mã hộ, Loại máy, Loại SIM, Hộ nghèo"
RESIDENTS = """SĐT;Họ và tên;Thôn;Mã hộ;Loại máy
0990 000 001;Nông Thị Hoa;Quảng Liên I;H1;2g
990000041;Lý Văn Mới;thôn Quảng Trung 1;H2;4g_volte
0990000042;Vi Thị Xa;Nà Đâu;;
12345;Số Sai;Quảng Trung I;;
0990000002;Hoàng Văn Sơn;Quảng Liên I;;2g
"""


def tries(
    clerk: Clerk, kind: str, content: str | bytes, name: str = "danh-sach.csv"
) -> TestResponse:
    """Choose a file and press the first button."""
    written = content if isinstance(content, bytes) else content.encode()
    return clerk.post("/staff/imports/", kind=kind, file=(io.BytesIO(written), name))


def carried(clerk: Clerk) -> dict[str, str]:
    """What the form of the preview takes along."""
    form = clerk.page.partition('action="/staff/imports/keep"')[2].partition("</form>")[
        0
    ]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert found, "there is nothing to confirm"
    del found["csrf_token"]
    return found


def keeps(clerk: Clerk) -> TestResponse:
    return clerk.post("/staff/imports/keep", **carried(clerk))


def says(clerk: Clerk, key: str, **values: object) -> bool:
    return language.say("vi", key, **values) in clerk.page


def section(clerk: Clerk, name: str) -> str:
    return re.split("</section>|</details>", clerk.page.partition(f'id="{name}"')[2])[0]


def test_a_list_is_tried_row_by_row_and_kept_when_it_is_confirmed(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village, db: Database
) -> None:
    before = xa.ask("SELECT COUNT(*) FROM people")
    assert tries(xa, "residents", RESIDENTS).status_code == 200
    assert says(xa, "import_nothing_yet")
    for what, number in (
        ("new", 1),
        ("changed", 1),
        ("same", 1),
        ("refused", 2),
        ("repaired", 1),
    ):
        assert says(xa, f"import_{what}", number=number), what
    refused = section(xa, "refused")
    assert (
        "Dòng 4</strong> không có thôn 'Nà Đâu'" in refused and "Vi Thị Xa" in refused
    )
    assert "there is no hamlet" not in refused, "one reads one's own language"
    assert "Dòng 5</strong> số điện thoại không phải số di động Việt Nam" in refused
    changed = section(xa, "changed")
    assert (
        "Dòng 2</strong> Thôn: Quảng Trung I → Quảng Liên I; Mã hộ: – → H1 <small>"
        in changed
    )
    assert "Lý Văn Mới" in section(xa, "new")
    assert xa.ask("SELECT COUNT(*) FROM people") == before, "nothing is kept yet"
    assert xa.ask("SELECT COUNT(*) FROM households") == 0
    assert xa.ask("SELECT COUNT(*) FROM installation") == 0
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'import'") == 0
    keeps(xa)
    assert (
        says(xa, "import_kept")
        and says(xa, "import_new", number=1)
        and says(xa, "import_refused", number=2)
    )
    assert xa.ask("SELECT COUNT(*) FROM people") == before + 1
    assert (
        xa.ask("SELECT hamlet_id FROM people WHERE id = :id", id=village.hoa)
        == village.lien
    )
    assert xa.ask("SELECT kind FROM installation") == "live"
    with db.connection() as tx:
        assert recount(tx) == []
    tries(xa, "residents", RESIDENTS)
    assert says(xa, "import_same", number=3), "the same file again adds nothing"
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    kind = language.say("vi", "import_kind_residents")
    assert language.say("vi", "trail_import", kind=kind, number="3") in admin.page


def test_what_became_of_it_meanwhile_is_shown_before_it_is_kept(
    xa: Clerk, village: Village, db: Database
) -> None:
    tries(
        xa,
        "households",
        "code,hamlet,poor\nH1,Quảng Trung I,yes\nH2,Quảng Trung I,no\n",
    )
    form = carried(xa)
    with db.transaction() as tx:
        factories.household(tx, village.trung, "H2")
    assert xa.post("/staff/imports/keep", **form).status_code == 409
    assert says(xa, "import_changed_since") and says(xa, "import_new", number=1)
    assert xa.ask("SELECT COUNT(*) FROM households") == 1
    assert keeps(xa).status_code == 200
    assert xa.ask("SELECT COUNT(*) FROM households") == 2
    assert xa.post("/staff/imports/keep", **form).status_code == 409, (
        "twice by an old page"
    )
    for wrong in (
        {"carried": "no file"},
        {"carried": "eJw"},
        {"kind": "tac"},
        {"kind": "nothing"},
    ):
        assert xa.send("/staff/imports/keep", **{**form, **wrong}).status_code == 400, (
            wrong
        )


def test_the_refused_rows_are_downloaded_mended_and_sent_again(
    xa: Clerk, village: Village
) -> None:
    tries(
        xa,
        "residents",
        "phone,name,hamlet\n+84990000041,=1+1,Nà Đâu\n0990000042,Mai,Quảng Trung I\n",
    )
    form = {name: value for name, value in carried(xa).items() if name != "seen"}
    answer = xa.post("/staff/imports/refused.csv", **form)
    assert answer.mimetype == "text/csv"
    rows = answer.get_data(as_text=True).removeprefix("\ufeff")
    assert (
        "2,không có thôn 'Nà Đâu' / there is no hamlet 'Nà Đâu','+84990000041,'=1+1,Nà Đâu"
        in rows
    )
    tries(
        xa,
        "residents",
        rows.replace("Nà Đâu\n", "Quảng Trung I\n").replace("'=1+1", "Lan"),
    )
    assert says(xa, "import_new", number=1)
    keeps(xa)
    assert xa.ask("SELECT phone FROM people WHERE name = 'Lan'") == "+84990000041"


@pytest.mark.parametrize("kind", page.KINDS)
def test_the_empty_list_of_each_kind_is_understood_in_both_languages(
    xa: Clerk, kind: str
) -> None:
    it = imports.KINDS[kind]
    for spoken in ("vi", "en"):
        xa.post("/staff/language", to=spoken, back="/staff/imports/")
        rows = xa.get(f"/staff/imports/{kind}.csv").get_data(as_text=True)
        sheet = imports.read("a.csv", rows.encode())
        assert place_of(it, sheet.headers) == {
            column: at for at, column in enumerate(it.columns)
        }, spoken


def test_every_kind_says_what_is_new_what_changes_and_what_stays(
    xa: Clerk, village: Village, clock: Clock, db: Database
) -> None:
    for kind, header, first, second, change in (
        (
            "households",
            "code,hamlet,poor",
            "H1,Quảng Trung I,no",
            "H1,Quảng Liên I,near",
            "Thôn: Quảng Trung I → Quảng Liên I; Hộ nghèo: ",
        ),
        (
            "businesses",
            "name,hamlet,kind,owner,phone",
            "Tạp hóa,,shop,Nông Thị Hoa,0990000001",
            "Tạp hóa,Quảng Liên I,shop,,",
            "Thôn: – → Quảng Liên I",
        ),
        (
            "events",
            "date,hall,from,to,minutes,places",
            "20/4/2024,NVH Quảng Liên I,8h,9h,30,2",
            "20/4/2024,NVH Quảng Liên I,8h,10h,30,2",
            "Số lượt: – → +2",
        ),
        (
            "targets",
            "indicator,hamlet,denominator,target,as_of",
            "sim_4g,,40,36,1/4/2024",
            "sim_4g,,41,36,1/4/2024",
            "Mẫu số: 40 → 41",
        ),
        (
            "residents",
            "phone,name,hamlet,sim",
            "0990000041,Lan,Quảng Trung I,2g",
            "0990000041,,Quảng Trung I,4g",
            "Loại SIM: SIM 2G → SIM 4G",
        ),
        ("dnc", "phone", "0990000041", "", ""),
        (
            "parents",
            "school,class,phone,agreed_on",
            "Trường Tiểu học,3A,0990000041,1/4/2024",
            "",
            "",
        ),
    ):
        if kind == "parents":
            with db.transaction() as tx:
                factories.business(tx, kind="school", name="Trường Tiểu học")
        tries(xa, kind, f"{header}\n{first}\n")
        assert says(xa, "import_new", number=1), kind
        keeps(xa)
        tries(xa, kind, f"{header}\n{first}\n")
        assert says(xa, "import_same", number=1) and says(xa, "import_new", number=0), (
            kind
        )
        if second:
            tries(xa, kind, f"{header}\n{second}\n")
            assert says(xa, "import_changed", number=1) and change in section(
                xa, "changed"
            ), (
                kind,
                section(xa, "changed"),
            )
            keeps(xa)


def test_a_spreadsheet_is_taken_like_a_text_file(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("Ngày", "Nhà văn hóa", "Từ giờ", "Đến giờ", "Số phút", "Số chỗ"))
    sheet.append((datetime(2024, 4, 20), "NVH Quảng Trung I", "8:00", "10:00", 30, 2))  # noqa: DTZ001
    kept = io.BytesIO()
    book.save(kept)
    tries(xa, "events", kept.getvalue(), "lich.XLSX")
    assert says(xa, "import_new", number=1)
    keeps(xa)
    assert (
        xa.ask(
            "SELECT COUNT(*) FROM slots s JOIN events e ON e.id = s.event_id WHERE e.day = '2024-04-20'"
        )
        == 4
    )


def test_a_file_that_cannot_be_taken_is_refused_in_one_sentence(
    xa: Clerk, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "FILE_MOST", 40_000)
    for content, name, key, values in (
        (b"", "a.csv", "empty", {}),
        (b"name\nx", "a.csv", "columns", {"missing": "Thôn", "columns": COLUMNS}),
        (b"\xf0\xe1", "a.csv", "utf8", {}),
        (b"no spreadsheet", "a.xlsx", "xlsx", {"name": "a.xlsx"}),
        (b"", "a.ods", "suffix", {"name": "a.ods"}),
        (b"x" * 40_001, "a.csv", "large", {"megabytes": 0}),
        (
            b"hamlet\n" + b"x\n" * (page.ROWS_MOST + 1),
            "a.csv",
            "rows",
            {"most": page.ROWS_MOST},
        ),
    ):
        assert tries(xa, "residents", content, name).status_code == 400, key
        assert says(xa, f"import_no_{key}", **values), key
        assert '<option value="residents" selected>' in xa.page, "the kind stays chosen"
    xa.post("/staff/imports/", kind="residents")
    assert says(xa, "import_no_file")
    assert (
        xa.send(
            "/staff/imports/", kind="tac", file=(io.BytesIO(b"tac"), "a.csv")
        ).status_code
        == 400
    )
    monkeypatch.setattr(gate, "FILE_BODY_MOST", 10_000)
    assert tries(xa, "residents", b"x" * 20_000).status_code == 413
    assert says(xa, "error_413")


def test_a_demo_shows_what_a_list_would_do_and_keeps_none(
    signed_in: Callable[[str], Clerk],
    xa: Clerk,
    village: Village,
    db: Database,
    clock: Clock,
) -> None:
    tries(xa, "dnc", "phone\n0990000041\n")
    form = carried(xa)
    with db.transaction() as tx:
        tx.run(insert(installation).values(id=1, kind="demo", since=clock.ms))
    tries(xa, "dnc", "phone\n0990000041\n")
    assert says(xa, "imports_demo") and says(xa, "import_new", number=1)
    assert "/staff/imports/keep" not in xa.page
    assert xa.post("/staff/imports/keep", **form).status_code == 400
    assert says(xa, "import_no_demo")
    assert xa.ask("SELECT COUNT(*) FROM stops") == 0


def test_only_the_commune_takes_lists_in(
    xa: Clerk,
    thon: Clerk,
    visitor: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
) -> None:
    assert 'href="/staff/imports/"' in xa.get("/staff/").text
    assert 'href="/staff/imports/"' not in thon.get("/staff/mine/").text
    for clerk in (thon, signed_in("xem")):
        assert clerk.get("/staff/imports/").status_code == 403
        assert clerk.get("/staff/imports/residents.csv").status_code == 403
        for path in ("", "keep", "refused.csv"):
            file = (io.BytesIO(b"phone\n0990000041\n"), "a.csv")
            assert (
                clerk.send(f"/staff/imports/{path}", kind="dnc", file=file).status_code
                == 403
            ), path
    assert (
        thon.send(
            "/staff/imports/", kind="dnc", file=(io.BytesIO(b"x" * 100_000), "a.csv")
        ).status_code
        == 413
    )
    assert visitor.get("/staff/imports/").status_code == 303
    assert xa.get("/staff/imports/keep").headers["Location"] == "/staff/imports/"
    assert xa.client.post("/staff/imports/", data={"kind": "dnc"}).status_code == 400, (
        "no token of a page of ours"
    )


def test_another_communes_people_are_neither_moved_nor_told_of(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    clock: Clock,
) -> None:
    with db.transaction() as tx:
        other = factories.commune(tx, name="xã Bên Cạnh", code="*2405#", number="2405")
        person = factories.person(tx, number=41, name="Người Xã Khác", now=clock.ms)
        tx.run(update(people).where(people.c.id == person).values(commune_id=other))
    tries(xa, "residents", "phone,name,hamlet\n0990000041,Ai Đó,Quảng Trung I\n")
    assert "số này ghi ở xã khác" in section(xa, "refused")
    assert "Người Xã Khác" not in xa.page
    with db.transaction() as tx:
        hashed = accounts._hasher().hash(PASSWORD)
        factories.insert_row(
            tx,
            staff,
            commune_id=other,
            username="xa2",
            role="commune",
            password=hashed,
            made_at=0,
        )
    theirs = signed_in("xa2")
    tries(
        theirs,
        "residents",
        "phone,name,hamlet\n0990000041,Người Xã Khác,Thôn Đầu\n0990000001,Hoa,Thôn Hai\n",
    )
    assert says(theirs, "import_places", names="Thôn Đầu, Thôn Hai"), "their first list"
    assert "Nông Thị Hoa" not in theirs.page
    keeps(theirs)
    assert xa.ask("SELECT COUNT(*) FROM hamlets WHERE commune_id = :id", id=other) == 2
    assert (
        xa.ask("SELECT commune_id FROM people WHERE id = :id", id=village.hoa)
        == factories.COMMUNE
    )


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_whatever_the_desk_calls_a_thing_is_understood_in_a_list(spoken: str) -> None:
    """Each word of the desk for what stands in a column, and each name of a column."""
    said = language.WORDS[spoken]
    words = (
        ("handset", cells.HANDSETS, rules.HANDSETS),
        ("sim", cells.SIMS, rules.SIMS),
        ("poor", cells.POOR, ("yes", "near", "no")),
        ("event_kind", sessions.KINDS, tuple(EventKind)),
        ("service", sessions.SERVICES, tuple(Service)),
        ("kind", registers.KINDS, businesses.KINDS),
    )
    for prefix, known, values in words:
        for value in values:
            written = said[f"{prefix}_{value}"]
            assert known[cells.plain_words(written)] == value, written
    assert cells.POOR[cells.plain_words(said["poor_unknown"])] == ""
    residents = imports.KINDS["residents"]
    listed = ("hamlet", "household", "person", "phone", "handset", "poor")
    headers = tuple(said[f"column_{name}"] for name in listed)
    assert set(place_of(residents, headers)) == {
        "hamlet", "household", "name", "phone", "handset", "poor",
    }  # fmt: skip


@pytest.fixture
def filled(db: Database, village: Village, clock: Clock) -> None:
    """Something of every kind of list, some of it with words that have commas and
    marks.
    """
    with db.transaction() as tx:
        home = factories.household(tx, village.trung, "H1", "near")
        who = factories.person(
            tx,
            number=41,
            name="Lý Văn Mới",
            hamlet_id=village.trung,
            household_id=home,
            handset="4g_no_volte",
        )
        factories.person(tx, name="=Cụ Không Máy", hamlet_id=village.lien, handset="2g")
        said = {"person_id": who, "source": "register", "at": clock.ms}
        tx.run(facts.insert().values(kind="sim", value="2g", **said))
        tx.run(facts.insert().values(kind="poor", value="near", **said))
        shop = factories.business(tx, village.trung)
        school = factories.business(tx, None, "school", "Trường Tiểu học")
        tx.run(
            businesses_table.update()
            .where(businesses_table.c.id == shop)
            .values(owner_id=who)
        )
        of_class = schools.ensure_class(tx, school, "3A")
        factories.insert_row(
            tx,
            parents,
            class_id=of_class.id,
            person_id=who,
            agreed_on="2024-04-01",
            asked="aloud",
            at=1,
        )
        for hamlet_id in (None, village.lien):
            factories.insert_row(
                tx,
                targets,
                indicator_id=factories.indicator(tx, "electricity_money"),
                hamlet_id=hamlet_id,
                denominator=120,
                target=60,
                as_of="2024-04-01",
            )
        for kind, services in (("account", ("account", "qr")), ("meeting", ())):
            event = factories.event_with_slots(
                tx,
                hall_id=village.other_hall,
                starts=clock.now + timedelta(days=2 if services else 3),
                slots_=4 if services else 1,
                capacity=6 if services else 0,
                kind=kind,
                bookable=bool(services),
                run_by="Đoàn Thanh niên, Hội Nông dân",
                bring="căn cước",
                bring_en="ID card",
            )
            for service in services:
                offered = {"event_id": event.id, "service": service}
                tx.run(event_services.insert().values(**offered))
        swaps = {"event_id": village.event.id, "service": "swap"}
        tx.run(event_services.insert().values(**swaps))


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize("kind", as_imported.READ)
def test_what_is_taken_away_is_taken_in_again_and_changes_nothing(
    xa: Clerk, db: Database, filled: None, kind: str, spoken: str
) -> None:
    xa.post("/staff/language", to=spoken)
    taken = xa.get(f"/staff/imports/now/{kind}.csv")
    assert taken.status_code == 200
    lines = taken.text.strip().splitlines()[1:]
    assert lines, "something stands in it"
    tries(xa, kind, taken.data)
    said = language.WORDS[spoken]
    assert 'id="refused"' not in xa.page, section(xa, "refused")
    assert said["import_same"].format(number=len(lines)) in xa.page, xa.page


def test_a_work_list_is_taken_in_again(xa: Clerk, filled: None) -> None:
    """With its household, handset and poverty in the words of the page; what it says of
    accounts, apps and visits was logged, and stays so.
    """
    taken = xa.get("/staff/lists.csv?list=all&hamlet=0")
    assert "4G, không VoLTE" in taken.text
    assert "Cận nghèo" in taken.text
    tries(xa, "residents", taken.data)
    assert 'id="refused"' not in xa.page, section(xa, "refused")


def test_places_go_by_the_names_people_write(
    xa: Clerk, village: Village, db: Database
) -> None:
    with db.transaction() as tx:
        alias = {"hamlet_id": village.trung, "folded": "trung i"}
        tx.run(hamlet_aliases.insert().values(**alias))
    tries(
        xa,
        "residents",
        "Tên,Thôn,Máy,Hộ nghèo\nA,Thôn Trung 1,4G có VoLTE,Hộ nghèo\nB,bản Trung I,Chỉ 2G,Có\n",
    )
    assert says(xa, "import_new", number=2)
    tries(
        xa,
        "events",
        "Ngày,Nhà văn hóa,Từ giờ,Đến giờ,Loại,Nội dung\n"
        "T7 13/4/2024,Nhà văn hóa thôn Quảng Trung 1,8h00,9h00,Mở tài khoản Viettel Money,"
        '"Tài khoản Viettel Money, Mã QR cho cửa hàng"\n',
    )
    assert says(xa, "import_new", number=1)
    tries(
        xa,
        "targets",
        "Chỉ tiêu,Thôn,Mẫu số,Mục tiêu,Tính đến ngày\n"
        "Hộ trả tiền điện qua Viettel Money,Toàn xã,120,60,T2 1/4/2024\n",
    )
    assert says(xa, "import_new", number=1)
