"""Texts by people who saw only a situation, with what a careful clerk would understand;
and how they are scored.

A line of `texts/*.jsonl` is what `python -m menus hear` reads, and its label: `right`
is the reading, `accept` other readings that are all right too, `may` what may be
carried out at once.

All are learned from (`train.py`). A file joins them once its failures were looked at;
what it was worth before stands in docs/decisions/0004-hearing.md.

42 labels were mended to what the commune has decided: STOP and TC refuse adverts, TC DV
everything; a number picks the line that the sample's list has there; a no to the
question about adverts is `stop adverts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from menus.listening import Taken, Text, hear

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Label:
    """One text, how it was taken, and what that is worth."""

    text: str
    last: str
    right: str
    accept: tuple[str, ...]
    may: tuple[str, ...]
    taken: Taken

    @property
    def is_right(self) -> bool:
        return self.taken.reads == self.right or (
            self.right == "unclear" and self.taken.asked
        )

    @property
    def acts_against(self) -> tuple[str, ...]:
        """What was carried out though the label does not allow it. What was rightly
        heard as an opinion may always be kept as one.
        """
        is_opinion = "opinion" in (self.right, *self.accept)
        allowed = (*self.may, "task opinion") if is_opinion else self.may
        return tuple(
            act
            for act in self.taken.did
            if not any(_same(act, each) for each in allowed)
        )

    @property
    def is_accepted(self) -> bool:
        return not self.acts_against and (
            self.is_right or self.taken.reads in self.accept
        )


@dataclass(frozen=True, slots=True)
class Score:
    texts: int
    accepted: float
    right: float
    acts_against: int


def labelled(name: str) -> Iterator[Label]:
    """Each line of `texts/{name}.jsonl`, heard now."""
    for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines():
        label: dict[str, Any] = json.loads(line)
        taken = hear(msgspec.json.decode(line, type=Text))
        accept, may = tuple(label["accept"]), tuple(label["may"])
        yield Label(label["text"], label["last"], label["right"], accept, may, taken)


def score(name: str) -> Score:
    rows = list(labelled(name))
    accepted = sum(row.is_accepted for row in rows) / len(rows)
    right = sum(row.is_right for row in rows) / len(rows)
    return Score(
        len(rows), accepted, right, sum(bool(row.acts_against) for row in rows)
    )


def _same(act: str, allowed: str) -> bool:
    """`wait 48321` is the `wait` of a label, `take 48315` the `book`, `confirm 1` the
    `confirm N`: code and number are the sample's own.
    """
    if allowed.endswith(" N"):
        allowed = allowed.removesuffix(" N")
    return (
        act == allowed
        or act.split(maxsplit=1)[0] == allowed
        or (act, allowed.split(maxsplit=1)[0]) == ("book", "take")
    )


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.jsonl")):
        print(file.stem, score(file.stem))
