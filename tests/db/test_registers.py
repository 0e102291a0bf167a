"""Shops with owners and parents of schools from lists; and what two clerks at once
count only once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from db.changes import parents
from db.commands import imports
from db.privacy import erasure, retention
from db.progress import conversions, kept, tuition
from db.progress.recount import recount
from db.progress.tuition import Counted
from db.register import identity, schools, visits
from db.register.visits import To
from db.store.engine import Database, Tx, to_ms
from db.texts import stops, wishes
from tests import factories as make

KEY = "a key of the tests"
DAY = 24 * 3_600_000
Take = Callable[..., imports.Report]


@pytest.fixture
def take(db: Database, now: datetime, tmp_path: Path) -> Take:
    """Writes rows to a CSV file and takes it in."""

    def take_in(kind: str, *lines: str) -> imports.Report:
        file = tmp_path / f"{kind}.csv"
        file.write_text("\n".join(lines), "utf-8")
        return imports.take_in(db, kind, file, now=to_ms(now), privacy_key=KEY)

    return take_in


def count(tx: Tx, what: str) -> int:
    return int(tx.value(text(f"SELECT count(*) FROM {what}")))


def test_a_list_of_shops_names_owners_and_twice_adds_nothing(
    db: Database, take: Take
) -> None:
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        make.person(tx, number=1, name="Lý Thị Mẫu", hamlet_id=hamlet)
    lines = (
        "Tên cơ sở;Thôn;Loại;Chủ cơ sở;SĐT",
        "Tạp hóa Hoa;Quảng Trung 1;Hộ kinh doanh;Lý Thị Mẫu;0990 000 001",
        "Quán phở Lan;Quảng Trung I;cửa hàng;Vi Thị Lan;",
        "Trường Tiểu học;;trường;;",
        "Sửa xe Nam;Quảng Trung I;cửa hàng;Bế Văn Nam;0990000001",
        "Sửa xe Tư;Không có;cửa hàng;;",
        "Sửa xe Năm;Quảng Trung I;chợ;;",
    )
    for _ in range(2):
        report = take("businesses", *lines)
        assert (report.accepted, [row for row, _ in report.refused]) == (3, [5, 6, 7])
    with db.connection() as tx:
        assert (count(tx, "businesses"), count(tx, "people")) == (3, 2), (
            "of a refused row nothing is kept"
        )
        owner = text(
            "SELECT p.phone FROM businesses b JOIN people p ON p.id = b.owner_id WHERE b.name = 'Tạp hóa Hoa'"
        )
        assert tx.value(owner) == make.phone(1)


def test_shops_of_one_name_on_a_list_are_as_many_as_its_lines(
    db: Database, take: Take
) -> None:
    """Another hamlet or another owner is another shop. A line that leaves a cell empty
    is the one that it can be; where it can be several it is asked for more.
    """
    with db.transaction() as tx:
        make.hamlet(tx)
        make.hamlet(tx, "Quảng Liên I", 2)
    head = "Tên cơ sở;Thôn;Loại;Chủ cơ sở;SĐT"
    lines = (
        "Tạp hóa Mới;Quảng Trung I;cửa hàng;Chu Văn An;0990 000 001",
        "Tạp hóa Mới;Quảng Liên I;cửa hàng;Vi Thị Ba;0990 000 002",
        "Tạp hóa Mới;Quảng Liên I;cửa hàng;Bế Thị Tư;0990 000 003",
        "Quán Một;;cửa hàng;;",
    )
    for _ in range(2):
        report = take("businesses", head, *lines)
        assert (report.accepted, report.refused) == (4, [])
    with db.connection() as tx:
        assert count(tx, "businesses") == 4
        assert count(tx, "people p JOIN businesses b ON b.owner_id = p.id") == 3
    report = take(
        "businesses",
        head,
        "Quán Một;Quảng Trung I;cửa hàng;Chu Văn An;0990 000 001",
        "Tạp hóa Mới;;cửa hàng;;",
        "tap hoa moi;;cửa hàng;Bế Thị Tư;",
    )
    assert (report.accepted, [row for row, _ in report.refused]) == (2, [3])
    with db.connection() as tx:
        assert count(tx, "businesses") == 4
        placed = text("SELECT hamlet_id FROM businesses WHERE name = 'Quán Một'")
        assert tx.value(placed) is not None


def test_a_list_of_parents_keeps_no_child_and_no_consent_that_was_taken_back(
    db: Database, take: Take, now: datetime
) -> None:
    at = to_ms(now)
    with db.transaction() as tx:
        school = make.business(tx, kind="school", name="Trường Tiểu học")
        erasure.erase(tx, KEY, make.phone(9), at)
    lines = (
        "Trường,Lớp,Số điện thoại,Ngày đồng ý",
        "truong tieu hoc,3a,0990000001,10/4/2024",
        "Trường Tiểu học,lớp 3A,0990000002,10/4/2024",
        "Trường Tiểu học,3B,0990000001,10/4/2024",
        "Trường khác,3B,0990000003,10/4/2024",
        "Trường Tiểu học,3B,0990000004,10/4/2030",
        "Trường Tiểu học,3B,0990000009,10/4/2024",
        "Trường Tiểu học,3B,,10/4/2024",
    )
    for _ in range(2):
        report = take("parents", *lines)
        assert (report.accepted, [row for row, _ in report.refused]) == (
            3,
            [5, 6, 7, 8],
        )
    with db.transaction() as tx:
        assert (count(tx, "parents"), count(tx, "classes"), count(tx, "people")) == (
            3,
            2,
            2,
        )
        first = tx.value(text("SELECT MIN(id) FROM parents"))
        standing = parents.standing(tx, first)
        assert standing is not None
        assert parents.withdraw(
            tx, standing, staff_id=make.staff(tx), now=at, privacy_key=KEY
        )
        assert wishes.agrees(tx, standing.person_id, "school"), (
            "another class still has it"
        )
    report = take("parents", *lines[:2])
    assert len(report.refused) == 1
    assert "taken back" in report.refused[0][1]
    with db.transaction() as tx:
        (last,) = tx.all(
            text(
                "SELECT id FROM parents WHERE person_id = :id AND withdrawn_at IS NULL"
            ),
            id=standing.person_id,
        )
        other = parents.standing(tx, last.id)
        assert other is not None
        parents.withdraw(tx, other, staff_id=1, now=at, privacy_key=KEY)
        assert not wishes.agrees(tx, standing.person_id, "school")
        assert (
            count(tx, "consents WHERE purpose = 'school' AND withdrawn_at IS NULL") == 1
        )
        assert retention.let_go(tx, at + 365 * DAY)["parents"] == 0
        let_go = retention.let_go(tx, at + 367 * DAY)
        assert (let_go["parents"], let_go["only_parents"]) == (2, 1)
        assert count(tx, "people WHERE phone IS NOT NULL") == 1, (
            "a number given for these notices alone goes, too"
        )
        assert schools.class_named(tx, school, "3 a") is not None


def test_a_list_says_what_each_parent_agreed_to_and_how_they_were_asked(
    db: Database, take: Take, now: datetime
) -> None:
    with db.transaction() as tx:
        make.business(tx, kind="school", name="Trường Tiểu học")
        who = identity.who(KEY, make.phone(3))
        stops.refuse(tx, who, "advert", to_ms(now))
    lines = (
        "Trường,Lớp,Số điện thoại,Ngày đồng ý,Cách hỏi,Ngày đồng ý quảng cáo",
        "Trường Tiểu học,3A,0990000001,10/4/2024,phiếu ký tên,10/4/2024",
        "Trường Tiểu học,3A,0990000002,10/4/2024,trực tiếp,",
        "Trường Tiểu học,3A,0990000003,10/4/2024,phiếu,10/4/2024",
        "Trường Tiểu học,3A,0990000004,10/4/2024,,10/4/2024",
        "Trường Tiểu học,3A,0990000005,10/4/2024,phiếu,10/4/2030",
        "Trường Tiểu học,3A,0990000006,10/4/2024,bói,",
    )
    for _ in range(2):
        report = take("parents", *lines)
        assert (report.accepted, [row for row, _ in report.refused]) == (
            2,
            [4, 5, 6, 7],
        )
    with db.connection() as tx:
        assert count(tx, "parents WHERE asked = 'form'") == 1
        assert count(tx, "parents WHERE asked = 'aloud'") == 1
        adverts = "consents WHERE purpose = 'advert' AND prompt = 'parents:form'"
        assert count(tx, adverts) == 1
        assert count(tx, "people") == 2, "of a refused row nothing is kept"


def test_classes_stand_in_the_order_of_a_school(db: Database) -> None:
    with db.transaction() as tx:
        school = make.business(tx, kind="school", name="Trường")
        for name in ("10A", "2B", "Lớp 2A", "1C", "2 b"):
            schools.ensure_class(tx, school, name)
        assert [one.name for one in schools.classes_of(tx, school)] == [
            "1C",
            "2A",
            "2B",
            "10A",
        ]


def test_what_two_send_at_once_counts_once(db: Database, now: datetime) -> None:
    at = to_ms(now)
    with db.transaction() as tx:
        hamlet = make.hamlet(tx)
        home = make.household(tx, hamlet)
        clerk = make.staff(tx)
        person = make.person(tx, number=1, hamlet_id=hamlet, household_id=home)
        school = make.business(tx, kind="school", name="Trường")
        one = schools.ensure_class(tx, school, "3A").id
        conversions.log(
            tx,
            programme_id=1,
            indicator="app_citizen",
            subject_id=person,
            at=at - 9 * DAY,
            staff_id=None,
        )
        visit = visits.note(
            tx,
            To(household_id=home),
            "home",
            at=at,
            staff_id=clerk,
            form_key="a-form-key-0",
        )
        assert visit is not None
    who = {"programme_id": 1, "staff_id": clerk, "now": at}
    works: list[Callable[[Tx], object]] = [
        lambda tx: visits.note(
            tx,
            To(household_id=home),
            "done",
            at=at,
            staff_id=clerk,
            form_key="a-form-key-1",
        ),
        lambda tx: visits.take_back(tx, visit, at=at, staff_id=clerk),
        lambda tx: kept.answer(tx, person, True, form_key="a-form-key-2", **who),
        lambda tx: tuition.count(
            tx,
            school,
            {one: Counted(3, 9)},
            day="2024-04-12",
            form_key="a-form-key-3",
            **who,
        ),
        lambda tx: parents.agree(
            tx,
            class_id=one,
            phone=make.phone(2),
            agreed_on=date(2024, 4, 1),
            commune_id=1,
            staff_id=clerk,
            now=at,
            privacy_key=KEY,
        ),
    ]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(db.again, work, 50) for work in works * 6]:
            done.result()
    with db.connection() as tx:
        assert (
            count(tx, "visits"),
            count(tx, "visits WHERE reverses IS NOT NULL"),
        ) == (3, 1)
        assert (
            count(tx, "app_answers"),
            count(tx, "class_counts"),
            count(tx, "parents"),
        ) == (1, 1, 1)
        assert count(tx, "conversions") == 3
        assert recount(tx) == []
