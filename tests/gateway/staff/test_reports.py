"""Friday: the officer makes the week's report in two clicks, the city's reader finds its
figures in one; what has changed since is said.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from html import escape

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from db.models import hamlets
from db.progress import conversions
from db.store.engine import Database
from gateway.staff import language
from scheduler import reports as clock_reports
from tests import factories
from tests.db.test_reporting import document, read_tables, words
from tests.gateway.staff.conftest import Clerk, Clock, Village

REPORTS = "SELECT COUNT(*) FROM reports"
KEY = "a-form-of-the-report"
WEEK = {"kind": "week", "first": "2024-04-05", "last": "2024-04-11", "form_key": KEY}
A_DAY = 24 * 3_600_000  # ms
NAME = "Đã cài Công dân số Xứ Lạng"


def installed(db: Database, person_id: int, at: int) -> None:
    with db.transaction() as tx:
        made = conversions.log(
            tx,
            programme_id=factories.PROGRAMME,
            indicator="app_citizen",
            subject_id=person_id,
            at=at,
            staff_id=None,
        )
        assert made


def test_the_officer_makes_the_weeks_report_in_two_clicks(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    installed(db, village.hoa, clock.ms - A_DAY)
    xa.get("/staff/")
    assert 'href="/staff/reports/"' in xa.page, "the first click"
    xa.get("/staff/reports/")
    assert "Tuần: T6 5/4/2024 – T5 11/4/2024" in xa.page, "the second"
    assert "Tháng: T6 15/3/2024" not in xa.page, "the month ends on the 14th"
    assert "Tháng: T5 15/2/2024 – T5 14/3/2024" in xa.page
    xa.post("/staff/reports/", **WEEK)
    assert language.say("vi", "report_version", number=1) in xa.page
    assert f'<th scope="row">{NAME}</th>' in xa.page
    for kind in ("docx", "xlsx"):
        assert f'href="/staff/reports/1.{kind}"' in xa.page
    docx = xa.get("/staff/reports/1.docx")
    assert docx.headers["Content-Disposition"].endswith(
        'bao-cao-2024-04-05-2024-04-11-1.docx"'
    )
    assert "tuần từ ngày 5/4/2024 đến ngày 11/4/2024" in words(document(docx.data))
    rows = [row for table in read_tables(docx.data).values() for row in table]
    (app,) = [row for row in rows if row[0] == NAME]
    assert app[5:7] == ["1", "1"], "in the period and in all"
    book = load_workbook(io.BytesIO(xa.get("/staff/reports/1.xlsx").data))
    assert NAME in [row[0] for row in book["Chỉ tiêu"].iter_rows(values_only=True)]
    assert xa.get("/staff/reports/1.pdf").status_code == 404
    assert xa.get("/staff/reports/9.docx").status_code == 404


def test_a_figure_that_changed_is_shown_with_both(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    xa.post("/staff/reports/", **WEEK)
    xa.post("/staff/reports/", **WEEK)
    assert xa.ask(REPORTS) == 1, "a form sent twice is one report"
    xa.post("/staff/reports/", **{**WEEK, "form_key": f"{KEY}-2"})
    assert language.say("vi", "report_same", number=1) in xa.page
    installed(db, village.hoa, clock.ms - A_DAY)
    xa.post("/staff/reports/", **{**WEEK, "form_key": f"{KEY}-3"})
    assert language.say("vi", "report_changed", number=2) in xa.page
    where = f"Kết quả thực hiện các chỉ tiêu · {NAME} · Lũy kế"
    assert f'<th scope="row">{where}</th> <td>0</td> <td>1</td>' in xa.page
    xa.get("/staff/reports/2")
    assert where not in xa.page, "an old version stays as it was"
    xa.get("/staff/reports/")
    assert "Bản 3" in xa.page
    assert "Bản 1" in xa.page


def test_the_city_reads_what_the_commune_made_without_small_hamlets(
    xa: Clerk,
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    clock: Clock,
) -> None:
    installed(db, village.hoa, clock.ms - A_DAY)
    xa.post("/staff/reports/", **WEEK)
    of_trung = '<tr> <th scope="row">Quảng Trung I</th>'
    shown = xa.page[xa.page.index(of_trung) :]
    assert "<td>1</td>" in shown[: shown.index("</tr>")]
    reader = signed_in("xem")
    reader.get("/staff/reports/")
    assert "Bản 1" in reader.page
    assert 'action="/staff/reports/"' not in reader.page
    assert reader.send("/staff/reports/", **WEEK).status_code == 403
    reader.get("/staff/reports/1")
    shown = reader.page[reader.page.index(of_trung) :]
    assert "<td>1</td>" not in shown[: shown.index("</tr>")]
    assert "dưới 5" in shown[: shown.index("</tr>")]
    docx = reader.get("/staff/reports/1.docx").data
    tables = read_tables(docx)
    (matrix,) = [rows for head, rows in tables.items() if head.startswith("Thôn|Đã")]
    trung = [row for row in matrix if row[0] == "Quảng Trung I"]
    assert not any("1" in row[1:] for row in trung)
    book = load_workbook(io.BytesIO(reader.get("/staff/reports/1.xlsx").data))
    lines = book["Thôn x chỉ tiêu, lũy kế"].iter_rows(values_only=True)
    assert all(1 not in row for row in lines if row[0] == "Quảng Trung I")


def test_who_has_nothing_to_do_with_reports_sees_none(
    xa: Clerk, thon: Clerk, village: Village
) -> None:
    xa.post("/staff/reports/", **WEEK)
    for path in ("/staff/reports/", "/staff/reports/1", "/staff/reports/1.docx"):
        assert thon.get(path).status_code == 403
    assert thon.send("/staff/reports/", **WEEK).status_code == 403
    thon.get("/staff/progress/")
    assert "/staff/reports/" not in thon.page


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"first": "2024-04-12"}, "report_bad_days"),
        ({"first": "1990-01-01"}, "setup_bad_day"),
        ({"first": "2010-01-01"}, "report_bad_days"),
        ({"last": "2024-04-13"}, "report_to_come"),
        ({"last": "hom nay"}, "setup_bad_day"),
    ],
)
def test_days_that_make_no_period_are_refused(
    xa: Clerk, village: Village, changed: dict[str, str], why: str
) -> None:
    form = {**WEEK, "kind": "days", **changed}
    assert xa.post("/staff/reports/", **form).status_code == 400
    assert language.say("vi", why) in xa.page
    assert xa.ask(REPORTS) == 0
    assert xa.send("/staff/reports/", **{**WEEK, "kind": "year"}).status_code == 400


def test_who_made_it_and_who_took_it_stands_in_the_trail(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    xa.post("/staff/reports/", **WEEK)
    xa.get("/staff/reports/1.docx")
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    assert "Tuần, T6 5/4/2024 – T5 11/4/2024" in admin.page
    assert "bao-cao-2024-04-05-2024-04-11-1.docx" in admin.page


def test_the_head_of_reports_is_kept_in_the_setup_with_its_day(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    xa.get("/staff/reports/")
    assert language.say("vi", "report_no_head") in xa.page
    assert xa.send("/staff/setup/report", issuer="Ai đó").status_code == 403
    admin = signed_in("quantri")
    head = {
        "since": "2024-04-01",
        "parent": "",
        "issuer": "Ủy ban nhân dân xã Mẫu",
        "symbol": "BC-UBND",
        "place": "Mẫu",
        "subject": "",
        "addressees": "Nơi A\r\n\r\n  Nơi B",
        "grounds": "",
        "recipients": "Như trên\r\nLưu: VT",
        "capacity": "TM. Ủy ban nhân dân\r\nChủ tịch",
        "signer": "Họ Tên Mẫu",
    }
    for field, wrong, why in (
        ("issuer", "", "setup_head_missing"),
        ("capacity", " \r\n", "setup_head_missing"),
        ("since", "mai", "setup_bad_day"),
    ):
        answer = admin.post("/staff/setup/report", **{**head, field: wrong})
        assert answer.status_code == 400
        assert language.say("vi", why) in admin.page
        assert 'value="Họ Tên Mẫu"' in admin.page, "stays typed"
    admin.post("/staff/setup/report", **head)
    assert "từ T2 1/4/2024" in admin.page
    xa.post("/staff/reports/", **WEEK)
    said = words(document(xa.get("/staff/reports/1.docx").data))
    for piece in ("XÃ MẪU", "Kính gửi:", "- Nơi B", "- Như trên;", "Họ Tên Mẫu"):
        assert piece in said, piece
    admin.get("/staff/audit/")
    assert language.say("vi", "trail_report_head", day="T2 1/4/2024") in admin.page


def test_a_name_is_shown_and_never_run_on_the_page(
    xa: Clerk, village: Village, db: Database
) -> None:
    bad = '<script>alert("1")</script>'
    with db.transaction() as tx:
        tx.run(hamlets.update().values(name=text("id || :bad")), bad=bad)
    xa.post("/staff/reports/", **WEEK)
    page = xa.client.get("/staff/reports/1").text
    assert bad not in page
    assert escape(bad, quote=False) in page.replace("&#34;", '"')


def test_the_clock_leaves_a_draft_that_is_there_on_friday_morning(
    xa: Clerk, village: Village, db: Database, clock: Clock
) -> None:
    with db.transaction() as tx:
        tx.run(text("INSERT INTO installation (id, kind, since) VALUES (1, 'live', 0)"))
    assert clock_reports.draft(db, clock.now) == "2 drafts"
    xa.get("/staff/reports/")
    assert "tự động" in xa.page
    assert 'href="/staff/reports/1.docx"' in xa.page, "two clicks: the menu, the file"
    xa.post("/staff/reports/", **WEEK)
    assert language.say("vi", "report_version", number=2) in xa.page
