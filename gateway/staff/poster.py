"""Paper, as a page to print and as a PDF: a poster for each hamlet (the code, the
number, the next sessions with a number each, the line against frauds), and the sheet
that is handed out after a swap.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import abort
from werkzeug.wrappers import Response

from db.calendar import occasions
from db.places import commune_setup, information, schemes
from db.reports import places
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, paper
from gateway.staff.aloud import in_full
from gateway.staff.gate import bp
from menus import days, words
from menus.appointments.about import BRING
from menus.port import Occasion
from menus.topics import Topic

SHOWN = 6  # sessions that fit an A4 page with their numbers large
HOTLINE = "18008098"  # free of charge
_ADVICE = ("call", "quiet", "data", "ask")  # whom to ask comes last


class Line(NamedTuple):
    """One session in the words of the wall."""

    number: int
    what: str
    day: str
    hours: str
    place: str
    bring: str
    dialled: str  # *2404*47#, where it has a number


class Poster(NamedTuple):
    """What hangs in a hamlet."""

    hamlet: places.Named
    commune: str
    lines: list[Line]
    code: str  # that residents dial
    number: str  # that they text
    today: str  # ISO


class AfterSwap(NamedTuple):
    """What is handed out; each advice is its heading and the lines under it."""

    commune: str
    advice: list[list[str]]
    number: str  # that residents text
    today: str  # ISO


@bp.get("/poster/")
@layout.needs("desk")
def posters() -> layout.Page | Response:
    """Which hamlet's; its head goes straight to the own."""
    own = layout.scope()
    if own is not None:
        return layout.see("staff.poster", hamlet_id=own)
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, commune_id)
    return layout.page("posters", hamlets=hamlets)


@bp.get("/poster/<int:hamlet_id>")
@layout.needs("desk")
def poster(hamlet_id: int) -> layout.Page:
    """In Vietnamese whatever the clerk reads: it hangs in the hamlet."""
    shown = _poster(hamlet_id)
    return layout.page("poster", poster=shown, hotline=HOTLINE, say_it=_on_the_wall)


@bp.get("/poster/<int:hamlet_id>.pdf")
@layout.needs("desk")
def poster_pdf(hamlet_id: int) -> Response:
    """The same on one A4 page, for a printer's shop."""
    shown = _poster(hamlet_id)
    name = _on_the_wall("file", hamlet=shown.hamlet.name)
    how = _on_the_wall("nothing")
    if shown.lines:
        how = _on_the_wall("how", number=shown.number)
    given = {
        "title": name,
        "commune": _on_the_wall("head", commune=shown.commune),
        "hamlet": _on_the_wall("hamlet", hamlet=shown.hamlet.name),
        "text": _on_the_wall("text"),
        "number": shown.number,
        "dial": _on_the_wall("dial"),
        "code": shown.code,
        "how": how,
        "lines": [_set(line) for line in shown.lines],
        "frauds": _on_the_wall("frauds", hotline=HOTLINE),
        "printed_on": _printed_on(shown.today),
    }
    made = paper.pdf("poster", given)
    return paper.download(name, made)


def _poster(hamlet_id: int) -> Poster:
    """404 for a hamlet out of reach."""
    now = lang.now_ms()
    day = iso_day_at(now)
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlet = _hamlet(tx, hamlet_id)
        coming = occasions.here(
            tx, commune_id=commune_id, hamlet_id=hamlet_id, today=day, now=now
        )
        reach = commune_setup.reached(tx, commune_id)
        bring = schemes.bring(tx, commune_id, day) or BRING
        commune = places.commune_name(tx, commune_id, day)
    code = reach.service_code
    swap_brings = bring[words.VIETNAMESE]
    lines = [_line(one, swap_brings, code) for one in coming[:SHOWN]]
    return Poster(hamlet, commune, lines, code, reach.sms_number, day)


def _hamlet(tx: Tx, hamlet_id: int) -> places.Named:
    """404 where it is out of reach."""
    found = [row for row in layout.hamlets(tx) if row.id == hamlet_id]
    if not found:
        abort(404)
    return found[0]


def _set(line: Line) -> dict[str, str]:
    """A session as the sheet wants it."""
    where = line.place
    if line.bring:
        where = f"{where}. {_on_the_wall('bring', bring=line.bring)}"
    dialled = ""
    if line.dialled:
        dialled = _on_the_wall("dialled", number=line.number, code=line.dialled)
    return {
        "number": str(line.number or ""),
        "what": line.what,
        "when": f"{line.hours}, {line.day}",
        "place": where,
        "dialled": dialled,
    }


@bp.get("/poster/after-swap")
@layout.needs("desk")
def after_swap() -> layout.Page:
    """What whoever got a 4G phone takes home: how to call, whom to ask, what to tell
    nobody. In Vietnamese, as it is handed out.
    """
    return layout.page(
        "after_swap", sheet=_after_swap(), hotline=HOTLINE, say_it=_handed_out
    )


@bp.get("/poster/after-swap.pdf")
@layout.needs("desk")
def after_swap_pdf() -> Response:
    """The same on one A4 page."""
    sheet = _after_swap()
    name = _handed_out("head")
    given = {
        "title": name,
        "commune": sheet.commune,
        "head": name,
        "advice": sheet.advice,
        "hotline": _handed_out("hotline"),
        "hotline_number": HOTLINE,
        "text": _handed_out("text"),
        "number": sheet.number,
        "frauds": _handed_out("frauds"),
        "printed_on": _printed_on(sheet.today),
    }
    made = paper.pdf("after_swap", given)
    return paper.download(name, made)


def _after_swap() -> AfterSwap:
    day = lang.current_day()
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        commune = places.commune_name(tx, commune_id, day)
        reach = commune_setup.reached(tx, commune_id)
        point = information.said(tx, commune_id, Topic.POINT, day)
    blanks = {
        "hotline": HOTLINE,
        "number": reach.sms_number,
        "code": reach.service_code,
    }
    advice = []
    for key in _ADVICE:
        heading = _handed_out(key)
        how = _handed_out(f"{key}_how", **blanks)
        advice.append([heading, how])
    if point:
        whom_to_ask = advice[-1]
        whom_to_ask.append(point[words.VIETNAMESE])
    return AfterSwap(commune, advice, reach.sms_number, day)


def _printed_on(day: str) -> str:
    spoken_day = lang.day_name(day, words.VIETNAMESE)
    return lang.say(words.VIETNAMESE, "printed_on", day=spoken_day)


def _handed_out(key: str, **blanks: object) -> str:
    return lang.say(words.VIETNAMESE, f"after_swap_{key}", **blanks)


def _on_the_wall(key: str, **blanks: object) -> str:
    return lang.say(words.VIETNAMESE, f"poster_{key}", **blanks)


def _line(one: Occasion, swap_brings: str, code: str) -> Line:
    """What the scheme asks to bring is for the swap."""
    bring = one.bring.get(words.VIETNAMESE, "")
    if not bring and one.kind == "swap":
        bring = swap_brings
    dialled = ""
    if one.number:
        stem = code.removesuffix("#")
        dialled = f"{stem}*{one.number}#"
    begins = days.local(one.starts)
    return Line(
        number=one.number,
        what=lang.say(words.VIETNAMESE, f"event_kind_{one.kind}"),
        day=days.spoken_day(begins.date()),
        hours=f"{days.hour(one.starts)} – {days.hour(one.ends)}",
        place=one.place,
        bring=in_full(bring),
        dialled=dialled,
    )
