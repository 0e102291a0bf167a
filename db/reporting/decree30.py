"""A report as a DOCX in the layout of Decree 30/2020 for a document of the type "báo cáo":
A4, Times New Roman, the block of the issuer beside that of the country, grounds, body,
signature, recipients; the tables by hamlet lie in an annex.

Lengths are millimetres, sizes of letters points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from db.models.states import EventKind
from db.reporting import tables, word
from db.reporting.heads import BLANK, Head
from db.reporting.report import Amount, Held, Report
from db.reporting.tables import Table, Value
from db.reporting.word import XML, Cell, Letters, Lines, Section
from db.reports.small import Hidden

LANGUAGE = "vi"  # a document of the state
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15
ACROSS, LYING_ACROSS = 210 - LEFT - RIGHT, 297 - LEFT - RIGHT  # between the margins
ISSUER_WIDE, COUNTRY_WIDE = 65, 100  # the two columns of the head
INDENT = 12.7  # of a paragraph's first line
BODY, SMALL, TABLE, TIGHT = 14, 12, 11, 10
TRAINED = (EventKind.TRAINING, EventKind.FARMERS)
RULED = 0.4  # of the words that a rule stands under: a third to a half
SIGN_ROOM = 70  # points between the title and the name: for a hand and a seal
# of the first table, column by column
INDICATOR_WIDTHS = (29, 25, 12, 11, 19, 11.5, 11, 12.5, 11, 11.5, 11.5)
NAME_WIDE, UPRIGHT_HIGH = 36, 46

_bold = Letters(bold=True)
_plain = Letters()
_italic = Letters(italic=True)
_of_head = Letters(13)
_of_head_bold = Letters(13, bold=True)
_centred = Lines("center")
_apart = Lines("center", before=6)
_justified = Lines("both", first=INDENT, before=6, spacing=1.1)


def docx(report: Report, head: Head, programme: str) -> bytes:
    """The draft of a report, its number left blank. `programme` is the plan's name."""
    found = tables.tables_of(report.figures, LANGUAGE)
    by_key = {table.key: table for table in found}
    document = _Document(report, head, programme, by_key)
    text = [*document.head(), *document.body(), document.end()]
    upright = Section(text, TOP, BOTTOM, LEFT, RIGHT, numbered_first=False)
    annex = list(document.annex())
    lying = Section(annex, TOP, BOTTOM, LEFT, RIGHT, lying=True)
    number = _centred.paragraph(word.page_number(BODY))
    return word.docx([upright, lying], number)


