"""The whole map, walked: every screen there is fits a basic phone, leads somewhere, and
every state can be reached.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import pytest
from msgspec.structs import replace

from menus import MENU, words
from menus.core import Screen, Session
from menus.fitting import SMS, USSD, Budget, cost, fits, is_gsm, on_wire
from menus.memory import MemoryPort
from menus.port import Known, Occasion, Poor, Scheme, Service
from tests.menus.resident import NOW, REGISTERED, SCHEME, Resident, visited, world

SOAK = os.environ.get("SOAK") == "1"
IMEI, NEIGHBOUR = "490154203237518", "0990000777"  # who has a booking
TEXTS = (
    "KT", "DL", "LICH", "LICH 48315", "LICH 11111", "HUY", "HUY 48315", "DOI 48315", "DOI LICH", "GOI LAI", "TG", "NN",
    "TC", "TC NHAC", "TC DV", "START", "CACH", "DG", "DG 5", "HOP", "96", "xin chao", "toi xin ma qr", "gop y",
    "gop y nha xa", "gop y so 77 the nao roi",
)  # fmt: skip
GOT: tuple[Service, ...] = ("account", "app", "online", "tv360")
CHECK = ("AskHamlet", "AskHandset", "AskImei", "Result")  # the states of the check
# seen on the screen, where it matters
OF_A_REQUEST = (
    "kind",
    "said",
    "place",
    "whose",
    "ground",
    "request",
    "how",
)
# Which requests this phone has made leads to the same screens as any other: one place,
# not one for each row of them.
THEIR_NUMBERS = re.compile(
    r"\d{5}|(?<=ghi: )\d+|(?<=noted: )\d+|(?:[Ss][oố]|[Nn]umber|[Nn]o\.|Request) \d+",
    re.IGNORECASE,
)
OF_THE_CHECK = ("handset", "imei")  # answers that no other screen depends on
# likewise, by the screen's state
OF_ONE_SCREEN = {
    "howto": "HowToTold",
    "perhaps": "Unclear",
    "after": "Occasions",
}
SPOKEN = {"vi": ("vi", False), "marks": ("vi", True), "en": ("en", False)}


def keys_of(someone: Resident) -> Iterator[str | None]:
    """All that can be pressed, typed or done here."""
    yield from (str(number) for number in range(1, len(someone.session.offered) + 1))
    yield from ("0", "00", "99", "7777")
    if MENU.states[someone.session.state or "Home"].hears:
        yield IMEI
    if someone.session.state == "OtherPhone":
        yield NEIGHBOUR
    if someone.session.channel == "sms":
        yield from TEXTS
    else:
        yield None  # the call drops, and is dialled again


def place(someone: Resident) -> object:
    """Where a resident stands, as far as it matters for what comes next.

    With SOAK=1 also what they answered on a screen that is over, which no other looks
    at: many times the places, and the same screens.
    """
    session = someone.session
    bookings, requests = (
        min(len(someone.port.bookings()), 2),
        bool(someone.world.requests),
    )
    if session.channel == "sms":  # there they lead to no other screens
        bookings, requests = min(bookings, 1), False
    # from no other place do they go on there
    left = session.left if SOAK or session.state == "WelcomeBack" else ""
    numbers: tuple[str, ...] = (
        "hamlet",
        "event",
        "slot",
        "code",
        "meant",
        "moving",
        "many",
        "cancelled",
        "told",
        "topic",
        *OF_A_REQUEST,
    )
    if not SOAK and session.state not in CHECK:
        numbers += OF_THE_CHECK
    if not SOAK:
        numbers += tuple(
            name for name, state in OF_ONE_SCREEN.items() if state != session.state
        )
    answers = {
        name: said for name, said in session.answers.items() if name not in numbers
    }
    text = (
        ""
        if session.state in ("MyRequests", "MyRequest")
        else THEIR_NUMBERS.sub("#", someone.screen.text)
    )
    return (
        session.state,
        session.page,
        left,
        session.asker,
        session.language,
        session.marks,
        tuple(sorted(answers.items())),
        bookings,
        requests,
        text,
        session.state == "Confirm" and any(guest.phone for guest in session.party),
    )


@cache
def walked(
    channel: str, spoken: str, registered: bool
) -> tuple[tuple[Session, Screen, tuple[Screen, ...]], ...]:
    """Breadth first: every place there is, its screen, and the screens that follow from
    it.
    """
    language, marks = SPOKEN[spoken]
    here = visited(world(events=2, clocks=("08:00",), seats=120, hamlets=2))
    known = REGISTERED if registered else None
    here.without_times = [
        Occasion(
            number,
            "training",
            NOW,
            NOW + timedelta(hours=30 + number),
            "NVH Quảng Trung III",
            1,
            0,
            services=GOT,
        )
        for number in (1, 2)
    ]
    Resident(REGISTERED, in_world=here, phone="+84990000777").dial("2", "1", "1", "1")
    start = Resident(
        known, channel="sms" if channel == "sms" else "ussd", in_world=here
    )
    start.session = start.session.replace(budget=SMS if channel == "sms" else USSD)
    start.speaking(language, marks).hears("TG" if channel == "sms" else None)
    seen, waiting, found = {place(start)}, deque([start]), []
    with pytest.MonkeyPatch.context() as patch:
        # What a text means hangs on it and on the situation alone, and places share
        # situations.
        patch.setattr(MENU, "hear", cache(MENU.hear))
        while waiting:
            someone = waiting.popleft()
            follows = []
            for key in keys_of(someone):
                after = copied(someone)
                after.hears(
                    key if not someone.screen.ends or channel == "sms" else None
                )
                if after.session.language != language or after.session.marks != marks:
                    continue  # the other tongues are walked on their own
                follows.append(after.screen)
                if place(after) not in seen:
                    seen.add(place(after))
                    waiting.append(after)
            found.append((someone.session, someone.screen, tuple(follows)))
    return tuple(found)


@pytest.fixture(scope="module", autouse=True)
def walks_are_forgotten() -> Iterator[None]:
    """Kept, they would make every test after these wait: Python looks through all there
    is for rubbish.
    """
    yield
    walked.cache_clear()


def copied(someone: Resident) -> Resident:
    other = Resident.__new__(Resident)
    other.now, other.session, other.screen = (
        someone.now,
        someone.session,
        someone.screen,
    )
    here = someone.world.copy()
    other.port = MemoryPort(here, someone.port.phone, someone.now, someone.port.known())
    return other


WAYS = (("ussd", True), ("ussd", False), ("sms", True))
WALKS = [(channel, spoken, known) for channel, known in WAYS for spoken in SPOKEN]


@pytest.mark.timeout(900)  # some walks are a minute long on a busy machine
@pytest.mark.parametrize(("channel", "spoken", "registered"), WALKS)
def test_every_screen_on_the_way_fits_and_none_is_a_dead_end(
    channel: str, spoken: str, registered: bool
) -> None:
    budget = SMS if channel == "sms" else USSD
    for session, screen, follows in walked(channel, spoken, registered):
        assert screen.text.strip()
        assert fits(screen.text, budget), screen.text
        assert SPOKEN[spoken][1] or is_gsm(screen.text), screen.text
        assert any(after != screen for after in follows), screen.text
        back = channel == "sms" or screen.text.split("\n")[-1].startswith("0. ")
        # with marks even a last word may take two screens
        runs_on = "99. " in screen.text
        assert screen.ends or back or runs_on or session.state == "Home", screen.text
        assert "{" not in screen.text and "}" not in screen.text


def test_every_state_can_be_reached() -> None:
    """By the keys of a call, or the words of a text. A screen that ends leaves no state
    behind: its words tell.
    """
    last = {
        "Booked": "booked",
        "Moved": "moved",
        "Cancelled": "cancelled",
        "Kept": "kept",
        "CallAsked": "call_asked",
        "Told": "stopped_all",
        "HowToTold": "howto_sent",
        "Rated": "rated",
        "OccasionTold": "occasion_none",
        "RequestAsked": "request_asked",
        "RequestWithdrawn": "request_withdrawn",
        "OpinionKept": "opinion_kept",
        "MyOpinion": "opinion_none",
    }
    silent = {"Eligibility"}  # shows nothing of its own: asks, or hands on to Result
    silent |= {"ToBring"}  # asked by text alone: test_particulars.py
    # of strangers who text, who are not walked: test_particulars.py
    silent |= {"NameHamlet"}
    # of what was logged or asked for before: tests/gateway/test_of_ones_own.py
    silent |= {"WhatWasLogged", "WhichRequest", "NoSuchOpenRequest"}
    # of what was logged and asked about in a text: test_logged.py
    silent |= {"AskLogged", "LoggedDenied"}
    # of a day that is texted and not held: test_said_and_not_held.py
    silent |= {"Nearest"}
    # what is taken back: test_taken_back.py
    silent |= {"ForCommuneAlone", "WhichOpinion"}
    silent |= {"OpinionTakenBack", "OpinionNotTakenBack"}
    # of a call that waits, and of a language that we lack: test_wishes.py
    silent |= {"CallWaits", "NotOurLanguage"}
    # of several bookings: test_several_bookings.py
    silent |= {"WhichToCancel", "ConfirmCancelAll"}
    # of full times and codes: test_waits.py
    silent |= {
        "AskWait",
        "Joined",
        "Waiting",
        "Offered",
        "OfferGone",
        "Left",
        "Coming",
    }
    for spoken, (language, marks) in SPOKEN.items():
        walks = [walked(channel, spoken, known) for channel, known in WAYS]
        reached = {session.state for walk in walks for session, _, _ in walk} - {""}
        said = [screen.text for walk in walks for _, screen, _ in walk]
        for state, key in last.items():
            begins = on_wire(
                words.SENTENCES[language][key].split("{")[0].strip(), marks
            )
            assert any(text.startswith(begins) for text in said), state
        assert reached | last.keys() | silent == MENU.states.keys()


@pytest.mark.parametrize("channel", ["ussd", "sms"])
def test_home_is_two_zeros_away_from_everywhere(channel: str) -> None:
    for session, screen, _ in walked(channel, "vi", channel == "sms"):
        if not screen.ends:
            port = MemoryPort(world(events=2), session.phone, NOW, None)
            after, _ = MENU.turn(session, "00", port, NOW)
            assert after.state == "Home"


def test_by_sms_most_screens_are_one_text() -> None:
    screens = {screen.text for _, screen, _ in walked("sms", "vi", True)}
    many = [text for text in screens if cost(text).parts > 1]
    # mostly a reason on top of a question that is full already
    assert len(many) / len(screens) < 0.3, many


def schemes() -> Iterator[tuple[Scheme | None, Known]]:
    """Each way the check can end, with the longest things to bring."""
    bring = {
        "vi": "căn cước công dân, máy cũ, SIM đang dùng",
        "en": "citizen card, old phone, the SIM in use",
    }
    wordy = replace(SCHEME, bring=bring)
    poor: Poor = "yes"
    yield None, REGISTERED
    yield wordy, REGISTERED
    yield replace(wordy, poor="near"), replace(REGISTERED, poor=poor)
    yield replace(wordy, poor="near"), replace(REGISTERED, poor="unknown")
    yield replace(wordy, poor="yes"), REGISTERED
    yield (
        replace(wordy, opens=date(2024, 12, 30), closes=date(2024, 12, 31)),
        REGISTERED,
    )
    yield replace(wordy, closes=date(2024, 2, 28)), REGISTERED
    yield replace(wordy, left=0), REGISTERED
    yield wordy, replace(REGISTERED, helped=True)
    yield wordy, replace(REGISTERED, household_helped=True)
    yield replace(wordy, hamlets=frozenset({9})), REGISTERED
    yield wordy, replace(REGISTERED, handset="4g_volte")
    yield replace(wordy, handsets=frozenset({"3g"})), REGISTERED
    yield replace(wordy, sims=frozenset({"4g"})), REGISTERED


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("budget", [USSD, Budget(182, 80), SMS])
def test_every_answer_of_the_check_fits_and_leads_on(
    spoken: str, budget: Budget
) -> None:
    for scheme, known in schemes():
        here = world()
        here.scheme = scheme
        someone = Resident(known, in_world=here, budget=budget).speaking(
            *SPOKEN[spoken]
        )
        someone.dial("1")
        pages = [someone.screen.text]
        while "99. " in someone.screen.text:
            pages.append(someone.press("99"))
        assert all(fits(page, budget) for page in pages)
        assert (
            len(pages) == 1
            or SPOKEN[spoken][1]
            or (scheme and scheme.bring != SCHEME.bring)
        ), pages
        assert someone.session.offered
        someone.press("1")
        assert someone.state in ("PickEvent", "PickSlot")


@pytest.mark.parametrize("spoken", ["vi", "en"])
def test_the_screens_of_a_booking_are_one_page_each_without_marks(spoken: str) -> None:
    """Four keypresses only count when the resident need not turn pages on the way."""
    someone = Resident(
        REGISTERED, in_world=world(events=1, clocks=("08:00",))
    ).speaking(*SPOKEN[spoken])
    for key in (None, "2", "1", "1", "1"):
        someone.hears(key)
        assert "99. " not in someone.screen.text


def test_twelve_events_and_twenty_times_are_turned_page_by_page() -> None:
    clocks = tuple(
        f"{hour:02}:{minute}" for hour in range(7, 17) for minute in ("00", "30")
    )
    for spoken in SPOKEN.values():
        someone = Resident(
            REGISTERED, in_world=world(events=12, clocks=clocks, seats=999)
        ).speaking(*spoken)
        someone.dial("2", "12", "20")
        assert someone.state == "Confirm"
        assert fits(someone.screen.text, USSD)


def test_the_apologies_fit_too() -> None:
    for sentences in words.SENTENCES.values():
        for key in ("apology", "not_a_mobile", "closed_session"):
            assert fits(on_wire(sentences[key], False), USSD)
