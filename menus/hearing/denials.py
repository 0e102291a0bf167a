"""What of all that was logged a denial is about, where that is plain; all of it where
it is not.

`chua co may` of a SIM and a phone   ->   the phone
`sai roi, toi chi doi sim thoi`      ->   all but the SIM
`sai roi`                            ->   all
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from menus.fitting import fold
from menus.hearing.folding import words_of
from menus.port import LoggedWork

_NAMES: Mapping[LoggedWork, re.Pattern[str]] = {
    "sim_4g": re.compile(r"\bsim\b"),
    # no `mấy người`, nor `máy này chưa cài app`
    "handset_volte": re.compile(
        r"\b(?:may(?! (?:cai|nguoi|ng|ngay|hom|thang|lan|toi|nay|cua|em|chau|ong|ba|anh|chi)\b)"
        r"|dien thoai|dt|handset|phone)\b"
    ),
    "money_person": re.compile(
        r"\b(?:viettel ?money|vtm|money|tai khoan|tk|vi dien tu)\b"
    ),
    "app_citizen": re.compile(r"\b(?:cong dan so|app|ung dung|xu lang)\b"),
}
_CLAUSES = re.compile(r"[,.;:!?\n]|\b(?:nhung|chu|con|but)\b")
_DENIES = re.compile(
    r"\b(?:khong|ko|kg|k|chua|chang|dau|sai|nham|lam gi|not|never|no|wrong|didn t|haven t)\b"
)
_NOT_WRONG = re.compile(r"\b(?:khong|ko|k) (?:sai|nham)\b")
# `tôi chỉ đổi sim`, `chỉ đổi sim thôi`; without tone marks `chi doi sim` may be `chị`
_ONLY = re.compile(
    r"\b(?:toi|tui|t|em|e|chau|minh|bac|ong|ba) chi (?!toi\b)|\bchi\b.*\bthoi\b|\bonly\b"
)
_A_SISTER = re.compile(r"\bchị\b")


@dataclass(frozen=True, slots=True)
class _Clause:
    works: frozenset[LoggedWork]  # that it names
    denies: bool
    only: bool  # these, and nothing else


def denied(written: str, done: Sequence[LoggedWork]) -> Sequence[LoggedWork]:
    """Those of `done` that a text denies which is known to deny something."""
    refused: set[LoggedWork] = set()
    affirmed: set[LoggedWork] = set()
    only = False
    for clause in _clauses(written):
        named = refused if clause.denies else affirmed
        named.update(clause.works)
        only = only or clause.only
    if refused & affirmed:
        return done
    if only:
        refused = set(done) - affirmed
    wrong = [work for work in done if work in refused]
    return wrong or done


def _clauses(written: str) -> list[_Clause]:
    composed = unicodedata.normalize("NFC", written).lower()
    is_sister = _A_SISTER.search(composed) is not None
    plain = fold(composed)
    parts = _CLAUSES.split(plain)
    return [_clause(part, is_sister) for part in parts]


def _clause(written: str, is_sister: bool) -> _Clause:
    """`is_sister`: a `chi` in it may be `chị`, and says of nothing that it is all."""
    said = words_of(written)
    plain = _NOT_WRONG.sub("", said)
    works = _works_in(plain)
    denies = _DENIES.search(plain) is not None
    if denies or is_sister or not works:
        return _Clause(works, denies, only=False)
    says_only = _ONLY.search(plain) is not None
    return _Clause(works, denies, says_only)


def _works_in(said: str) -> frozenset[LoggedWork]:
    found = [work for work, name in _NAMES.items() if name.search(said)]
    return frozenset(found)
