"""Audiences with a name: a rule kept to be chosen again. A broadcast copies it; a later
change changes no broadcast.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import text

from db.broadcasts import rules
from db.broadcasts.errors import CannotDo
from db.store.engine import Tx
from db.store.statements import Query, Statement

NAME_MOST = 80


class Audience(NamedTuple):
    id: int
    name: str
    rule: str  # JSON


_ALL = Query(
    text(
        "SELECT id, name, rule FROM audiences WHERE commune_id = :commune_id ORDER BY name, id"
    ),
    Audience,
)
_KEEP = Statement(
    text("""
    INSERT INTO audiences (commune_id, name, rule) VALUES (:commune_id, :name, :rule)
    ON CONFLICT (commune_id, name) DO UPDATE SET rule = excluded.rule
    """)
)
_FORGET = Statement(
    text("DELETE FROM audiences WHERE commune_id = :commune_id AND id = :id")
)


def of(tx: Tx, commune_id: int) -> list[Audience]:
    """Every kept audience in order of name."""
    return tx.all(_ALL, commune_id=commune_id)


def keep(tx: Tx, name: str, rule: Mapping[str, Any], *, commune_id: int) -> None:
    """Keep a rule under this name, in place of one that bore it. Raises CannotDo."""
    name = " ".join(name.split())[:NAME_MOST]
    if not name:
        raise CannotDo("name")
    rules.read(tx, rule, commune_id)
    tx.run(
        _KEEP,
        commune_id=commune_id,
        name=name,
        rule=json.dumps(rule, ensure_ascii=False),
    )


def forget(tx: Tx, audience_id: int, *, commune_id: int) -> bool:
    """No longer keep it; False when somebody was quicker."""
    return tx.run(_FORGET, commune_id=commune_id, id=audience_id) == 1
