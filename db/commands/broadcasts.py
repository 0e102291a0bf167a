"""`python -m db broadcast …`: a broadcast from a file, started, paused and looked at without the desk."""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from db.broadcasts import (
    by_event,
    control,
    drafts,
    ledger,
    planning,
    preview,
    reasons,
    rules,
)
from db.broadcasts.errors import CannotDo
from db.broadcasts.rendering import Renderer, words_of
from db.commands.exports import plain
from db.places import communes
from db.store.engine import Database, Tx, from_ms
from menus.broadcast import EmptyField
from menus.days import local
from menus.words import VIETNAMESE
from settings import Settings

COLUMNS = ("person", "phone", "hamlet", "chosen", "reason", "parts", "text")


def commands(parser: argparse.ArgumentParser) -> None:
    """The acts below `broadcast`."""
    acts = parser.add_subparsers(required=True, metavar="ACT", dest="act")
    draft = acts.add_parser(
        "draft", help="a new one from a JSON file; prints its number"
    )
    draft.add_argument("file", metavar="FILE", type=Path)
    for name, says in (
        ("people", "everybody registered as CSV: chosen or why not, and the text"),
        ("start", "from now on it goes out by itself"),
        ("pause", "nothing more leaves until it goes on"),
        ("resume", "on with the same list"),
        ("stop", "whoever was not texted yet is not"),
        ("discard", "give up a draft that never went out"),
        ("approve", "as the second pair of eyes"),
        ("show", "how many are where"),
    ):
        acts.add_parser(name, help=says).add_argument("number", metavar="N", type=int)
    check = acts.add_parser(
        "check", help="recount the ledger; exit 1 and a list if it does not agree"
    )
    check.add_argument("number", metavar="N", type=int, nargs="?")
    for one in acts.choices.values():
        one.add_argument(
            "--commune", metavar="NAME", help="where the installation has several"
        )


def run(args: argparse.Namespace, settings: Settings, db: Database) -> int:
    """Carry out one act. Raises CannotDo."""
    number = getattr(args, "number", None)
    if number is not None and not 0 < number <= rules.ID_MOST:
        raise CannotDo("gone", number)
    try:
        with db.connection() as tx:
            commune_id = communes.only_or(tx, args.commune)
    except communes.UnknownCommune as problem:
        raise CannotDo("commune", str(problem)) from None
    return _Console(db, settings, commune_id).run(args)


