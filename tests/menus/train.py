"""Learn `menus/hearing/reader.bin` from the labelled texts whose names begin with
`seen`.

    python -m tests.menus.train           # learns from all of them, and writes the file
    python -m tests.menus.train --held    # each file by a reader that learned from the others,
                                            # alone and in the menus; writes nothing

Softmax regression by AdaGrad, a text at a time, always in the same order, so that the
same texts give the same file. A rare feature says more than one that stands everywhere
(its value is its inverse document frequency), and a text's values are divided by the
root of how many it has. Where a label accepts other readings these count a little too.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import numpy as np

from menus.hearing import reader
from menus.listening import Text, heard_by_rules
from tests.menus.labelled import FOLDER, Score, score

EPOCHS, PACE, SHRINK = 8, 0.3, 1e-4
SCALE = 4  # of all values: what the pace fits
ACCEPTED = 0.05  # of a text's weight goes to the other readings that its label accepts
SEEN_LEAST = 3  # texts with a feature
KEPT_LEAST = 0.08  # of its largest weight: a feature that says less is left out


@dataclass(frozen=True, slots=True)
class Example:
    features: list[str]
    right: str
    accept: tuple[str, ...]
    text: str


def examples(name: str) -> list[Example]:
    """Every text of one file, with what the rules read in it."""
    found = []
    for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines():
        label: dict[str, Any] = json.loads(line)
        text = msgspec.json.decode(line, type=Text)
        written, asked, rules = heard_by_rules(text)
        found.append(
            Example(
                reader.features(written, asked, rules),
                label["right"],
                tuple(label["accept"]),
                label["text"],
            )
        )
    return found


def learned(texts: Sequence[Example]) -> reader.Weights:
    """The weights that tell these texts apart."""
    counted = Counter(feature for text in texts for feature in text.features)
    index = {
        feature: at
        for at, feature in enumerate(
            sorted(f for f, many in counted.items() if many >= SEEN_LEAST)
        )
    }
    rows = [np.array([index[f] for f in text.features if f in index]) for text in texts]
    wanted = np.array([_wanted(text) for text in texts])
    values = np.array(
        [_rarity(counted[feature], len(texts)) / SCALE for feature in index]
    )
    weights = np.zeros((len(index), len(reader.LABELS)))
    moved = np.full_like(weights, 1e-2)
    chance = np.random.default_rng(1)
    for _ in range(EPOCHS):
        for at in chance.permutation(len(texts)):
            row = rows[at]
            value = values[row, None] / np.sqrt(len(row))
            scores = (weights[row] * value).sum(axis=0)
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            slope = value * (likely - wanted[at]) + SHRINK * weights[row]
            moved[row] += slope**2
            weights[row] -= PACE * slope / np.sqrt(moved[row])
    return _in_bytes(weights * values[:, None], list(index))


def _rarity(texts_with_it: int, texts: int) -> float:
    """1 for a feature of every text, some 9 for one of three in ten thousand."""
    return math.log((1 + texts) / (1 + texts_with_it)) + 1


def _wanted(text: Example) -> list[float]:
    others = [
        label for label in text.accept if label in reader.LABELS and label != text.right
    ]
    share = ACCEPTED / len(others) if others else 0.0
    right = 1 - share * len(others)
    return [
        right if label == text.right else share if label in others else 0.0
        for label in reader.LABELS
    ]


def _in_bytes(weights: Any, names: list[str]) -> reader.Weights:
    step = float(np.abs(weights).max()) / 127
    whole = np.rint(weights / step).astype(int)
    kept = np.abs(weights).max(axis=1) >= KEPT_LEAST * np.abs(weights).max()
    rows = {
        names[at]: bytes((whole[at] + reader.ZERO).tolist())
        for at in np.flatnonzero(kept)
    }
    return reader.Weights(step, rows)


def seen() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("seen_*.jsonl"))


def scored(texts: Sequence[Example], weights: reader.Weights) -> str:
    right = accepted = 0
    for text in texts:
        label = reader.ranked(text.features, weights).label
        right += label == text.right
        accepted += label == text.right or label in text.accept
    return f"right {right / len(texts):.3f} accepted {accepted / len(texts):.3f} of {len(texts)}"


def heard_with(name: str, weights: reader.Weights) -> Score:
    """One file as the menus hear it with these weights."""
    learned_from = reader.FILE
    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(reader.packed(weights))
        reader.FILE = Path(file.name)
        try:
            return score(name)
        finally:
            reader.FILE = learned_from


def main(held: bool) -> None:
    texts = {name: examples(name) for name in seen()}
    if held:
        for name, own in texts.items():
            others = [
                text for other, its in texts.items() if other != name for text in its
            ]
            weights = learned(others)
            print(name, scored(own, weights), heard_with(name, weights), flush=True)
        return
    weights = learned([text for its in texts.values() for text in its])
    reader.FILE.write_bytes(reader.packed(weights))
    print(f"{len(weights.rows)} features, {reader.FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main("--held" in sys.argv)
