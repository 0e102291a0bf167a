"""How far the plan has come: each indicator of its own denominator, never blended; by
commune, hamlet, indicator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from flask import abort, request
from werkzeug.wrappers import Response

from db.models.states import EventKind
from db.places import plan, schemes, targets
from db.places.commune_setup import Refused, a_day
from db.places.plan import Period
from db.progress import tuition
from db.register import ratings
from db.reports import places, schools, sessions_held, small, steering
from db.reports import progress as counts
from db.reports.progress import Figure
from db.reports.small import LEAST, PUBLIC_PLACES, Hidden
from db.reports.steering import Pace
from db.store.engine import Tx
from db.store.kept import Counted
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles
from gateway.staff.gate import bp

Figures = dict[tuple[int, int | None], Figure]  # by indicator, and hamlet or the whole
# what stands in place of a figure that is not shown
KeptBack = dict[tuple[int, int | None], str]
Paces = dict[tuple[int, int | None], Pace]
Line = tuple[places.Indicator, Figure]
# where, answers, average; none where they are too few to be shown
Opinion = tuple[str, int | None, float | None]


class Fewer(Exception):
    """More are counted there than there would be in all: whoever enters it is asked."""

    def __init__(self, counted: int, denominator: int) -> None:
        super().__init__(counted, denominator)
        self.counted = counted
        self.denominator = denominator


class SoFar(NamedTuple):
    """How far the indicators have come."""

    lines: list[Line]
    opinions: list[Opinion]
    paces: Paces
    kept_back: KeptBack


class Sessions(NamedTuple):
    """Sessions of one kind, and who came; no people where they are too few to be shown."""

    kind: str
    sessions: int
    people: int | None
    hamlet: str
    uncounted: int  # of the sessions: nobody noted who came


@bp.get("/progress/")
@layout.needs("progress")
def progress() -> layout.Page:
    return progress_page(200)


def progress_page(http: int) -> layout.Page:
    """All indicators in one place: the commune, or one hamlet; the form of an
    adjustment as it was typed.
    """
    hamlet_id = layout.chosen_hamlet()
    day = lang.current_day()
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        period = plan.period(tx, commune_id)
        come = _come_so_far(tx, hamlets, hamlet_id, period, day)
        scheme = schemes.told(tx, commune_id, day)
        held = _held_lately(tx, day)
        notes = plan.notes(tx, commune_id)
    return layout.page(
        "progress",
        http,
        hamlets=hamlets,
        hamlet_id=hamlet_id,
        day=day,
        period=period,
        notes=notes,
        words_most=plan.WORDS_MOST,
        least=LEAST,
        scheme=scheme,
        sessions=_by_kind(held.rows, hamlet_id),
        held_as_of=held.as_of,
        **come._asdict(),
    )


def _come_so_far(
    tx: Tx,
    hamlets: list[places.Named],
    hamlet_id: int | None,
    period: Period,
    day: str,
) -> SoFar:
    """In one hamlet or in all; nothing where the commune has no programme."""
    commune_id = layout.commune_id()
    programme = places.programme_of(tx, commune_id)
    if programme is None:
        return SoFar([], [], {}, {})
    figures = counts.figures(tx, programme_id=programme.id, day=day)
    indicators = places.indicators_of(tx, commune_id)
    ours = [row for row in indicators if row.programme_id == programme.id]
    # what the plan gives a figure for comes first
    ours.sort(key=lambda row: row.percent is None)
    return SoFar(
        lines=[(row, _figure(figures, row.id, hamlet_id)) for row in ours],
        opinions=_opinions(tx, programme.id, hamlets, hamlet_id),
        paces=_paces(tx, figures.values(), period, programme.id, day),
        kept_back=_kept_back(figures, ours, hamlets),
    )


def _figure(figures: Figures, indicator_id: int, hamlet_id: int | None) -> Figure:
    """What was counted there; nothing yet is a figure too."""
    return figures.get((indicator_id, hamlet_id), Figure(indicator_id, hamlet_id, 0))


def _nowhere(figures: Figures, indicator_id: int) -> Figure | None:
    """What was counted for people whose hamlet nobody knows, if anything was."""
    figure = figures.get((indicator_id, 0))
    if figure is None or not figure.count:
        return None
    return figure


def _kept_back(
    figures: Figures,
    indicators: Iterable[places.Indicator],
    hamlets: list[places.Named],
) -> KeptBack:
    """Figures of hamlets so small that a neighbour could be told, and what is shown in
    their place.
    """
    kept_back: KeptBack = {}
    if sees_own():
        return kept_back
    for indicator in indicators:
        if indicator.kind not in PUBLIC_PLACES:
            kept_back |= _small(figures, indicator.id, hamlets)
    return kept_back


def _small(
    figures: Figures, indicator_id: int, hamlets: list[places.Named]
) -> KeptBack:
    """Those of one indicator."""
    of_hamlets = [_figure(figures, indicator_id, hamlet.id) for hamlet in hamlets]
    nowhere = _nowhere(figures, indicator_id)
    if nowhere is not None:
        of_hamlets.append(nowhere)
    hidden = small.kept_back({row.hamlet_id: row.count for row in of_hamlets})
    shown = {Hidden.FEW: layout.say("steer_few", least=LEAST), Hidden.BESIDE: "–"}
    return {(indicator_id, place): shown[why] for place, why in hidden.items()}


def _held_lately(tx: Tx, day: str) -> Counted[sessions_held.Held]:
    """The sessions of the twelve months up to this day."""
    commune_id = layout.staff().commune_id
    now = lang.now_ms()
    return sessions_held.held_lately(tx, commune_id=commune_id, day=day, now=now)


def _by_kind(
    held: Iterable[sessions_held.Held], hamlet_id: int | None
) -> list[Sessions]:
    """Kind, sessions and people; of one hamlet's halls, or of all."""
    by_kind: dict[str, list[sessions_held.Held]] = {kind: [] for kind in EventKind}
    for row in held:
        if hamlet_id in (None, row.hamlet_id):
            by_kind[row.kind].append(row)
    return [_summed(kind, rows) for kind, rows in by_kind.items() if rows]


