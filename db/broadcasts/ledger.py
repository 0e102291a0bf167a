"""Reading the ledger: how many are where, who they are and why; and the invariant,
counted anew.

registered = chosen + left out (by one reason each)
chosen     = sent + skipped (by reason) + failed + unknown + waiting
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import reasons
from db.broadcasts.templates import filled
from db.store.engine import Tx
from db.store.statements import Query, Scalar, list_of_words

# What became of a chosen person, from their text; who has none waits, or was never
# reached when the firing ended.
OUTCOME = """
    CASE WHEN m.id IS NULL THEN CASE WHEN g.ended_at IS NULL THEN 'waiting' ELSE 'skipped' END
      WHEN m.status IN ('SENT', 'DELIVERED') THEN 'sent'
      WHEN m.status = 'SKIPPED' THEN 'skipped'
      WHEN m.status = 'FAILED' THEN 'failed'
      WHEN m.status = 'LOST' THEN 'unknown'
      WHEN g.ended_why = 'stopped' AND m.status = 'QUEUED' THEN 'skipped'
      ELSE 'waiting' END
"""
LEFT_OUT = "left out"  # beside the outcomes, of whoever was not chosen
OUTCOMES = ("sent", "skipped", "failed", "unknown", "waiting")
# one of these says where each person on the ledger is
EVERYBODY = (
    *OUTCOMES,
    LEFT_OUT,
)
NOT_REACHED = ("skipped", "failed", "unknown")  # outcomes that have a reason
_JOINED = """
    FROM firings g
    JOIN recipients r ON r.firing_id = g.id
    LEFT JOIN messages m ON m.firing_id = r.firing_id AND m.person_id = r.person_id AND m.direction = 'out'
      AND m.firing_id IS NOT NULL
    WHERE g.id = :firing_id
