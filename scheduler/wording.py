"""What a text says at the moment it goes: the booking is looked at again, then worded; or why it is not said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from db import follow_ups, installation, outbox, people, privacy, stops, verifications
from db.desk import DbDesk
from db.engine import Row, Tx, from_ms, to_ms
from menus import notices
from menus.appointments.about import BRING
from menus.days import DAY_BEGINS, DAY_ENDS, at_local, hour, local, short_day, short_time, today
from menus.notices import Kind
from menus.words import VIETNAMESE
from settings import Settings

URGENT_BEGINS, URGENT_MS = "05:30", 3 * 3_600_000  # an event that fails within three hours is told from half past five

BARRED_BY = {
    "reply": frozenset[str](),
    "notice": frozenset({"all", "erased"}),
    "reminder": frozenset({"all", "erased"}),
    "advert": frozenset({"advert", "all", "erased", "dnc"}),
}
GONE = {"cancelled": "cancelled", "attended": "already came", "missed": "already past"}


class Skip(Exception):
    """Do not send; the message says why, for staff."""


class Later(Exception):
    """Not at this hour: due again at `moment`, UTC ms."""

    def __init__(self, moment: int) -> None:
        super().__init__("quiet hours")
        self.moment = moment


def said(tx: Tx, message: Row, settings: Settings, now: int) -> tuple[str, bool]:
    """The text in words, and whether it keeps its tone marks; `now` is UTC ms. Raises Skip, Later."""
    _may_be_sent(tx, message, settings, now)
    booking = outbox.subject(tx, message.booking_id, message.phone) if message.booking_id else None
    if booking is None and message.kind not in notices.OF_A_PERSON:
        raise Skip("no such booking")
    if booking is not None:
        _still_true(message, booking, now)
    _keep_hours(message, booking.starts_at if booking else now, now)
    speaker = booking or people.by_phone(tx, message.phone)
    if speaker is None and message.text_class != "reply":  # whoever asks is answered, known or not
        raise Skip("erased")
    language, marks = (speaker.language, bool(speaker.marks)) if speaker else (VIETNAMESE, False)
    kind, more = _after_the_day(tx, message, language, now)
    return notices.text(kind, language, **_blanks(tx, message, booking, language, now) | more), marks


def _may_be_sent(tx: Tx, message: Row, settings: Settings, now: int) -> None:
    if message.not_after is not None and now > message.not_after:
        raise Skip("too late")
    if not message.phone:
        raise Skip("erased")
    on_trial = settings.sending == "trial" and installation.kind(tx) == "live"
    if on_trial and message.phone not in settings.trial_numbers:
        raise Skip("trial: not a trial number")
    if stops.refused(tx, privacy.who(settings.privacy_key, message.phone)) & BARRED_BY[message.text_class]:
        raise Skip("opted out")


def _still_true(message: Row, booking: Row, now: int) -> None:
    """The booking is as the text will say it is. Raises Skip."""
    stands = notices.STANDS.get(message.kind)
    if stands is None:
        return
    if booking.status != stands:
        raise Skip(GONE.get(booking.status, booking.status))
    if booking.revision != message.revision:
        raise Skip("moved")
    if stands in ("held", "offered") and booking.until <= now:
        raise Skip("lapsed")
    if message.kind == "reminder_0d" and booking.coming_at is not None:
        raise Skip("said to come")


def _keep_hours(message: Row, starts_at: int, now: int) -> None:
    """Raises Later outside the hours of courtesy. A reply goes at any hour."""
    if message.text_class == "reply":
        return
    here = local(from_ms(now))
    if DAY_BEGINS <= here.hour < DAY_ENDS:
        return
    urgent = message.kind.startswith("event_") and 0 < starts_at - now <= URGENT_MS
    if urgent and now >= to_ms(at_local(here.date(), URGENT_BEGINS)):
        return
    morning = here.date() if here.hour < DAY_BEGINS else here.date() + timedelta(days=1)
    raise Later(to_ms(at_local(morning, f"{DAY_BEGINS:02}:00")))


def _after_the_day(tx: Tx, message: Row, language: str, now: int) -> tuple[Kind, dict[str, str]]:
    """Which sentence it is by now, and what it says of days to come. Raises Skip for what was settled meanwhile."""
    if message.kind == "missed":
        if follow_ups.is_back(tx, message.booking_id):
            raise Skip("booked anew")
        listed = _desk(tx, message, now).events(follow_ups.home_of(tx, message.booking_id))
        events = [event for event in listed if event.seats]
        if not events:
            return "missed_none", {}
        return "missed", {"day": short_day(events[0].day, language), "place": events[0].hall}
    if message.kind in ("face_1d", "face_25d"):
        since = verifications.waiting_since(tx, message.phone)
        cut_off = verifications.cut_off(since) if since else None
        if cut_off is None:
            raise Skip("face verified")
        return message.kind, {"day": short_day(cut_off, language)}
    return message.kind, {}


def _desk(tx: Tx, message: Row, now: int) -> DbDesk:
    """The world as the phone that gets the text would see it."""
    return DbDesk(
        tx,
        commune_id=message.commune_id,
        phone=message.phone,
        channel="sms",
        now=from_ms(now),
        privacy_key="",
        acting=lambda: None,
    )


def _blanks(tx: Tx, message: Row, booking: Row | None, language: str, now: int) -> dict[str, Any]:
    """What the commune is called today, what its scheme asks to bring, and the booking's own particulars."""
    moment, desk = from_ms(now), _desk(tx, message, now)
    commune, scheme = desk.commune(), desk.scheme()
    bring: Mapping[str, str] = scheme.bring if scheme and scheme.closes >= today(moment) else BRING
    blanks: dict[str, Any] = {"commune": commune.name, "number": commune.sms_number, "bring": bring[language]}
    if booking is not None:
        blanks |= {"starts": from_ms(booking.starts_at), "hall": booking.hall, "code": booking.code}
        blanks |= {"places": booking.places, "name": booking.name, "until": _until(booking.until, moment, language)}
    return blanks


def _until(ms: int | None, now: datetime, language: str) -> str:
    """`9h15`, with its day where that is not today."""
    if ms is None:
        return ""
    until = from_ms(ms)
    return hour(until) if today(until) == today(now) else short_time(until, language)
