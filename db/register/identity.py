"""What stands for a person where neither name nor number may stand: an HMAC under PRIVACY_KEY."""

from __future__ import annotations

import hashlib
import hmac


def who(key: str, phone: str) -> str:
    """Stands for an E.164 number where the number itself must not stand; needs PRIVACY_KEY to be told."""
    return hmac.new(key.encode(), phone.encode(), hashlib.sha256).hexdigest()


def who_is(key: str, person_id: int, phone: str | None) -> str:
    """Stands for a person in the register of wishes: by their number, or by themselves where they have none."""
    return who(key, phone or f"person {person_id}")
