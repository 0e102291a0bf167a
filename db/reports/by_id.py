"""Rows looked up by their ids: what a list of another table names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, list_of_ids

R = TypeVar("R", bound=tuple[Any, ...])


def by_id(tx: Tx, sql: str, ids: Collection[int], row: type[R]) -> dict[int, R]:
    """What the statement yields with these in the place of `{ids}`, by its first
    column; of those that there are.
    """
    if not ids:
        return {}
    among = sql.format(ids=list_of_ids(ids))
    rows = tx.all(Query(text(among), row))
    return {found[0]: found for found in rows}
