"""Forms that the desk sends: each is carried out once, and those of one commune one after
another, so that what one of them looked up still holds when it writes.

SQLite has one writer by itself. On PostgreSQL the statement that claims a form waits for
the commune's form before it; residents never do.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement


class Sent(NamedTuple):
    """A form as it came: `digest` is of who sent what where, and of the key of that one
    form; empty where it had no key, which leaves nothing to know it by.
    """

    digest: str
    commune_id: int
    staff_id: int
    route: str


class Answered(NamedTuple):
    led_to: str | None


_ONE_AFTER_ANOTHER = "pg_advisory_xact_lock(2405, CAST(:commune_id AS INTEGER))"
_CLAIM = {
    "sqlite": Statement(
        text("""
        INSERT INTO sent_forms (digest, staff_id, route, at)
        VALUES (:digest, :staff_id, :route, :now)
        ON CONFLICT (digest) DO NOTHING
        """)
    ),
    "postgresql": Statement(
        text(f"""
        INSERT INTO sent_forms (digest, staff_id, route, at)
        SELECT :digest, :staff_id, :route, :now
        FROM {_ONE_AFTER_ANOTHER}
        ON CONFLICT (digest) DO NOTHING
        """)
    ),
}
_WAIT = {"postgresql": Scalar(text(f"SELECT {_ONE_AFTER_ANOTHER}"), str)}
_ANSWERED = Statement(
    text("UPDATE sent_forms SET led_to = :led_to WHERE digest = :digest")
)
_ANSWER = Query(text("SELECT led_to FROM sent_forms WHERE digest = :digest"), Answered)
_REFUSED = Statement(text("DELETE FROM sent_forms WHERE digest = :digest"))


def claim(tx: Tx, form: Sent, now: int) -> bool:
    """Whether it is the first to come; `now` is UTC ms. False means that another did
    what it asks for, which stays.
    """
    statement = _CLAIM[tx.dialect.name]
    return tx.run(statement, **form._asdict(), now=now) == 1


def take_turn(tx: Tx, form: Sent) -> None:
    """Wait for the form before it, claiming nothing."""
    wait = _WAIT.get(tx.dialect.name)
    if wait is not None:
        tx.value(wait, commune_id=form.commune_id)


def answered(tx: Tx, form: Sent, led_to: str) -> None:
    """Where its answer led; empty where that was a page of its own."""
    tx.run(_ANSWERED, digest=form.digest, led_to=led_to)


def answer(tx: Tx, form: Sent) -> Answered | None:
    """What became of it; none where it was refused after all."""
    return tx.one(_ANSWER, digest=form.digest)


def refused(tx: Tx, form: Sent) -> None:
    """Nothing of it was carried out: it may come again."""
    tx.run(_REFUSED, digest=form.digest)
