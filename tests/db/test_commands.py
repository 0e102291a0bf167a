"""`python -m db`: what an operator types, and the one line they get when it cannot be
done.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

import settings as settings_file
from db.__main__ import main
from db.office import accounts
from db.store import migrate
from db.store.engine import Database, connect
from tests import factories as make

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs one command on the test's database: exit code, what it printed, what it
    complained of.
    """
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "a secret key of the tests")
    monkeypatch.setenv("PRIVACY_KEY", "a privacy key of the tests")
    monkeypatch.setattr(settings_file, "KEYS_FILE", tmp_path / "var" / "keys.env")

    def run_(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_


def test_a_demo_prints_the_same_sign_ins_on_every_run_and_keeps_them_private(
    run: Run, tmp_path: Path, db: Database
) -> None:
    code, first, _ = run("demo")
    assert code == 0
    code, second, _ = run("demo")
    assert code == 0
    made = len(accounts.ROLES)
    assert first.splitlines()[-made:] == second.splitlines()[-made:]
    role, user, password = first.splitlines()[-made].split()
    with db.transaction() as tx:
        found = accounts.check(tx, user, password)
    assert found is not None
    assert found.role == role == "admin"
    assert (tmp_path / "var" / "demo-signins.txt").stat().st_mode & 0o777 == 0o600
    assert run("verify") == (0, "Everything agrees.\n", "")


def test_an_old_schema_is_named_and_upgrade_mends_it(run: Run, url: str) -> None:
    migrate.downgrade(url)
    code, out, err = run("demo")
    assert (code, out) == (1, "")
    assert err == "The schema is not the newest: run `python -m db upgrade` first.\n"
    assert run("upgrade")[0] == 0
    assert run("demo")[0] == 0


def test_an_import_prints_what_became_of_the_rows(
    run: Run, tmp_path: Path, db: Database
) -> None:
    file = tmp_path / "hộ dân.csv"
    file.write_text("code,hamlet\nH1,Quảng Trung I\n,Quảng Trung I\n", "utf-8")
    code, out, _ = run("import", "households", file, "--dry-run")
    assert (code, out.splitlines()[0]) == (0, "accepted 1 (repaired 0), refused 1")
    assert "nothing was kept" in out
    code, out, _ = run("import", "households", file)
    assert f"{file}.rejected.csv" in out
    with db.connection() as tx:
        assert tx.value(text("SELECT count(*) FROM households")) == 1
    assert run("import", "residents", tmp_path / "none.csv")[0] == 1
    code, _, err = run("import", "cows", file)
    assert (code, err.partition(";")[0]) == (1, "There is no kind 'cows'")
    assert "not empty" in run("demo")[2]


def test_the_log_of_conversions_goes_out_as_csv_without_a_number(
    run: Run, db: Database
) -> None:
    run("demo")
    with db.connection() as tx:
        first, last = tx.one(text("SELECT min(day), max(day) FROM conversions")) or (
            "",
            "",
        )
        logged = tx.value(text("SELECT count(*) FROM conversions"))
    code, out, _ = run("export", "conversions", "--from", first, "--to", last)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows) == logged
    assert set(rows[0]) >= {
        "at",
        "day",
        "hamlet",
        "indicator",
        "subject",
        "subject_id",
        "staff",
        "reverses",
        "reason",
    }
    assert {row["staff"] for row in rows} == {"xa"}
    assert [row["reason"] for row in rows if row["reverses"]] == [
        "Ghi nhầm hộ (dữ liệu mẫu)"
    ]
    assert "99000" not in out
    assert (
        len(
            run("export", "conversions", "--from", "2001-01-01", "--to", "2001-01-02")[
                1
            ].splitlines()
        )
        == 1
    )


def test_an_operator_keeps_staff_accounts(run: Run, db: Database) -> None:
    with db.transaction() as tx:
        make.hamlet(tx)
    word = "mot mat khau dai\n"
    assert (
        run(
            "staff",
            "add",
            "Truong-Thon",
            "--role",
            "hamlet",
            "--hamlet",
            "quang trung 1",
            stdin=word,
        )[0]
        == 0
    )
    assert (
        "There is no hamlet 'Xa'; there are: Quảng Trung I."
        in run("staff", "add", "hai", "--role", "hamlet", "--hamlet", "Xa", stdin=word)[
            2
        ]
    )
    with db.transaction() as tx:
        make.business(tx, kind="school", name="Trường Tiểu học")
    assert (
        run(
            "staff",
            "add",
            "truong",
            "--role",
            "school",
            "--school",
            "truong tieu hoc",
            stdin=word,
        )[0]
        == 0
    )
    assert (
        "there are: Trường Tiểu học."
        in run("staff", "add", "t2", "--role", "school", "--school", "X", stdin=word)[2]
    )
    assert (
        "needs its school"
        in run("staff", "add", "t2", "--role", "school", stdin=word)[2]
    )
    assert (
        "needs its hamlet" in run("staff", "add", "t2", "--role", "team", stdin=word)[2]
    )
    assert run("staff", "add", "ba", stdin=word) == (1, "", "staff add needs --role.\n")
    assert (
        "at least" in run("staff", "add", "bon", "--role", "admin", stdin="ngan\n")[2]
    )
    assert run("staff", "passwd", "truong-thon", stdin="mot mat khau khac\n")[0] == 0
    with db.transaction() as tx:
        found = accounts.check(tx, "truong-thon", "mot mat khau khac")
        assert found is not None
        assert (found.role, found.hamlet_id) == ("hamlet", 1)
    assert run("staff", "disable", "truong-thon")[0] == 0
    assert run("staff", "disable", "truong-thon")[0] == 1
    code, said, _ = run("staff", "passwd", "truong-thon", stdin=word)
    assert (code, "stays so; `python -m db staff enable" in said) == (0, True)
    assert run("staff", "enable", "truong-thon")[0] == 0
    assert run("staff", "passwd", "truong-thon", stdin=word) == (
        0,
        "truong-thon: done.\n",
        "",
    )