"""
_WHY = (
    "CASE WHEN m.id IS NULL OR m.status = 'QUEUED' THEN g.ended_why ELSE m.reason END"
)


class Count(NamedTuple):
    """How many of one hamlet came to one outcome for one reason."""

    hamlet_id: int | None
    outcome: str
    why: str
    people: int
    delivered: int
    parts: int
    price: int  # đồng


class LeftOut(NamedTuple):
    left_out: str  # a word of reasons.py
    people: int


class Waiting(NamedTuple):
    """How many of the chosen have no text yet for one reason."""

    why: str  # leaving | tried | cap | turn
    people: int
    # UTC ms; when the first of them is judged anew; none: their turn has not come
    until: int | None


class Outcomes(NamedTuple):
    """How many came to one outcome, or were left out."""

    outcome: str  # one of OUTCOMES, or LEFT_OUT
    people: int


class Line(NamedTuple):
    """Somebody on the ledger, with their text; what is kept of a person is gone once
    they are forgotten.
    """

    person_id: int
    name: str | None
    phone: str | None  # E.164
    language: str | None
    marks: bool | None
    hamlet_id: int | None  # where they lived at the start
    hamlet: str | None
    left_out: str | None  # none: chosen
    status: str | None  # of the text; none: no text
    reason: str | None
    parts: int | None
    text: str | None
    sent_at: int | None  # UTC ms
    tries: int | None
    waits_until: int | None  # UTC ms
    ended_why: str  # of the firing
    why: str
    outcome: str  # one of OUTCOMES, or LEFT_OUT


class GoingOut(NamedTuple):
    """One going-out of a broadcast: a firing."""

    id: int
    number: int  # 1 the first
    words_id: int
    rule: str  # JSON, as rules.py reads it
    event_id: int | None
    not_before: int  # UTC ms
    not_after: int | None  # UTC ms
    planned_at: int | None  # UTC ms; when the list was frozen
    planned_parts: int | None  # what all texts were reckoned to take by then
    planned_price: int | None  # the same in đồng
    released_to: int  # the chosen up to this person have a text
    ended_at: int | None  # UTC ms
    ended_why: str  # done | stopped | too late


class Checked(NamedTuple):
    """A firing that is counted anew."""

    id: int
    number: int
    broadcast_id: int


class Kept(NamedTuple):
    """What a firing says of its list, and what the list says."""

    registered: int
    chosen: int
    planned_at: int | None  # UTC ms
    rows_registered: int
    rows_chosen: int

    @property
    def agrees(self) -> bool:
        """Does the list hold what was frozen? Before it is frozen there is nothing to
        hold.
        """
        if self.planned_at is None or not self.registered:
            return True
        return (
            self.registered == self.rows_registered and self.chosen == self.rows_chosen
        )


_COUNTS = Query(
    text(f"""
    SELECT r.hamlet_id, {OUTCOME} AS outcome, {_WHY} AS why, COUNT(*) AS people,
      SUM(CASE WHEN m.status = 'DELIVERED' THEN 1 ELSE 0 END) AS delivered,
      SUM(COALESCE(m.parts, 0)) AS parts, SUM(COALESCE(m.price, 0)) AS price
    {_JOINED} AND r.left_out IS NULL
    GROUP BY 1, 2, 3
    """),  # our own constants
    Count,
)
_LEFT_OUT = Query(
    text("""
    SELECT left_out, COUNT(*) AS people FROM recipients
    WHERE firing_id = :firing_id AND left_out IS NOT NULL GROUP BY left_out
    """),
    LeftOut,
)
_WAITING = Query(
    text(f"""
    SELECT CASE WHEN m.id IS NULL THEN 'turn'
        WHEN m.status <> 'QUEUED' OR m.not_before <= :soon THEN 'leaving'
        WHEN m.tries > 0 THEN 'tried'
        ELSE 'cap' END AS why,
      COUNT(*) AS people, MIN(m.not_before) AS until
    {_JOINED} AND r.left_out IS NULL AND ({OUTCOME}) = 'waiting'
    GROUP BY 1
    """),  # our own constants
    Waiting,
)
_OUTCOMES = Query(
    text(f"""
    SELECT CASE WHEN r.left_out IS NULL THEN {OUTCOME} ELSE '{LEFT_OUT}' END AS outcome, COUNT(*) AS people
    {_JOINED} AND (CAST(:hamlet_id AS BIGINT) IS NULL OR COALESCE(r.hamlet_id, 0) = CAST(:hamlet_id AS BIGINT))
    GROUP BY 1
    """),  # our own constants
    Outcomes,
)
_COLUMNS = f"""
    SELECT r.person_id, p.name, p.phone, p.language, p.marks, r.hamlet_id, h.name AS hamlet, r.left_out,
      m.status, m.reason, m.parts, m.text, m.sent_at, m.tries, m.not_before AS waits_until, g.ended_why, {_WHY} AS why,
      CASE WHEN r.left_out IS NULL THEN {OUTCOME} ELSE '{LEFT_OUT}' END AS outcome
    FROM firings g
    JOIN recipients r ON r.firing_id = g.id
    LEFT JOIN messages m ON m.firing_id = r.firing_id AND m.person_id = r.person_id AND m.direction = 'out'
      AND m.firing_id IS NOT NULL
    LEFT JOIN people p ON p.id = r.person_id
    LEFT JOIN hamlets h ON h.id = r.hamlet_id
    WHERE g.id = :firing_id AND r.person_id > :after
"""  # our own constants
_LINE = Query(text(f"{_COLUMNS} ORDER BY r.person_id LIMIT :most"), Line)
_PAGE = f"""
    SELECT {", ".join(Line._fields)}
    FROM ({_COLUMNS}) AS listed
    WHERE {{condition}}
    ORDER BY person_id LIMIT :most
