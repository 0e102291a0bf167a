"""All a menu may ask of the world (Reads) or do to it (Port), and the values between.

What is promised here both ports keep, the one over the database and the one in memory
(tests/contract/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from menus.notices import Kind
from menus.topics import Topic
from menus.values import Value

Handset = Literal["2g", "3g", "4g_no_volte", "4g_volte", "unknown"]
Sim = Literal["2g", "3g", "4g", "unknown"]
Poor = Literal["yes", "near", "no", "unknown"]
Source = Literal["register", "self", "seen"]
# What is held, and what one can get there: words of db/models/states.py.
EventKind = Literal[
    "swap",
    "account",
    "school",
    "training",
    "farmers",
    "workshop",
    "meeting",
    "street",
    "visits",
]
Service = Literal[
    "swap", "account", "qr", "tuition", "electricity", "app", "tv360", "online"
]
# What a session of these kinds is for, whatever else one can get there. To one of any
# other kind one goes for itself.
IS_FOR: Mapping[str, Service] = {
    "swap": "swap",
    "account": "account",
    "school": "tuition",
}
Stop = Literal["advert", "remind", "all"]  # adverts, reminders, all but answers
# Agreed just now; had agreed before; refused all texts, so START comes first; stands on
# a do-not-call list.
Adverts = Literal["agreed", "before", "stopped", "listed"]

RequestKind = Literal[
    "call_me",
    "qr",
    "account",
    "visit",
    "school",
    "tv360",
    "app",
    "no_phone",
    "erase",
    "copy",
    "other",
]
# what staff log for a person, by the indicator it counts for
LoggedWork = Literal["sim_4g", "handset_volte", "money_person", "app_citizen"]
# what may be kept of somebody, in the order in which it is told
KeptDetail = Literal[
    "name",
    "hamlet",
    "household",
    "phone",
    "bookings",
    "requests",
    "opinions",
    "logged",
]
# what is asked for wherever one lives
OF_NO_PLACE: tuple[RequestKind, ...] = (
    "call_me",
    "erase",
    "copy",
    "school",
)
# Who beside the commune may do it, where whoever asks agrees to their call.
Others = Literal["operator", "school"]
OF_OTHERS: Mapping[Others, tuple[RequestKind, ...]] = {
    "operator": ("qr", "account", "tv360"),
    "school": ("school",),
}
# why somebody may ask for another
Ground = Literal["self", "relative", "head", "other"]

TAKE_BACK_WITHIN = timedelta(minutes=15)  # LAI after a cancellation
# before the start: then a freed seat is for whoever comes first
OFFERS_STOP = timedelta(hours=12)
PARTY_MOST = 5  # people who come together
# so long it is shown how a request ended, what was answered
SHOWN_AFTER = timedelta(days=30)
# of events to come: beyond what a list reaches, below the keys 98 and 99
NUMBER_FIRST, NUMBER_LAST = (
    40,
    97,
)
TOLD_AHEAD = timedelta(days=14)  # so far ahead residents are told what is held
# not told to strangers: whoever has its number was invited
BY_INVITATION: EventKind = "workshop"


class SlotTaken(Exception):
    """The last seat of this slot has gone, or the slot no longer takes bookings."""


class AlreadyBooked(Exception):
    """This person has a booking already that serves as well: of the same kind, or where
    all can be had that can be had there.
    """


class NoSuchBooking(Exception):
    """The booking was cancelled or used meanwhile, or does not belong to this phone."""


class Commune(Value, frozen=True):
    """The commune as it is called on the day of the turn. `sms_number` is where
    residents text.
    """

    id: int
    name: str
    sms_number: str


class Hamlet(Value, frozen=True):
    """A hamlet and the other names people give it, folded."""

    id: int
    name: str
    aliases: tuple[str, ...] = ()


class School(Value, frozen=True):
    """A school of the commune; `own` where the holder of this phone is on the list of
    parents of one of its classes.
    """

    id: int
    name: str
    own: bool = False


class Known(Value, frozen=True):
    """What is known of the resident who holds this phone; each fact with its source,
    best source first. The hamlet's is the register for whoever a clerk or a list put
    there, whoever said it. A guest with a phone lives where whoever booked for them
    does, until they say otherwise.

    `helped` says that a scheme already served the person or, where it counts, the
    household.
    """

    hamlet: int | None = None
    handset: Handset = "unknown"
    sim: Sim = "unknown"
    poor: Poor = "unknown"
    imei: str = ""
    helped: bool = False
    household_helped: bool = False
    sources: Mapping[str, Source] = {}


class Said(Value, frozen=True):
    """What the resident said of themselves in this conversation. Where the register or
    staff know, that stands.
    """

    hamlet: int | None = None
    handset: Handset = "unknown"
    imei: str = ""


class Scheme(Value, frozen=True):
    """One support scheme: dated data. None for a list means no limit; `left` None means
    uncounted.

    Whoever is booked for one of its days has one kept: to others it is not `left`, to
    the holder of this phone it is.
    """

    name: str
    opens: date
    closes: date
    hamlets: frozenset[int] | None
    handsets: frozenset[Handset]
    sims: frozenset[Sim] | None
    poor: Literal["any", "near", "yes"]
    one_per_household: bool
    left: int | None
    bring: Mapping[str, str]  # by language


class Event(Value, frozen=True):
    """A day at a hall with times to book, with seats left to anybody over all its slots
    that have not begun: none of a slot that is waited for, nor those that a phone
    keeps, be it this one.
    """

    id: int
    day: date
    hall: str
    hamlet: int | None
    seats: int
    kind: EventKind = "swap"


class Occasion(Value, frozen=True):
    """An event of any kind as residents are told of it, from `starts` to `ends` (aware
    UTC). `place` is its hall, or the hamlet where it goes from house to house.

    `number` is texted or dialled to get here, 0 where it has none; `bring` is empty
    where nothing is asked for beyond what the scheme asks. `bookable` says that times
    can be booked now.
    """

    id: int
    kind: EventKind
    starts: datetime
    ends: datetime
    place: str
    hamlet: int | None = None  # none: for the whole commune
    number: int = 0
    bookable: bool = False
    bring: Mapping[str, str] = {}  # by language
    services: tuple[Service, ...] = ()


class Slot(Value, frozen=True):
    """A time of an event. `starts` is aware UTC, `seats` what this phone may take now,
    with those it keeps: none means that one may wait.
    """

    id: int
    starts: datetime
    seats: int
    event: int = 0
    hall: str = ""
    kind: EventKind = "swap"


class Booking(Value, frozen=True):
    """Seats that are taken together, in `slot`. `starts` is aware UTC.

    `own` says that the holder of this phone comes, `name` who comes when that is
    somebody else, `places` how many.
    """

    id: int
    code: str
    starts: datetime
    hall: str
    revision: int = 1
    slot: int = 0
    places: int = 1
    own: bool = True
    name: str = ""
    may_move: bool = False  # agreed beforehand to the next event, should this one fail
    kind: EventKind = "swap"
    bring: Mapping[
        str, str
    ] = {}  # by language, where the event asks for something of its own


class Wait(Value, frozen=True):
    """A place on the waiting list of a full time; with `until` a seat is offered, kept
    till then. Aware UTC.
    """

    id: int
    code: str
    starts: datetime
    hall: str
    slot: int
    until: datetime | None = None
    places: int = 1
    # of the one who is to come, where that is not the holder of the phone
    name: str = ""
    lost: datetime | None = (
        # when they would have come, had that day not been cancelled: it is offered
        # instead
        None
    )


class Hold(Value, frozen=True):
    """Seats kept for this phone `until` then (aware UTC), while the resident makes up
    their mind; and for whom, as far as they had said when the call dropped.
    """

    code: str
    slot: int
    places: int
    until: datetime
    party: tuple[Guest, ...] = ()


class Guest(Value, frozen=True):
    """Somebody to come: a name as it was typed and E.164, both may be empty. HOLDER is
    whoever holds the phone.

    `number` counts those whose name nobody typed, as `Người nhà 2` says it: two of them
    are two people.
    """

    name: str = ""
    phone: str = ""
    holder: bool = False
    number: int = 0


HOLDER = Guest(holder=True)


class Consent(Value, frozen=True):
    """What the resident agreed to: the prompt's key and words version, and the answer
    as it was sent.
    """

    prompt: str
    answer: str


class AdvertsAsked(Value, frozen=True):
    """The one question about adverts, as it went to this phone: `prompt` is its key and
    words version, `at` when it left (aware UTC), `open` whether what is said now may be
    its answer.
    """

    prompt: str
    at: datetime
    open: bool


class LastText(Value, frozen=True):
    """A text of ours: its kind (menus/notices.py), when it left (aware UTC), and the
    code of the booking that it spoke of, if any.
    """

    kind: str
    at: datetime
    code: str = ""


class Asking(Value, frozen=True):
    """What somebody asks the commune to do: the `words` as they were sent, where (a
    hamlet's id), for whom when it is not the phone's holder; `told` when they agreed
    that Viettel will call, or that the `school` (its id) will see it and call.
    """

    kind: RequestKind
    words: str = ""
    place: int | None = None
    name: str = ""
    ground: Ground = "self"
    told: bool = False
    school: int | None = None


class Request(Value, frozen=True):
    """One that was asked for, by the number that residents say. `asked` is aware UTC,
    `ended` too: none while it waits.

    `told`: they agreed that Viettel, or the school, will call. `reopened`: it was ended
    before, by mistake. `taken`: somebody has it. `tried`: nobody was reached yet. `name`: for whom, where
    that is not who asked. `place`: the hamlet where it is to be done. Of one that
    ended: whether it was `done`, or declined, and the words to it.
    """

    number: int
    kind: RequestKind
    asked: datetime
    taken: bool = False
    tried: bool = False
    name: str = ""
    place: int | None = None
    ended: datetime | None = None
    done: bool = False
    answer: str = ""
    told: bool = False
    reopened: bool = False


class Opinion(Value, frozen=True):
    """What somebody said to the commune, by the number that residents say. `answered`
    is none while it waits.
    """

    number: int
    said: datetime  # aware UTC
    answered: datetime | None = None  # aware UTC
    answer: str = ""


class Logged(Value, frozen=True):
    """What staff logged for somebody on one day. `hall` is empty where it was done at
    none.
    """

    day: date
    hall: str
    done: tuple[LoggedWork, ...]


class NothingAsked(Exception):
    """No text of ours waits for this answer: it has one, or none went out."""


class NoSuchRequest(Exception):
    """It ended meanwhile, or was not asked for from this phone."""


class Reads(Protocol):
    """What a screen may look at. Every read is of this phone and this commune."""

    def commune(self) -> Commune: ...
    def hamlets(self) -> Sequence[Hamlet]: ...
    def schools(self) -> Sequence[School]:
        """Those of the commune that are open, in order of name."""
        ...

    def known(self) -> Known: ...
    def handset_of(self, tac: str) -> Handset: ...
    def scheme(self) -> Scheme | None: ...
    def bring(self) -> Mapping[str, str] | None:
        """By language, what the scheme that runs or comes next asks to bring; cheaper
        than all of the scheme.
        """
        ...

    def events(self, hamlet: int | None, every: bool = False) -> Sequence[Event]:
        """Open events of any kind but by invitation, with a slot still to begin that
        has seats or can be waited for: those in this hamlet's hall first, then all
        others alike, the nearest day first; the first dozen, or all there are.
        """
        ...

    def occasions(self, hamlet: int) -> Sequence[Occasion]:
        """Whatever is held in this hamlet or for the whole commune within a fortnight
        and is not over, but what is by invitation; the soonest first, without what one
        can get there.
        """
        ...

    def occasion(self, event: int) -> Occasion | None:
        """One event that is not over, with what one can get there, whoever was invited."""
        ...

    def next_held(self, kind: EventKind) -> Occasion | None:
        """The soonest event of this kind in the commune that is not over, without what
        one can get there.
        """
        ...

    def numbered(self, number: int) -> Occasion | None:
        """The event to come with this number."""
        ...

    def called_off(self, number: int) -> Occasion | None:
        """The event of today or later that bore this number and was cancelled, without
        what one can get there.
        """
        ...

    def slots(self, event: int) -> Sequence[Slot]:
        """Slots that have not begun, in order of time: with seats, or full and early
        enough to wait for. None where staff closed the event.
        """
        ...

    def slot(self, slot: int) -> Slot | None:
        """Full or not, as long as it has not begun."""
        ...

    def last_text(self, *, but_answers: bool = False) -> LastText | None:
        """The last text of ours that went to this phone; `but_answers`: the last that
        answered no text of theirs.
        """
        ...

    def asked_for_adverts(self) -> AdvertsAsked | None:
        """The question about adverts, if it ever left for this phone's holder."""
        ...

    def bookings(self) -> Sequence[Booking]:
        """What was booked from this phone, or for its holder, and is not over yet,
        soonest first. Of a party whoever booked it sees all, a guest with a phone their
        own place.
        """
        ...

    def booking(self, code: str = "") -> Booking | None:
        """The one with this code, which may be any of the party's; the soonest where
        none is asked for.
        """
        ...

    def wait(self, code: str = "") -> Wait | None:
        """This phone's place on a waiting list, or the seat that is offered to it."""
        ...

    def hold(self) -> Hold | None:
        """The seats kept for this phone at this moment."""
        ...

    def fact(self, topic: Topic) -> Mapping[str, str] | None:
        """By language, what staff say about it today; nothing where no fact of theirs
        is valid.
        """
        ...

    def requests(self) -> Sequence[Request]:
        """What the holder of this phone asked for, by number: what waits, and what
        ended within SHOWN_AFTER, unless they withdrew it.
        """
        ...

    def opinions(self) -> Sequence[Opinion]:
        """What they said, by number: what waits for an answer, and what was answered
        within SHOWN_AFTER.
        """
        ...

    def logged(self) -> Sequence[Logged]:
        """What staff logged for the holder of this phone and did not undo, the last day
        first.
        """
        ...

    def logged_asked(self) -> Logged | None:
        """What our last text asks whether it was logged rightly, until that is
        answered; without what was undone since.
        """
        ...

    def kept_of_them(self) -> Sequence[KeptDetail]:
        """Which details are kept of the holder of this phone, beside their texts."""
        ...


class Port(Reads, Protocol):
    """What an answer may do. Every act is whole or not at all."""

    def keep(self, slot: int, places: int = 1) -> Hold:
        """Keep seats while the resident makes up their mind, for a quarter of an hour
        (HOLD_MINUTES).

        One phone keeps one choice. Another slot or number of places, or the same in the
        second half of the time, is kept as long again, once; after that until the same
        moment. While somebody waits for a slot, no more of it than this phone keeps
        already.

        Raises SlotTaken, and what was kept before stays.
        """
        ...

    def let_go(self) -> None:
        """What is kept is not wanted."""
        ...

    def book(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> str:
        """For all of the party or for none: the code, under which the seats were kept
        if they were. What this phone keeps, there or elsewhere, is used up. A booking
        whose time is over is in nobody's way, nor is one at a session of another kind
        where less can be had.

        A guest is the holder of the number that was given, unless it stands under
        another name; else whoever this phone booked for before under that name, and
        without a name always somebody new. Raises SlotTaken, AlreadyBooked.
        """
        ...

    def wait_for(
        self,
        slot: int,
        said: Said,
        consent: Consent,
        party: Sequence[Guest] = (HOLDER,),
    ) -> Wait:
        """A place on the list of a full slot; a place on another's is given up for it.

        Who waits there for as many keeps the place, for those named last; who names
        nobody, for those named before. Alone, whoever booked for a party waits for all
        of it. What comes free is offered, by the clock, for two waking hours
        (OFFER_HOURS): to poor households first, then as they came, passing over who
        needs more places.

        Raises SlotTaken when there is nothing to wait for: a seat is free, this phone
        keeps one there, who is to come sits there, the slot never has as many, or
        offers have stopped. AlreadyBooked while a seat is offered.
        """
        ...

    def accept(self, wait: int) -> str:
        """The code: that of the offer; or of the holder's own booking of that kind, which
        is moved there with all who come together if so many places were offered, else
        alone.

        Raises NoSuchBooking when the offer has passed, SlotTaken, AlreadyBooked when
        one of those who were to come is booked elsewhere.
        """
        ...

    def leave(self, wait: int) -> None:
        """Off the list, or the offer refused. Raises NoSuchBooking."""
        ...

    def coming(self, booking: int, consent: Consent) -> None:
        """The resident says that they will come, and those with them. Whoever was
        booked by somebody else agrees with it to get texts themselves. Raises
        NoSuchBooking.
        """
        ...

    def may_move(self, booking: int, agreed: bool) -> None:
        """To the next event, should this one fail; a guest speaks for themselves.
        Raises NoSuchBooking.
        """
        ...

    def move(self, booking: int, slot: int) -> str:
        """All who come together, or none: the code, a new one where the old was in use
        there. A guest moves alone, and leaves the party. What this phone keeps is used
        up.

        Raises SlotTaken (also for the slot it stands in), NoSuchBooking.
        """
        ...

    def cancel(self, booking: int) -> Booking:
        """All who come together; whoever was booked by somebody else cancels for
        themselves. Raises NoSuchBooking.
        """
        ...

    def take_back(self) -> str:
        """The seats last given up within a quarter of an hour, of those booked from
        this phone or for its holder: the code, which is the old one unless that is in
        use.

        Raises NoSuchBooking, SlotTaken, AlreadyBooked.
        """
        ...

    def ask(self, asking: Asking, hamlet: int | None, consent: Consent) -> int:
        """A request with its number, which is one more than the last of the commune.
        Asked again while it is open, by the same phone, of the same kind, for the same
        person, place and school, it is the same one; a place or school that is not
        known is no other, and a call, a copy, an erasure or a school's matter has no
        place. `hamlet` is where who asks lives, as they said. Of whoever wants to be forgotten no consent is kept.
        """
        ...

    def withdraw(self, number: int) -> None:
        """A request is wanted no more. Raises NoSuchRequest."""
        ...

    def for_commune_alone(self, others: Others, consent: Consent) -> Sequence[int]:
        """These others are not to call any more, nor to see the phone's number: the
        numbers of the open requests of which they were to. Each stays, for the commune,
        which keeps the phone's number for it. No refusal of texts is lifted by it.
        """
        ...

    def opine(self, words: str) -> int:
        """An opinion, kept word for word: its number, of the same row as those of
        requests. The same words again, before anybody answered, are the same opinion.
        """
        ...

    def take_back_opinion(self, number: int) -> None:
        """An opinion that stands in no report yet is taken back: that one was said is
        known, no more. Raises NoSuchRequest.
        """
        ...

    def prefer(self, language: str, marks: bool) -> None:
        """The language of texts to this phone, and whether with tone marks."""
        ...

    def stop(self, what: Stop) -> bool:
        """False when this phone had said so before, or refused all: the law asks for
        one confirmation, not two. A consent to be told of a seat or a call lifts a
        refusal of all; adverts then stay refused.
        """
        ...

    def resume_texts(self) -> bool:
        """Texts are welcome again, whatever was refused. True when adverts were agreed
        to once and need a new yes.
        """
        ...

    def agree_to_adverts(self, consent: Consent) -> Adverts:
        """A plain yes to adverts, and what became of it. It lifts a refusal of adverts
        and no other.
        """
        ...

    def rate(self, score: int) -> bool:
        """How the last visit that this phone booked went, 1 to 5. False when there was
        none in a month, or it was first rated more than a week ago.
        """
        ...

    def confirm_logged(self) -> None:
        """What was logged for them is right. Raises NothingAsked."""
        ...

    def deny_logged(
        self, words: str, consent: Consent, works: Sequence[LoggedWork] = ()
    ) -> int:
        """These of it are wrong, all where none is named: the number of the request
        that somebody looks at it and calls; 0 where staff undid it all before. Raises
        NothingAsked.
        """
        ...

    def asked_about(self, topic: Topic) -> None:
        """One more who asked about it today; nobody is told who."""
        ...

    def tell(self, kind: Kind) -> None:
        """Text this phone something of no booking that it asked for; asked again within
        the hour, it goes once.
        """
        ...
