"""Staff accounts: passwords, roles, and what ends a sign-in."""

from __future__ import annotations

import pytest

from db.office import accounts
from db.store.engine import Database
from tests import factories as make

# as processes have it, before tests/conftest.py takes a quicker one
HASHER = accounts._hasher


def test_a_guess_at_a_password_is_as_dear_as_argon2_advises() -> None:
    """RFC 9106, the second recommended option: 64 MiB, three passes, four lanes."""
    hasher = HASHER()
    assert (
        hasher.type.name,
        hasher.memory_cost,
        hasher.time_cost,
        hasher.parallelism,
    ) == ("ID", 65_536, 3, 4)


def test_staff_sign_in_with_the_right_password_only(db: Database) -> None:
    with db.transaction() as tx:
        staff = make.staff(tx, username="Can-Bo", password="mot mat khau dai")
        found = accounts.check(tx, " can-bo ", "mot mat khau dai")
        assert found is not None
        assert found.id == staff
        assert found.password.startswith("$argon2id$")
        assert accounts.check(tx, "can-bo", "mot mat khau sai") is None
        assert accounts.check(tx, "khong-ai", "mot mat khau dai") is None


def test_a_disabled_or_changed_account_ends_its_sign_ins(db: Database) -> None:
    with db.transaction() as tx:
        make.staff(tx)
        before = accounts.check(tx, "can-bo", "mot mat khau dai")
        accounts.disable(tx, "can-bo", 1)
        assert accounts.check(tx, "can-bo", "mot mat khau dai") is None
        assert not accounts.set_password(tx, "can-bo", "mot mat khau khac")
        assert accounts.check(tx, "can-bo", "mot mat khau khac") is None, (
            "a new password alone opens nothing"
        )
        accounts.enable(tx, "can-bo")
        after = accounts.check(tx, "can-bo", "mot mat khau khac")
        assert before is not None
        assert after is not None
        assert after.epoch == before.epoch + 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "ngan"},
        {"role": "chief"},
        {"role": "hamlet"},
        {"username": "hai chu"},
        {"username": ""},
    ],
)
def test_an_account_that_cannot_work_is_not_made(
    db: Database, wrong: dict[str, str]
) -> None:
    with db.transaction() as tx, pytest.raises(accounts.AccountError):
        make.staff(tx, **wrong)  # type: ignore[arg-type]


def test_a_name_is_given_once_and_an_unknown_one_is_named(db: Database) -> None:
    with db.transaction() as tx:
        make.staff(tx)
        with pytest.raises(accounts.AccountError, match="already"):
            make.staff(tx, username="CAN-BO")
        with pytest.raises(accounts.AccountError, match="no account"):
            accounts.set_password(tx, "khong-ai", "mot mat khau dai")
        with pytest.raises(accounts.AccountError, match="no enabled account"):
            accounts.disable(tx, "khong-ai", 1)
        with pytest.raises(accounts.AccountError, match="no disabled account"):
            accounts.enable(tx, "can-bo")
