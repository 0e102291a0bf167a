"""The commune's facts, which only this writes: what is answered on a topic, what ran
out, how often it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text

from db.places.commune_setup import Refused, a_day, refuse_barred
from db.store.engine import Tx
from db.store.local_days import days_from, iso_day_at
from db.store.statements import Query, Scalar, Statement
from menus.fitting import cost, fold
from menus.topics import Topic

RUNS_OUT_DAYS = 7  # before the end of a fact staff are told
ENDS = (Topic.OFFERS,)  # what holds no longer than it says: written with a last day
ASKED_DAYS = 30  # over so many days it is said how often a topic was asked about


class Fact(NamedTuple):
    """A fact as it was written; `by` is who wrote it, `withdrawn_by` who took it back."""

    id: int
    topic: str
    vi: str
    en: str
    valid_from: str  # ISO day
    valid_until: str | None  # ISO day, included; none: for good
    made_at: int  # UTC ms
    withdrawn_at: int | None  # UTC ms
    by: str | None
    withdrawn_by: str | None


class Said(NamedTuple):
    """The answer, by language."""

    vi: str
    en: str


class OfTopic(NamedTuple):
    topic: str


class Asked(NamedTuple):
    topic: str
    number: int


_VALID = """
    withdrawn_at IS NULL AND valid_from <= :day AND (valid_until IS NULL OR valid_until >= :day)
"""
_SAID = Query(
    text(f"""
    SELECT vi, en FROM commune_facts
    WHERE commune_id = :commune_id AND topic = :topic AND {_VALID}
    ORDER BY valid_from DESC, id DESC LIMIT 1
    """),
    Said,
)
_ASKED = Statement(
    text("""
    INSERT INTO fact_tallies (commune_id, topic, day, count) VALUES (:commune_id, :topic, :day, 1)
    ON CONFLICT (commune_id, topic, day) DO UPDATE SET count = fact_tallies.count + 1
    """)
)
_HOW_OFTEN = Query(
    text("""
    SELECT topic, SUM(count) AS number FROM fact_tallies
    WHERE commune_id = :commune_id AND day > :since
    GROUP BY topic
    """),
    Asked,
)
_FACTS = """
    SELECT f.id, f.topic, f.vi, f.en, f.valid_from, f.valid_until, f.made_at, f.withdrawn_at,
      COALESCE(NULLIF(w.name, ''), w.username) AS by, COALESCE(NULLIF(t.name, ''), t.username) AS withdrawn_by
    FROM commune_facts f LEFT JOIN staff w ON w.id = f.staff_id LEFT JOIN staff t ON t.id = f.withdrawn_by