@dataclass(frozen=True, slots=True)
class _Document:
    report: Report
    heading: Head
    programme: str
    tables: Mapping[str, Table]  # by their keys

    # What stands above the text

    def head(self) -> Iterable[XML]:
        issuer = Cell("".join(self._issuer()))
        country = Cell("".join(self._country()))
        widths = (ISSUER_WIDE, COUNTRY_WIDE)
        yield word.table([[issuer, country]], widths, ruled=False)
        yield from self._subject()
        yield from self._addressees()
        yield from self._grounds()

    def _issuer(self) -> Iterable[XML]:
        for line in _name_in_lines(self.heading.parent):
            yield _line(line, _of_head)
        issuer = _name_in_lines(self.heading.issuer)
        for line in issuer:
            yield _line(line, _of_head_bold)
        longest = max((_wide(line, _of_head_bold) for line in issuer), default=0.0)
        yield _rule(ISSUER_WIDE, RULED * min(longest, ISSUER_WIDE))
        number = say("number", symbol=self.heading.symbol)
        yield _line(number, _of_head, _apart)

    def _country(self) -> Iterable[XML]:
        country = say("country")
        motto = say("motto")
        yield _line(country.upper(), _of_head_bold)
        yield _line(motto, _bold)
        yield _rule(COUNTRY_WIDE, _wide(motto, _bold))
        day = _padded(self.report.made_on)
        place_and_date = say("place_and_date", place=self.heading.place, **day)
        yield _line(place_and_date, _italic, _apart)

    def _subject(self) -> Iterable[XML]:
        title = say("title")
        about = self.heading.subject or say("about", programme=self.programme)
        period = say_period(self.report)
        wide = _wide(about, _bold)
        yield _line(title.upper(), _bold, Lines("center", before=18))
        yield _line(about, _bold, Lines("center", left=10, right=10))
        yield _line(f"({period})", _bold)
        yield _rule(ACROSS, RULED * min(wide, ACROSS))

    def _addressees(self) -> Iterable[XML]:
        """On one line where there is one, below each other where there are more."""
        lines = _lines(self.heading.addressees)
        addressed = say("addressed")
        if len(lines) == 1:
            yield _line(f"{addressed} {lines[0]}", _plain, Lines("center", before=12))
        elif lines:
            yield _line(addressed, _plain, Lines(left=35, before=12))
            for line in lines:
                yield _line(f"- {line}", _plain, Lines(left=50))

    def _grounds(self) -> Iterable[XML]:
        """Each ends with a semicolon, the last with a point."""
        before = 12
        for line in _listed(self.heading.grounds):
            yield _line(line, _italic, Lines("both", first=INDENT, before=before))
            before = 6

    # The text

    def body(self) -> Iterable[XML]:
        period = say_period(self.report)
        issuer = self.heading.issuer
        yield _tell("opening", issuer=issuer, period=period)
        parts = {
            "part_indicators": self._indicators(),
            "part_sessions": self._sessions(),
            "part_voices": self._voices(),
            "part_texts": self._texts(),
            "part_obstacles": self._obstacles(),
        }
        title = Lines("both", first=INDENT, before=12, keep_next=True)
        for number, (key, inside) in enumerate(parts.items(), 1):
            named = say(key)
            yield _line(f"{number}. {named}", _bold, title)
            yield from inside
        closing = say("closing", issuer=issuer, period=period)
        yield _line(closing, _plain, replace(_justified, keep_next=True))

    def _indicators(self) -> Iterable[XML]:
        yield _tell("indicators_help")
        made = self.tables.get("indicators")
        if made is not None:
            yield _gap()
            yield from _as_table(made, INDICATOR_WIDTHS, TIGHT)
        yield from self._tuition()
        yield from self._said_of_log()

    def _tuition(self) -> Iterable[XML]:
        counted = self.report.figures.tuition
        if not counted:
            return
        paying = sum(one.paying for one in counted)
        pupils = sum(one.pupils for one in counted)
        yield _tell("tuition_said", paying=_number(paying), pupils=_number(pupils))
        yield from self._table("tuition", (75, 35, 25, 30))

    def _said_of_log(self) -> Iterable[XML]:
        """Who was asked by text whether their log is right, and denied it: whoever signs
        the figures reads how many still count.
        """
        said = self.report.figures.said_of_log
        if not said:
            return
        yield _tell(
            "said_of_log",
            right=_number(sum(row.said_right for row in said)),
            wrong=_number(sum(row.said_wrong for row in said)),
            counts=_number(sum(row.wrong_and_counts for row in said)),
        )
        yield from self._table("said_of_log", (75, 30, 30, 30))

    def _sessions(self) -> Iterable[XML]:
        yield self._sessions_said()
        uncounted = sum(row.uncounted for row in self.report.figures.sessions)
        if uncounted:
            yield _tell("sessions_uncounted", sessions=_number(uncounted))
        yield from self._table("sessions", (70, 30, 30, 35))
        if any(row.kind == EventKind.VISITS for row in self.report.figures.sessions):
            yield _tell("visits_differ")
        visits = self.report.figures.visits
        if not visits:
            yield _tell("visits_none")
            return
        homes = sum(row.homes for row in visits)
        shops = sum(row.shops for row in visits)
        yield _tell("visits_said", homes=_number(homes), shops=_number(shops))
        yield from self._table("visits", (85, 40, 40))

    def _sessions_said(self) -> XML:
        """All kinds together, and trainings and meetings by themselves."""
        held = self.report.figures.sessions
        if not held:
            return _tell("sessions_none")
        sessions, people = _held(held, tuple(EventKind))
        if people is None:
            return _tell("sessions_said_few", sessions=sessions)
        trainings, trained = _held(held, TRAINED)
        meetings, met = _held(held, (EventKind.MEETING,))
        return _tell(
            "sessions_said",
            sessions=sessions,
            people=people,
            trainings=trainings,
            trained=trained,
            meetings=meetings,
            met=met,
        )

    def _voices(self) -> Iterable[XML]:
        widths = (65, 25, 25, 25, 25)
        if "topics" not in self.tables:
            yield _tell("topics_none")
        yield from self._table("topics", widths)
        ideas = self.report.ideas
        if ideas:
            yield _tell("ideas_said")
        for idea in ideas:
            topic = say(f"topic_{idea.topic}")
            yield _tell("idea", topic=topic, words=idea.words, why=idea.why)
        if "requests" not in self.tables:
            yield _tell("requests_none")
        yield from self._table("requests", widths)

    def _texts(self) -> Iterable[XML]:
        figures = self.report.figures
        if not figures.texts:
            yield _tell("texts_none")
            return
        refused = sum(row.number for row in figures.refused)
        sums = {"refused": _number(refused)}
        for name in ("sent", "parts", "price", "failed"):
            number = sum(getattr(row, name) for row in figures.texts)
            sums[name] = _number(number)
        yield _tell("texts_said", **sums)
        yield from self._table("texts", (40, 20, 22, 20, 20, 18, 25))
        yield from self._table("failures", (125, 40))
        yield from self._table("refused", (125, 40))

    def _obstacles(self) -> Iterable[XML]:
        yield self._slow_said()
        yield self._unmet_said()
        yield from self._table("unmet", (65, 30, 35, 35))
        notes = self.report.notes
        yield _tell("notes_said" if notes else "notes_none")
        for note in notes:
            day = date.fromisoformat(note.day)
            key = "note_of" if note.name else "note"
            said_on = tables.shown(day, LANGUAGE)
            yield _tell(key, day=said_on, indicator=note.name, words=note.words)

    def _slow_said(self) -> XML:
        indicators = self.report.figures.indicators
        slow = [row.name for row in indicators if row.is_slow]
        if slow:
            return _tell("slow", names="; ".join(slow))
        is_known = any(row.pace_so_far is not None for row in indicators)
        return _tell("slow_none" if is_known else "slow_unknown")

    def _unmet_said(self) -> XML:
        """In all; nothing is summed of what is kept back."""
        sums = {}
        for name in ("waiting", "requests", "unreached"):
            numbers = [getattr(row, name) for row in self.report.figures.unmet]
            said = _sum(numbers)
            if said is None:
                return _tell("unmet_few")
            sums[name] = said
        return _tell("unmet_said", **sums)

    def _table(self, key: str, widths: Sequence[float]) -> Iterable[XML]:
        """With its title; nothing where there is nothing in it."""
        made = self.tables.get(key)
        if made is None:
            return
        title = Lines("center", before=6, after=3, keep_next=True)
        yield _line(made.title, Letters(SMALL, italic=True), title)
        yield from _as_table(made, widths, TABLE)

    # What stands below it

    def end(self) -> XML:
        """Recipients beside the signature, on one page with the last of the text."""
        recipients = Cell("".join(self._recipients()))
        signature = Cell("".join(self._signature()))
        block = word.table([[recipients, signature]], (75, 90), ruled=False)
        return _line("", _plain, replace(_apart, keep_next=True)) + block

    def _recipients(self) -> Iterable[XML]:
        title = say("recipients")
        yield _line(title, Letters(SMALL, bold=True, italic=True), Lines())
        for line in _listed(self.heading.recipients):
            without_dash = line.lstrip("- ")
            yield _line(f"- {without_dash}", Letters(11), Lines())

    def _signature(self) -> Iterable[XML]:
        for line in _lines(self.heading.capacity):
            yield _line(line.upper(), _bold)
        signer = self.heading.signer or BLANK
        yield _line(signer, _bold, Lines("center", before=SIGN_ROOM))

    # The annex

    def annex(self) -> Iterable[XML]:
        day = _padded(self.report.made_on)
        yield _line(say("annex"), _bold)
        yield _line(say("annex_of", symbol=self.heading.symbol, **day), _italic)
        above = Lines("center", before=12, after=6, keep_next=True)
        for key in ("matrix", "matrix_period"):
            made = self.tables.get(key)
            if made is not None:
                yield _line(made.title.upper(), _bold, above)
                yield from _matrix(made)


