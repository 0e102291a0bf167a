"""Registers from spreadsheets: what a clerk sends in, with all that spreadsheets do to
it.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from db import demo
from db.commands import imports
from db.commands.imports import sheet
from db.places import communes
from db.privacy import erasure
from db.progress import conversions
from db.register import identity
from db.register.people import by_phone
from db.store.engine import Database, Tx, to_ms
from tests import factories as make

KEY = "a key of the tests"


class Take(Protocol):
    """Writes rows to a CSV file and takes it in."""

    def __call__(
        self, kind: str, *lines: str, dry_run: bool = False, chunk: int = 500
    ) -> imports.Report: ...


@pytest.fixture
def take(db: Database, now: datetime, tmp_path: Path) -> Take:
    def take_in(
        kind: str, *lines: str, dry_run: bool = False, chunk: int = 500
    ) -> imports.Report:
        file = tmp_path / f"{kind}.csv"
        file.write_text("\n".join(lines), "utf-8")
        return imports.take_in(
            db,
            kind,
            file,
            now=to_ms(now),
            privacy_key=KEY,
            dry_run=dry_run,
            chunk=chunk,
        )

    return take_in


def rejected(report: imports.Report) -> list[list[str]]:
    assert report.rejected is not None
    with report.rejected.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def count(tx: Tx, what: str) -> int:
    return int(tx.value(text(f"SELECT count(*) FROM {what}")))


def test_a_register_makes_an_empty_installation_live_and_running_it_twice_adds_nothing(
    db: Database, take: Take
) -> None:
    lines = (
        "SĐT;Họ và tên;Thôn;Hộ;Loại máy;SIM;Hộ nghèo",
        "0990 000 001;Lý Thị Mẫu;Quảng Trung I;H1;2G;2g;nghèo",
        ";Nông Văn Mẫu;thôn Quảng Trung 1;H1;;;",
        "0990.000.003;Vi Văn Thử;Quảng Tiến II;H2;4g_volte;4G;không",
    )
    for _ in range(2):
        report = take("residents", *lines)
        assert (report.accepted, report.repaired, report.refused) == (3, 0, [])
    with db.connection() as tx:
        assert tx.value(text("SELECT kind FROM installation")) == "live"
        assert (
            count(tx, "people"),
            count(tx, "hamlets"),
            count(tx, "households"),
            count(tx, "facts"),
        ) == (3, 2, 2, 6)
        person = by_phone(tx, make.phone(1))
        assert person is not None
        assert (person.name, person.folded, person.origin) == (
            "Lý Thị Mẫu",
            "ly thi mau",
            "register",
        )
        assert make.facts_of(tx, person.id, "register") == {
            "handset": "2g",
            "sim": "2g",
            "poor": "yes",
        }


def test_numbers_that_a_spreadsheet_broke_are_mended_when_certain_and_handed_back_when_not(
    db: Database, take: Take
) -> None:
    report = take(
        "residents",
        "hamlet,phone,name",
        "Quảng Trung I,990000001,lost zero",
        "Quảng Trung I,990000002.0,float",
        "Quảng Trung I,9.90000003E+8,science",
        "Quảng Trung I,01692 000 004,old number",
        "Quảng Trung I,1692000005,old without zero",
        "Quảng Trung I,+84 990-000-006,as it should be",
        "Quảng Trung I,9.9E+8,digits lost",
        "Quảng Trung I,0205 12,no number",
        "Quảng Trung I,12345,nothing",
    )
    assert (report.accepted, report.repaired) == (6, 5)
    with db.connection() as tx:
        phones = [
            row.phone for row in tx.all(text("SELECT phone FROM people ORDER BY id"))
        ]
    assert phones == [
        make.phone(1),
        make.phone(2),
        make.phone(3),
        "+84392000004",
        "+84392000005",
        make.phone(6),
    ]
    header, *rows = rejected(report)
    assert header == ["row", "reason", "hamlet", "phone", "name"]
    assert [(row[0], row[4]) for row in rows] == [
        ("8", "digits lost"),
        ("9", "no number"),
        ("10", "nothing"),
    ]
    assert "lost digits" in rows[0][1]
    assert "not a Vietnamese mobile" in rows[1][1]
    assert report.rejected is not None
    assert report.rejected.stat().st_mode & 0o777 == 0o600


def test_a_bad_row_never_stops_the_good_ones_and_a_slip_of_the_pen_adds_no_hamlet(
    db: Database, take: Take
) -> None:
    take(
        "households",
        "Mã hộ,Thôn,Hộ nghèo",
        "H1,Quảng Trung I,no",
        "H2,Quảng Trung II,near",
    )
    report = take(
        "residents",
        "phone,name,hamlet,household,handset",
        "0990000001,Một,Quảng Trung IV,,",
        "0990000002,Hai,Quảng Trung I,H2,",
        "0990000003,Ba,Quảng Trung I,H1,5g",
        ",,Quảng Trung I,H1,",
        "0990000005,Năm,Quảng Trung I,H1,2g",
        chunk=2,
    )
    assert report.accepted == 1
    assert [number for number, _ in report.refused] == [2, 3, 4, 5]
    reasons = " | ".join(reason for _, reason in report.refused)
    for words in (
        "no hamlet 'Quảng Trung IV'",
        "H2 stands in another hamlet",
        "handset must be one of",
        "a phone or a name",
    ):
        assert words in reasons
    with db.connection() as tx:
        assert (count(tx, "people"), count(tx, "hamlets")) == (1, 2)
        assert tx.value(text("SELECT poor FROM households WHERE code = 'H2'")) == "near"


def test_the_rejected_file_goes_once_every_row_is_good(take: Take) -> None:
    bad = take("dnc", "phone", "nonsense")
    assert bad.rejected is not None
    assert bad.rejected.exists()
    assert take("dnc", "phone", "0990000001").rejected is None
    assert not bad.rejected.exists()


def test_a_dry_run_says_the_same_and_keeps_nothing(db: Database, take: Take) -> None:
    lines = (
        "code,hamlet,poor",
        "H1,Quảng Trung I,no",
        "H2,Quảng Trung II,maybe",
        "H3,Quảng Trung III,yes",
    )
    report = take("households", *lines, dry_run=True, chunk=1)
    assert (report.accepted, len(report.refused)) == (2, 1)
    assert "nothing was kept" in str(report)
    with db.connection() as tx:
        assert [
            count(tx, table) for table in ("installation", "households", "hamlets")
        ] == [0, 0, 0]
    assert (take("households", *lines).accepted) == 2


def test_events_from_a_spreadsheet_with_real_dates_and_times(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (
        ("Số chỗ", "Ngày", "Nhà văn hóa", "Từ", "Đến", "Phút"),
        (2, datetime(2024, 4, 20), "NVH Quảng Trung I", time(8), time(10), 60),  # noqa: DTZ001
        (3, "20/4/2024", "NVH Quảng Trung I", "14h", "15h30", 30),
        (3, "20/4/2024", "NVH Quảng Trung I", "8:30", "9:30", 30),
        (3, "11/4/2024", "Hội trường xã", "8:00", "9:00", 30),
        (3, "21/4/2024", "Hội trường xã", "9:00", "9:20", 30),
        (3, "21/4/2042", "NVH Quảng Trung I", "9:00", "11:00", 30),
    ):
        page.append(row)
    file = tmp_path / "lich.xlsx"
    book.save(file)
    book.close()
    for _ in range(2):
        report = imports.take_in(db, "events", file, now=to_ms(now), privacy_key=KEY)
        assert report.accepted == 2
        assert [number for number, _ in report.refused] == [4, 5, 6, 7]
    reasons = " | ".join(reason for _, reason in report.refused)
    for words in (
        "overlaps",
        "the day has passed",
        "no slot fits",
        "more than a year ahead",
    ):
        assert words in reasons
    with db.connection() as tx:
        assert (count(tx, "events"), count(tx, "slots")) == (1, 5)
        first = tx.one(
            text(
                "SELECT starts_at, ends_at, capacity FROM slots ORDER BY starts_at LIMIT 1"
            )
        )
        assert first is not None
        assert (first.starts_at, first.ends_at - first.starts_at, first.capacity) == (
            to_ms(datetime.fromisoformat("2024-04-20T08:00+07:00")),
            3_600_000,
            2,
        )


def test_targets_are_kept_by_hamlet_and_date_and_corrected_by_a_second_file(
    db: Database, take: Take
) -> None:
    with db.transaction() as tx:
        make.hamlet(tx)
    header = "indicator,hamlet,denominator,target,as_of"
    take(
        "targets",
        header,
        "converted_household,Quảng Trung I,40,36,2024-04-01",
        "Hộ đã lên 4G,,1.400,1260,1/4/2024",
    )
    report = take(
        "targets",
        header,
        "converted_household,,1500,1350,2024-04-01",
        "sim_4g,Nà Xa,1,1,2024-04-01",
        "nothing,,1,1,2024-04-01",
        "sim_4g,,1,2,2024-04-01",
        "sim_4g,,-1,0,2024-04-01",
    )
    assert (report.accepted, len(report.refused)) == (1, 4)
    with db.connection() as tx:
        rows = tx.all(
            text(
                "SELECT hamlet_id, denominator, target, as_of FROM targets ORDER BY id"
            )
        )
        assert [tuple(row) for row in rows] == [
            (1, 40, 36, "2024-04-01"),
            (None, 1500, 1350, "2024-04-01"),
        ]


def test_numbers_that_take_no_advertising_are_kept_without_the_number(
    db: Database, take: Take
) -> None:
    for _ in range(2):
        assert take("dnc", "Số điện thoại", "0990000001", "990000002").accepted == 2
    with db.connection() as tx:
        kept = {
            row.who for row in tx.all(text("SELECT who FROM stops WHERE what = 'dnc'"))
        }
    assert kept == {identity.who(KEY, make.phone(1)), identity.who(KEY, make.phone(2))}


def test_a_tac_table_is_taken_in_and_corrected(db: Database, take: Take) -> None:
    take("tac", "TAC,handset", "35000001,2g")
    report = take(
        "tac", "TAC,handset", "35000001,3g", "1234567,2g", "123,2g", "35000002,"
    )
    assert (report.accepted, report.repaired, len(report.refused)) == (2, 1, 2)
    with db.connection() as tx:
        rows = tx.all(text("SELECT tac, handset FROM tac ORDER BY tac"))
    assert [tuple(row) for row in rows] == [("01234567", "2g"), ("35000001", "3g")]


def test_an_erased_resident_does_not_come_back_with_the_next_register(
    db: Database, now: datetime, take: Take
) -> None:
    line = "0990000001,Mẫu,Quảng Trung I"
    take("residents", "phone,name,hamlet", line)
    with db.transaction() as tx:
        erasure.erase(tx, KEY, make.phone(1), to_ms(now))
    report = take("residents", "phone,name,hamlet", line)
    assert report.accepted == 0
    assert "erased at its owner's request" in report.refused[0][1]


def test_a_register_that_moves_people_between_households_keeps_the_figures_right(
    db: Database, now: datetime, take: Take
) -> None:
    header = "phone,name,hamlet,household,handset"
    take(
        "residents",
        header,
        "0990000001,Một,Quảng Trung I,H1,2g",
        "0990000002,Hai,Quảng Trung I,H1,",
    )
    with db.transaction() as tx:
        person = by_phone(tx, make.phone(1))
        assert person is not None
        for indicator in ("sim_4g", "handset_volte"):
            conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=person.id,
                at=to_ms(now),
                staff_id=None,
            )
        assert count(tx, "counted WHERE indicator_id = 4") == 1
    take("residents", header, "0990000002,Hai,Quảng Trung I,H1,2g")
    with db.transaction() as tx:
        assert count(tx, "counted WHERE indicator_id = 4") == 0
        assert conversions.recount(tx) == []
    take("residents", header, "0990000002,Hai,Quảng Trung I,H2,2g")
    with db.transaction() as tx:
        assert count(tx, "counted WHERE indicator_id = 4") == 1
        assert conversions.recount(tx) == []


def test_a_demo_takes_no_real_data(db: Database, now: datetime, take: Take) -> None:
    demo.load(db, KEY, to_ms(now))
    with pytest.raises(imports.CannotImport, match="demo"):
        take("dnc", "phone", "0990000001")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"name\nx", "Missing columns: hamlet"),
        (
            "a.csv",
            "phone,hamlet\n1,Qu\u1ea3ng".encode("cp1258", "replace") + b"\xf0\xe1",
            "UTF-8",
        ),
        ("a.xlsx", b"no spreadsheet", "no .xlsx"),
        ("a.ods", b"", "only .csv and .xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    db: Database, now: datetime, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(imports.CannotImport, match=says):
        imports.take_in(
            db, "residents", tmp_path / name, now=to_ms(now), privacy_key=KEY
        )
    with db.connection() as tx:
        assert count(tx, "installation") == 0


def test_a_few_kilobytes_that_are_packed_of_gigabytes_are_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = io.BytesIO()
    book = Workbook()
    book.save(kept)
    book.close()
    with pytest.raises(imports.CannotImport, match="empty"):
        imports.read("a.xlsx", kept.getvalue())
    monkeypatch.setattr(sheet, "MOST_UNPACKED", 1_000)
    with pytest.raises(imports.CannotImport, match="More than"):
        imports.read("a.xlsx", kept.getvalue())


def test_what_is_noted_beside_a_chunk_stands_or_falls_with_it(
    db: Database, now: datetime
) -> None:
    noted: list[int] = []

    def note(tx: Tx, rows: int) -> None:
        noted.append(rows)
        if rows == 1:
            raise RuntimeError("the trail cannot be written")

    rows = imports.read(
        "a.csv", b"phone\n0990000001\n0990000002\nnonsense\n0990000003\n"
    )
    take = partial(
        imports.take_rows,
        db,
        "dnc",
        rows,
        commune_id=make.COMMUNE,
        now=to_ms(now),
        privacy_key=KEY,
        chunk=2,
        beside=note,
    )
    with pytest.raises(RuntimeError):
        take()
    assert noted == [2, 1]
    with db.connection() as tx:
        assert count(tx, "stops") == 2, "the chunk before it is kept with its line"


def test_two_people_under_one_number_are_not_merged_in_silence(
    db: Database, take: Take
) -> None:
    report = take(
        "residents",
        "phone,name,hamlet",
        "0990000001,Ông Một,Quảng Trung I",
        "0990000001,Bà Hai,Quảng Trung I",
    )
    assert (report.accepted, len(report.refused)) == (1, 1)
    with db.connection() as tx:
        person = by_phone(tx, "+84990000001")
    assert person is not None
    assert person.name == "Ông Một"


def test_where_there_are_several_communes_a_list_says_for_which_it_is(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    with db.transaction() as tx:
        make.hamlet(tx)  # the first commune has its own already
        other = make.commune(tx, name="xã Bên Cạnh", code="*2405#", number="2405")
    file = tmp_path / "residents.csv"
    file.write_text("phone,name,hamlet\n0990000001,Lý Thị Mẫu,Thôn Xa\n", "utf-8")
    take_in = partial(
        imports.take_in, db, "residents", file, now=to_ms(now), privacy_key=KEY
    )
    with pytest.raises(communes.UnknownCommune, match="xã bên cạnh"):
        take_in()
    with pytest.raises(communes.UnknownCommune):
        take_in(commune="xã nào")
    assert take_in(commune="Xã Bên Cạnh").accepted == 1
    with db.connection() as tx:
        assert (
            count(tx, f"hamlets WHERE commune_id = {other}")
            == count(tx, f"people WHERE commune_id = {other}")
            == 1
        )
        assert count(tx, "people") == 1
