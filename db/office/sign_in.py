"""The sign-in: how many wrong passwords are borne, and who is on duty."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, text

from db.models import sign_ins
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement

DAY_MS = 24 * 3600 * 1000
WINDOW_MS = 15 * 60 * 1000
# Wrong passwords in the window. An account from one address is shut soon; the account
# as a whole late, so that a stranger elsewhere does not lock its owner out and many
# addresses together still cannot guess for ever.
PER_PAIR, PER_ADDRESS, PER_ACCOUNT = 5, 20, 50


class OnDuty(NamedTuple):
    """The member of staff who is at the desk."""

    id: int
    commune_id: int
    username: str
    name: str
    role: str
    hamlet_id: int | None  # a hamlet head sees this hamlet
    language: str
    school_id: int | None  # a school sees this school


_FORGET = Statement(delete(sign_ins).where(sign_ins.c.at < bindparam("before")))
_TRY = Statement(insert(sign_ins).values(who=bindparam("who"), at=bindparam("at")))
_TRIES = Scalar(
    select(func.count()).where(
        sign_ins.c.who == bindparam("who"), sign_ins.c.at > bindparam("since")
    ),
    int,
)
_CLEAR = Statement(delete(sign_ins).where(sign_ins.c.who == bindparam("who")))
_GIVE_BACK = Statement(
    delete(sign_ins).where(
        sign_ins.c.id
        == select(func.max(sign_ins.c.id))
        .where(sign_ins.c.who == bindparam("who"))
        .scalar_subquery()
    )
)
_ON_DUTY = Query(
    text("""
    SELECT id, commune_id, username, name, role, hamlet_id, language, school_id
    FROM staff
    WHERE id = :id AND epoch = :epoch AND disabled_at IS NULL
    """),
    OnDuty,
)


class TooManyTries(Exception):
    """This address with this account, or either of them, failed too often in the last
    quarter of an hour.
    """


def blurred(key: str, said: str) -> str:
    """What stands in `sign_ins.who`: says whether two tries came from one place, not
    from which.
    """
    digest = hmac.new(key.encode(), said.encode(), hashlib.sha256)
    return digest.hexdigest()


def try_sign_in(tx: Tx, *, pair: str, address: str, account: str, now: int) -> None:
    """Count a try before the password is looked at, so that many at once cannot slip
    under the limit.

    All three are already blurred. Raises TooManyTries; the caller lets the transaction
    roll back then, so a refused try does not prolong the wait.
    """
    tx.run(_FORGET, before=now - DAY_MS)
    _count_try(tx, pair, PER_PAIR, now)
    _count_try(tx, address, PER_ADDRESS, now)
    _count_try(tx, account, PER_ACCOUNT, now)


def _count_try(tx: Tx, who: str, most: int, now: int) -> None:
    """Raises TooManyTries."""
    since = now - WINDOW_MS
    tries = tx.value(_TRIES, who=who, since=since) or 0
    if tries >= most:
        raise TooManyTries
    tx.run(_TRY, who=who, at=now)


def sign_in_worked(tx: Tx, *, pair: str, address: str, account: str) -> None:
    """Forget what failed here for this account, and this one try of the address and of
    the account: a shared line is not blocked by successes, and a guesser elsewhere
    gains nothing by them.
    """
    tx.run(_CLEAR, who=pair)
    tx.run(_GIVE_BACK, who=address)
    tx.run(_GIVE_BACK, who=account)


def on_duty(tx: Tx, staff_id: int, epoch: int) -> OnDuty | None:
    """The staff member of an open sign-in; none once disabled or the password changed."""
    return tx.one(_ON_DUTY, id=staff_id, epoch=epoch)
