"""What a queued text says, put into words from the booking as it now is; whether it may go is the clock's to know."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text as sql

from db import communes, schemes
from db.engine import Row, Statement, Tx, from_ms
from menus import notices
from menus.booking import BRING
from menus.days import hour, local, short_day, today

# The seat that was kept for whoever lost one, or is to lose it: the last that the person was offered.
_OFFER = Statement(
    sql(
        "SELECT n.id, n.status, n.until, n.code, s.starts_at, h.name AS hall FROM bookings o"
        " JOIN bookings n ON n.person_id = o.person_id AND n.programme_id = o.programme_id AND n.id > o.id"
        " JOIN slots s ON s.id = n.slot_id JOIN events e ON e.id = s.event_id JOIN halls h ON h.id = e.hall_id"
        " WHERE o.id = :booking_id AND n.status IN ('offered', 'taken', 'passed') ORDER BY n.id DESC LIMIT 1"
    )
)


def text(tx: Tx, message: Row, booking: Row | None, language: str, now: int) -> str | None:
    """With tone marks; `now` is UTC ms. None when what it was to say is no longer so.

    Who was to choose and has no choice left still has to hear that the event does not take place.
    """
    blanks = _blanks(tx, message, booking, language, now)
    if message.kind not in notices.CHOICES or booking is None:
        return notices.text(message.kind, language, **blanks)
    offer = tx.one(_OFFER, booking_id=booking.id)
    if offer is not None and offer.status == "offered" and offer.until > now:
        return notices.text(message.kind, language, **blanks | _choice(booking, offer, language))
    if message.kind == "slot_choice" or (offer is not None and offer.status == "taken"):
        return None
    return notices.text("event_cancelled", language, **blanks)


def _choice(booking: Row, offer: Row, language: str) -> dict[str, Any]:
    """The seat that is kept, and the day that was theirs; until when with its day: four waking hours pass a night."""
    until = from_ms(offer.until)
    return {
        "old": short_day(today(from_ms(booking.starts_at)), language),
        "starts": from_ms(offer.starts_at),
        "hall": offer.hall,
        "code": offer.code,
        "till": f"{hour(until)} {local(until).day}/{local(until).month}",
    }


def _blanks(tx: Tx, message: Row, booking: Row | None, language: str, now: int) -> dict[str, Any]:
    """What the commune is called today, what its scheme asks to bring, and the booking's own particulars."""
    day = today(from_ms(now)).isoformat()
    commune = communes.named(tx, message.commune_id, day)
    bring = schemes.bring(tx, message.commune_id, day) or BRING
    blanks: dict[str, Any] = {"commune": commune.name, "number": commune.sms_number, "bring": bring[language]}
    if booking is not None:
        blanks |= {"starts": from_ms(booking.starts_at), "hall": booking.hall, "code": booking.code}
        blanks["places"] = booking.places
        blanks["until"] = hour(from_ms(booking.until)) if booking.until else ""
    return blanks
