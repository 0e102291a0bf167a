"""Retention: let go of what need not be kept any longer."""

from __future__ import annotations

from sqlalchemy import text

from db.models import UNREAD
from db.privacy import erasure
from db.requests import forgetting
from db.store.engine import Tx
from db.store.statements import Scalar, Statement

HOUR = 3_600_000
DAY = 24 * HOUR
SESSIONS_KEPT = DAY
TEXTS_IN_KEPT = 30 * DAY
# sending records; consents and refusals from their end: at least a year
PROOF_KEPT = 366 * DAY
SIGN_INS_KEPT = DAY
# a form sent once more later than that is meant
SENT_FORMS_KEPT = 7 * DAY
# a stranger's text that nobody has read yet: it came on a Friday, or before Tết
ANSWER_OWED = 10 * DAY

# Whoever kept a seat and never agreed to anything is forgotten like the call itself.
_HELD_LONG_AGO = "SELECT id FROM bookings WHERE status = 'held' AND until < :before"
_NOTHING_KEPT = """
      NOT EXISTS (SELECT 1 FROM consents c WHERE c.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = people.id OR b.booker_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM attendances c WHERE c.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM opinions o WHERE o.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM businesses b WHERE b.owner_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM parents a WHERE a.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM round_homes r WHERE r.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM app_answers a WHERE a.person_id = people.id)
"""

# A number that was given for a school's notices alone, the last of which was refused
# long ago.
_ONLY_A_PARENT = """
    id IN (SELECT a.person_id FROM parents a WHERE a.withdrawn_at < :before) AND phone IS NOT NULL AND name = ''
      AND NOT EXISTS (SELECT 1 FROM parents a
        WHERE a.person_id = people.id AND (a.withdrawn_at IS NULL OR a.withdrawn_at >= :before))
      AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.person_id = people.id AND c.withdrawn_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = people.id OR b.booker_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.person_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM conversions c WHERE c.subject_id = people.id)
      AND NOT EXISTS (SELECT 1 FROM businesses b WHERE b.owner_id = people.id)
"""
_NEVER_AGREED = f"""
    FROM people
    WHERE origin = 'self' AND made_at < :before AND made_at >= :before - {31 * DAY} AND {_NOTHING_KEPT}
      AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.person_id = people.id)
"""
# Whoever only said something: once that is let go of their row names nobody, the trail
# of who looked at it stays.
_ONLY_SAID = Scalar(
    text(
        f"SELECT id FROM people WHERE id = :person_id AND origin = 'self' AND {_NOTHING_KEPT}"
    ),
    int,
)

# What fell due in the last month, by the index on `made_at`: the sweep costs the same
# however old the service is.
_LATELY_DUE = f"made_at < :before AND made_at >= :before - {31 * DAY}"
_RETENTION = {
    "sessions": (
        SESSIONS_KEPT,
        Statement(text("DELETE FROM sessions WHERE at < :before")),
    ),
    "held_texts": (
        SESSIONS_KEPT,
        Statement(
            text(
                f"UPDATE messages SET booking_id = NULL WHERE booking_id IN ({_HELD_LONG_AGO})"
            )
        ),
    ),
    "holds": (
        SESSIONS_KEPT,
        Statement(text(f"DELETE FROM bookings WHERE id IN ({_HELD_LONG_AGO})")),
    ),
    "never_agreed": (SESSIONS_KEPT, Statement(text(f"DELETE {_NEVER_AGREED}"))),
    "strangers": (  # of a known person's number it is a sending record
        SESSIONS_KEPT,
        Statement(
            text(f"""
            UPDATE messages SET phone = '', text = ''
            WHERE {_LATELY_DUE} AND phone <> ''
              AND booking_id IS NULL AND NOT (direction = 'out' AND firing_id IS NOT NULL)
              AND (understood IS NULL OR NOT ({UNREAD} AND made_at >= :before - {ANSWER_OWED - SESSIONS_KEPT}))
              AND NOT EXISTS (SELECT 1 FROM people p WHERE p.phone = messages.phone)
            """)
        ),
    ),
    "texts_in": (
        TEXTS_IN_KEPT,
        Statement(
            text(
                f"UPDATE messages SET text = '' WHERE direction = 'in' AND {_LATELY_DUE} AND text <> ''"
            )
        ),
    ),
    # what was wanted stays for training; what one person was told goes with their text
    "lessons": (
        TEXTS_IN_KEPT,
        Statement(
            text("UPDATE lessons SET answer = '' WHERE at < :before AND answer <> ''")
        ),
    ),
    "messages": (
        PROOF_KEPT,
        Statement(
            text(
                f"UPDATE messages SET phone = '', text = '' WHERE {_LATELY_DUE} AND phone <> ''"
            )
        ),
    ),
    # The proof of a consent, of a refusal, counts from the end of what it allows or
    # forbids, not from its own day.
    "consents": (
        PROOF_KEPT,
        Statement(
            text(
                "UPDATE consents SET answer = '' WHERE withdrawn_at < :before AND answer <> ''"
            )
        ),
    ),
    "only_parents": (
        PROOF_KEPT,
        Statement(
            text(f"UPDATE people SET phone = NULL, who = NULL WHERE {_ONLY_A_PARENT}")
        ),
    ),
    "parents": (
        PROOF_KEPT,
        Statement(text("DELETE FROM parents WHERE withdrawn_at < :before")),
    ),
    # Who went to whose house is work done, not a record of a life: after a year it is
    # let go.
    "visits": (
        PROOF_KEPT,
        Statement(
            text("DELETE FROM visits WHERE at < :before AND business_id IS NULL")
        ),
    ),
    "round_homes": (
        PROOF_KEPT,
        Statement(
            text("""
            DELETE FROM round_homes
            WHERE event_id IN (SELECT s.event_id FROM slots s GROUP BY s.event_id HAVING MAX(s.ends_at) < :before)
            """)
        ),
    ),
    "wishes": (
        PROOF_KEPT,
        Statement(text("DELETE FROM wishes WHERE ended_at < :before")),
    ),
    "sign_ins": (
        SIGN_INS_KEPT,
        Statement(text("DELETE FROM sign_ins WHERE at < :before")),
    ),
    "sent_forms": (
        SENT_FORMS_KEPT,
        Statement(text("DELETE FROM sent_forms WHERE at < :before")),
    ),
}


def let_go(tx: Tx, now: int) -> dict[str, int]:
    """Let go of what is older than it may be; how many rows of each. Safe to run as
    often as one likes.
    """
    gone = {}
    for name, (kept, statement) in _RETENTION.items():
        gone[name] = tx.run(statement, before=now - kept)
    gone["requests"] = forgetting.let_go_of_words(tx, now - PROOF_KEPT)
    gone["opinions"] = _let_go_of_opinions(tx, now)
    return gone


def _let_go_of_opinions(tx: Tx, now: int) -> int:
    """How many; with them goes the name of whoever only gave one."""
    opinions = forgetting.let_go_of_opinions(tx, now)
    for opinion in opinions:
        only_said = tx.value(_ONLY_SAID, person_id=opinion.person_id)
        if only_said is not None:
            erasure.strip(tx, only_said, now)
    return len(opinions)
