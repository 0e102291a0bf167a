"""Which home has which story in the demo: dealt out once, so that nobody has two
stories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.demo.residents import KNOWN_BY_HEART, WITH_PHONE, Home

# of the homes with a phone, the first that is not among them
_CAME, _VISITED, _CALLED = (
    22,
    30,
    60,
)


def anybody(_: Home) -> bool:
    """Fits every scene."""
    return True


@dataclass(frozen=True, slots=True)
class Homes:
    """Homes by what happens to them. The `first` few numbers are left as they are, for
    whoever tries the demo.

    `callers` have a booking of today or the days to come, and `asks` wants to be
    called. `came` were at a hall on the last days, with `missed` the ones who did not.
    `ahead` wait for their scenes on the days to come. To the `visited` staff went home.
    """

    first: list[Home]
    callers: list[Home]
    asks: Home
    came: list[Home]
    missed: list[Home]
    ahead: list[Home]
    visited: list[Home]

    def next(self, fits: Callable[[Home], bool] = anybody) -> Home:
        """The next home of those `ahead` that fits; it is nobody else's any more."""
        for home in self.ahead:
            if fits(home):
                self.ahead.remove(home)
                return home
        raise LookupError("no home is left for this scene")


def deal(homes: list[Home], of_hamlet: int) -> Homes:
    """Of one hamlet all who are free to have come did, so that what they say of it can
    be shown to its head.
    """
    known = homes[:KNOWN_BY_HEART]
    *came, one, another = homes[KNOWN_BY_HEART:_CAME]
    may_be_visited = homes[_CAME:_VISITED]
    *callers, asks = homes[_VISITED:_CALLED]
    with_scenes = homes[_CALLED:WITH_PHONE]
    without_phone = homes[WITH_PHONE:]
    free = [*may_be_visited, *with_scenes]
    near = [home for home in free if home.hamlet_id == of_hamlet]
    may_be_visited += without_phone
    return Homes(
        first=known,
        callers=callers,
        asks=asks,
        came=[*near, *came],
        missed=[one, another],
        ahead=[home for home in with_scenes if home not in near],
        visited=[home for home in may_be_visited if home not in near],
    )
