"""What an installation is set up with from the desk: the dialled code and the number,
dated names, hamlets, halls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import text

from db.places import communes
from db.places.naming import same
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.hearing import fold
from menus.links import barred
from menus.port import Hamlet

# letters of a hamlet's or hall's name: it stands in every text and on one line of a 2G
# screen
NAME_MOST = 40
ALIASES_MOST, ALIAS_LEAST, ALIAS_MOST = 30, 3, 60
_CODE = re.compile(r"\*[0-9]{2,6}(?:\*[0-9]{1,4}){0,2}#")
# a short code, or the SIM in the modem, as residents type it
_NUMBER = re.compile(r"[0-9]{3,11}")


class Reached(NamedTuple):
    """What residents of a commune dial and text."""

    service_code: str  # *2404#
    sms_number: str


class Called(NamedTuple):
    """What a commune is called from a day on."""

    since: str  # ISO day
    name: str
    parent: str  # the district or province it belongs to


class Hall(NamedTuple):
    id: int
    name: str


_REACHED = Query(
    text("SELECT service_code, sms_number FROM communes WHERE id = :commune_id"),
    Reached,
)
_OTHERS = Scalar(
    text("""
    SELECT COUNT(*) FROM communes
    WHERE id <> :commune_id AND (service_code IN (:code, :number) OR sms_number IN (:code, :number))
    """),
    int,
)
_REACH = Statement(
    text(
        "UPDATE communes SET service_code = :code, sms_number = :number WHERE id = :commune_id"
    )
)
_NAMES = Query(
    text(
        "SELECT since, name, parent FROM commune_names WHERE commune_id = :commune_id ORDER BY since DESC"
    ),
    Called,
)
_NAME = Statement(
    text("""
    INSERT INTO commune_names (commune_id, since, name, parent) VALUES (:commune_id, :since, :name, :parent)
    ON CONFLICT (commune_id, since) DO UPDATE SET name = excluded.name, parent = excluded.parent
    """)
)
_NEW_HAMLET = Scalar(
    text(
        "INSERT INTO hamlets (commune_id, name, position) VALUES (:commune_id, :name, :position) RETURNING id"
    ),
    int,
)
_HAMLET = Statement(text("UPDATE hamlets SET name = :name WHERE id = :hamlet_id"))
_POSITION = Statement(
    text("UPDATE hamlets SET position = :position WHERE id = :hamlet_id")
)
_NO_ALIASES = Statement(text("DELETE FROM hamlet_aliases WHERE hamlet_id = :hamlet_id"))
_ALIAS = Statement(
    text("INSERT INTO hamlet_aliases (hamlet_id, folded) VALUES (:hamlet_id, :folded)")
)
_HALLS = Query(text("SELECT id, name FROM halls WHERE commune_id = :commune_id"), Hall)
_NEW_HALL = Statement(
    text(
        "INSERT INTO halls (commune_id, hamlet_id, name) VALUES (:commune_id, :hamlet_id, :name)"
    )
)
_HALL = Statement(
    text("UPDATE halls SET hamlet_id = :hamlet_id, name = :name WHERE id = :hall_id")
)


class Refused(ValueError):
    """What was entered cannot stand: `key` is the sentence that says why, with its gaps
    in `values`.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def a_day(text_: str) -> str:
    """An ISO day as it is stored. Raises Refused."""
    try:
        found = date.fromisoformat(text_)
    except ValueError:
        raise Refused("setup_bad_day") from None
    if not 2000 <= found.year <= 2100:
        raise Refused("setup_bad_day")
    return found.isoformat()


def a_name(name: str, most: int = NAME_MOST) -> str:
    if not name:
        raise Refused("setup_no_name")
    if len(name) > most:
        raise Refused("setup_long_name", most=most)
    refuse_barred(name)
    return name


def refuse_barred(words: str) -> None:
    """Raises Refused: residents read it in our texts."""
    why = barred(words)
    if why is not None:
        raise Refused(f"info_{why}")


def reached(tx: Tx, commune_id: int) -> Reached:
    """As residents dial and text it."""
    found = tx.one(_REACHED, commune_id=commune_id)
    assert found is not None  # its own staff ask
    return found


def names(tx: Tx, commune_id: int) -> list[Called]:
    """What the commune is called from which day on, the newest first."""
    return tx.all(_NAMES, commune_id=commune_id)


def reach(tx: Tx, commune_id: int, *, code: str, number: str) -> None:
    """Change what residents dial and text; the next answer and the next text name it.
    Raises Refused.
    """
    code = re.sub(r"\s", "", code)
    number = re.sub(r"[\s.]", "", number)
    if not _CODE.fullmatch(code):
        raise Refused("setup_bad_code")
    if not _NUMBER.fullmatch(number):
        raise Refused("setup_bad_number")
    taken = tx.value(_OTHERS, commune_id=commune_id, code=code, number=number)
    if taken:
        raise Refused("setup_code_taken")
    tx.run(_REACH, commune_id=commune_id, code=code, number=number)


