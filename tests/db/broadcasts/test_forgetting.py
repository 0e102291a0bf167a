"""Who is forgotten is forgotten in broadcasts, too; their counts stay, and the ledger
agrees with itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from db.broadcasts import trying
from db.changes import numbers
from db.register import people
from db.store.engine import to_ms
from tests import factories as make
from tests.db.broadcasts.village import Village, tomorrow

NAME = "Vi Thị Mẫu Đơn"


def traces(village: Village, *words: str) -> list[str]:
    """Tables in which any of these words still stands."""
    found = []
    with village.db.connection() as tx:
        kind = (
            "sqlite_master WHERE type = 'table'"
            if village.db.is_sqlite
            else "pg_tables WHERE schemaname = 'public'"
        )
        column = "name" if village.db.is_sqlite else "tablename"
        for table in tx.all(text(f"SELECT {column} AS name FROM {kind}")):
            said = repr(
                [tuple(row) for row in tx.all(text(f"SELECT * FROM {table.name}"))]
            )
            if any(word in said for word in words):
                found.append(table.name)
    return sorted(found)


def comes(village: Village) -> None:
    village.imports(
        "residents", "phone,name,hamlet", f"0990000004,{NAME},Quảng Trung I"
    )


def test_who_is_erased_leaves_no_word_of_theirs_and_every_count_stands(
    village: Village,
) -> None:
    comes(village)
    number = village.started(words="{name} ơi, mời dự họp thôn.")
    with village.db.transaction() as tx:
        staff, who = (
            make.staff(tx),
            tx.value(text("SELECT id FROM people WHERE name = :name"), name=NAME),
        )
        now = to_ms(datetime.now(UTC))
        trying.post(
            tx,
            number,
            commune_id=1,
            person_id=who,
            phone="+84990000099",
            staff_id=staff,
            settings=village.settings,
            now=now,
        )
    village.clock()
    village.says(4, "Tôi là Mẫu Đơn, mấy giờ thì họp?")
    with village.db.transaction() as tx:  # and has another number since
        privacy_key = village.settings.privacy_key
        numbers.change(tx, who, "+84990000077", now=now, privacy_key=privacy_key)
    before = village.does("show", number)
    assert "messages" in traces(village, "Mau Don", "Mẫu Đơn")
    assert village.run("erase", "0990000077")[0] == 0
    assert traces(village, "Mau Don", "mau don", "990000077") == []
    assert village.does("show", number) == before
    # what came from the number before is let go of after a day
    village.clock(tomorrow("10:00", days=3))
    assert (
        traces(village, "Mau Don", "Mẫu Đơn", "mau don", "990000077", "990000004") == []
    )
    assert village.does("show", number) == before
    assert len(village.people(number)) == 4
    village.agree(number)


def test_the_trail_of_a_list_that_could_not_go_names_nobody(village: Village) -> None:
    comes(village)
    number = village.draft(words="{name}, mã {code}.")
    seen = village.refuses("start", number)
    assert NAME in seen
    village.books(1)
    village.books(2, hall="NVH 2")
    village.books(3, hall="NVH 3")
    booked = village.books(4, hall="NVH 4")
    weekly = village.draft(words="{name}, lịch có mã {code}.")
    village.does("start", weekly)
    village.sql(
        "UPDATE firings SET planned_at = NULL, planned_to = 0 WHERE broadcast_id = :id",
        id=weekly,
    )
    # as if the process had died before its list was frozen
    village.sql("DELETE FROM recipients")
    village.sql("UPDATE firings SET registered = 0 WHERE broadcast_id = :id", id=weekly)
    village.sql("UPDATE bookings SET status = 'cancelled' WHERE id = :id", id=booked)
    village.clock()
    assert (
        village.does("show", weekly)
        .splitlines()[-1]
        .startswith("state draft: Some people have nothing to put in: {")
    )
    assert traces(village, NAME) == ["people"]


def test_a_text_of_a_broadcast_is_proof_for_a_year_whatever_number_its_person_has_then(
    village: Village,
) -> None:
    number = village.started()
    village.clock()
    now = to_ms(datetime.now(UTC))
    with village.db.transaction() as tx:
        numbers.change(
            tx, 1, "+84990000077", now=now, privacy_key=village.settings.privacy_key
        )
    village.clock(tomorrow("09:00", days=4))
    assert village.texts(number)[0].phone == make.phone(1)
    assert (
        village.sent(number) == ["Buoi doi may o nha van hoa, thu Bay nay con cho."] * 3
    )
    shown = village.does("show", number)
    village.clock(tomorrow("09:00") + timedelta(days=360))
    assert len([said for said in village.sent(number) if said]) == 3
    village.clock(tomorrow("09:00") + timedelta(days=370))
    assert {(one.text, one.phone) for one in village.texts(number)} == {("", "")}
    assert village.does("show", number) == shown
    assert [one["text"] for one in village.people(number)] == [""] * 3
    village.agree(number)


def test_whoever_only_dialled_and_is_let_go_was_never_on_a_ledger(
    village: Village,
) -> None:
    with village.db.transaction() as tx:
        long_ago = to_ms(datetime.now(UTC) - timedelta(hours=20))
        made = people.ensure(
            tx, commune_id=1, phone=make.phone(9), now=long_ago, origin="self"
        )
    number = village.started()
    assert len(village.people(number)) == 3
    village.clock()
    village.clock(tomorrow("10:00"))
    assert village.ask("SELECT COUNT(*) FROM people WHERE id = :id", id=made.id) == 0
    assert village.show(number)["sent"] == 3
    village.agree(number)
