"""The office's own writing: the sign-in limit, the audit trail, tasks done, texts dealt with, edits to a person."""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import bindparam, delete, func, insert, select, update

from db.engine import Tx
from db.models import audit, businesses, households, messages, people, sign_ins, staff, tasks
from db.statements import Row, Statement

WINDOW_MS = 15 * 60 * 1000
# Wrong passwords in the window. An account from one address is shut soon; the account as a whole late, so that a
# stranger elsewhere does not lock its owner out and many addresses together still cannot guess for ever.
PER_PAIR, PER_ADDRESS, PER_ACCOUNT = 5, 20, 50

_FORGET = Statement(delete(sign_ins).where(sign_ins.c.at < bindparam("before")))
_TRY = Statement(insert(sign_ins).values(who=bindparam("who"), at=bindparam("at")))
_TRIES = Statement(select(func.count()).where(sign_ins.c.who == bindparam("who"), sign_ins.c.at > bindparam("since")))
_CLEAR = Statement(delete(sign_ins).where(sign_ins.c.who == bindparam("who")))
_GIVE_BACK = Statement(
    delete(sign_ins).where(
        sign_ins.c.id == select(func.max(sign_ins.c.id)).where(sign_ins.c.who == bindparam("who")).scalar_subquery()
    )
)
_ON_DUTY = Statement(
    select(staff).where(
        staff.c.id == bindparam("id"), staff.c.epoch == bindparam("epoch"), staff.c.disabled_at.is_(None)
    )
)
_LANGUAGE = Statement(update(staff).where(staff.c.id == bindparam("staff")).values(language=bindparam("to")))
_AUDIT = Statement(
    insert(audit).values(
        at=bindparam("at"),
        staff_id=bindparam("staff"),
        action=bindparam("action"),
        person_id=bindparam("person"),
        detail=bindparam("detail"),
    )
)
_TASK_DONE = Statement(
    update(tasks)
    .where(tasks.c.id == bindparam("task"), tasks.c.done_at.is_(None))
    .values(done_at=bindparam("at"), done_by=bindparam("staff"), note=bindparam("note"))
)
_TASK_NOTE = Statement(select(tasks.c.note).where(tasks.c.id == bindparam("task")))
_DEALT_WITH = Statement(
    update(messages)
    .where(
        messages.c.id == bindparam("message"),
        messages.c.commune_id == bindparam("commune"),
        messages.c.direction == "in",
        messages.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("at"))
)
_PERSON = Statement(
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(
        name=bindparam("to_name"),
        folded=bindparam("to_folded"),
        hamlet_id=bindparam("to_hamlet"),
        household_id=bindparam("to_household"),
    )
)
_HOUSEHOLD = Statement(
    select(households.c.id, households.c.hamlet_id).where(
        households.c.commune_id == bindparam("commune"), households.c.code == bindparam("code")
    )
)
_NEW_HOUSEHOLD = Statement(
    insert(households)
    .values(commune_id=bindparam("commune"), hamlet_id=bindparam("hamlet"), code=bindparam("code"))
    .returning(households.c.id)
)
_SAME_BUSINESS = Statement(
    select(businesses.c.id).where(
        businesses.c.commune_id == bindparam("commune"),
        businesses.c.kind == bindparam("kind"),
        func.lower(businesses.c.name) == func.lower(bindparam("name", type_=businesses.c.name.type)),
    )
)
_NEW_BUSINESS = Statement(
    insert(businesses)
    .values(
        commune_id=bindparam("commune"), hamlet_id=bindparam("hamlet"), kind=bindparam("kind"), name=bindparam("name")
    )
    .returning(businesses.c.id)
)


class TooManyTries(Exception):
    """This address with this account, or either of them, failed too often in the last quarter of an hour."""


class OtherHamlet(Exception):
    """The household stands in another hamlet."""


def blurred(key: str, text: str) -> str:
    """What stands in `sign_ins.who`: says whether two tries came from one place, not from which."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def try_sign_in(tx: Tx, *, pair: str, address: str, account: str, now: int) -> None:
    """Count a try before the password is looked at, so that many at once cannot slip under the limit.

    All three are already blurred. Raises TooManyTries; the caller lets the transaction roll back then, so a
    refused try does not prolong the wait.
    """
    tx.run(_FORGET, before=now - 24 * 3600 * 1000)
    for who, most in ((pair, PER_PAIR), (address, PER_ADDRESS), (account, PER_ACCOUNT)):
        if tx.value(_TRIES, who=who, since=now - WINDOW_MS) >= most:
            raise TooManyTries
        tx.run(_TRY, who=who, at=now)


def sign_in_worked(tx: Tx, *, pair: str, address: str, account: str) -> None:
    """Forget what failed here for this account, and this one try of the address and of the account: a shared line
    is not blocked by successes, and a guesser elsewhere gains nothing by them."""
    tx.run(_CLEAR, who=pair)
    tx.run(_GIVE_BACK, who=address)
    tx.run(_GIVE_BACK, who=account)


def on_duty(tx: Tx, staff_id: int, epoch: int) -> Row | None:
    """The staff member of an open sign-in; none once disabled or the password changed."""
    return tx.one(_ON_DUTY, id=staff_id, epoch=epoch)


def speak(tx: Tx, staff_id: int, language: str) -> None:
    tx.run(_LANGUAGE, staff=staff_id, to=language)


def note(tx: Tx, *, at: int, staff_id: int | None, action: str, person_id: int | None = None, detail: str = "") -> None:
    """One row of the audit trail. No phone number goes in `detail`: the trail outlives an erasure."""
    tx.run(_AUDIT, at=at, staff=staff_id, action=action, person=person_id, detail=detail[:200])


def finish_task(tx: Tx, task_id: int, *, at: int, staff_id: int, words: str) -> bool:
    """False when somebody had done it already. What was to be told stays in front of what came of it."""
    note = " – ".join(filter(None, (tx.value(_TASK_NOTE, task=task_id), words)))
    return tx.run(_TASK_DONE, task=task_id, at=at, staff=staff_id, note=note[:200]) == 1


def deal_with(tx: Tx, message_id: int, *, commune_id: int, at: int) -> bool:
    """A text that no menu understood was read by a person."""
    return tx.run(_DEALT_WITH, message=message_id, commune=commune_id, at=at) == 1


def edit_person(
    tx: Tx, person_id: int, *, name: str, folded: str, hamlet_id: int | None, household_id: int | None
) -> None:
    tx.run(_PERSON, person=person_id, to_name=name, to_folded=folded, to_hamlet=hamlet_id, to_household=household_id)


def household(tx: Tx, *, commune_id: int, hamlet_id: int, code: str) -> int:
    """The household of that code, made when new. Raises OtherHamlet."""
    found = tx.one(_HOUSEHOLD, commune=commune_id, code=code)
    if found is None:
        return int(tx.value(_NEW_HOUSEHOLD, commune=commune_id, hamlet=hamlet_id, code=code))
    if found.hamlet_id != hamlet_id:
        raise OtherHamlet
    return int(found.id)


def add_business(tx: Tx, *, commune_id: int, hamlet_id: int | None, kind: str, name: str) -> int | None:
    """None when one of that kind and name is listed already."""
    if tx.value(_SAME_BUSINESS, commune=commune_id, kind=kind, name=name) is not None:
        return None
    return int(tx.value(_NEW_BUSINESS, commune=commune_id, hamlet=hamlet_id, kind=kind, name=name))