def name_from(tx: Tx, commune_id: int, *, since: str, name: str, parent: str) -> None:
    """The commune's name from a local day on; the same day again corrects it. Raises
    Refused.
    """
    since = a_day(since)
    name = a_name(name, 80)
    tx.run(_NAME, commune_id=commune_id, since=since, name=name, parent=parent[:120])


def save_hamlet(
    tx: Tx,
    commune_id: int,
    *,
    hamlet_id: int | None,
    name: str,
    aliases: Iterable[str],
    position: int | None,
) -> None:
    """Add one (`hamlet_id` none) or change it; a former name is still heard. Raises
    Refused, LookupError.
    """
    listed = communes.hamlets(tx, commune_id)
    others = [hamlet for hamlet in listed if hamlet.id != hamlet_id]
    before = _old(listed, hamlet_id)
    _its_own(a_name(name), others)
    typed = list(aliases)
    if before and same(before.name) != same(name):
        typed.append(before.name)
    called = _aliases(typed, name, others)
    if hamlet_id is None:
        hamlet_id = tx.value(
            _NEW_HAMLET, commune_id=commune_id, name=name, position=len(listed) + 1
        )
        assert hamlet_id is not None  # an insert returns its row
    else:
        tx.run(_HAMLET, hamlet_id=hamlet_id, name=name)
        tx.run(_NO_ALIASES, hamlet_id=hamlet_id)
    alias_rows = [{"hamlet_id": hamlet_id, "folded": alias} for alias in called]
    tx.many(_ALIAS, alias_rows)
    _put_in_order(tx, others, hamlet_id, position)


def _put_in_order(
    tx: Tx, others: list[Hamlet], hamlet_id: int, position: int | None
) -> None:
    """The hamlet at this position (from 1) of the commune's list; without one at its
    end.
    """
    in_order = [hamlet.id for hamlet in others]
    if position is None:
        in_order.append(hamlet_id)
    else:
        index = max(0, position - 1)
        in_order.insert(index, hamlet_id)
    rows = [
        {"hamlet_id": key, "position": place} for place, key in enumerate(in_order, 1)
    ]
    tx.many(_POSITION, rows)


def _old(listed: list[Hamlet], hamlet_id: int | None) -> Hamlet | None:
    if hamlet_id is None:
        return None
    for hamlet in listed:
        if hamlet.id == hamlet_id:
            return hamlet
    raise LookupError(hamlet_id)


def _its_own(called: str, others: list[Hamlet]) -> None:
    """No other hamlet goes by this: heard by text, it would name two."""
    folded = fold(called)
    compared = same(called)
    for other in others:
        if compared == same(other.name) or folded in other.aliases:
            raise Refused("setup_alias_taken", alias=called, hamlet=other.name)


def _aliases(typed: Iterable[str], name: str, others: list[Hamlet]) -> list[str]:
    """The other names of a hamlet as they are kept: folded, once each, its own name
    left out.
    """
    folded = {fold(alias) for alias in typed}
    kept = sorted(folded - {"", fold(name)})
    if len(kept) > ALIASES_MOST:
        raise Refused("setup_many_aliases", most=ALIASES_MOST)
    for alias in kept:
        if not _is_an_alias(alias):
            raise Refused(
                "setup_bad_alias", alias=alias, least=ALIAS_LEAST, most=ALIAS_MOST
            )
        _its_own(alias, others)
    return kept


def _is_an_alias(folded: str) -> bool:
    """Has it letters, enough and not too many?"""
    if not ALIAS_LEAST <= len(folded) <= ALIAS_MOST:
        return False
    return re.search("[a-z]", folded) is not None


def save_hall(
    tx: Tx, commune_id: int, *, hall_id: int | None, name: str, hamlet_id: int | None
) -> None:
    """Add one (`hall_id` none) or change it; without a hamlet it is the commune's own.
    Raises Refused, LookupError.
    """
    halls = tx.all(_HALLS, commune_id=commune_id)
    others = [hall for hall in halls if hall.id != hall_id]
    is_known = len(others) < len(halls)
    if hall_id is not None and not is_known:
        raise LookupError(hall_id)
    if hamlet_id is not None:
        hamlets = communes.hamlets(tx, commune_id)
        _old(hamlets, hamlet_id)
    a_name(name)
    taken = {fold(hall.name) for hall in others}
    if fold(name) in taken:
        raise Refused("setup_hall_taken", name=name)
    if hall_id is None:
        tx.run(_NEW_HALL, commune_id=commune_id, hamlet_id=hamlet_id, name=name)
    else:
        tx.run(_HALL, hall_id=hall_id, hamlet_id=hamlet_id, name=name)
