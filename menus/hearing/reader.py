"""What a text is most likely about, learned from labelled texts: it routes and doubts, and never acts by itself.

A linear model over words and pieces of words, what was asked last, and what the rules read. `python -m
tests.menus.train` learns it from the texts of `tests/menus/texts` whose names begin with `seen`, and writes
`reader.bin`: for each feature one byte for each label, packed by zlib. Why a model: docs/decisions/0004-hearing.md.
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
ZERO = 128  # the byte that stands for a weight of nothing

Asked = Literal[
    "none", "menu", "hamlets", "days", "times", "confirm", "wait", "cancel", "move", "offer", "held", "reminder",
    "missed", "putoff", "rate", "stop", "consent", "logged", "broadcast", "other",
]  # fmt: skip
Label = Literal[
    "check", "book", "mine", "cancel", "change", "coming", "not_coming", "call", "help", "language", "stop_adverts",
    "stop_reminders", "stop_all", "erase", "start", "yes", "no", "pick", "thanks", "talk", "question", "opinion",
    "fact", "request", "unclear",
]  # fmt: skip
LABELS: tuple[Label, ...] = get_args(Label)

# As thumbs write them; only the reader sees them spelt out, the rules know each by itself.
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
_LENGTHS = (3, 4, 5)  # of the pieces of words


_UNCLEAR = LABELS.index("unclear")
# Writers of labels call much unclear that has one likely meaning; asking back costs a part, a wrong list no more.
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
    """What was learned: by feature a byte for each of LABELS, ZERO for no weight; `step` is what one unit is worth."""

    step: float
    rows: dict[str, bytes]


def read(written: str, asked: Asked, rules: Sequence[str]) -> Reading:
    """What a text is likely about. `rules` are features of what the rules read, such as `rule=cancel`."""
    return ranked(features(written, asked, rules), _weights())


def ranked(found: Sequence[str], weights: Weights) -> Reading:
    """How likely each label is for what has these features."""
    known = [row for feature in found if (row := weights.rows.get(feature))]
    totals = [sum(column) for column in zip(*known, strict=True)] or [0] * len(LABELS)
    most = max(totals)
    unit = weights.step / math.sqrt(
        len(known) or 1
    )  # so that a long text is no surer than a short one
    scores = [math.exp((total - most) * unit) for total in totals]
    scores[_UNCLEAR] *= ASKED_LESS
    together = sum(scores)
    ranked = sorted(zip(LABELS, scores, strict=True), key=lambda pair: -pair[1])
    return Reading(tuple((label, score / together) for label, score in ranked))


def features(written: str, asked: Asked, rules: Sequence[str]) -> list[str]:
    """Each word, two and three words in a row, pieces of words, and each of these beside what was asked."""
    found = set(_of_the_text(written[:READ_AT_MOST]))
    beside = [f"{asked}|{feature}" for feature in found if feature[0] in "wb"]
    return sorted(
        [
            *found,
            *beside,
            f"asked={asked}",
            *rules,
            *(f"{asked}|{rule}" for rule in rules),
        ]
    )


def _of_the_text(written: str) -> Iterator[str]:
    words = _words(written)
    framed = ["^", *words, "$"]
    yield f"length={min(len(words), 9)}"
    for word in words:
        yield f"w_{word}"
    for at in range(len(framed) - 1):
        yield f"b_{framed[at]}_{framed[at + 1]}"
    for at in range(len(framed) - 2):
        yield f"t_{framed[at]}_{framed[at + 1]}_{framed[at + 2]}"
    line = f" {' '.join(words)} "
    for length in _LENGTHS:
        for at in range(len(line) - length + 1):
            yield f"c_{line[at : at + length]}"


def _words(written: str) -> list[str]:
    """Folded, abbreviations spelt out; a code or a phone number is the same word whichever it is."""
    said = re.sub(r"\d{5,}", "00000", fold(written))
    words = [_SPELT_OUT.get(word, word) for word in _TOKEN.findall(said)]
    return " ".join(words).split()


def packed(weights: Weights) -> bytes:
    """As the file holds them; the same weights always give the same bytes."""
    return zlib.compress(msgspec.msgpack.encode(weights, order="deterministic"), 9)


@cache
def _weights() -> Weights:
    return msgspec.msgpack.decode(zlib.decompress(FILE.read_bytes()), type=Weights)