def _summed(kind: str, rows: list[sessions_held.Held], hamlet: str = "") -> Sessions:
    """So few people that a neighbour could be told are not said to those who do not see
    small numbers.
    """
    sessions = sum(row.sessions for row in rows)
    people = sum(row.people for row in rows)
    uncounted = sum(row.uncounted for row in rows)
    is_small = 0 < people < LEAST
    shown = None if is_small and not sees_own() else people
    return Sessions(kind, sessions, shown, hamlet, uncounted)


def sees_all() -> bool:
    """Whether small numbers may be shown to whoever is at the desk."""
    return roles.sees_small_numbers(layout.staff().role)


def sees_own() -> bool:
    """Whether small numbers of the hamlets in reach may be shown: who is bound to one
    knows its people by name.
    """
    return sees_all() or layout.scope() is not None


@bp.get("/progress/sessions")
@layout.needs("progress")
def sessions() -> layout.Page:
    """What was held month by month, and in which hamlet."""
    day = lang.current_day()
    with here().db.connection() as tx:
        names = _names_of_places(tx)
        held = _held_lately(tx, day)
    months: dict[str, list[Sessions]] = {}
    for row in held.rows:
        if row.hamlet_id not in names:
            continue
        where = names[row.hamlet_id]
        line = _summed(row.kind, [row], where)
        month = months.setdefault(row.month, [])
        month.append(line)
    in_reach = [row for row in held.rows if row.hamlet_id in names]
    return layout.page(
        "sessions",
        months=months.items(),
        totals=_by_kind(in_reach, None),
        in_all=_summed("", in_reach),
        of_month={month: _summed("", rows) for month, rows in _by_month(in_reach)},
        least=LEAST,
        held_as_of=held.as_of,
    )


