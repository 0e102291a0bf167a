"""Texts on their way: the only writers of a message's status.

    QUEUED -> CLAIMED (lease) -> SENDING (set just before the call) -> SENT -> DELIVERED
    | FAILED;  SKIPPED(reason)

A lapsed CLAIMED goes back to QUEUED. A lapsed SENDING becomes LOST: nobody knows
whether it went, so it is shown to staff and never sent again on a guess. What its
sender says later still counts: a text that was refused is FAILED then, not LOST.
DELIVERED, FAILED and SKIPPED are final.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import text

from db.models import WHO_WAITS
from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from menus.fitting import Cost
from menus.notices import KINDS, Class, Kind

NEWS: tuple[Class, int] = ("notice", 2)
LEASE_MS = 60_000
MINUTE_MS = 60_000
# then FAILED
RETRY_AFTER_MS = (
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    60 * MINUTE_MS,
    180 * MINUTE_MS,
)
# While a carrier cannot be reached, no text is given up within three days: it is the
# carrier's fault, not the text's.
PATIENT_TRIES = len(RETRY_AFTER_MS) + 3 * 24 // 3

NO_WORD = "no word from the sender"

Receipt = Literal["SENT", "DELIVERED", "FAILED"]


class Message(NamedTuple):
    """A text of the queue, ours until the lease lapses."""

    id: int
    commune_id: int
    phone: str  # E.164; empty once the person was erased
    booking_id: int | None
    revision: int | None  # of the booking, when the text was posted
    kind: Kind
    text_class: Class
    priority: int  # lower goes first
    not_after: int | None  # UTC ms
    tries: int  # with the one to come
    firing_id: int | None  # of a broadcast
    person_id: int | None  # of a broadcast: for whom it is
    words: str  # of a broadcast: `b` and which version of its words
    request_id: int | None  # what it answers
    opinion_id: int | None
    event_id: int | None  # that a guest is told about


class Subject(NamedTuple):
    """The booking a text speaks of, as it is now, for whoever reads it."""

    id: int
    status: str
    revision: int
    code: str
    until: int | None  # UTC ms
    coming_at: int | None  # UTC ms
    person_id: int
    starts_at: int  # UTC ms
    ends_at: int  # UTC ms
    hall: str
    hamlet_id: int | None  # of the hall; none: the commune's own
    language: str
    marks: bool
    reads: str | None  # the number it goes to by now, E.164
    places: int
    name: str  # who comes, where it is not the reader alone
    event_kind: str
    bring: str  # what the event asks to bring; empty: what the scheme does
    bring_en: str  # empty: as in Vietnamese


class Attempt(NamedTuple):
    sender: str
    outcome: str  # sent, or the name of a send error


# The columns of a queued text that is not of a broadcast; the one other place that
# fills them is `for_each`.
_QUEUED = """
    commune_id, direction, phone, booking_id, revision, kind, class, priority, status, once, made_at, not_before,
      not_after
"""
_POST = Scalar(
    text(f"""
    INSERT INTO messages ({_QUEUED}, request_id, opinion_id, event_id, person_id)
    VALUES (:commune_id, 'out', :phone, :booking_id, :revision, :kind, :class, :priority, 'QUEUED', :once,
      :now, :not_before, :not_after, :request_id, :opinion_id, CAST(:event_id AS BIGINT), CAST(:person_id AS BIGINT))
    ON CONFLICT (once) DO NOTHING
    RETURNING id
    """),
    int,
)
_POST_EACH = f"""
    INSERT INTO messages ({_QUEUED})
    SELECT {{commune}}, 'out', p.phone, {{booking}}, CAST(:kind AS VARCHAR), :class, CAST(:priority AS INTEGER),
      'QUEUED', {{once}}, CAST(:now AS BIGINT), CAST(:now AS BIGINT), {{not_after}}
    {{source}}
    ON CONFLICT (once) DO NOTHING
"""
# On PostgreSQL many clocks share the queue: rows another one is claiming are passed
# over.
_CLAIM = """
    UPDATE messages SET status = 'CLAIMED', lease_until = :lease, tries = tries + 1
    WHERE id IN (
      SELECT id FROM messages WHERE status = 'QUEUED' AND not_before <= :now
      ORDER BY priority, not_before, id LIMIT :most {lock})
    RETURNING id, commune_id, phone, booking_id, revision, kind, class AS text_class, priority, not_after, tries,
      firing_id, person_id, words, request_id, opinion_id, event_id
