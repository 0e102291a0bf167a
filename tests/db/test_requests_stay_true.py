"""However many ask at once, however often, and whatever breaks off: each request and
opinion once, under one number.
"""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from sqlalchemy import text

from db.models.states import RequestKind, RequestState
from db.requests import asked, opinions, work
from db.store.engine import Database, Overtaken, Tx
from tests import factories as make

PEOPLE, THREADS, ACTS = 4, 6, 40
KINDS = (RequestKind.QR, RequestKind.CALL_ME, RequestKind.NO_PHONE)
NAMES = ("", "Lý Thị Mẫu")
PLACES = ("Quảng Trung I", "Quảng Liên II")


class Act(NamedTuple):
    """One thing that somebody does; whether the process dies before its commit."""

    what: str
    person: int
    kind: RequestKind
    name: str
    place: int  # a hamlet's id
    dies: bool


class Killed(Exception):
    """The process died before its commit."""


def test_nothing_asked_or_said_is_lost_or_counted_twice(db: Database) -> None:
    with db.transaction() as tx:
        people = [make.person(tx, number=number) for number in range(PEOPLE)]
        clerk = make.staff(tx)
        places = [
            make.hamlet(tx, name, number) for number, name in enumerate(PLACES, 1)
        ]

    def a_thread(seed: int) -> list[tuple[str, int, str, int]]:
        """What it did and was told, of what was committed."""
        draw, told = random.Random(seed), []
        for now in range(1, ACTS + 1):
            act = Act(
                draw.choice(("ask", "ask", "ask", "say", "end")),
                draw.choice(people),
                draw.choice(KINDS),
                draw.choice(NAMES),
                draw.choice(places),
                draw.random() < 0.2,
            )
            try:
                number = db.again(
                    partial(_done, act=act, clerk=clerk, now=now), tries=60
                )
            except (Killed, Overtaken):
                continue
            what = (
                f"{act.kind}:{act.name}:{_place(act)}"
                if act.what == "ask"
                else str(act.kind)
            )
            told.append((act.what, act.person, what, number))
        return told

    with ThreadPoolExecutor(THREADS) as pool:
        told = [one for found in pool.map(a_thread, range(THREADS)) for one in found]

    with db.connection() as tx:
        rows = tx.all(
            text(
                "SELECT id, number, kind, state, person_id, for_name, hamlet_id FROM requests ORDER BY number"
            )
        )
        said = tx.all(
            text("SELECT number, person_id, words FROM opinions ORDER BY number")
        )
        acts = tx.all(text("SELECT request_id, act FROM request_acts"))
        last = tx.value(text("SELECT last FROM request_numbers"))
    numbers = sorted([row.number for row in rows] + [row.number for row in said])
    assert numbers == list(range(1, int(last) + 1)), "each number once, none missing"
    open_ones = Counter(
        (row.person_id, row.kind, row.for_name, _of_a_place(row.kind, row.hamlet_id))
        for row in rows
        if row.state == "open"
    )
    assert set(open_ones.values()) <= {1}, (
        "one open request of a kind for a person and a place"
    )
    assert max(Counter((row.person_id, row.words) for row in said).values()) == 1, (
        "the same words once"
    )
    of_number = {
        row.number: (
            row.person_id,
            f"{row.kind}:{row.for_name}:{_of_a_place(row.kind, row.hamlet_id)}",
        )
        for row in rows
    }
    asks = [
        (person, kind, number) for what, person, kind, number in told if what == "ask"
    ]
    assert all(of_number[number] == (person, kind) for person, kind, number in asks), (
        "whoever was told a number has it"
    )
    assert sum(act.act in ("asked", "again") for act in acts) == len(asks), (
        "each ask that was answered is kept, no other"
    )
    first = Counter(act.request_id for act in acts if act.act == "asked")
    assert first == Counter(row.id for row in rows)
    ends = Counter(act.request_id for act in acts if act.act == "done")
    assert ends == Counter(row.id for row in rows if row.state == "done"), "ended once"
    with db.connection() as tx:
        sent = tx.all(
            text("SELECT request_id FROM messages WHERE kind = 'request_done'")
        )
    assert Counter(row.request_id for row in sent) == ends, "and told once"


def _done(tx: Tx, *, act: Act, clerk: int, now: int) -> int:
    """The number that was told; 0 where none is."""
    if act.what == "say":
        number = opinions.keep(
            tx, opinions.Said(str(act.kind), act.person), commune_id=1, now=now
        )
    elif act.what == "ask":
        wanted = asked.Wanted(
            act.kind, act.person, act.place, for_name=act.name, words="xin"
        )
        number = asked.ask(tx, wanted, commune_id=1, now=now).number
    else:
        number = _end_one(tx, act.person, clerk, now)
    if act.dies:
        raise Killed
    return number


def _place(act: Act) -> int:
    return _of_a_place(act.kind, act.place)


def _of_a_place(kind: str, place: int) -> int:
    """0 for what is asked for wherever one lives."""
    return 0 if kind == RequestKind.CALL_ME else place


def _end_one(tx: Tx, person: int, clerk: int, now: int) -> int:
    found = tx.value(
        text(
            "SELECT MIN(id) FROM requests WHERE person_id = :person AND state = 'open'"
        ),
        person=person,
    )
    if found is not None:
        work.end(tx, found, RequestState.DONE, answer="xong", staff_id=clerk, now=now)
    return 0
