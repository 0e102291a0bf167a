"""What goes of requests and opinions with an erasure, with time, and with a number that
changes hands.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx, to_ms
from db.store.local_days import day_at
from db.store.statements import Query, Statement
from db.texts.masking import nameless
from menus import days

DAY = 24 * 3_600_000
ANSWERED_KEPT = 366 * DAY  # who said what was answered and stands in no report


class Due(NamedTuple):
    """An opinion that needs nobody behind it any more."""

    id: int
    words: str
    person_id: int | None
    name: str
    reported: str  # as it stands in a report


class Unanswered(NamedTuple):
    """An opinion that staff have still to deal with."""

    id: int
    words: str
    name: str  # of whoever said it


_CLOSE = Statement(
    text("""
    UPDATE requests SET state = 'withdrawn', ended_at = :now
    WHERE person_id = :person_id AND state = 'open'
    """)
)
_STRIP = Statement(
    text("""
    UPDATE requests SET words = '', answer = '', for_name = '', for_folded = '', for_phone = '', business_id = NULL
    WHERE person_id = :person_id
    """)
)
# What others asked for them: it stays, and is for nobody by name. Two of one asker stay
# two.
_STRIP_OF_OTHERS = Statement(
    text("""
    UPDATE requests SET words = '', answer = '', for_name = '', for_phone = '',
      for_folded = '#' || CAST(id AS VARCHAR)
    WHERE for_phone = :phone
    """)
)
_OF_PERSON = "SELECT id FROM requests WHERE person_id = :person_id OR (for_phone <> '' AND for_phone = :phone)"
_STRIP_ACTS = Statement(
    text(f"UPDATE request_acts SET words = '' WHERE request_id IN ({_OF_PERSON})")
)
_BLANK = Statement(
    text("""
    UPDATE messages SET phone = '', text = ''
    WHERE request_id IN (SELECT id FROM requests WHERE person_id = :person_id)
    """)
)
_BLANK_OF_OPINIONS = Statement(
    text("""
    UPDATE messages SET phone = '', text = ''
    WHERE opinion_id IN (SELECT id FROM opinions WHERE person_id = :person_id)
    """)
)
_UNANSWERED = Query(
    text("""
    SELECT o.id, o.words, p.name
    FROM opinions o
    JOIN people p ON p.id = o.person_id
    WHERE o.person_id = :person_id AND o.answered_at IS NULL
    """),
    Unanswered,
)
_KEEP_WORDS = Statement(
    text("""
    UPDATE opinions SET words = :words, for_report = '', why = '', person_id = NULL
    WHERE id = :id
    """)
)
_STRIP_OPINIONS = Statement(
    text("""
    UPDATE opinions SET words = '', for_report = '', answer = '', why = '', person_id = NULL, let_go_at = :now
    WHERE person_id = :person_id
    """)
)
# Ended in the last month but one year: the sweep costs the same however old the service
# is.
_OLD = f"""
    SELECT id FROM requests
    WHERE commune_id IN (SELECT id FROM communes) AND state <> 'open'
      AND ended_at < :before AND ended_at >= :before - {31 * DAY}
"""
_OLD_ACTS = Statement(
    text(f"""
    UPDATE request_acts SET words = ''
    WHERE words <> '' AND request_id IN ({_OLD})
    """)
)
_OLD_REQUESTS = Statement(
    text(f"""
    UPDATE requests SET words = '', answer = '', for_name = '', for_folded = '', for_phone = ''
    WHERE id IN ({_OLD}) AND (words <> '' OR answer <> '' OR for_name <> '' OR for_phone <> '')
    """)
)
_DUE = Query(
    text("""
    SELECT o.id, o.words, o.person_id, COALESCE(p.name, '') AS name,
      CASE WHEN o.reported_at IS NULL THEN '' ELSE o.for_report END AS reported
    FROM opinions o
    LEFT JOIN people p ON p.id = o.person_id
    WHERE o.let_go_at IS NULL AND o.answered_at IS NOT NULL
      AND (o.reported_at < :midnight OR o.answered_at < :before)
    ORDER BY o.id
    """),
    Due,
)
_LET_GO = Statement(
    text("""
    UPDATE opinions SET words = :words, for_report = '', person_id = NULL, let_go_at = :now
    WHERE id = :id AND let_go_at IS NULL
    """)
)
_MOVE = Statement(
    text("""
    UPDATE requests SET person_id = :to
    WHERE person_id = :person_id AND state = 'open' AND NOT EXISTS (
      SELECT 1 FROM requests o
      WHERE o.person_id = :to AND o.kind = requests.kind AND o.for_folded = requests.for_folded AND o.state = 'open'
        AND o.for_phone = requests.for_phone AND COALESCE(o.hamlet_id, 0) = COALESCE(requests.hamlet_id, 0)
        AND COALESCE(o.school_id, 0) = COALESCE(requests.school_id, 0))
    """)
)
_MOVE_OPINIONS = Statement(
    text("UPDATE opinions SET person_id = :to WHERE person_id = :person_id")
)


def erased(tx: Tx, person_id: int, phone: str, now: int) -> int:
    """Nothing that was asked or said tells who it was; how many texts were blanked.
    `now` is UTC ms.

    What the person asked for is withdrawn. That something was said stays counted, under
    its topic; what nobody has answered can still be dealt with.
    """
    of_requests = tx.run(_BLANK, person_id=person_id)
    of_opinions = tx.run(_BLANK_OF_OPINIONS, person_id=person_id)
    tx.run(_STRIP_ACTS, person_id=person_id, phone=phone)
    tx.run(_CLOSE, person_id=person_id, now=now)
    tx.run(_STRIP, person_id=person_id)
    tx.run(_STRIP_OF_OTHERS, phone=phone)
    _keep_unanswered(tx, person_id)
    tx.run(_STRIP_OPINIONS, person_id=person_id, now=now)
    return of_requests + of_opinions


def _keep_unanswered(tx: Tx, person_id: int) -> None:
    """What they said and nobody has answered stays, without digits and names, and is
    nobody's: a complaint about a hall outlives who made it.
    """
    for opinion in tx.all(_UNANSWERED, person_id=person_id):
        words = nameless(opinion.words, [opinion.name])
        tx.run(_KEEP_WORDS, id=opinion.id, words=words)


def let_go_of_words(tx: Tx, before: int) -> int:
    """The words of requests that ended before then (UTC ms), of those of the last
    month; how many.
    """
    tx.run(_OLD_ACTS, before=before)
    return tx.run(_OLD_REQUESTS, before=before)


def let_go_of_opinions(tx: Tx, now: int) -> list[Due]:
    """Opinions that stand in a report since a day before this one, or were answered a
    year ago: nothing says whose they were. Their words stay as they were reported, else
    without names and digits. Those let go of. `now` is UTC ms.
    """
    day = day_at(now)
    midnight = to_ms(days.at_local(day, "00:00"))
    due = tx.all(_DUE, before=now - ANSWERED_KEPT, midnight=midnight)
    for opinion in due:
        words = opinion.reported or nameless(opinion.words, [opinion.name])
        tx.run(_LET_GO, id=opinion.id, words=words, now=now)
    return due


def hand_on(tx: Tx, person_id: int, to: int, now: int) -> None:
    """Whoever has the number from now on is owed what its holder before asked for; what
    both asked for, once.
    """
    tx.run(_MOVE, person_id=person_id, to=to)
    tx.run(_CLOSE, person_id=person_id, now=now)
    tx.run(_MOVE_OPINIONS, person_id=person_id, to=to)
