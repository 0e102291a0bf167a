"""What stands around a report's figures: who issues it, to whom, who signs. Dated: who
signs this week may be another next week. The only writer of `report_heads`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.places import communes
from db.places.commune_setup import Refused, a_day
from db.store.engine import Tx
from db.store.statements import Query, Statement

LINE_MOST, SUBJECT_MOST, LINES_MOST = 120, 300, 2000  # letters
SYMBOL = "BC-UBND"
BLANK = "…………"  # nobody has entered it: to be written by hand


class Head(NamedTuple):
    """As it was typed. `addressees`, `grounds`, `recipients` and `capacity` may have
    several lines.
    """

    since: str  # ISO day
    parent: str  # the body above; may be empty
    issuer: str
    symbol: str
    place: str
    subject: str
    addressees: str
    grounds: str
    recipients: str
    capacity: str  # TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH
    signer: str


_COLUMNS = "since, parent, issuer, symbol, place, subject, addressees, grounds, recipients, capacity, signer"
_HEADS = Query(
    text(f"""
    SELECT {_COLUMNS} FROM report_heads
    WHERE commune_id = :commune_id
    ORDER BY since DESC
    """),
    Head,
)
_HELD = Query(
    text(f"""
    SELECT {_COLUMNS} FROM report_heads
    WHERE commune_id = :commune_id AND since <= :day
    ORDER BY since DESC LIMIT 1
    """),
    Head,
)
_PUT = Statement(
    text(f"""
    INSERT INTO report_heads (commune_id, {_COLUMNS})
    VALUES (:commune_id, :since, :parent, :issuer, :symbol, :place, :subject, :addressees, :grounds, :recipients,
      :capacity, :signer)
    ON CONFLICT (commune_id, since) DO UPDATE
    SET parent = excluded.parent, issuer = excluded.issuer, symbol = excluded.symbol, place = excluded.place,
      subject = excluded.subject, addressees = excluded.addressees, grounds = excluded.grounds,
      recipients = excluded.recipients, capacity = excluded.capacity, signer = excluded.signer
    """)
)


class Parent(NamedTuple):
    name: str
    parent: str


_CALLED = Query(
    text("""
    SELECT name, parent FROM commune_names
    WHERE commune_id = :commune_id AND since <= :day
    ORDER BY since DESC LIMIT 1
    """),
    Parent,
)


def listed(tx: Tx, commune_id: int) -> list[Head]:
    """Every head, the newest first."""
    return tx.all(_HEADS, commune_id=commune_id)


def on(tx: Tx, commune_id: int, day: str) -> Head:
    """The one that holds on that ISO day; what nobody entered is left to be filled in
    by hand.
    """
    found = tx.one(_HELD, commune_id=commune_id, day=day)
    return found or unwritten(tx, commune_id, day)


def unwritten(tx: Tx, commune_id: int, day: str) -> Head:
    """Before anybody entered one: the commune's own name, and blanks."""
    name = communes.named(tx, commune_id, day).name
    called = tx.one(_CALLED, commune_id=commune_id, day=day)
    return Head(
        since=day,
        parent=called.parent if called else "",
        issuer=f"Ủy ban nhân dân {name[0].lower()}{name[1:]}",
        symbol=SYMBOL,
        place=BLANK,
        subject="",
        addressees="",
        grounds="",
        recipients="",
        capacity="",
        signer="",
    )


def save(tx: Tx, commune_id: int, head: Head) -> None:
    """It holds from its day on; the same day again corrects it. Raises Refused."""
    since = a_day(head.since)
    needed = (head.issuer, head.symbol, head.place, head.capacity)
    if not all(needed):
        raise Refused("setup_head_missing")
    tx.run(_PUT, commune_id=commune_id, **head._replace(since=since)._asdict())
