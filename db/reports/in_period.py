"""What happened in a period beside the indicators: texts and what they cost, refusals,
requests, visits, ideas that were chosen; and how each indicator rose day by day.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query

CHOSEN_MOST = 30


class Texts(NamedTuple):
    """That we made in the period, of one class. What they cost is of those that went."""

    text_class: str
    sent: int
    failed: int  # or nobody knows
    skipped: int  # on purpose
    waiting: int
    parts: int
    price: int  # đồng


class Reason(NamedTuple):
    reason: str
    number: int


class Refused(NamedTuple):
    """What residents refused: advert, remind, all."""

    what: str
    number: int


class Requests(NamedTuple):
    """Of one kind: asked and ended in the period, and open at its end."""

    kind: str
    asked: int
    done: int
    not_done: int  # declined or withdrawn
    open: int


class Visits(NamedTuple):
    """Of one result, those that stand."""

    result: str
    homes: int
    shops: int


class Idea(NamedTuple):
    """An opinion that is to be done, in the words that staff released for reports, and
    why.
    """

    topic: str
    words: str
    why: str


class SaidOfLog(NamedTuple):
    """What residents answered when they were asked whether what was logged for them is
    right, of one indicator.
    """

    key: str
    said_right: int
    said_wrong: int
    wrong_and_counts: int  # nobody took these out of the log


class Rise(NamedTuple):
    """So many more of an indicator on a day."""

    indicator_id: int
    day: str  # ISO
    number: int


_IN_PERIOD = "{at} >= :since AND {at} < :before"
_TEXTS = Query(
    text(f"""
    SELECT m.class AS text_class,
      SUM(CASE WHEN m.status IN ('SENT', 'DELIVERED') THEN 1 ELSE 0 END) AS sent,
      SUM(CASE WHEN m.status IN ('FAILED', 'LOST') THEN 1 ELSE 0 END) AS failed,
      SUM(CASE WHEN m.status = 'SKIPPED' THEN 1 ELSE 0 END) AS skipped,
      SUM(CASE WHEN m.status IN ('QUEUED', 'CLAIMED', 'SENDING') THEN 1 ELSE 0 END) AS waiting,
      SUM(CASE WHEN m.status IN ('SENT', 'DELIVERED') THEN m.parts ELSE 0 END) AS parts,
      SUM(CASE WHEN m.status IN ('SENT', 'DELIVERED') THEN m.price ELSE 0 END) AS price
    FROM messages m
    WHERE m.commune_id = :commune_id AND m.direction = 'out' AND {_IN_PERIOD.format(at="m.made_at")}
    GROUP BY m.class ORDER BY m.class
    """),
    Texts,
)
_FAILURES = Query(
    text(f"""
    SELECT m.reason, COUNT(*) AS number
    FROM messages m
    WHERE m.commune_id = :commune_id AND m.direction = 'out' AND m.status IN ('FAILED', 'LOST')
      AND {_IN_PERIOD.format(at="m.made_at")}
    GROUP BY m.reason ORDER BY COUNT(*) DESC, m.reason
    """),
    Reason,
)
# The register of refusals names nobody: whose commune a line is of is known by the text
# that it came in, or by whoever has that number now.
_REFUSED = Query(
    text(f"""
    SELECT w.what, COUNT(*) AS number
    FROM wishes w
    LEFT JOIN messages m ON m.id = w.message_id
    WHERE w.act = 'refused' AND w.channel IN ('sms', 'ussd', 'desk') AND {_IN_PERIOD.format(at="w.at")}
      AND COALESCE(m.commune_id, (SELECT MIN(p.commune_id) FROM people p WHERE p.who = w.who), :commune_id)
        = :commune_id
    GROUP BY w.what ORDER BY w.what
    """),
    Refused,
)
_REQUESTS = Query(
    text(f"""
    SELECT kind,
      SUM(CASE WHEN {_IN_PERIOD.format(at="made_at")} THEN 1 ELSE 0 END) AS asked,
      SUM(CASE WHEN state = 'done' AND {_IN_PERIOD.format(at="ended_at")} THEN 1 ELSE 0 END) AS done,
      SUM(CASE WHEN state IN ('declined', 'withdrawn') AND {_IN_PERIOD.format(at="ended_at")}
        THEN 1 ELSE 0 END) AS not_done,
      SUM(CASE WHEN ended_at IS NULL OR ended_at >= :before THEN 1 ELSE 0 END) AS open
    FROM requests
    WHERE commune_id = :commune_id AND made_at < :before
    GROUP BY kind ORDER BY kind
    """),
    Requests,
)
_VISITS = Query(
    text("""
    SELECT v.result, COUNT(*) - COUNT(v.business_id) AS homes, COUNT(v.business_id) AS shops
    FROM visits v
    LEFT JOIN households o ON o.id = v.household_id
    LEFT JOIN people p ON p.id = v.person_id
    LEFT JOIN businesses b ON b.id = v.business_id
    WHERE v.at >= :since AND v.at < :before AND v.reverses IS NULL
      AND COALESCE(o.commune_id, p.commune_id, b.commune_id) = :commune_id
      AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = v.id)
    GROUP BY v.result ORDER BY v.result
    """),
    Visits,
)
_SAID_OF_LOG = Query(
    text(f"""
    SELECT i.key,
      SUM(CASE WHEN k.answer = 'right' THEN 1 ELSE 0 END) AS said_right,
      SUM(CASE WHEN k.answer = 'wrong' THEN 1 ELSE 0 END) AS said_wrong,
      SUM(CASE WHEN k.answer = 'wrong'
          AND NOT EXISTS (SELECT 1 FROM conversions u WHERE u.reverses = c.id)
        THEN 1 ELSE 0 END) AS wrong_and_counts
    FROM log_checks k
    JOIN conversions c ON c.id = k.conversion_id
    JOIN indicators i ON i.id = c.indicator_id
    JOIN messages m ON m.id = k.message_id
    WHERE k.answer IN ('right', 'wrong') AND m.commune_id = :commune_id
      AND {_IN_PERIOD.format(at="k.answered_at")}
    GROUP BY i.position, i.key ORDER BY i.position
    """),
    SaidOfLog,
)
_CHOSEN = Query(
    text(f"""
    SELECT o.topic, o.words, o.why
    FROM opinions o
    WHERE o.commune_id = :commune_id AND o.verdict = 'chosen' AND o.reported_at IS NOT NULL
      AND {_IN_PERIOD.format(at="o.made_at")}
    ORDER BY o.topic, o.number LIMIT {CHOSEN_MOST}
    """),
    Idea,
)
_RISES = Query(
    text("""
    SELECT t.indicator_id, t.day, SUM(t.count) AS number
    FROM indicators i JOIN tallies t ON t.indicator_id = i.id
    WHERE i.programme_id = :programme_id AND t.day <= :day
    GROUP BY t.indicator_id, t.day ORDER BY t.day
    """),
    Rise,
)


def texts(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Texts]:
    """What we texted from `since` until `before` (UTC ms), by class."""
    return tx.all(_TEXTS, commune_id=commune_id, since=since, before=before)


def failures(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Reason]:
    """Why those of them failed that did, the most frequent reason first."""
    return tx.all(_FAILURES, commune_id=commune_id, since=since, before=before)


def refused(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Refused]:
    """Refusals received; those that came with a list are none of residents."""
    return tx.all(_REFUSED, commune_id=commune_id, since=since, before=before)


def requests(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Requests]:
    """By kind; open is what was asked before the period's end and had not ended by then,
    so that a report made later says the same.
    """
    return tx.all(_REQUESTS, commune_id=commune_id, since=since, before=before)


def visits(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Visits]:
    """To homes and to shops, by what came of them; none that was taken back."""
    return tx.all(_VISITS, commune_id=commune_id, since=since, before=before)


def said_of_log(tx: Tx, *, commune_id: int, since: int, before: int) -> list[SaidOfLog]:
    """What was answered in the period, by indicator in the plan's order."""
    return tx.all(_SAID_OF_LOG, commune_id=commune_id, since=since, before=before)


def chosen(tx: Tx, *, commune_id: int, since: int, before: int) -> list[Idea]:
    """Those said in the period that were chosen and released, by topic: until somebody
    has read them for names none is published.
    """
    return tx.all(_CHOSEN, commune_id=commune_id, since=since, before=before)


def rises(tx: Tx, *, programme_id: int, day: str) -> list[Rise]:
    """What each indicator rose by, day by day until that ISO day, which is included."""
    return tx.all(_RISES, programme_id=programme_id, day=day)
