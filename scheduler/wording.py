"""What a text says at the moment it goes: whether it is still to be said, at this hour,
to this number.
"""

from __future__ import annotations

from db.broadcasts import trying
from db.notices import answered, logged, phrasing
from db.register import identity, people
from db.store import installation
from db.store.engine import Tx, from_ms, to_ms
from db.texts import outbox, stops
from db.texts.outbox import Message, Subject
from menus import notices
from menus.numbers import is_fixed_line
from menus.words import VIETNAMESE
from settings import Settings

# A limit on texts to one person, over every class (Decree 330/2026): what concerns them
# alone may go four times above what a broadcast may. Whoever books and cancels all day
# by USSD is answered on the screen.
HARD_CAP, DAY_MS = 4, 24 * 3_600_000
GONE = {"cancelled": "cancelled", "attended": "already came", "missed": "already past"}


class Skip(Exception):
    """Do not send; the message says why, for staff."""


class Later(Exception):
    """Not at this hour: due again at `moment`, UTC ms."""

    def __init__(self, moment: int) -> None:
        super().__init__("quiet hours")
        self.moment = moment


def said(tx: Tx, message: Message, settings: Settings, now: int) -> tuple[str, bool]:
    """The text in words, and whether it keeps its tone marks; `now` is UTC ms. Raises
    Skip, Later.
    """
    _may_be_sent(tx, message, settings, now)
    if message.kind in notices.FREE_WORDS:
        _keep_hours(message, now, now)
        text = trying.text(tx, message, now)
        return text, True  # folded already, or kept as that person would read it
    booking = _booking(tx, message, now)
    starts_at = booking.starts_at if booking else now
    _keep_hours(message, starts_at, now)
    speaker = booking or people.by_phone(tx, message.phone)
    if speaker is not None:
        text = _in_language(tx, message, booking, speaker.language, now)
        return text, bool(speaker.marks)
    if message.text_class != "reply":  # whoever asks is answered, known or not
        raise Skip("erased")
    text = _in_language(tx, message, booking, VIETNAMESE, now)
    return text, False


def _in_language(
    tx: Tx, message: Message, booking: Subject | None, language: str, now: int
) -> str:
    """Raises Skip."""
    try:
        if message.kind in notices.ANSWERS:
            return answered.text(tx, message, language, now)
        if message.kind == logged.KIND:
            return logged.text(tx, message, language, now)
        return phrasing.text(tx, message, booking, language, now)
    except phrasing.Settled as settled:
        why = str(settled)
        raise Skip(why) from None


def _booking(tx: Tx, message: Message, now: int) -> Subject | None:
    """What the text is about, as it is now; none where it is about a person. Raises
    Skip.
    """
    booking = None
    if message.booking_id:
        booking = outbox.subject(tx, message.booking_id, message.phone)
    if booking is None:
        if message.kind not in notices.OF_A_PERSON:
            raise Skip("no such booking")
        return None
    if booking.reads != message.phone:
        raise Skip("number changed")  # after it was claimed, or while a sender had it
    _still_true(message, booking, now)
    return booking


def _may_be_sent(tx: Tx, message: Message, settings: Settings, now: int) -> None:
    """Raises Skip."""
    phone = message.phone
    useful_until = message.not_after
    if useful_until is not None and now > useful_until:
        raise Skip("too late")
    if not phone:
        raise Skip("erased")
    if is_fixed_line(phone):
        raise Skip("fixed line")
    if _is_no_trial_number(tx, phone, settings):
        raise Skip("trial: not a trial number")
    most = HARD_CAP * settings.texts_a_day
    lately = outbox.texts_lately(tx, phone, now - DAY_MS)
    if lately >= most:
        raise Skip("over the cap")
    who = identity.who(settings.privacy_key, phone)
    if stops.bar(tx, who, message.text_class, message.kind):
        raise Skip("opted out")


def _is_no_trial_number(tx: Tx, phone: str, settings: Settings) -> bool:
    """Whether only the trial numbers are texted, and this is none of them."""
    if settings.sending != "trial":
        return False
    is_live = installation.kind(tx) == "live"
    return is_live and phone not in settings.trial_numbers


def _still_true(message: Message, booking: Subject, now: int) -> None:
    """The booking is as the text will say it is. Raises Skip."""
    stands = notices.STANDS.get(message.kind)
    if stands is None:
        return
    status = booking.status
    if status != stands:
        why = GONE.get(status, status)
        raise Skip(why)
    if booking.revision != message.revision:
        raise Skip("moved")
    until = booking.until or 0
    if stands in ("held", "offered") and until <= now:
        raise Skip("lapsed")
    said_to_come = booking.coming_at is not None
    if message.kind == "reminder_0d" and said_to_come:
        raise Skip("said to come")


def _keep_hours(message: Message, starts_at: int, now: int) -> None:
    """Raises Later outside the hours of courtesy."""
    starts = from_ms(starts_at)
    leaves = notices.goes_at(message.kind, message.text_class, starts, from_ms(now))
    moment = to_ms(leaves)
    if moment > now:
        raise Later(moment)
