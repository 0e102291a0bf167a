"""Queries whose ids or conditions are known only when they are asked: a template in
SQL, filled in for one use.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import text

from db.store.statements import Query

R = TypeVar("R", bound=tuple[Any, ...])  # the NamedTuple of a row


def filled(template: str, row: type[R], **parts: str) -> Query[R]:
    """The query with `{ids}` and what else stands in braces replaced: by SQL of our
    own, never by what was typed.
    """
    sql = template.format(**parts)
    return Query(text(sql), row)
