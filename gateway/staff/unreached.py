"""Two sheets of paper for the hamlet: whom no text reached, and what the loudspeaker says of the coming week."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import groupby

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
    """In Vietnamese whatever the clerk reads: it is for the ears of the hamlet."""
    now, commune_id = lang.now_ms(), layout.staff().commune_id
    day = lang.today(now)
    hamlet_id = layout.scope() or layout.a_number("hamlet")
    with here().db.connection() as tx:
        hamlets = _visible(tx, commune_id)
        home = next((row.name for row in hamlets if row.id == hamlet_id), "")
        coming = [event for event in events.coming(tx, commune_id=commune_id, day=day, now=now)
                  if _is_announced(event, hamlet_id, day, now)]  # fmt: skip
        said = _said(tx, coming, home, day)
    return layout.page("announcement", said=said, hamlets=hamlets, hamlet_id=hamlet_id, today=day)


def _is_announced(event: events.Event, hamlet_id: int | None, day: str, now: int) -> bool:
    """Open, not begun, within the week, at the hamlet's hall or the commune's own."""
    last = (date.fromisoformat(day) + timedelta(days=DAYS_AHEAD - 1)).isoformat()
    near = hamlet_id is None or event.hamlet_id in (None, hamlet_id)
    return near and event.state == "open" and event.day <= last and (event.starts_at or 0) > now


def _said(tx: Tx, coming: list[events.Event], home: str, day: str) -> list[str]:
    """Sentence by sentence, as it is read aloud. No names, no numbers but the public ones."""

    def spoken(key: str, **blanks: str) -> str:
        return lang.say(words.VIETNAMESE, f"aloud_{key}", **blanks)

    commune_id = layout.staff().commune_id
    scheme, reach = schemes.current(tx, commune_id, day), commune_setup.reached(tx, commune_id)
    bring = (scheme.bring if scheme else BRING)[words.VIETNAMESE]
    commune = places.commune_name(tx, commune_id, day)
    begins = spoken("begins", commune=commune, hamlet=home) if home else spoken("begins_all", commune=commune)
    if not coming:
        return [begins, spoken("nothing")]
    lines = [
        spoken("event", first=days.spoken_hour(from_ms(event.starts_at)), last=days.spoken_hour(from_ms(event.ends_at)),
            day=days.spoken_day(date.fromisoformat(event.day)), hall=in_full(event.hall))
        for event in coming if event.starts_at and event.ends_at
    ]  # fmt: skip
    how = spoken("how", code=aloud(reach.service_code), number=aloud(reach.sms_number))
    return [begins, spoken("what"), *lines, spoken("bring", bring=in_full(bring)), how, spoken("frauds")]


def in_full(written: str) -> str:
    """What is written short, as it is said."""
    for short, full in _SHORT_FOR:
        written = re.sub(short, full, written)
    return written


def aloud(code: str) -> str:
    """`*2404#` sign by sign: sao, hai, bốn, không, bốn, thăng."""
    return ", ".join(_ALOUD[sign] for sign in code if sign in _ALOUD)
