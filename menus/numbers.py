"""Phone numbers as people write them: stored as E.164, read aloud in groups, masked
wherever nobody needs them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from phonenumbers import PhoneNumber, PhoneNumberType, number_type

# The 11-digit prefixes that ended in 2018 and what became of them; the last seven
# digits stayed.
OLD_PREFIXES = {
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038",
    "0169": "039", "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
    "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip

# A hint only: since 2018 a number may have moved to another network.
_NETWORKS = {
    "viettel": "32 33 34 35 36 37 38 39 86 96 97 98",
    "vinaphone": "81 82 83 84 85 88 91 94",
    "mobifone": "70 76 77 78 79 89 90 93",
}
_NETWORK_OF = {
    prefix: network
    for network, prefixes in _NETWORKS.items()
    for prefix in prefixes.split()
}


class NotAMobile(ValueError):
    """Not a Vietnamese mobile number, so it can neither dial us nor get a text."""


class NotAFixedLine(ValueError):
    """Not a Vietnamese fixed line with its area code."""


FIXED_LINES = "+842"  # every area code begins with 2, no mobile does
AFTER_FIXED_LINES = "+843"  # the first number in order that is no fixed line any more
_SEPARATORS = re.compile(r"[\s.\-()/]")
_COUNTRY_CODES = ("+84", "0084", "84")


@lru_cache(maxsize=8192)
def mobile(text: str, *, old: bool = True) -> str:
    """E.164 of a Vietnamese mobile as people write it: 0…, 84…, +84…, 0084…, spaces,
    dots, dashes; with `old` also the 11 digits of before 2018, as they stand on paper
    lists.

    Raises NotAMobile.
    """
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"\+?\d{9,15}", digits):
        raise NotAMobile(text)
    digits = _as_dialled_at_home(digits)
    if old and len(digits) == 11:
        prefix = digits[:4]
        new_prefix = OLD_PREFIXES.get(prefix, prefix)
        digits = new_prefix + digits[4:]
    national = digits.removeprefix("0")
    if not re.fullmatch(r"[1-9]\d{8}", national):
        raise NotAMobile(text)
    if _type_of(national) != PhoneNumberType.MOBILE:
        raise NotAMobile(text)
    return f"+84{national}"


def _as_dialled_at_home(digits: str) -> str:
    """With a 0 where a country code stood before as many digits as a number has."""
    for prefix in _COUNTRY_CODES:
        length = len(digits) - len(prefix)
        if digits.startswith(prefix) and length in (9, 10, 11):
            national = digits.removeprefix(prefix).removeprefix("0")
            return f"0{national}"
    return digits


@lru_cache(maxsize=1024)
def fixed_line(text: str) -> str:
    """E.164 of a Vietnamese fixed line as people write it, with its area code: 0205 3
    870 123. It takes no texts.

    Raises NotAFixedLine.
    """
    digits = _SEPARATORS.sub("", text)
    for prefix in _COUNTRY_CODES:
        if digits.startswith((f"{prefix}2", f"{prefix}02")):
            digits = digits.removeprefix(prefix)
            break
    national = digits.removeprefix("0")
    if not re.fullmatch(r"2\d{8,9}", national):
        raise NotAFixedLine(text)
    if _type_of(national) != PhoneNumberType.FIXED_LINE:
        raise NotAFixedLine(text)
    return f"+84{national}"


def _type_of(national: str) -> int:
    """The PhoneNumberType of the digits after the country code."""
    number = PhoneNumber(84, int(national))
    return number_type(number)


def is_fixed_line(phone: str) -> bool:
    """Whether this E.164 number is a fixed line's: a valid number that takes no texts."""
    return phone.startswith(FIXED_LINES)


def local(phone: str) -> str:
    """+84990000001 as it is read aloud: 0990 000 001."""
    national = phone.removeprefix("+84")
    digits = f"0{national}"
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


def masked(phone: str) -> str:
    """Enough to recognise a number one knows, not enough to call it: +84990***001."""
    if len(phone) < 9:
        return "***"
    return f"{phone[:6]}***{phone[-3:]}"


def network(phone: str) -> str:
    """The network the number was first sold by: a hint for the price, never a proof of
    anything.
    """
    national = phone.removeprefix("+84")
    return _NETWORK_OF.get(national[:2], "other")
