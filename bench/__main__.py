"""`python -m bench`: how fast, beside bare Flask in the same run, and how long planning
takes (bench/README.md).
"""

from __future__ import annotations

import argparse
import logging
import time

from bench import broadcasts, contention, grown, kannel, planning
from bench.databases import Engine, engines
from bench.shares import shares
from bench.turns import BARE, ECHO, REAL, SLICE, compare, ratio


def main() -> None:
    given = _given()
    logging.disable()
    began = time.monotonic()
    with engines() as both:
        for engine in both:
            _turns(engine, given.rounds, given.slices)
            _shares(engine)
            _contention(engine)
            _planning(engine)
            _broadcasts(engine)
            _grown(engine)
            _kannel(engine)
    seconds = time.monotonic() - began
    print(f"\nAll in {seconds:.0f} s.")


def _given() -> argparse.Namespace:
    """The command line's `rounds` and `slices`."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=3, help="on fresh servers and databases (3)"
    )
    parser.add_argument(
        "--slices",
        type=int,
        default=16,
        help=f"of {SLICE} journeys of six turns, in each round (16)",
    )
    return parser.parse_args()


def _turns(engine: Engine, rounds: int, slices: int) -> None:
    found = compare(engine, rounds, slices)
    print(
        f"\n{engine.name}: {rounds} rounds of {slices} slices of {SLICE} journeys, durable; medians"
    )
    print(
        f"{'':22}{'turns/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'p99 half load':>15}{'worker MB':>11}{'1st answer s':>14}"
    )
    for what, seen in found.items():
        rate, p50, p99, half, memory, first = seen.row()
        wrong = f"   {seen.wrong} WRONG ANSWERS" if seen.wrong else ""
        print(
            f"{what:22}{rate:9.0f}{p50:9.1f}{p99:9.1f}{half:15.1f}{memory:11.0f}{first:14.2f}{wrong}"
        )
    for other in (BARE, ECHO):
        low, middle, high = ratio(found[REAL], found[other])
        print(
            f"{REAL} / {other}: {middle:.2f}   (half of the slices between {low:.2f} and {high:.2f})"
        )


def _shares(engine: Engine) -> None:
    found = shares(engine.fresh())
    whole = sum(found.values())
    print(
        f"Where a turn's {whole:.0f} us go (in one process and thread, without HTTP):"
    )
    for part in sorted(found, key=found.__getitem__, reverse=True):
        spent = found[part]
        percent = 100 * spent / whole
        print(f"    {part:36}{spent:6.0f} us{percent:5.0f} %")


def _contention(engine: Engine) -> None:
    one = contention.contended(engine, 1)
    many = contention.contended(engine)
    phones = contention.PHONES_AT_ONCE
    print(
        f"{phones} phones at once, a hold and its confirmation in two durable commits, bookings/s:"
    )
    print(
        f"    all of one time: {one.rate:.0f}, p99 {one.p99:.0f} ms; of many: {many.rate:.0f}, p99 {many.p99:.0f} ms"
    )


def _planning(engine: Engine) -> None:
    print("Planning reminders while somebody dials:")
    few = planning.plan(engine, planning.FEW)
    million, bare = planning.beside_bare(engine, planning.MILLION)
    for done in (few, million):
        print(
            f"    {done.bookings:7} bookings: {done.seconds:5.1f} s, {done.each:4.0f} us each,"
            f" the longest turn meanwhile {done.longest_turn:.0f} ms"
        )
    speed = bare / million.seconds
    print(
        f"    one bare INSERT ... SELECT of the million: {bare:.1f} s, so at {speed:.2f} of its speed"
    )


def _broadcasts(engine: Engine) -> None:
    print("Broadcasts:")
    _ledger(engine)
    seconds = broadcasts.previewed(engine)
    print(
        f"    the preview of {broadcasts.PREVIEWED}, every text read: {seconds:.2f} s"
    )
    for rate, how in ((50, "50 a second"), (100_000, "full speed")):
        _turns_beside_a_broadcast(engine, rate, how)


def _ledger(engine: Engine) -> None:
    written = broadcasts.ledger(engine)
    speed = written.same_rows / written.planned
    bare_speed = written.no_reasons / written.planned
    print(
        f"    a million ledger rows with their reasons: {written.planned:.2f} s; one INSERT ... SELECT of the same rows"
        f" {written.same_rows:.2f} s, so at {speed:.2f} of its speed; without reasons"
        f" {written.no_reasons:.2f} s, {bare_speed:.2f}"
    )


def _turns_beside_a_broadcast(engine: Engine, rate: int, how: str) -> None:
    idle, busy = broadcasts.turns(engine, rate)
    medians = busy.median / idle.median
    p99s = busy.p99 / idle.p99
    print(
        f"    a turn while a broadcast goes at {how}: median {busy.median:.1f} ms, p99 {busy.p99:.1f}, longest"
        f" {busy.longest:.0f}; idle {idle.median:.1f}, {idle.p99:.1f}, {idle.longest:.0f}:"
        f" {medians:.2f} and {p99s:.2f}"
    )


def _grown(engine: Engine) -> None:
    print(
        f"Among {grown.MANY:,} people, texts and rows of each log, beside {grown.FEW}; ms, medians of turn and turn:"
    )
    found = grown.compare(engine)
    for what, seen in found.items():
        print(f"    {what:32}{seen.few:8.1f}{seen.many:8.1f}{seen.ratio:7.2f}")


def _kannel(engine: Engine) -> None:
    if not kannel.installed():
        print(
            "Kannel is not installed (Debian: kannel, kannel-extras): its row is left out."
        )
        return
    seen = kannel.through(engine)
    print(f"Through Kannel, {kannel.TEXTS} texts each way, texts a second:")
    print(
        f"    answered: by Kannel alone {seen.answers_alone:.0f}, by the service {seen.answers:.0f}"
    )
    print(
        f"    sent: by Kannel alone {seen.alone:.0f} with receipts and {seen.alone_without:.0f} without, by the service"
        f" {seen.sent:.0f}, all home and recorded {seen.delivered:.0f}: {seen.ratio:.2f}"
    )


if __name__ == "__main__":
    main()
