"""What a journey asks of the database: written down as it happens, turned into the
plainest code that asks the same.

Nothing is copied by hand, so the bare handler cannot fall behind the service. The
values of another resident (phone, slot, the ids that statements return) are put where
the recorded resident's stood; everything else stays as recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask.testing import FlaskClient

import db.store.engine
from bench.journey import TURNS
from bench.load import phone, texts
from db.store.engine import Tx
from db.store.statements import Prepared, Row
from gateway.app import create_app
from gateway.context import EXTENSION
from settings import Settings

RECORDED = 3_000  # this resident's number
# goes first, so that what is looked up once in a process is not recorded
WARMED = 2_999
# Names whose value an earlier statement of the turn returned, when it wrote into this
# table or found its row there.
RETURNED = {
    "person_id": "people",
    "booker_id": "people",
    "booking_id": "bookings",
    "message_id": "messages",
}
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
    """One statement: its text and parameters for the driver, the values by name, the
    first row that came back.
    """

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
        names = {name: Place(name) for name in values}
        places = prepared.bind(names)
        asked = Asked(prepared.sql, places, dict(values))
        self.asked.append(asked)
        return super().sql(prepared.sql, prepared.bind(values))

    def sql(self, text: str, bound: Any = ()) -> Any:
        self.asked.append(Asked(text))
        return super().sql(text, bound)

    def fetch(self, statement: Any, values: Mapping[str, Any]) -> list[Row]:
        rows = super().fetch(statement, values)
        asked = self.asked[-1]
        asked.fetched = True
        if rows:
            asked.row = tuple(rows[0])
        return rows


@dataclass(slots=True)
class Recorded:
    """One turn: what it asked, and what the resident read."""

    asked: list[Asked]
    answer: str


def journey(url: str) -> list[Recorded]:
    """Play one resident through the real service in this process, writing down every
    statement.
    """
    settings = Settings(
        url, "a secret key of the bench", "a privacy key of the bench", simulator=True
    )
    app = create_app(settings)
    plain = db.store.engine.Tx
    db.store.engine.Tx = Recording  # type: ignore[misc]  # listens in
    try:
        client = app.test_client()
        _played(client, WARMED)
        return _played(client, RECORDED)
    finally:
        db.store.engine.Tx = plain  # type: ignore[misc]  # no longer listens
        app.extensions[EXTENSION].db.close()


def _played(client: FlaskClient, number: int) -> list[Recorded]:
    """The turns of one resident, from dialling to the end."""
    turns = []
    form = {
        "sessionId": f"bench-{number}",
        "phoneNumber": phone(number),
        "serviceCode": "*2404#",
    }
    for text in texts(number):
        Recording.asked = []
        heard = client.post("/ussd/simulator", data={**form, "text": text})
        answer = heard.get_data(as_text=True)
        turns.append(Recorded(Recording.asked, answer))
    last = turns[-1].answer
    assert len(turns) == TURNS and last.startswith("END"), last
    return turns


# cursor, phone, now, slot, event, code
Turn = Callable[[Any, str, int, int, int, str], None]


def as_code(turns: list[Recorded]) -> tuple[str, list[Turn]]:
    """Each turn as a function with one line a statement; and the source, to be read."""
    values: dict[str, Any] = {}
    for turn in turns:
        for asked in turn.asked:
            values |= asked.values
    known = {
        "phone": phone(RECORDED),
        "slot_id": values["slot_id"],
        "event_id": values["event_id"],
    }
    functions = [
        _function(place, turn.asked, known) for place, turn in enumerate(turns)
    ]
    source = "\n".join(functions)
    made: dict[str, Any] = {}
    exec(source, made)
    made_turns = [made[f"turn_{place}"] for place in range(len(turns))]
    return source, made_turns


def _function(place: int, steps: list[Asked], known: Mapping[str, Any]) -> str:
    lines = [f"def turn_{place}(cursor, phone, now, slot, event, code):"]
    # table -> the variable that holds the id of the row just written or found
    returned: dict[str, str] = {}
    known = {**known, "now": _moment(steps)}
    for asked in steps:
        given = _parameters(asked, known, returned)
        lines.append(f"    cursor.execute({asked.sql!r}{given})")
        table = _table_of_id(asked)
        if table:
            returned[table] = f"id_of_{table}"
            lines.append(f"    id_of_{table} = cursor.fetchall()[0][0]")
        elif asked.fetched:
            lines.append("    cursor.fetchall()")
    return "\n".join(lines) + "\n"


def _moment(steps: list[Asked]) -> int:
    """The turn's, as it was recorded. UTC ms."""
    for asked in steps:
        for name in ("now", "at"):
            if name in asked.values:
                return int(asked.values[name])
    raise LookupError("no statement of this turn knows the time")


def _table_of_id(asked: Asked) -> str:
    """The table whose id came back; empty where none did."""
    found = ID_OF.match(asked.sql)
    if found is None or asked.row is None:
        return ""
    return found[1] or found[2]


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
        items = ", ".join(
            f"{name!r}: {say(place)}" for name, place in asked.places.items()
        )
        return f", {{{items}}}"
    items = ", ".join(say(place) for place in asked.places)
    return f", [{items}]"


def _value(
    name: str, value: Any, known: Mapping[str, Any], returned: Mapping[str, str]
) -> str:
    table = RETURNED.get(name, "")
    if table in returned:
        return returned[table]
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
        if abs(later) < SOON_MS:
            return "now"
        return f"now + {later}"
    return repr(value)