"""
_CURRENT = Query(
    text(f"""
    {_FACTS}
    WHERE f.commune_id = :commune_id AND f.withdrawn_at IS NULL
    ORDER BY f.valid_from DESC, f.id DESC
    """),
    Fact,
)
_OF_TOPIC = Query(
    text(
        f"{_FACTS} WHERE f.commune_id = :commune_id AND f.topic = :topic ORDER BY f.valid_from DESC, f.id DESC"
    ),
    Fact,
)
_TOPICS = Query(
    text("SELECT DISTINCT topic FROM commune_facts WHERE commune_id = :commune_id"),
    OfTopic,
)
_ONE = Query(
    text(f"{_FACTS} WHERE f.commune_id = :commune_id AND f.id = :fact_id"), Fact
)
_RUN_OUT = Scalar(
    text(f"""
    SELECT COUNT(DISTINCT topic) FROM commune_facts f
    WHERE commune_id = :commune_id AND topic <> '{Topic.WHO}' AND NOT EXISTS (
      SELECT 1 FROM commune_facts WHERE commune_id = :commune_id AND topic = f.topic AND {_VALID})
    """),
    int,
)
# unless the same stands already
_ADD = Statement(
    text("""
    INSERT INTO commune_facts (commune_id, topic, vi, en, valid_from, valid_until, staff_id, made_at, form_key)
    SELECT :commune_id, CAST(:topic AS VARCHAR), CAST(:vi AS VARCHAR), CAST(:en AS VARCHAR),
      CAST(:valid_from AS VARCHAR), CAST(:valid_until AS VARCHAR), CAST(:staff_id AS BIGINT), :now, :form_key
    WHERE NOT EXISTS (
      SELECT 1 FROM commune_facts
      WHERE commune_id = :commune_id AND topic = CAST(:topic AS VARCHAR) AND withdrawn_at IS NULL
        AND vi = CAST(:vi AS VARCHAR) AND en = CAST(:en AS VARCHAR) AND valid_from = CAST(:valid_from AS VARCHAR)
        AND COALESCE(valid_until, '') = COALESCE(CAST(:valid_until AS VARCHAR), ''))
    ON CONFLICT (form_key) DO NOTHING
    """)
)
_WITHDRAW = Statement(
    text("""
    UPDATE commune_facts SET withdrawn_at = :now, withdrawn_by = :staff_id
    WHERE commune_id = :commune_id AND id = :fact_id AND withdrawn_at IS NULL
    """)
)


class Written(NamedTuple):
    """A fact as it stands in the form; an empty `valid_until` means for good."""

    vi: str
    en: str
    valid_from: str
    valid_until: str


def said(tx: Tx, commune_id: int, topic: Topic, day: str) -> Mapping[str, str] | None:
    """By language, the newest fact that is valid on this local day (ISO); nothing where
    none is.
    """
    row = tx.one(_SAID, commune_id=commune_id, topic=topic, day=day)
    if row is None:
        return None
    return {"vi": row.vi, "en": row.en}


def asked(tx: Tx, commune_id: int, topic: Topic, day: str) -> None:
    """One more who asked about it on this local day."""
    tx.run(_ASKED, commune_id=commune_id, topic=topic, day=day)


def how_often(tx: Tx, commune_id: int, today: str) -> dict[str, int]:
    """By topic, how often it was asked about in the last thirty days, today included."""
    since = days_from(today, -ASKED_DAYS)
    rows = tx.all(_HOW_OFTEN, commune_id=commune_id, since=since)
    return {row.topic: int(row.number) for row in rows}


def current(tx: Tx, commune_id: int) -> list[Fact]:
    """All that nobody withdrew, the newest first."""
    return tx.all(_CURRENT, commune_id=commune_id)


def told_once(tx: Tx, commune_id: int) -> set[str]:
    """Topics on which something was ever written, withdrawn or not."""
    return {row.topic for row in tx.all(_TOPICS, commune_id=commune_id)}


def of_topic(tx: Tx, commune_id: int, topic: Topic) -> list[Fact]:
    """All that was ever written on it, the newest first."""
    return tx.all(_OF_TOPIC, commune_id=commune_id, topic=topic)


def one(tx: Tx, commune_id: int, fact_id: int) -> Fact | None:
    return tx.one(_ONE, commune_id=commune_id, fact_id=fact_id)


def is_valid(fact: Fact, day: str) -> bool:
    """Is it told on this local day (ISO), where no newer one is?"""
    if fact.withdrawn_at is not None:
        return False
    until = fact.valid_until or day
    return fact.valid_from <= day <= until


def in_a_week(today: str) -> str:
    """The day on which a fact should still be valid, or staff are told of it."""
    return days_from(today, RUNS_OUT_DAYS)


def run_out(tx: Tx, commune_id: int, today: str) -> int:
    """Topics with a fact that ran out, was withdrawn, or will run out within the week,
    and nothing that follows it; without WHO, which is always answered.
    """
    day = in_a_week(today)
    return tx.value(_RUN_OUT, commune_id=commune_id, day=day) or 0


def write(
    tx: Tx,
    commune_id: int,
    topic: Topic,
    written: Written,
    *,
    staff_id: int | None,
    form_key: str | None,
    now: int,
) -> bool:
    """A new fact; False where the very same stands already. `now` is UTC ms.
    Raises Refused, also for an offer without a last day.
    """
    checked(written)
    if topic in ENDS and not written.valid_until:
        raise Refused("info_end_needed")
    valid_until = None
    if written.valid_until:
        valid_until = a_day(written.valid_until)
    today = iso_day_at(now)
    if valid_until is not None and valid_until < today:
        raise Refused("info_past")
    made = tx.run(
        _ADD,
        commune_id=commune_id,
        topic=topic,
        vi=written.vi,
        en=written.en,
        valid_from=a_day(written.valid_from),
        valid_until=valid_until,
        staff_id=staff_id,
        form_key=form_key,
        now=now,
    )
    return made == 1


def withdraw(tx: Tx, commune_id: int, fact_id: int, *, staff_id: int, now: int) -> bool:
    """It is told no more; what was valid before it answers again. False where it was
    withdrawn already.
    """
    withdrawn = tx.run(
        _WITHDRAW, commune_id=commune_id, fact_id=fact_id, staff_id=staff_id, now=now
    )
    return withdrawn == 1


def checked(written: Written) -> None:
    """Raises Refused with the first thing that cannot stand."""
    _check_words(written.vi)
    _check_words(written.en)
    if not written.valid_until:
        return
    first = a_day(written.valid_from)
    last = a_day(written.valid_until)
    if first > last:
        raise Refused("setup_closes_first")


def _check_words(words: str) -> None:
    """Raises Refused."""
    if not words:
        raise Refused("info_empty")
    refuse_barred(words)
    if "{" in words or "}" in words:
        # a field is filled in a broadcast; here it would be read as it stands
        raise Refused("info_brace")
    size = cost(fold(words))
    if size.parts > 1 or len(words) > 200:
        raise Refused("info_long", length=size.length)