"""
_FIRINGS_OF = Query(
    text("""
    SELECT id, number, words_id, rule, event_id, not_before, not_after, planned_at, planned_parts, planned_price,
      released_to, ended_at, ended_why
    FROM firings
    WHERE broadcast_id = :id AND ended_why <> 'blocked'
    ORDER BY number DESC
    """),
    GoingOut,
)
_FIRINGS = Query(
    text("SELECT g.id, g.number, g.broadcast_id FROM firings g ORDER BY g.id"), Checked
)
# What is compared is read by one statement each: meanwhile the clock goes on, and moves
# rows and marks together.
_ROWS = Query(
    text("""
    SELECT g.registered, g.chosen, g.planned_at, COUNT(r.person_id) AS rows_registered,
      COALESCE(SUM(CASE WHEN r.person_id IS NOT NULL AND r.left_out IS NULL THEN 1 ELSE 0 END), 0) AS rows_chosen
    FROM firings g LEFT JOIN recipients r ON r.firing_id = g.id
    WHERE g.id = :firing_id
    GROUP BY g.id, g.registered, g.chosen, g.planned_at
    """),
    Kept,
)
_STRAY = Scalar(  # texts that hang on no chosen row
    text("""
    SELECT COUNT(*) FROM messages m
    LEFT JOIN recipients r ON r.firing_id = m.firing_id AND r.person_id = m.person_id AND r.left_out IS NULL
    WHERE m.firing_id = :firing_id AND m.direction = 'out' AND m.kind = 'broadcast' AND r.person_id IS NULL
    """),
    int,
)
_BEHIND = Scalar(  # chosen, passed by, and without a text
    text("""
    SELECT COUNT(*) FROM firings g
    JOIN recipients r ON r.firing_id = g.id AND r.left_out IS NULL AND r.person_id <= g.released_to
    LEFT JOIN messages m ON m.firing_id = r.firing_id AND m.person_id = r.person_id AND m.direction = 'out'
      AND m.firing_id IS NOT NULL
    WHERE g.id = :firing_id AND m.id IS NULL
    """),
    int,
)
_AHEAD = Scalar(  # a text for somebody whose turn has not come
    text("""
    SELECT COUNT(*) FROM firings g
    JOIN messages m ON m.firing_id = g.id AND m.direction = 'out' AND m.person_id > g.released_to
    WHERE g.id = :firing_id
    """),
    int,
)
_TWICE = Scalar(
    text("""
    SELECT COUNT(*) FROM (
      SELECT m.phone FROM messages m
      WHERE m.firing_id = :firing_id AND m.direction = 'out' AND m.phone <> ''
        AND m.status IN ('SENDING', 'SENT', 'DELIVERED', 'LOST')
      GROUP BY m.phone HAVING COUNT(*) > 1) AS twice
    """),
    int,
)


_NONE_OF_THESE = (
    (_STRAY, "texts that hang on no chosen row"),
    (_BEHIND, "people passed by without a text"),
    (_AHEAD, "texts to people whose turn has not come"),
    (_TWICE, "numbers with more than one text"),
)


def _nobody_anywhere() -> dict[str, int]:
    return dict.fromkeys(OUTCOMES, 0)


@dataclass(slots=True)
class Counts:
    """Where the people of one firing are. `by_hamlet` is hamlet id -> outcome ->
    people.
    """

    chosen: int = 0
    outcomes: dict[str, int] = field(default_factory=_nobody_anywhere)
    delivered: int = 0
    parts: int = 0
    price: int = 0
    # of who was chosen and skipped or failed
    reasons: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, int] = field(default_factory=dict)
    by_hamlet: dict[int | None, dict[str, int]] = field(default_factory=dict)

    @property
    def registered(self) -> int:
        return self.chosen + sum(self.left_out.values())

    def add(self, row: Count) -> None:
        """Some of the chosen more."""
        self.chosen += row.people
        self.outcomes[row.outcome] += row.people
        self.delivered += row.delivered
        self.parts += row.parts
        self.price += row.price
        home = self.by_hamlet.setdefault(row.hamlet_id, _nobody_anywhere())
        home[row.outcome] += row.people
        if row.outcome in NOT_REACHED:
            self.reasons[row.why or row.outcome] += row.people


def counts(tx: Tx, firing_id: int) -> Counts:
    """Counted from the rows, so true at every moment."""
    found = Counts()
    for row in tx.all(_COUNTS, firing_id=firing_id):
        found.add(row)
    for reason in tx.all(_LEFT_OUT, firing_id=firing_id):
        found.left_out[reason.left_out] = reason.people
    return found


def by_outcome(tx: Tx, firing_id: int, *, hamlet_id: int | None) -> dict[str, int]:
    """How many of everybody on the ledger came to each of OUTCOMES, and to LEFT_OUT; of
    one hamlet (0: nobody knows which), where it is named.
    """
    people = dict.fromkeys(EVERYBODY, 0)
    for row in tx.all(_OUTCOMES, firing_id=firing_id, hamlet_id=hamlet_id):
        people[row.outcome] = row.people
    return people


def waiting(tx: Tx, firing_id: int, *, soon: int) -> list[Waiting]:
    """Why people of a firing still wait. Who is put off no longer than until `soon`
    (UTC ms) is on the way.
    """
    return tx.all(_WAITING, firing_id=firing_id, soon=soon)


def lines(tx: Tx, firing_id: int, *, at_once: int = 5_000) -> Iterator[Line]:
    """Everybody on the ledger in order of id."""
    after = 0
    while rows := tx.all(_LINE, firing_id=firing_id, after=after, most=at_once):
        yield from rows
        after = rows[-1].person_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people of a firing: in one hamlet (0: nobody knows which), with one of
    these outcomes, for one reason.
    """

    firing_id: int
    outcomes: tuple[str, ...] = ()
    hamlet_id: int | None = None
    why: str = ""


