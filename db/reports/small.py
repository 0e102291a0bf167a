"""Figures of hamlets so small that a neighbour could be told, and which of them are kept
back from whoever may not see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

# people or answers that may be shown below the commune: of fewer, somebody could be told
LEAST = 5
# anybody may know what a school does
PUBLIC_PLACES = frozenset({"school", "service_point", "one_stop"})

Place = TypeVar("Place")


class Hidden(StrEnum):
    """What stands in place of a figure."""

    FEW = "few"  # it is under LEAST
    BESIDE = "beside"  # a few could be reckoned from it and the whole


def kept_back(counts: Mapping[Place, int]) -> dict[Place, Hidden]:
    """Of what was counted place by place. Where one alone is small it could be reckoned
    from the whole: then the smallest other one is kept back, too.
    """
    by_count = sorted(counts, key=counts.__getitem__)
    small = [place for place in by_count if counts[place] < LEAST]
    hidden = dict.fromkeys(small, Hidden.FEW)
    if len(small) == 1 and len(by_count) > 1:
        next_one = by_count[1]
        hidden[next_one] = Hidden.BESIDE
    return hidden


def or_few(number: int) -> int | Hidden:
    """A number that stands by itself: none is a number, a few are not."""
    return Hidden.FEW if 0 < number < LEAST else number