def test_an_account_keeps_the_phone_that_its_tests_of_a_broadcast_go_to(
    run: Run, db: Database
) -> None:
    word = "mot mat khau dai\n"

    def phone() -> str:
        with db.connection() as tx:
            return str(tx.value(text("SELECT phone FROM staff WHERE username = 'hai'")))

    code, _, said = run(
        "staff", "add", "hai", "--role", "admin", "--phone", "0243 123", stdin=word
    )
    assert (code, "is not a Vietnamese mobile number" in said) == (1, True)
    assert (
        run(
            "staff",
            "add",
            "hai",
            "--role",
            "admin",
            "--phone",
            "0990 000 001",
            stdin=word,
        )[0]
        == 0
    )
    assert phone() == "+84990000001"
    assert run("staff", "phone", "hai", "0990000002")[0] == 0
    assert phone() == "+84990000002"
    assert run("staff", "phone", "hai")[0] == 0
    assert phone() == ""
    assert run("staff", "phone", "nobody", "0990000002")[0] == 1


def test_a_person_is_erased_by_the_number_as_it_is_written(
    run: Run, db: Database
) -> None:
    with db.transaction() as tx:
        make.person(tx, number=1, name="Lý Thị Mẫu")
    code, out, _ = run("erase", "0990 000 001")
    assert code == 0
    assert "person 1" in out
    with db.connection() as tx:
        assert (
            tx.value(text("SELECT count(*) FROM people WHERE phone IS NOT NULL")) == 0
        )
    assert run("erase", "0205 12") == (
        1,
        "",
        "That is not a Vietnamese phone number.\n",
    )


def test_verify_lists_what_differs_and_fails(run: Run, db: Database) -> None:
    with db.transaction() as tx:
        tx.run(
            text(
                "INSERT INTO tallies (indicator_id, hamlet_id, day, count) VALUES (1, 0, '2024-04-12', 3)"
            )
        )
    code, out, _ = run("verify")
    assert (code, out) == (
        1,
        "tally sim_4g, hamlet 0, 2024-04-12: the log says 0, the table 3\n",
    )
    with db.transaction() as tx:
        tx.run(text("DELETE FROM tallies"))
        tx.run(
            text(
                "INSERT INTO month_tallies (indicator_id, hamlet_id, month, count) VALUES (1, 0, '2024-04', 3)"
            )
        )
    code, out, _ = run("verify")
    assert (code, out) == (
        1,
        "tally sim_4g, hamlet 0, 2024-04: the log says 0, the table 3\n",
    )
    with db.transaction() as tx:
        tx.run(text("DELETE FROM month_tallies"))
        tx.run(
            text(
                "INSERT INTO rating_tallies (programme_id, hamlet_id, answers, total) VALUES (1, 0, 2, 9)"
            )
        )
    code, out, _ = run("verify")
    assert (code, out) == (
        1,
        "ratings of programme 1, hamlet 0: 2 with 9 points are in the tally alone\n",
    )


def test_a_backup_is_whole_while_somebody_writes(
    run: Run, db: Database, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    if not db.is_sqlite:
        assert run("backup", copy) == (
            1,
            "",
            "This installation runs on PostgreSQL: back it up with pg_dump.\n",
        )
        return
    with db.transaction() as tx:
        make.hamlet(tx)
    with db.transaction() as tx:
        make.hamlet(tx, "Quảng Trung II", 2)
        assert run("backup", copy)[0] == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "there already" in run("backup", copy)[2]
    database = connect(f"sqlite:///{copy}")
    with database.connection() as tx:
        assert [row.name for row in tx.all(text("SELECT name FROM hamlets"))] == [
            "Quảng Trung I"
        ]
        assert tx.value(text("PRAGMA integrity_check")) == "ok"
    database.close()


def test_a_database_out_of_reach_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2"
    )
    code, out, err = run("verify")
    assert (code, out, err.count("\n")) == (1, "", 1)
    (tmp_path / "broken.db").write_bytes(b"no database at all, only words" * 100)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'broken.db'}")
    code, out, err = run("verify")
    assert (code, out, err.count("\n")) == (1, "", 1)
    monkeypatch.setenv("PRIVACY_KEY", "")
    assert run("verify")[2].startswith("PRIVACY_KEY is missing")


def test_the_commands_start_from_a_shell_and_explain_themselves() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "db", "--help"],
        cwd=settings_file.ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for command in (
        "upgrade",
        "demo",
        "import",
        "export",
        "staff",
        "erase",
        "backup",
        "verify",
    ):
        assert command in said
    assert sqlite3.sqlite_version_info >= (3, 35)  # RETURNING
