"""A class that bears another name: a text for its parents stays for them, in every rule that is still to be read."""

from __future__ import annotations

import json
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
    school: str
    was: str
    becomes: str


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
    """How many texts that are not over follow it. An approval stands: the text is for the same people."""
    followed = 0
    for kept in tx.all(_BROADCASTS, commune_id=commune_id):
        rule = _reworded(kept.rule, renamed)
        if rule == kept.rule:
            continue
        row = drafts.get(tx, kept.id, commune_id)
        digest = row.approved_digest
        if drafts.is_approved(row):
            digest = drafts.digest(row._replace(rule=rule))
        tx.run(_SET_BROADCAST, id=kept.id, rule=rule, digest=digest)
        followed += 1
    for of_them, set_it in ((_FIRINGS, _SET_FIRING), (_AUDIENCES, _SET_AUDIENCE)):
        for kept in tx.all(of_them, commune_id=commune_id):
            rule = _reworded(kept.rule, renamed)
            if rule != kept.rule:
                tx.run(set_it, id=kept.id, rule=rule)
    return followed


def _reworded(rule: str, renamed: Renamed) -> str:
    """The rule with the class by its new name; as it was where it names another, or none."""
    before = json.loads(rule)
    after = _walked(before, renamed)
    return rule if after == before else json.dumps(after, ensure_ascii=False)


def _walked(part: object, renamed: Renamed) -> object:
    """A rule, a list of rules, or what stands in one."""
    if isinstance(part, list):
        return [_walked(one, renamed) for one in part]
    if not isinstance(part, dict):
        return part
    found = {}
    for name, value in part.items():
        read = _named if name == "school" else _walked
        found[name] = read(value, renamed)
    return found


def _named(value: object, renamed: Renamed) -> object:
    """The schools and classes that a rule names: `Trường Tiểu học / 3A`, or several."""
    if isinstance(value, list):
        return [_named(one, renamed) for one in value]
    if not isinstance(value, str):
        return value
    of_school, mark, name = value.rpartition(OF_A_CLASS)
    is_school = fold_name(of_school) == fold_name(renamed.school)
    if not mark or not is_school or schools.as_kept(name) != renamed.was:
        return value
    return f"{of_school}{OF_A_CLASS}{renamed.becomes}"
