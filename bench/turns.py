"""The three servers side by side, loaded in short turns, so that a noisy second falls
on all of them alike.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from bench.databases import Engine
from bench.load import Answers
from tests.journeys.servers import ROOT, SERVICE, Web, environment, web

ECHO, BARE, REAL = "bare Flask, echo", "bare Flask, same SQL", "the real turn"
APPS = {ECHO: "bench.bare:echo()", BARE: "bench.bare:same_sql()", REAL: SERVICE}
WARM_UP = 60  # journeys
SLICE = 50  # journeys, some half a second of them
HALF_LOAD = 300  # journeys
_phones = count(HALF_LOAD, HALF_LOAD)  # each load calls from numbers of its own


@dataclass(slots=True)
class Figures:
    """What was seen of one server: full load once a slice, the rest once a round.
    Milliseconds, megabytes, seconds.
    """

    full: list[Answers] = field(default_factory=list)
    half: list[Answers] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    first_answer: list[float] = field(default_factory=list)

    def row(self) -> tuple[float, ...]:
        """Medians: answers a second, p50, p99, p99 at half load, memory, first answer."""
        rates = [seen["rate"] for seen in self.full]
        p50s = [seen["p50"] for seen in self.full]
        p99s = [seen["p99"] for seen in self.full]
        p99s_at_half = [seen["p99"] for seen in self.half]
        measured = (rates, p50s, p99s, p99s_at_half, self.memory, self.first_answer)
        return tuple(median(values) for values in measured)

    @property
    def wrong(self) -> int:
        return sum(seen["wrong"] for seen in (*self.full, *self.half))


def compare(engine: Engine, rounds: int, slices: int) -> dict[str, Figures]:
    """Each round on fresh servers and databases: slices of full load in turn, then half
    of the real turn's rate.
    """
    found = {what: Figures() for what in APPS}
    for _ in range(rounds):
        with ExitStack() as running:
            servers = {}
            for what in APPS:
                server = _server(engine, what)
                servers[what] = running.enter_context(server)
            _round(servers, found, slices)
    return found


def _round(servers: dict[str, Web], found: dict[str, Figures], slices: int) -> None:
    for server in servers.values():
        _load(server, WARM_UP)
    for _ in range(slices):
        for what, server in servers.items():
            seen = _load(server, SLICE)
            found[what].full.append(seen)
    of_this_round = found[REAL].full[-slices:]
    pace = median(seen["rate"] for seen in of_this_round) / 2
    for what, server in servers.items():
        seen = _load(server, HALF_LOAD, pace)
        largest = max(_resident(pid) for pid in server.workers())
        figures = found[what]
        figures.half.append(seen)
        figures.memory.append(largest)
        figures.first_answer.append(server.first_answer)


def ratio(one: Figures, other: Figures) -> tuple[float, float, float]:
    """One's rate in the other's, slice by slice: the first quartile, the median, the
    third.
    """
    pairs = zip(one.full, other.full, strict=True)
    ratios = [mine["rate"] / theirs["rate"] for mine, theirs in pairs]
    low, middle, high = quantiles(ratios, n=4, method="inclusive")
    return low, middle, high


def _server(engine: Engine, what: str) -> AbstractContextManager[Web]:
    record = engine.fresh() if what == BARE else ""
    return web(engine.fresh(), app=APPS[what], RECORD_URL=record)


def _load(server: Web, many: int, rate: float = 0.0) -> Answers:
    first = next(_phones)
    arguments = [str(server.port), str(first), str(many)]
    if rate:
        arguments.append(str(rate))
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", *arguments],
        cwd=ROOT,
        env=environment(""),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"{done.stderr}\n{server.said()}")
    seen: Answers = json.loads(done.stdout)
    return seen


def _resident(pid: int) -> float:
    """A process's resident megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None  # the kernel says it of every process
    return int(found[1]) / 1024
