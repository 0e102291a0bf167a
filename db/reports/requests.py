"""Requests as staff see them: those that are open, the one due first on top; those that
ended; one and its acts.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import text

from db.models.states import RequestState
from db.store.engine import Tx
from db.store.statements import Query, Scalar

Reach = Literal["all", "agent", "school", "helper", "held"]
SHOWN = 100  # of the open ones; whoever has more narrows them down
ENDED_SHOWN = 30

# What the commune's helpers may do: a hamlet's digital team in its hamlet, the Youth
# Union what was handed to them. Nobody told of these that Viettel or a school calls.
HELPER_KINDS = ("visit", "app", "no_phone")
_HELPS = "r.kind IN ('visit', 'app', 'no_phone')"
# Viettel's own man sees what he may do, a school what was asked of it; of what names no
# school, what parents of its classes ask and what was handed to it: all only where the
# resident was told of them and agreed. `:staff_id` is whoever looks.
_OF_THE_SCHOOL = """
    EXISTS (
      SELECT 1 FROM staff t
      WHERE t.id = :staff_id AND (r.school_id = t.school_id OR r.school_id IS NULL AND (r.holder_id = t.id OR EXISTS (
        SELECT 1 FROM classes c JOIN parents a ON a.class_id = c.id
        WHERE c.school_id = t.school_id AND a.person_id = r.person_id AND a.withdrawn_at IS NULL))))
"""
_REACH: dict[Reach, str] = {
    "all": "AND CAST(:staff_id AS BIGINT) IS NOT NULL",
    "agent": """
        AND CAST(:staff_id AS BIGINT) IS NOT NULL AND r.told_at IS NOT NULL AND r.kind IN ('qr', 'account', 'tv360')
    """,
    "helper": f"AND CAST(:staff_id AS BIGINT) IS NOT NULL AND {_HELPS}",
    "held": f"AND r.holder_id = :staff_id AND {_HELPS}",
    "school": f"AND r.told_at IS NOT NULL AND r.kind = 'school' AND {_OF_THE_SCHOOL}",
}
_NOT_OF_THE_COMMUNE: tuple[Reach, ...] = ("agent", "school")
_OVER_FOR_OTHERS = (RequestState.WITHDRAWN, RequestState.DECLINED)
# by role; others see all of theirs
REACH_OF: dict[str, Reach] = {
    "agent": "agent",
    "school": "school",
    "team": "helper",
    "youth": "held",
}


class Viewer(NamedTuple):
    """Whoever looks, and how much of the commune's requests they see."""

    commune_id: int
    staff_id: int
    reach: Reach

    @property
    def binds(self) -> dict[str, int]:
        return {"commune_id": self.commune_id, "staff_id": self.staff_id}


class Line(NamedTuple):
    """One request. Instants are UTC ms; names are empty where nobody said them."""

    id: int
    number: int
    kind: str
    state: str
    made_at: int
    due_at: int
    told_at: int | None
    tried_at: int | None
    ended_at: int | None
    words: str
    answer: str
    for_name: str
    for_phone: str  # E.164
    ground: str
    channel: str
    person_id: int
    name: str
    phone: str | None  # E.164
    language: str
    marks: bool  # 0 or 1 on SQLite
    hamlet_id: int | None
    hamlet: str | None
    holder_id: int | None
    holder: str | None
    school_id: int | None
    school: str | None
    business_id: int | None  # the shop it is about


class Act(NamedTuple):
    """What was done, by whom (none: the resident), for whom it was left where it was
    handed over.
    """

    id: int
    at: int  # UTC ms
    act: str
    words: str
    staff: str | None
    to: str | None


class Waiting(NamedTuple):
    """How many are open, and how many of them are late."""

    open: int
    late: int


class Colleague(NamedTuple):
    id: int
    name: str
    role: str
    hamlet_id: int | None
    school_id: int | None


