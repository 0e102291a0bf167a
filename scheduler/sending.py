"""Claim, send, record: each text is looked at again just before it goes; no transaction
is open while it does.

Many calls are open side by side. One transaction records what came back and takes what
goes next, so that no more is marked SENDING than there are calls: a clock that dies
leaves no more than those in doubt.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import NamedTuple

from db.broadcasts.release import Ready, Release, Verdict
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
# after the first answer, how long others are waited for: they share a transaction
GATHER_S = 0.005
ALIVE_MS = 10_000  # how often a long run says that the clock is well
NONE_WELL_MS = 30_000  # after which a text is tried again whose senders are all down
SWITCHED_OFF = "the sender that may have sent it is switched off"


@dataclass(frozen=True, slots=True)
class Call:
    """One text about to be handed to a sender; `others` may be asked should it refuse.

    `leaves_until` is the last moment (UTC ms) at which it may be handed over: the end
    of the hours, or its deadline. `leased_until` stands in its row (UTC ms) for as long
    as it is ours.
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


class Way(NamedTuple):
    """Who is asked to send a text, among all that may carry it."""

    sender: str
    names: tuple[str, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """Those that follow, should it refuse."""
        return _after(self.sender, self.names)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call: taken, with the carrier's id for it, or a problem; `held`:
    it was not made any more.
    """

    call: Call
    provider_id: str | None = None
    problem: SendError | None = None
    held: bool = False

    @property
    def message_id(self) -> int:
        return self.call.message_id

    @property
    def was_sent(self) -> bool:
        return self.problem is None and not self.held


class Sending:
    """The way out for one clock process. `paced` False lets a broadcast go without
    waiting for its speed.

    Once `ending` is set nothing more is taken: the calls that are open come back, are
    recorded, and the run is over.
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
        self._db = db
        self._settings = settings
        self._clock = clock
        self._senders = Senders(db, settings)
        self._release = Release(settings, paced=paced)
        self._ending = ending or Event()
        # What a turn that failed leaves to the next run: the database went away, and
        # perhaps kept what it was told.
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
        done = Counter[str]()
        on_trial = self._on_trial()
        round_ = _Round(self, names, adverts, on_trial, done)
        most = self._senders.most_at_once(*names, *adverts)
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
        """Turn by turn: what came back is recorded, what is due is taken, its calls are
        made.
        """
        calls: dict[Future[Answer], Call] = {}
        self._take_up()
        try:
            while True:
                under_way = _by_sender(calls.values())
                taken = self._turn(round_, under_way)
                for call in taken:
                    future = pool.submit(self._hand_over, call)
                    calls[future] = call
                if calls:
                    self._answers = _gathered(calls)
                elif self._ending.is_set():
                    return
                elif round_.pause:
                    time.sleep(round_.pause)
                elif not round_.moved:
                    return
        except Exception:
            # they were made, and come to an end
            self._answers += [future.result() for future in calls]
            raise

    def _turn(self, round_: _Round, under_way: Counter[str]) -> list[Call]:
        """One transaction. Where it fails, what it was to record and what it took are
        kept in mind.
        """
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
        """After a turn of which nobody knows whether it was kept: what it took goes
        back in the queue, for nobody was asked; what it recorded is not recorded twice.
        """
        is_settled = not self._untold and not self._answers
        if is_settled:
            return
        self._answers = self._db.again(self._sort_out)
        self._untold = []

    def _sort_out(self, tx: Tx) -> list[Answer]:
        """The answers that no row has kept yet; the calls that were never made are
        queued again.
        """
        for call in self._untold:
            now = self._now()
            outbox.take_back(
                tx, call.message_id, leased_until=call.leased_until, now=now
            )
        tries = [(answer.message_id, answer.call.tries) for answer in self._answers]
        open_still = outbox.open_still(tx, tries)
        return [answer for answer in self._answers if answer.message_id in open_still]

    def _hand_over(self, call: Call) -> Answer:
        """The one call of a carrier for this text; from any thread."""
        outbound = call.outbound
        until = call.leaves_until
        if until is not None and self._now() > until:
            return Answer(call, held=True)
        try:
            provider_id = self._senders.send(call.sender, outbound)
        except SendError as problem:
            return Answer(call, problem=problem)
        except Exception as problem:
            # a fault of ours or the library's: nobody knows whether it went
            to = masked(outbound.to)
            log.exception("sending %s to %s by %s", outbound.id, to, call.sender)
            uncertain = Uncertain(_name_of(problem))
            return Answer(call, problem=uncertain)
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
    """One run of `until_empty`: what it may use, what it has counted, and how long the
    next turn must wait.
    """

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
        # whether the last turn did anything: there may be more to do
        self.moved = False
        self.taken: list[Call] = []  # by the turn that was last asked to be kept

    def turn(
        self, tx: Tx, answers: Sequence[Answer], under_way: Counter[str], takes: bool
    ) -> list[Call]:
        """In one transaction: record what came back, take what goes next. The calls to
        make.
        """
        self._counting = Counter()
        self.pause = 0.0
        self.moved = bool(answers)
        self.taken = []
        now = self._clock()
        taken = self._record(tx, answers, now)
        self._say_alive(tx)
        if takes:
            onward = _by_sender(taken)
            taken += self._take(tx, now, under_way + onward)
        self.taken = taken  # not before all went well: else nothing of it is kept
        return taken

    def settled(self) -> None:
        """The turn was committed: what it counted counts."""
        self._done.update(self._counting)

    def _say_alive(self, tx: Tx) -> None:
        """A run over many texts lasts; whoever watches the clock sees that it goes."""
        now = _real_now()
        silent = now - self._said_alive
        if silent > ALIVE_MS:
            health.tick(tx, "sending", now)
            self._said_alive = now

    # What came back

    def _record(self, tx: Tx, answers: Sequence[Answer], now: int) -> list[Call]:
        """Keep what became of each; the calls that another sender is to be asked for."""
        sent = [answer for answer in answers if answer.was_sent]
        self._record_sent(tx, sent, now)
        onward = []
        for answer in answers:
            if answer.held:
                outbox.put_back(
                    tx, answer.message_id, not_before=now, reason="quiet hours"
                )
                self._counting["put off"] += 1
            elif answer.problem is not None:
                following = self._failed(tx, answer.call, answer.problem, now)
                if following is not None:
                    onward.append(following)
        return onward

    def _record_sent(self, tx: Tx, sent: Sequence[Answer], now: int) -> None:
        rows = [
            (answer.message_id, answer.call.sender, answer.provider_id)
            for answer in sent
        ]
        senders = {answer.call.sender for answer in sent}
        outbox.record_all_sent(tx, rows, now=now)
        for sender in senders:
            self._senders.note(tx, sender, None, now)
        if sent:
            self._counting["sent"] += len(sent)

    def _failed(self, tx: Tx, call: Call, problem: SendError, now: int) -> Call | None:
        """A text that was not surely sent: by another sender at once, or kept as what
        it is now.
        """
        self._senders.note(tx, call.sender, problem, now)
        following = None
        if isinstance(problem, Refused):
            following = self._senders.first_well(tx, call.others, now)
        if following is not None:
            return self._handed_on(tx, call, following, problem, now)
        became = self._record_failure(tx, call, problem, now)
        self._counting[became] += 1
        return None

    def _record_failure(self, tx: Tx, call: Call, problem: SendError, now: int) -> str:
        """What became of a text that no other sender is asked for."""
        outcome = _name_of(problem)
        detail = str(problem)
        message = call.message_id
        sender = call.sender
        if isinstance(problem, Refused) or self._may_repeat(call, problem):
            outbox.record_refused(
                tx,
                message,
                sender=sender,
                tries=call.tries,
                now=now,
                outcome=outcome,
                detail=detail,
            )
            return "to be tried again"
        if isinstance(problem, TooLate):
            outbox.record_skipped(tx, message, reason="too late", now=now)
            return "skipped"
        if isinstance(problem, Final):
            outbox.record_failed(
                tx, message, sender=sender, now=now, outcome=outcome, detail=detail
            )
            return "failed"
        outbox.record_lost(tx, message, sender=sender, now=now, detail=detail)
        return "lost"

    def _handed_on(
        self, tx: Tx, call: Call, to: str, problem: SendError, now: int
    ) -> Call | None:
        """The same text by the sender that follows; none where it is no longer ours."""
        outcome = _name_of(problem)
        detail = str(problem)
        ours = outbox.hand_on(
            tx,
            call.message_id,
            sender=call.sender,
            to=to,
            now=now,
            outcome=outcome,
            detail=detail,
        )
        if not ours:
            self._counting["overtaken"] += 1
            return None
        others = _after(to, call.others)
        leased_until = now + outbox.LEASE_MS
        return replace(call, sender=to, others=others, leased_until=leased_until)

    def _may_repeat(self, call: Call, problem: SendError) -> bool:
        if not isinstance(problem, Uncertain):
            return False
        sender = self._senders.sender(call.sender)
        return sender.repeat_is_safe

    # What goes next

    def _take(self, tx: Tx, now: int, under_way: Counter[str]) -> list[Call]:
        name, tried_again = self._senders.well(tx, self._names, now)
        if name is None:
            self._wait(tx, now, tried_again)
            return []
        room = self._room(tx, name, under_way)
        moment = paces.now_us()
        calls = []
        if room:
            calls = self._claimed(tx, name, room, now)
        left = room - len(calls)
        way = Way(name, self._names)
        calls += self._released(tx, "notice", way, left, now)
        self._used(tx, name, moment, calls)
        under_way = under_way + _by_sender(calls)
        adverts = self._take_adverts(tx, name, moment, now, under_way)
        return calls + adverts

    def _take_adverts(
        self, tx: Tx, name: str, moment: int, now: int, under_way: Counter[str]
    ) -> list[Call]:
        """By the sender that was just found well, where adverts go the same ways."""
        sender: str | None = name
        if self._adverts != self._names:
            sender = self._senders.first_well(tx, self._adverts, now)
        if sender is None:
            return []
        room = self._room(tx, sender, under_way)
        way = Way(sender, self._adverts)
        calls = self._released(tx, "advert", way, room, now)
        self._used(tx, sender, moment, calls)
        return calls

    def _room(self, tx: Tx, name: str, under_way: Counter[str]) -> int:
        """How many texts more this sender bears at this moment: calls that may be open,
        and its rate.
        """
        width = self._senders.width(name)
        free = width.now - under_way[name]
        if free <= 0:
            return 0
        rate = self._senders.rate(name)
        moment = paces.now_us()
        ready, seconds = paces.ready(tx, name, rate, moment)
        if not ready:
            self.pause = max(self.pause, seconds)
        return min(free, ready)

    def _used(self, tx: Tx, name: str, moment: int, calls: Sequence[Call]) -> None:
        """So many texts of the sender's pace are spent, counted from `moment` (UTC us)."""
        rate = self._senders.rate(name)
        made = _by_sender(calls)
        paces.used(tx, name, rate, moment, made[name])

    def _wait(self, tx: Tx, now: int, until: int) -> None:
        """No sender is well: what is due waits until one may be tried."""
        due = outbox.claim(tx, now=now, most=BATCH)
        for message in due:
            outbox.wait(tx, message.id, not_before=until)
        if due:
            self.moved = True
            self._counting["waiting for a sender"] += len(due)

    def _released(
        self, tx: Tx, text_class: str, way: Way, room: int, now: int
    ) -> list[Call]:
        """The next people of the broadcasts of this class."""
        if room <= 0:
            return []
        senders = {text_class: way.sender}
        ready, passed = self._release.take(
            tx, senders=senders, room=room, now=now, on_trial=self._on_trial
        )
        skipped = passed - len(ready)
        self._counting["skipped"] += skipped
        self.moved |= passed > 0
        return [_call_of(one, way, 1, now) for one in ready]

    def _claimed(self, tx: Tx, name: str, room: int, now: int) -> list[Call]:
        """Texts of the queue that are due, in the words of this moment; what is not
        sent is kept with its reason.
        """
        calls = []
        due = outbox.claim(tx, now=now, most=room)
        for message in due:
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
            outbox.record_lost(tx, message.id, sender="", now=now, detail=SWITCHED_OFF)
            return "lost"
        sender: str | None = name
        if name not in names:
            sender = self._senders.first_well(tx, names, now)
        if sender is None:
            outbox.wait(tx, message.id, not_before=now + NONE_WELL_MS)
            return "waiting for a sender"
        way = Way(sender, names)
        if message.kind == "broadcast":
            return self._broadcast(tx, message, way, now)
        try:
            said, marks = wording.said(tx, message, self._settings, now)
        except wording.Skip as why:
            reason = str(why)
            return _skipped(tx, message, reason, now)
        except wording.Later as later:
            return _put_off(tx, message, later.moment)
        wire = on_wire(said, marks)
        return self._marked(tx, message, wire, way, now, words.VERSION)

    def _may_carry(self, tx: Tx, message: Message) -> tuple[str, ...]:
        """All of them; but what may have gone by one that tells repeats is only ever
        repeated there.
        """
        names = self._names
        if message.text_class == "advert":
            names = self._adverts
        if message.tries == 1:
            return names
        last = outbox.last_attempt(tx, message.id)
        if last is None or last.outcome != Uncertain.__name__:
            return names
        if last.sender in names:
            return (last.sender,)
        return ()

    def _broadcast(self, tx: Tx, message: Message, way: Way, now: int) -> Call | str:
        """A text of a broadcast that was put off or refused before: its person is
        judged anew.
        """
        useful_until = message.not_after
        if useful_until is not None and now > useful_until:
            return _skipped(tx, message, "too late", now)
        leaves = _leaves_at(message, now)
        if leaves > now:
            return _put_off(tx, message, leaves)
        person_id = message.person_id
        firing_id = message.firing_id
        assert person_id is not None and firing_id is not None  # of a broadcast
        judged = self._release.judge_again(
            tx, firing_id, [person_id], now=now, on_trial=self._on_trial
        )
        verdict = judged[person_id]
        if verdict.skip or verdict.wire is None:
            return _not_now(tx, message, verdict, now)
        if verdict.phone != message.phone:
            return _skipped(tx, message, "number changed", now)
        self._release.goes_to(tx, message.id, firing_id, verdict)
        wire = verdict.wire.text
        return self._marked(tx, message, wire, way, now, message.words)

    def _marked(
        self,
        tx: Tx,
        message: Message,
        wire: str,
        way: Way,
        now: int,
        version: str,
    ) -> Call | str:
        """The proof of what goes out is kept, and the text is on its way."""
        size = cost(wire)
        to_network = network(message.phone)
        paid = price(
            self._settings.sms_prices, to_network, message.text_class, size.parts
        )
        ours = outbox.record_sending(
            tx,
            message.id,
            sender=way.sender,
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
        return _call_of(ready, way, message.tries, now)


def _call_of(ready: Ready, way: Way, tries: int, now: int) -> Call:
    """The call that hands this text over, with the last moment at which it may be made."""
    advert = ready.text_class == "advert"
    leaves_until = _leaves_until(ready, now)
    useful_until = ready.not_after
    if advert:  # the law's hours hold for its arrival too
        useful_until = leaves_until
    if useful_until is not None:
        # carriers go by real time, whatever hour is played here
        ahead = _real_now() - now
        useful_until += ahead
    is_unicode = not is_gsm(ready.text)
    outbound = Outbound(
        ready.id, ready.to, ready.text, is_unicode, advert, useful_until
    )
    leased_until = now + outbox.LEASE_MS
    return Call(outbound, way.sender, way.others, tries, leaves_until, leased_until)


def _skipped(tx: Tx, message: Message, reason: str, now: int) -> str:
    outbox.record_skipped(tx, message.id, reason=reason, now=now)
    return "skipped"


def _put_off(tx: Tx, message: Message, until: int) -> str:
    outbox.put_back(tx, message.id, not_before=until, reason="quiet hours")
    return "put off"


def _not_now(tx: Tx, message: Message, verdict: Verdict, now: int) -> str:
    """A broadcast's text that is not sent to this person, or only later."""
    if not verdict.later:
        return _skipped(tx, message, verdict.skip, now)
    outbox.wait(tx, message.id, not_before=verdict.later)
    return "put off"


def _leaves_at(message: Message, now: int) -> int:
    """When the hours let a broadcast's text go; `now` where they do. UTC ms."""
    moment = from_ms(now)
    leaves = notices.goes_at("broadcast", message.text_class, moment, moment)
    return to_ms(leaves)


def _leaves_until(ready: Ready, now: int) -> int | None:
    """The text's own deadline or the end of the hours, whichever is first; none where
    neither is. UTC ms.
    """
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
    place = names.index(sender)
    return names[place + 1 :]


def _by_sender(calls: Iterable[Call]) -> Counter[str]:
    """How many of the calls are each sender's."""
    return Counter(call.sender for call in calls)


def _name_of(problem: Exception) -> str:
    """As it stands in the attempts."""
    return type(problem).__name__


def _real_now() -> int:
    """UTC ms, whatever hour is played."""
    return to_ms(datetime.now(UTC))


def _in_words(done: Counter[str]) -> str:
    """`3 sent, 1 skipped`; empty where nothing was done."""
    counted = []
    for outcome, count in sorted(done.items()):
        if count > 0:
            counted.append(f"{count} {outcome}")
    return ", ".join(counted)
