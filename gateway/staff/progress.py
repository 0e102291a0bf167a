"""How far the plan has come: each indicator of its own denominator, never blended; by commune, hamlet, indicator."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

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

Figures = dict[tuple[int, int | None], Figure]  # by indicator, and hamlet or the whole
KeptBack = dict[
    tuple[int, int | None], str
]  # what stands in place of a figure that is not shown
PUBLIC_PLACES = frozenset(
    {"school", "service_point", "one_stop"}
)  # anybody may know what a school does
Paces = dict[tuple[int, int | None], Pace]
Opinion = tuple[
    str, int | None, float | None
]  # where, answers, average; none where they are too few to be shown


class Sessions(NamedTuple):
    """Sessions of one kind, and who came; no people where they are too few to be shown."""

    kind: str
    sessions: int
    people: int | None
    hamlet: str


@bp.get("/progress/")
@layout.needs("progress")
def progress() -> layout.Page:
    return progress_page(200)


def progress_page(http: int) -> layout.Page:
    """All indicators in one place: the commune, or one hamlet; the form of an adjustment as it was typed."""
    hamlet_id = layout.chosen_hamlet()
    day = lang.current_day()
    commune_id = layout.staff().commune_id
    figures: dict[tuple[int, int | None], Figure] = {}
    opinions: list[Opinion] = []
    paces: Paces = {}
    lines: list[tuple[places.Indicator, Figure]] = []
    kept_back: KeptBack = {}
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        programme = places.programme_of(tx, commune_id)
        period = plan.period(tx, commune_id)
        if programme is not None:
            figures = counts.figures(tx, programme_id=programme.id, day=day)
            opinions = _opinions(tx, programme.id, hamlets, hamlet_id)
            paces = _paces(tx, figures.values(), period, programme.id, day)
            indicators = places.indicators_of(tx, commune_id)
            ours = [row for row in indicators if row.programme_id == programme.id]
            lines = [(row, _figure(figures, row.id, hamlet_id)) for row in ours]
            kept_back = _kept_back(figures, ours, hamlets)
        scheme = schemes.told(tx, commune_id, day)
        held = _held_lately(tx, day)
        notes = plan.notes(tx, commune_id)
    return layout.page(
        "progress",
        http,
        lines=lines,
        hamlets=hamlets,
        hamlet_id=hamlet_id,
        day=day,
        period=period,
        paces=paces,
        kept_back=kept_back,
        notes=notes,
        words_most=plan.WORDS_MOST,
        key=layout.form_key(),
        opinions=opinions,
        least=LEAST,
        scheme=scheme,
        sessions=_by_kind(held, hamlet_id),
    )


def _figure(figures: Figures, indicator_id: int, hamlet_id: int | None) -> Figure:
    """What was counted there; nothing yet is a figure too."""
    return figures.get((indicator_id, hamlet_id), Figure(indicator_id, hamlet_id, 0))


def _kept_back(
    figures: Figures, indicators: Iterable[places.Indicator], hamlets: Collection[places.Named]
) -> KeptBack:  # fmt: skip
    """Figures of hamlets so small that a neighbour could be told, and what is shown in their place.

    Where one alone is kept back it could be reckoned from the whole: then the smallest other one is, too.
    """
    kept_back: KeptBack = {}
    if (
        _sees_all() or layout.scope() is not None
    ):  # who is bound to a hamlet knows its people by name
        return kept_back
    for indicator in indicators:
        if indicator.kind in PUBLIC_PLACES:
            continue
        of_hamlets = [_figure(figures, indicator.id, hamlet.id) for hamlet in hamlets]
        nowhere = figures.get((indicator.id, 0))
        if nowhere is not None and nowhere.count:
            of_hamlets.append(nowhere)
        by_count = sorted(of_hamlets, key=lambda figure: figure.count)
        small = [figure for figure in by_count if figure.count < LEAST]
        for figure in small:
            kept_back[figure.indicator_id, figure.hamlet_id] = layout.say(
                "steer_few", least=LEAST
            )
        if len(small) == 1 and len(by_count) > 1:
            next_one = by_count[1]
            kept_back[next_one.indicator_id, next_one.hamlet_id] = "–"
    return kept_back


def _held_lately(tx: Tx, day: str) -> list[sessions_held.Held]:
    """The sessions of the twelve months up to this day."""
    commune_id = layout.staff().commune_id
    return sessions_held.held(
        tx, commune_id=commune_id, first=_year_ago(day), last=day, now=lang.now_ms()
    )


def _year_ago(day: str) -> str:
    """The first day of the month after this one, a year before: twelve months, this one among them."""
    today = date.fromisoformat(day)
    if today.month == 12:
        return f"{today.year}-01-01"
    return f"{today.year - 1}-{today.month + 1:02}-01"


def _by_kind(
    held: Iterable[sessions_held.Held], hamlet_id: int | None
) -> list[Sessions]:
    """Kind, sessions and people; of one hamlet's halls, or of all."""
    by_kind: dict[str, list[sessions_held.Held]] = {}
    for row in held:
        if hamlet_id in (None, row.hamlet_id):
            by_kind.setdefault(row.kind, []).append(row)
    listed = [kind for kind in EventKind if kind in by_kind]
    return [_summed(kind, by_kind[kind]) for kind in listed]


