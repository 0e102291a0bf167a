"""Lists that lead to work: homes of one hamlet with a question open, whom it is about,
and who went there.

A line is a household, or somebody who belongs to none: they come last, and are counted
apart. The head of a household is whoever stands first in the register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, list_of_ids

ON_2G, NO_ACCOUNT, NOBODY_HAS_ACCOUNT, NO_APP, POOR, ALL = (
    "on_2g",
    "no_account",
    "no_account_home",
    "no_app",
    "poor",
    "all",
)
KINDS = (ON_2G, NOBODY_HAS_ACCOUNT, NO_ACCOUNT, NO_APP, POOR, ALL)
ORDERS = ("code", "head")
AT_A_TIME = 200  # homes whose people are read in one statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """`hamlet_id` 0: of the whole commune. `visited`: yes, no, or nothing where it does
    not matter; counted from the local day `since` (ISO) on.
    """

    commune_id: int
    hamlet_id: int
    kind: str = ON_2G
    order: str = "code"
    visited: str = ""
    since: str = ""


class Home(NamedTuple):
    """One line: `home` is the household's id, or 0 where `person` is somebody alone;
    the newest visit that stands.
    """

    home: int
    person: int
    code: str
    head: str
    sorted_by: str
    poor: str  # yes | near | no
    visit_id: int | None
    visited_on: str | None
    result: str | None
    visited_by: int | None
    hamlet: str | None


class Member(NamedTuple):
    """Somebody of a home, with what is known of them."""

    id: int
    home: int
    name: str
    phone: str | None  # E.164
    handset: str
    account: bool  # 0 or 1 on SQLite
    app: bool  # 0 or 1 on SQLite


class Tally(NamedTuple):
    """How many lines a list has: whoever belongs to no household is none."""

    households: int
    alone: int


# What staff saw goes before the register, the register before what was said by phone.
HANDSET = """
    COALESCE((SELECT f.value FROM facts f WHERE f.person_id = p.id AND f.kind = 'handset' AND f.value <> 'unknown'
      ORDER BY CASE f.source WHEN 'seen' THEN 1 WHEN 'register' THEN 2 ELSE 3 END LIMIT 1), 'unknown')
"""
_POOR_FACT = """
    (SELECT f.value FROM facts f WHERE f.person_id = p.id AND f.kind = 'poor' AND f.value <> 'unknown'
      ORDER BY CASE f.source WHEN 'seen' THEN 1 WHEN 'register' THEN 2 ELSE 3 END LIMIT 1)
"""
# Not EXISTS: PostgreSQL would read all that counts to answer it for some hundreds.
_COUNTS = """
    (SELECT c.day FROM counted c
      WHERE c.indicator_id = (SELECT MIN(i.id) FROM indicators i JOIN programmes g ON g.id = i.programme_id
        WHERE i.key = '{key}' AND g.commune_id = :commune_id) AND c.subject_id = p.id) IS NOT NULL
"""
_ACCOUNT, _APP = _COUNTS.format(key="money_person"), _COUNTS.format(key="app_citizen")
# Of one person `p`. Who has no smartphone has no use for the app.
_OF_PERSON = {
    ON_2G: f"{HANDSET} = '2g'",
    NO_ACCOUNT: f"NOT ({_ACCOUNT})",
    NO_APP: f"{HANDSET} IN ('4g_no_volte', '4g_volte') AND NOT ({_APP})",
}
# Home by home, for the same reason.
_SOMEBODY = """
    (SELECT 1 FROM people p
      WHERE p.household_id = o.id AND p.erased_at IS NULL AND {condition} LIMIT 1) IS NOT NULL
"""
_IS_POOR = f"{_POOR_FACT} IN ('yes', 'near')"
_OF_HOUSEHOLD = {
    **{
        kind: _SOMEBODY.format(condition=condition)
        for kind, condition in _OF_PERSON.items()
    },
    NOBODY_HAS_ACCOUNT: f"{_SOMEBODY.format(condition='TRUE')} AND NOT ({_SOMEBODY.format(condition=_ACCOUNT)})",
    POOR: f"(o.poor IN ('yes', 'near') OR {_SOMEBODY.format(condition=_IS_POOR)})",
    ALL: "TRUE",
}
_ALONE = {
    **_OF_PERSON,
    NOBODY_HAS_ACCOUNT: f"NOT ({_ACCOUNT})",
    POOR: _IS_POOR,
    ALL: "TRUE",
}
_NEWEST_VISIT = """
    (SELECT MAX(w.id) FROM visits w WHERE w.{subject} AND w.reverses IS NULL
      AND NOT EXISTS (SELECT 1 FROM visits u WHERE u.reverses = w.id))