"""
_CLAIMS = {
    "sqlite": Query(text(_CLAIM.format(lock="")), Message),
    "postgresql": Query(text(_CLAIM.format(lock="FOR UPDATE SKIP LOCKED")), Message),
}
_LATELY = Scalar(
    text("""
    SELECT COUNT(*)
    FROM messages
    WHERE phone = :phone AND direction = 'out' AND kind <> 'reply'
      AND status IN ('SENDING', 'SENT', 'DELIVERED', 'LOST') AND COALESCE(sent_at, made_at) > :since
    """),
    int,
)
# For whoever reads it: their own name is left out, and a guest is told of their own
# seat alone.
_SUBJECT = Query(
    text(f"""
    SELECT b.id, b.status, b.revision, b.code, b.until, b.coming_at, b.person_id, s.starts_at, s.ends_at,
      h.name AS hall, h.hamlet_id, r.language, r.marks, r.phone AS reads,
      CASE WHEN b.party_id IS NULL OR r.id <> b.booker_id OR b.status IN ('waiting', 'offered') THEN b.places
        ELSE (SELECT COUNT(*) FROM bookings o WHERE o.party_id = b.party_id AND o.status = b.status) END AS places,
      CASE WHEN b.person_id <> r.id THEN (SELECT name FROM people WHERE id = b.person_id)
        WHEN b.places = 1 AND b.status IN ('waiting', 'offered', 'unserved') THEN COALESCE(({WHO_WAITS}), '')
        ELSE '' END AS name,
      e.kind AS event_kind, e.bring, e.bring_en
    FROM bookings b
    JOIN slots s ON s.id = b.slot_id
    JOIN events e ON e.id = s.event_id
    JOIN halls h ON h.id = e.hall_id
    JOIN people r ON r.id = COALESCE(
      (SELECT id FROM people WHERE phone = :phone AND id = b.person_id), b.booker_id)
    WHERE b.id = :booking_id
    """),
    Subject,
)
_SEND = Scalar(
    text("""
    UPDATE messages
    SET status = 'SENDING', carrier = :sender, text = :text, encoding = :encoding, length = :length, parts = :parts,
      price = :price, words = :words, lease_until = :lease
    WHERE id = :id AND status = 'CLAIMED'
    RETURNING id
    """),
    int,
)
_SENT = Statement(
    text("""
    UPDATE messages
    SET status = 'SENT', sent_at = :now, lease_until = NULL,
      carrier_id = COALESCE(carrier_id, CAST(:provider_id AS VARCHAR))
    WHERE id = :id AND status IN ('SENDING', 'LOST')
    """)
)
_BACK = Statement(
    text("""
    UPDATE messages SET status = 'QUEUED', lease_until = NULL, not_before = :not_before, reason = :reason
    WHERE id = :id AND status IN ('CLAIMED', 'SENDING')
    """)
)
_WAIT = Statement(
    text("""
    UPDATE messages SET status = 'QUEUED', lease_until = NULL, not_before = :not_before, tries = tries - 1
    WHERE id = :id AND status = 'CLAIMED'
    """)
)
_TAKE_BACK = Statement(
    text("""
    UPDATE messages SET status = 'QUEUED', lease_until = NULL, not_before = :now, tries = tries - 1
    WHERE id = :id AND status = 'SENDING' AND lease_until = :leased_until
    """)
)
_OPEN_STILL = Scalar(
    text("""
    SELECT 1
    FROM messages
    WHERE id = :id AND tries = :tries AND status IN ('SENDING', 'LOST')
    """),
    int,
)
_ONWARD = Scalar(
    text("""
    UPDATE messages SET carrier = :sender, lease_until = :lease
    WHERE id = :id AND status = 'SENDING'
    RETURNING id
    """),
    int,
)
_END = Statement(
    text("""
    UPDATE messages SET status = :status, reason = :reason, lease_until = NULL, ended_at = :now
    WHERE id = :id AND status IN ('CLAIMED', 'SENDING')
    """)
)
# Whoever has the number next has not had this text.
_NUMBER_IS_FREE = Statement(
    text("""
    UPDATE messages SET once = NULL
    WHERE id = :id AND firing_id IS NOT NULL
    """)
)
# Another clock, whose time is ahead, took its lease for lapsed, and now its sender has
# a word after all.
_LATE_WORD = Statement(
    text(f"""
    UPDATE messages SET status = 'FAILED', reason = :reason, ended_at = :now
    WHERE id = :id AND status = 'LOST' AND reason = '{NO_WORD}'
    """)
)
# A person's number changed. What is already claimed holds the old one in hand, and is
# looked at again before it goes.
_REDIRECT = Statement(
    text("""
    UPDATE messages SET phone = :to
    WHERE phone = :phone AND direction = 'out' AND status = 'QUEUED'
    """)
)
_DROP = Statement(
    text("""
    UPDATE messages
    SET status = 'SKIPPED', reason = :reason, ended_at = :now, once = CASE WHEN firing_id IS NULL THEN once END
    WHERE phone = :phone AND direction = 'out' AND status = 'QUEUED'
    """)
)
_DROP_BROADCAST = Statement(
    text("""
    UPDATE messages SET status = 'SKIPPED', reason = :reason, ended_at = :now
    WHERE direction = 'out' AND status = 'QUEUED' AND firing_id IS NOT NULL
      AND firing_id IN (SELECT id FROM firings WHERE broadcast_id = :broadcast_id)
    """)
)
_DROP_REQUEST = Statement(
    text("""
    UPDATE messages SET status = 'SKIPPED', reason = :reason, ended_at = :now
    WHERE request_id = :request_id AND direction = 'out' AND status = 'QUEUED'
    """)
)
_DROP_EVENT = Statement(
    text("""
    UPDATE messages SET status = 'SKIPPED', reason = :reason, ended_at = :now
    WHERE event_id = :event_id AND direction = 'out' AND status = 'QUEUED'
    """)
)
_PUT_OFF = Scalar(
    text("""
    UPDATE messages SET not_before = :not_before
    WHERE once = :once AND direction = 'out' AND status = 'QUEUED'
    RETURNING id
    """),
    int,
)
_ATTEMPT = Statement(
    text("""
    INSERT INTO attempts (message_id, sender, at, outcome, detail)
    VALUES (:id, :sender, :now, :outcome, :detail)
    """)
)
_LAST_ATTEMPT = Query(
    text("""
    SELECT sender, outcome
    FROM attempts
    WHERE message_id = :id
    ORDER BY id DESC
    LIMIT 1
    """),
    Attempt,
)
_RECEIVE = Statement(
    text("""
    UPDATE messages
    SET status = :status, reason = :reason, lease_until = NULL, sent_at = COALESCE(sent_at, :now),
      ended_at = CASE WHEN :final = 1 THEN :now ELSE ended_at END
    WHERE id = :id AND direction = 'out' AND status IN ('SENDING', 'LOST', 'SENT')
    """)
)
_LAPSED = Statement(
    text(f"""
    UPDATE messages
    SET status = CASE status WHEN 'CLAIMED' THEN 'QUEUED' ELSE 'LOST' END,
      reason = CASE status WHEN 'CLAIMED' THEN reason ELSE '{NO_WORD}' END, lease_until = NULL
    WHERE status IN ('CLAIMED', 'SENDING') AND lease_until < :now
    """)
)


def post(
    tx: Tx,
    *,
    kind: Kind,
    commune_id: int,
    phone: str,
    now: int,
    booking_id: int | None = None,
    revision: int | None = None,
    once: str | None = None,
    not_before: int | None = None,
    not_after: int | None = None,
    courteous: bool = False,
    request_id: int | None = None,
    opinion_id: int | None = None,
    event_id: int | None = None,
    person_id: int | None = None,
) -> int | None:
    """Queue one text: what to say about which booking, or to which guest of which
    event, not the words. Instants are UTC ms. What answers whoever acted is news to the
    others, and to whomever staff acted for: `courteous` has it keep the hours, and
    their refusals.

    The id, or None when `once` was posted before. The row commits with whatever else
    `tx` does.
    """
    text_class, priority = KINDS[kind]
    if courteous and text_class == "reply":
        text_class, priority = NEWS
    values = {
        "kind": kind,
        "commune_id": commune_id,
        "phone": phone,
        "now": now,
        "booking_id": booking_id,
        "revision": revision,
        "once": once,
        "not_before": now if not_before is None else not_before,
        "not_after": not_after,
        "class": text_class,
        "priority": priority,
        "request_id": request_id,
        "opinion_id": opinion_id,
        "event_id": event_id,
        "person_id": person_id,
    }
    return tx.value(_POST, **values)


def for_each(
    source: str,
    *,
    once: str,
    not_after: str,
    booking: str = "b.id, b.revision",
    commune: str = "e.commune_id",
) -> str:
    """SQL that queues one text for each row of `source` (a FROM clause with `p`, the
    person whose phone it goes to).

    The others are SQL expressions over that row, `booking` its id and revision. It
    binds `now` (UTC ms) and what `of_kind` gives.
    """
    return _POST_EACH.format(
        source=source, once=once, not_after=not_after, booking=booking, commune=commune
    )


def of_kind(kind: Kind) -> dict[str, object]:
    """What a statement of `for_each` binds for texts of this kind."""
    text_class, priority = KINDS[kind]
    return {"kind": kind, "class": text_class, "priority": priority}


def claim(tx: Tx, *, now: int, most: int) -> list[Message]:
    """Take up to `most` texts that are due, the most urgent first; they are ours until
    the lease lapses.
    """
    rows = tx.all(_CLAIMS[tx.dialect.name], now=now, lease=now + LEASE_MS, most=most)
    return sorted(rows, key=lambda row: (row.priority, row.id))


def texts_lately(tx: Tx, phone: str, since: int) -> int:
    """How many texts that we started left for this number (E.164) since then (UTC ms)."""
    return tx.value(_LATELY, phone=phone, since=since) or 0


def subject(tx: Tx, booking_id: int, phone: str) -> Subject | None:
    """The booking a text speaks of, as it is now, for whoever reads it on this phone."""
    return tx.one(_SUBJECT, booking_id=booking_id, phone=phone)


def record_sending(
    tx: Tx,
    message_id: int,
    *,
    sender: str,
    text: str,
    cost: Cost,
    price: int,
    words: str,
    now: int,
) -> bool:
    """Just before the call: the proof of what goes out. False when the lease was lost
    meanwhile: do not send.
    """
    ours = tx.value(
        _SEND,
        id=message_id,
        sender=sender,
        text=text,
        encoding=cost.encoding,
        length=cost.length,
        parts=cost.parts,
        price=price,
        words=words,
        lease=now + LEASE_MS,
    )
    return ours is not None


def record_sent(
    tx: Tx, message_id: int, *, sender: str, provider_id: str | None, now: int
) -> None:
    """The carrier took it. A receipt may have come before this: then it stays as the
    receipt said.
    """
    _attempt(tx, message_id, sender, now, "sent", "")
    tx.run(_SENT, id=message_id, provider_id=provider_id, now=now)


def record_all_sent(
    tx: Tx, sent: Sequence[tuple[int, str, str | None]], *, now: int
) -> None:
    """The same of many at once: message id, sender, provider's id."""
    attempts = []
    messages = []
    for message_id, sender, provider_id in sent:
        attempts.append(
            {
                "id": message_id,
                "sender": sender,
                "now": now,
                "outcome": "sent",
                "detail": "",
            }
        )
        messages.append({"id": message_id, "provider_id": provider_id, "now": now})
    tx.many(_ATTEMPT, attempts)
    tx.many(_SENT, messages)


