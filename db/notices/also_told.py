"""Who else hears of a change: whoever was booked by another phone and agreed from their
own, and the phone that booked when it was they who changed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query
from db.texts import outbox
from menus.notices import Kind


class Reader(NamedTuple):
    """Somebody else who is told."""

    id: int
    phone: str  # E.164
    revision: int  # of the booking


_READERS = Query(
    text("""
    SELECT p.id, p.phone, b.revision
    FROM bookings b
    JOIN people p ON p.id IN (b.booker_id, CASE WHEN EXISTS (
        SELECT 1 FROM consents c
        WHERE c.person_id = b.person_id AND c.purpose <> 'advert' AND c.withdrawn_at IS NULL)
      THEN b.person_id ELSE b.booker_id END)
    WHERE b.id = :booking_id AND b.person_id <> b.booker_id AND p.phone IS NOT NULL AND p.phone <> :but
    """),
    Reader,
)


def tell(
    tx: Tx,
    kind: Kind,
    booking_ids: Iterable[int],
    *,
    but: str,
    commune_id: int,
    now: int,
) -> None:
    """Each of them once, at the hours of courtesy; `but` is the phone (E.164) that
    knows already. `now` is UTC ms.
    """
    for booking_id in booking_ids:
        for reader in tx.all(_READERS, booking_id=booking_id, but=but):
            once = f"{kind}:{booking_id}:r{reader.revision}:p{reader.id}"
            outbox.post(
                tx,
                kind=kind,
                commune_id=commune_id,
                phone=reader.phone,
                now=now,
                booking_id=booking_id,
                revision=reader.revision,
                once=once,
                courteous=True,
            )
