"""The schema: the migrations build what the models say, there and back again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from db.models import metadata
from db.store import migrate
from db.store.engine import connect


def plain(item: object) -> str:
    """A reflected index or constraint as text; a condition by its words, not by where it lies in memory."""
    return json.dumps(item, default=str, sort_keys=True)


def schema(connection: Connection) -> dict[str, object]:
    """Everything reflection knows of every table, in an order that does not matter."""
    look = inspect(connection)

    def of(table: str) -> dict[str, object]:
        return {
            "columns": [{**column, "type": str(column["type"])} for column in look.get_columns(table)],
            "key": look.get_pk_constraint(table),
            "references": sorted(look.get_foreign_keys(table), key=str),
            "indexes": sorted(map(plain, look.get_indexes(table))),
            "unique": sorted(map(plain, look.get_unique_constraints(table))),
        }

    return {table: of(table) for table in look.get_table_names() if table != "alembic_version"}


def test_migrations_and_models_build_the_same_schema(engine: str, fresh_url: Callable[[str, bool], str]) -> None:
    migrated, modelled = (create_engine(fresh_url(engine, made), poolclass=NullPool) for made in (True, False))
    metadata.create_all(modelled)
    with migrated.connect() as one, modelled.connect() as other:
        assert schema(one) == schema(other)
        assert compare_metadata(MigrationContext.configure(one), metadata) == []


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


def test_a_migration_that_fails_leaves_nothing_behind(bare_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.migrations.first_rows.NAMES", ({"commune_id": 99, "since": None, "name": None},))
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
    assert subprocess.run([sys.executable, "-c", code], cwd=migrate.FOLDER.parent.parent, check=False).returncode == 0
