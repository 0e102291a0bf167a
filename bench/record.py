"""What a journey asks of the database: written down as it happens, turned into the plainest code that asks the same.

Nothing is copied by hand, so the bare handler cannot fall behind the service. The values of another resident (phone,
slot, the ids that statements return) are put where the recorded resident's stood; everything else stays as recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import db.store.engine
from bench.journey import TURNS
from bench.load import phone, texts
from db.store.engine import Tx
from db.store.statements import Prepared, Row
from gateway.app import create_app
from gateway.context import EXTENSION
from settings import Settings

RECORDED = 3_000  # this resident's number
WARMED = (
    2_999  # goes first, so that what is looked up once in a process is not recorded
)
# Names whose value an earlier statement of the turn returned, when it wrote into this table or found its row there.
RETURNED = {"person_id": "people", "booker_id": "people", "booking_id": "bookings"}
ID_OF = re.compile(
    r"\s*(?:INSERT INTO (\w+)\s.*\sRETURNING id\b|SELECT (?:\w+\.)?id\b[^()]*\sFROM (people)\b)",
    re.DOTALL,
)
SOON_MS = 1_000  # recorded instants this near to the turn's are the turn's


@dataclass(frozen=True, slots=True)
class Place:
    """Stands in the driver's parameters where a named value goes."""

    name: str


@dataclass(slots=True)
class Asked:
    """One statement: its text and parameters for the driver, the values by name, the first row that came back."""

    sql: str
    places: Any = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    row: tuple[Any, ...] | None = None
    fetched: bool = False


class Recording(Tx):
    """A Tx that writes down all it is asked."""

    __slots__ = ()
    asked: ClassVar[list[Asked]] = []

    def execute(self, prepared: Prepared, values: Mapping[str, Any]) -> Any:
        places = prepared.bind({name: Place(name) for name in values})
        self.asked.append(Asked(prepared.sql, places, dict(values)))
        return super().sql(prepared.sql, prepared.bind(values))

    def sql(self, text: str, bound: Any = ()) -> Any:
        self.asked.append(Asked(text))
        return super().sql(text, bound)

    def fetch(self, statement: Any, values: Mapping[str, Any]) -> list[Row]:
        rows = super().fetch(statement, values)
        self.asked[-1].row, self.asked[-1].fetched = (
            (tuple(rows[0]) if rows else None),
            True,
        )
        return rows


@dataclass(slots=True)
class Recorded:
    """One turn: what it asked, and what the resident read."""

    asked: list[Asked]
    answer: str


def journey(url: str) -> list[Recorded]:
    """Play one resident through the real service in this process, writing down every statement."""
    settings = Settings(
        url, "a secret key of the bench", "a privacy key of the bench", simulator=True
    )
    app = create_app(settings)
    plain, db.store.engine.Tx = db.store.engine.Tx, Recording  # type: ignore[misc]  # listens in
    try:
        client = app.test_client()
        for number in (WARMED, RECORDED):
            turns = []
            for text in texts(number):
                Recording.asked = []
                session = f"bench-{number}"
                form = {
                    "sessionId": session,
                    "phoneNumber": phone(number),
                    "serviceCode": "*2404#",
                    "text": text,
                }
                answer = client.post("/ussd/simulator", data=form).get_data(
                    as_text=True
                )
                turns.append(Recorded(Recording.asked, answer))
        assert len(turns) == TURNS and turns[-1].answer.startswith("END"), turns[
            -1
        ].answer
        return turns
    finally:
        db.store.engine.Tx = plain  # type: ignore[misc]  # no longer listens
        app.extensions[EXTENSION].db.close()


Turn = Callable[
    [Any, str, int, int, int, str], None
]  # cursor, phone, now, slot, event, code


def as_code(turns: list[Recorded]) -> tuple[str, list[Turn]]:
    """Each turn as a function with one line a statement; and the source, to be read."""
    same = {
        name: value
        for turn in turns
        for asked in turn.asked
        for name, value in asked.values.items()
    }
    known = {
        "phone": phone(RECORDED),
        "slot_id": same["slot_id"],
        "event_id": same["event_id"],
    }
    source = "\n".join(
        _function(place, turn.asked, known) for place, turn in enumerate(turns)
    )
    made: dict[str, Any] = {}
    exec(source, made)
    return source, [made[f"turn_{place}"] for place in range(len(turns))]


def _function(place: int, steps: list[Asked], known: Mapping[str, Any]) -> str:
    lines = [f"def turn_{place}(cursor, phone, now, slot, event, code):"]
    returned: dict[
        str, str
    ] = {}  # table -> the variable that holds the id of the row just written or found
    moment = next(
        asked.values[name]
        for asked in steps
        for name in ("now", "at")
        if name in asked.values
    )
    for asked in steps:
        given = _parameters(asked, {**known, "now": moment}, returned)
        lines.append(f"    cursor.execute({asked.sql!r}{given})")
        if asked.row and (found := ID_OF.match(asked.sql)):
            table = found[1] or found[2]
            returned[table] = f"id_of_{table}"
            lines.append(f"    id_of_{table} = cursor.fetchall()[0][0]")
        elif asked.fetched:
            lines.append("    cursor.fetchall()")
    return "\n".join(lines) + "\n"


def _parameters(
    asked: Asked, known: Mapping[str, Any], returned: Mapping[str, str]
) -> str:
    def say(place: object) -> str:
        if isinstance(place, Place):
            return _value(place.name, asked.values[place.name], known, returned)
        return repr(place)

    if not asked.places:
        return ""
    if isinstance(asked.places, dict):
        return (
            ", {"
            + ", ".join(
                f"{name!r}: {say(place)}" for name, place in asked.places.items()
            )
            + "}"
        )
    return ", [" + ", ".join(map(say, asked.places)) + "]"


def _value(
    name: str, value: Any, known: Mapping[str, Any], returned: Mapping[str, str]
) -> str:
    if name in RETURNED and RETURNED[name] in returned:
        return returned[RETURNED[name]]
    if name == "once":
        kind, _, revision = value.split(":")
        return f"f'{kind}:{{{returned['bookings']}}}:{revision}'"
    if name in ("slot_id", "event_id") and value == known[name]:
        return name.removesuffix("_id")
    if name == "code" and value:
        return "code"
    if value == known["phone"]:
        return "phone"
    if isinstance(value, int) and value > 10**12:
        later = value - known["now"]
        return "now" if abs(later) < SOON_MS else f"now + {later}"
    return repr(value)
