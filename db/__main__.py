"""The memory's front door: `python -m db upgrade | demo | import | export | report |
staff | erase | backup | verify`.
"""

from __future__ import annotations

import argparse
import csv
import getpass
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

import settings as settings_file
from db.broadcasts.errors import CannotDo
from db.office import accounts
from db.places import communes
from db.store import migrate
from db.store.engine import Database, Tx, connect
from settings import Settings, SettingsError

# next to the keys; the same people sign in to the demo on every run
SIGN_INS = "demo-signins.txt"
_SAYS = {
    "upgrade": "bring the schema to its newest form; again is harmless",
    "demo": "load the demo commune, or top its events up to 14 days ahead",
    "import": "take in a register or a list; running twice adds nothing twice",
    "export": "write a list as CSV to stdout",
    "report": "the report of these days as a draft to sign",
    "staff": "add an account, change its password or its phone, disable or enable it",
    "erase": "erase a person, keep the anonymous counts",
    "backup": "a consistent copy while running (SQLite)",
    "broadcast": "a text to many: draft it, start it, pause it, look at it",
    "verify": "recount seats, counted subjects and tallies from the log",
}


class Refused(Exception):
    """The command cannot be done; the message is all the user needs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    args = _parser().parse_args(arguments)
    try:
        settings = settings_file.from_environment()
        return _run(args, settings)
    except (Refused, SettingsError, accounts.AccountError, CannotDo) as problem:
        print(problem, file=sys.stderr)
    except communes.UnknownCommune as problem:
        print(
            f"Which commune? Say --commune NAME; there are: {problem}.", file=sys.stderr
        )
    except BrokenPipeError:  # whoever read the list has seen enough
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except FileNotFoundError as problem:
        print(f"There is no file {problem.filename}.", file=sys.stderr)
    except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
        kind = type(problem).__name__
        print(f"{kind}: {_first_line(problem)}", file=sys.stderr)
    except Exception as problem:
        library, *_ = type(problem).__module__.split(".")
        if library != "psycopg":
            raise
        print(f"The database said: {_first_line(problem)}", file=sys.stderr)
    return 1


def _run(args: argparse.Namespace, settings: Settings) -> int:
    if args.run is migrate.upgrade:
        migrate.upgrade(settings.database_url)
        return 0
    with closing(connect(settings.database_url)) as db:
        if not migrate.current_is_head(db):
            raise Refused(
                "The schema is not the newest: run `python -m db upgrade` first."
            )
        code = args.run(args, settings, db)
        return int(code or 0)


def _first_line(problem: Exception) -> str:
    return str(problem).strip().splitlines()[0]


def _parser() -> argparse.ArgumentParser:
    from db.commands import broadcasts

    parser = argparse.ArgumentParser(prog="python -m db", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object) -> argparse.ArgumentParser:
        says = _SAYS[name]
        made = commands.add_parser(name, help=says, description=says)
        made.set_defaults(run=run)
        return made

    command("upgrade", migrate.upgrade)
    command("demo", load_demo)
    _import_arguments(command("import", import_))
    _export_arguments(command("export", export))
    _report_arguments(command("report", report))
    _staff_arguments(command("staff", staff_))
    command("erase", erase).add_argument("phone", metavar="PHONE")
    command("backup", backup).add_argument("file", metavar="FILE", type=Path)
    broadcasts.commands(command("broadcast", broadcasts.run))
    command("verify", verify)
    return parser


def _import_arguments(imports: argparse.ArgumentParser) -> None:
    kinds = "residents, households, events, targets, dnc, tac, businesses or parents"
    imports.add_argument("kind", metavar="KIND", help=kinds)
    imports.add_argument("file", metavar="FILE", type=Path, help=".csv or .xlsx")
    imports.add_argument(
        "--dry-run", action="store_true", help="check every row, keep nothing"
    )
    _of_commune(imports)


def _export_arguments(exports: argparse.ArgumentParser) -> None:
    exports.add_argument("what", choices=["conversions", "wishes"])
    _of_days(exports)
    _of_commune(exports)


def _report_arguments(reports: argparse.ArgumentParser) -> None:
    _of_days(reports)
    reports.add_argument("--docx", metavar="FILE", type=Path, help="the report")
    reports.add_argument("--xlsx", metavar="FILE", type=Path, help="its annex")
    _of_commune(reports)


def _staff_arguments(staff: argparse.ArgumentParser) -> None:
    staff.add_argument("act", choices=["add", "passwd", "disable", "enable", "phone"])
    staff.add_argument("user", metavar="USER")
    staff.add_argument(
        "number",
        metavar="NUMBER",
        nargs="?",
        help="of `phone`; without one it is taken off",
    )
    staff.add_argument("--role", choices=accounts.ROLES)
    staff.add_argument("--hamlet", metavar="NAME")
    staff.add_argument("--school", metavar="NAME")
    staff.add_argument("--name", default="", metavar="NAME", help="shown on the pages")
    staff.add_argument(
        "--phone", default="", metavar="NUMBER", help="where tests of a broadcast go"
    )
    _of_commune(staff)


def _of_days(command: argparse.ArgumentParser) -> None:
    for name, kept_as in (("--from", "first"), ("--to", "last")):
        command.add_argument(
            name, dest=kept_as, metavar="DATE", type=date.fromisoformat, required=True
        )


def _of_commune(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--commune", metavar="NAME", help="where the installation has several"
    )


def load_demo(_args: argparse.Namespace, settings: Settings, db: Database) -> None:
    from db import demo

    sign_ins = settings_file.KEYS_FILE.parent / SIGN_INS
    with db.connection() as tx:
        is_there = demo.kind(tx) == "demo"
    try:
        if is_there:
            added = demo.top_up(db, _now())
            print(f"Demo: {added} events added.")
        else:
            accounts_made = demo.load(db, settings.privacy_key, _now())
            lines = [
                f"{role} {user} {password}\n" for role, user, password in accounts_made
            ]
            _keep(sign_ins, "".join(lines))
            print("Demo: loaded.")
    except demo.NotEmpty as problem:
        raise Refused(str(problem)) from problem
    if sign_ins.exists():
        print("Demo sign-ins (role, user, password):")
        print(sign_ins.read_text("utf-8"), end="")


def import_(args: argparse.Namespace, settings: Settings, db: Database) -> None:
    from db.commands import imports

    try:
        report = imports.take_in(
            db,
            args.kind,
            args.file,
            now=_now(),
            privacy_key=settings.privacy_key,
            commune=args.commune,
            dry_run=args.dry_run,
        )
    except imports.CannotImport as problem:
        raise Refused(str(problem)) from problem
    print(report)


def export(args: argparse.Namespace, _settings: Settings, db: Database) -> None:
    from db.commands import exports

    with db.connection() as tx:
        if args.what == "wishes":
            rows = exports.wishes(tx, args.first, args.last)
        else:
            commune_id = communes.only_or(tx, args.commune)
            programme_id = communes.programme(tx, commune_id)
            first = args.first.isoformat()
            last = args.last.isoformat()
            rows = exports.conversions(tx, programme_id, first, last)
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows(rows)


def report(args: argparse.Namespace, _settings: Settings, db: Database) -> None:
    from db.commands import reports

    if args.docx is None and args.xlsx is None:
        raise Refused("report needs --docx FILE, --xlsx FILE or both.")
    if args.first > args.last:
        raise Refused("--from lies after --to.")
    with db.connection() as tx:
        written = reports.write(
            tx,
            commune_id=communes.only_or(tx, args.commune),
            first=args.first,
            last=args.last,
            docx=args.docx,
            xlsx=args.xlsx,
            now=_now(),
        )
    print(written, end="")


def staff_(args: argparse.Namespace, _settings: Settings, db: Database) -> None:
    user = args.user
    match args.act:
        case "disable":
            db.again(lambda tx: accounts.disable(tx, user, _now()))
        case "enable":
            db.again(lambda tx: accounts.enable(tx, user))
        case "phone":
            number = args.number or ""
            db.again(lambda tx: accounts.set_phone(tx, user, number))
        case "passwd":
            _change_password(user, db)
        case "add":
            _add_staff(args, db)
    print(f"{user}: done.")


def _change_password(user: str, db: Database) -> None:
    password = _password()
    may_sign_in = db.again(lambda tx: accounts.set_password(tx, user, password))
    if not may_sign_in:
        print(
            f"{user} is disabled and stays so; `python -m db staff enable {user}` lets it sign in."
        )


def _add_staff(args: argparse.Namespace, db: Database) -> None:
    if not args.role:
        raise Refused("staff add needs --role.")
    hamlet_id = None
    school_id = None
    with db.connection() as tx:
        commune_id = communes.only_or(tx, args.commune)
        if args.hamlet:
            hamlet_id = _hamlet(tx, commune_id, args.hamlet)
        if args.school:
            school_id = _school(tx, commune_id, args.school)
    password = _password()
    db.again(lambda tx: _add(tx, args, password, commune_id, hamlet_id, school_id))


def _add(
    tx: Tx,
    args: argparse.Namespace,
    password: str,
    commune_id: int,
    hamlet_id: int | None,
    school_id: int | None,
) -> None:
    """The account and its phone, both or neither."""
    accounts.add(
        tx,
        commune_id=commune_id,
        username=args.user,
        password=password,
        role=args.role,
        hamlet_id=hamlet_id,
        school_id=school_id,
        name=args.name,
        now=_now(),
    )
    if args.phone:
        accounts.set_phone(tx, args.user, args.phone)


def erase(args: argparse.Namespace, settings: Settings, db: Database) -> None:
    from db.privacy import erasure

    phone = _number(args.phone)
    key = settings.privacy_key
    summary = db.again(lambda tx: erasure.erase(tx, key, phone, _now()))
    print(f"Erased: {summary}. The number will not be texted again.")


def _number(said: str) -> str:
    """A mobile's number or, as the register may hold one, that of a fixed line; E.164.
    Raises Refused.
    """
    from menus.numbers import NotAFixedLine, NotAMobile, fixed_line, mobile

    try:
        return mobile(said)
    except NotAMobile:
        pass
    try:
        return fixed_line(said)
    except NotAFixedLine as problem:
        raise Refused("That is not a Vietnamese phone number.") from problem


def backup(args: argparse.Namespace, _settings: Settings, db: Database) -> None:
    file: Path = args.file
    if not db.is_sqlite:
        raise Refused("This installation runs on PostgreSQL: back it up with pg_dump.")
    if file.exists():
        raise Refused(f"{file} is there already; name a new file.")
    os.close(_create(file))
    source = sqlite3.connect(f"file:{db.url.database}?mode=ro", uri=True)
    copy = sqlite3.connect(file)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    size = file.stat().st_size
    print(f"{file}: {size} bytes.")


def verify(_args: argparse.Namespace, _settings: Settings, db: Database) -> int:
    from db.broadcasts import ledger
    from db.progress.recount import recount

    with db.transaction() as tx:
        if not db.is_sqlite:
            # every table as of one moment
            tx.sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        differences = [*recount(tx, _now()), *ledger.check(tx)]
    if not differences:
        print("Everything agrees.")
        return 0
    print("\n".join(differences))
    return 1


def _hamlet(tx: Tx, commune_id: int, name: str) -> int:
    from db.places.naming import Hamlets

    hamlets = Hamlets(tx, commune_id)
    found = hamlets.find(name)
    if found is None:
        there = ", ".join(hamlets.names) or "none yet"
        raise Refused(f"There is no hamlet '{name}'; there are: {there}.")
    return found


def _school(tx: Tx, commune_id: int, name: str) -> int:
    from db.register import schools

    found = schools.named(tx, commune_id, name)
    if found is None:
        names = [school.name for school in schools.all_of(tx, commune_id)]
        there = ", ".join(names) or "none yet"
        raise Refused(f"There is no school '{name}'; there are: {there}.")
    return found.id


def _password() -> str:
    """From a pipe its first line, from a terminal asked twice."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    again = getpass.getpass("Again: ")
    if password != again:
        raise Refused("The two passwords differ.")
    return password


def _keep(file: Path, content: str) -> None:
    """Readable by the owner alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(_create(file), "w", encoding="utf-8") as kept:
        kept.write(content)


def _create(file: Path) -> int:
    """A new file, open to be written, that its owner alone may read."""
    return os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
