"""The support schemes of a commune: dated data, never code. Which one residents are
told about, and writing them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from sqlalchemy import text

from db.places import communes
from db.places.commune_setup import Refused, a_day, a_name, refuse_barred
from db.store.engine import Tx
from db.store.local_days import days_from
from db.store.statements import Query, Scalar, Statement
from menus.port import Scheme

# What can qualify; a handset or SIM nobody knows yet is always "needs checking",
# whatever a scheme says.
HANDSETS = ("2g", "3g", "4g_no_volte")
SIMS = ("2g", "3g", "4g")
POOR = ("any", "near", "yes")
BRING_MOST = 40  # letters of what to bring: with a long hall's name a text is full
STOCK_MOST = 1_000_000


class Stored(NamedTuple):
    """A scheme as it stands in the table, with what went of its stock."""

    id: int
    name: str
    opens: str  # ISO day
    closes: str  # ISO day, included
    hamlets: str | None  # JSON list of ids; none: all
    handsets: str  # JSON list
    sims: str | None  # JSON list; none: all
    poor: Literal["any", "near", "yes"]
    one_per_household: bool  # 0 or 1 on SQLite
    stock: int | None  # devices in all; none: not counted
    bring: str
    bring_en: str
    handed_out: int
    reserved: int  # kept for who is booked


class Bring(NamedTuple):
    """What a scheme asks to bring."""

    closes: str  # ISO day, included
    bring: str
    bring_en: str


# Handed out is what the tallies say: the days of the month in which the scheme opened,
# then whole months. That is a row for each of them and each hamlet, where `counted` has
# one for each person ever. Who is booked for a swap while the scheme is open has one
# kept, unless it was handed over already. Where nothing is counted, nobody is:
# residents ask at every turn.
_ROW = """
    SELECT s.id, s.name, s.opens, s.closes, s.hamlets, s.handsets, s.sims, s.poor, s.one_per_household, s.stock,
      s.bring, s.bring_en,
      (SELECT CAST(COALESCE(SUM(d.count), 0) AS BIGINT)
        FROM indicators i JOIN tallies d ON d.indicator_id = i.id
        WHERE i.key = 'handset_volte' AND i.programme_id = s.programme_id
          AND d.day >= s.opens AND d.day < SUBSTR(s.opens, 1, 7) || '-99')
      + (SELECT CAST(COALESCE(SUM(m.count), 0) AS BIGINT)
        FROM indicators i JOIN month_tallies m ON m.indicator_id = i.id
        WHERE i.key = 'handset_volte' AND i.programme_id = s.programme_id
          AND m.month > SUBSTR(s.opens, 1, 7)) AS handed_out,
      CASE WHEN s.stock IS NULL THEN 0 ELSE (
        SELECT COUNT(*)
        FROM bookings b JOIN slots t ON t.id = b.slot_id JOIN events e ON e.id = t.event_id
          JOIN people o ON o.id = b.person_id
        WHERE b.status = 'booked' AND e.kind = 'swap' AND b.programme_id = s.programme_id
          AND e.day >= s.opens AND e.day <= s.closes
          AND COALESCE(o.phone, '') <> :asking
          AND NOT EXISTS (SELECT 1 FROM counted c JOIN indicators i ON i.id = c.indicator_id
            WHERE i.key = 'handset_volte' AND i.programme_id = s.programme_id AND c.subject_id = b.person_id
              AND c.day >= s.opens)) END AS reserved
    FROM schemes s JOIN programmes p ON p.id = s.programme_id
    WHERE p.commune_id = :commune_id
"""
NOBODY = "nobody"  # no number: everyone who is booked counts
# The scheme that runs today, else the one that opens next, else the one that closed
# last.
_FIRST = """
    ORDER BY CASE WHEN s.opens <= :today AND s.closes >= :today THEN 0 WHEN s.opens > :today THEN 1 ELSE 2 END,
      CASE WHEN s.opens > :today THEN s.opens END, s.closes DESC
    LIMIT 1
"""
_SCHEME = Query(text(_ROW + _FIRST), Stored)
_BRING = Query(
    text(f"""
    SELECT s.closes, s.bring, s.bring_en FROM schemes s JOIN programmes p ON p.id = s.programme_id
    WHERE p.commune_id = :commune_id
    {_FIRST}
    """),
    Bring,
)
_ALL = Query(text(f"{_ROW} ORDER BY s.closes DESC, s.id DESC"), Stored)
_ONE = Query(text(f"{_ROW} AND s.id = :scheme_id"), Stored)
_NAMESAKE = Scalar(
    text("""
    SELECT s.id FROM schemes s JOIN programmes p ON p.id = s.programme_id
    WHERE p.commune_id = :commune_id AND s.name = :name AND s.opens = :opens AND s.id <> :but
    """),
    int,
)
_ADD = Scalar(
    text("""
    INSERT INTO schemes
      (programme_id, name, opens, closes, hamlets, handsets, sims, poor, one_per_household, stock, bring, bring_en)
    VALUES (:programme_id, :name, :opens, :closes, :hamlets, :handsets, :sims, :poor, :one_per_household, :stock,
      :bring, :bring_en)
    RETURNING id
    """),
    int,
)
_EDIT = Statement(
    text("""
    UPDATE schemes SET name = :name, opens = :opens, closes = :closes, hamlets = :hamlets, handsets = :handsets,
      sims = :sims, poor = :poor, one_per_household = :one_per_household, stock = :stock, bring = :bring,
      bring_en = :bring_en
    WHERE id = :scheme_id
    """)
)
_END = Statement(
    text("UPDATE schemes SET opens = :opens, closes = :closes WHERE id = :scheme_id")
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A scheme as staff enter it: both ISO days included; empty `sims` or `hamlets`
    mean all, no stock: not counted.
    """

    name: str
    opens: str
    closes: str
    handsets: Sequence[str]
    sims: Sequence[str]
    hamlets: Sequence[int]
    poor: str
    one_per_household: bool
    stock: int | None
    bring: str
    bring_en: str