"""
_HEAD = """
    COALESCE((SELECT h.{column} FROM people h WHERE h.household_id = o.id AND h.erased_at IS NULL
      ORDER BY h.id LIMIT 1), '')
"""
_SORTED = {
    "code": ("o.code", "''"),
    "head": (_HEAD.format(column="folded"), "p.folded"),
}
_SORTED_BY = {
    (order, of_household): Scalar(
        text(
            f"SELECT {by_code} AS sorted_by FROM households o WHERE o.id = :home"
            if of_household
            else f"SELECT {by_name} AS sorted_by FROM people p WHERE p.id = :person"
        ),
        str,
    )
    for order, (by_code, by_name) in _SORTED.items()
    for of_household in (True, False)
}
# by whether it is the whole commune
_HERE = {
    True: "",
    False: "AND {of}.hamlet_id = :hamlet_id",
}
_VISITED = {
    "": "",
    "yes": "AND v.day >= :since",
    "no": "AND (v.day IS NULL OR v.day < :since)",
}
_HOMES = """
    SELECT 0 AS alone, o.id AS home, 0 AS person, o.code, {head} AS head, {by_code} AS sorted_by, o.poor,
      v.id AS visit_id, v.day AS visited_on, v.result, v.staff_id AS visited_by, n.name AS hamlet
    FROM households o
    JOIN hamlets n ON n.id = o.hamlet_id
    LEFT JOIN visits v ON v.id = {of_household}
    WHERE o.commune_id = :commune_id {household_here} AND {household} {visited}
    UNION ALL
    SELECT 1 AS alone, 0 AS home, p.id AS person, '' AS code, p.name AS head, {by_name} AS sorted_by,
      COALESCE({poor}, 'no') AS poor, v.id AS visit_id, v.day AS visited_on, v.result, v.staff_id AS visited_by,
      n.name AS hamlet
    FROM people p
    JOIN hamlets n ON n.id = p.hamlet_id
    LEFT JOIN visits v ON v.id = {of_person}
    WHERE COALESCE(p.household_id, 0) = 0 {person_here} AND p.commune_id = :commune_id
      AND p.erased_at IS NULL AND p.name <> '' AND {alone} {visited}
"""
_MEMBERS = """
    SELECT p.id, {home} AS home, p.name, p.phone, {handset} AS handset, {account} AS account, {app} AS app
    FROM people p
    WHERE p.{among} AND p.commune_id = :commune_id AND p.erased_at IS NULL
    ORDER BY p.id
