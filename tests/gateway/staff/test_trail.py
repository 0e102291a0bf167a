"""The trail as its readers read it: whatever is noted anywhere is said in the words of
the desk, with the names of things.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.models import audit
from db.privacy.erasure import Erased
from db.store.engine import Database
from gateway.staff import language, trail
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

ROOT = Path(__file__).resolve().parents[3]
WRITERS = ("note_act", "note_alone", "note", "noted", "_whole")


def actions() -> Iterator[str]:
    """As a pattern, every action that the code writes into the trail."""
    for room in ("gateway/staff", "db"):
        for file in (ROOT / room).rglob("*.py"):
            tree = ast.parse(file.read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    yield from _action_of(node)
                if _sets_action(node):
                    yield from _as_pattern(node.value)  # type: ignore[attr-defined]


def _sets_action(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assign):
        return False
    return [getattr(target, "id", "") for target in node.targets] == ["action"]


def _action_of(call: ast.Call) -> Iterator[str]:
    called = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if called not in WRITERS:
        return
    for keyword in call.keywords:
        if keyword.arg == "action":
            yield from _as_pattern(keyword.value)
    if called == "note":  # audit.note names its action, others of that name write none
        return
    for argument in call.args[:2]:
        yield from _as_pattern(argument)


def _as_pattern(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(word)):
            yield re.escape(word)
        case ast.JoinedStr(values=parts):
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in parts
            )


def test_every_action_that_is_noted_has_its_words() -> None:
    noted = set(actions())
    assert len(noted) > 30
    for action in noted:
        known = [one for one in trail.SENTENCES if re.fullmatch(action, one)]
        assert known, action
    for spoken in language.LANGUAGES:
        for action in trail.SENTENCES:
            assert f"act_{action}" in language.WORDS[spoken], action


Noted = list[tuple[str, str, str]]  # action, detail, what is read of it


@pytest.fixture
def noted(db: Database, village: Village, clock: Clock) -> Noted:
    """Each detail that the code writes, about things that are there."""
    with db.transaction() as tx:
        shop = factories.business(tx, village.trung)
        school = factories.business(tx, None, "school", "Trường Tiểu học")
    day = language.day_name("2024-04-12", "vi")
    event = f"Đổi máy 4G, NVH Quảng Trung I, {day}"
    e, b = village.event.id, village.hoa_booking
    acts = ("new", "copy", "announce", "close", "reopen", "edit", "cancel", "named")
    found = [(f"event_{act}", f"event {e}", event) for act in acts]
    for action in ("edit", "cancel", "named"):
        for what in (
            "moved",
            "choice",
            "cancelled",
            "waited",
            "waits",
            "shifted",
            "asked",
            "stays",
        ):
            outcome = language.say("vi", f"outcome_of_{what}")
            found.append(
                (f"event_{action}", f"event {e}: {what}", f"{event}: {outcome}")
            )
    return [
        *found,
        ("came", f"event {e}", event),
        ("came_off", f"event {e}", event),
        ("heads", f"event {e}: 30", f"{event}: đếm 30 người"),
        ("heads", f"event {e}: 30 → 28 (xa)", f"{event}: xa đếm 30 người, đổi thành 28"),
        ("book", f"booking {b}", f"{event}, 14h00"),
        ("walk_in", f"booking {b}", f"{event}, 14h00"),
        ("log", "sim_4g", "SIM 4G"),
        ("undo", "money_person", "Viettel Money"),
        ("undo", f"business {shop}", "Tạp hóa Hoa"),
        ("app", "kept", language.say("vi", "app_is_kept")),
        ("seen", "handset=4g_volte", language.say("vi", "handset_4g_volte")),
        ("number", "+84990***001 → +84990***002", "+84990***001 → +84990***002"),
        ("business", f"business {shop}", "Tạp hóa Hoa"),
        ("business_close", f"business {shop}", "Tạp hóa Hoa"),
        ("business_reopen", f"business {shop}", "Tạp hóa Hoa"),
        ("class_counts", f"school {school}, 2024-04-12, 3 classes", "Trường Tiểu học"),
        ("class_removed", f"school {school}, 3A", "Trường Tiểu học: lớp 3A"),
        ("list_print", f"on_2g, hamlet {village.trung}, 4 homes", "Quảng Trung I: 4 hộ"),
        ("list_export", "on_2g, hamlet 0, 4 homes", "Toàn xã: 4 hộ"),
        ("unreached", f"hamlet {village.lien}, 3 lines", "Quảng Liên I: 3 người"),
        ("unreached", "hamlet None, 3 lines", "Toàn xã: 3 người"),
        ("export", "wishes 2023-04-12..2024-04-12", "sổ đồng ý và từ chối"),
        ("export", "conversions ..", "cả nhật ký việc đã làm"),
        ("export", "conversions 2024-04-12..None", f"nhật ký việc đã làm, {day}"),
        ("import", "residents, 3 rows", "Người dân: 3 dòng"),
        ("export", "list residents, 3 rows", "Người dân: 3 dòng"),
        ("request", "request 7", "yêu cầu số 7"),
        ("request_done", "request 7", "yêu cầu số 7"),
        ("request_to_school", "request 7", "yêu cầu số 7"),
        ("unread_request", "request 7", "yêu cầu số 7"),
        ("export", "lessons", "điều cán bộ chọn"),
        ("business", f"business {school}: Trường A → Trường Tiểu học", "Trường A"),
        (
            "class_counts_back",
            f"school {school}, 2024-04-12, taken back",
            "Trường Tiểu học",
        ),
        ("fact_written", "power 2024-04-12", language.say("vi", "topic_power")),
        ("plan_note", "2024-04-12 sim_4g", f"{day}, SIM 4G"),
        ("target", "tv360 0 120", "TV360, Toàn xã: 120"),
        ("setup", "*2404# 2404", "mã bấm *2404#, số nhắn 2404"),
        ("setup", "2024-04-12 Thụy", f"tên xã từ {day}: Thụy"),
        ("setup", "plan 2024-04-12 2024-04-12", f"kế hoạch từ {day}"),
        ("setup", "holiday 2024-04-12 Tết", f"ngày nghỉ {day}: Tết"),
        ("setup", "no holiday 2024-04-12", f"bỏ ngày nghỉ {day}"),
        ("setup", "hamlet Quảng Hồng I", "thôn Quảng Hồng I"),
        ("setup", "hall Hội trường", "địa điểm Hội trường"),
        ("setup", "scheme Đổi máy", "chương trình hỗ trợ Đổi máy"),
        ("setup", "scheme ended Đổi máy", "kết thúc chương trình hỗ trợ Đổi máy"),
        ("erased", str(Erased(1, 2, conversions_kept=4)), "hủy 2 lịch hẹn, giữ 4 việc"),
    ]  # fmt: skip


def test_each_line_of_the_trail_is_a_sentence_with_names(
    noted: Noted, signed_in: Callable[[str], Clerk], db: Database, clock: Clock
) -> None:
    admin = signed_in("quantri")
    staff_id = admin.ask("SELECT id FROM staff WHERE username = 'quantri'")
    for action, detail, read in noted:
        with db.transaction() as tx:
            tx.run(audit.delete())
            factories.insert_row(
                tx, audit, at=clock.ms, staff_id=staff_id, action=action, detail=detail
            )
        admin.get("/staff/audit/")
        assert read in admin.page, detail
        assert language.say("vi", f"act_{action}") in admin.page
        if detail != read:
            assert f"· {detail} <" not in admin.page


def test_a_cancelled_day_is_told_with_what_became_of_its_people(
    xa: Clerk, signed_in: Callable[[str], Clerk], village: Village
) -> None:
    xa.confirm(f"/staff/events/{village.event.id}/cancel")
    admin = signed_in("quantri")
    admin.get("/staff/audit/")
    assert "NVH Quảng Trung I" in admin.page
    assert re.search(r"event \d+", admin.page) is None
