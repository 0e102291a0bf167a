"""The numbers that residents say: one row of them in each commune, for requests and
opinions alike, without a gap.
"""

from __future__ import annotations

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Scalar, Statement

_TAKE = Scalar(
    text("""
    INSERT INTO request_numbers (commune_id, last)
    VALUES (:commune_id, 1)
    ON CONFLICT (commune_id) DO UPDATE SET last = request_numbers.last + 1
    RETURNING last
    """),
    int,
)
_GIVE_BACK = Statement(
    text("""
    UPDATE request_numbers SET last = last - 1
    WHERE commune_id = :commune_id
    """)
)


def take(tx: Tx, commune_id: int) -> int:
    """The next number. Whoever asks at the same moment waits until this transaction
    ends, and then sees what it did.
    """
    number = tx.value(_TAKE, commune_id=commune_id)
    assert number is not None  # made, or raised
    return number


def give_back(tx: Tx, commune_id: int) -> None:
    """The number just taken is not needed; nobody else can have taken one since."""
    tx.run(_GIVE_BACK, commune_id=commune_id)
