"""Where one phone stands: the screen it was shown, the way it came, what it answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from menus import words
from menus.fitting import ONE_PART, USSD, Budget, fits, on_wire, one_page
from menus.port import Guest
from menus.values import Value

Channel = Literal["ussd", "sms"]


class Option(Value, frozen=True):
    """One line to choose: `value` comes back to the state, `label` is read."""

    value: str
    label: str


class Screen(Value, frozen=True):
    """What the resident reads. From a state: whole, with tone marks. From `Menu.turn`:
    one page as it goes out.
    """

    text: str
    options: tuple[Option, ...] = ()
    ends: bool = False
    # by SMS its lines are named, not listed; the list comes where no name was
    # understood
    by_name: bool = False
    # it also shows the key to a person, where that costs no further page or part
    person: bool = False


class Session(Value, frozen=True):
    """Where one phone stands on one channel.

    `shown` is the screen as first shown, whole: the number pressed is looked up there,
    never in a fresh list. `trail` is the way back. `left` is the state in which an
    earlier call broke off, `asker` the one that sent the resident to the question now
    shown.
    """

    phone: str
    channel: Channel
    state: str = ""
    shown: Screen = Screen("")
    page: int = 0
    answers: Mapping[str, str] = {}
    trail: tuple[str, ...] = ()
    left: str = ""
    asker: str = ""
    language: str = words.VIETNAMESE
    marks: bool = False
    at: datetime | None = None
    budget: Budget = USSD
    # of this turn only: false puts the text on the list that staff read
    understood: bool = True
    reason: str = ""  # on top of the screen shown, as long as its pages are turned
    # the words last shown name 98, and what it agrees to
    person: bool = False
    # by text: our last answer was said beside a question of ours, which still waits
    waits: bool = False
    party: tuple[
        Guest, ...
    ] = ()  # who is to come, as said so far; none named: the holder of the phone

    @property
    def offered(self) -> tuple[Option, ...]:
        return self.shown.options

    @property
    def by_text(self) -> bool:
        """By SMS, not in a USSD call."""
        return self.channel == "sms"

    def fits_one_part(
        self, text: str, lines: Sequence[Option] = (), back: str = ""
    ) -> bool:
        """Would a screen with these lines be one text, as it is sent to this phone?"""
        labels = [line.label for line in lines]
        page = one_page(text, labels, back)
        return fits(on_wire(page, self.marks), ONE_PART)


def forgotten(session: Session) -> Session:
    """The same phone, language and marks, with nothing under way."""
    return session.replace(
        state="",
        shown=Screen(""),
        page=0,
        trail=(),
        answers={},
        left="",
        asker="",
        reason="",
        person=False,
        waits=False,
        party=(),
    )
