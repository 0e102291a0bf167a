"""A report: all its figures, gathered once. Pages, DOCX and XLSX are written from it, and
it is kept as JSON.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from db.models.states import EventKind
from db.places import communes, plan
from db.reporting import periods
from db.reporting.periods import Moments, Period
from db.reports import (
    in_period,
    opinions,
    places,
    progress,
    schools,
    sessions_held,
    small,
    steering,
)
from db.reports.in_period import (
    Reason,
    Refused,
    Requests,
    SaidOfLog,
    Texts,
    Visits,
)
from db.reports.opinions import Topic
from db.reports.progress import WHOLE, Cell, Figure
from db.reports.schools import Paying
from db.reports.small import Hidden
from db.store.engine import Tx, from_ms
from menus import days

Amount = int | Hidden
R = TypeVar("R")
POINTS_MOST = 120  # of a burn-up; a plan of more weeks has a point every few
# of a phone, in what a carrier gave as its reason
_DIGITS = re.compile(r"\d{4,}")


class Indicator(NamedTuple):
    """One of the plan's, in the whole commune."""

    key: str
    name: str
    name_en: str
    of_what: str
    of_what_en: str
    denominator: int | None
    target: int | None
    as_of: str | None  # ISO day of the denominator
    percent: int | None  # that the plan asks for
    in_period: int
    in_all: int
    pace_so_far: float | None  # a week
    pace_needed: float | None
    is_slow: bool
    is_public: bool  # of a school or an office: no resident could be told by it

    @property
    def reached(self) -> float | None:
        """Percent of the denominator, where the plan has a percentage."""
        if self.percent is None or not self.denominator:
            return None
        return 100 * self.in_all / self.denominator


class InHamlet(NamedTuple):
    """One indicator in one hamlet (0: of nobody knows which)."""

    hamlet_id: int
    key: str
    in_period: Amount
    in_all: Amount


class Hamlet(NamedTuple):
    id: int
    name: str


class Held(NamedTuple):
    """Sessions of one kind that are over."""

    kind: str
    sessions: int
    people: Amount
    uncounted: int = 0  # of the sessions: nobody noted who came


class Unmet(NamedTuple):
    """Whom the plan has not served yet, of one hamlet, when the report was made."""

    hamlet_id: int
    waiting: Amount
    requests: Amount
    unreached: Amount


class Point(NamedTuple):
    """Of a burn-up: what an indicator had reached by the end of a day."""

    key: str
    day: str  # ISO
    reached: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is kept of a report: numbers, and names of places and indicators."""

    indicators: tuple[Indicator, ...]
    hamlets: tuple[Hamlet, ...]
    matrix: tuple[InHamlet, ...]
    sessions: tuple[Held, ...]
    topics: tuple[Topic, ...]
    requests: tuple[Requests, ...]
    visits: tuple[Visits, ...]
    texts: tuple[Texts, ...]
    failures: tuple[Reason, ...]
    refused: tuple[Refused, ...]
    unmet: tuple[Unmet, ...]
    points: tuple[Point, ...]
    said_of_log: tuple[SaidOfLog, ...]
    tuition: tuple[Paying, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Its figures, and what is read anew each time it is written: words that an erasure
    may change.
    """

    period: Period
    made_at: int  # UTC ms
    figures: Figures
    ideas: tuple[in_period.Idea, ...]
    notes: tuple[plan.Note, ...]

    @property
    def made_on(self) -> date:
        return days.today(from_ms(self.made_at))


def gather(tx: Tx, *, commune_id: int, period: Period, now: int) -> Report:
    """The report of a period as it stands now (UTC ms)."""
    return with_words(
        tx,
        commune_id=commune_id,
        period=period,
        made_at=now,
        figures=_figures(tx, commune_id, period, now),
    )


def with_words(
    tx: Tx, *, commune_id: int, period: Period, made_at: int, figures: Figures
) -> Report:
    """Kept figures with what was said and decided in that period, as it reads today."""
    moments = periods.moments(period)
    said = in_period.chosen(tx, commune_id=commune_id, **moments)
    notes = plan.notes(tx, commune_id)
    return Report(
        period,
        made_at,
        figures,
        ideas=tuple(said),
        notes=tuple(
            note
            for note in reversed(notes)
            if period.first.isoformat() <= note.day <= period.last.isoformat()
        ),
    )