def current(tx: Tx, commune_id: int, today: str, asking: str = NOBODY) -> Scheme | None:
    """The one that matters on this local day (ISO). What is kept for the phone that is
    `asking` (E.164) is left.
    """
    row = tx.one(_SCHEME, commune_id=commune_id, today=today, asking=asking)
    if row is None:
        return None
    return _scheme(row)


def bring(tx: Tx, commune_id: int, today: str) -> Mapping[str, str] | None:
    """By language, what the one that matters on this local day asks to bring; nothing
    once it has closed.

    Every text asks for this: nothing is counted for it.
    """
    row = tx.one(_BRING, commune_id=commune_id, today=today)
    if row is None or row.closes < today:
        return None
    return _by_language(row)


def told(tx: Tx, commune_id: int, today: str) -> Stored | None:
    """The stored form of the one that residents are told about on this local day."""
    return tx.one(_SCHEME, commune_id=commune_id, today=today, asking=NOBODY)


def listed(tx: Tx, commune_id: int) -> list[Stored]:
    """All of them, the one that closes last first."""
    return tx.all(_ALL, commune_id=commune_id, asking=NOBODY)


def one(tx: Tx, commune_id: int, scheme_id: int) -> Stored | None:
    return tx.one(_ONE, commune_id=commune_id, scheme_id=scheme_id, asking=NOBODY)


def plan_of(row: Stored) -> Plan:
    """A stored scheme as it was entered."""
    return Plan(
        name=row.name,
        opens=row.opens,
        closes=row.closes,
        handsets=json.loads(row.handsets),
        sims=json.loads(row.sims or "[]"),
        hamlets=json.loads(row.hamlets or "[]"),
        poor=row.poor,
        one_per_household=bool(row.one_per_household),
        stock=row.stock,
        bring=row.bring,
        bring_en=row.bring_en,
    )


def save(tx: Tx, commune_id: int, plan: Plan, scheme_id: int | None = None) -> int:
    """Add one, or change the one of that id, which is the commune's; its id. Raises
    Refused.
    """
    checked(plan)
    _refuse_namesake(tx, commune_id, plan, scheme_id or 0)
    values = {
        "name": plan.name,
        "opens": plan.opens,
        "closes": plan.closes,
        "hamlets": json.dumps(sorted(plan.hamlets)) if plan.hamlets else None,
        "handsets": json.dumps(list(plan.handsets)),
        "sims": json.dumps(list(plan.sims)) if plan.sims else None,
        "poor": plan.poor,
        "one_per_household": plan.one_per_household,
        "stock": plan.stock,
        "bring": plan.bring,
        "bring_en": plan.bring_en,
    }
    if scheme_id is None:
        programme_id = communes.programme(tx, commune_id)
        made = tx.value(_ADD, programme_id=programme_id, **values)
        assert made is not None  # an insert returns its row
        return made
    tx.run(_EDIT, scheme_id=scheme_id, **values)
    return scheme_id


def checked(plan: Plan) -> None:
    """Raises Refused with the first thing that cannot stand."""
    a_name(plan.name, 120)
    if a_day(plan.opens) > a_day(plan.closes):
        raise Refused("setup_closes_first")
    if not plan.handsets or not _are_of(plan.handsets, HANDSETS):
        raise Refused("setup_no_handsets")
    if plan.poor not in POOR or not _are_of(plan.sims, SIMS):
        raise Refused("setup_bad_choice")
    stock = plan.stock or 0
    if not 0 <= stock <= STOCK_MOST:
        raise Refused("setup_bad_stock")
    for bring in (plan.bring, plan.bring_en):
        if not 0 < len(bring) <= BRING_MOST:
            raise Refused("setup_bring_needed", most=BRING_MOST)
        refuse_barred(bring)


def _refuse_namesake(tx: Tx, commune_id: int, plan: Plan, but: int) -> None:
    """Raises Refused where one of the name opens that day already."""
    namesake = tx.value(
        _NAMESAKE, commune_id=commune_id, name=plan.name, opens=plan.opens, but=but
    )
    if namesake is not None:
        raise Refused("setup_scheme_taken", name=plan.name)


def _are_of(chosen: Iterable[str], known: Iterable[str]) -> bool:
    return set(chosen) <= set(known)


def end(tx: Tx, row: Stored, today: str) -> None:
    """From today (ISO) on nobody is told that it runs; what was handed out under it
    stays counted.
    """
    yesterday = days_from(today, -1)
    closes = min(row.closes, yesterday)
    opens = min(row.opens, closes)
    tx.run(_END, scheme_id=row.id, opens=opens, closes=closes)


def _scheme(row: Stored) -> Scheme:
    hamlets = None
    if row.hamlets:
        hamlets = frozenset(json.loads(row.hamlets))
    sims = None
    if row.sims:
        sims = frozenset(json.loads(row.sims))
    left = None
    if row.stock is not None:
        left = row.stock - row.handed_out - row.reserved
    return Scheme(
        name=row.name,
        opens=date.fromisoformat(row.opens),
        closes=date.fromisoformat(row.closes),
        hamlets=hamlets,
        handsets=frozenset(json.loads(row.handsets)),
        sims=sims,
        poor=row.poor,
        one_per_household=bool(row.one_per_household),
        left=left,
        bring=_by_language(row),
    )


def _by_language(row: Stored | Bring) -> dict[str, str]:
    return {"vi": row.bring, "en": row.bring_en}
