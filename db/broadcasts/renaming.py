"""A school or a class that bears another name: a text for its parents stays for them, in
every rule that is still to be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import drafts
from db.broadcasts.rules import OF_A_CLASS
from db.register import schools
from db.register.people import fold_name
from db.store.engine import Tx
from db.store.statements import Query, Statement


class Kept(NamedTuple):
    """A rule where it is kept."""

    id: int
    rule: str  # JSON


class Renamed(NamedTuple):
    """A class of a school."""

    school: str
    was: str
    becomes: str


Rename = Callable[[str], str]  # what a rule calls a school or a class -> its new name


_BROADCASTS = Query(
    text("""
    SELECT id, rule
    FROM broadcasts
    WHERE commune_id = :commune_id AND state IN ('draft', 'running', 'paused')
    ORDER BY id
    """),
    Kept,
)
_FIRINGS = Query(
    text("""
    SELECT f.id, f.rule
    FROM firings f JOIN broadcasts b ON b.id = f.broadcast_id
    WHERE b.commune_id = :commune_id AND f.ended_at IS NULL
    ORDER BY f.id
    """),
    Kept,
)
_AUDIENCES = Query(
    text("SELECT id, rule FROM audiences WHERE commune_id = :commune_id ORDER BY id"),
    Kept,
)
_SET_BROADCAST = Statement(
    text("UPDATE broadcasts SET rule = :rule, approved_digest = :digest WHERE id = :id")
)
_SET_FIRING = Statement(text("UPDATE firings SET rule = :rule WHERE id = :id"))
_SET_AUDIENCE = Statement(text("UPDATE audiences SET rule = :rule WHERE id = :id"))


def class_renamed(tx: Tx, commune_id: int, renamed: Renamed) -> int:
    """How many texts that are not over follow the class."""
    return _follow(tx, commune_id, partial(_of_class, renamed))


def school_renamed(tx: Tx, commune_id: int, was: str, becomes: str) -> int:
    """How many texts that are not over follow the school, or a class of it."""
    return _follow(tx, commune_id, partial(_of_school, was, becomes))


def _of_class(renamed: Renamed, said: str) -> str:
    """`Trường Tiểu học / 3A` with the class under its new name; another as it was."""
    name = _class_named(said, renamed.school)
    if name is None or schools.as_kept(name) != renamed.was:
        return said
    before = said.removesuffix(name)
    return f"{before}{renamed.becomes}"


def _of_school(was: str, becomes: str, said: str) -> str:
    """The school under its new name, alone or before a class; another as it was."""
    if fold_name(said) == fold_name(was):
        return becomes
    name = _class_named(said, was)
    if name is None:
        return said
    return f"{becomes}{OF_A_CLASS}{name}"


def _class_named(said: str, school: str) -> str | None:
    """`3A`, where a class of this school is said: `Trường Tiểu học / 3A`."""
    of, mark, name = said.rpartition(OF_A_CLASS)
    if mark and fold_name(of) == fold_name(school):
        return name
    return None


def _follow(tx: Tx, commune_id: int, rename: Rename) -> int:
    """How many texts that are not over follow it. An approval stands: the text is for
    the same people.
    """
    broadcasts = tx.all(_BROADCASTS, commune_id=commune_id)
    following = _reworded(broadcasts, rename)
    for kept in following:
        row = drafts.get(tx, kept.id, commune_id)
        _set_broadcast(tx, row, kept.rule)
    for rules, set_rule in ((_FIRINGS, _SET_FIRING), (_AUDIENCES, _SET_AUDIENCE)):
        rows = tx.all(rules, commune_id=commune_id)
        for kept in _reworded(rows, rename):
            tx.run(set_rule, id=kept.id, rule=kept.rule)
    return len(following)


def _set_broadcast(tx: Tx, row: drafts.Broadcast, rule: str) -> None:
    digest = row.approved_digest
    if drafts.is_approved(row):
        reworded = row._replace(rule=rule)
        digest = drafts.digest(reworded)
    tx.run(_SET_BROADCAST, id=row.id, rule=rule, digest=digest)


def _reworded(rules: Iterable[Kept], rename: Rename) -> list[Kept]:
    """Those of these rules that name what was renamed, each with the new name."""
    found = []
    for kept in rules:
        before = json.loads(kept.rule)
        after = _walked(before, rename)
        if after == before:
            continue
        rule = json.dumps(after, ensure_ascii=False)
        found.append(Kept(kept.id, rule))
    return found


def _walked(part: object, rename: Rename) -> object:
    """A rule, a list of rules, or what stands in one."""
    if isinstance(part, list):
        return [_walked(one, rename) for one in part]
    if not isinstance(part, dict):
        return part
    found = {}
    for name, value in part.items():
        read = _named if name == "school" else _walked
        found[name] = read(value, rename)
    return found


def _named(value: object, rename: Rename) -> object:
    """The schools and classes that a rule names: one, or several."""
    if isinstance(value, list):
        return [_named(one, rename) for one in value]
    return rename(value) if isinstance(value, str) else value
