"""One run: a server started afresh on a fresh copy of the database, warmed, loaded, looked at, and stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median

from bench.databases import Engine
from tests.journeys.servers import ROOT, SERVICE, Web, environment, web

ECHO, BARE, REAL = "bare Flask, echo", "bare Flask, same SQL", "the real turn"
APPS = {ECHO: "bench.bare:echo()", BARE: "bench.bare:same_sql()", REAL: SERVICE}
WARM_UP = 60  # journeys
_phones = count(10_000, 10_000)  # each run calls from numbers of its own


@dataclass(frozen=True, slots=True)
class Run:
    """Answers a second, milliseconds, megabytes; `first_answer` in seconds from the start of the process."""

    rate: float
    p50: float
    p99: float
    memory: float
    first_answer: float
    wrong: int
    half_p99: float = 0.0


def run(engine: Engine, what: str, journeys: int, half: bool = False) -> Run:
    """At full load; with `half` once more at half of the rate that was reached."""
    record = engine.fresh() if what == BARE else ""
    phones = next(_phones)
    with web(engine.fresh(), app=APPS[what], RECORD_URL=record) as server:
        first = server.first_answer
        _load(server, phones, WARM_UP)
        full = _load(server, phones + WARM_UP, journeys)
        seen = Run(full["rate"], full["p50"], full["p99"], _memory(server), first, int(full["wrong"]))
        if half:
            paced = _load(server, phones + WARM_UP + journeys, journeys // 2, full["rate"] / 2)
            seen = replace(seen, half_p99=paced["p99"], wrong=seen.wrong + int(paced["wrong"]))
    return seen


def middle(runs: list[Run]) -> Run:
    """The median of each figure; of mistakes the sum."""
    names = ("rate", "p50", "p99", "memory", "first_answer")
    rate, p50, p99, memory, first_answer = [median(getattr(run, name) for run in runs) for name in names]
    half = [run.half_p99 for run in runs if run.half_p99]
    wrong = sum(run.wrong for run in runs)
    return Run(rate, p50, p99, memory, first_answer, wrong, median(half) if half else 0.0)


def _load(server: Web, first: int, many: int, rate: float = 0.0) -> Mapping[str, float]:
    arguments = [str(server.port), str(first), str(many), *([str(rate)] if rate else [])]
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", *arguments],
        cwd=ROOT, env=environment(""), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{done.stderr}\n{server.said()}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _memory(server: Web) -> float:
    """The fattest worker's resident megabytes."""
    return max(_resident(pid) for pid in server.workers())


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
