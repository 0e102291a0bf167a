"""The schema: the migrations build what the models say, there and back again."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from db.models import metadata
from db.models.states import RequestKind
from db.requests import asked
from db.store import migrate
from db.store.engine import Database, connect

# over an expression: alembic compares it word for word, SQLAlchemy skips SQLite's
TURNED = "ix_people_turned"


def plain(item: object) -> str:
    """A reflected index or constraint as text; a condition by its words, not by where
    it lies in memory.
    """
    return json.dumps(item, default=str, sort_keys=True)


def schema(connection: Connection) -> dict[str, object]:
    """Everything reflection knows of every table, in an order that does not matter."""
    look = inspect(connection)

    def of(table: str) -> dict[str, object]:
        return {
            "columns": [
                {**column, "type": str(column["type"])}
                for column in look.get_columns(table)
            ],
            "key": look.get_pk_constraint(table),
            "references": sorted(look.get_foreign_keys(table), key=str),
            "indexes": sorted(map(plain, look.get_indexes(table))),
            "unique": sorted(map(plain, look.get_unique_constraints(table))),
            "checks": sorted(
                plain({**check, "sqltext": None})
                for check in look.get_check_constraints(table)
            ),
        }

    return {
        table: of(table)
        for table in look.get_table_names()
        if table != "alembic_version"
    }


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_and_models_build_the_same_schema(
    engine: str, fresh_url: Callable[[str, bool], str]
) -> None:
    migrated, modelled = (
        create_engine(fresh_url(engine, made), poolclass=NullPool)
        for made in (True, False)
    )
    metadata.create_all(modelled)
    with migrated.connect() as one, modelled.connect() as other:
        assert schema(one) == schema(other)
        unlike = MigrationContext.configure(
            one, opts={"include_object": lambda _, name, *__: name != TURNED}
        )
        assert compare_metadata(unlike, metadata) == []
        if engine == "sqlite":
            sql = text("SELECT sql FROM sqlite_master WHERE name = :name")
            assert (
                one.scalar(sql, {"name": TURNED})
                == other.scalar(sql, {"name": TURNED})
                is not None
            )


def test_an_upgrade_run_twice_changes_nothing(bare_url: str) -> None:
    assert not migrate.current_is_head(bare_url)
    migrate.upgrade(bare_url)
    assert migrate.current_is_head(bare_url)
    migrate.upgrade(bare_url)
    database = connect(bare_url)
    with database.connection() as tx:
        assert tx.value(text("SELECT count(*) FROM communes")) == 1
    database.close()


def test_the_schema_goes_down_to_nothing_and_up_again(url: str) -> None:
    migrate.downgrade(url)
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    assert not migrate.current_is_head(url)
    migrate.upgrade(url)
    assert migrate.current_is_head(url)


def test_who_was_registered_before_is_found_afterwards(url: str) -> None:
    """As 0008 made them, and as its triggers do."""
    ends = text(
        "SELECT person_id, words, hamlet_id FROM name_ends ORDER BY person_id, words"
    )
    named = text(
        "INSERT INTO people (commune_id, name, folded, origin, made_at)"
        " VALUES (1, :name, :folded, 'self', 1), (1, '', '', 'self', 1)"
    )
    folded = 'nong "thi\\ hoa hoa'
    migrate.downgrade(url, "0007")
    database = connect(url)
    with database.transaction() as tx:
        tx.run(named, name="Nông", folded=folded)
    migrate.upgrade(url)
    with database.transaction() as tx:
        tx.run(named, name="Nông", folded=folded)
        found = tx.all(ends)
    database.close()
    expected = sorted((folded, folded[5:], "hoa hoa", "hoa"))
    assert [row.words for row in found] == expected * 2
    assert len({row.person_id for row in found}) == 2


def test_a_migration_that_fails_leaves_nothing_behind(
    bare_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "db.migrations.first_rows.NAMES",
        ({"commune_id": 99, "since": None, "name": None},),
    )
    with pytest.raises(Exception, match=r"(?i)null"):
        migrate.upgrade(bare_url)
    engine = create_engine(bare_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_new_database_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path / 'var' / 'new.db'}")
    assert (tmp_path / "var" / "new.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_there_is_one_head_and_the_web_process_knows_it() -> None:
    script = ScriptDirectory(str(migrate.FOLDER))
    assert script.get_heads() == [migrate.head()]


def test_importing_the_database_does_not_load_alembic() -> None:
    code = "import sys, db.store.migrate, db.store.engine; sys.exit('alembic' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], cwd=migrate.FOLDER.parent.parent, check=False
        ).returncode
        == 0
    )


BEFORE_LINKS = """
    INSERT INTO people (id, commune_id, phone, name, folded, origin, made_at, language, marks) VALUES
      (1, 1, '+84990000001', 'Lý Thị Mẫu', 'ly thi mau', 'self', 1, 'vi', :no),
      (2, 1, NULL, 'Mẹ', 'me', 'self', 1, 'vi', :no);
    INSERT INTO halls (id, commune_id, name) VALUES (90, 1, 'NVH');
    INSERT INTO events (id, programme_id, commune_id, hall_id, day, state) VALUES
      (1, 1, 1, 90, '2024-04-20', 'cancelled');
    INSERT INTO slots (id, event_id, starts_at, ends_at, capacity) VALUES (1, 1, 100, 200, 9), (2, 1, 300, 400, 9);
    INSERT INTO bookings (id, programme_id, slot_id, person_id, booker_id, party_id, code, status, reason, origin,
        made_at, changed_at, ended_at, revision) VALUES
      (1, 1, 1, 1, 1, NULL, '10001', 'cancelled', 'event', 'ussd', 5, 5, 50, 1),
      (2, 1, 2, 1, 1, NULL, '10002', 'offered', '', 'ussd', 50, 50, NULL, 1),
      (3, 1, 2, 2, 1, 3, '10003', 'booked', '', 'ussd', 7, 50, NULL, 2),
      (4, 1, 1, 2, 1, NULL, '10003', 'cancelled', 'moved', 'ussd', 7, 7, 50, 1),
      (5, 1, 1, 1, 1, 5, '10005', 'cancelled', '', 'ussd', 3, 3, 4, 1),
      (6, 1, 1, 2, 1, 5, '10006', 'cancelled', '', 'ussd', 3, 3, 4, 1);
    INSERT INTO messages (commune_id, direction, phone, booking_id, revision, kind, class, priority, status, once,
        made_at, not_before) VALUES
      (1, 'out', '+84990000001', 1, 1, 'event_choice', 'notice', 2, 'SENT', 'event_choice:1:o2', 50, 50);
    INSERT INTO tasks (id, commune_id, person_id, kind, made_at) VALUES (1, 1, 2, 'tell', 50), (2, 1, 2, 'call_me', 50)
