"""An administrator sets a commune up: the next resident who dials or texts notices."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from db.places.communes import Communes
from db.store.engine import Database
from gateway.staff import language
from menus import days
from scheduler.sending import Sending
from settings import Settings
from tests import factories
from tests.gateway.carriers import PHONE, Ussd
from tests.gateway.staff.conftest import Clerk, Village

_ids = itertools.count(1)
LIKELY = "CON Co the duoc doi may 4G"
SCHEME = {
    "name": "Đổi máy 2G", "opens": "2020-04-01", "closes": "2099-10-15", "handsets": ["2g", "3g"], "poor": "any",
    "one_per_household": "1", "stock": "120", "bring": "CCCD, máy cũ", "bring_en": "ID card, old phone",
}  # fmt: skip


@pytest.fixture
def admin(signed_in: Callable[[str], Clerk]) -> Clerk:
    return signed_in("quantri")


@pytest.fixture
def resident(app: Flask) -> Ussd:
    """Hoa of Quảng Trung I, on the register with a 2G phone."""
    return Ussd(app.test_client())


def asks(resident: Ussd) -> str:
    """The answer to "am I eligible"."""
    return resident.dial("1")


def texts(app: Flask, body: str) -> str:
    form = {"from": PHONE, "text": body, "id": f"setup-{next(_ids)}"}
    said: str = app.test_client().post("/sms/simulator", data=form).text
    return said


def trail(clerk: Clerk) -> int:
    return int(clerk.ask("SELECT COUNT(*) FROM audit WHERE action = 'setup'"))


def coming_slot(db: Database, hall: int) -> int:
    """A time three days from now; residents dial in the present."""
    day = days.today(datetime.now(UTC)) + timedelta(days=3)
    with db.transaction() as tx:
        tx.run(text("DELETE FROM bookings"))
        return factories.event_with_slots(
            tx, hall_id=hall, starts=days.at_local(day, "08:00"), capacity=5
        ).slots[0]


def test_once_a_scheme_is_entered_a_registered_resident_hears_that_a_swap_is_likely(
    admin: Clerk, resident: Ussd
) -> None:
    assert LIKELY not in asks(resident)
    admin.get("/staff/setup/")
    assert "Chưa có chương trình nào" in admin.page
    admin.post("/staff/setup/schemes/new", **SCHEME)
    assert "Đã lưu." in admin.page
    said = asks(resident)
    assert said.startswith(LIKELY)
    assert "CCCD, may cu" in said
    admin.get("/staff/setup/")
    assert "Đã phát 0 trên 120 máy" in admin.page
    assert "Đang dùng để trả lời người dân" in admin.page
    assert trail(admin) == 1


def test_each_limit_of_a_scheme_is_asked_of_the_resident(
    admin: Clerk, resident: Ussd, village: Village
) -> None:
    at = admin.post("/staff/setup/schemes/new", **SCHEME).headers["Location"]
    for limit in (
        {"handsets": ["3g"]},
        {"hamlets": [village.lien]},
        {"stock": "0"},
        {"closes": "2020-05-01"},
        {"opens": "2099-01-01"},
    ):
        admin.post(at, **{**SCHEME, **limit})
        assert LIKELY not in asks(resident), limit
    admin.post(at, **{**SCHEME, "hamlets": [village.trung], "stock": ""})
    assert asks(resident).startswith(LIKELY)
    assert 'value="3g" checked' in admin.page
    assert trail(admin) == 7


def test_a_scheme_that_was_ended_promises_nothing_from_that_moment(
    admin: Clerk, resident: Ussd
) -> None:
    at = admin.post("/staff/setup/schemes/new", **SCHEME).headers["Location"]
    admin.post(f"{at}/end")
    assert "Đã kết thúc: Đổi máy 2G." in admin.page
    assert "Đã đóng" in admin.page
    assert LIKELY not in asks(resident)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Chưa ghi tên"),
        ({"opens": "mai"}, "Ngày không hợp lệ"),
        ({"closes": "2020-01-01"}, "Ngày đóng sớm hơn"),
        ({"handsets": []}, "Chưa chọn loại máy"),
        ({"poor": "rich"}, "không hợp lệ"),
        ({"sims": ["5g"]}, "không hợp lệ"),
        ({"stock": "nhiều"}, "Số máy phải là số"),
        ({"bring": "x" * 41}, "tối đa 40 ký tự"),
        ({"bring_en": ""}, "cả hai tiếng"),
        ({"bring": "Xem xa.vn"}, "đường dẫn"),
    ],
)
def test_a_scheme_that_cannot_stand_is_refused_and_what_was_typed_is_kept(
    admin: Clerk, wrong: dict[str, Any], said: str
) -> None:
    answer = admin.post("/staff/setup/schemes/new", **{**SCHEME, **wrong})
    assert answer.status_code == 400
    assert said in admin.page
    assert wrong.get("bring_en", "ID card, old phone") in admin.page
    assert admin.ask("SELECT COUNT(*) FROM schemes") == 0
    assert trail(admin) == 0


def test_what_to_bring_is_shown_as_the_text_that_goes_out_before_it_is_saved(
    admin: Clerk,
) -> None:
    admin.post("/staff/setup/schemes/new", **SCHEME, look="1")
    assert "Mang CCCD, may cu. Huy: nhan HUY 48215 gui 2404." in admin.page
    assert admin.page.count("Vừa một phần") == 4
    admin.post("/staff/setup/schemes/new", **{**SCHEME, "bring": "x" * 40}, look="1")
    assert "Dài quá một phần" in admin.page
    assert "ký tự, 2 phần" in admin.page
    assert admin.ask("SELECT COUNT(*) FROM schemes") == 0


def test_after_the_number_changed_the_next_confirmation_names_it(
    admin: Clerk, resident: Ussd, db: Database, village: Village, settings: Settings
) -> None:
    coming_slot(db, village.hall)
    admin.post("/staff/setup/commune", code="*4242*1#", number="0990 000 999")
    assert "Đã lưu." in admin.page
    assert resident.dial("2", "1", "1", "1").startswith("END Da dat 8h00")
    with db.transaction() as tx:  # an empty installation sends nothing at all
        tx.run(text("INSERT INTO installation (id, kind, since) VALUES (1, 'demo', 1)"))
    assert "1 sent" in Sending(db, settings).until_empty()
    with db.connection() as tx:
        (sent,) = tx.all(text("SELECT text FROM messages WHERE direction = 'out'"))
    assert re.search(r"nhan HUY \d{5} gui 0990000999\.", sent.text)
    assert trail(admin) == 1


@pytest.mark.parametrize(
    ("code", "number", "said"),
    [
        ("2404", "2404", "có dạng *2404#"),
        ("*24a4#", "2404", "có dạng"),
        ("*2404#", "hai", "từ 3 đến 11 chữ số"),
    ],
)
def test_a_code_that_cannot_be_dialled_is_refused(
    admin: Clerk, code: str, number: str, said: str
) -> None:
    assert (
        admin.post("/staff/setup/commune", code=code, number=number).status_code == 400
    )
    assert said in admin.page
    assert f'value="{code}"' in admin.page
    assert admin.ask("SELECT service_code FROM communes") == "*2404#"


def test_a_code_edited_while_the_server_runs_is_dialled_at_once(
    admin: Clerk, db: Database
) -> None:
    with db.transaction() as tx:
        other = tx.value(
            text(
                "INSERT INTO communes (service_code, sms_number) VALUES ('*7#', '777') RETURNING id"
            )
        )
    commune_of = Communes()
    with db.connection() as tx:
        assert [commune_of(tx, code) for code in ("*2404#", "777", "*8888#")] == [
            1,
            other,
            1,
        ]
        admin.post("/staff/setup/commune", code="*777#", number="777")
        assert "thuộc xã khác" in admin.page
        tx.run(
            text("UPDATE communes SET service_code = '*8888#' WHERE id = :id"), id=other
        )
        assert commune_of(tx, "*8888#") == other


def test_a_new_name_holds_from_its_day_and_the_same_day_corrects_it(
    admin: Clerk, db: Database
) -> None:
    admin.post("/staff/setup/names", name="phường Mới", parent="", since="2024-04-10")
    assert "phường Mới" in admin.page
    admin.post(
        "/staff/setup/names",
        name="phường Rất Mới",
        parent="UBND tỉnh",
        since="2024-04-10",
    )
    admin.get("/staff/setup/")
    assert "phường Mới" not in admin.page
    assert "UBND tỉnh" in admin.page
    # beside the brand: the desk's own heading today
    assert "<span>phường Rất Mới</span>" in admin.page
    admin.post("/staff/setup/names", name="phường Sai", since="10/4/2024")
    assert "Ngày không hợp lệ" in admin.page
    assert admin.ask("SELECT COUNT(*) FROM commune_names") == 3


def test_a_hamlet_is_heard_by_text_by_the_other_name_it_was_given(
    admin: Clerk, app: Flask, db: Database, village: Village
) -> None:
    coming_slot(db, village.other_hall)
    aliases = {
        "name": "Quảng Liên I",
        "position": "2",
        "aliases": "Bản Chúc Mào\n\n Chúc  Mào ",
    }
    assert "Quang Lien" not in texts(app, "thon chuc mao")
    admin.post(f"/staff/setup/hamlets/{village.lien}", **aliases)
    assert "ban chuc mao, chuc mao" in admin.page
    assert "Quang Lien" in texts(app, "dl chuc mao")


def test_another_hamlets_name_is_refused_as_an_alias(
    admin: Clerk, village: Village
) -> None:
    at = f"/staff/setup/hamlets/{village.trung}"
    admin.post(at, name="Quảng Trung I", aliases="Nà Quang")
    for taken in ("NA QUANG", "Quảng Trung 1"):
        answer = admin.post(
            f"/staff/setup/hamlets/{village.lien}", name="Quảng Liên I", aliases=taken
        )
        assert answer.status_code == 400
        assert (
            f"“{taken.lower() if taken.isascii() else 'quang trung 1'}” là tên của thôn Quảng Trung I"
            in admin.page
        )
        assert taken in admin.page
    admin.post(
        f"/staff/setup/hamlets/{village.lien}", name="Quảng Liên I", aliases="12"
    )
    assert "không dùng được" in admin.page
    assert admin.ask("SELECT COUNT(*) FROM hamlet_aliases") == 1


def test_a_hamlet_is_added_first_in_the_list_and_renamed_and_its_old_name_is_still_heard(
    admin: Clerk, db: Database, village: Village
) -> None:
    admin.post("/staff/setup/hamlets", name="Quảng Hồng I", position="1", aliases="")
    added = admin.ask("SELECT id FROM hamlets WHERE name = 'Quảng Hồng I'")
    with db.connection() as tx:
        listed = [
            row.name
            for row in tx.all(text("SELECT name FROM hamlets ORDER BY position"))
        ]
    assert listed == ["Quảng Hồng I", "Quảng Trung I", "Quảng Liên I"]
    admin.post(
        f"/staff/setup/hamlets/{added}", name="Hồng Phong", position="3", aliases=""
    )
    assert (
        admin.ask("SELECT folded FROM hamlet_aliases WHERE hamlet_id = :id", id=added)
        == "quang hong i"
    )
    assert admin.ask("SELECT position FROM hamlets WHERE id = :id", id=added) == 3
    assert admin.post("/staff/setup/hamlets/999", name="Không có").status_code == 404


def test_a_hall_is_added_renamed_and_given_to_a_hamlet(
    admin: Clerk, village: Village
) -> None:
    admin.post("/staff/setup/halls", name="Hội trường xã", hamlet="")
    admin.post("/staff/setup/halls", name="hoi truong xa", hamlet="")
    assert "Đã có địa điểm" in admin.page
    admin.post("/staff/setup/halls", name="Hội trường xa.vn")
    assert language.say("vi", "info_link") in admin.page
    admin.post("/staff/setup/halls", name="x" * 41)
    assert "dài quá 40 ký tự" in admin.page
    hall = admin.ask("SELECT id FROM halls WHERE name = 'Hội trường xã'")
    admin.post(
        f"/staff/setup/halls/{hall}", name="Trường tiểu học", hamlet=village.lien
    )
    assert (
        admin.ask("SELECT hamlet_id FROM halls WHERE name = 'Trường tiểu học'")
        == village.lien
    )
    assert trail(admin) == 2


def test_only_an_administrator_finds_the_setup(
    xa: Clerk, thon: Clerk, admin: Clerk
) -> None:
    for clerk in (xa, thon):
        assert clerk.get("/staff/setup/").status_code == 403
        assert (
            clerk.send("/staff/setup/commune", code="*1111#", number="1111").status_code
            == 403
        )
        clerk.get("/staff/")
        assert "Cài đặt" not in clerk.page
    admin.get("/staff/")
    assert "Cài đặt" in admin.page
    admin.post("/staff/setup/commune", code="*1111#", number="1111")
    admin.get("/staff/audit/")
    assert "Sửa cài đặt" in admin.page


def test_every_refusal_is_written() -> None:
    root = Path(__file__).resolve().parents[3]
    asked = set()
    for file in (root / "db/places/commune_setup.py", root / "db/places/schemes.py"):
        asked |= set(re.findall(r"Refused\(\"(\w+)\"", file.read_text("utf-8")))
    assert len(asked) > 10
    assert asked <= language.WORDS["vi"].keys()
