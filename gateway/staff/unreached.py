"""Two sheets of paper for the hamlet: whom no text reached, and what the loudspeaker says of the coming week."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import groupby

from flask import abort

from db.models.states import EventKind
from db.office import audit
from db.places import commune_setup, schemes
from db.reports import events, places
from db.reports import unreached as reports
from db.store.engine import Tx, from_ms
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from menus import days, words
from menus.appointments.about import BRING
from menus.port import BY_INVITATION

DAYS_AHEAD = 7
_REASONS = {"FAILED": "failed", "LOST": "lost", "SKIPPED": "opted_out"}
_ALOUD = {
    "*": "sao", "#": "thăng", "0": "không", "1": "một", "2": "hai", "3": "ba", "4": "bốn", "5": "năm", "6": "sáu",
    "7": "bảy", "8": "tám", "9": "chín",
}  # fmt: skip
# As the scheme's list is short for a text, so it is long for the ear.
_SHORT_FOR = ((r"^NVH\b", "Nhà văn hóa"), (r"\bCCCD\b", "căn cước công dân"))


@bp.get("/unreached/")
@layout.needs("people")
def unreached() -> layout.Page:
    now, commune_id = lang.now_ms(), layout.staff().commune_id
    hamlet_id = layout.scope() or layout.a_number("hamlet")
    with here().db.connection() as tx:
        found = reports.lines(tx, commune_id=commune_id, hamlet_id=hamlet_id, now=now)
        hamlets = _visible(tx, commune_id)
    here().db.again(
        lambda tx: audit.note(
            tx, at=now, staff_id=layout.staff().id, action="unreached", detail=f"hamlet {hamlet_id}, {len(found)} lines"
        )
    )
    groups = [(name, [(line, _why(line)) for line in rows]) for name, rows in groupby(found, lambda line: line.hamlet)]
    return layout.page(
        "unreached", groups=groups, number=len(found), hamlets=hamlets, hamlet_id=hamlet_id, today=lang.today(now)
    )


def _why(line: reports.Untold) -> str:
    return _REASONS[line.text_status] if line.phone and line.text_status else "no_phone"


def _visible(tx: Tx, commune_id: int) -> list[places.Named]:
    return [row for row in places.hamlets_of(tx, commune_id) if layout.scope() in (None, row.id)]


@bp.get("/announcement/")
@layout.needs("desk")
def announcement() -> layout.Page:
    """The coming week, or one session; in Vietnamese whatever the clerk reads: it is for the ears of the hamlet."""
    now, commune_id = lang.now_ms(), layout.staff().commune_id
    day = lang.today(now)
    event_id = layout.a_number("event")
    if event_id is not None:
        return _of_one(event_id, day)
    hamlet_id = layout.scope() or layout.a_number("hamlet")
    with here().db.connection() as tx:
        hamlets = _visible(tx, commune_id)
        home = next((row.name for row in hamlets if row.id == hamlet_id), "")
        coming = [event for event in events.coming(tx, commune_id=commune_id, day=day, now=now)
                  if _is_announced(event, hamlet_id, day, now)]  # fmt: skip
        said = _said(tx, coming, home, day)
    return layout.page("announcement", said=said, hamlets=hamlets, hamlet_id=hamlet_id, today=day)


def _of_one(event_id: int, day: str) -> layout.Page:
    """Any session, also one by invitation: who asks for its bulletin means it."""
    with here().db.connection() as tx:
        event = events.event(tx, event_id, commune_id=layout.staff().commune_id, now=lang.now_ms())
        if event is None:
            abort(404)
        hamlets = {row.id: row.name for row in places.hamlets_of(tx, layout.staff().commune_id)}
        said = _said(tx, [event], hamlets.get(event.hamlet_id or 0, ""), day, alone=True)
    return layout.page("announcement", said=said, hamlets=[], hamlet_id=event.hamlet_id, today=day, about=event)


def _is_announced(event: events.Event, hamlet_id: int | None, day: str, now: int) -> bool:
    """Not off, not begun, not by invitation, within the week, at the hamlet's hall or the commune's own."""
    last = (date.fromisoformat(day) + timedelta(days=DAYS_AHEAD - 1)).isoformat()
    near = hamlet_id is None or event.hamlet_id in (None, hamlet_id)
    told = event.kind != BY_INVITATION and (event.state == "open" or not event.bookable)
    return near and told and event.state != "cancelled" and event.day <= last and (event.starts_at or 0) > now


def _said(tx: Tx, coming: list[events.Event], home: str, day: str, alone: bool = False) -> list[str]:
    """Sentence by sentence, as it is read aloud: the swap first, then whatever else is held. `alone`: one session.

    No names, no numbers but the public ones and those of the sessions.
    """
    commune_id = layout.staff().commune_id
    scheme, reach = schemes.current(tx, commune_id, day), commune_setup.reached(tx, commune_id)
    bring = (scheme.bring if scheme else BRING)[words.VIETNAMESE]
    commune = places.commune_name(tx, commune_id, day)
    begins = _spoken("begins", commune=commune, hamlet=home) if home else _spoken("begins_all", commune=commune)
    timed = [event for event in coming if event.starts_at and event.ends_at]
    if not timed:
        return [begins, _spoken("nothing")]
    swaps = [event for event in timed if event.kind == EventKind.SWAP]
    others = [event for event in timed if event.kind != EventKind.SWAP]
    said = [begins]
    if swaps:
        said += [] if alone else [_spoken("what")]
        said += [*(_held(event, alone) for event in swaps), _spoken("bring", bring=in_full(_own(swaps) or bring))]
    if others:
        said += [] if alone else [_spoken("also" if swaps else "others")]
        said += [_held(event, True) for event in others]
    number = aloud(reach.sms_number)
    if any(event.number for event in timed):
        said.append(_spoken("numbers", number=number))
    if any(event.bookable for event in timed):
        said.append(_spoken("how", code=aloud(reach.service_code), number=number))
    return [*said, _spoken("frauds")]


def _spoken(key: str, **blanks: str) -> str:
    return lang.say(words.VIETNAMESE, f"aloud_{key}", **blanks)


def _own(swaps: list[events.Event]) -> str:
    """What a single swap day asks to bring itself."""
    return swaps[0].bring if len(swaps) == 1 else ""


def _held(event: events.Event, named: bool) -> str:
    """When and where; `named`: with what it is. What it bears as a number and asks to bring stands behind it."""
    kind = lang.say(words.VIETNAMESE, f"event_kind_{event.kind}").partition(" (")[0]
    said = _spoken(
        "of_kind" if named else "event",
        first=days.spoken_hour(from_ms(event.starts_at or 0)),
        last=days.spoken_hour(from_ms(event.ends_at or 0)),
        day=days.spoken_day(date.fromisoformat(event.day)),
        hall=in_full(event.hall),
        kind=kind,
    )
    if event.number:
        said += " " + _spoken("number", number=aloud(str(event.number)))
    if event.bring and event.kind != EventKind.SWAP:
        said += " " + _spoken("bring", bring=in_full(event.bring))
    return said


def in_full(written: str) -> str:
    """What is written short, as it is said."""
    for short, full in _SHORT_FOR:
        written = re.sub(short, full, written)
    return written


def aloud(code: str) -> str:
    """`*2404#` sign by sign: sao, hai, bốn, không, bốn, thăng."""
    return ", ".join(_ALOUD[sign] for sign in code if sign in _ALOUD)
