"""Empty, demo or live: a demo can never text a stranger, a live installation takes no
simulator.
"""

from __future__ import annotations

from typing import Literal, cast

from sqlalchemy import select

from db.models import installation
from db.store.engine import Database, Tx
from db.store.statements import Scalar
from settings import SettingsError

Kind = Literal["empty", "demo", "live"]

_KIND = Scalar(select(installation.c.kind), str)


def kind(tx: Tx) -> Kind:
    """Empty until a demo is loaded or a register imported."""
    return cast(Kind, tx.value(_KIND) or "empty")


def refuse_simulator_when_live(db: Database) -> None:
    """Raises SettingsError: on a live installation the simulator would let anyone act
    for anyone.
    """
    try:
        with db.connection() as tx:
            live = kind(tx) == "live"
    except Exception:
        # no database yet, or no schema: /readyz says so; there is nobody to protect
        return
    if live:
        raise SettingsError(
            "SIMULATOR is on, but this installation is live. Turn it off."
        )
