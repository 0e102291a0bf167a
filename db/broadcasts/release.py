"""From the ledger to the carrier: the next people of what runs, each judged anew, each
with a text or a reason.

What is written here commits with the mark how far a firing is released, so that a clock
which dies loses nobody and texts nobody twice: either both are kept, and the text may
be on its way, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import audience, control, planning, reasons, trying
from db.broadcasts.audience import ADVERTS_A_DAY, DAY_MS, STARTED, Asked, Standing
from db.broadcasts.errors import CannotDo
from db.broadcasts.planning import FIRINGS, Firing
from db.broadcasts.rendering import Renderer, Seat, words_of
from db.broadcasts.templates import filled
from db.register import identity
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query, Scalar, Statement, list_of_words
from db.texts import paces
from menus import notices
from menus.broadcast import EmptyField, TextClass, Wire
from menus.fitting import price
from menus.numbers import network
from settings import Settings

PRIORITY = {"notice": 7, "advert": 8}
# how long a rule that was read is used again: names are looked up in it
ASKED_ANEW_MS = 2_000
PAUSED_MS = 15_000  # after which a text of what is paused is judged again
LEASE_MS = 60_000
SECOND_MS = 1_000
REASON_MOST = 80  # letters
WHY_MOST = 200  # letters


class Chosen(NamedTuple):
    person_id: int


class Posted(NamedTuple):
    """A message that was just written, and for whom."""

    id: int
    person_id: int


class Refusal(NamedTuple):
    who: str  # HMAC of the number
    what: str


class Texted(NamedTuple):
    """What one number had from us lately."""

    phone: str  # E.164
    texts: int
    adverts: int
    first: int  # UTC ms


class Taken(NamedTuple):
    """Under which person a number has its text of a firing."""

    once: str
    person_id: int


_OPEN = Query(
    text(f"""
    {FIRINGS}
    WHERE g.ended_at IS NULL AND g.planned_at IS NOT NULL
      AND (g.not_before <= :now OR (b.not_before IS NULL AND b.repeats = ''))
      AND (g.not_after IS NULL OR g.not_after >= :now) AND b.state = 'running'
    ORDER BY CASE b.class WHEN 'notice' THEN 0 ELSE 1 END, g.id
    """),
    Firing,
)
_LOCK = Statement(
    text("UPDATE broadcasts SET state = state WHERE id = :id AND state = 'running'")
)
_RELEASED_TO = Scalar(
    text("SELECT released_to FROM firings WHERE id = :id AND ended_at IS NULL"), int
)
_NEXT = Query(
    text("""
    SELECT person_id FROM recipients WHERE firing_id = :id AND left_out IS NULL AND person_id > :after
    ORDER BY person_id LIMIT :most
    """),
    Chosen,
)
_AHEAD = Statement(
    text(
        "UPDATE firings SET released_to = :to, pace_from = :pace_from, pace_used = :pace_used WHERE id = :id"
    )
)
_EACH = {
    "sqlite": "json_each(:rows) AS r",
    "postgresql": "json_array_elements(CAST(:rows AS JSON)) AS r(value)",
}
_POST = """
    INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, reason, once, firing_id,
      person_id, made_at, not_before, not_after, lease_until, ended_at, tries, carrier, text, encoding, length, parts,
      price, words)
    SELECT CAST(:commune_id AS BIGINT), 'out', r.value ->> 'phone', 'broadcast', :class, CAST(:priority AS INTEGER),
      r.value ->> 'status', r.value ->> 'reason', r.value ->> 'once', CAST(:firing_id AS BIGINT),
      CAST(r.value ->> 'person_id' AS BIGINT), CAST(:now AS BIGINT), CAST(r.value ->> 'not_before' AS BIGINT),
      CAST(:not_after AS BIGINT), CAST(r.value ->> 'lease' AS BIGINT), CAST(r.value ->> 'ended_at' AS BIGINT),
      CAST(r.value ->> 'tries' AS INTEGER), r.value ->> 'carrier', r.value ->> 'text', r.value ->> 'encoding',
      CAST(r.value ->> 'length' AS INTEGER), CAST(r.value ->> 'parts' AS INTEGER),
      CAST(r.value ->> 'price' AS INTEGER), :words
    FROM {each}
    RETURNING id, person_id