def _by_month(
    held: list[sessions_held.Held],
) -> Iterable[tuple[str, list[sessions_held.Held]]]:
    """Each month with its rows."""
    by_month: dict[str, list[sessions_held.Held]] = {}
    for row in held:
        by_month.setdefault(row.month, []).append(row)
    return by_month.items()


def _names_of_places(tx: Tx) -> dict[int | None, str]:
    """The hamlets in reach by name; the commune's own halls too for who is bound to
    none.
    """
    names: dict[int | None, str] = {}
    for hamlet in layout.hamlets(tx):
        names[hamlet.id] = hamlet.name
    if layout.scope() is None:
        names[None] = layout.say("sessions_commune_hall")
    return names


def _paces(
    tx: Tx, figures: Iterable[Figure], period: Period, programme_id: int, day: str
) -> Paces:
    """How fast each figure goes and must go, by (indicator, hamlet or the whole); none
    without the plan's dates.
    """
    starts = period.starts
    ends = period.ends
    if not starts or not ends:
        return {}
    earlier = steering.before(tx, programme_id=programme_id, starts=starts)
    paces: Paces = {}
    for figure in figures:
        pace = steering.pace(figure, earlier, starts=starts, ends=ends, today=day)
        paces[figure.cell] = pace
    return paces


def _opinions(
    tx: Tx, programme_id: int, hamlets: list[places.Named], hamlet_id: int | None
) -> list[Opinion]:
    """How it went, hamlet by hamlet, and first of all in the whole commune for whoever
    sees small numbers.

    To the others no sum is shown: what is kept back in one hamlet could be reckoned
    from it.
    """
    told = {row.hamlet_id: row for row in ratings.by_hamlet(tx, programme_id)}
    if not told:
        return []
    lines = [
        _opinion(hamlet.name, told.get(hamlet.id))
        for hamlet in hamlets
        if hamlet_id in (None, hamlet.id)
    ]
    if hamlet_id is not None or not sees_all():
        return lines
    if 0 in told:
        nowhere = layout.say("no_hamlet")
        lines.append(_opinion(nowhere, told[0]))
    whole = _whole(told.values())
    return [whole, *lines]


def _whole(rated: Collection[ratings.OfHamlet]) -> Opinion:
    """All hamlets together."""
    answers = sum(row.answers for row in rated)
    total = sum(row.total for row in rated)
    where = layout.say("whole_commune")
    if not answers:
        return where, 0, None
    return where, answers, total / answers


def _opinion(name: str, rated: ratings.OfHamlet | None) -> Opinion:
    answers = rated.answers if rated else 0
    if answers < LEAST and not sees_all():
        return name, None, None
    if rated is None or not answers:
        return name, 0, None
    average = rated.total / answers
    return name, answers, average


def _indicator(tx: Tx, commune_id: int, key: str) -> places.Indicator:
    """404 where the plan has none of this key."""
    indicators = places.indicators_of(tx, commune_id)
    found = [row for row in indicators if row.key == key]
    if not found:
        abort(404)
    return found[0]


@bp.get("/progress/<key>")
@layout.needs("progress")
def progress_of(key: str) -> layout.Page:
    """One indicator in every hamlet."""
    return _progress_of(key, 200)


@bp.post("/progress/<key>/target")
@layout.needs("plan")
def give_target(key: str) -> Response | layout.Page:
    """Of how many an indicator is, on that day, and by whose word."""
    try:
        here().db.again(lambda tx: _give_target(tx, key))
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return _progress_of(key, 400)
    except Fewer as fewer:
        return _progress_of(key, 200, asks=fewer)
    layout.tell("saved")
    return layout.see("staff.progress_of", key=key)


