"""How far the plan has come: each indicator of its own denominator, never blended; by commune, hamlet, indicator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from flask import abort

from db.models.states import EventKind
from db.places import plan, schemes
from db.places.plan import Period
from db.register import ratings
from db.reports import places, sessions_held, steering
from db.reports import progress as counts
from db.reports.progress import Figure
from db.reports.steering import Pace
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles
from gateway.staff.gate import bp

LEAST = 5  # answers that may be shown below the commune: of fewer, somebody's own could be told

Sessions = tuple[str, int, int | None]  # kind, sessions, people; none where they are too few to be shown
Opinion = tuple[str, int | None, float | None]  # where, answers, average; none where they are too few to be shown


@bp.get("/progress/")
@layout.needs("progress")
def progress() -> layout.Page:
    return progress_page(200)


def progress_page(http: int) -> layout.Page:
    """All indicators in one place: the commune, or one hamlet; the form of an adjustment as it was typed."""
    hamlet_id, day = layout.scope() or layout.a_number("hamlet"), lang.today(lang.now_ms())
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets, programme = places.hamlets_of(tx, commune_id), places.programme_of(tx, commune_id)
        indicators = places.indicators_of(tx, commune_id)
        figures = counts.figures(tx, programme_id=programme.id, day=day) if programme else {}
        opinions = _opinions(tx, programme.id, visible(hamlets), hamlet_id) if programme else []
        scheme = schemes.told(tx, commune_id, day)
        held = sessions_held.held(tx, commune_id=commune_id, first=_year_ago(day), last=day, now=lang.now_ms())
        period, notes = plan.period(tx, commune_id), plan.notes(tx, commune_id)
        paces = _paces(tx, figures.values(), period, programme.id, day) if programme else {}
    lines = [
        (row, figures.get((row.id, hamlet_id), counts.Figure(row.id, hamlet_id, 0)))
        for row in indicators
        if programme and row.programme_id == programme.id
    ]
    return layout.page(
        "progress",
        http,
        lines=lines,
        hamlets=visible(hamlets),
        hamlet_id=hamlet_id,
        day=day,
        period=period,
        paces=paces,
        notes=notes,
        words_most=plan.WORDS_MOST,
        key=layout.form_key(),
        opinions=opinions,
        least=LEAST,
        scheme=scheme,
        sessions=_by_kind(held, hamlet_id),
    )


def _year_ago(day: str) -> str:
    """The first day of the month after this one, a year before: twelve months, this one among them."""
    today = date.fromisoformat(day)
    return f"{today.year if today.month == 12 else today.year - 1}-{today.month % 12 + 1:02}-01"


def _by_kind(held: Iterable[sessions_held.Held], hamlet_id: int | None) -> list[Sessions]:
    """Kind, sessions and people; of one hamlet's halls, or of all."""
    here = [row for row in held if hamlet_id in (None, row.hamlet_id)]
    kinds = [kind for kind in EventKind if any(row.kind == kind for row in here)]
    return [_summed(kind, [row for row in here if row.kind == kind]) for kind in kinds]


def _summed(kind: str, rows: list[sessions_held.Held]) -> Sessions:
    """So few people that a neighbour could be told are not said to those who do not see small numbers."""
    people = sum(row.people for row in rows)
    kept_back = 0 < people < LEAST and layout.staff().role not in roles.SEES_SMALL_NUMBERS
    return kind, sum(row.sessions for row in rows), None if kept_back else people


@bp.get("/progress/sessions")
@layout.needs("progress")
def sessions() -> layout.Page:
    """What was held month by month, and in which hamlet."""
    day, commune_id = lang.today(lang.now_ms()), layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = visible(places.hamlets_of(tx, commune_id))
        held = sessions_held.held(tx, commune_id=commune_id, first=_year_ago(day), last=day, now=lang.now_ms())
    names = {row.id: row.name for row in hamlets}
    if layout.scope() is None:
        names[None] = layout.say("sessions_commune_hall")
    months = [
        (month, [(names[row.hamlet_id], _summed(row.kind, [row])) for row in rows if row.hamlet_id in names])
        for month, rows in groupby(held, key=lambda row: row.month)
    ]
    return layout.page("sessions", months=[(month, rows) for month, rows in months if rows], least=LEAST)


def _paces(
    tx: Tx, figures: Iterable[Figure], period: Period, programme_id: int, day: str
) -> dict[tuple[int, int | None], Pace]:  # fmt: skip
    """How fast each figure goes and must go, by (indicator, hamlet or the whole); none without the plan's dates."""
    if not period.starts or not period.ends:
        return {}
    earlier = steering.before(tx, programme_id=programme_id, starts=period.starts)
    return {
        (figure.indicator_id, figure.hamlet_id): steering.pace(
            figure, earlier, starts=period.starts, ends=period.ends, today=day
        )
        for figure in figures
    }


def _opinions(tx: Tx, programme_id: int, hamlets: list[places.Named], hamlet_id: int | None) -> list[Opinion]:
    """How it went, hamlet by hamlet, and first of all in the whole commune for whoever sees small numbers.

    To the others no sum is shown: what is kept back in one hamlet could be reckoned from it.
    """
    told = {row.hamlet_id: (row.answers, row.total) for row in ratings.by_hamlet(tx, programme_id)}
    if not told:
        return []
    sees_all = layout.staff().role in roles.SEES_SMALL_NUMBERS
    lines = [_opinion(row.name, *told.get(row.id, (0, 0)), sees_all) for row in hamlets if hamlet_id in (None, row.id)]
    if not sees_all or hamlet_id is not None:
        return lines
    whole = [sum(column) for column in zip(*told.values(), strict=True)]
    nowhere = [_opinion(layout.say("no_hamlet"), *told[0], sees_all)] if 0 in told else []
    return [_opinion(layout.say("whole_commune"), whole[0], whole[1], sees_all), *lines, *nowhere]


def _opinion(name: str, answers: int, total: int, sees_all: bool) -> Opinion:
    if answers < LEAST and not sees_all:
        return name, None, None
    return name, answers, total / answers if answers else None


@bp.get("/progress/<key>")
@layout.needs("progress")
def progress_of(key: str) -> layout.Page:
    """One indicator in every hamlet."""
    day, commune_id = lang.today(lang.now_ms()), layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = visible(places.hamlets_of(tx, commune_id))
        indicator = next((row for row in places.indicators_of(tx, commune_id) if row.key == key), None)
        if indicator is None:
            abort(404)
        figures = counts.figures(tx, programme_id=indicator.programme_id, day=day)
        period = plan.period(tx, commune_id)
        paces = _paces(tx, figures.values(), period, indicator.programme_id, day)
    nowhere = figures.get((indicator.id, 0))  # counted for somebody whose hamlet nobody knows
    lines = [(row, figures.get((indicator.id, row.id), counts.Figure(indicator.id, row.id, 0))) for row in hamlets]
    whole = None if layout.scope() else figures.get((indicator.id, counts.WHOLE), counts.Figure(indicator.id, None, 0))
    shown = nowhere if layout.scope() is None and nowhere and nowhere.count else None
    return layout.page(
        "progress_of",
        indicator=indicator,
        lines=lines,
        whole=whole,
        nowhere=shown,
        day=day,
        period=period,
        paces=paces,
    )


def visible(hamlets: list[Any]) -> list[Any]:
    return [row for row in hamlets if layout.scope() in (None, row.id)]