"""
_POSTS = {
    engine: Query(text(_POST.format(each=each)), Posted)
    for engine, each in _EACH.items()
}
_REFUSALS = "SELECT who, what FROM stops WHERE who IN ({whos})"
_TEXTED = f"""
    SELECT m.phone, COUNT(*) AS texts, SUM(CASE WHEN m.class = 'advert' THEN 1 ELSE 0 END) AS adverts,
      MIN(COALESCE(m.sent_at, m.made_at)) AS first
    FROM messages m
    WHERE m.phone IN ({{phones}}) AND {STARTED} AND COALESCE(m.sent_at, m.made_at) > :since
    GROUP BY m.phone
"""  # numbers are E.164 of our own
_NUMBER_HAS = Statement(text("UPDATE messages SET once = :once WHERE id = :id"))
_ONCE = "SELECT once, person_id FROM messages WHERE once IN ({keys})"


@dataclass(frozen=True, slots=True)
class Ready:
    """One text about to leave: its message is marked SENDING. `to` is E.164,
    `not_after` UTC ms.
    """

    id: int
    to: str
    text: str
    text_class: notices.Class
    not_after: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one chosen person now: a text, or a reason, or another moment
    (UTC ms).
    """

    person_id: int
    phone: str = ""
    who: str = ""
    wire: Wire | None = None
    skip: str = ""
    later: int = 0

    @property
    def goes(self) -> bool:
        """Their text leaves now."""
        return self.wire is not None and not self.later

    @property
    def status(self) -> str:
        """Of the message that is written for it."""
        if self.goes:
            return "SENDING"
        return "QUEUED" if self.later else "SKIPPED"