def record_refused(
    tx: Tx,
    message_id: int,
    *,
    sender: str,
    tries: int,
    now: int,
    outcome: str,
    detail: str,
) -> None:
    """Surely not sent, and worth another try: back in the queue with a growing delay,
    FAILED after the last.

    Uncertain comes here from senders for whom a repeat is safe; after the last try it
    is LOST.
    """
    _attempt(tx, message_id, sender, now, outcome, detail)
    is_uncertain = outcome == "Uncertain"
    most = PATIENT_TRIES if outcome == "Unreachable" else len(RETRY_AFTER_MS)
    if tries > most:
        status = "LOST" if is_uncertain else "FAILED"
        was_ours = _end(tx, message_id, status, outcome, now)
    else:
        step = min(tries, len(RETRY_AFTER_MS)) - 1
        later = now + RETRY_AFTER_MS[step]
        was_ours = tx.run(_BACK, id=message_id, not_before=later, reason=outcome) > 0
    if not was_ours and not is_uncertain:
        _late_word(tx, message_id, outcome, now)


def hand_on(
    tx: Tx,
    message_id: int,
    *,
    sender: str,
    to: str,
    now: int,
    outcome: str,
    detail: str,
) -> bool:
    """Surely refused by one sender, to be tried by the next at once. False when it is
    no longer ours: do not send.
    """
    _attempt(tx, message_id, sender, now, outcome, detail)
    ours = tx.value(_ONWARD, id=message_id, sender=to, lease=now + LEASE_MS)
    if ours is None:
        _late_word(tx, message_id, outcome, now)
        return False
    return True


