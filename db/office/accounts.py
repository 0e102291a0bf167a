"""Staff accounts: who may sign in, in which role, with passwords kept as argon2id."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, text, update

from db.models import staff
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.numbers import NotAMobile, mobile

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# An agent is the operator's; a hamlet's digital team and members of the Youth Union
# help beside them.
ROLES = ("admin", "commune", "hamlet", "agent", "team", "youth", "school", "reader")
OF_A_HAMLET = ("hamlet", "team")
SHORTEST = 10  # characters of a password


class Account(NamedTuple):
    """One of the staff, as they sign in."""

    id: int
    password: str  # argon2id
    role: str  # one of ROLES
    hamlet_id: int | None
    language: str
    epoch: int  # raised to end every open sign-in
    disabled_at: int | None  # UTC ms


class Standing(NamedTuple):
    """Whether an account is open."""

    disabled_at: int | None  # UTC ms


_ADD = Scalar(
    text("""
    INSERT INTO staff (commune_id, username, name, password, role, hamlet_id, school_id, made_at)
    VALUES (:commune_id, :username, :name, :password, :role, :hamlet_id, :school_id, :now)
    ON CONFLICT (username) DO NOTHING RETURNING id
    """),
    int,
)
_FIND = Query(
    text("""
    SELECT id, password, role, hamlet_id, language, epoch, disabled_at
    FROM staff
    WHERE username = :username
    """),
    Account,
)
_REHASH = Statement(text("UPDATE staff SET password = :password WHERE id = :id"))
_SET_PASSWORD = Query(
    text(
        "UPDATE staff SET password = :password, epoch = epoch + 1 WHERE username = :username RETURNING disabled_at"
    ),
    Standing,
)
_DISABLE = Statement(
    text(
        "UPDATE staff SET disabled_at = :now, epoch = epoch + 1 WHERE username = :username AND disabled_at IS NULL"
    )
)
_ENABLE = Statement(
    text(
        "UPDATE staff SET disabled_at = NULL WHERE username = :username AND disabled_at IS NOT NULL"
    )
)
_SET_PHONE = Statement(
    text("UPDATE staff SET phone = :phone WHERE username = :username")
)
_PHONE = Scalar(text("SELECT phone FROM staff WHERE id = :id"), str)
_END_SIGN_INS = Statement(text("UPDATE staff SET epoch = epoch + 1 WHERE id = :id"))
_LANGUAGE = Statement(
    update(staff)
    .where(staff.c.id == bindparam("staff"))
    .values(language=bindparam("to"))
)


class AccountError(ValueError):
    """The account cannot be made or changed; the message says why."""


def add(
    tx: Tx,
    *,
    commune_id: int,
    username: str,
    password: str,
    role: str,
    hamlet_id: int | None,
    name: str,
    now: int,
    school_id: int | None = None,
) -> int:
    """A new account; its id. Raises AccountError."""
    username = _username(username)
    if role not in ROLES:
        known = ", ".join(ROLES)
        raise AccountError(f"There is no role '{role}'; it is one of {known}.")
    if role in OF_A_HAMLET and hamlet_id is None:
        raise AccountError(f"A {role} account needs its hamlet.")
    is_of_school = role == "school"
    has_school = school_id is not None
    if is_of_school != has_school:
        raise AccountError("A school account needs its school, and no other has one.")
    made = tx.value(
        _ADD,
        commune_id=commune_id,
        username=username,
        name=name,
        password=_hash(password),
        role=role,
        hamlet_id=hamlet_id,
        school_id=school_id,
        now=now,
    )
    if made is None:
        raise AccountError(f"There is an account '{username}' already.")
    return made


def set_password(tx: Tx, username: str, password: str) -> bool:
    """A new password; ends every open sign-in. A disabled account stays so: is it
    enabled? Raises AccountError.
    """
    kept_as = _username(username)
    changed = tx.one(_SET_PASSWORD, username=kept_as, password=_hash(password))
    if changed is None:
        raise AccountError(f"There is no account '{username}'.")
    return changed.disabled_at is None


def disable(tx: Tx, username: str, now: int) -> None:
    """No more signing in, and every open sign-in ends. Raises AccountError."""
    kept_as = _username(username)
    if not tx.run(_DISABLE, username=kept_as, now=now):
        raise AccountError(f"There is no enabled account '{username}'.")


def enable(tx: Tx, username: str) -> None:
    """A disabled account may sign in again, with the password it has. Raises
    AccountError.
    """
    kept_as = _username(username)
    if not tx.run(_ENABLE, username=kept_as):
        raise AccountError(f"There is no disabled account '{username}'.")


def set_phone(tx: Tx, username: str, written: str) -> str:
    """Where this account's tests of a broadcast go, as it is kept (E.164); empty takes
    it off. Raises AccountError.
    """
    phone = ""
    if written.strip():
        phone = _mobile(written)
    kept_as = _username(username)
    if not tx.run(_SET_PHONE, username=kept_as, phone=phone):
        raise AccountError(f"There is no account '{username}'.")
    return phone


def _mobile(written: str) -> str:
    """E.164. Raises AccountError."""
    try:
        return mobile(written)
    except NotAMobile:
        raise AccountError(f"'{written}' is not a Vietnamese mobile number.") from None


def phone_of(tx: Tx, staff_id: int) -> str:
    """Where the tests of this account go (E.164); empty where nobody said."""
    return tx.value(_PHONE, id=staff_id) or ""


def speak(tx: Tx, staff_id: int, language: str) -> None:
    """The language of the desk for this account: vi or en."""
    tx.run(_LANGUAGE, staff=staff_id, to=language)


def end_sign_ins(tx: Tx, staff_id: int) -> None:
    """Every open sign-in of this account ends, in every browser: a cookie copied before
    opens nothing.
    """
    tx.run(_END_SIGN_INS, id=staff_id)


def check(tx: Tx, username: str, password: str) -> Account | None:
    """The account when it and the password are good. An unknown name takes as long as a
    wrong password.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    hasher = _hasher()
    found = tx.one(_FIND, username=username.strip().lower())
    kept = found.password if found else _nobodys_hash()
    try:
        hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return None
    if found is None or found.disabled_at is not None:
        return None
    if hasher.check_needs_rehash(kept):
        rehashed = hasher.hash(password)
        tx.run(_REHASH, id=found.id, password=rehashed)
    return found


def _username(text_: str) -> str:
    """As it is kept. Raises AccountError."""
    username = text_.strip().lower()
    has_spaces = any(letter.isspace() for letter in username)
    if has_spaces or not 1 <= len(username) <= 40:
        raise AccountError("A user name has 1 to 40 characters and no spaces.")
    return username


def _hash(password: str) -> str:
    if len(password) < SHORTEST:
        raise AccountError(f"The password needs at least {SHORTEST} characters.")
    return _hasher().hash(password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")
