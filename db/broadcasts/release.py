"""From the ledger to the carrier: the next people of what runs, each judged anew, each with a text or a reason.

What is written here commits with the mark how far a firing is released, so that a clock which dies loses nobody and
texts nobody twice: either both are kept, and the text may be on its way, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text

from db.broadcasts import audience, control, planning, reasons, trying
from db.broadcasts.audience import ADVERTS_A_DAY, DAY_MS, STARTED, Asked, Standing
from db.broadcasts.errors import CannotDo
from db.broadcasts.planning import FIRINGS, Firing
from db.broadcasts.rendering import Renderer, Seat, words_of
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
ASKED_ANEW_MS = (
    2_000  # how long a rule that was read is used again: names are looked up in it
)
LEASE_MS = 60_000
SECOND_MS = 1_000


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
    """One text about to leave: its message is marked SENDING. `to` is E.164, `not_after` UTC ms."""

    id: int
    to: str
    text: str
    text_class: notices.Class
    not_after: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one chosen person now: a text, or a reason, or another moment (UTC ms)."""

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


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known now of the people whose turn it is. `whos` is number (E.164) -> its HMAC."""

    standing: Mapping[int, Standing]  # by person
    told: set[int]  # people
    whos: Mapping[str, str]
    refused: Mapping[str, str]  # HMAC -> reason
    texted: Mapping[str, Texted]  # by number
    taken: Mapping[str, int]  # HMAC -> under which person
    renderer: Renderer
    seats: Mapping[int, Seat]  # by person


class Release:
    """Lets the next people of what runs go, for one clock process; keeps for a moment what it looked up."""

    def __init__(self, settings: Settings, *, paced: bool = True) -> None:
        self._settings = settings
        self._paced = paced
        self._asked: dict[int, tuple[Asked, int]] = {}

    def take(
        self, tx: Tx, *, senders: Mapping[str, str], room: int, now: int, on_trial: bool
    ) -> tuple[list[Ready], int]:  # fmt: skip
        """Up to `room` texts, marked SENDING through `senders[class]`, and how many people were judged for them: those
        who are skipped or put off are written with their reason. Classes that are not in `senders` wait, and outside
        the hours nobody is let go. `now` is UTC ms.
        """
        found: list[Ready] = []
        judged = 0
        for row in tx.all(_OPEN, now=now):
            if room - len(found) <= 0:
                break
            if row.text_class in senders and _within_hours(row.text_class, now):
                few = room - len(found)
                ready, people = self._of(
                    tx, row, senders[row.text_class], few, now, on_trial
                )
                found += ready
                judged += people
        return found, judged

    def judge_again(
        self, tx: Tx, firing_id: int, people: Sequence[int], *, now: int, on_trial: bool
    ) -> dict[int, Verdict]:  # fmt: skip
        """What becomes at this moment of people whose text was put off, or refused by a carrier."""
        row = planning.firing(tx, firing_id)
        if row.state == "stopped":
            return {person: Verdict(person, skip=reasons.STOPPED) for person in people}
        if row.state == "paused":
            return {person: Verdict(person, later=now + 15_000) for person in people}
        return self._judge(tx, row, people, now, on_trial)

    @staticmethod
    def goes_to(tx: Tx, message_id: int, firing_id: int, verdict: Verdict) -> None:
        """The text of this message is the one that this number gets: it may have waited under another number."""
        tx.run(_NUMBER_HAS, id=message_id, once=_once(firing_id, verdict.who))

    def _of(
        self, tx: Tx, row: Firing, sender: str, room: int, now: int, on_trial: bool
    ) -> tuple[list[Ready], int]:
        """The next people of one firing, in order of id."""
        pace = _Pace.of(row, now) if self._paced else None
        most = min(room, pace.ready) if pace else room
        if most <= 0 or not tx.run(_LOCK, id=row.broadcast_id):
            return [], 0
        after = tx.value(
            _RELEASED_TO, id=row.id
        )  # read again under the lock: another clock may have been here
        if after is None:
            return [], 0
        people = [
            one.person_id for one in tx.all(_NEXT, id=row.id, after=after, most=most)
        ]
        if not people:
            return [], 0
        try:
            verdicts = self._judge(tx, row, people, now, on_trial)
        except CannotDo as problem:  # the rule names what is no longer there
            why = str(problem)[:200]
            control.pause(
                tx,
                row.broadcast_id,
                commune_id=row.commune_id,
                staff_id=None,
                now=now,
                why=why,
            )
            return [], 0
        began = row.pace_from
        used = row.pace_used
        if pace:
            texted = sum(verdict.goes for verdict in verdicts.values())
            began, used = pace.after(texted)
        tx.run(_AHEAD, id=row.id, to=people[-1], pace_from=began, pace_used=used)
        copy_to = self._settings.advert_copy_to
        if row.text_class == "advert" and not after and copy_to:
            trying.post_copy(tx, row, to=copy_to, now=now)
        ready = self._post(
            tx, row, [verdicts[person] for person in people], sender, now
        )
        return ready, len(people)

    def _judge(
        self, tx: Tx, row: Firing, people: Sequence[int], now: int, on_trial: bool
    ) -> dict[int, Verdict]:
        known = self._look_up(tx, row, people, now)
        found = {
            person: self._verdict(row, person, known, now, on_trial)
            for person in people
        }
        return self._within_networks(tx, found, now)

    def _look_up(self, tx: Tx, row: Firing, people: Sequence[int], now: int) -> _Known:
        asked = self._asked_of(tx, row, now)
        standing = audience.still(tx, asked, people)
        told = audience.told_lately(tx, asked, people)
        whos = {}
        for one in standing.values():
            if one.phone:
                whos[one.phone] = identity.who(self._settings.privacy_key, one.phone)
        refused = _refusals(tx, asked, whos.values())
        texted = _texted(tx, whos, now)
        taken = _taken(tx, row.id, whos.values())
        renderer = Renderer(tx, words_of(tx, row.words_id), now, row.event_id)
        seats = renderer.seats(people)
        return _Known(standing, told, whos, refused, texted, taken, renderer, seats)

    def _verdict(
        self, row: Firing, person: int, known: _Known, now: int, on_trial: bool
    ) -> Verdict:
        one = known.standing.get(person)
        if one is None:
            return Verdict(person, skip=reasons.ERASED)
        phone = one.phone or ""
        who = known.whos.get(phone, "")
        why = self._against(one, who, known, on_trial)
        if why:
            return Verdict(person, phone, who, skip=why)
        later = self._too_many(row, known.texted.get(phone), now)
        if later and row.not_after is not None and later > row.not_after:
            return Verdict(person, phone, who, skip=reasons.OVER_THE_CAP)
        if later:
            return Verdict(person, phone, who, later=later)
        try:
            wire = known.renderer.text(
                one, known.seats.get(person), one.language, bool(one.marks)
            )
        except EmptyField as lack:
            return Verdict(person, phone, who, skip=f"nothing for {{{lack}}}")
        return Verdict(person, phone, who, wire)

    def _within_networks(
        self, tx: Tx, found: dict[int, Verdict], now: int
    ) -> dict[int, Verdict]:
        """Texts beyond what a network may get in a second go a second later, where its rate is set."""
        moment = paces.now_us()
        left: dict[str, int] = {}
        for person, verdict in found.items():
            of_network = network(verdict.phone)
            rate = self._settings.sms_network_rates.get(of_network)
            if rate is None or verdict.wire is None:
                continue
            name = f"net:{of_network}"
            if name not in left:
                ready, *_ = paces.ready(tx, name, rate, moment)
                left[name] = ready
            if left[name] <= 0:
                found[person] = Verdict(
                    person, verdict.phone, verdict.who, later=now + SECOND_MS
                )
                continue
            left[name] -= 1
            paces.used(tx, name, rate, moment, 1)
        return found

    def _against(self, one: Standing, who: str, known: _Known, on_trial: bool) -> str:
        """The first reason against texting this person now."""
        if one.left_out and one.left_out != reasons.NO_CONSENT:
            return one.left_out
        if who in known.refused:
            return known.refused[who]
        if one.left_out:
            return one.left_out
        if known.taken.get(who, one.id) != one.id:
            return reasons.SAME_NUMBER
        if one.id in known.told:
            return reasons.TOLD_ALREADY
        if on_trial and one.phone not in self._settings.trial_numbers:
            return "trial: not a trial number"
        return ""

    def _too_many(self, row: Firing, texted: Texted | None, now: int) -> int:
        """When this number may be texted again (UTC ms); 0: now."""
        if texted is None:
            return 0
        adverts = row.text_class == "advert" and texted.adverts >= ADVERTS_A_DAY
        if texted.texts < self._settings.texts_a_day and not adverts:
            return 0
        return max(texted.first + DAY_MS, now + 1)

    def _asked_of(self, tx: Tx, row: Firing, now: int) -> Asked:
        kept, until = self._asked.get(row.id, (None, 0))
        if kept is not None and now <= until <= now + ASKED_ANEW_MS:
            return kept
        asked = planning.asked_of(
            tx, row, now=now, settings=self._settings, but=row.broadcast_id
        )
        self._asked[row.id] = (asked, now + ASKED_ANEW_MS)
        return asked

    def _post(
        self, tx: Tx, row: Firing, verdicts: Sequence[Verdict], sender: str, now: int
    ) -> list[Ready]:
        """One message for each verdict, in one statement; the texts among them are about to leave."""
        written = [self._written(row, verdict, sender, now) for verdict in verdicts]
        made = tx.all(
            _POSTS[tx.dialect.name],
            rows=json.dumps(written),
            commune_id=row.commune_id,
            firing_id=row.id,
            priority=PRIORITY[row.text_class],
            now=now,
            not_after=row.not_after,
            words=f"b{row.words_id}",
            **{"class": row.text_class},
        )
        ids = {one.person_id: one.id for one in made}
        found = []
        for verdict in verdicts:
            if verdict.wire and verdict.goes:
                message_id = ids[verdict.person_id]
                found.append(
                    Ready(
                        message_id,
                        verdict.phone,
                        verdict.wire.text,
                        row.text_class,
                        row.not_after,
                    )
                )
        return found

    def _written(
        self, row: Firing, verdict: Verdict, sender: str, now: int
    ) -> dict[str, str | int | None]:
        """The message of one verdict, as a row of JSON."""
        message: dict[str, str | int | None] = {
            "person_id": verdict.person_id,
            "phone": verdict.phone,
            "status": verdict.status,
            "reason": verdict.skip[:80],
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
            message["once"] = _once(row.id, verdict.who)
        if verdict.goes:
            message.update(lease=now + LEASE_MS, tries=1, carrier=sender)
        if verdict.wire:
            size = verdict.wire.cost
            paid = price(
                self._settings.sms_prices,
                network(verdict.phone),
                row.text_class,
                size.parts,
            )
            message.update(
                text=verdict.wire.text,
                encoding=size.encoding,
                length=size.length,
                parts=size.parts,
            )
            message["price"] = paid
        return message


def _within_hours(text_class: TextClass, now: int) -> bool:
    """Whether a text of this class may leave at this moment."""
    moment = from_ms(now)
    return to_ms(notices.goes_at("broadcast", text_class, moment, moment)) <= now


def _refusals(tx: Tx, asked: Asked, whos: Iterable[str]) -> dict[str, str]:
    """Of these numbers (by HMAC) those that refuse this class, each with the reason."""
    quoted = list_of_words(whos)
    if not quoted:
        return {}
    as_what = audience.REFUSED[asked.text_class]
    refusals = Query(text(_REFUSALS.format(whos=quoted)), Refusal)
    refused: dict[str, set[str]] = {}
    for row in tx.all(refusals):
        if row.what in as_what:
            refused.setdefault(row.who, set()).add(as_what[row.what])
    return {who: min(whys, key=reasons.ALL.index) for who, whys in refused.items()}


def _texted(tx: Tx, phones: Iterable[str], now: int) -> dict[str, Texted]:
    """What each of these numbers had from us in the last 24 hours."""
    quoted = list_of_words(phones)
    if not quoted:
        return {}
    texted = Query(text(_TEXTED.format(phones=quoted)), Texted)
    return {row.phone: row for row in tx.all(texted, since=now - DAY_MS)}


def _once(firing_id: int, who: str) -> str:
    """What stands in `messages.once`: one number (by HMAC) has one text of a firing."""
    return f"cast:{firing_id}:{who}"


def _taken(tx: Tx, firing_id: int, whos: Iterable[str]) -> dict[str, int]:
    """Of these numbers (by HMAC) those that have a text of this firing already: under which person."""
    keys = {_once(firing_id, who): who for who in whos}
    quoted = list_of_words(keys)
    if not quoted:
        return {}
    escaped = quoted.replace(
        ":", "\\:"
    )  # a colon before a letter would be read as the name of a value
    taken = Query(text(_ONCE.format(keys=escaped)), Taken)
    return {keys[row.once]: row.person_id for row in tx.all(taken)}


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
        earned = 1 + (now - began) * row.pace_many // span
        burst = max(1, row.pace_many // 4)
        if (
            earned - used > burst
        ):  # it could not send for a while: what was not used is not made up for all at once
            return _Pace(burst, now, 0)
        return _Pace(earned - used, began, used)

    def after(self, texted: int) -> tuple[int, int]:
        """What to keep once so many have gone."""
        return self.began, self.used + texted