"""


def before_links(url: str) -> Database:
    """A database of the release before, with what it kept."""
    migrate.upgrade(url, "0007")
    database = connect(url)
    with database.transaction() as tx:
        for statement in BEFORE_LINKS.replace("choice:1:o2", "choice\\:1\\:o2").split(
            ";\n"
        ):
            tx.run(text(statement), **({"no": False} if ":no" in statement else {}))
    return database


def test_rows_that_were_joined_by_their_instants_are_linked_by_the_migration(
    bare_url: str,
) -> None:
    """Lost a time and was offered another; was moved away; gave up a time for two; is
    told by staff.
    """
    database = before_links(bare_url)
    migrate.upgrade(bare_url)
    with database.connection() as tx:
        rows = tx.all(
            text(
                "SELECT id, instead_of, moved_id, party_id, ended_with FROM bookings ORDER BY id"
            )
        )
        assert [tuple(row) for row in rows] == [
            (1, None, None, None, None),
            (2, 1, None, None, None),
            (3, None, None, 3, None),
            (4, None, 3, 3, None),
            (5, None, None, 5, 5),
            (6, None, None, 5, 5),
        ]
        assert [
            tuple(row)
            for row in tx.all(
                text("SELECT booking_id, revision FROM tasks ORDER BY id")
            )
        ] == [(3, 2)], "who asked to be called is a request since (below)"
    database.close()
    migrate.downgrade(bare_url, "0007")
    migrate.upgrade(bare_url)


CALLS = """
    INSERT INTO people (id, commune_id, phone, name, folded, origin, made_at, language, marks) VALUES
      (1, 1, '+84990000001', 'Lý Thị Mẫu', 'ly thi mau', 'self', 1, 'vi', :no);
    INSERT INTO tasks (id, commune_id, person_id, kind, made_at, done_at, note) VALUES
      (3, 1, 1, 'call_me', 50, 60, 'hẹn mai'), (5, 1, 1, 'tell', 60, NULL, 'x'), (7, 1, 1, 'call_me', 70, NULL, '');
"""


def test_who_asked_to_be_called_gets_a_number_and_keeps_the_place_there_and_back(
    bare_url: str,
) -> None:
    migrate.upgrade(bare_url, "0009")
    database = connect(bare_url)
    with database.transaction() as tx:
        for statement in filter(str.strip, CALLS.split(";\n")):
            tx.run(text(statement), **({"no": False} if ":no" in statement else {}))
        before = [tuple(row) for row in tx.all(text(_TASKS))]
    migrate.upgrade(bare_url)
    with database.transaction() as tx:
        moved = tx.all(
            text("SELECT number, state, made_at, ended_at FROM requests ORDER BY id")
        )
        assert [tuple(row) for row in moved] == [
            (1, "done", 50, 60),
            (2, "open", 70, None),
        ]
        assert [tuple(row) for row in tx.all(text(_TASKS))] == [("tell", 60, None, "x")]
        assert (
            tx.value(text("SELECT words FROM request_acts WHERE act = 'done'"))
            == "hẹn mai"
        )
        person = tx.value(text("SELECT id FROM people"))
        asks = asked.Wanted(RequestKind.QR, person, words="xin ma qr")
        assert asked.ask(tx, asks, commune_id=1, now=80).number == 3
    database.close()
    migrate.downgrade(bare_url, "0009")
    database = connect(bare_url)
    with database.transaction() as tx:
        after = [tuple(row) for row in tx.all(text(_TASKS))]
    database.close()
    assert after == [*before, ("question", 80, None, "qr: xin ma qr")]
    migrate.upgrade(bare_url)


_TASKS = "SELECT kind, made_at, done_at, note FROM tasks ORDER BY made_at, kind"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bookings SET status = 'gone'",
        "UPDATE messages SET status = 'gone'",
        "UPDATE events SET state = 'gone'",
    ],
)
def test_the_schema_takes_no_state_that_is_not_drawn(
    bare_url: str, statement: str
) -> None:
    database = before_links(bare_url)
    migrate.upgrade(bare_url)
    with (
        pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation)),
        database.transaction() as tx,
    ):
        tx.run(text(statement))
    database.close()