def _figures(tx: Tx, commune_id: int, period: Period, now: int) -> Figures:
    held = sessions_held.held(
        tx,
        commune_id=commune_id,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        now=now,
    )
    hamlets = [Hamlet(*row) for row in places.hamlets_of(tx, commune_id)]
    of = partial(_ask, tx, commune_id, periods.moments(period))
    plan_ = _Plan.read(tx, commune_id, period, now)
    return Figures(
        indicators=tuple(plan_.indicator(row) for row in plan_.indicators),
        hamlets=tuple(hamlets),
        matrix=tuple(plan_.matrix(hamlets)),
        sessions=tuple(_by_kind(held)),
        topics=tuple(of(opinions.by_topic)),
        requests=tuple(of(in_period.requests)),
        visits=tuple(of(in_period.visits)),
        texts=tuple(of(in_period.texts)),
        failures=tuple(_without_numbers(of(in_period.failures))),
        refused=tuple(of(in_period.refused)),
        unmet=tuple(_unmet(tx, commune_id, hamlets, now)),
        points=tuple(plan_.points(tx)),
        said_of_log=tuple(of(in_period.said_of_log)),
        tuition=tuple(
            schools.paying(tx, commune_id=commune_id, day=plan_.day.isoformat())
        ),
    )


def _ask(
    tx: Tx, commune_id: int, moments: Moments, question: Callable[..., list[R]]
) -> list[R]:
    """One of the questions of a commune and a period."""
    return question(tx, commune_id=commune_id, **moments)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known of the plan's indicators at the end of a period, and before it."""

    programme_id: int
    indicators: list[places.Indicator]
    figures: Mapping[Cell, Figure]
    at_eve: Mapping[Cell, int]
    runs: plan.Period
    before_plan: Mapping[Cell, int]
    day: date  # the period's last, or today where that is to come
    first: date

    @classmethod
    def read(cls, tx: Tx, commune_id: int, period: Period, now: int) -> _Plan:
        programme_id = communes.programme(tx, commune_id)
        day = min(period.last, days.today(from_ms(now)))
        runs = plan.period(tx, commune_id)
        eve = period.eve.isoformat()
        before_plan: Mapping[Cell, int] = {}
        if runs.starts:
            before_plan = steering.before(
                tx, programme_id=programme_id, starts=runs.starts
            )
        of_commune = places.indicators_of(tx, commune_id)
        return cls(
            programme_id,
            [row for row in of_commune if row.programme_id == programme_id],
            progress.figures(tx, programme_id=programme_id, day=day.isoformat()),
            progress.counts_until(tx, programme_id=programme_id, day=eve),
            runs,
            before_plan,
            day,
            period.first,
        )

    def figure(self, indicator_id: int, place: int | None) -> Figure:
        """What had counted there by then; nothing yet is a figure, too."""
        cell = (indicator_id, place)
        return self.figures.get(cell, Figure(indicator_id, place, 0))

    def in_period(self, figure: Figure) -> int:
        cell = (figure.indicator_id, figure.hamlet_id)
        return figure.count - self.at_eve.get(cell, 0)

    def indicator(self, row: places.Indicator) -> Indicator:
        figure = self.figure(row.id, WHOLE)
        pace = self._pace(figure)
        return Indicator(
            row.key,
            row.name,
            row.name_en,
            row.denominator,
            row.denominator_en,
            figure.denominator,
            figure.target,
            figure.as_of,
            row.percent,
            self.in_period(figure),
            figure.count,
            pace.shown_so_far,
            pace.shown_needed,
            pace.is_slow,
            row.kind in small.PUBLIC_PLACES,
        )

    def _pace(self, figure: Figure) -> steering.Pace:
        starts, ends = self.runs.starts, self.runs.ends
        if not starts or not ends:
            return steering.Pace(None, None)
        today = self.day.isoformat()
        return steering.pace(
            figure, self.before_plan, starts=starts, ends=ends, today=today
        )

    def matrix(self, hamlets: Iterable[Hamlet]) -> Iterable[InHamlet]:
        """Hamlet by hamlet each indicator; last what nobody knows the hamlet of."""
        for hamlet_id in (*(hamlet.id for hamlet in hamlets), 0):
            row = [self.figure(one.id, hamlet_id) for one in self.indicators]
            if hamlet_id == 0 and not any(figure.count for figure in row):
                return
            for one, figure in zip(self.indicators, row, strict=True):
                in_period_ = self.in_period(figure)
                yield InHamlet(hamlet_id, one.key, in_period_, figure.count)

    def points(self, tx: Tx) -> Iterable[Point]:
        """What each had reached week by week since the plan began."""
        rises = in_period.rises(
            tx, programme_id=self.programme_id, day=self.day.isoformat()
        )
        ends = self._ends_of_weeks()
        for one in self.indicators:
            of_one = [rise for rise in rises if rise.indicator_id == one.id]
            for end in ends:
                reached = sum(int(rise.number) for rise in of_one if rise.day <= end)
                yield Point(one.key, end, reached)

    def _ends_of_weeks(self) -> list[str]:
        """ISO days: the eve of the plan, every seventh day, and the last."""
        begins = self.first
        if self.runs.starts:
            begins = min(date.fromisoformat(self.runs.starts), self.day)
        eve = begins - periods.DAY
        weeks = max(1, (self.day - eve).days // 7)
        step = timedelta(days=7 * -(-weeks // POINTS_MOST))
        ends = []
        while eve < self.day:
            ends.append(eve.isoformat())
            eve += step
        return [*ends, self.day.isoformat()]


def _by_kind(held: Iterable[sessions_held.Held]) -> Iterable[Held]:
    """All months and halls together."""
    sessions: Counter[str] = Counter()
    people: Counter[str] = Counter()
    uncounted: Counter[str] = Counter()
    for row in held:
        sessions[row.kind] += row.sessions
        people[row.kind] += row.people
        uncounted[row.kind] += row.uncounted
    for kind in EventKind:
        if sessions[kind]:
            yield Held(kind.value, sessions[kind], people[kind], uncounted[kind])


def _without_numbers(failures: Iterable[Reason]) -> Iterable[Reason]:
    """A carrier may have put a phone into its reason: what differs in that alone is one
    reason.
    """
    summed: Counter[str] = Counter()
    for row in failures:
        reason = _DIGITS.sub("#", row.reason)
        summed[reason] += row.number
    for reason, number in summed.most_common():
        yield Reason(reason, number)


def _unmet(
    tx: Tx, commune_id: int, hamlets: Iterable[Hamlet], now: int
) -> Iterable[Unmet]:
    unreached = steering.UNREACHED.look(tx, commune_id, now)
    demand = steering.demand(
        tx,
        commune_id=commune_id,
        hamlets=[hamlet.id for hamlet in hamlets],
        unreached_rows=unreached.rows,
        today=days.today(from_ms(now)).isoformat(),
        now=now,
    )
    for line in demand:
        yield Unmet(line.hamlet_id, line.waiting, line.requests, line.unreached)


# As it is kept


def as_json(figures: Figures) -> str:
    """Section by section the rows; `figures_of` reads them."""
    sections = {field.name: getattr(figures, field.name) for field in fields(figures)}
    return json.dumps(sections, ensure_ascii=False, separators=(",", ":"))


def figures_of(kept: str) -> Figures:
    """What an older version did not keep is empty."""
    sections: dict[str, list[list[Any]]] = json.loads(kept)
    made = {}
    for name, hint in get_type_hints(Figures).items():
        row, _ = get_args(hint)  # tuple[Row, ...]
        made[name] = tuple(row(*cells) for cells in sections.get(name, []))
    return Figures(**made)


# As it is shown to whoever may not see small numbers


def with_few_kept_back(figures: Figures) -> Figures:
    """As its pages do for whom a few people of a hamlet are no number."""
    public = {row.key for row in figures.indicators if row.is_public}
    sessions = [row._replace(people=_or_few(row.people)) for row in figures.sessions]
    unmet = [
        Unmet(row.hamlet_id, *(_or_few(number) for number in row[1:]))
        for row in figures.unmet
    ]
    return replace(
        figures,
        matrix=tuple(_kept_back(figures.matrix, public)),
        sessions=tuple(sessions),
        unmet=tuple(unmet),
    )


def _or_few(number: Amount) -> Amount:
    return number if isinstance(number, Hidden) else small.or_few(number)


def _kept_back(matrix: Iterable[InHamlet], public: set[str]) -> Iterable[InHamlet]:
    rows = list(matrix)
    in_all = _hidden(rows, "in_all")
    in_period_ = _hidden(rows, "in_period")
    for row in rows:
        cell = (row.hamlet_id, row.key)
        if row.key in public:
            yield row
            continue
        yield row._replace(
            in_all=in_all.get(cell, row.in_all),
            in_period=in_period_.get(cell, row.in_period),
        )


def _hidden(rows: list[InHamlet], column: str) -> dict[tuple[int, str], Hidden]:
    """By hamlet and indicator, what stands in place of the number."""
    hidden: dict[tuple[int, str], Hidden] = {}
    for key in {row.key for row in rows}:
        counts = {
            (row.hamlet_id, key): getattr(row, column) for row in rows if row.key == key
        }
        hidden |= small.kept_back(counts)
    return hidden
