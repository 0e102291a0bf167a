"""Which commune a call or a text is for: the code dialled or the number texted says so."""

from __future__ import annotations

from sqlalchemy import text

from db.engine import Statement, Tx

_BY_SERVICE = Statement(
    text(
        "SELECT id FROM communes ORDER BY CASE WHEN service_code = :service OR sms_number = :service THEN 0 ELSE 1 END,"
        " id LIMIT 1"
    )
)


class Communes:
    """Remembers each service code once it was looked up: codes do not move between communes while a server runs."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def __call__(self, tx: Tx, service: str) -> int:
        """The commune behind a service code or number; the first one where nobody knows it."""
        if service not in self._known:
            found = int(tx.value(_BY_SERVICE, service=service))
            if len(self._known) > 100:  # codes made up by a robot
                return found
            self._known[service] = found
        return self._known[service]
