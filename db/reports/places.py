"""What the forms offer to choose from: hamlets, halls, staff, households, and the programme they serve."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from db.models import commune_names, halls, hamlet_aliases, hamlets, households, indicators, people, programmes, staff
from db.store.engine import Tx
from db.store.statements import Row, Statement

_HAMLETS = Statement(
    select(hamlets.c.id, hamlets.c.name)
    .where(hamlets.c.commune_id == bindparam("commune"))
    .order_by(hamlets.c.position, hamlets.c.id)
)
_ALIASES = Statement(
    select(hamlet_aliases.c.folded, hamlet_aliases.c.hamlet_id)
    .join(hamlets, hamlets.c.id == hamlet_aliases.c.hamlet_id)
    .where(hamlets.c.commune_id == bindparam("commune"))
)
_HALLS = Statement(
    select(halls.c.id, halls.c.name, halls.c.hamlet_id)
    .outerjoin(hamlets, hamlets.c.id == halls.c.hamlet_id)
    .where(halls.c.commune_id == bindparam("commune"))
    .order_by(hamlets.c.position.is_not(None), hamlets.c.position, halls.c.name)
)
_STAFF = Statement(
    select(staff.c.id, staff.c.username, staff.c.name)
    .where(staff.c.commune_id == bindparam("commune"))
    .order_by(staff.c.username)
)
_PROGRAMME = Statement(
    select(programmes.c.id, programmes.c.name)
    .where(programmes.c.commune_id == bindparam("commune"))
    .order_by(programmes.c.id)
    .limit(1)
)
_INDICATORS = Statement(
    select(indicators)
    .join(programmes, programmes.c.id == indicators.c.programme_id)
    .where(programmes.c.commune_id == bindparam("commune"))
    .order_by(indicators.c.position, indicators.c.id)
)
_HOUSEHOLDS = Statement(
    select(households.c.id, households.c.code, households.c.poor)
    .where(households.c.hamlet_id == bindparam("hamlet"))
    .order_by(households.c.code)
    .limit(500)
)
_PERSON = Statement(
    select(people.c.id, people.c.name).where(
        people.c.commune_id == bindparam("commune"), people.c.id == bindparam("person")
    )
)
_NAME = Statement(
    select(commune_names.c.name)
    .where(commune_names.c.commune_id == bindparam("commune"), commune_names.c.since <= bindparam("day"))
    .order_by(commune_names.c.since.desc())
    .limit(1)
)


def hamlets_of(tx: Tx, commune_id: int) -> list[Row]:
    return tx.all(_HAMLETS, commune=commune_id)


def aliases_of(tx: Tx, commune_id: int) -> dict[str, int]:
    """Folded other names of hamlets, as people write them, to the hamlet."""
    return {row.folded: row.hamlet_id for row in tx.all(_ALIASES, commune=commune_id)}


def halls_of(tx: Tx, commune_id: int) -> list[Row]:
    """The commune's own hall first, then the hamlets' in their order."""
    return tx.all(_HALLS, commune=commune_id)


def staff_of(tx: Tx, commune_id: int) -> list[Row]:
    return tx.all(_STAFF, commune=commune_id)


def programme_of(tx: Tx, commune_id: int) -> Row | None:
    """The programme the desk works for: the commune's first."""
    return tx.one(_PROGRAMME, commune=commune_id)


def indicators_of(tx: Tx, commune_id: int) -> list[Row]:
    return tx.all(_INDICATORS, commune=commune_id)


def households_of(tx: Tx, hamlet_id: int) -> list[Row]:
    return tx.all(_HOUSEHOLDS, hamlet=hamlet_id)


def person_named(tx: Tx, commune_id: int, person_id: int) -> Row | None:
    """Somebody's `id` and `name`."""
    return tx.one(_PERSON, commune=commune_id, person=person_id)


def commune_name(tx: Tx, commune_id: int, day: str) -> str:
    """The commune as it is called on that day; empty when nobody named it yet."""
    return tx.value(_NAME, commune=commune_id, day=day) or ""
