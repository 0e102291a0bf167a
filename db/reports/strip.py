"""What the strip above every page of the desk says: the kind of installation, when the
clock last ran; the trail.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.reports import paging
from db.reports.paging import Page, Place, beyond, order
from db.store.engine import Tx
from db.store.statements import Query, Scalar


class Looked(NamedTuple):
    """Who looked at, or changed, whom; no name where none is known, or where a command
    did it.
    """

    id: int
    at: int  # UTC ms
    action: str
    detail: str
    person_id: int | None
    staff: str | None
    person: str | None


_KIND = Scalar(text("SELECT kind FROM installation"), str)
_CLOCK = Scalar(text("SELECT MAX(at) FROM clocks"), int)
# Of the commune's staff, or where none of them did it, of its people.
_AUDIT = {
    way: Query(
        text(f"""
        SELECT a.id, a.at, a.action, a.detail, a.person_id, s.username AS staff, p.name AS person
        FROM (
          SELECT a.id FROM audit a
          WHERE (a.staff_id IN (SELECT s.id FROM staff s WHERE s.commune_id = :commune_id)
              OR (a.staff_id IS NULL
                AND (SELECT p.commune_id FROM people p WHERE p.id = a.person_id) = :commune_id))
            {beyond(way, "a.id", ":beside")}
          {order(way, "a.id")} LIMIT :most) chosen
        JOIN audit a ON a.id = chosen.id
        LEFT JOIN staff s ON s.id = a.staff_id
        LEFT JOIN people p ON p.id = a.person_id
        {order(way, "a.id")}
        """),
        Looked,
    )
    for way in paging.WAYS
}


def kind(tx: Tx) -> str:
    """demo | live; empty before the first data."""
    return tx.value(_KIND) or ""


def clock_ran_at(tx: Tx) -> int | None:
    """UTC ms of the last job that ended well, of any kind."""
    return tx.value(_CLOCK)


def trail(tx: Tx, *, commune_id: int, place: Place, size: int) -> Page[Looked]:
    """Who looked at or changed whom, newest first."""

    def read(at: Place, most: int) -> list[Looked]:
        return tx.all(
            _AUDIT[at.way], commune_id=commune_id, beside=at.beside, most=most
        )

    return paging.page(read, place, size)