def say(key: str, **values: object) -> str:
    return tables.say(LANGUAGE, key, **values)


def say_period(report: Report) -> str:
    """`tuần từ ngày 20/11/2026 đến ngày 26/11/2026`."""
    period = report.period
    first = tables.shown(period.first, LANGUAGE)
    last = tables.shown(period.last, LANGUAGE)
    return say(f"period_{period.kind}", first=first, last=last)


def _padded(day: date) -> dict[str, str]:
    """Days below 10 and months 1 and 2 have a 0 before them, so that nobody adds one."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return {"day": f"{day.day:02}", "month": month, "year": str(day.year)}


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _name_in_lines(name: str) -> list[str]:
    """In capitals; what a body is on one line, of which place on the next."""
    parted = re.sub(r"(?i)\b(nhân dân)\s+", r"\1\n", name)
    return [line.upper() for line in _lines(parted)]


def _listed(typed: str) -> list[str]:
    """Each line ends with a semicolon, the last with a point."""
    lines = [line.rstrip(";. ") for line in _lines(typed)]
    return [*(f"{line};" for line in lines[:-1]), *(f"{line}." for line in lines[-1:])]


def _line(words: str, letters: Letters, lines: Lines = _centred) -> XML:
    return lines.paragraph(letters.run(words))


def _tell(key: str, **values: object) -> XML:
    """A sentence of the text by its key."""
    said = say(key, **values)
    return _line(said, _plain, _justified)


def _number(number: int) -> str:
    return tables.shown(number, LANGUAGE)


def _held(held: Iterable[Held], kinds: Iterable[str]) -> tuple[str, str | None]:
    """Sessions of these kinds, and who came; none where any of that is kept back."""
    rows = [row for row in held if row.kind in kinds]
    sessions = sum(row.sessions for row in rows)
    return _number(sessions), _sum(row.people for row in rows)


def _sum(numbers: Iterable[Amount]) -> str | None:
    """None where one of them is kept back: it could be reckoned."""
    known = 0
    for number in numbers:
        if isinstance(number, Hidden):
            return None
        known += number
    return _number(known)


def _gap() -> XML:
    """Between a table and what stands beside it."""
    return Lines(exact=6).paragraph()


def _rule(column: float, long: float) -> XML:
    """A line in the middle of a column."""
    side = max(0.0, (column - long) / 2)
    line = Lines(left=side, right=side, before=1, rule=True, exact=4)
    return line.paragraph()


# of a point, of Times New Roman's letters: near enough for the length of a line
_CAPITAL, _SMALL, _SPACE = 0.72, 0.53, 0.28
MM_OF_POINT = 25.4 / 72


def _wide(words: str, letters: Letters) -> float:
    """About how long they are, in millimetres."""
    points = 0.0
    for letter in words:
        if letter.isupper():
            points += _CAPITAL
        else:
            points += _SMALL if letter.isalnum() else _SPACE
    return points * letters.size * MM_OF_POINT


def _as_table(table: Table, widths: Sequence[float], size: float) -> Iterable[XML]:
    strong = Letters(size, bold=True)
    plain = Letters(size)
    head = [Cell(_line(title, strong)) for title in table.columns]
    rows = [[_cell(value, plain) for value in row] for row in table.rows]
    yield word.table([head, *rows], widths)
    yield _gap()


def _cell(value: Value, letters: Letters) -> Cell:
    """Words to the left, figures in the middle."""
    is_words = isinstance(value, str) and not isinstance(value, Hidden)
    lines = Lines() if is_words else _centred
    shown = tables.shown(value, LANGUAGE)
    return Cell(_line(shown, letters, lines))


def _matrix(table: Table) -> Iterable[XML]:
    """A column for each indicator, its name read from below; the whole in bold."""
    first, *names = table.columns
    strong = Letters(TIGHT, bold=True)
    head = [Cell(_line(first, strong))]
    head += [Cell(_line(name, strong, Lines()), upright=True) for name in names]
    *hamlets, whole = table.rows
    plain = Letters(TABLE)
    rows = [[_cell(value, plain) for value in row] for row in hamlets]
    bold = Letters(TABLE, bold=True)
    rows.append([_cell(value, bold) for value in whole])
    wide = (LYING_ACROSS - NAME_WIDE) / len(names)
    widths = [NAME_WIDE, *[wide] * len(names)]
    yield word.table([head, *rows], widths, head_height=UPRIGHT_HIGH)
    yield _gap()
