"""Claim, send, record: each text is looked at again just before it goes; no transaction is open while it does.

Many calls are open side by side. One transaction records what came back and takes what goes next, so that no more is
marked SENDING than there are calls: a clock that dies leaves no more than those in doubt.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event

from db.broadcasts.release import Ready, Release
from db.store import health, installation
from db.store.engine import Database, Tx, from_ms, to_ms
from db.texts import outbox, paces
from db.texts.outbox import Message
from gateway.transports.base import (
    Final,
    Outbound,
    Refused,
    SendError,
    TooLate,
    Uncertain,
)
from menus import notices, words
from menus.fitting import cost, is_gsm, on_wire, price
from menus.numbers import masked, network
from scheduler import wording
from scheduler.senders import Senders
from settings import Settings

log = logging.getLogger(__name__)

BATCH = 50  # texts put back at once while no sender is well
GATHER_S = 0.005  # after the first answer, how long others are waited for: they share a transaction
ALIVE_MS = 10_000  # how often a long run says that the clock is well


@dataclass(frozen=True, slots=True)
class Call:
    """One text about to be handed to a sender; `others` may be asked should it refuse.

    `leaves_until` is the last moment (UTC ms) at which it may be handed over: the end of the hours, or its deadline.
    `leased_until` stands in its row (UTC ms) for as long as it is ours.
    """

    outbound: Outbound
    sender: str
    others: tuple[str, ...]
    tries: int
    leaves_until: int | None
    leased_until: int

    @property
    def message_id(self) -> int:
        return self.outbound.id


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call: taken, with the carrier's id for it, or a problem; `held`: it was not made any more."""

    call: Call
    provider_id: str | None = None
    problem: SendError | None = None
    held: bool = False


