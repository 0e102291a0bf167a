"""A live commune that tells many people something: its processes, what breaks them, and
the books compared afterwards.

Time is real, for the hours of the day too: nothing pretends another moment. But a
commune has its night, and tests run at any hour. So these processes read the zone
`Asia/Ho_Chi_Minh` from a folder where it is some other hour of the day; every second
lasts a second, and the rule that nobody is texted at night holds as it does everywhere.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from sqlalchemy import text

from db.broadcasts import ledger
from db.models import installation
from db.progress.recount import recount
from db.store.engine import Database, to_ms
from gateway.transports.kannel import KannelSender
from scheduler import upkeep
from tests import factories
from tests.journeys.carrier_that_remembers import Carrier
from tests.journeys.servers import ROOT, environment

OUTCOMES = re.compile(
    r"chosen (\d+) sent (\d+) skipped (\d+) failed (\d+) unknown (\d+) waiting (\d+)"
)
AT_ONCE = KannelSender.at_once  # calls that one clock has open
MINUTE_MS = 60_000
WAKING = range(7, 21)  # hours of the commune's day in which a text may be handed over

_REGISTER = text(
    "INSERT INTO people (commune_id, phone, name, folded, hamlet_id, language, origin, made_at)"
    " VALUES (1, :phone, :name, '', :home, 'vi', 'register', :now)"
)
_SENDING = text("SELECT id FROM messages WHERE status = 'SENDING'")
_OURS = text(
    "SELECT id, person_id, phone, status FROM messages WHERE firing_id IS NOT NULL AND direction = 'out'"
)
_LOOKED = text("SELECT at FROM clocks WHERE job = 'sending'")
_DUE = text(
    "SELECT (SELECT COUNT(*) FROM messages WHERE status IN ('CLAIMED', 'SENDING')"
    "   OR (status = 'QUEUED' AND not_before <= :now))"
    " + (SELECT COUNT(*) FROM firings g JOIN broadcasts b ON b.id = g.broadcast_id WHERE g.ended_at IS NULL"
    "   AND b.state = 'running' AND (g.planned_at IS NULL OR EXISTS (SELECT 1 FROM recipients r"
    "    WHERE r.firing_id = g.id AND r.left_out IS NULL AND r.person_id > g.released_to)))"
)
_STATE = text("SELECT state FROM broadcasts WHERE id = :id")
# Everything that is kept of moments to come moves nearer.
_LATER = (
    text("UPDATE messages SET not_before = not_before - :ms WHERE status = 'QUEUED'"),
    text(
        "UPDATE messages SET lease_until = lease_until - :ms WHERE lease_until IS NOT NULL"
    ),
    text(
        "UPDATE breakers SET open_until = open_until - :ms WHERE open_until IS NOT NULL"
    ),
)


def hour_of_the_commune(folder: Path, hour: int) -> dict[str, str]:
    """Settings under which it is now about this hour of the day in the commune."""
    ahead = (
        hour - datetime.now(UTC).hour + 12
    ) % 24 - 12  # -12 to 11 hours before Greenwich
    # the zones of POSIX count the other way round
    name = f"GMT{-ahead:+d}" if ahead else "GMT"
    here = folder / "zones" / "Asia"
    here.mkdir(parents=True)
    zone = resources.files("tzdata") / "zoneinfo" / "Etc" / name
    (here / "Ho_Chi_Minh").write_bytes(zone.read_bytes())
    return {"PYTHONTZPATH": str(here.parent)}


def in_the_morning(folder: Path) -> dict[str, str]:
    """Settings under which it is nine in the morning: there is time until night,
    whatever the clocks here say.
    """
    return hour_of_the_commune(folder, 9)


def people(db: Database, many: int, hamlet: str = "Quảng Trung I") -> None:
    """So many residents of the register, each with a number, in a live installation."""
    now = to_ms(datetime.now(UTC))
    with db.transaction() as tx:
        if tx.value(text("SELECT kind FROM installation")) is None:
            factories.insert_row(tx, installation, id=1, kind="live", since=1)
        home = factories.hamlet(tx, hamlet)
        rows = [
            {
                "phone": phone(number),
                "name": f"Người {number}",
                "home": home,
                "now": now,
            }
            for number in range(many)
        ]
        tx.many(_REGISTER, rows)


def phone(number: int) -> str:
    """A number of the demo block, and beyond it where a thousand are too few."""
    return f"+84990{number:06}"


@dataclass(slots=True)
class Station:
    """A commune's installation: where its data and its carrier are, and the processes
    that a test may end.
    """

    db: Database
    url: str
    folder: Path
    carrier: Carrier
    given: Mapping[str, str]
    clocks: list[subprocess.Popen[bytes]] = field(default_factory=list)
    # texts that clocks held when they were killed
    _of_the_dead: set[int] = field(default_factory=set)
    _began: int = 0  # when the last clock was started, UTC ms

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m db …`, done."""
        return subprocess.run(
            [sys.executable, "-m", "db", *arguments],
            cwd=ROOT,
            env=environment(self.url, **self.given),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def begins(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`python -m db …`, under way."""
        return self._process("db", *arguments)

    def draft(self, words: str, **more: object) -> int:
        """A notice to everybody registered, not started: its number."""
        file = self.folder / "draft.json"
        draft = {
            "name": "Thông báo",
            "class": "notice",
            "words": {"vi": words},
            "audience": {},
            **more,
        }
        file.write_text(json.dumps(draft), "utf-8")
        done = self.cli("broadcast", "draft", str(file))
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    def start(self, words: str, **more: object) -> int:
        """The same, started."""
        number = self.draft(words, **more)
        done = self.cli("broadcast", "start", str(number))
        assert done.returncode == 0, done.stderr
        return number

    def does(self, act: str, number: int) -> str:
        """`broadcast pause`, `resume` or `stop`: what it says."""
        done = self.cli("broadcast", act, str(number))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def show(self, number: int) -> dict[str, int]:
        """How many are where, as the command prints it."""
        done = self.cli("broadcast", "show", str(number))
        found = OUTCOMES.match(done.stdout)
        assert found is not None, done
        names = ("chosen", "sent", "skipped", "failed", "unknown", "waiting")
        return dict(zip(names, map(int, found.groups()), strict=True))

    def state(self, number: int) -> str:
        with self.db.connection() as tx:
            return str(tx.value(_STATE, id=number))

    def agrees(self) -> None:
        """The commands that recount say that all is well."""
        for command in (("broadcast", "check"), ("verify",)):
            done = self.cli(*command)
            assert done.returncode == 0, done.stdout + done.stderr

    def agrees_within(self) -> None:
        """The same without processes of its own, which take longer to begin than to
        recount.
        """
        with self.db.connection() as tx:
            assert ledger.check(tx) == []
            assert recount(tx, to_ms(datetime.now(UTC))) == []

    # Clocks

    def clock(self) -> subprocess.Popen[bytes]:
        """One more `python -m scheduler`."""
        self._began = to_ms(datetime.now(UTC))
        self.clocks.append(made := self._process("scheduler"))
        return made

    def clock_that_differs(self, seconds: float) -> None:
        """A clock more, on a server whose time is so far ahead, or behind."""
        self.clocks.append(self._process("tests.journeys.skewed_clock", str(seconds)))

    def quietly(self) -> None:
        """Until no call is open: what was put off stays, and nothing is in anybody's
        hands.
        """
        assert self.waits_for(lambda: self.sending() == 0)

    def _process(self, *module: str) -> subprocess.Popen[bytes]:
        with (self.folder / "said.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                env=environment(self.url, **self.given),
                stdout=log,
                stderr=log,
            )

    def kill(self) -> int:
        """`kill -9` of every clock at this moment; how many texts were in their hands:
        not those of who died before.
        """
        for one in self.clocks:
            one.send_signal(signal.SIGKILL)
        for one in self.clocks:
            one.wait()
        self.clocks.clear()
        held = self._held()
        mine, self._of_the_dead = held - self._of_the_dead, held
        return len(mine)

    def kill_one(self, which: int) -> None:
        """`kill -9` of one clock; the others go on."""
        dying = self.clocks.pop(which)
        dying.kill()
        dying.wait()

    def is_still(self) -> bool:
        """Whether every clock has looked, nothing is in its hands, and nothing is due."""
        with self.db.connection() as tx:
            looked, due = (
                tx.value(_LOOKED),
                tx.value(_DUE, now=to_ms(datetime.now(UTC))),
            )
        return looked is not None and int(looked) > self._began and not due

    def sending(self) -> int:
        """How many texts are marked as being handed over."""
        return len(self._held())

    def _held(self) -> set[int]:
        with self.db.connection() as tx:
            return {row.id for row in tx.all(_SENDING)}

    def said(self) -> str:
        """What the processes wrote."""
        return (self.folder / "said.log").read_text()

    def a_minute_goes_by(self, minutes: int = 1) -> None:
        """As if no clock had run for so long: what they held is nobody's any more, what
        was put off falls due.

        The same as waiting for it: the minutes are moved, and everything that is kept
        of moments to come with them.
        """
        assert not self.clocks
        with self.db.transaction() as tx:
            for statement in _LATER:
                tx.run(statement, ms=minutes * MINUTE_MS + 1_000)

    def waits_for(self, holds: Callable[[], bool], seconds: float = 60.0) -> bool:
        """Whether it comes to hold in that time; looked at every few milliseconds."""
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                return False
            time.sleep(0.004)
        return True

    def took(self, many: int) -> bool:
        """Whether the carrier has taken so many texts."""
        return len(self.carrier.taken()) >= many

    def is_over(self, number: int) -> bool:
        """Whether it has ended. One that paused itself for its failures is let go on,
        as staff would.
        """
        if self.state(number) == "paused":
            self.cli("broadcast", "resume", str(number))
        return self.state(number) == "done"


@contextmanager
def station(
    db: Database, url: str, folder: Path, carrier: Carrier, **more: str
) -> Iterator[Station]:
    """An installation whose processes are gone after the block."""
    given = {
        **carrier.settings(),
        "SMS_RATE": "1000",
        "BROADCAST_APPROVAL_ABOVE": "100000",
        "BROADCAST_BUDGET": "100000000",
        "TEXTS_A_DAY": "50",
        **more,
    }
    (folder / "said.log").touch()
    made = Station(db, url, folder, carrier, given)
    try:
        yield made
    finally:
        made.kill()


@dataclass(slots=True)
class Books:
    """The ledger beside the carrier's memory, once everything is over."""

    chosen: int
    left_out: Counter[str]  # by reason
    outcomes: Counter[str]
    taken: int
    twice: list[str]  # what was told twice
    faults: list[str]

    def __str__(self) -> str:
        counted = " ".join(
            f"{name} {many}" for name, many in sorted(self.outcomes.items())
        )
        return f"chosen {self.chosen} {counted}; the carrier took {self.taken}, {len(self.twice)} twice"


def books(one: Station) -> Books:
    """Compare them. Nothing may be under way."""
    taken = one.carrier.taken()
    with one.db.connection() as tx:
        rows = {row.id: row for row in tx.all(_OURS)}
        counted, left_out, faults = Counter[str](), Counter[str](), ledger.check(tx)
        chosen = 0
        for firing in tx.all(text("SELECT id FROM firings")):
            found = ledger.counts(tx, firing.id)
            chosen += found.chosen
            counted.update(found.outcomes)
            left_out.update(found.left_out)
    by_message = Counter(text_.message for text_ in taken)
    # each broadcast of a story has words of its own
    by_words = Counter((text_.to, text_.text) for text_ in taken)
    twice = [f"message {message}" for message, many in by_message.items() if many > 1]
    twice += [f"{to}: {said}" for (to, said), many in by_words.items() if many > 1]
    reported = one.carrier.reported()
    for row in rows.values():
        if row.status in ("SENT", "DELIVERED") and row.id not in by_message:
            faults.append(
                f"message {row.id} is {row.status}, and the carrier never took it"
            )
        if row.status in ("SKIPPED", "QUEUED", "CLAIMED") and row.id in by_message:
            faults.append(f"message {row.id} is {row.status}, and the carrier took it")
        if reported.get(row.id) == "delivered" and row.status != "DELIVERED":
            faults.append(
                f"message {row.id} is {row.status}, and was reported as delivered"
            )
    faults += [
        f"the carrier took message {message}, which nobody wrote"
        for message in by_message.keys() - rows.keys()
    ]
    if sum(counted.values()) != chosen:
        faults.append(f"{chosen} chosen, {counted}")
    return Books(chosen, left_out, counted, len(taken), twice, faults)


def let_lapse(one: Station) -> None:
    """What the dead held is looked at a minute later, as any clock would."""
    upkeep.expire(one.db, datetime.now(UTC) + timedelta(seconds=61))