def record_failed(
    tx: Tx, message_id: int, *, sender: str, now: int, outcome: str, detail: str
) -> None:
    """Refused for good: a bad number, a block, a rejected text."""
    _attempt(tx, message_id, sender, now, outcome, detail)
    was_ours = _end(tx, message_id, "FAILED", outcome, now)
    if not was_ours:
        _late_word(tx, message_id, outcome, now)


def record_lost(tx: Tx, message_id: int, *, sender: str, now: int, detail: str) -> None:
    """The request was written and no answer came: it may have gone. Staff see it;
    nobody guesses.
    """
    _attempt(tx, message_id, sender, now, "Uncertain", detail)
    _end(tx, message_id, "LOST", "no answer from the carrier", now)


def record_skipped(tx: Tx, message_id: int, *, reason: str, now: int) -> None:
    """Not sent, on purpose: moved, cancelled, too late, opted out."""
    if _end(tx, message_id, "SKIPPED", reason, now):
        tx.run(_NUMBER_IS_FREE, id=message_id)


def put_back(tx: Tx, message_id: int, *, not_before: int, reason: str) -> None:
    """Not now (quiet hours): due again at `not_before`, UTC ms."""
    tx.run(_BACK, id=message_id, not_before=not_before, reason=reason)


def take_back(tx: Tx, message_id: int, *, leased_until: int, now: int) -> None:
    """It was marked as being handed over and surely was not: due again `now` (UTC ms),
    and no try is counted.

    `leased_until` (UTC ms) tells it from a text that somebody else took since.
    """
    tx.run(_TAKE_BACK, id=message_id, leased_until=leased_until, now=now)


