"""What the loudspeaker of a hamlet says: of the coming week, of one session, of a fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import abort

from db.calendar.events import ELSEWHERE
from db.models.states import EventKind
from db.places import commune_setup, information, schemes
from db.reports import events, places
from db.store.engine import Tx, from_ms
from db.store.local_days import days_from, iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.aloud import aloud, fact_aloud, in_full
from gateway.staff.gate import bp
from menus import days, words
from menus.appointments.about import BRING
from menus.port import BY_INVITATION
from menus.topics import Topic

DAYS_AHEAD = 7
Homes = Mapping[int, str]  # the name of each hamlet, by id


@bp.get("/announcement/")
@layout.needs("desk")
def announcement() -> layout.Page:
    """The coming week, or one session; in Vietnamese whatever the clerk reads: it is
    for the ears of the hamlet.
    """
    now = lang.now_ms()
    day = iso_day_at(now)
    event_id = layout.a_number("event")
    if event_id is not None:
        return _of_one(event_id, day)
    commune_id = layout.staff().commune_id
    hamlet_id = layout.chosen_hamlet()
    with here().db.connection() as tx:
        hamlets = layout.hamlets(tx)
        home = places.name_among(hamlets, hamlet_id)
        coming = events.coming(tx, commune_id=commune_id, day=day, now=now)
        announced = [
            event for event in coming if _is_announced(event, hamlet_id, day, now)
        ]
        said = _bulletin(tx, announced, home, day)
    return layout.page(
        "announcement", said=said, hamlets=hamlets, hamlet_id=hamlet_id, today=day
    )


def _of_one(event_id: int, day: str) -> layout.Page:
    """Any session, also one by invitation: who asks for its bulletin means it."""
    commune_id = layout.staff().commune_id
    now = lang.now_ms()
    with here().db.connection() as tx:
        event = events.event(tx, event_id, commune_id=commune_id, now=now)
        if event is None:
            abort(404)
        home = _homes(tx).get(event.hamlet_id or 0, "")
        said = _bulletin(tx, [event], home, day, alone=True)
    return layout.page(
        "announcement",
        said=said,
        hamlets=[],
        hamlet_id=event.hamlet_id,
        today=day,
        about=event,
    )


def _homes(tx: Tx) -> Homes:
    return places.hamlet_names(tx, layout.commune_id())


@bp.get("/information/<topic>/announcement")
@layout.needs("information")
def fact_announcement(topic: str) -> layout.Page:
    """What residents are answered today on a topic, for the ear: in Vietnamese whatever
    the clerk reads.
    """
    day = lang.current_day()
    commune_id = layout.staff().commune_id
    hamlet_id = layout.scope()
    with here().db.connection() as tx:
        told = _told(tx, topic, day)
        commune = places.commune_name(tx, commune_id, day)
        home = _homes(tx).get(hamlet_id or 0, "")
        reach = commune_setup.reached(tx, commune_id)
    number = aloud(reach.sms_number)
    said = [
        _greeting(commune, home),
        fact_aloud(told),
        _spoken("ask", number=number),
        _spoken("frauds"),
    ]
    return layout.page(
        "announcement",
        said=said,
        hamlets=[],
        hamlet_id=hamlet_id,
        today=day,
        topic=topic,
    )


def _told(tx: Tx, topic: str, day: str) -> str:
    """In Vietnamese; 404 where nothing is answered on it, and for offers: unasked they
    are adverts.
    """
    if topic not in tuple(Topic) or topic == Topic.OFFERS:
        abort(404)
    commune_id = layout.staff().commune_id
    fact = information.said(tx, commune_id, Topic(topic), day)
    if fact is None:
        abort(404)
    return fact[words.VIETNAMESE]


def _is_announced(
    event: events.Event, hamlet_id: int | None, day: str, now: int
) -> bool:
    """Not off, not begun, not by invitation, within the week, at the hamlet's hall or
    the commune's own.
    """
    if event.internal or event.state == "cancelled" or event.kind == BY_INVITATION:
        return False
    if event.bookable and event.state != "open":
        return False
    if hamlet_id is not None and event.hamlet_id not in (None, hamlet_id):
        return False
    if event.starts_at is None or event.starts_at <= now:
        return False
    last_day = days_from(day, DAYS_AHEAD - 1)
    return event.day <= last_day


def _bulletin(
    tx: Tx, coming: list[events.Event], home: str, day: str, alone: bool = False
) -> list[str]:
    """Sentence by sentence, as it is read aloud: the swap first, then whatever else is
    held. `alone`: one session.

    No names, no numbers but the public ones and those of the sessions.
    """
    commune = places.commune_name(tx, layout.staff().commune_id, day)
    greeting = _greeting(commune, home)
    timed = [event for event in coming if event.starts_at and event.ends_at]
    if not timed:
        return [greeting, _spoken("nothing")]
    homes = _homes(tx)
    swaps = [event for event in timed if event.kind == EventKind.SWAP]
    others = [event for event in timed if event.kind != EventKind.SWAP]
    said = [greeting]
    if swaps:
        bring = _own_bring(swaps) or _scheme_bring(tx, day)
        said += _swaps_said(swaps, homes, bring, alone)
    if others and not alone:
        said.append(_spoken("also" if swaps else "others"))
    said += [_held(event, homes, named=True) for event in others]
    said += _how_to_book(tx, timed)
    said.append(_spoken("frauds"))
    return said


def _swaps_said(
    swaps: list[events.Event], homes: Homes, bring: str, alone: bool
) -> list[str]:
    """When and where one can swap, and what to bring."""
    said = [] if alone else [_spoken("what")]
    said += [_held(event, homes, named=alone) for event in swaps]
    said.append(_spoken("bring", bring=in_full(bring)))
    return said


def _greeting(commune: str, home: str) -> str:
    if not home:
        return _spoken("begins_all", commune=commune)
    return _spoken("begins", commune=commune, hamlet=home)


def _scheme_bring(tx: Tx, day: str) -> str:
    """What today's scheme asks to bring to a swap."""
    commune_id = layout.staff().commune_id
    scheme = schemes.current(tx, commune_id, day)
    if scheme is None:
        return BRING[words.VIETNAMESE]
    return scheme.bring[words.VIETNAMESE]


