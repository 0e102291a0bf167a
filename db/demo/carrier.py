"""The demo's own carrier: what its people were told until today has gone out, in the
words of that moment.
"""

from __future__ import annotations

from collections.abc import Collection

from db.notices import phrasing
from db.store.engine import Tx, from_ms, to_ms
from db.texts import outbox
from db.texts.outbox import Message, Subject
from menus import notices, words
from menus.fitting import cost, on_wire, price
from menus.numbers import network

SENDER = "simulator"  # as the clock sends a demo's texts
PRICES = {"*:*": 500}
_ALL = 10_000


def carry(tx: Tx, at: int, failing: Collection[str] = ()) -> None:
    """Send what is queued at this moment (UTC ms), each delivered at once; to the
    `failing` numbers none is.

    What must wait for the morning stays queued: the clock sends it.
    """
    queued = outbox.claim(tx, now=at, most=_ALL)
    for message in queued:
        booking = None
        if message.booking_id:
            booking = outbox.subject(tx, message.booking_id, message.phone)
        goes_at = _goes_at(message, booking, at)
        fails = message.phone in failing
        if goes_at > at:
            outbox.put_back(tx, message.id, not_before=goes_at, reason="quiet hours")
        else:
            _send(tx, message, booking, at, fails)


def _goes_at(message: Message, booking: Subject | None, at: int) -> int:
    """UTC ms: `at`, or when the quiet hours are over."""
    starts_at = booking.starts_at if booking else at
    starts = from_ms(starts_at)
    moment = notices.goes_at(message.kind, message.text_class, starts, from_ms(at))
    return to_ms(moment)


def _send(
    tx: Tx, message: Message, booking: Subject | None, at: int, fails: bool
) -> None:
    language = booking.language if booking else words.VIETNAMESE
    try:
        said = phrasing.text(tx, message, booking, language, at)
    except phrasing.Settled as settled:
        why = str(settled)
        outbox.record_skipped(tx, message.id, reason=why, now=at)
        return
    with_marks = booking is not None and booking.marks
    wire = on_wire(said, with_marks)
    size = cost(wire)
    to_network = network(message.phone)
    paid = price(PRICES, to_network, message.text_class, size.parts)
    outbox.record_sending(
        tx,
        message.id,
        sender=SENDER,
        text=wire,
        cost=size,
        price=paid,
        words=words.VERSION,
        now=at,
    )
    if fails:
        outbox.record_failed(
            tx,
            message.id,
            sender=SENDER,
            now=at,
            outcome="BadNumber",
            detail="(dữ liệu mẫu)",
        )
        return
    provider_id = f"demo-{message.id}"
    outbox.record_sent(tx, message.id, sender=SENDER, provider_id=provider_id, now=at)
    outbox.record_receipt(tx, message.id, status="DELIVERED", reason="", now=at)