_LINE = """
    SELECT r.id, r.number, r.kind, r.state, r.made_at, r.due_at, r.told_at, r.tried_at, r.ended_at, r.words, r.answer,
      r.for_name, r.for_phone, r.ground, r.channel, r.person_id, p.name, p.phone, p.language, p.marks,
      COALESCE(r.hamlet_id, p.hamlet_id) AS hamlet_id, h.name AS hamlet, r.holder_id,
      COALESCE(NULLIF(s.name, ''), s.username) AS holder, r.school_id, b.name AS school,
      r.business_id
    FROM requests r
    JOIN people p ON p.id = r.person_id
    LEFT JOIN hamlets h ON h.id = COALESCE(r.hamlet_id, p.hamlet_id)
    LEFT JOIN staff s ON s.id = r.holder_id
    LEFT JOIN businesses b ON b.id = r.school_id
"""
_HERE = "(CAST(:hamlet_id AS BIGINT) IS NULL OR COALESCE(r.hamlet_id, p.hamlet_id) = :hamlet_id)"
_OPEN = {
    reach: Query(
        text(f"""
        {_LINE}
        WHERE r.commune_id = :commune_id AND r.state = 'open' AND {_HERE} {seen}
          AND (CAST(:kind AS VARCHAR) = '' OR r.kind = :kind)
          AND (CAST(:holder_id AS BIGINT) IS NULL OR r.holder_id = :holder_id)
        ORDER BY r.due_at, r.id LIMIT :most
        """),
        Line,
    )
    for reach, seen in _REACH.items()
}
_ENDED = {
    reach: Query(
        text(f"""
        {_LINE}
        WHERE r.commune_id = :commune_id AND r.state <> 'open' AND {_HERE} {seen}
        ORDER BY r.ended_at DESC LIMIT :most
        """),
        Line,
    )
    for reach, seen in _REACH.items()
}
_ONE = {
    reach: Query(
        text(f"{_LINE} WHERE r.id = :id AND r.commune_id = :commune_id {seen}"), Line
    )
    for reach, seen in _REACH.items()
}
# Asked by the person, or by others for them.
_OF_PERSON = {
    reach: Query(
        text(f"""
        {_LINE}
        WHERE r.commune_id = :commune_id {seen}
          AND (r.person_id = :person_id OR (r.for_phone <> '' AND r.for_phone = :phone))
        ORDER BY r.made_at DESC, r.id DESC LIMIT :most
        """),
        Line,
    )
    for reach, seen in _REACH.items()
}
_WAITING = {
    reach: Query(
        text(f"""
        SELECT COUNT(*) AS open, COALESCE(SUM(CASE WHEN r.due_at < :now THEN 1 ELSE 0 END), 0) AS late
        FROM requests r
        JOIN people p ON p.id = r.person_id
        WHERE r.commune_id = :commune_id AND r.state = 'open' AND {_HERE} {seen}
        """),
        Waiting,
    )
    for reach, seen in _REACH.items()
}
_OF_SHOP = {
    reach: Scalar(
        text(f"""
        SELECT r.id
        FROM requests r
        WHERE r.business_id = :business_id AND r.commune_id = :commune_id AND r.state IN ('open', 'done') {seen}
          AND (CAST(:person_id AS BIGINT) IS NULL OR r.person_id = :person_id)
        ORDER BY r.id DESC LIMIT 1
        """),
        int,
    )
    for reach, seen in _REACH.items()
}
_ACTS = Query(
    text("""
    SELECT a.id, a.at, a.act, a.words, COALESCE(NULLIF(s.name, ''), s.username) AS staff,
      COALESCE(NULLIF(o.name, ''), o.username) AS "to"
    FROM request_acts a
    LEFT JOIN staff s ON s.id = a.staff_id
    LEFT JOIN staff o ON o.id = a.to_id
    WHERE a.request_id = :id ORDER BY a.id
    """),
    Act,
)
_COLLEAGUES = Query(
    text("""
    SELECT id, COALESCE(NULLIF(name, ''), username) AS name, role, hamlet_id, school_id
    FROM staff WHERE commune_id = :commune_id AND disabled_at IS NULL ORDER BY username
    """),
    Colleague,
)


def is_let_go(viewer: Viewer, line: Line) -> bool:
    """Whether whoever looks is not of the commune, and the resident took it back or
    was refused: who it was is their business no more.
    """
    return viewer.reach in _NOT_OF_THE_COMMUNE and line.state in _OVER_FOR_OTHERS


def as_shown(viewer: Viewer, line: Line) -> Line:
    """The request as the page shows it: without names, numbers and what was said where
    it was let go.
    """
    if not is_let_go(viewer, line):
        return line
    return line._replace(name="", phone=None, for_name="", for_phone="", words="")


def open_ones(
    tx: Tx,
    viewer: Viewer,
    *,
    hamlet_id: int | None,
    kind: str = "",
    holder_id: int | None = None,
) -> list[Line]:
    """The one due first on top; of one kind, of one holder, where these are named."""
    wanted = {"hamlet_id": hamlet_id, "kind": kind, "holder_id": holder_id}
    return tx.all(_OPEN[viewer.reach], most=SHOWN, **wanted, **viewer.binds)


def ended(tx: Tx, viewer: Viewer, *, hamlet_id: int | None) -> list[Line]:
    """The last that ended."""
    found = tx.all(
        _ENDED[viewer.reach], hamlet_id=hamlet_id, most=ENDED_SHOWN, **viewer.binds
    )
    return [as_shown(viewer, line) for line in found]


def of_person(tx: Tx, viewer: Viewer, person_id: int, phone: str | None) -> list[Line]:
    """What somebody asked for, or others for them by this number (E.164): open and
    ended, the newest first.
    """
    about = {"person_id": person_id, "phone": phone or ""}
    return tx.all(_OF_PERSON[viewer.reach], most=ENDED_SHOWN, **about, **viewer.binds)


def one(tx: Tx, viewer: Viewer, request_id: int) -> Line | None:
    return tx.one(_ONE[viewer.reach], id=request_id, **viewer.binds)


def of_shop(
    tx: Tx, viewer: Viewer, business_id: int, person_id: int | None = None
) -> int | None:
    """The last request about this shop that is theirs to see and was not let go; of
    this person, where one is named. Its id.
    """
    about = {"business_id": business_id, "person_id": person_id}
    return tx.value(_OF_SHOP[viewer.reach], **about, **viewer.binds)


def acts(tx: Tx, request_id: int) -> list[Act]:
    """All that was done, in its order."""
    return tx.all(_ACTS, id=request_id)


def waiting(tx: Tx, viewer: Viewer, *, hamlet_id: int | None, now: int) -> Waiting:
    """How many are before them. `now` is UTC ms."""
    found = tx.one(_WAITING[viewer.reach], hamlet_id=hamlet_id, now=now, **viewer.binds)
    return found or Waiting(0, 0)


def colleagues(tx: Tx, commune_id: int) -> list[Colleague]:
    """Whoever may sign in, by user name."""
    return tx.all(_COLLEAGUES, commune_id=commune_id)
