"""The part of a phone's desk that comes after the visit: how it went, and advice that is sent as a text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import text

from db.engine import Tx
from db.register import ratings
from db.statements import Statement
from db.texts import outbox
from menus.notices import Kind

HOUR_MS = 3_600_000
ADVICE_KEPT_MS = 24 * HOUR_MS  # advice that could not go by then is no answer any more

_LAST_TEXT = Statement(
    text(
        "SELECT kind FROM messages WHERE phone = :phone AND direction = 'out' AND status IN ('SENT', 'DELIVERED')"
        " ORDER BY made_at DESC, id DESC LIMIT 1"
    )
)
_TOLD_LATELY = Statement(
    text(
        "SELECT 1 FROM messages WHERE phone = :phone AND direction = 'out' AND kind = :kind AND made_at > :since"
        " LIMIT 1"
    )
)


class AfterTheDay:
    """What `DbDesk` does beside bookings."""

    tx: Tx
    commune_id: int
    phone: str
    now: int
    _act: Callable[[], AbstractContextManager[None]]

    def asked_how_it_went(self) -> bool:
        return bool(self.tx.value(_LAST_TEXT, phone=self.phone) == "rate")

    def rate(self, score: int) -> bool:
        with self._act():
            return ratings.keep(self.tx, phone=self.phone, score=score, now=self.now)

    def tell(self, kind: Kind) -> None:
        with self._act():
            if self.tx.one(_TOLD_LATELY, phone=self.phone, kind=kind, since=self.now - HOUR_MS) is None:
                outbox.post(
                    self.tx, kind=kind, commune_id=self.commune_id, phone=self.phone, now=self.now,
                    not_after=self.now + ADVICE_KEPT_MS,
                )  # fmt: skip
