"""What stands for a person where neither name nor number may stand: an HMAC under
PRIVACY_KEY.
"""

from __future__ import annotations

import hashlib
import hmac


def who(key: str, phone: str) -> str:
    """Stands for an E.164 number where the number itself must not stand; needs
    PRIVACY_KEY to be told.
    """
    digest = hmac.new(key.encode(), phone.encode(), hashlib.sha256)
    return digest.hexdigest()


def who_is(key: str, person_id: int, phone: str | None) -> str:
    """Stands for a person in the register of wishes: by their number, or by themselves
    where they have none.
    """
    if phone:
        return who(key, phone)
    return who(key, f"person {person_id}")