"""
_HOUSEHOLD_IN = Scalar(
    text(
        "SELECT hamlet_id FROM households WHERE commune_id = :commune_id AND id = :id"
    ),
    int,
)
_PERSON_IN = Scalar(
    text("""
    SELECT hamlet_id FROM people
    WHERE commune_id = :commune_id AND id = :id AND household_id IS NULL AND erased_at IS NULL
    """),
    int,
)


@cache
def _homes(kind: str, order: str, visited: str, everywhere: bool) -> str:
    by_code, by_name = _SORTED[order]
    return _HOMES.format(
        head=_HEAD.format(column="name"),
        by_code=by_code,
        by_name=by_name,
        household=_OF_HOUSEHOLD[kind],
        alone=_ALONE[kind],
        household_here=_HERE[everywhere].format(of="o"),
        person_here=_HERE[everywhere].format(of="p"),
        poor=_POOR_FACT,
        of_household=_NEWEST_VISIT.format(subject="household_id = o.id"),
        of_person=_NEWEST_VISIT.format(subject="person_id = p.id"),
        visited=_VISITED[visited],
    )


@cache
def _page(kind: str, order: str, visited: str, everywhere: bool) -> Query[Home]:
    return Query(
        text(f"""
        SELECT home, person, code, head, sorted_by, poor, visit_id, visited_on, result, visited_by, hamlet
        FROM ({_homes(kind, order, visited, everywhere)}) homes
        WHERE (alone, sorted_by, home, person) > (:alone, :sorted_by, :home, :person)
        ORDER BY alone, sorted_by, home, person LIMIT :most
        """),
        Home,
    )


@cache
def _counted(kind: str, order: str, visited: str, everywhere: bool) -> Query[Tally]:
    return Query(
        text(f"""
        SELECT COUNT(*) - COALESCE(SUM(alone), 0) AS households, COALESCE(SUM(alone), 0) AS alone
        FROM ({_homes(kind, order, visited, everywhere)}) homes
        """),
        Tally,
    )


def page(
    tx: Tx, wanted: Wanted, *, after: tuple[int, int] | None = None, most: int
) -> list[Home]:
    """In the order asked for, from behind a line (`home`, `person`) on, though that has
    left the list meanwhile.
    """
    home, person = after or (-1, -1)
    sorted_by = None
    alone = -1
    if after:
        alone = int(home == 0)
        sorted_by = tx.value(
            _SORTED_BY[wanted.order, home > 0], home=home, person=person
        )
    statement = _page(wanted.kind, wanted.order, wanted.visited, not wanted.hamlet_id)
    after_line = {
        "alone": alone,
        "sorted_by": sorted_by or "",
        "home": home,
        "person": person,
    }
    return tx.all(statement, most=most, **after_line, **_values(wanted))


def how_many(tx: Tx, wanted: Wanted) -> Tally:
    """The households of a list, and the people of none."""
    found = tx.one(
        _counted(wanted.kind, wanted.order, wanted.visited, not wanted.hamlet_id),
        **_values(wanted),
    )
    return Tally(int(found.households), int(found.alone)) if found else Tally(0, 0)


def _values(wanted: Wanted) -> dict[str, object]:
    return {
        "commune_id": wanted.commune_id,
        "hamlet_id": wanted.hamlet_id,
        "since": wanted.since,
    }


def members(
    tx: Tx, commune_id: int, homes: Sequence[Home]
) -> dict[tuple[int, int], list[Member]]:
    """Everybody of these homes, by (home, person) as the lines name them."""
    found: dict[tuple[int, int], list[Member]] = {
        (line.home, line.person): [] for line in homes
    }
    households = [line.home for line in homes if line.home]
    for member in _of_ids(tx, commune_id, True, households):
        found[member.home, 0].append(member)
    alone = [line.person for line in homes if line.person]
    for member in _of_ids(tx, commune_id, False, alone):
        found[0, member.id].append(member)
    return found


def _of_ids(
    tx: Tx, commune_id: int, household: bool, ids: list[int]
) -> Iterator[Member]:
    """The members of these households, or these people."""
    for start in range(0, len(ids), AT_A_TIME):
        few = ids[start : start + AT_A_TIME]
        yield from tx.all(_members(household, few), commune_id=commune_id)


def _members(household: bool, among: Sequence[int]) -> Query[Member]:
    home = "0"
    column = "id"
    if household:
        home = "p.household_id"
        column = "household_id"
    among_these = f"{column} IN ({list_of_ids(among)})"
    sql = _MEMBERS.format(
        home=home, handset=HANDSET, account=_ACCOUNT, app=_APP, among=among_these
    )
    return Query(text(sql), Member)


def concerns(kind: str, member: Member) -> bool:
    """Is the list about this member of the home?"""
    match kind:
        case "on_2g":
            return member.handset == "2g"
        case "no_account" | "no_account_home":
            return not member.account
        case "no_app":
            return member.handset in ("4g_no_volte", "4g_volte") and not member.app
    return True


def hamlet_of(tx: Tx, commune_id: int, home: int, person: int) -> int | None:
    """Where a line of a list stands: of a household, else of somebody who belongs to
    none.
    """
    if home:
        return tx.value(_HOUSEHOLD_IN, commune_id=commune_id, id=home)
    return tx.value(_PERSON_IN, commune_id=commune_id, id=person)