class _Console:
    """One act of one commune, now."""

    def __init__(self, db: Database, settings: Settings, commune_id: int) -> None:
        self._db = db
        self._settings = settings
        self._commune_id = commune_id
        self._now = time.time_ns() // 1_000_000

    def run(self, args: argparse.Namespace) -> int:
        match args.act:
            case "draft":
                return self._draft(args.file)
            case "people":
                return self._people(args.number)
            case "start":
                return self._start(args.number)
            case "show":
                return self._show(args.number)
            case "check":
                return self._check(args.number)
            case "approve":
                return self._approve(args.number)
            case "discard":
                return self._discard(args.number)
        return self._change(args.act, args.number)

    def _draft(self, file: Path) -> int:
        try:
            written = file.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise CannotDo("file", "it is not in UTF-8") from None
        draft = drafts.from_file(written)
        if draft.not_after is not None and draft.not_after <= self._now:
            raise CannotDo("past")
        made = self._db.again(
            lambda tx: drafts.create(
                tx, draft, commune_id=self._commune_id, staff_id=None, now=self._now
            )
        )
        print(made)
        return 0

    def _start(self, number: int) -> int:
        """The list is frozen and every text read before this returns."""
        with self._db.connection() as tx:
            row = drafts.get(tx, number, self._commune_id)
        if row.state == "draft":
            self._refuse_what_cannot_go(row)

        def work(tx: Tx) -> int:
            return control.start(
                tx,
                number,
                commune_id=self._commune_id,
                staff_id=None,
                settings=self._settings,
                now=self._now,
            )

        firing_id = self._db.again(work)
        why = ""
        if firing_id:
            why = planning.plan(
                self._db, firing_id, settings=self._settings, now=self._now
            )
        if why:
            print(why, file=sys.stderr)
            return 1
        selling = drafts.sells(row)
        if selling:
            print(
                f"It holds words of adverts ({', '.join(selling)}). The desk approved it as a notice."
            )
        print(f"{number}: started.")
        return 0

    def _refuse_what_cannot_go(self, row: drafts.Broadcast) -> None:
        """Raises CannotDo."""
        if drafts.to_staff(row):
            return
        seen = preview.of(self._db, row, settings=self._settings, now=self._now)
        with self._db.connection() as tx:
            problem = planning.stands_against(tx, row, seen.tally)
        if problem:
            raise problem

    def _change(self, act: str, number: int) -> int:
        work = {"pause": control.pause, "resume": control.resume, "stop": control.stop}[
            act
        ]
        left = self._db.again(
            lambda tx: work(tx, number, commune_id=self._commune_id, staff_id=None, now=self._now)
        )  # fmt: skip
        done = {"pause": "paused", "resume": "goes on", "stop": "stopped"}[act]
        print(f"{number}: {done}. {left} texts had left.")
        return 0

    def _discard(self, number: int) -> int:
        self._db.again(
            lambda tx: control.discard(
                tx, number, commune_id=self._commune_id, staff_id=None, now=self._now
            )
        )
        print(f"{number}: discarded.")
        return 0

    def _approve(self, number: int) -> int:
        with self._db.connection() as tx:
            draft = drafts.get(tx, number, self._commune_id)
        if draft.state == "draft" and draft.text_class == "notice":
            self._refuse_what_cannot_go(draft)

        def work(tx: Tx) -> None:
            row = drafts.get(tx, number, self._commune_id)
            seen = drafts.digest(row)
            drafts.approve(
                tx,
                number,
                commune_id=self._commune_id,
                staff_id=None,
                seen=seen,
                now=self._now,
            )

        self._db.again(work)
        print(f"{number}: approved by the console.")
        return 0

    def _show(self, number: int) -> int:
        with self._db.connection() as tx:
            row = drafts.get(tx, number, self._commune_id)
            firing_id = control.shown_firing(tx, number)
            counted = ledger.counts(tx, firing_id) if firing_id else None
            firing = planning.firing(tx, firing_id) if firing_id else None
            staff = by_event.staff_told(tx, self._commune_id)
        if drafts.to_staff(row):
            _show_staff(staff)
            counted = ledger.Counts()
        elif counted is None:
            counted = self._as_if_started(number)
        outcomes = " ".join(
            f"{name} {counted.outcomes[name]}" for name in ledger.OUTCOMES
        )
        print(f"chosen {counted.chosen} {outcomes}")
        most_first = sorted(
            counted.reasons.items(), key=lambda reason: (-reason[1], reason[0])
        )
        for why, people in most_first:
            print(f"{reasons.in_full(why)} {people}")
        print(f"left out {counted.registered - counted.chosen}")
        for why in reasons.ALL:
            if why in counted.left_out:
                print(f"{reasons.in_full(why)} {counted.left_out[why]}")
        paused_why = f": {row.paused_why}" if row.paused_why else ""
        state = row.state
        nobody_yet = counted.outcomes["waiting"] == counted.chosen
        if (
            row.state == "running"
            and nobody_yet
            and firing is not None
            and firing.not_before > self._now
        ):
            from_when = local(from_ms(firing.not_before))
            state = f"scheduled from {from_when:%Y-%m-%d %H:%M}"
        print(f"state {state}{paused_why}")
        return 0

    def _as_if_started(self, number: int) -> ledger.Counts:
        """Of a draft: everybody who would be chosen waits."""
        with self._db.connection() as tx:
            row = drafts.get(tx, number, self._commune_id)
        seen = preview.counted(self._db, row, settings=self._settings, now=self._now)
        counted = ledger.Counts(chosen=seen.chosen, left_out=dict(seen.left_out))
        counted.outcomes["waiting"] = seen.chosen
        return counted

    def _people(self, number: int) -> int:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        with self._db.connection() as tx:
            row = drafts.get(tx, number, self._commune_id)
            firing_id = control.shown_firing(tx, number)
            if firing_id:
                writer.writerow(COLUMNS)
                writer.writerows(self._from_the_ledger(tx, firing_id))
                return 0
        everybody = preview.people(
            self._db, row, settings=self._settings, now=self._now
        )
        first = next(
            everybody, None
        )  # a rule that cannot be used is refused before anything is printed
        writer.writerow(COLUMNS)
        if first is None:
            return 0
        for told in itertools.chain([first], everybody):
            writer.writerow(_as_previewed(told))
        return 0

    def _from_the_ledger(self, tx: Tx, firing_id: int) -> Iterator[tuple[object, ...]]:
        """As the list was frozen; a text as it went out, or as it would go now to who waits."""
        firing = planning.firing(tx, firing_id)
        moment = max(self._now, firing.not_before)
        renderer = Renderer(tx, words_of(tx, firing.words_id), moment, firing.event_id)
        for row in ledger.lines(tx, firing_id):
            why = ledger.reason_of(row)
            parts: int | str = row.parts or ""
            said = row.text
            if row.outcome == "waiting" and not said and row.phone:
                why, parts, said = _as_it_would_go(renderer, row)
            name = plain(row.name or "")
            hamlet = plain(row.hamlet or "")
            chosen = "no" if row.left_out else "yes"
            yield name, row.phone or "", hamlet, chosen, why, parts, plain(said or "")

    def _check(self, number: int | None) -> int:
        with self._db.connection() as tx:
            if number is not None:
                drafts.get(tx, number, self._commune_id)
            found = ledger.check(tx, number)
        print("\n".join(found) or "Everything agrees.")
        return 1 if found else 0


def _show_staff(staff: list[by_event.ToTell]) -> None:
    """Of a reminder to those who run a session: who may get it."""
    for one in staff:
        where = one.hamlet or one.role
        number = "has a number" if one.phone else "no number"
        print(f"to {one.name or one.username}, {where}: {number}")


def _as_previewed(told: preview.Told) -> tuple[object, ...]:
    """One row of COLUMNS."""
    line = told.line
    why = reasons.in_full(line.left_out)
    if not why and told.lacks:
        why = f"nothing for {{{told.lacks}}}"
    parts: int | str = ""
    said = ""
    if told.wire:
        parts = told.wire.cost.parts
        said = told.wire.text
    chosen = "no" if line.left_out else "yes"
    return (
        plain(line.name),
        line.phone,
        plain(line.hamlet),
        chosen,
        why,
        parts,
        plain(said),
    )


def _as_it_would_go(renderer: Renderer, row: ledger.Line) -> tuple[str, int | str, str]:
    """What stands against the text of somebody who waits (or nothing), its parts and its words."""
    seat = renderer.seats([row.person_id]).get(row.person_id)
    language = row.language or VIETNAMESE
    try:
        wire = renderer.text(row, seat, language, bool(row.marks))
    except EmptyField as lack:
        return f"nothing for {{{lack}}}", "", ""
    return "", wire.cost.parts, wire.text