def _how_to_book(tx: Tx, timed: list[events.Event]) -> list[str]:
    commune_id = layout.staff().commune_id
    reach = commune_setup.reached(tx, commune_id)
    number = aloud(reach.sms_number)
    code = aloud(reach.service_code)
    said = []
    if any(event.number for event in timed):
        said.append(_spoken("numbers", number=number))
    if any(event.bookable for event in timed):
        said.append(_spoken("how", code=code, number=number))
    return said


def _own_bring(swaps: list[events.Event]) -> str:
    """What a single swap day asks to bring itself."""
    if len(swaps) != 1:
        return ""
    return swaps[0].bring


def _spoken(key: str, **blanks: str) -> str:
    return lang.say(words.VIETNAMESE, f"aloud_{key}", **blanks)


def _held(event: events.Event, homes: Homes, named: bool) -> str:
    """When and where; `named`: with what it is. What it bears as a number and asks to
    bring stands behind it.
    """
    home = homes.get(event.hamlet_id or 0, "")
    said = [_when_and_where(event, home, named)]
    if event.number:
        number = aloud(str(event.number))
        said.append(_spoken("number", number=number))
    if event.bring and event.kind != EventKind.SWAP:
        what_to_do = "ready" if event.kind == EventKind.VISITS else "bring"
        bring = in_full(event.bring)
        said.append(_spoken(what_to_do, bring=bring))
    return " ".join(said)


def _when_and_where(event: events.Event, home: str, named: bool) -> str:
    begins = from_ms(event.starts_at or 0)
    ends = from_ms(event.ends_at or 0)
    day = date.fromisoformat(event.day)
    return _spoken(
        _sentence(event, home, named),
        first=days.spoken_hour(begins),
        last=days.spoken_hour(ends),
        day=days.spoken_day(day),
        hall=in_full(event.hall),
        hamlet=home,
        kind=_kind_aloud(event.kind),
    )


def _sentence(event: events.Event, home: str, named: bool) -> str:
    """From house to house and from street to street it is held in the hamlet, at no
    hall.
    """
    if event.kind in ELSEWHERE:
        return f"{event.kind}_in" if home else f"{event.kind}_all"
    return "of_kind" if named else "event"


def _kind_aloud(kind: str) -> str:
    said = lang.say(words.VIETNAMESE, f"event_kind_{kind}")
    without_remark, _, _ = said.partition(" (")
    return without_remark