def open_still(tx: Tx, calls: Sequence[tuple[int, int]]) -> set[int]:
    """Of these calls (message id, which try) those of whose outcome nothing is kept
    yet.
    """
    still = set()
    for message_id, tries in calls:
        if tx.value(_OPEN_STILL, id=message_id, tries=tries) is not None:
            still.add(message_id)
    return still


def drop_broadcast(tx: Tx, broadcast_id: int, *, reason: str, now: int) -> int:
    """Texts of a broadcast that were put off are not sent any more; how many. `now` is
    UTC ms.
    """
    return tx.run(_DROP_BROADCAST, broadcast_id=broadcast_id, reason=reason, now=now)


def drop_request(tx: Tx, request_id: int, *, reason: str, now: int) -> bool:
    """That a request ended is not said any more, where it has not gone out yet. `now`
    is UTC ms.
    """
    return tx.run(_DROP_REQUEST, request_id=request_id, reason=reason, now=now) > 0


def drop_event(tx: Tx, event_id: int, *, reason: str, now: int) -> int:
    """What its guests were still to be told is not said any more; how many texts. `now`
    is UTC ms.
    """
    return tx.run(_DROP_EVENT, event_id=event_id, reason=reason, now=now)


def last_attempt(tx: Tx, message_id: int) -> Attempt | None:
    """Who was asked last, and what came of it."""
    return tx.one(_LAST_ATTEMPT, id=message_id)


def wait(tx: Tx, message_id: int, *, not_before: int) -> None:
    """No sender is well: due again at `not_before` (UTC ms), and no try is counted, for
    nobody was asked.
    """
    tx.run(_WAIT, id=message_id, not_before=not_before)


def put_off(tx: Tx, once: str, *, not_before: int) -> int | None:
    """A text that waits under this key goes no sooner than then (UTC ms); its id, or
    None where none waits. No clock takes it before `tx` ends.
    """
    return tx.value(_PUT_OFF, once=once, not_before=not_before)


def redirect(tx: Tx, phone: str, to: str) -> None:
    """What waits for one number goes to another, both E.164: its holder has a new one."""
    tx.run(_REDIRECT, phone=phone, to=to)


def drop(tx: Tx, phone: str, *, reason: str, now: int) -> None:
    """What waits for this number is not sent."""
    tx.run(_DROP, phone=phone, reason=reason, now=now)


def record_receipt(
    tx: Tx, message_id: int, *, status: Receipt, reason: str, now: int
) -> bool:
    """What the carrier reports later, or earlier than `record_sent`. False when there
    was nothing to move forward.
    """
    final = int(status != "SENT")
    return (
        tx.run(
            _RECEIVE,
            id=message_id,
            status=status,
            reason=reason[:80],
            now=now,
            final=final,
        )
        > 0
    )


def free_lapsed(tx: Tx, *, now: int) -> int:
    """Leases whose holder died: CLAIMED goes back to the queue, SENDING becomes LOST."""
    return tx.run(_LAPSED, now=now)


def _attempt(
    tx: Tx, message_id: int, sender: str, now: int, outcome: str, detail: str
) -> None:
    tx.run(
        _ATTEMPT,
        id=message_id,
        sender=sender,
        now=now,
        outcome=outcome,
        detail=detail[:200],
    )


def _late_word(tx: Tx, message_id: int, outcome: str, now: int) -> None:
    tx.run(_LATE_WORD, id=message_id, reason=outcome, now=now)


def _end(tx: Tx, message_id: int, status: str, reason: str, now: int) -> bool:
    """False when it is no longer ours."""
    return tx.run(_END, id=message_id, status=status, reason=reason[:80], now=now) > 0
