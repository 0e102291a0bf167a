"""A class that bears another name: its parents and counts stay with it, and so do the
texts that are for it.
"""

from __future__ import annotations

from typing import NamedTuple

from db.broadcasts import renaming
from db.register import schools
from db.store.engine import Tx


class Change(NamedTuple):
    was: str
    becomes: str
    texts: int  # not over, which are for the class and follow it


def rename(
    tx: Tx, school: schools.School, one: schools.Class, name: str, *, commune_id: int
) -> Change:
    """Raises NoClass, NameTaken. A name that it bears already changes nothing."""
    becomes = schools.checked(name)
    if becomes == one.name:
        return Change(one.name, becomes, 0)
    schools.rename_class(tx, school.id, one.id, becomes)
    renamed = renaming.Renamed(school.name, one.name, becomes)
    texts = renaming.class_renamed(tx, commune_id, renamed)
    return Change(one.name, becomes, texts)
