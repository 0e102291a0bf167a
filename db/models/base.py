"""The words every table is written in: an id, an instant, a local day, a reference."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# compared letter by letter, as SQLite does
Folded = String(80).with_variant(String(80, collation="C"), "postgresql")
# SQLite counts ids up only for INTEGER
Id = BigInteger().with_variant(Integer, "sqlite")


def key() -> Column[Any]:
    return Column("id", Id, primary_key=True)


def instant(name: str, *, null: bool = False) -> Column[Any]:
    """UTC milliseconds since 1970: the same number on both engines and on the driver's
    own cursor.
    """
    return Column(name, BigInteger, nullable=null)


def day(name: str, *, null: bool = False) -> Column[Any]:
    """A day in Asia/Ho_Chi_Minh as `2026-04-12`."""
    return Column(name, String(10), nullable=null)


def refers(
    name: str, to: str, *, null: bool = False, index: bool = True
) -> Column[Any]:
    return Column(name, Id, ForeignKey(f"{to}.id"), nullable=null, index=index)
