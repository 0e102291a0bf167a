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
from db.broadcasts.rendering import Renderer, words_of
from db.register import identity
from db.store.engine import Tx, from_ms, to_ms
from db.store.statements import Query, Scalar, Statement
from db.texts import paces
from menus import notices
from menus.broadcast import EmptyField, TextClass, Wire
from menus.fitting import price
from menus.numbers import network
from settings import Settings

PRIORITY = {"notice": 7, "advert": 8}
ASKED_ANEW_MS = 2_000  # how long a rule that was read is used again: names are looked up in it
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
_LOCK = Statement(text("UPDATE broadcasts SET state = state WHERE id = :id AND state = 'running'"))
_RELEASED_TO = Scalar(text("SELECT released_to FROM firings WHERE id = :id AND ended_at IS NULL"), int)
_NEXT = Query(
    text("""
    SELECT person_id FROM recipients WHERE firing_id = :id AND left_out IS NULL AND person_id > :after
    ORDER BY person_id LIMIT :most
    """),
    Chosen,
)
_AHEAD = Statement(
    text("UPDATE firings SET released_to = :to, pace_from = :pace_from, pace_used = :pace_used WHERE id = :id")
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
_POSTS = {engine: Query(text(_POST.format(each=each)), Posted) for engine, each in _EACH.items()}
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


class Release:
    """Lets the next people of what runs go, for one clock process; keeps for a moment what it looked up."""

    def __init__(self, settings: Settings, *, paced: bool = True) -> None:
        self._settings, self._paced = settings, paced
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
                ready, people = self._of(tx, row, senders[row.text_class], few, now, on_trial)
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

    def _of(self, tx: Tx, row: Firing, sender: str, room: int, now: int, on_trial: bool) -> tuple[list[Ready], int]:
        """The next people of one firing, in order of id."""
        pace = _Pace.of(row, now) if self._paced else None
        most = min(room, pace.ready) if pace else room
        if most <= 0 or not tx.run(_LOCK, id=row.broadcast_id):
            return [], 0
        after = tx.value(_RELEASED_TO, id=row.id)  # read again under the lock: another clock may have been here
        if after is None:
            return [], 0
        people = [one.person_id for one in tx.all(_NEXT, id=row.id, after=after, most=most)]
        if not people:
            return [], 0
        try:
            verdicts = self._judge(tx, row, people, now, on_trial)
        except CannotDo as problem:  # the rule names what is no longer there
            control.pause(
                tx, row.broadcast_id, commune_id=row.commune_id, staff_id=None, now=now, why=str(problem)[:200]
            )
            return [], 0
        texted = sum(1 for verdict in verdicts.values() if verdict.wire and not verdict.later)
        began, used = pace.after(texted) if pace else (row.pace_from, row.pace_used)
        tx.run(_AHEAD, id=row.id, to=people[-1], pace_from=began, pace_used=used)
        if row.text_class == "advert" and not after and self._settings.advert_copy_to:
            trying.post_copy(tx, row, to=self._settings.advert_copy_to, now=now)
        return self._post(tx, row, [verdicts[person] for person in people], sender, now), len(people)

    def _judge(self, tx: Tx, row: Firing, people: Sequence[int], now: int, on_trial: bool) -> dict[int, Verdict]:
        asked = self._asked_of(tx, row, now)
        standing = audience.still(tx, asked, people)
        told = audience.told_lately(tx, asked, people)
        phones = {
            one.phone: identity.who(self._settings.privacy_key, one.phone) for one in standing.values() if one.phone
        }
        refused, texted = _refusals(tx, asked, phones.values()), _texted(tx, phones, now)
        taken = _taken(tx, row.id, phones.values())
        renderer = Renderer(tx, words_of(tx, row.words_id), now, row.event_id)
        seats = renderer.seats(people)
        found: dict[int, Verdict] = {}
        for person in people:
            one = standing.get(person)
            if one is None:
                found[person] = Verdict(person, skip=reasons.ERASED)
                continue
            phone = one.phone or ""
            who = phones.get(phone, "")
            why = self._against(one, who, refused, told, taken, on_trial)
            later = 0 if why else self._too_many(row, texted.get(phone), now)
            if later and row.not_after is not None and later > row.not_after:
                why = reasons.OVER_THE_CAP
            if why or later:
                found[person] = Verdict(person, phone, who, skip=why, later=0 if why else later)
                continue
            try:
                wire = renderer.text(one, seats.get(person), one.language, bool(one.marks))
            except EmptyField as lack:
                found[person] = Verdict(person, phone, who, skip=f"nothing for {{{lack}}}")
            else:
                found[person] = Verdict(person, phone, who, wire)
        return self._within_networks(tx, found, now)

    def _within_networks(self, tx: Tx, found: dict[int, Verdict], now: int) -> dict[int, Verdict]:
        """Texts beyond what a network may get in a second go a second later, where its rate is set."""
        moment, left = paces.now_us(), dict[str, int]()
        for person, verdict in found.items():
            by = network(verdict.phone)
            rate = self._settings.sms_network_rates.get(by)
            if rate is None or verdict.wire is None:
                continue
            name = f"net:{by}"
            if name not in left:
                left[name] = paces.ready(tx, name, rate, moment)[0]
            if left[name] <= 0:
                found[person] = Verdict(person, verdict.phone, verdict.who, later=now + SECOND_MS)
                continue
            left[name] -= 1
            paces.used(tx, name, rate, moment, 1)
        return found

    def _against(
        self,
        one: Standing,
        who: str,
        refused: Mapping[str, str],
        told: set[int],
        taken: Mapping[str, int],
        on_trial: bool,
    ) -> str:
        """The first reason against texting this person now."""
        if one.left_out and one.left_out != reasons.NO_CONSENT:
            return one.left_out
        if who in refused:
            return refused[who]
        if one.left_out:
            return one.left_out
        if taken.get(who, one.id) != one.id:
            return reasons.SAME_NUMBER
        if one.id in told:
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
        if kept is None or not now <= until <= now + ASKED_ANEW_MS:
            kept = planning.asked_of(tx, row, now=now, settings=self._settings, but=row.broadcast_id)
            self._asked[row.id] = (kept, now + ASKED_ANEW_MS)
        return kept

    def _post(self, tx: Tx, row: Firing, verdicts: Sequence[Verdict], sender: str, now: int) -> list[Ready]:
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
        return [
            Ready(ids[verdict.person_id], verdict.phone, verdict.wire.text, row.text_class, row.not_after)
            for verdict in verdicts
            if verdict.wire and not verdict.skip and not verdict.later
        ]

    def _written(self, row: Firing, verdict: Verdict, sender: str, now: int) -> dict[str, str | int | None]:
        """The message of one verdict, as a row of JSON."""
        wire, goes = verdict.wire, verdict.wire is not None and not verdict.later
        status = "SENDING" if goes else "QUEUED" if verdict.later else "SKIPPED"
        paid = price(self._settings.sms_prices, network(verdict.phone), row.text_class, wire.cost.parts) if wire else 0
        return {
            "person_id": verdict.person_id,
            "phone": verdict.phone,
            "status": status,
            "reason": verdict.skip[:80],
            "once": _once(row.id, verdict.who) if verdict.who and not verdict.skip else None,
            "not_before": verdict.later or now,
            "lease": now + LEASE_MS if goes else None,
            "ended_at": now if verdict.skip else None,
            "tries": 1 if goes else 0,
            "carrier": sender if goes else "",
            "text": wire.text if wire else "",
            "encoding": wire.cost.encoding if wire else "",
            "length": wire.cost.length if wire else 0,
            "parts": wire.cost.parts if wire else 0,
            "price": paid,
        }


def _within_hours(text_class: TextClass, now: int) -> bool:
    """Whether a text of this class may leave at this moment."""
    moment = from_ms(now)
    return to_ms(notices.goes_at("broadcast", text_class, moment, moment)) <= now


def _refusals(tx: Tx, asked: Asked, whos: Iterable[str]) -> dict[str, str]:
    """Of these numbers (by HMAC) those that refuse this class, each with the reason."""
    quoted = ", ".join(f"'{who}'" for who in whos)
    if not quoted:
        return {}
    as_what = audience.REFUSED[asked.text_class]
    found: dict[str, str] = {}
    for row in tx.all(Query(text(_REFUSALS.format(whos=quoted)), Refusal)):
        if row.what in as_what and found.get(row.who) != reasons.ERASED:
            found[row.who] = as_what[row.what]
    return found


def _texted(tx: Tx, phones: Mapping[str, str], now: int) -> dict[str, Texted]:
    """What each of these numbers had from us in the last 24 hours."""
    quoted = ", ".join(f"'{phone}'" for phone in phones)
    if not quoted:
        return {}
    found = tx.all(Query(text(_TEXTED.format(phones=quoted)), Texted), since=now - DAY_MS)
    return {row.phone: row for row in found}


def _once(firing_id: int, who: str) -> str:
    """What stands in `messages.once`: one number (by HMAC) has one text of a firing."""
    return f"cast:{firing_id}:{who}"


def _taken(tx: Tx, firing_id: int, whos: Iterable[str]) -> dict[str, int]:
    """Of these numbers (by HMAC) those that have a text of this firing already: under which person."""
    keys = {_once(firing_id, who): who for who in whos}
    quoted = ", ".join(f"'{key}'" for key in keys)
    if not quoted:
        return {}
    # A colon before a letter would be read as the name of a value.
    taken = Query(text(_ONCE.format(keys=quoted.replace(":", "\\:"))), Taken)
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
        span, many = row.pace_minutes * control.MINUTE_MS, row.pace_many
        began, used = row.pace_from, row.pace_used
        if began is None or now < began:
            began, used = now, 0
        earned = 1 + (now - began) * many // span
        burst = max(1, many // 4)
        if earned - used > burst:  # it could not send for a while: what was not used is not made up for all at once
            began, used, earned = now, 0, burst
        return _Pace(earned - used, began, used)

    def after(self, texted: int) -> tuple[int, int]:
        """What to keep once so many have gone."""
        return self.began, self.used + texted
