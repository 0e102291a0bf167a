"""The memory's front door: `python -m db upgrade | demo | import | export | staff | erase | backup | verify`."""

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

SIGN_INS = "demo-signins.txt"  # next to the keys; the same people sign in to the demo on every run


class Refused(Exception):
    """The command cannot be done; the message is all the user needs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    args = _parser().parse_args(arguments)
    try:
        settings = settings_file.from_environment()
        if args.run is migrate.upgrade:
            migrate.upgrade(settings.database_url)
            return 0
        with closing(connect(settings.database_url)) as db:
            if not migrate.current_is_head(db):
                raise Refused(
                    "The schema is not the newest: run `python -m db upgrade` first."
                )
            return int(args.run(args, settings, db) or 0)
    except (Refused, SettingsError, accounts.AccountError, CannotDo) as problem:
        print(problem, file=sys.stderr)
    except communes.UnknownCommune as problem:
        print(
            f"Which commune? Say --commune NAME; there are: {problem}.", file=sys.stderr
        )
    except BrokenPipeError:  # whoever read the list has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except FileNotFoundError as problem:
        print(f"There is no file {problem.filename}.", file=sys.stderr)
    except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
        print(
            f"{type(problem).__name__}: {str(problem).splitlines()[0]}", file=sys.stderr
        )
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] != "psycopg":
            raise
        print(
            f"The database said: {str(problem).strip().splitlines()[0]}",
            file=sys.stderr,
        )
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m db", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=says)
        made.set_defaults(run=run)
        return made

    command(
        "upgrade",
        migrate.upgrade,
        "bring the schema to its newest form; again is harmless",
    )
    command(
        "demo",
        load_demo,
        "load the demo commune, or top its events up to 14 days ahead",
    )
    imports = command(
        "import",
        import_,
        "take in a register or a list; running twice adds nothing twice",
    )
    imports.add_argument(
        "kind",
        metavar="KIND",
        help="residents, households, events, targets, dnc, tac, businesses or parents",
    )
    imports.add_argument("file", metavar="FILE", type=Path, help=".csv or .xlsx")
    imports.add_argument(
        "--dry-run", action="store_true", help="check every row, keep nothing"
    )
    _of_commune(imports)
    exports = command("export", export, "write a list as CSV to stdout")
    exports.add_argument("what", choices=["conversions", "wishes"])
    exports.add_argument(
        "--from", dest="first", metavar="DATE", type=date.fromisoformat, required=True
    )
    exports.add_argument(
        "--to", dest="last", metavar="DATE", type=date.fromisoformat, required=True
    )
    _of_commune(exports)
    staff = command(
        "staff",
        staff_,
        "add an account, change its password or its phone, disable or enable it",
    )
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
    command("erase", erase, "erase a person, keep the anonymous counts").add_argument(
        "phone", metavar="PHONE"
    )
    copies = command("backup", backup, "a consistent copy while running (SQLite)")
    copies.add_argument("file", metavar="FILE", type=Path)
    from db.commands import broadcasts

    broadcasts.commands(
        command(
            "broadcast",
            broadcasts.run,
            "a text to many: draft it, start it, pause it, look at it",
        )
    )
    command(
        "verify", verify, "recount seats, counted subjects and tallies from the log"
    )
    return parser


def _of_commune(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--commune", metavar="NAME", help="where the installation has several"
    )


def load_demo(_args: argparse.Namespace, settings: Settings, db: Database) -> None:
    from db import demo

    file = settings_file.KEYS_FILE.parent / SIGN_INS
    with db.connection() as tx:
        there = demo.kind(tx) == "demo"
    try:
        if there:
            print(f"Demo: {demo.top_up(db, _now())} events added.")
        else:
            made = demo.load(db, settings.privacy_key, _now())
            _keep(file, "".join(f"{role} {user} {word}\n" for role, user, word in made))
            print("Demo: loaded.")
    except demo.NotEmpty as problem:
        raise Refused(str(problem)) from problem
    if file.exists():
        print("Demo sign-ins (role, user, password):")
        print(file.read_text("utf-8"), end="")


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
            rows = exports.conversions(
                tx, programme_id, args.first.isoformat(), args.last.isoformat()
            )
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows(rows)


def staff_(args: argparse.Namespace, _settings: Settings, db: Database) -> None:
    match args.act:
        case "disable":
            db.again(lambda tx: accounts.disable(tx, args.user, _now()))
        case "enable":
            db.again(lambda tx: accounts.enable(tx, args.user))
        case "phone":
            db.again(lambda tx: accounts.set_phone(tx, args.user, args.number or ""))
        case "passwd":
            _change_password(args.user, db)
        case "add":
            _add_staff(args, db)
    print(f"{args.user}: done.")


def _change_password(user: str, db: Database) -> None:
    word = _password()
    if not db.again(lambda tx: accounts.set_password(tx, user, word)):
        print(
            f"{user} is disabled and stays so; `python -m db staff enable {user}` lets it sign in."
        )


def _add_staff(args: argparse.Namespace, db: Database) -> None:
    if not args.role:
        raise Refused("staff add needs --role.")
    with db.connection() as tx:
        commune_id = communes.only_or(tx, args.commune)
        hamlet = _hamlet(tx, commune_id, args.hamlet) if args.hamlet else None
        school = _school(tx, commune_id, args.school) if args.school else None
    word = _password()
    db.again(lambda tx: _add(tx, args, word, commune_id, hamlet, school))


def _add(
    tx: Tx,
    args: argparse.Namespace,
    word: str,
    commune_id: int,
    hamlet: int | None,
    school: int | None,
) -> None:
    """The account and its phone, both or neither."""
    accounts.add(
        tx,
        commune_id=commune_id,
        username=args.user,
        password=word,
        role=args.role,
        hamlet_id=hamlet,
        school_id=school,
        name=args.name,
        now=_now(),
    )
    if args.phone:
        accounts.set_phone(tx, args.user, args.phone)


def erase(args: argparse.Namespace, settings: Settings, db: Database) -> None:
    from db.privacy import erasure
    from menus.numbers import NotAFixedLine, NotAMobile, fixed_line, mobile

    try:
        phone = mobile(args.phone)
    except NotAMobile:
        try:
            phone = fixed_line(args.phone)  # the register may hold one
        except NotAFixedLine as problem:
            raise Refused("That is not a Vietnamese phone number.") from problem
    summary = db.again(
        lambda tx: erasure.erase(tx, settings.privacy_key, phone, _now())
    )
    print(f"Erased: {summary}. The number will not be texted again.")


def backup(args: argparse.Namespace, _settings: Settings, db: Database) -> None:
    if not db.is_sqlite:
        raise Refused("This installation runs on PostgreSQL: back it up with pg_dump.")
    if args.file.exists():
        raise Refused(f"{args.file} is there already; name a new file.")
    os.close(os.open(args.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    source = sqlite3.connect(f"file:{db.url.database}?mode=ro", uri=True)
    copy = sqlite3.connect(args.file)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    size = args.file.stat().st_size
    print(f"{args.file}: {size} bytes.")


def verify(_args: argparse.Namespace, _settings: Settings, db: Database) -> int:
    from db.broadcasts import ledger
    from db.progress.recount import recount

    with db.transaction() as tx:
        if not db.is_sqlite:
            tx.sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
            )  # every table as of one moment
        differences = [*recount(tx, time.time_ns() // 1_000_000), *ledger.check(tx)]
    print("\n".join(differences) or "Everything agrees.")
    return 1 if differences else 0


def _hamlet(tx: Tx, commune_id: int, name: str) -> int:
    from db.places.naming import Hamlets

    hamlets = Hamlets(tx, commune_id)
    found = hamlets.find(name)
    if found is None:
        raise Refused(
            f"There is no hamlet '{name}'; there are: {', '.join(hamlets.names) or 'none yet'}."
        )
    return found


def _school(tx: Tx, commune_id: int, name: str) -> int:
    from db.register import schools

    found = schools.named(tx, commune_id, name)
    if found is None:
        there = (
            ", ".join(school.name for school in schools.all_of(tx, commune_id))
            or "none yet"
        )
        raise Refused(f"There is no school '{name}'; there are: {there}.")
    return found.id


def _password() -> str:
    """From a pipe its first line, from a terminal asked twice."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    word = getpass.getpass("Password: ")
    if word != getpass.getpass("Again: "):
        raise Refused("The two passwords differ.")
    return word


def _keep(file: Path, content: str) -> None:
    """Readable by the owner alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(
        os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600),
        "w",
        encoding="utf-8",
    ) as kept:
        kept.write(content)


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