def page(tx: Tx, wanted: Wanted, *, after: int = 0, most: int = 50) -> list[Line]:
    """The next people after this id, as `lines` has them."""
    conditions = ["TRUE"]
    values: dict[str, object] = {
        "firing_id": wanted.firing_id,
        "after": after,
        "most": most,
    }
    if wanted.outcomes:
        known = [outcome for outcome in wanted.outcomes if outcome in EVERYBODY]
        words = list_of_words(known) or "NULL"
        conditions.append(f"outcome IN ({words})")
    if wanted.hamlet_id is not None:
        conditions.append("COALESCE(hamlet_id, 0) = :hamlet_id")
        values["hamlet_id"] = wanted.hamlet_id
    if wanted.why:
        conditions.append("COALESCE(left_out, why) = :why")
        values["why"] = wanted.why
    listed = filled(_PAGE, Line, condition=" AND ".join(conditions))
    return tx.all(listed, **values)


def firings(tx: Tx, broadcast_id: int) -> list[GoingOut]:
    """Every going-out of a broadcast, newest first; none that was blocked before it
    began.
    """
    return tx.all(_FIRINGS_OF, id=broadcast_id)


def reason_of(row: Line) -> str:
    """Why this person has no text from us, in the words of the closed list; empty for
    who was sent or waits.
    """
    if row.left_out:
        return reasons.in_full(row.left_out)
    if row.outcome == "skipped" and row.status in (None, "QUEUED"):
        return row.ended_why
    if row.outcome not in NOT_REACHED:
        return ""
    return reasons.in_full(row.reason or "")


def check(tx: Tx, broadcast_id: int | None = None) -> list[str]:
    """Every way in which the ledger does not agree with itself, one sentence each; of
    one broadcast, or of all.
    """
    found = []
    for row in tx.all(_FIRINGS):
        if broadcast_id not in (None, row.broadcast_id):
            continue
        where = f"broadcast {row.broadcast_id}, firing {row.number}"
        found += [f"{where}: {difference}" for difference in _differences(tx, row.id)]
    return found


def _differences(tx: Tx, firing_id: int) -> Iterator[str]:
    kept = tx.one(_ROWS, firing_id=firing_id)
    assert kept is not None  # a firing is never deleted
    if not kept.agrees:
        at_start = f"{kept.registered} registered and {kept.chosen} chosen at the start"
        yield f"{at_start}, the ledger holds {kept.rows_registered} and {kept.rows_chosen}"
    counted = counts(tx, firing_id)
    outcomes = sum(counted.outcomes.values())
    if outcomes != counted.chosen:
        yield f"{counted.chosen} chosen, but {counted.outcomes} add up to {outcomes}"
    for statement, says in _NONE_OF_THESE:
        number = tx.value(statement, firing_id=firing_id)
        if number:
            yield f"{number} {says}"
