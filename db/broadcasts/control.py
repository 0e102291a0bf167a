"""Starting, pausing, going on, stopping; what repeats goes out anew at its time; what
is over is ended.

draft -> running <-> paused -> done | stopped          (a start that cannot go out leads back to draft)
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import by_event, drafts, reasons
from db.broadcasts.drafts import Broadcast
from db.broadcasts.errors import CannotDo
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query, Scalar, Statement
from db.texts import outbox
from menus.days import at_local, local
from settings import Settings

MINUTE_MS = 60_000
OVER = ("done", "stopped")  # states of a broadcast that goes out no more


class Started(NamedTuple):
    at: int  # UTC ms
    username: str | None  # none: the console


class Due(NamedTuple):
    """A repeating broadcast whose next moment has come."""

    id: int
    commune_id: int


class Firing(NamedTuple):
    id: int


class SoFar(NamedTuple):
    """What became of the texts of a broadcast, all its going-outs together."""

    gone: int
    failed: int
    unknown: int  # handed over, and never heard of again


class Open(NamedTuple):
    """A firing that has not ended."""

    id: int
    broadcast_id: int
    not_after: int | None  # UTC ms
    repeats: str
    next_at: int | None  # UTC ms
    late_joiners: bool
    unreleased: int  # 1 where somebody's turn has not come
    under_way: int  # 1 where a text has not left


_LOCK = Statement(
    text(
        "UPDATE broadcasts SET state = state WHERE id = :id AND commune_id = :commune_id"
    )
)
_STATE = Statement(
    text(
        "UPDATE broadcasts SET state = :to, paused_why = :why, next_at = :next_at, changed_at = :now WHERE id = :id"
    )
)
_BEGINS = Statement(text("UPDATE broadcasts SET not_before = :first WHERE id = :id"))
_NEW_FIRING = Scalar(
    text("""
    INSERT INTO firings (broadcast_id, number, words_id, rule, event_id, started_at, not_before, not_after)
    SELECT CAST(:id AS BIGINT), COALESCE(MAX(number), 0) + 1, :words_id, :rule, CAST(:event_id AS BIGINT), :now,
      :not_before, CAST(:not_after AS BIGINT)
    FROM firings WHERE broadcast_id = :id
    RETURNING id
    """),
    int,
)
_SHOWN = Scalar(
    text(
        "SELECT MAX(id) FROM firings WHERE broadcast_id = :id AND ended_why <> 'blocked'"
    ),
    int,
)
_END_OPEN = Statement(
    text(
        "UPDATE firings SET ended_at = :now, ended_why = :why WHERE broadcast_id = :id AND ended_at IS NULL"
    )
)
# A list that was being written when it was stopped is as long as it got. Counted once
# the firing is ours: whoever was writing a stretch of it has finished by then.
_FREEZE_HALF = Statement(
    text("""
    UPDATE firings SET planned_at = :now, chosen = (
        SELECT COUNT(*) FROM recipients r WHERE r.firing_id = firings.id AND r.left_out IS NULL)
    WHERE broadcast_id = :id AND planned_at IS NULL
    """)
)
_PACE_ANEW = Statement(
    text(
        "UPDATE firings SET pace_from = NULL, pace_used = 0 WHERE broadcast_id = :id AND ended_at IS NULL"
    )
)
_FIRST_ACT = Query(
    text("""
    SELECT a.at, s.username FROM broadcast_acts a LEFT JOIN staff s ON s.id = a.staff_id
    WHERE a.broadcast_id = :id AND a.act = 'started' ORDER BY a.id DESC LIMIT 1
    """),
    Started,
)
_SO_FAR = Query(
    text("""
    SELECT COALESCE(SUM(CASE WHEN m.status IN ('SENDING', 'SENT', 'DELIVERED') THEN 1 ELSE 0 END), 0) AS gone,
      COALESCE(SUM(CASE WHEN m.status = 'FAILED' THEN 1 ELSE 0 END), 0) AS failed,
      COALESCE(SUM(CASE WHEN m.status = 'LOST' THEN 1 ELSE 0 END), 0) AS unknown
    FROM messages m JOIN firings g ON g.id = m.firing_id
    WHERE g.broadcast_id = :id AND m.direction = 'out'
    """),
    SoFar,
)
_DUE = Query(
    text("""
    SELECT b.id, b.commune_id FROM broadcasts b
    WHERE b.state = 'running' AND b.next_at IS NOT NULL AND b.next_at <= :now ORDER BY b.next_at, b.id
    """),
    Due,
)
_UNPLANNED = Query(
    text("""
    SELECT g.id FROM firings g JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE g.ended_at IS NULL AND g.planned_at IS NULL AND b.state IN ('running', 'paused') ORDER BY g.id
    """),
    Firing,
)
_JOINABLE = Query(
    text("""
    SELECT g.id FROM firings g JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE g.ended_at IS NULL AND g.planned_at IS NOT NULL AND b.state = 'running' AND b.late_joiners ORDER BY g.id
    """),
    Firing,
)
_FINISHED = Query(
    text("""
    SELECT g.id, g.broadcast_id, g.not_after, b.repeats, b.next_at, b.late_joiners,
      CASE WHEN EXISTS (SELECT 1 FROM recipients r WHERE r.firing_id = g.id AND r.left_out IS NULL
        AND r.person_id > g.released_to) THEN 1 ELSE 0 END AS unreleased,
      CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.firing_id = g.id AND m.direction = 'out'
        AND m.status IN ('QUEUED', 'CLAIMED', 'SENDING')) THEN 1 ELSE 0 END AS under_way
    FROM firings g JOIN broadcasts b ON b.id = g.broadcast_id
    WHERE g.ended_at IS NULL AND g.planned_at IS NOT NULL AND b.state IN ('running', 'paused')
    """),
    Open,
)
_END = Statement(
    text(
        "UPDATE firings SET ended_at = :now, ended_why = :why WHERE id = :id AND ended_at IS NULL"
    )
)
# unless another of its going-outs is still open, or it was stopped meanwhile
_DONE = Statement(
    text("""
    UPDATE broadcasts SET state = 'done', paused_why = '', next_at = NULL, changed_at = :now
    WHERE id = :id AND state IN ('running', 'paused')
      AND NOT EXISTS (SELECT 1 FROM firings WHERE broadcast_id = :id AND ended_at IS NULL)
    """)
)
_SET_NEXT = Statement(text("UPDATE broadcasts SET next_at = :next_at WHERE id = :id"))


def start(
    tx: Tx,
    broadcast_id: int,
    *,
    commune_id: int,
    staff_id: int | None,
    settings: Settings,
    now: int,
    counted: int = 0,
    priced: int = 0,
    price_seen: bool = False,
    no_advert: bool = False,
) -> int:
    """From now on it goes out by itself: the id of its first firing, whose list is
    still to be frozen (planning.plan).

    `counted` people and `priced` đồng are what its preview showed: they decide whether
    somebody else must have approved it, and whether the price must have been seen.
    `no_advert`: whoever starts it says that words of adverts in a notice sell nothing.
    The console (`staff_id` None) starts notices by itself, unless they hold such words.
    Raises CannotDo.
    """
    row = _locked(tx, broadcast_id, commune_id)
    _refuse_unfit(tx, row, now)
    is_approved = drafts.is_approved(row)
    if not is_approved:
        _refuse_unapproved(row, staff_id, counted, settings)
    if priced > settings.broadcast_budget and not price_seen:
        raise CannotDo("budget", f"{priced:,}")
    if staff_id is not None:
        _answer_for_its_words(tx, row, no_advert, staff_id, now)
    elif not is_approved:
        _approve_at_the_console(tx, row, now)
    first = drafts.begins(row, now)
    _keep_the_beginning(tx, row, first)
    _set_state(tx, row, "running", now, next_at=_after(row, first))
    drafts.note(
        tx,
        broadcast_id,
        "started",
        staff_id=staff_id,
        now=now,
        detail=f"{counted} people",
    )
    if row.repeats == "event":
        return 0
    return _fire(tx, row, first, now)


def _refuse_unfit(tx: Tx, row: Broadcast, now: int) -> None:
    """Raises CannotDo where it is no draft, its rule does not stand, or it is too late."""
    if drafts.is_discarded(tx, row.id):
        raise CannotDo("discarded")
    if row.state != "draft":
        raise CannotDo("started", _who_started(tx, row))
    drafts.check_rule(tx, row)
    drafts.check_words(row)
    if row.not_after is not None and row.not_after <= now:
        raise CannotDo("past")


def _answer_for_its_words(
    tx: Tx, row: Broadcast, no_advert: bool, staff_id: int, now: int
) -> None:
    """Who starts a notice with words of adverts says that it sells nothing. Raises
    CannotDo.
    """
    selling = drafts.sells(row)
    if selling and not no_advert:
        raise CannotDo("sells", ", ".join(selling))
    drafts.note_no_advert(tx, row, staff_id=staff_id, now=now)


def _approve_at_the_console(tx: Tx, row: Broadcast, now: int) -> None:
    """Whoever has the console may; the trail says so."""
    drafts.approve(
        tx,
        row.id,
        commune_id=row.commune_id,
        staff_id=None,
        seen=drafts.digest(row),
        now=now,
    )


def _keep_the_beginning(tx: Tx, row: Broadcast, first: int) -> None:
    """What is monthly keeps the day of the month on which it began. `first` is UTC ms."""
    goes_by_the_calendar = row.repeats not in ("", "event")
    if goes_by_the_calendar and row.not_before is None:
        tx.run(_BEGINS, id=row.id, first=first)


def _refuse_unapproved(
    row: Broadcast, staff_id: int | None, counted: int, settings: Settings
) -> None:
    """Raises CannotDo where somebody else has to read it before it starts."""
    selling = drafts.sells(row)
    if selling and staff_id is None:
        raise CannotDo("sells", ", ".join(selling))
    if needs_approval(row, staff_id, counted, settings):
        changed_since = (
            ", and the words or the audience changed since" if row.approved_at else ""
        )
        raise CannotDo("approval", changed_since)


def _set_state(
    tx: Tx,
    row: Broadcast,
    to: str,
    now: int,
    *,
    next_at: int | None = None,
    why: str = "",
) -> None:
    tx.run(_STATE, id=row.id, to=to, why=why, next_at=next_at, now=now)


def _locked(tx: Tx, broadcast_id: int, commune_id: int) -> Broadcast:
    """The broadcast, held until the end of the transaction: of two who press at once
    the second sees what was done.
    """
    found = tx.run(_LOCK, id=broadcast_id, commune_id=commune_id)
    if not found:
        raise CannotDo("gone", broadcast_id)
    return drafts.get(tx, broadcast_id, commune_id)


def _who_started(tx: Tx, row: Broadcast) -> str:
    act = tx.one(_FIRST_ACT, id=row.id)
    if act is None:
        return row.state
    who = act.username or "console"
    when = local(from_ms(act.at))
    return f"{who}, {when:%d/%m %H:%M}"


def needs_approval(
    row: Broadcast, staff_id: int | None, counted: int, settings: Settings
) -> bool:
    """An advert always, and a notice with words of one; a notice of the desk to more
    people than one person may decide about.
    """
    if row.text_class == "advert" or drafts.sells(row):
        return True
    return staff_id is not None and counted > settings.approve_above


def _fire(tx: Tx, row: Broadcast, at: int, now: int) -> int:
    """One going-out at that moment, with the words and the rule of now."""
    not_after = row.not_after
    if row.repeats and row.good_for:
        not_after = at + row.good_for * MINUTE_MS
    made = tx.value(
        _NEW_FIRING,
        id=row.id,
        words_id=row.words_id,
        rule=row.rule,
        event_id=row.event_id,
        now=now,
        not_before=at,
        not_after=not_after,
    )
    assert made is not None  # nothing stands in the way of a new one
    return made


def pause(
    tx: Tx,
    broadcast_id: int,
    *,
    commune_id: int,
    staff_id: int | None,
    now: int,
    why: str = "",
) -> int:
    """Nothing more leaves until it goes on; how many texts had left. Raises CannotDo."""
    row = _locked(tx, broadcast_id, commune_id)
    if row.state != "running":
        raise CannotDo("not_running", row.state)
    _set_state(tx, row, "paused", now, next_at=row.next_at, why=why)
    left = so_far(tx, broadcast_id).gone
    drafts.note(
        tx,
        broadcast_id,
        "paused",
        staff_id=staff_id,
        now=now,
        detail=why or f"{left} had left",
    )
    return left


def resume(
    tx: Tx, broadcast_id: int, *, commune_id: int, staff_id: int | None, now: int
) -> int:
    """On with the same list; how many texts had left. Raises CannotDo."""
    row = _locked(tx, broadcast_id, commune_id)
    if row.state in OVER:
        raise CannotDo("over", row.state)
    if row.state != "paused":
        raise CannotDo("not_paused", row.state)
    missed = by_event.missed(tx, row, now)
    _set_state(tx, row, "running", now, next_at=row.next_at)
    tx.run(_PACE_ANEW, id=broadcast_id)
    left = so_far(tx, broadcast_id).gone
    drafts.note(
        tx,
        broadcast_id,
        "resumed",
        staff_id=staff_id,
        now=now,
        detail=f"{left} had left",
    )
    if missed:
        drafts.note(
            tx,
            broadcast_id,
            "missed",
            staff_id=None,
            now=now,
            detail=f"{len(missed)} sessions",
        )
    return left


def stop(
    tx: Tx, broadcast_id: int, *, commune_id: int, staff_id: int | None, now: int
) -> int:
    """It is over: whoever was not texted yet is not. How many texts had left. Raises
    CannotDo.
    """
    row = _locked(tx, broadcast_id, commune_id)
    if row.state in OVER:
        raise CannotDo("over", row.state)
    if row.state not in ("running", "paused"):
        raise CannotDo("not_running", row.state)
    _set_state(tx, row, "stopped", now)
    tx.run(_END_OPEN, id=broadcast_id, why="stopped", now=now)
    tx.run(_FREEZE_HALF, id=broadcast_id, now=now)
    outbox.drop_broadcast(tx, broadcast_id, reason=reasons.STOPPED, now=now)
    left = so_far(tx, broadcast_id).gone
    drafts.note(
        tx,
        broadcast_id,
        "stopped",
        staff_id=staff_id,
        now=now,
        detail=f"{left} had left",
    )
    return left


def discard(
    tx: Tx, broadcast_id: int, *, commune_id: int, staff_id: int | None, now: int
) -> None:
    """A draft that never went out is given up: nobody starts or changes it any more.
    Its row stays, for the trail and for a test of it that is still on its way. Raises
    CannotDo.
    """
    row = _locked(tx, broadcast_id, commune_id)
    went_out = row.state != "draft" or shown_firing(tx, broadcast_id) is not None
    if went_out:
        raise drafts.why_fixed(tx, broadcast_id, now)
    _set_state(tx, row, "stopped", now)
    drafts.note(tx, broadcast_id, "discarded", staff_id=staff_id, now=now)


def so_far(tx: Tx, broadcast_id: int) -> SoFar:
    """How many of its texts have gone, failed, or are in doubt."""
    return tx.one(_SO_FAR, id=broadcast_id) or SoFar(0, 0, 0)


def shown_firing(tx: Tx, broadcast_id: int) -> int | None:
    """The newest going-out of a broadcast; None while it never started, or never got
    beyond its list.
    """
    return tx.value(_SHOWN, id=broadcast_id)


def due(tx: Tx, now: int) -> list[Due]:
    """Repeating broadcasts whose next moment has come."""
    return tx.all(_DUE, now=now)


def fire_again(tx: Tx, broadcast_id: int, *, commune_id: int, now: int) -> int | None:
    """The next going-out of a repeating broadcast: its firing; None when another clock
    was first.

    Moments that passed while the clock was down are not made up for: one text is
    enough.
    """
    row = _locked(tx, broadcast_id, commune_id)
    at = row.next_at
    if row.state != "running" or at is None or at > now:
        return None
    made = _fire(tx, row, at, now)
    following = _after(row, at)
    while following is not None and following <= now:
        following = _after(row, following)
    tx.run(_SET_NEXT, id=broadcast_id, next_at=following)
    return made


def _after(row: Broadcast, moment: int) -> int | None:
    """When it goes out next after that moment, at the same minute of the commune's
    clock; None where it does not.
    """
    here = local(from_ms(moment))
    began = local(from_ms(row.not_before or moment))
    day = _next_day(row.repeats, here.date(), began.day)
    if day is None:
        return None
    if row.repeat_until and day.isoformat() > row.repeat_until:
        return None
    following = at_local(day, f"{here:%H:%M}")
    return to_ms(following)


def _next_day(repeats: str, day: date, of_month: int) -> date | None:
    match repeats:
        case "daily":
            return day + timedelta(days=1)
        case "weekly":
            return day + timedelta(days=7)
        case "monthly":
            in_next_month = day.replace(day=1) + timedelta(days=32)
            _, last_day = monthrange(in_next_month.year, in_next_month.month)
            return in_next_month.replace(day=min(of_month, last_day))
    return None


def unplanned(tx: Tx) -> list[int]:
    """Firings whose list is not frozen yet."""
    return [row.id for row in tx.all(_UNPLANNED)]


def joinable(tx: Tx) -> list[int]:
    """Firings that people may still join who registered after the start."""
    return [row.id for row in tx.all(_JOINABLE)]


def finish(tx: Tx, broadcast_id: int, now: int) -> int:
    """It is done, unless a going-out of it is still open, or it was stopped meanwhile;
    1 where it was ended.
    """
    return tx.run(_DONE, id=broadcast_id, now=now)


def end_what_is_over(tx: Tx, now: int) -> int:
    """End firings that have nothing left to send, or whose deadline has passed; how
    many. Once each, by any clock.
    """
    ended = 0
    for row in tx.all(_FINISHED):
        if not _is_over(row, now):
            continue
        why = "too late" if row.unreleased else "done"
        ended += tx.run(_END, id=row.id, now=now, why=why)
        if not _goes_again(row):
            finish(tx, row.broadcast_id, now)
    return ended


def _goes_again(row: Open) -> bool:
    """Does it repeat, and has not come to its end?"""
    if row.repeats == "event":
        # it has no next moment: it waits for the next event, until its last day is past
        return True
    return row.repeats != "" and row.next_at is not None


def _is_over(row: Open, now: int) -> bool:
    """Nothing is on its way, and nobody is left to be texted, or it is too late for
    them.
    """
    if row.under_way:
        return False
    if row.not_after is not None and now > row.not_after:
        return True
    awaits_more = row.late_joiners and row.not_after is not None
    return not awaits_more and not row.unreleased
