"""A report to sign: its figures are those of the pages and of the log, in the DOCX and in
the XLSX; its layout is the one of Decree 30/2020; nobody stands in what is kept of it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from db import demo
from db.models import hamlets, indicators, opinions, requests
from db.models.states import (
    EventKind,
    OpinionTopic,
    PeriodKind,
    RequestKind,
    VisitResult,
)
from db.progress.recount import recount
from db.reporting import annex, decree30, heads, kept, periods, tables
from db.reporting import report as reports
from db.reporting.heads import Head
from db.reporting.periods import Period
from db.reporting.report import Report
from db.reports import in_period, places, progress, sessions_held, steering
from db.reports import opinions as opinion_reports
from db.reports.small import Hidden
from db.requests import opinions as kept_opinions
from db.store.engine import Database, Tx, to_ms
from tests import factories

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PERIOD = Period(PeriodKind.DAYS, date(2024, 4, 5), date(2024, 4, 12))
FIRST, LAST, EVE = "2024-04-05", "2024-04-12", "2024-04-04"
HEAD = Head(
    since="2024-01-01",
    parent="Ủy ban nhân dân thành phố Mẫu",
    issuer="Ủy ban nhân dân xã Mẫu",
    symbol="BC-UBND",
    place="Mẫu",
    subject="Kết quả mẫu",
    addressees="Ủy ban nhân dân thành phố Mẫu",
    grounds="Căn cứ thứ nhất;\nCăn cứ thứ hai",
    recipients="- Như trên;\nLưu: VT",
    capacity="TM. Ủy ban nhân dân\nChủ tịch",
    signer="Họ Tên Mẫu",
)


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def made(db: Database, at: int, period: Period = PERIOD) -> Report:
    with db.connection() as tx:
        return reports.gather(tx, commune_id=1, period=period, now=at)


def document(whole: bytes, part: str = "word/document.xml") -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        return ElementTree.fromstring(file.read(part))


def words(node: ElementTree.Element) -> str:
    return "".join(piece.text or "" for piece in node.iter(f"{W}t"))


def read_words(whole: bytes) -> str:
    """All that the document says."""
    return words(document(whole))


def read_tables(whole: bytes) -> dict[str, list[list[str]]]:
    """The ruled tables of a DOCX, cell by cell, by what stands in their first row."""
    found: dict[str, list[list[str]]] = {}
    for table in document(whole).iter(f"{W}tbl"):
        if table.find(f"{W}tblPr/{W}tblBorders") is None:
            continue
        rows = [
            [words(cell) for cell in row.iter(f"{W}tc")] for row in table.iter(f"{W}tr")
        ]
        found["|".join(rows[0])] = found.get("|".join(rows[0]), []) + rows[1:]
    return found


def a_number(cell: str) -> float | None:
    return None if cell == "–" else float(cell.replace(".", "").replace(",", "."))


def test_every_figure_reads_the_same_in_both_files_on_the_pages_and_in_the_log(
    db: Database, at: int
) -> None:
    demo.load(db, "a key of the demo that is long", at)
    report = made(db, at)
    figures = report.figures
    with db.connection() as tx:
        assert recount(tx, at) == []
        _as_on_the_pages(tx, report, at)
        _as_in_the_log(tx, report, at)
    assert all((figures.sessions, figures.texts, figures.requests, figures.topics))
    assert all((figures.visits, figures.unmet, figures.matrix, figures.points))
    expected = tables.tables_of(figures, "vi")
    in_word = read_tables(decree30.docx(report, HEAD, "Kế hoạch"))
    in_excel = load_workbook(io.BytesIO(annex.xlsx(report)))
    compared = 0
    for table in expected:
        rows = in_word["|".join(table.columns)]
        sheet = in_excel[tables.say("vi", f"sheet_{table.key}")]
        lines = list(sheet.iter_rows(values_only=True))
        assert lines[0] == table.columns
        for row, line in zip(table.rows, lines[1:], strict=True):
            assert [tables.shown(value, "vi") for value in row] in rows, table.key
            for value, cell in zip(row, line, strict=True):
                read = cell.date() if isinstance(cell, datetime) else cell
                assert read == value
                compared += 1
    assert compared > 300
    points = list(in_excel["Theo thời gian"].iter_rows(values_only=True))
    last = dict(zip(points[0], points[-1], strict=True))
    for one in figures.indicators:
        assert last[one.name] == one.in_all, "the burn-up ends where the report stands"
        days = [point.reached for point in figures.points if point.key == one.key]
        assert days == sorted(days)


def _as_on_the_pages(tx: Tx, report: Report, at: int) -> None:
    """What the functions behind the pages say."""
    ours = {row.key: row for row in report.figures.indicators}
    whole = progress.figures(tx, programme_id=1, day=LAST)
    earlier = progress.counts_until(tx, programme_id=1, day=EVE)
    cells = {(cell.hamlet_id, cell.key): cell for cell in report.figures.matrix}
    assert any(0 < row.in_period < row.in_all for row in ours.values())
    for row in places.indicators_of(tx, 1):
        figure = whole.get((row.id, None), progress.Figure(row.id, None, 0))
        said = ours[row.key]
        assert said.in_all == figure.count
        assert said.in_period == figure.count - earlier[row.id, None]
        assert (said.denominator, said.target) == (figure.denominator, figure.target)
        assert said.as_of == figure.as_of
        of_places = [cell for place, cell in cells.items() if place[1] == row.key]
        assert sum(int(cell.in_all) for cell in of_places) == figure.count
        assert sum(int(cell.in_period) for cell in of_places) == said.in_period
        for hamlet in places.hamlets_of(tx, 1):
            there = whole.get((row.id, hamlet.id), progress.Figure(row.id, 0, 0))
            assert cells[hamlet.id, row.key].in_all == there.count
    held = sessions_held.held(tx, commune_id=1, first=FIRST, last=LAST, now=at)
    for kind in {row.kind for row in held}:
        said_of = [row for row in report.figures.sessions if row.kind == kind]
        of_kind = [row for row in held if row.kind == kind]
        assert said_of[0].sessions == sum(row.sessions for row in of_kind)
        assert said_of[0].people == sum(row.people for row in of_kind)
    topics = opinion_reports.by_topic(tx, commune_id=1, **periods.moments(PERIOD))
    assert list(report.figures.topics) == topics
    demand = steering.demand(
        tx,
        commune_id=1,
        hamlets=[hamlet.id for hamlet in places.hamlets_of(tx, 1)],
        unreached_rows=steering.UNREACHED.count(tx, 1, at),
        today=LAST,
        now=at,
    )
    said_unmet = [tuple(row) for row in report.figures.unmet]
    assert said_unmet == [
        (line.hamlet_id, line.waiting, line.requests, line.unreached) for line in demand
    ]


def _as_in_the_log(tx: Tx, report: Report, at: int) -> None:
    """What plain counts over the rows say."""
    moments = periods.moments(PERIOD)
    logged = text("""
        SELECT c.subject_id, MIN(c.day) AS day FROM conversions c JOIN indicators i ON i.id = c.indicator_id
        WHERE i.key = :key AND c.reverses IS NULL
          AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
        GROUP BY c.subject_id
        """)
    seen = 0
    for one in report.figures.indicators:
        if one.key in ("converted_person", "converted_household", "money_household"):
            continue  # derived: recount has compared them
        rows = tx.all(logged, key=one.key)
        assert one.in_all == sum(row.day <= LAST for row in rows), one.key
        assert one.in_period == sum(FIRST <= row.day <= LAST for row in rows)
        seen += one.in_all
    assert seen > 20
    sums = text("""
        SELECT COUNT(*) AS sent, SUM(parts) AS parts, SUM(price) AS price FROM messages
        WHERE direction = 'out' AND status IN ('SENT', 'DELIVERED') AND made_at >= :since AND made_at < :before
        """)
    (sent,) = tx.all(sums, **moments)
    texts = report.figures.texts
    assert sum(row.sent for row in texts) == sent.sent > 0
    assert sum(row.parts for row in texts) == sent.parts
    assert sum(row.price for row in texts) == sent.price
    open_ = tx.value(
        text(
            "SELECT COUNT(*) FROM requests WHERE state = 'open' AND made_at < :before"
        ),
        before=moments["before"],
    )
    assert sum(row.open for row in report.figures.requests) == open_ > 0
    standing = text("""
        SELECT COUNT(*) FROM visits v WHERE v.day BETWEEN :first AND :last AND v.reverses IS NULL
          AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id)
        """)
    visited = sum(row.homes + row.shops for row in report.figures.visits)
    assert visited == tx.value(standing, first=FIRST, last=LAST) > 0


def test_only_what_the_plan_gives_a_percentage_has_one(db: Database, at: int) -> None:
    demo.load(db, "a key of the demo that is long", at)
    report = made(db, at)
    for one in report.figures.indicators:
        assert (one.reached is None) == (one.percent is None or not one.denominator)
    by_key = {one.key: one for one in report.figures.indicators}
    assert by_key["electricity_money"].denominator
    assert by_key["electricity_money"].reached is None
    swapped = by_key["converted_household"]
    assert swapped.reached == 100 * swapped.in_all / (swapped.denominator or 0)


def test_what_is_kept_reads_back_as_it_was_and_names_nobody(
    db: Database, at: int
) -> None:
    demo.load(db, "a key of the demo that is long", at)
    report = made(db, at)
    written = reports.as_json(report.figures)
    assert reports.figures_of(written) == report.figures
    with db.connection() as tx:
        people = factories.rows(tx, "SELECT name, phone FROM people")
        said = factories.rows(tx, "SELECT words FROM opinions")
    assert len(people) > 100
    for person in people:
        assert " " not in person.name or person.name not in written
        assert not person.phone or person.phone[-9:] not in written
    assert not any(row.words in written for row in said)


def test_who_pays_at_school_stands_in_every_form_of_the_report(
    db: Database, at: int
) -> None:
    demo.load(db, "a key of the demo that is long", at)
    report = made(db, at)
    counted = report.figures.tuition
    assert counted
    titles = "Trường|Học sinh nộp qua Viettel Money|Học sinh|Số liệu ngày"
    first = counted[0]
    document_rows = read_tables(decree30.docx(report, HEAD, "Kế hoạch"))[titles]
    assert document_rows[0][:3] == [
        first.school,
        str(first.paying),
        str(first.pupils),
    ]
    whole = load_workbook(io.BytesIO(annex.xlsx(report)))
    sheet = list(whole["Học phí"].values)
    assert sheet[1][:3] == (first.school, first.paying, first.pupils)


def test_a_report_that_was_kept_before_schools_were_counted_still_reads(
    db: Database, at: int
) -> None:
    sections = json.loads(reports.as_json(made(db, at).figures))
    del sections["tuition"]
    assert reports.figures_of(json.dumps(sections)).tuition == ()


def test_a_carrier_that_names_a_phone_in_its_reason_leaves_none_in_the_report(
    db: Database, at: int, failed_text: Callable[[str], None]
) -> None:
    failed_text("no route to +84990000007")
    failed_text("no route to 84990000008")
    found = made(db, at).figures.failures
    assert {row.reason for row in found} == {"no route to +#", "no route to #"}
    assert "99000000" not in reports.as_json(made(db, at).figures)


@pytest.fixture
def failed_text(db: Database, at: int) -> Callable[[str], None]:
    def fail(reason: str) -> None:
        with db.transaction() as tx:
            tx.run(
                text("""
                INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, reason, made_at,
                  not_before)
                VALUES (1, 'out', '', 'booked', 'notice', 1, 'FAILED', :reason, :at, :at)
                """),
                reason=reason,
                at=at,
            )

    return fail


def test_a_chosen_idea_stands_there_once_it_was_released_and_in_those_words(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        factories.hamlet(tx)
        hoa = factories.person(tx, number=1, name="Nông Thị Hoa", now=at)
        idea = factories.insert_row(
            tx,
            opinions,
            commune_id=1,
            number=1,
            person_id=hoa,
            channel="sms",
            words="toi la hoa 0990000001, nen hop buoi toi",
            made_at=at,
            topic="sessions",
            verdict="chosen",
            why="Họp tối",
            answer="Cảm ơn.",
            answered_at=at,
        )
    unread = words(document(decree30.docx(made(db, at), HEAD, "Kế hoạch")))
    assert "hop buoi toi" not in unread, "nobody has read it for names"
    with db.transaction() as tx:
        released = {idea: "nên họp buổi tối ở Quảng Trung III </w:t>"}
        assert kept_opinions.reported(tx, released, commune_id=1, now=at) == 1
    said = words(document(decree30.docx(made(db, at), HEAD, "Kế hoạch")))
    assert "nên họp buổi tối ở Quảng Trung III </w:t>" in said
    assert "hoa" not in said
    assert "0990000001" not in said


def test_what_was_taken_back_is_no_opinion_any_more(db: Database, at: int) -> None:
    with db.transaction() as tx:
        factories.hamlet(tx)
        hoa = factories.person(tx, number=1, name="Nông Thị Hoa", now=at)
        phone = tx.value(text("SELECT phone FROM people WHERE id = :id"), id=hoa)
        factories.insert_row(
            tx,
            opinions,
            commune_id=1,
            number=1,
            person_id=hoa,
            channel="sms",
            words="nen hop buoi toi",
            made_at=at,
        )
    assert [topic.said for topic in made(db, at).figures.topics] == [1]
    with db.transaction() as tx:
        assert kept_opinions.take_back(tx, 1, phone=phone, now=at)
    assert made(db, at).figures.topics == ()


BAD = '=HYPERLINK("http://x","<b>&amp;</b>")\x07\x00'


def test_names_are_words_and_never_markup_or_formulas(db: Database, at: int) -> None:
    bad = BAD.replace("\x00", "")  # which no database keeps
    with db.transaction() as tx:
        factories.insert_row(tx, hamlets, commune_id=1, name=bad, position=1)
        tx.run(indicators.update().values(name=bad))
    report = made(db, at)
    head = Head("2024-01-01", *[bad] * 10)
    shown = bad.replace("\x07", "")
    whole = decree30.docx(report, head, bad)
    assert shown in words(document(whole))
    assert document(whole).find(f".//{W}b") is not None, "its own bold, not theirs"
    book = load_workbook(io.BytesIO(annex.xlsx(report)))
    sheet = book["Chỉ tiêu"]
    assert sheet["A2"].value == shown
    assert sheet["A2"].data_type == "s"
    assert not any(
        cell.data_type == "f"
        for page in book
        for row in page.iter_rows()
        for cell in row
    )


def _twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


def _attribute(node: ElementTree.Element | None, name: str) -> str:
    assert node is not None
    return str(node.get(f"{W}{name}"))


def _paragraph(root: ElementTree.Element, begins: str) -> ElementTree.Element:
    found = [one for one in root.iter(f"{W}p") if words(one).startswith(begins)]
    assert found, begins
    return found[0]


def _looks(root: ElementTree.Element, begins: str) -> tuple[float, bool, bool, str]:
    """Size in points, bold, italic, where it stands."""
    paragraph = _paragraph(root, begins)
    run = paragraph.find(f"{W}r/{W}rPr")
    assert run is not None
    size = int(_attribute(run.find(f"{W}sz"), "val")) / 2
    where = _attribute(paragraph.find(f"{W}pPr/{W}jc"), "val")
    return size, run.find(f"{W}b") is not None, run.find(f"{W}i") is not None, where


def test_the_layout_is_the_one_of_decree_30(db: Database, at: int) -> None:
    with db.transaction() as tx:
        factories.hamlet(tx)
    whole = decree30.docx(made(db, at), HEAD, "Kế hoạch")
    root = document(whole)
    first, annexed = list(root.iter(f"{W}sectPr"))
    margins = first.find(f"{W}pgMar")
    size = first.find(f"{W}pgSz")
    assert (_attribute(size, "w"), _attribute(size, "h")) == ("11906", "16838"), "A4"
    for side, least, most in (
        ("top", 20, 25),
        ("bottom", 20, 25),
        ("left", 30, 35),
        ("right", 15, 20),
    ):
        assert _twips(least) <= int(_attribute(margins, side)) <= _twips(most), side
    assert first.find(f"{W}titlePg") is not None, "page 1 has no number"
    assert annexed.find(f"{W}titlePg") is None
    assert _attribute(annexed.find(f"{W}pgSz"), "orient") == "landscape"
    header = document(whole, "word/header1.xml")
    assert "PAGE" in "".join(one.text or "" for one in header.iter(f"{W}instrText"))
    assert _attribute(header.find(f".//{W}jc"), "val") == "center"
    assert _attribute(header.find(f".//{W}sz"), "val") == "28"
    styles = document(whole, "word/styles.xml")
    fonts = styles.find(f".//{W}rFonts")
    assert {_attribute(fonts, one) for one in ("ascii", "hAnsi", "cs")} == {
        "Times New Roman"
    }
    assert _attribute(styles.find(f".//{W}color"), "val") == "000000"
    for begins, expected in (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", (13, True, False, "center")),
        ("Độc lập - Tự do - Hạnh phúc", (14, True, False, "center")),
        ("THÀNH PHỐ MẪU", (13, False, False, "center")),
        ("XÃ MẪU", (13, True, False, "center")),
        ("Số: ………/BC-UBND", (13, False, False, "center")),
        ("Mẫu, ngày 12 tháng 4 năm 2024", (14, False, True, "center")),
        ("BÁO CÁO", (14, True, False, "center")),
        ("Kết quả mẫu", (14, True, False, "center")),
        ("Kính gửi: Ủy ban nhân dân thành phố Mẫu", (14, False, False, "center")),
        ("Căn cứ thứ nhất;", (14, False, True, "both")),
        ("Căn cứ thứ hai.", (14, False, True, "both")),
        ("Trên đây là báo cáo", (14, False, False, "both")),
        ("TM. ỦY BAN NHÂN DÂN", (14, True, False, "center")),
        ("CHỦ TỊCH", (14, True, False, "center")),
        ("Họ Tên Mẫu", (14, True, False, "center")),
        ("Nơi nhận:", (12, True, True, "left")),
        ("- Như trên;", (11, False, False, "left")),
        ("- Lưu: VT.", (11, False, False, "left")),
    ):
        assert _looks(root, begins) == expected, begins
    assert words(_paragraph(root, "Trên đây là báo cáo")).endswith("./.")
    body = _paragraph(root, "Trên đây là báo cáo").find(f"{W}pPr")
    assert body is not None
    assert int(_attribute(body.find(f"{W}ind"), "firstLine")) in (567, 720)
    spacing = body.find(f"{W}spacing")
    assert int(_attribute(spacing, "before")) >= 120, "6 points between paragraphs"
    assert 240 <= int(_attribute(spacing, "line")) <= 360
    rules = list(root.iter(f"{W}pBdr"))
    assert len(rules) == 3, "under the motto, the issuer and the subject"
    block = next(root.iter(f"{W}tbl"))
    assert len(block.findall(f"{W}tblGrid/{W}gridCol")) == 2
    assert block.find(f"{W}tblPr/{W}tblBorders") is None
    for table in root.iter(f"{W}tbl"):
        widths = [int(_attribute(one, "w")) for one in table.iter(f"{W}gridCol")]
        assert sum(widths) <= _twips(297 - 45) + 5, "no table leaves the page"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2024, 2, 9), "ngày 09 tháng 02 năm 2024"),
        (date(2024, 12, 31), "ngày 31 tháng 12 năm 2024"),
        (date(2024, 3, 1), "ngày 01 tháng 3 năm 2024"),
    ],
)
def test_low_days_and_the_first_two_months_have_a_nought(day: date, said: str) -> None:
    padded = decree30._padded(day)
    assert tables.say("vi", "place_and_date", place="Mẫu", **padded).endswith(said)


def test_a_commune_that_entered_no_head_gets_blanks(db: Database, at: int) -> None:
    with db.connection() as tx:
        head = heads.on(tx, 1, LAST)
    said = words(document(decree30.docx(made(db, at), head, "Kế hoạch")))
    assert "Số: ………/BC-UBND" in said
    assert "XÃ QUẢNG LẠC" in said
    assert "Kính gửi" not in said
    assert heads.BLANK in said


def test_the_head_of_a_report_is_the_one_of_its_day(db: Database, at: int) -> None:
    with db.transaction() as tx:
        heads.save(tx, 1, HEAD)
        heads.save(tx, 1, HEAD._replace(since="2024-04-01", signer="Người Mới"))
        heads.save(tx, 1, HEAD._replace(since="2024-04-01", signer="Người Sửa"))
    with db.connection() as tx:
        assert heads.on(tx, 1, "2024-03-31").signer == "Họ Tên Mẫu"
        assert heads.on(tx, 1, "2024-04-01").signer == "Người Sửa"
        assert len(heads.listed(tx, 1)) == 2


def test_weeks_end_on_thursday_and_months_on_the_14th() -> None:
    friday = date(2024, 4, 12)
    for ahead in range(7):
        week = periods.last_week(friday + timedelta(days=ahead))
        assert (week.first, week.last) == (date(2024, 4, 5), date(2024, 4, 11))
    assert periods.before(week).last == date(2024, 4, 4)
    for day, first, last in (
        (date(2024, 4, 15), date(2024, 3, 15), date(2024, 4, 14)),
        (date(2024, 4, 14), date(2024, 2, 15), date(2024, 3, 14)),
        (date(2024, 1, 1), date(2023, 11, 15), date(2023, 12, 14)),
    ):
        month = periods.last_month(day)
        assert (month.first, month.last) == (first, last)
    assert periods.before(month).first == date(2023, 10, 15)
    assert periods.since_start(None, friday) is None
    assert periods.since_start("2024-04-12", friday) is None


def test_small_hamlets_are_kept_back_and_cannot_be_reckoned(
    db: Database, at: int
) -> None:
    demo.load(db, "a key of the demo that is long", at)
    figures = made(db, at).figures
    shown = reports.with_few_kept_back(figures)
    assert any(0 < int(cell.in_all) < 5 for cell in figures.matrix)
    public = {"tuition_school", "service_point", "one_stop_qr"}
    for cell in shown.matrix:
        if cell.key not in public:
            assert isinstance(cell.in_all, Hidden) or cell.in_all >= 5
            assert isinstance(cell.in_period, Hidden) or cell.in_period >= 5
    for one in figures.indicators:
        hidden = [
            cell
            for cell in shown.matrix
            if cell.key == one.key and isinstance(cell.in_all, Hidden)
        ]
        assert len(hidden) != 1
    unmet = [number for row in shown.unmet for number in row[1:]]
    assert Hidden.FEW in unmet
    assert not any(0 < number < 5 for number in unmet if isinstance(number, int))


def test_what_was_open_at_the_end_of_a_period_reads_the_same_later(
    db: Database, at: int
) -> None:
    day = 24 * 60 * 60_000
    ended = Period(PeriodKind.DAYS, date(2024, 4, 5), date(2024, 4, 8))
    end = periods.moments(ended)["before"]
    asked = [
        (end - day, None),
        (end - day, end + day),
        (end - day, end - 1),
        (end, None),
    ]
    with db.transaction() as tx:
        person = factories.person(tx, number=1, now=at)
        for number, (made_at, ended_at) in enumerate(asked, 1):
            factories.insert_row(
                tx,
                requests,
                commune_id=1,
                number=number,
                kind="visit",
                state="done" if ended_at else "open",
                person_id=person,
                for_name=f"Người {number}",
                channel="desk",
                made_at=made_at,
                due_at=made_at + day,
                ended_at=ended_at,
            )
        factories.insert_row(
            tx,
            requests,
            commune_id=1,
            number=9,
            kind="call_me",
            person_id=person,
            channel="sms",
            made_at=end,
            due_at=end,
        )
    (visit,) = made(db, at, ended).figures.requests
    assert visit == in_period.Requests("visit", asked=3, done=1, not_done=0, open=2)


def test_why_heads_and_homes_of_the_rounds_differ_is_said(
    db: Database, at: int
) -> None:
    report = made(db, at)
    said = read_words(decree30.docx(report, HEAD, "Kế hoạch"))
    why = "tính mỗi lần đến có ghi kết quả"
    assert why not in said
    rounds = (reports.Held("visits", 1, 18),)
    figures = replace(report.figures, sessions=rounds)
    with_rounds = replace(report, figures=figures)
    assert why in read_words(decree30.docx(with_rounds, HEAD, "Kế hoạch"))


def test_a_version_says_what_the_one_before_had_otherwise(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        trung = factories.hamlet(tx)
        person = factories.person(tx, number=1, hamlet_id=trung, now=at)
    first = made(db, at)
    _log(db, "app_citizen", person, at)
    second = made(db, at)
    ids = []
    with db.transaction() as tx:
        for key, one in (("a", first), ("b", second), ("b", second)):
            kept_as, _ = kept.keep(tx, one, commune_id=1, staff_id=None, form_key=key)
            ids.append(kept_as)
    assert ids[1] == ids[2], "a form sent twice is one report"
    with db.connection() as tx:
        later = kept.one(tx, ids[1], commune_id=1)
        assert later is not None
        assert later.version == 2
        before = kept.version_before(tx, later, commune_id=1)
        assert before is not None
        assert before.id == ids[0]
        assert kept.one(tx, ids[0], commune_id=2) is None
        was = reports.figures_of(before.figures)
        now = reports.figures_of(later.figures)
    changed = {
        (one.row, one.column): (one.before, one.now)
        for one in tables.changes(was, now, "vi")
    }
    assert changed["Đã cài Công dân số Xứ Lạng", "Lũy kế"] == (0, 1)
    assert changed["Quảng Trung I", "Đã cài Công dân số Xứ Lạng"] == (0, 1)
    assert not tables.changes(now, now, "vi")
    book = load_workbook(io.BytesIO(annex.xlsx(second, was)))
    sheet = book["Thay đổi"]
    lines = [row[1:] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert ("Đã cài Công dân số Xứ Lạng", "Lũy kế", 0, 1) in lines


def _log(db: Database, indicator: str, person: int, at: int) -> None:
    from db.progress import conversions

    with db.transaction() as tx:
        conversions.log(
            tx,
            programme_id=1,
            indicator=indicator,
            subject_id=person,
            at=at,
            staff_id=None,
        )


def test_refusals_are_counted_but_not_those_of_a_list(db: Database, at: int) -> None:
    with db.transaction() as tx:
        for channel, what in (("sms", "advert"), ("ussd", "all"), ("list", "advert")):
            tx.run(
                text("""
                INSERT INTO wishes (who, act, what, channel, at)
                VALUES (:who, 'refused', :what, :channel, :at)
                """),
                who=f"{channel}-{what}",
                what=what,
                channel=channel,
                at=at,
            )
    found = made(db, at).figures.refused
    assert found == (in_period.Refused("advert", 1), in_period.Refused("all", 1))


def test_both_languages_have_the_words_of_the_tables(db: Database, at: int) -> None:
    demo.load(db, "a key of the demo that is long", at)
    figures = made(db, at).figures
    vi, en = (tables.tables_of(figures, language) for language in ("vi", "en"))
    assert [table.key for table in vi] == [table.key for table in en]
    assert all(one.title != other.title for one, other in zip(vi, en, strict=True))
    written = tables._words()
    assert written["en"].keys() <= written["vi"].keys(), "the DOCX alone has more"
    for prefix, words_of in (
        ("event", EventKind),
        ("request", RequestKind),
        ("topic", OpinionTopic),
        ("visit", VisitResult),
    ):
        for word in words_of:
            for language in ("vi", "en"):
                assert f"{prefix}_{word}" in written[language]


def test_what_nobody_wrote_a_word_for_stands_for_itself(
    db: Database, at: int, failed_text: Callable[[str], None]
) -> None:
    for reason in ("BadNumber", "Refused", "Rejected", "", "barred by tariff"):
        failed_text(reason)
    made_of = {
        table.key: table for table in tables.tables_of(made(db, at).figures, "en")
    }
    assert {row[0]: row[1] for row in made_of["failures"].rows} == {
        "refused by the carrier": 2,
        "no such number": 1,
        "no reason given": 1,
        "barred by tariff": 1,
    }


def test_the_console_writes_both_files(
    url: str,
    db: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from db.__main__ import main

    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "a secret key of the tests")
    monkeypatch.setenv("PRIVACY_KEY", "a privacy key of the tests")
    of = ["report", "--from", FIRST, "--to", LAST]
    docx, xlsx = tmp_path / "bao-cao.docx", tmp_path / "bao-cao.xlsx"
    assert main([*of, "--docx", str(docx), "--xlsx", str(xlsx)]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"bao-cao\.(\w+): \d+ bytes", printed) == ["docx", "xlsx"]
    assert "12/4/2024" in words(document(docx.read_bytes()))
    assert "Chỉ tiêu" in load_workbook(xlsx).sheetnames
    assert main(of) == 1
    assert "--docx" in capsys.readouterr().err
    assert main(["report", "--from", LAST, "--to", FIRST, "--docx", str(docx)]) == 1
