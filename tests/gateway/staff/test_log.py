"""The conversion log as staff read it: filtered, in pages, undone with a reason,
exported.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from db.progress import kept, tuition
from db.store.engine import Database
from gateway.staff import language
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village
from tests.gateway.test_by_text import Texter

KEY = "a-form-key-of-a-page"


def _log(clerk: Clerk, booking_id: int, indicator: str = "sim_4g") -> None:
    clerk.post(
        f"/staff/bookings/{booking_id}/log",
        indicator=indicator,
        form_key=KEY + str(booking_id),
    )


def test_the_log_is_filtered_undone_with_a_reason_and_exported(
    xa: Clerk, village: Village
) -> None:
    _log(xa, village.hoa_booking)
    _log(xa, village.son_booking, "handset_volte")
    xa.get(f"/staff/conversions/?hamlet={village.trung}")
    assert "Nông Thị Hoa" in xa.page
    assert "Hoàng Văn Sơn" not in xa.page
    entry = xa.ask("SELECT id FROM conversions ORDER BY id LIMIT 1")
    xa.post(f"/staff/conversions/{entry}/undo", reason=" ")
    assert "Ghi lý do" in xa.page
    xa.post(f"/staff/conversions/{entry}/undo", reason="ghi nhầm người")
    assert "Hoàn tác bởi xa: ghi nhầm người" in xa.page
    xa.post(f"/staff/conversions/{entry}/undo", reason="lần nữa")
    assert "đã được hoàn tác trước đó" in xa.page
    assert xa.ask("SELECT COUNT(*) FROM audit WHERE action = 'undo'") == 1
    assert xa.client.get(f"/staff/conversions/{entry}/undo").status_code == 303, (
        "there is nothing left to undo"
    )
    answer = xa.get("/staff/conversions.csv")
    rows = list(
        csv.DictReader(
            io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))
        )
    )
    assert [(row["subject"], row["phone"], row["reason"]) for row in rows] == [
        ("Nông Thị Hoa", "'+84990***001", "ghi nhầm người"),
        ("Hoàng Văn Sơn", "'+84990***002", ""),
    ]


@pytest.mark.parametrize(
    ("of_itself", "said"),
    [(kept.GONE, "app_is_gone"), (tuition.TAKEN_BACK, "undone_tuition")],
)
def test_why_the_log_took_something_back_by_itself_is_said_in_words(
    xa: Clerk, village: Village, of_itself: str, said: str
) -> None:
    _log(xa, village.hoa_booking)
    entry = xa.ask("SELECT id FROM conversions")
    xa.post(f"/staff/conversions/{entry}/undo", reason=of_itself)
    xa.get("/staff/conversions/")
    why = language.say("vi", said)
    assert language.say("vi", "undone_by", who="xa", reason=why) in xa.page
    export = xa.get("/staff/conversions.csv").get_data(as_text=True)
    for page in (xa.page, export):
        assert why in page
        assert of_itself not in page


def test_a_name_that_looks_like_a_formula_stays_a_name_in_the_export(
    xa: Clerk, db: Database, village: Village
) -> None:
    with db.transaction() as tx:
        tx.run(
            text("UPDATE people SET name = :name WHERE id = :id"),
            name="=1+1",
            id=village.hoa,
        )
    _log(xa, village.hoa_booking)
    assert ",'=1+1," in xa.get("/staff/conversions.csv").get_data(as_text=True)


def test_a_hamlet_heads_log_stays_in_the_hamlet(
    xa: Clerk, thon: Clerk, village: Village
) -> None:
    _log(xa, village.hoa_booking)
    _log(xa, village.son_booking)
    for path in (
        "/staff/conversions/",
        f"/staff/conversions/?hamlet={village.lien}",
        "/staff/conversions.csv",
    ):
        shown = thon.get(path).get_data(as_text=True)
        assert "Nông Thị Hoa" in shown
        assert "Hoàng Văn Sơn" not in shown
    other = thon.ask("SELECT MAX(id) FROM conversions")
    assert thon.send(f"/staff/conversions/{other}/undo", reason="x").status_code == 404


def test_a_log_of_many_entries_comes_in_pages(
    xa: Clerk, db: Database, village: Village, clock: Clock
) -> None:
    with db.transaction() as tx:
        indicator = factories.indicator(tx, "sim_4g")
        tx.many(
            text(
                "INSERT INTO conversions (indicator_id, subject_id, day, at) VALUES (:i, :s, '2024-04-12', :at)"
            ),
            [
                {"i": indicator, "s": 1000 + number, "at": clock.ms}
                for number in range(120)
            ],
        )
    xa.get("/staff/conversions/")
    assert "120 mục" in xa.page
    newest = _shown(xa)
    assert "Mới hơn" not in xa.page
    _follow(xa, "next")
    _follow(xa, "next")
    assert (len(_shown(xa)), "Cũ hơn" in xa.page) == (20, False)
    oldest = _shown(xa)
    _follow(xa, "prev")
    middle = _shown(xa)
    assert len({*newest, *middle, *oldest}) == 120
    assert newest + middle + oldest == sorted(newest + middle + oldest, reverse=True)
    _follow(xa, "prev")
    assert (_shown(xa), "Mới hơn" in xa.page) == (newest, False)
    with db.transaction() as tx:
        tx.run(text("DELETE FROM conversions WHERE id = :id"), id=middle[-1])
    xa.get(f"/staff/conversions/?before={middle[-1]}")
    assert _shown(xa) == newest, "an entry that is gone leads to the top"


def test_of_more_than_a_thousand_the_number_is_not_counted(
    xa: Clerk, db: Database, village: Village, clock: Clock
) -> None:
    with db.transaction() as tx:
        indicator = factories.indicator(tx, "sim_4g")
        tx.many(
            text(
                "INSERT INTO conversions (indicator_id, subject_id, day, at) VALUES (:i, :s, '2024-04-12', :at)"
            ),
            [
                {"i": indicator, "s": 1000 + number, "at": clock.ms}
                for number in range(1001)
            ],
        )
    xa.get("/staff/conversions/")
    assert "1.000+ mục" in xa.page


def _shown(clerk: Clerk) -> list[int]:
    return [int(found) for found in re.findall(r'id="c(\d+)"', clerk.page)]


def _follow(clerk: Clerk, where: str) -> None:
    found = re.search(rf'rel="{where}" href="([^"]+)"', clerk.page)
    assert found, where
    clerk.get(found[1])


def test_the_register_of_consents_and_refusals_is_a_file_for_the_admin_alone(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    """What the law asks to be shown: who refused what, when, in which words, and when
    it was confirmed.
    """
    Texter(xa.app.test_client()).say("TC DV")
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    assert "Sổ đồng ý và từ chối tin nhắn" in admin.page
    register = (
        admin.client.get("/staff/wishes.csv?since=2020-01-01&until=2099-12-31")
        .get_data(as_text=True)
        .splitlines()
    )
    assert (
        register[0]
        .lstrip("\ufeff")
        .startswith("at,act,what,channel,words,confirmed_at")
    )
    (refused,) = [line for line in register[1:] if ",refused,all," in line]
    assert "TC DV" in refused
    assert "+84" not in refused
    assert admin.client.get("/staff/wishes.xlsx").status_code == 200
    assert (
        admin.client.get(
            "/staff/wishes.csv?since=2020-01-01&until=2020-01-31"
        ).data.count(b"\n")
        == 1
    )
    assert (
        admin.ask(
            "SELECT COUNT(*) FROM audit WHERE action = 'export' AND detail LIKE 'wishes %'"
        )
        == 3
    )
    assert xa.get("/staff/wishes.csv").status_code == 403
