"""Texts as staff see them, those nobody understood, and the people who asked to be
called.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.models import UNREAD
from db.reports import paging
from db.reports.paging import TOP, Page, Place, beyond, order
from db.store.engine import Tx
from db.store.statements import Query, Scalar

TROUBLE = ("LOST", "FAILED")  # nobody may have read it: staff decide what to do
STATUSES = (
    "QUEUED",
    "CLAIMED",
    "SENDING",
    "SENT",
    "DELIVERED",
    "SKIPPED",
    "FAILED",
    "LOST",
)
# of what is more no page says how much: counting it would take longer every year
COUNTED_TO = 1_000


class Text(NamedTuple):
    """One that went out, or is to; whose number it is, where somebody has it."""

    id: int
    kind: str
    status: str
    reason: str
    text: str
    phone: str
    parts: int
    made_at: int  # UTC ms
    sent_at: int | None  # UTC ms
    person_id: int | None
    person: str | None


class HowMany(NamedTuple):
    """Of one status, up to COUNTED_TO and one."""

    status: str
    number: int


class Told(NamedTuple):
    """What became of the text that told of an end, an answer."""

    status: str
    reason: str


class Unread(NamedTuple):
    """A text in that no menu could read."""

    id: int
    phone: str
    text: str
    made_at: int  # UTC ms
    person_id: int | None
    name: str | None
    hamlet: str | None


class Task(NamedTuple):
    """Somebody to call or to tell something; `done_at` none while it waits. UTC ms."""

    id: int
    kind: str
    made_at: int
    done_at: int | None
    note: str
    person_id: int
    name: str
    phone: str | None
    hamlet_id: int | None
    hamlet: str | None
    done_by: str | None


class Waiting(NamedTuple):
    """Texts FAILED and LOST, and texts in that were not understood."""

    trouble: int
    unread: int


_COUNTS = Query(
    text(
        " UNION ALL ".join(
            f"""
            SELECT '{status}' AS status, COUNT(*) AS number FROM (
              SELECT 1 AS one FROM messages
              WHERE commune_id = :commune_id AND direction = 'out' AND status = '{status}'
              LIMIT {COUNTED_TO + 1}) of_{status.lower()}
            """
            for status in STATUSES
        )
    ),
    HowMany,
)
_NOT_UNDERSTOOD = Query(
    text(f"""
    SELECT m.id, m.phone, m.text, m.made_at, p.id AS person_id, p.name, h.name AS hamlet
    FROM messages m
    LEFT JOIN people p ON p.phone = m.phone
    LEFT JOIN hamlets h ON h.id = p.hamlet_id
    WHERE m.commune_id = :commune_id AND {UNREAD} AND m.text <> ''
    ORDER BY m.made_at DESC LIMIT 100
    """),
    Unread,
)
_MADE_AT = Scalar(text("SELECT made_at FROM messages WHERE id = :id"), int)
_OF_STATUS = {False: "", True: "AND m.status = :status"}
_PAGE = {
    (of_one, way): Query(
        text(f"""
        SELECT m.id, m.kind, m.status, m.reason, m.text, m.phone, m.parts, m.made_at, m.sent_at, p.id AS person_id,
          p.name AS person
        FROM messages m
        LEFT JOIN people p ON p.phone = m.phone
        WHERE m.commune_id = :commune_id AND m.direction = 'out' {condition}
          {beyond(way, "(m.made_at, m.id)", "(:made_at, :beside)")}
        {order(way, "m.made_at", "m.id")} LIMIT :most
        """),
        Text,
    )
    for of_one, condition in _OF_STATUS.items()
    for way in paging.WAYS
}
_HERE = {False: "", True: "AND COALESCE(t.hamlet_id, p.hamlet_id) = :hamlet_id"}
_LAST = {
    False: "t.done_at IS NULL {here} ORDER BY t.made_at",
    True: "t.done_at IS NOT NULL {here} ORDER BY t.done_at DESC LIMIT 30",
}
_TASKS = {
    (in_hamlet, done): Query(
        text(f"""
        SELECT t.id, t.kind, t.made_at, t.done_at, t.note, t.person_id, p.name, p.phone,
          COALESCE(t.hamlet_id, p.hamlet_id) AS hamlet_id, h.name AS hamlet, s.username AS done_by
        FROM tasks t
        JOIN people p ON p.id = t.person_id
        LEFT JOIN hamlets h ON h.id = COALESCE(t.hamlet_id, p.hamlet_id)
        LEFT JOIN staff s ON s.id = t.done_by
        WHERE t.commune_id = :commune_id AND {last.format(here=here)}
        """),
        Task,
    )
    for in_hamlet, here in _HERE.items()
    for done, last in _LAST.items()
}
_CALLS = {
    in_hamlet: Scalar(
        text(f"""
        SELECT COUNT(*) AS calls FROM tasks t
        JOIN people p ON p.id = t.person_id
        WHERE t.commune_id = :commune_id AND t.done_at IS NULL {here}
        """),
        int,
    )
    for in_hamlet, here in _HERE.items()
}
_WAITING = Query(
    text(f"""
    SELECT
      (SELECT COUNT(*) FROM messages
       WHERE commune_id = :commune_id AND direction = 'out' AND status IN ('FAILED', 'LOST')) AS trouble,
      (SELECT COUNT(*) FROM messages WHERE commune_id = :commune_id AND {UNREAD} AND text <> '') AS unread
    """),
    Waiting,
)


_TOLD = {
    column: Query(
        text(f"""
        SELECT status, reason
        FROM messages
        WHERE {column} = :id AND direction = 'out'
        ORDER BY id DESC LIMIT 1
        """),
        Told,
    )
    for column in ("request_id", "opinion_id")
}


def of_request(tx: Tx, request_id: int) -> Told | None:
    """The last text about how it ended."""
    return tx.one(_TOLD["request_id"], id=request_id)


def of_opinion(tx: Tx, opinion_id: int) -> Told | None:
    """The text that answered it."""
    return tx.one(_TOLD["opinion_id"], id=opinion_id)


def page(
    tx: Tx, *, commune_id: int, status: str, place: Place, size: int
) -> Page[Text]:
    """Texts that went out, newest first; of one status, where it is named."""

    def read(at: Place, most: int) -> list[Text]:
        made_at = tx.value(_MADE_AT, id=at.beside) if at.way else None
        if made_at is None:  # on top, or the text beside is forgotten
            at = TOP
        values = {
            "commune_id": commune_id,
            "status": status,
            "made_at": made_at,
            "beside": at.beside,
            "most": most,
        }
        return tx.all(_PAGE[bool(status), at.way], **values)

    return paging.page(read, place, size)


def counts(tx: Tx, commune_id: int) -> dict[str, int]:
    """How many went out by status, those of which there are any; COUNTED_TO and one
    where there are more.
    """
    return {
        row.status: row.number
        for row in tx.all(_COUNTS, commune_id=commune_id)
        if row.number
    }


def not_understood(tx: Tx, commune_id: int) -> list[Unread]:
    """Texts in that no menu could read and nobody has dealt with."""
    return tx.all(_NOT_UNDERSTOOD, commune_id=commune_id)


def tasks_of(
    tx: Tx, *, commune_id: int, hamlet_id: int | None, done: bool
) -> list[Task]:
    """Open ones oldest first, or the last thirty done."""
    return tx.all(
        _TASKS[hamlet_id is not None, done], commune_id=commune_id, hamlet_id=hamlet_id
    )


def calls_waiting(tx: Tx, *, commune_id: int, hamlet_id: int | None) -> int:
    return (
        tx.value(
            _CALLS[hamlet_id is not None], commune_id=commune_id, hamlet_id=hamlet_id
        )
        or 0
    )


def texts_waiting(tx: Tx, commune_id: int) -> Waiting:
    return tx.one(_WAITING, commune_id=commune_id) or Waiting(0, 0)