def _summed(kind: str, rows: list[sessions_held.Held], hamlet: str = "") -> Sessions:
    """So few people that a neighbour could be told are not said to those who do not see small numbers."""
    sessions = sum(row.sessions for row in rows)
    people: int | None = sum(row.people for row in rows)
    if people and people < LEAST and not _sees_all():
        people = None
    return Sessions(kind, sessions, people, hamlet)


def _sees_all() -> bool:
    """Whether small numbers may be shown to whoever is at the desk."""
    return roles.sees_small_numbers(layout.staff().role)


@bp.get("/progress/sessions")
@layout.needs("progress")
def sessions() -> layout.Page:
    """What was held month by month, and in which hamlet."""
    day = lang.current_day()
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        held = _held_lately(tx, day)
    names: dict[int | None, str] = {row.id: row.name for row in hamlets}
    if layout.scope() is None:
        names[None] = layout.say("sessions_commune_hall")
    months: dict[str, list[Sessions]] = {}
    for row in held:
        hamlet = names.get(row.hamlet_id)
        if hamlet is None:
            continue
        line = _summed(row.kind, [row], hamlet)
        months.setdefault(row.month, []).append(line)
    return layout.page("sessions", months=months.items(), least=LEAST)


def _paces(
    tx: Tx, figures: Iterable[Figure], period: Period, programme_id: int, day: str
) -> Paces:
    """How fast each figure goes and must go, by (indicator, hamlet or the whole); none without the plan's dates."""
    starts, ends = period.starts, period.ends
    if not starts or not ends:
        return {}
    earlier = steering.before(tx, programme_id=programme_id, starts=starts)
    paces: Paces = {}
    for figure in figures:
        pace = steering.pace(figure, earlier, starts=starts, ends=ends, today=day)
        paces[figure.indicator_id, figure.hamlet_id] = pace
    return paces


def _opinions(
    tx: Tx, programme_id: int, hamlets: list[places.Named], hamlet_id: int | None
) -> list[Opinion]:
    """How it went, hamlet by hamlet, and first of all in the whole commune for whoever sees small numbers.

    To the others no sum is shown: what is kept back in one hamlet could be reckoned from it.
    """
    told = {row.hamlet_id: row for row in ratings.by_hamlet(tx, programme_id)}
    if not told:
        return []
    shown = [hamlet for hamlet in hamlets if hamlet_id in (None, hamlet.id)]
    lines = [_opinion(hamlet.name, told.get(hamlet.id)) for hamlet in shown]
    if hamlet_id is not None or not _sees_all():
        return lines
    if 0 in told:
        nowhere = layout.say("no_hamlet")
        lines.append(_opinion(nowhere, told[0]))
    return [_whole(told.values()), *lines]


def _whole(rated: Collection[ratings.OfHamlet]) -> Opinion:
    """All hamlets together."""
    answers = sum(row.answers for row in rated)
    total = sum(row.total for row in rated)
    average = total / answers if answers else None
    return layout.say("whole_commune"), answers, average


def _opinion(name: str, rated: ratings.OfHamlet | None) -> Opinion:
    answers = rated.answers if rated else 0
    if answers < LEAST and not _sees_all():
        return name, None, None
    if rated is None or not answers:
        return name, answers, None
    return name, answers, rated.total / answers


@bp.get("/progress/<key>")
@layout.needs("progress")
def progress_of(key: str) -> layout.Page:
    """One indicator in every hamlet."""
    day = lang.current_day()
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        indicators = places.indicators_of(tx, commune_id)
        indicator = next((row for row in indicators if row.key == key), None)
        if indicator is None:
            abort(404)
        figures = counts.figures(tx, programme_id=indicator.programme_id, day=day)
        period = plan.period(tx, commune_id)
        paces = _paces(tx, figures.values(), period, indicator.programme_id, day)
    kept_back = _kept_back(figures, [indicator], hamlets)
    is_of_schools = (
        indicator.kind == "school"
    )  # there are three: the school's own page says which, no hamlet does
    whole = nowhere = None
    if is_of_schools or not layout.scope():
        whole = _figure(figures, indicator.id, counts.WHOLE)
        nowhere = figures.get(
            (indicator.id, 0)
        )  # counted for somebody whose hamlet nobody knows
    if is_of_schools:
        nowhere = None
    return layout.page(
        "progress_of",
        indicator=indicator,
        lines=[]
        if is_of_schools
        else [(row, _figure(figures, indicator.id, row.id)) for row in hamlets],
        is_of_schools=is_of_schools,
        whole=whole,
        nowhere=nowhere if nowhere and nowhere.count else None,
        day=day,
        period=period,
        paces=paces,
        kept_back=kept_back,
        least=LEAST,
    )