def _give_target(tx: Tx, key: str) -> None:
    """Raises Refused."""
    indicator = _indicator(tx, layout.commune_id(), key)
    hamlet_id = layout.a_number("hamlet", request.form)
    layout.refuse_unknown_hamlet(tx, hamlet_id)
    goal = _typed_goal()
    as_of = a_day(layout.a_line("as_of", 10))
    if as_of > lang.current_day():
        raise Refused("figure_to_come")
    try:
        targets.give(tx, indicator.id, hamlet_id, goal, as_of=as_of)
    except targets.MoreThanAll:
        raise Refused("figure_more_than_all") from None
    except targets.HamletMore as more:
        values = {"hamlet": more.hamlet, "whole": more.whole}
        raise Refused("figure_hamlet_more", **values) from None
    if "sure" not in request.form:
        _refuse_less_than_counted(tx, indicator, hamlet_id, goal)
    detail = f"{key} {hamlet_id or 0} {goal.denominator}"
    layout.note_act(tx, "target", detail=detail)


def _refuse_less_than_counted(
    tx: Tx, indicator: places.Indicator, hamlet_id: int | None, goal: targets.Goal
) -> None:
    """Raises Fewer where more are counted there than there would be in all."""
    figures = counts.figures(
        tx, programme_id=indicator.programme_id, day=lang.current_day()
    )
    counted = _figure(figures, indicator.id, hamlet_id).count
    if counted > goal.denominator:
        raise Fewer(counted, goal.denominator)


@bp.post("/progress/<key>/target/withdraw")
@layout.needs("plan")
def withdraw_target(key: str) -> Response:
    """A figure that was entered by mistake."""
    hamlet_id = layout.a_number("hamlet", request.form)
    as_of = layout.a_line("as_of", 10)

    def work(tx: Tx) -> bool:
        indicator = _indicator(tx, layout.commune_id(), key)
        done = targets.withdraw(tx, indicator.id, hamlet_id, as_of=as_of)
        if done:
            detail = f"{key} {hamlet_id or 0} –"
            layout.note_act(tx, "target", detail=detail)
        return done

    if here().db.again(work):
        layout.tell("figure_withdrawn")
    else:
        layout.tell("request_as_it_was", "warning")
    return layout.see("staff.progress_of", key=key, _anchor="given")


def _typed_goal() -> targets.Goal:
    """Raises Refused."""
    denominator = layout.a_number("denominator", request.form)
    target = layout.a_number("target", request.form)
    if denominator is None or max(denominator, target or 0) > targets.NUMBER_MOST:
        raise Refused("figure_no_number", most=layout.count(targets.NUMBER_MOST))
    source = layout.a_line("source", targets.SOURCE_MOST)
    if not source:
        raise Refused("figure_no_source")
    return targets.Goal(denominator, target, source)


def _progress_of(key: str, http: int, asks: Fewer | None = None) -> layout.Page:
    day = lang.current_day()
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        indicator = _indicator(tx, commune_id, key)
        figures = counts.figures(tx, programme_id=indicator.programme_id, day=day)
        period = plan.period(tx, commune_id)
        paces = _paces(tx, figures.values(), period, indicator.programme_id, day)
        given = targets.given(tx, indicator.id) if layout.may("plan") else []
        is_of_tuition = indicator.key == tuition.INDICATOR
        paying = (
            schools.paying(tx, commune_id=commune_id, day=day) if is_of_tuition else []
        )
    kept_back = _kept_back(figures, [indicator], hamlets)
    # there are three: the school's own page says which, no hamlet does
    is_of_schools = indicator.kind == "school"
    is_of_all = layout.scope() is None
    whole = nowhere = None
    lines: list[tuple[places.Named, Figure]] = []
    if is_of_schools or is_of_all:
        whole = _figure(figures, indicator.id, counts.WHOLE)
    if is_of_all and not is_of_schools:
        nowhere = _nowhere(figures, indicator.id)
    if not is_of_schools:
        lines = [(row, _figure(figures, indicator.id, row.id)) for row in hamlets]
    return layout.page(
        "progress_of",
        http,
        indicator=indicator,
        given=given,
        asks=asks,
        hamlets=hamlets,
        lines=lines,
        paying=paying,
        is_of_schools=is_of_schools,
        whole=whole,
        nowhere=nowhere,
        day=day,
        period=period,
        paces=paces,
        kept_back=kept_back,
        least=LEAST,
    )