class Sending:
    """The way out for one clock process. `paced` False lets a broadcast go without waiting for its speed.

    Once `ending` is set nothing more is taken: the calls that are open come back, are recorded, and the run is over.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        paced: bool = True,
        ending: Event | None = None,
    ) -> None:
        self._db, self._settings, self._clock = db, settings, clock
        self._senders = Senders(db, settings)
        self._release = Release(settings, paced=paced)
        self._ending = ending or Event()
        # What a turn that failed leaves to the next run: the database went away, and perhaps kept what it was told.
        self._answers: list[Answer] = []
        self._untold: list[Call] = []

    def until_empty(self) -> str:
        """Send what is due until nothing is. Says what became of it."""
        names = self._senders.names()
        adverts = self._senders.for_adverts()
        if not names:
            return "sending is off"
        if self._senders.all_down(names, self._now()):
            return "every sender is down"
        done: Counter[str] = Counter()
        round_ = _Round(self, names, adverts, self._on_trial(), done)
        widths = [self._senders.width(name) for name in (*names, *adverts)]
        most = max(width.most for width in widths)
        with ThreadPoolExecutor(most, thread_name_prefix="send") as pool:
            self._run(round_, pool)
        return _in_words(done) or "nothing due"

    def _on_trial(self) -> bool:
        """Whether texts go to the trial numbers only."""
        if self._settings.sending != "trial":
            return False
        with self._db.connection() as tx:
            return installation.kind(tx) == "live"

    def _run(self, round_: _Round, pool: ThreadPoolExecutor) -> None:
        """Turn by turn: what came back is recorded, what is due is taken, its calls are made."""
        calls: dict[Future[Answer], Call] = {}
        self._take_up()
        try:
            while True:
                under_way = Counter(call.sender for call in calls.values())
                for call in self._turn(round_, under_way):
                    calls[pool.submit(self._hand_over, call)] = call
                if calls:
                    self._answers = _gathered(calls)
                elif self._ending.is_set():
                    return
                elif round_.pause:
                    time.sleep(round_.pause)
                elif not round_.moved:
                    return
        except Exception:
            self._answers += [
                future.result() for future in calls
            ]  # they were made, and come to an end
            raise

    def _turn(self, round_: _Round, under_way: Counter[str]) -> list[Call]:
        """One transaction. Where it fails, what it was to record and what it took are kept in mind."""
        takes = not self._ending.is_set()
        round_.taken = []  # what the last turn took was handed over
        try:
            taken = self._db.again(
                lambda tx: round_.turn(tx, self._answers, under_way, takes)
            )
        except Exception:
            self._untold = round_.taken
            raise
        self._answers = []
        round_.settled()
        return taken

    def _take_up(self) -> None:
        """After a turn of which nobody knows whether it was kept: what it took goes back in the queue, for nobody was
        asked; what it recorded is not recorded twice.
        """
        if self._untold or self._answers:
            self._answers = self._db.again(self._sort_out)
            self._untold = []

    def _sort_out(self, tx: Tx) -> list[Answer]:
        for call in self._untold:
            outbox.take_back(
                tx, call.message_id, leased_until=call.leased_until, now=self._now()
            )
        tries = [
            (answer.call.message_id, answer.call.tries) for answer in self._answers
        ]
        open_still = outbox.open_still(tx, tries)
        return [
            answer for answer in self._answers if answer.call.message_id in open_still
        ]

    def _hand_over(self, call: Call) -> Answer:
        """The one call of a carrier for this text; from any thread."""
        outbound = call.outbound
        if call.leaves_until is not None and self._now() > call.leaves_until:
            return Answer(call, held=True)
        try:
            provider_id = self._senders.send(call.sender, outbound)
        except SendError as problem:
            return Answer(call, problem=problem)
        except (
            Exception
        ) as problem:  # a fault of ours or the library's: nobody knows whether it went
            log.exception(
                "sending %s to %s by %s", outbound.id, masked(outbound.to), call.sender
            )
            return Answer(call, problem=Uncertain(type(problem).__name__))
        return Answer(call, provider_id)

    def _now(self) -> int:
        return to_ms(self._clock())


def _gathered(calls: dict[Future[Answer], Call]) -> list[Answer]:
    """The answers that are there, at least one; their calls are open no longer."""
    wait(calls, return_when=FIRST_COMPLETED)
    done, _ = wait(calls, timeout=GATHER_S)
    answers = [future.result() for future in done]
    for future in done:
        del calls[future]
    return answers


class _Round:
    """One run of `until_empty`: what it may use, what it has counted, and how long the next turn must wait."""

    def __init__(
        self,
        sending: Sending,
        names: Sequence[str],
        adverts: Sequence[str],
        on_trial: bool,
        done: Counter[str],
    ) -> None:
        self._db = sending._db
        self._settings = sending._settings
        self._senders = sending._senders
        self._release = sending._release
        self._clock = sending._now
        self._names = tuple(names)
        self._adverts = tuple(adverts)
        self._on_trial = on_trial
        self._done = done
        self._counting: Counter[str] = Counter()
        self._said_alive = 0
        self.pause = 0.0
        self.moved = (
            False  # whether the last turn did anything: there may be more to do
        )
        self.taken: list[Call] = []  # by the turn that was last asked to be kept

    def turn(
        self, tx: Tx, answers: Sequence[Answer], under_way: Counter[str], takes: bool
    ) -> list[Call]:
        """In one transaction: record what came back, take what goes next. The calls to make."""
        self._counting = Counter()
        self.pause = 0.0
        self.moved = bool(answers)
        self.taken = []
        now = self._clock()
        taken = self._record(tx, answers, now)
        self._say_alive(tx)
        if takes:
            onward = Counter(call.sender for call in taken)
            taken += self._take(tx, now, under_way + onward)
        self.taken = taken  # not before all went well: else nothing of it is kept
        return taken

    def settled(self) -> None:
        """The turn was committed: what it counted counts."""
        self._done.update(self._counting)

    def _say_alive(self, tx: Tx) -> None:
        """A run over many texts lasts; whoever watches the clock sees that it goes."""
        now = to_ms(datetime.now(UTC))
        if now - self._said_alive > ALIVE_MS:
            health.tick(tx, "sending", now)
            self._said_alive = now

    # What came back

    def _record(self, tx: Tx, answers: Sequence[Answer], now: int) -> list[Call]:
        """Keep what became of each; the calls that another sender is to be asked for."""
        sent = [
            answer for answer in answers if answer.problem is None and not answer.held
        ]
        self._record_sent(tx, sent, now)
        onward = []
        for answer in answers:
            call = answer.call
            if answer.held:
                outbox.put_back(
                    tx, call.message_id, not_before=now, reason="quiet hours"
                )
                self._counting["put off"] += 1
            elif answer.problem is not None:
                following = self._failed(tx, call, answer.problem, now)
                if following is not None:
                    onward.append(following)
        return onward

    def _record_sent(self, tx: Tx, sent: Sequence[Answer], now: int) -> None:
        rows = [
            (answer.call.message_id, answer.call.sender, answer.provider_id)
            for answer in sent
        ]
        outbox.record_all_sent(tx, rows, now=now)
        senders = {answer.call.sender for answer in sent}
        for sender in senders:
            self._senders.note(tx, sender, None, now)
        if sent:
            self._counting["sent"] += len(sent)

    def _failed(self, tx: Tx, call: Call, problem: SendError, now: int) -> Call | None:
        """A text that was not surely sent: by another sender at once, or kept as what it is now."""
        self._senders.note(tx, call.sender, problem, now)
        following = None
        if isinstance(problem, Refused):
            following, _ = self._senders.well(tx, call.others, now)
        if following is not None:
            return self._handed_on(tx, call, following, problem, now)
        outcome = type(problem).__name__
        detail = str(problem)
        message = call.message_id
        if isinstance(problem, Refused) or self._may_repeat(call, problem):
            outbox.record_refused(
                tx,
                message,
                sender=call.sender,
                tries=call.tries,
                now=now,
                outcome=outcome,
                detail=detail,
            )
            self._counting["to be tried again"] += 1
        elif isinstance(problem, TooLate):
            outbox.record_skipped(tx, message, reason="too late", now=now)
            self._counting["skipped"] += 1
        elif isinstance(problem, Final):
            outbox.record_failed(
                tx, message, sender=call.sender, now=now, outcome=outcome, detail=detail
            )
            self._counting["failed"] += 1
        else:
            outbox.record_lost(tx, message, sender=call.sender, now=now, detail=detail)
            self._counting["lost"] += 1
        return None

    def _handed_on(
        self, tx: Tx, call: Call, to: str, problem: SendError, now: int
    ) -> Call | None:
        """The same text by the sender that follows; none where it is no longer ours."""
        outcome = type(problem).__name__
        ours = outbox.hand_on(
            tx,
            call.message_id,
            sender=call.sender,
            to=to,
            now=now,
            outcome=outcome,
            detail=str(problem),
        )
        if not ours:
            self._counting["overtaken"] += 1
            return None
        others = _after(to, call.others)
        return replace(
            call, sender=to, others=others, leased_until=now + outbox.LEASE_MS
        )

    def _may_repeat(self, call: Call, problem: SendError) -> bool:
        return (
            isinstance(problem, Uncertain)
            and self._senders.sender(call.sender).repeat_is_safe
        )

    # What goes next

    def _take(self, tx: Tx, now: int, under_way: Counter[str]) -> list[Call]:
        name, tried_again = self._senders.well(tx, self._names, now)
        if name is None:
            self._wait(tx, now, tried_again)
            return []
        room = self._room(tx, name, under_way)
        moment = paces.now_us()
        calls = self._claimed(tx, name, room, now) if room else []
        left = room - len(calls)
        calls += self._released(tx, "notice", name, self._names, left, now)
        self._used(tx, name, moment, calls)
        under_way = under_way + Counter(call.sender for call in calls)
        return calls + self._take_adverts(tx, name, moment, now, under_way)

    def _take_adverts(
        self, tx: Tx, name: str, moment: int, now: int, under_way: Counter[str]
    ) -> list[Call]:
        """By the sender that was just found well, where adverts go the same ways."""
        sender: str | None = name
        if self._adverts != self._names:
            sender, _ = self._senders.well(tx, self._adverts, now)
        if sender is None:
            return []
        room = self._room(tx, sender, under_way)
        calls = self._released(tx, "advert", sender, self._adverts, room, now)
        self._used(tx, sender, moment, calls)
        return calls

    def _room(self, tx: Tx, name: str, under_way: Counter[str]) -> int:
        """How many texts more this sender bears at this moment: calls that may be open, and its rate."""
        free = self._senders.width(name).now - under_way[name]
        if free <= 0:
            return 0
        rate = self._senders.rate(name)
        ready, seconds = paces.ready(tx, name, rate, paces.now_us())
        if not ready:
            self.pause = max(self.pause, seconds)
        return min(free, ready)

    def _used(self, tx: Tx, name: str, moment: int, calls: Sequence[Call]) -> None:
        rate = self._senders.rate(name)
        number = sum(call.sender == name for call in calls)
        paces.used(tx, name, rate, moment, number)

    def _wait(self, tx: Tx, now: int, until: int) -> None:
        """No sender is well: what is due waits until one may be tried."""
        for message in outbox.claim(tx, now=now, most=BATCH):
            self.moved = True
            outbox.wait(tx, message.id, not_before=until)
            self._counting["waiting for a sender"] += 1

    def _released(
        self, tx: Tx, text_class: str, name: str, names: tuple[str, ...], room: int, now: int
    ) -> list[Call]:  # fmt: skip
        """The next people of the broadcasts of this class."""
        if room <= 0:
            return []
        senders = {text_class: name}
        ready, passed = self._release.take(
            tx, senders=senders, room=room, now=now, on_trial=self._on_trial
        )
        self._counting["skipped"] += passed - len(ready)
        self.moved |= passed > 0
        return [self._call_of(one, name, names, 1, now) for one in ready]

    def _claimed(self, tx: Tx, name: str, room: int, now: int) -> list[Call]:
        """Texts of the queue that are due, in the words of this moment; what is not sent is kept with its reason."""
        calls = []
        for message in outbox.claim(tx, now=now, most=room):
            self.moved = True
            call = self._prepared(tx, message, name, now)
            if isinstance(call, Call):
                calls.append(call)
            else:
                self._counting[call] += 1
        return calls

    def _prepared(self, tx: Tx, message: Message, name: str, now: int) -> Call | str:
        """The text marked SENDING; or what was done instead of sending."""
        names = self._may_carry(tx, message)
        if not names:
            gone = "the sender that may have sent it is switched off"
            outbox.record_lost(tx, message.id, sender="", now=now, detail=gone)
            return "lost"
        sender: str | None = name
        if name not in names:
            sender, _ = self._senders.well(tx, names, now)
        if sender is None:
            outbox.wait(tx, message.id, not_before=now + 30_000)
            return "waiting for a sender"
        if message.kind == "broadcast":
            return self._broadcast(tx, message, sender, names, now)
        try:
            said, marks = wording.said(tx, message, self._settings, now)
        except wording.Skip as why:
            return _skipped(tx, message, str(why), now)
        except wording.Later as later:
            outbox.put_back(tx, message.id, not_before=later.moment, reason=str(later))
            return "put off"
        wire = on_wire(said, marks)
        return self._marked(tx, message, wire, sender, names, now, words.VERSION)

    def _may_carry(self, tx: Tx, message: Message) -> tuple[str, ...]:
        """All of them; but what may have gone by one that tells repeats is only ever repeated there."""
        names = self._adverts if message.text_class == "advert" else self._names
        if message.tries == 1:
            return names
        last = outbox.last_attempt(tx, message.id)
        if last is None or last.outcome != Uncertain.__name__:
            return names
        return (last.sender,) if last.sender in names else ()

    def _broadcast(
        self, tx: Tx, message: Message, sender: str, names: tuple[str, ...], now: int
    ) -> Call | str:
        """A text of a broadcast that was put off or refused before: its person is judged anew."""
        if message.not_after is not None and now > message.not_after:
            return _skipped(tx, message, "too late", now)
        moment = from_ms(now)
        leaves = to_ms(notices.goes_at("broadcast", message.text_class, moment, moment))
        if leaves > now:
            outbox.put_back(tx, message.id, not_before=leaves, reason="quiet hours")
            return "put off"
        person_id = message.person_id
        firing_id = message.firing_id
        assert person_id is not None and firing_id is not None  # of a broadcast
        judged = self._release.judge_again(
            tx, firing_id, [person_id], now=now, on_trial=self._on_trial
        )
        verdict = judged[person_id]
        if verdict.skip or verdict.wire is None:
            if not verdict.later:
                return _skipped(tx, message, verdict.skip, now)
            outbox.wait(tx, message.id, not_before=verdict.later)
            return "put off"
        if verdict.phone != message.phone:
            return _skipped(tx, message, "number changed", now)
        self._release.goes_to(tx, message.id, firing_id, verdict)
        wire = verdict.wire.text
        return self._marked(tx, message, wire, sender, names, now, message.words)

    def _marked(
        self, tx: Tx, message: Message, wire: str, sender: str, names: tuple[str, ...], now: int, version: str
    ) -> Call | str:  # fmt: skip
        """The proof of what goes out is kept, and the text is on its way."""
        size = cost(wire)
        to_network = network(message.phone)
        paid = price(
            self._settings.sms_prices, to_network, message.text_class, size.parts
        )
        ours = outbox.record_sending(
            tx,
            message.id,
            sender=sender,
            text=wire,
            cost=size,
            price=paid,
            words=version,
            now=now,
        )
        if not ours:
            return "overtaken"
        ready = Ready(
            message.id, message.phone, wire, message.text_class, message.not_after
        )
        return self._call_of(ready, sender, names, message.tries, now)

    @staticmethod
    def _call_of(
        ready: Ready, sender: str, names: tuple[str, ...], tries: int, now: int
    ) -> Call:
        """The call that hands this text over, with the last moment at which it may be made."""
        advert = ready.text_class == "advert"
        leaves_until = _leaves_until(ready, now)
        useful_until = (
            leaves_until if advert else ready.not_after
        )  # the law's hours hold for an advert's arrival too
        if (
            useful_until is not None
        ):  # carriers go by real time, whatever hour is played here
            real_now = to_ms(datetime.now(UTC))
            useful_until += real_now - now
        is_unicode = not is_gsm(ready.text)
        outbound = Outbound(
            ready.id, ready.to, ready.text, is_unicode, advert, useful_until
        )
        others = _after(sender, names)
        leased_until = now + outbox.LEASE_MS
        return Call(outbound, sender, others, tries, leaves_until, leased_until)


def _skipped(tx: Tx, message: Message, reason: str, now: int) -> str:
    outbox.record_skipped(tx, message.id, reason=reason, now=now)
    return "skipped"


def _leaves_until(ready: Ready, now: int) -> int | None:
    """The text's own deadline or the end of the hours, whichever is first; none where neither is. UTC ms."""
    closes = notices.hours_end(ready.text_class, from_ms(now))
    if closes is None:
        return ready.not_after
    end_of_hours = to_ms(closes)
    if ready.not_after is None:
        return end_of_hours
    return min(ready.not_after, end_of_hours)


def _after(sender: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The senders that follow this one; none where it is not among them."""
    if sender not in names:
        return ()
    return names[names.index(sender) + 1 :]


def _in_words(done: Counter[str]) -> str:
    """`3 sent, 1 skipped`; empty where nothing was done."""
    counted = [(outcome, count) for outcome, count in done.items() if count > 0]
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counted))
