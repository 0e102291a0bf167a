"""A shop or a school that is edited: the texts for a school's parents follow its name."""

from __future__ import annotations

from db.broadcasts import renaming
from db.register import businesses
from db.register.businesses import SCHOOL, Listed, Sought
from db.store.engine import Tx


def edit(tx: Tx, business: Listed, commune_id: int, new: Sought) -> int:
    """How many texts that are not over are for a school of another name now, and follow
    it. Raises what `businesses.edit` raises.
    """
    businesses.edit(tx, business, commune_id, new)
    if business.kind != SCHOOL or new.name == business.name:
        return 0
    return renaming.school_renamed(tx, commune_id, business.name, new.name)
