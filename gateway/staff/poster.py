"""Paper: a poster for each hamlet (the code, the number, the next sessions with a number each, the line against
frauds), and the sheet that is handed out after a swap.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import abort
from werkzeug.wrappers import Response

from db.calendar import occasions
from db.places import commune_setup, information, schemes
from db.reports import places
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from menus import days, words
from menus.appointments.about import BRING
from menus.port import Occasion
from menus.topics import Topic

SHOWN = 6  # sessions that fit an A4 page with their numbers large
HOTLINE = "18008098"  # free of charge


class Line(NamedTuple):
    """One session in the words of the wall."""

    number: int
    what: str
    day: str
    hours: str
    place: str
    bring: str
    dialled: str  # *2404*47#, where it has a number


@bp.get("/poster/")
@layout.needs("desk")
def posters() -> layout.Page | Response:
    """Which hamlet's; its head goes straight to the own."""
    own = layout.scope()
    if own is not None:
        return layout.see("staff.poster", hamlet_id=own)
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, layout.staff().commune_id)
    return layout.page("posters", hamlets=hamlets)


@bp.get("/poster/<int:hamlet_id>")
@layout.needs("desk")
def poster(hamlet_id: int) -> layout.Page:
    """In Vietnamese whatever the clerk reads: it hangs in the hamlet."""
    now = lang.now_ms()
    day = lang.today(now)
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        hamlet = next((row for row in layout.hamlets(tx) if row.id == hamlet_id), None)
        if hamlet is None:
            abort(404)
        coming = occasions.here(tx, commune_id=commune_id, hamlet_id=hamlet_id, today=day, now=now)
        reach = commune_setup.reached(tx, commune_id)
        bring = schemes.bring(tx, commune_id, day) or BRING
        commune = places.commune_name(tx, commune_id, day)
    swap_brings = bring[words.VIETNAMESE]
    return layout.page(
        "poster",
        hamlet=hamlet,
        commune=commune,
        lines=[_line(one, swap_brings, reach.service_code) for one in coming[:SHOWN]],
        code=reach.service_code,
        number=reach.sms_number,
        hotline=HOTLINE,
        today=day,
        say_it=_on_the_wall,
    )


@bp.get("/poster/after-swap")
@layout.needs("desk")
def after_swap() -> layout.Page:
    """What whoever got a 4G phone takes home: how to call, whom to ask, what to tell nobody. In Vietnamese, as it is
    handed out.
    """
    day = lang.today(lang.now_ms())
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        commune = places.commune_name(tx, commune_id, day)
        reach = commune_setup.reached(tx, commune_id)
        point = information.said(tx, commune_id, Topic.POINT, day)
    return layout.page(
        "after_swap",
        commune=commune,
        number=reach.sms_number,
        code=reach.service_code,
        hotline=HOTLINE,
        point=point[words.VIETNAMESE] if point else "",
        today=day,
        say_it=_handed_out,
    )


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
        bring=bring,
        dialled=dialled,
    )
