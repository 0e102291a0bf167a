"""`python -m db broadcast …`: a broadcast from a file, started, paused and looked at
without the desk.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Mapping
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
from settings import Settings

COLUMNS = ("person", "phone", "hamlet", "chosen", "reason", "parts", "text")
# What an act does to one that was started, and what it is called once that is done.
CHANGES: Mapping[str, tuple[Callable[..., int], str]] = {
    "pause": (control.pause, "paused"),
    "resume": (control.resume, "goes on"),
    "stop": (control.stop, "stopped"),
}


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

        def work(tx: Tx) -> int:
            return drafts.create(
                tx, draft, commune_id=self._commune_id, staff_id=None, now=self._now
            )

        print(self._db.again(work))
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
        change, done = CHANGES[act]

        def work(tx: Tx) -> int:
            return change(
                tx, number, commune_id=self._commune_id, staff_id=None, now=self._now
            )

        left = self._db.again(work)
        print(f"{number}: {done}. {left} texts had left.")
        return 0

    def _discard(self, number: int) -> int:
        def work(tx: Tx) -> None:
            control.discard(
                tx, number, commune_id=self._commune_id, staff_id=None, now=self._now
            )

        self._db.again(work)
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
        _show_counts(counted)
        state = row.state
        nobody_yet = counted.outcomes["waiting"] == counted.chosen
        if state == "running" and nobody_yet and firing is not None:
            state = self._running_from(firing.not_before)
        paused_why = f": {row.paused_why}" if row.paused_why else ""
        print(f"state {state}{paused_why}")
        return 0

    def _running_from(self, moment: int) -> str:
        """The state of what has started and texted nobody yet; `moment` is UTC ms."""
        if moment <= self._now:
            return "running"
        return f"scheduled from {local(from_ms(moment)):%Y-%m-%d %H:%M}"

    def _as_if_started(self, number: int) -> ledger.Counts:
        """Of a draft: everybody who would be chosen waits."""
        with self._db.connection() as tx:
            row = drafts.get(tx, number, self._commune_id)
        seen = preview.counted(self._db, row, settings=self._settings, now=self._now)
        left_out = dict(seen.left_out)
        counted = ledger.Counts(chosen=seen.chosen, left_out=left_out)
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
        # a rule that cannot be used is refused before anything is printed
        first = next(everybody, None)
        writer.writerow(COLUMNS)
        if first is None:
            return 0
        for told in itertools.chain([first], everybody):
            writer.writerow(_as_previewed(told))
        return 0

    def _from_the_ledger(self, tx: Tx, firing_id: int) -> Iterator[tuple[object, ...]]:
        """As the list was frozen; a text as it went out, or as it would go now to who
        waits.
        """
        firing = planning.firing(tx, firing_id)
        moment = max(self._now, firing.not_before)
        words = words_of(tx, firing.words_id)
        renderer = Renderer(tx, words, moment, firing.event_id)
        for row in ledger.lines(tx, firing_id):
            yield _as_listed(renderer, row)

    def _check(self, number: int | None) -> int:
        with self._db.connection() as tx:
            if number is not None:
                drafts.get(tx, number, self._commune_id)
            found = ledger.check(tx, number)
        if not found:
            print("Everything agrees.")
            return 0
        print("\n".join(found))
        return 1


def _show_staff(staff: list[by_event.ToTell]) -> None:
    """Of a reminder to those who run a session: who may get it."""
    for one in staff:
        name = one.name or one.username
        where = one.hamlet or one.role
        number = "has a number" if one.phone else "no number"
        print(f"to {name}, {where}: {number}")


def _show_counts(counted: ledger.Counts) -> None:
    outcomes = [f"{outcome} {counted.outcomes[outcome]}" for outcome in ledger.OUTCOMES]
    print(f"chosen {counted.chosen} {' '.join(outcomes)}")
    for why, people in sorted(counted.reasons.items(), key=_most_first):
        print(f"{reasons.in_full(why)} {people}")
    left_out = counted.registered - counted.chosen
    print(f"left out {left_out}")
    for why in reasons.ALL:
        if why in counted.left_out:
            print(f"{reasons.in_full(why)} {counted.left_out[why]}")


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    why, people = counted
    return -people, why


def _as_previewed(told: preview.Told) -> tuple[object, ...]:
    """One row of COLUMNS."""
    line = told.line
    why = reasons.in_full(line.left_out)
    if not why and told.lacks:
        why = reasons.nothing_for(told.lacks)
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


def _as_listed(renderer: Renderer, row: ledger.Line) -> tuple[object, ...]:
    """One row of COLUMNS."""
    awaits_its_text = row.outcome == "waiting" and not row.text
    if awaits_its_text and row.phone:
        why, parts, said = _as_it_would_go(renderer, row)
    else:
        why, parts, said = _as_it_went(row)
    name = plain(row.name or "")
    hamlet = plain(row.hamlet or "")
    chosen = "no" if row.left_out else "yes"
    return name, row.phone or "", hamlet, chosen, why, parts, plain(said)


def _as_it_went(row: ledger.Line) -> tuple[str, int | str, str]:
    """Why somebody has no text (or nothing), the parts and the words of theirs."""
    why = ledger.reason_of(row)
    return why, row.parts or "", row.text or ""


def _as_it_would_go(renderer: Renderer, row: ledger.Line) -> tuple[str, int | str, str]:
    """What stands against the text of somebody who waits (or nothing), its parts and
    its words.
    """
    seat = renderer.seat(row.person_id)
    try:
        wire = renderer.text(row, seat)
    except EmptyField as lack:
        return reasons.nothing_for(lack), "", ""
    return "", wire.cost.parts, wire.text