class _Going(NamedTuple):
    """A firing at the moment at which some of its people may be let go."""

    row: Firing
    now: int  # UTC ms
    on_trial: bool
    sender: str = ""


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the people of a firing whose turn it is by what is known of them now.
    `whos` is number (E.164) -> HMAC.
    """

    firing: Firing
    settings: Settings
    now: int
    on_trial: bool
    standing: Mapping[int, Standing]  # by person
    told: set[int]  # people
    whos: Mapping[str, str]
    refused: Mapping[str, str]  # HMAC -> reason
    texted: Mapping[str, Texted]  # by number
    taken: Mapping[str, int]  # HMAC -> under which person
    renderer: Renderer
    seats: Mapping[int, Seat]  # by person

    def verdict(self, person: int) -> Verdict:
        one = self.standing.get(person)
        if one is None:
            return Verdict(person, skip=reasons.ERASED)
        phone = one.phone or ""
        who = self.whos.get(phone, "")
        why = self._against(one, who)
        if why:
            return Verdict(person, phone, who, skip=why)
        later = self._too_many(phone)
        if later and self._is_past_the_deadline(later):
            return Verdict(person, phone, who, skip=reasons.OVER_THE_CAP)
        if later:
            return Verdict(person, phone, who, later=later)
        seat = self.seats.get(person)
        try:
            wire = self.renderer.text(one, seat)
        except EmptyField as lack:
            why = reasons.nothing_for(lack)
            return Verdict(person, phone, who, skip=why)
        return Verdict(person, phone, who, wire)

    def _against(self, one: Standing, who: str) -> str:
        """The first reason against texting this person now."""
        if one.left_out and one.left_out != reasons.NO_CONSENT:
            return one.left_out
        if who in self.refused:
            return self.refused[who]
        if one.left_out:
            return one.left_out
        has_the_text = self.taken.get(who, one.id)
        if has_the_text != one.id:
            return reasons.SAME_NUMBER
        if one.id in self.told:
            return reasons.TOLD_ALREADY
        if self.on_trial and one.phone not in self.settings.trial_numbers:
            return "trial: not a trial number"
        return ""

    def _too_many(self, phone: str) -> int:
        """When this number may be texted again (UTC ms); 0: now."""
        texted = self.texted.get(phone)
        if texted is None:
            return 0
        has_all_texts = texted.texts >= self.settings.texts_a_day
        has_all_adverts = (
            self.firing.text_class == "advert" and texted.adverts >= ADVERTS_A_DAY
        )
        if not has_all_texts and not has_all_adverts:
            return 0
        return max(texted.first + DAY_MS, self.now + 1)

    def _is_past_the_deadline(self, moment: int) -> bool:
        not_after = self.firing.not_after
        return not_after is not None and moment > not_after


class Release:
    """Lets the next people of what runs go, for one clock process; keeps for a moment
    what it looked up.
    """

    def __init__(self, settings: Settings, *, paced: bool = True) -> None:
        self._settings = settings
        self._paced = paced
        self._asked: dict[int, tuple[Asked, int]] = {}

    def take(
        self, tx: Tx, *, senders: Mapping[str, str], room: int, now: int, on_trial: bool
    ) -> tuple[list[Ready], int]:
        """Up to `room` texts, marked SENDING through `senders[class]`, and how many
        people were judged for them: those who are skipped or put off are written with
        their reason. Classes that are not in `senders` wait, and outside the hours
        nobody is let go. `now` is UTC ms.
        """
        found: list[Ready] = []
        judged = 0
        for row in tx.all(_OPEN, now=now):
            left = room - len(found)
            if left <= 0:
                break
            sender = senders.get(row.text_class)
            if sender is None or not _within_hours(row.text_class, now):
                continue
            going = _Going(row, now, on_trial, sender)
            ready, people = self._let_go(tx, going, left)
            found += ready
            judged += people
        return found, judged

    def judge_again(
        self, tx: Tx, firing_id: int, people: Sequence[int], *, now: int, on_trial: bool
    ) -> dict[int, Verdict]:
        """What becomes at this moment of people whose text was put off, or refused by a
        carrier.
        """
        row = planning.firing(tx, firing_id)
        if row.state == "stopped":
            return {person: Verdict(person, skip=reasons.STOPPED) for person in people}
        if row.state == "paused":
            later = now + PAUSED_MS
            return {person: Verdict(person, later=later) for person in people}
        going = _Going(row, now, on_trial)
        return self._judge(tx, going, people)

    @staticmethod
    def goes_to(tx: Tx, message_id: int, firing_id: int, verdict: Verdict) -> None:
        """The text of this message is the one that this number gets: it may have waited
        under another number.
        """
        once = _once(firing_id, verdict.who)
        tx.run(_NUMBER_HAS, id=message_id, once=once)

    def _let_go(self, tx: Tx, going: _Going, room: int) -> tuple[list[Ready], int]:
        """The next people of one firing, in order of id."""
        row = going.row
        pace = _Pace.of(row, going.now) if self._paced else None
        most = min(room, pace.ready) if pace else room
        if most <= 0 or not tx.run(_LOCK, id=row.broadcast_id):
            return [], 0
        # read again under the lock: another clock may have been here
        after = tx.value(_RELEASED_TO, id=row.id)
        if after is None:
            return [], 0
        chosen = tx.all(_NEXT, id=row.id, after=after, most=most)
        if not chosen:
            return [], 0
        people = [one.person_id for one in chosen]
        try:
            found = self._judge(tx, going, people)
        except CannotDo as problem:
            _pause(tx, going, problem)
            return [], 0
        verdicts = [found[person] for person in people]
        _move_mark(tx, row, verdicts, pace)
        is_first = after == 0
        if is_first:
            self._post_copy(tx, going)
        ready = self._post(tx, going, verdicts)
        return ready, len(people)

    def _post_copy(self, tx: Tx, going: _Going) -> None:
        """Of an advert, where the settings say to whom."""
        to = self._settings.advert_copy_to
        if to and going.row.text_class == "advert":
            trying.post_copy(tx, going.row, to=to, now=going.now)

    def _judge(
        self, tx: Tx, going: _Going, people: Sequence[int]
    ) -> dict[int, Verdict]:
        judge = self._judge_of(tx, going, people)
        found = {person: judge.verdict(person) for person in people}
        return self._within_networks(tx, found, going.now)

    def _judge_of(self, tx: Tx, going: _Going, people: Sequence[int]) -> _Judge:
        """A judge who has looked up these people."""
        row = going.row
        now = going.now
        asked = self._asked_of(tx, row, now)
        standing = audience.still(tx, asked, people)
        told = audience.told_lately(tx, asked, people)
        whos = self._whos(standing.values())
        refused = _refusals(tx, asked, whos.values())
        texted = _texted(tx, whos, now)
        taken = _taken(tx, row.id, whos.values())
        words = words_of(tx, row.words_id)
        renderer = Renderer(tx, words, now, row.event_id)
        seats = renderer.seats(people)
        return _Judge(
            firing=row,
            settings=self._settings,
            now=now,
            on_trial=going.on_trial,
            standing=standing,
            told=told,
            whos=whos,
            refused=refused,
            texted=texted,
            taken=taken,
            renderer=renderer,
            seats=seats,
        )

    def _whos(self, people: Iterable[Standing]) -> dict[str, str]:
        """The HMAC of each number (E.164) that one of them has."""
        phones = [one.phone for one in people if one.phone]
        return {
            phone: identity.who(self._settings.privacy_key, phone) for phone in phones
        }

    def _within_networks(
        self, tx: Tx, found: dict[int, Verdict], now: int
    ) -> dict[int, Verdict]:
        """Texts beyond what a network may get in a second go a second later, where its
        rate is set.
        """
        rates = self._settings.sms_network_rates
        moment = paces.now_us()
        left: dict[str, int] = {}
        for person, verdict in found.items():
            of_network = network(verdict.phone)
            rate = rates.get(of_network)
            if rate is None or verdict.wire is None:
                continue
            name = f"net:{of_network}"
            if name not in left:
                ready, *_ = paces.ready(tx, name, rate, moment)
                left[name] = ready
            if left[name] > 0:
                left[name] -= 1
                paces.used(tx, name, rate, moment, 1)
            else:
                soon = now + SECOND_MS
                found[person] = replace(verdict, wire=None, later=soon)
        return found

    def _asked_of(self, tx: Tx, row: Firing, now: int) -> Asked:
        latest = now + ASKED_ANEW_MS
        if row.id in self._asked:
            kept, until = self._asked[row.id]
            # what lies further ahead was kept before the clock was set back
            is_fresh = now <= until <= latest
            if is_fresh:
                return kept
        asked = planning.asked_of(tx, row, now=now, settings=self._settings)
        self._asked[row.id] = (asked, latest)
        return asked

    def _post(self, tx: Tx, going: _Going, verdicts: Sequence[Verdict]) -> list[Ready]:
        """One message for each verdict, in one statement; the texts among them are
        about to leave.
        """
        row = going.row
        written = [self._written(going, verdict) for verdict in verdicts]
        made = tx.all(
            _POSTS[tx.dialect.name],
            rows=json.dumps(written),
            commune_id=row.commune_id,
            firing_id=row.id,
            priority=PRIORITY[row.text_class],
            now=going.now,
            not_after=row.not_after,
            words=f"b{row.words_id}",
            **{"class": row.text_class},
        )
        ids = {one.person_id: one.id for one in made}
        return [
            Ready(
                ids[verdict.person_id],
                verdict.phone,
                verdict.wire.text,
                row.text_class,
                row.not_after,
            )
            for verdict in verdicts
            if verdict.wire and verdict.goes
        ]

    def _written(self, going: _Going, verdict: Verdict) -> dict[str, str | int | None]:
        """The message of one verdict, as a row of JSON."""
        now = going.now
        message: dict[str, str | int | None] = {
            "person_id": verdict.person_id,
            "phone": verdict.phone,
            "status": verdict.status,
            "reason": verdict.skip[:REASON_MOST],
            "once": None,
            "not_before": verdict.later or now,
            "lease": None,
            "ended_at": now if verdict.skip else None,
            "tries": 0,
            "carrier": "",
            "text": "",
            "encoding": "",
            "length": 0,
            "parts": 0,
            "price": 0,
        }
        if verdict.who and not verdict.skip:
            message["once"] = _once(going.row.id, verdict.who)
        if verdict.goes:
            message.update(lease=now + LEASE_MS, tries=1, carrier=going.sender)
        if verdict.wire:
            size = verdict.wire.cost
            by = network(verdict.phone)
            text_class = going.row.text_class
            paid = price(self._settings.sms_prices, by, text_class, size.parts)
            message.update(text=verdict.wire.text, encoding=size.encoding)
            message.update(length=size.length, parts=size.parts, price=paid)
        return message


def _within_hours(text_class: TextClass, now: int) -> bool:
    """Whether a text of this class may leave at this moment."""
    moment = from_ms(now)
    leaves = notices.goes_at("broadcast", text_class, moment, moment)
    return to_ms(leaves) <= now


def _refusals(tx: Tx, asked: Asked, whos: Iterable[str]) -> dict[str, str]:
    """Of these numbers (by HMAC) those that refuse this class, each with the reason."""
    quoted = list_of_words(whos)
    if not quoted:
        return {}
    refusals = filled(_REFUSALS, Refusal, whos=quoted)
    return audience.refused(asked.text_class, tx.all(refusals))


def _texted(tx: Tx, phones: Iterable[str], now: int) -> dict[str, Texted]:
    """What each of these numbers had from us in the last 24 hours."""
    quoted = list_of_words(phones)
    if not quoted:
        return {}
    texted = filled(_TEXTED, Texted, phones=quoted)
    rows = tx.all(texted, since=now - DAY_MS)
    return {row.phone: row for row in rows}


def _once(firing_id: int, who: str) -> str:
    """What stands in `messages.once`: one number (by HMAC) has one text of a firing."""
    return f"cast:{firing_id}:{who}"


def _taken(tx: Tx, firing_id: int, whos: Iterable[str]) -> dict[str, int]:
    """Of these numbers (by HMAC) those that have a text of this firing already: under
    which person.
    """
    keys = {_once(firing_id, who): who for who in whos}
    quoted = list_of_words(keys)
    if not quoted:
        return {}
    # a colon before a letter would be read as the name of a value
    escaped = quoted.replace(":", "\\:")
    taken = filled(_ONCE, Taken, keys=escaped)
    rows = tx.all(taken)
    return {keys[row.once]: row.person_id for row in rows}


def _pause(tx: Tx, going: _Going, problem: CannotDo) -> None:
    """The rule names what is no longer there."""
    control.pause(
        tx,
        going.row.broadcast_id,
        commune_id=going.row.commune_id,
        staff_id=None,
        now=going.now,
        why=str(problem)[:WHY_MOST],
    )


def _move_mark(
    tx: Tx, row: Firing, verdicts: Sequence[Verdict], pace: _Pace | None
) -> None:
    """The firing is released to the last of these people, and so much of its pace is
    used.
    """
    began = row.pace_from
    used = row.pace_used
    if pace:
        texted = sum(verdict.goes for verdict in verdicts)
        began, used = pace.after(texted)
    last = verdicts[-1].person_id
    tx.run(_AHEAD, id=row.id, to=last, pace_from=began, pace_used=used)


@dataclass(frozen=True, slots=True)
class _Pace:
    """How many may go now, of a firing that lets so many go in so many minutes, evenly."""

    ready: int
    began: int
    used: int

    @staticmethod
    def of(row: Firing, now: int) -> _Pace | None:
        if row.pace_many is None:
            return None
        span = row.pace_minutes * control.MINUTE_MS
        began = row.pace_from
        used = row.pace_used
        if began is None or now < began:
            began = now
            used = 0
        passed = now - began
        earned = 1 + passed * row.pace_many // span
        ready = earned - used
        burst = max(1, row.pace_many // 4)
        if ready > burst:
            # it could not send for a while: what was not used is not made up for all at
            # once
            return _Pace(burst, now, 0)
        return _Pace(ready, began, used)

    def after(self, texted: int) -> tuple[int, int]:
        """What to keep once so many have gone."""
        return self.began, self.used + texted
