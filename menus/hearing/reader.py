"""What a text is most likely about, learned from labelled texts: it routes and doubts,
and never acts by itself.

A linear model over words and pieces of words, what was asked last, and what the rules
read. `python -m tests.menus.train` learns it from the texts of `tests/menus/texts`
whose names begin with `seen`, and writes `reader.bin`: for each feature one byte for
each label, packed by zlib. Why a model: docs/decisions/0004-hearing.md.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

from menus.hearing.folding import fold

FILE = Path(__file__).with_name("reader.bin")
READ_AT_MOST = 320  # letters: two long texts; what is wanted is said by then
LIKELY = 0.6  # enough where nobody is bound
SURE = 0.85  # enough to add to a rule that is only weak
BOOKED = "has=booking"  # a feature: whoever texts has a booking
ZERO = 128  # the byte that stands for a weight of nothing

# What our last words to a phone were; `other` is an open list that none of these names.
Last = Literal[
    "none",
    "menu",
    "hamlets",
    "days",
    "times",
    "confirm",
    "wait",
    "cancel",
    "move",
    "offer",
    "held",
    "reminder",
    "missed",
    "putoff",
    "rate",
    "stop",
    "consent",
    "logged",
    "broadcast",
]
Asked = Literal[Last, "other"]
Label = Literal[
    "check",
    "book",
    "mine",
    "cancel",
    "change",
    "coming",
    "not_coming",
    "call",
    "help",
    "language",
    "stop_adverts",
    "stop_reminders",
    "stop_all",
    "erase",
    "start",
    "yes",
    "no",
    "pick",
    "thanks",
    "talk",
    "question",
    "opinion",
    "fact",
    "request",
    "unclear",
]
LABELS: tuple[Label, ...] = get_args(Label)

# As thumbs write them; only the reader sees them spelt out, the rules know each by
# itself.
_SPELT_OUT = {
    "k": "khong", "ko": "khong", "kg": "khong", "hk": "khong", "hok": "khong", "hong": "khong", "khg": "khong",
    "kh": "khong", "hem": "khong", "dc": "duoc", "dk": "duoc", "dx": "duoc", "bn": "bao nhieu", "ntn": "the nao",
    "j": "gi", "r": "roi", "bh": "bao gio", "vs": "voi", "cx": "cung", "mk": "mat khau", "ng": "nguoi",
    "dt": "dien thoai", "sdt": "so dien thoai", "cb": "can bo", "nt": "nhan tin", "tn": "tin nhan", "qc": "quang cao",
    "tks": "cam on", "thanks": "cam on", "thank": "cam on", "lm": "lam",
    "bt": "biet", "uh": "u", "uk": "u", "oke": "ok", "okie": "ok",
    "okay": "ok", "ms": "moi", "trc": "truoc", "ns": "noi", "nx": "nua", "z": "vay", "v": "vay", "mn": "moi nguoi",
}  # fmt: skip
_TOKEN = re.compile(r"[a-z]+|\d+|[?!.]")
_LONG_NUMBER = re.compile(r"\d{5,}")
_LENGTHS = (3, 4, 5)  # of the pieces of words


_UNCLEAR = LABELS.index("unclear")
# Writers of labels call much unclear that has one likely meaning; asking back costs a
# part, a wrong list no more.
ASKED_LESS = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """How likely each label is, the likeliest first; together 1."""

    ranked: tuple[tuple[Label, float], ...]

    @property
    def label(self) -> Label:
        return self.ranked[0][0]

    @property
    def sure(self) -> float:
        """How likely the likeliest is, 0 to 1."""
        return self.ranked[0][1]

    def of(self, *labels: Label) -> float:
        """How likely it is one of these, 0 to 1."""
        return sum(likely for label, likely in self.ranked if label in labels)


class Weights(msgspec.Struct):
    """What was learned: by feature a byte for each of LABELS, ZERO for no weight;
    `step` is what one unit is worth.
    """

    step: float
    rows: dict[str, bytes]


def read(written: str, asked: Asked, rules: Sequence[str]) -> Reading:
    """What a text is likely about. `rules` are features of what the rules read, such as
    `rule=cancel`.
    """
    return ranked(features(written, asked, rules), weights_in(FILE))


def ranked(found: Sequence[str], weights: Weights) -> Reading:
    """How likely each label is for what has these features."""
    rows = [weights.rows.get(feature) for feature in found]
    known = [row for row in rows if row]
    totals = _totals(known)
    most = max(totals)
    # so that a long text is no surer than a short one
    unit = weights.step / math.sqrt(len(known) or 1)
    scores = [math.exp((total - most) * unit) for total in totals]
    scores[_UNCLEAR] *= ASKED_LESS
    together = sum(scores)
    by_score = sorted(zip(LABELS, scores, strict=True), key=lambda pair: -pair[1])
    return Reading(tuple((label, score / together) for label, score in by_score))


def _totals(rows: Sequence[bytes]) -> list[int]:
    """For each label what all rows say together."""
    if not rows:
        return [0] * len(LABELS)
    return [sum(column) for column in zip(*rows, strict=True)]


def features(written: str, asked: Asked, rules: Sequence[str]) -> list[str]:
    """Each word, two and three words in a row, pieces of words, and each of these
    beside what was asked; each word beside a booking, where there is one.
    """
    found = _of_the_text(written[:READ_AT_MOST])
    found.add(f"asked={asked}")
    of_words = [feature for feature in found if feature[0] in "wb"]
    beside = [f"{asked}|{feature}" for feature in (*of_words, *rules)]
    if BOOKED in rules:
        beside += [f"{BOOKED}|{word}" for word in of_words if word[0] == "w"]
    return sorted([*found, *beside, *rules])


def _of_the_text(written: str) -> set[str]:
    """`w_` a word, `b_` two in a row, `t_` three, `c_` a piece of a word; and how many
    words there are.
    """
    words = _words(written)
    framed = ["^", *words, "$"]
    line = f" {' '.join(words)} "
    found = {f"length={min(len(words), 9)}"}
    found.update(f"w_{word}" for word in words)
    found.update(f"b_{'_'.join(two)}" for two in _in_a_row(framed, 2))
    found.update(f"t_{'_'.join(three)}" for three in _in_a_row(framed, 3))
    for length in _LENGTHS:
        found.update(f"c_{piece}" for piece in _in_a_row(line, length))
    return found


def _in_a_row(said: Sequence[str], many: int) -> Iterator[Sequence[str]]:
    """So many words of a list in a row, or letters of a line, from each place on."""
    for at in range(len(said) - many + 1):
        yield said[at : at + many]


def _words(written: str) -> list[str]:
    """Folded, abbreviations spelt out; a code or a phone number is the same word
    whichever it is.
    """
    said = _LONG_NUMBER.sub("00000", fold(written))
    words = [_SPELT_OUT.get(word, word) for word in _TOKEN.findall(said)]
    return " ".join(words).split()  # what was spelt out may be several


def packed(weights: Weights) -> bytes:
    """As the file holds them; the same weights always give the same bytes."""
    return zlib.compress(msgspec.msgpack.encode(weights, order="deterministic"), 9)


@cache
def weights_in(file: Path) -> Weights:
    """What `packed` wrote."""
    unpacked = zlib.decompress(file.read_bytes())
    return msgspec.msgpack.decode(unpacked, type=Weights)
