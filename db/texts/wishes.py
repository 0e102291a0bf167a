"""The register of wishes: who agreed to what, refused it, took that back, and how it
was confirmed.

A line is appended and never changed, but for `ended_at`, set once: when what it allows
or forbids ended. It is kept until a year beyond that (db/privacy/retention.py), so it
outlives START, an erasure and the blanking of texts. It names nobody: the number as its
HMAC, the words masked (db/texts/masking.py). The database itself refuses any other
change.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import text

from db.store.engine import Tx
from db.store.statements import Query, Scalar, Statement
from db.texts.masking import masked

Act = Literal["agreed", "refused", "took_back", "confirmed", "asked"]
# these say something of a number, not of whoever has it
_OF_THE_NUMBER = (
    "dnc",
    "erased",
)
ADVERT = "advert"  # the purpose of a consent to adverts, and the refusal of them


class Heard(NamedTuple):
    """How a wish reached us: by which way, in which words, by which text
    (`messages.id`), and whose row it is.
    """

    channel: str = ""
    words: str = ""
    person_id: int | None = None
    message_id: int | None = None


UNHEARD = Heard()  # staff, a list, a command


class Wish(NamedTuple):
    """A line that has not ended."""

    id: int
    act: Act
    what: str
    words: str  # masked
    channel: str
    prompt: str
    at: int  # UTC ms
    message_id: int | None
    confirms: int | None  # of a confirmation: which line


class Consent(NamedTuple):
    purpose: str
    prompt: str
    channel: str
    answer: str  # as it was sent
    at: int  # UTC ms
    withdrawn_at: int | None  # UTC ms


_NOTE = Scalar(
    text("""
    INSERT INTO wishes (who, act, what, words, channel, prompt, at, message_id, confirms, ended_at)
    VALUES (:who, :act, :what, :words, :channel, :prompt, :at, :message_id, :confirms, :ended_at)
    ON CONFLICT DO NOTHING
    RETURNING id
    """),
    int,
)
_CONSENT = Statement(
    text("""
    INSERT INTO consents (person_id, purpose, prompt, channel, answer, at)
    VALUES (:person_id, :purpose, :prompt, :channel, :answer, :now)
    """)
)
_WITHDRAW = Statement(
    text("""
    UPDATE consents SET withdrawn_at = :now
    WHERE person_id = :person_id AND purpose = :purpose AND withdrawn_at IS NULL
    """)
)
_FORGET = Statement(
    text("""
    UPDATE consents SET answer = '', withdrawn_at = COALESCE(withdrawn_at, :now)
    WHERE person_id = :person_id
    """)
)
_NAME_OF = Scalar(text("SELECT name FROM people WHERE id = :person_id"), str)
# A confirmation ends with what it confirms.
_OPEN = "w.who = :who AND w.ended_at IS NULL AND w.act = :act AND (w.what = :what OR :what = '')"
_END = Statement(
    text(f"""
    UPDATE wishes SET ended_at = :now
    WHERE who = :who AND ended_at IS NULL
      AND (id IN (SELECT w.id FROM wishes w WHERE {_OPEN}) OR confirms IN (SELECT w.id FROM wishes w WHERE {_OPEN}))
    """)
)
_CONFIRM = Statement(
    text("""
    INSERT INTO wishes (who, act, what, words, channel, prompt, at, message_id, confirms, ended_at)
    SELECT who, 'confirmed', what, '', channel, '', CAST(:now AS BIGINT), CAST(:message_id AS BIGINT), id, ended_at
    FROM wishes
    WHERE id = :wish_id
    """)
)
_CONFIRM_ALL = Statement(
    text("""
    INSERT INTO wishes (who, act, what, words, channel, prompt, at, message_id, confirms, ended_at)
    SELECT who, 'confirmed', what, '', channel, '', CAST(:now AS BIGINT), CAST(:answer_id AS BIGINT), id, ended_at
    FROM wishes
    WHERE message_id = :text_id AND act <> 'confirmed'
    """)
)
_CONFIRM_ON_SCREEN = Statement(
    text("""
    INSERT INTO wishes (who, act, what, words, channel, prompt, at, message_id, confirms, ended_at)
    SELECT who, 'confirmed', what, '', channel, '', CAST(:now AS BIGINT), NULL, id, ended_at
    FROM wishes w
    WHERE who = :who AND at = :now AND act <> 'confirmed'
      AND NOT EXISTS (SELECT 1 FROM wishes c WHERE c.confirms = w.id)
    """)
)
_STANDING = Query(
    text("""
    SELECT id, act, what, words, channel, prompt, at, message_id, confirms
    FROM wishes
    WHERE who = :who AND ended_at IS NULL
    ORDER BY id
    """),
    Wish,
)
_NOT_IN_REGISTER = Query(
    text("""
    SELECT purpose, prompt, channel, answer, at, withdrawn_at
    FROM consents c
    WHERE person_id = :person_id AND NOT EXISTS (
      SELECT 1 FROM wishes w WHERE w.who = :who AND w.act = 'agreed' AND w.what = c.purpose AND w.at = c.at)
    ORDER BY id
    """),
    Consent,
)
_ASKED = Scalar(text("SELECT 1 FROM wishes WHERE who = :who AND act = 'asked'"), int)
_DECIDED = Scalar(
    text("""
    SELECT 1
    FROM wishes
    WHERE who = :who AND act IN ('agreed', 'refused') AND what IN ('advert', 'all') AND at >= :since
    LIMIT 1
    """),
    int,
)
_AGREED_ONCE = Scalar(
    text("""
    SELECT 1
    FROM wishes
    WHERE who = :who AND act = 'agreed' AND what = :purpose
    LIMIT 1
    """),
    int,
)
# Whatever became of it since. A refusal taken back stands as that, after its own line
# is gone; and an erasure is a refusal of everything.
_SPOKE = Scalar(
    text("""
    SELECT 1
    FROM wishes
    WHERE who = :who AND (act = 'asked'
      OR (act = 'agreed' AND what = 'advert')
      OR (act IN ('refused', 'took_back') AND what IN ('advert', 'all', 'erased', 'dnc')))
    UNION ALL
    SELECT 1
    FROM consents
    WHERE person_id = :person_id AND purpose = 'advert'
    LIMIT 1
    """),
    int,
)
_AGREES = Scalar(
    text("""
    SELECT 1
    FROM consents
    WHERE person_id = :person_id AND purpose = :purpose AND withdrawn_at IS NULL
    LIMIT 1
    """),
    int,
)


def note(
    tx: Tx,
    who: str,
    act: Act,
    what: str,
    now: int,
    heard: Heard = UNHEARD,
    prompt: str = "",
) -> int | None:
    """Append a line; its id. None for a second `asked` of the same number. `who` is an
    HMAC, `now` UTC ms.
    """
    return tx.value(
        _NOTE,
        who=who,
        act=act,
        what=what,
        words=_masked(tx, heard.words, heard.person_id),
        channel=heard.channel,
        prompt=prompt,
        at=now,
        message_id=heard.message_id,
        confirms=None,
        ended_at=None,
    )


def _masked(tx: Tx, words: str, person_id: int | None) -> str:
    has_letters = any(mark.isalpha() for mark in words)
    if person_id is None or not has_letters:
        return masked(words)
    name = tx.value(_NAME_OF, person_id=person_id)
    return masked(words, [name or ""])


def agreed(
    tx: Tx,
    *,
    who: str,
    person_id: int,
    purpose: str,
    prompt: str,
    channel: str,
    answer: str,
    now: int,
    message_id: int | None = None,
) -> int:
    """A consent and its line: which prompt, by which way, the answer as it was sent
    (cut at 200 characters), when.

    The line's id.
    """
    answer = answer[:200]
    tx.run(
        _CONSENT,
        person_id=person_id,
        purpose=purpose,
        prompt=prompt,
        channel=channel,
        answer=answer,
        now=now,
    )
    heard = Heard(channel, answer, person_id, message_id)
    line = note(tx, who, "agreed", purpose, now, heard, prompt)
    assert line is not None  # only `asked` is unique
    return line


def agrees(tx: Tx, person_id: int, purpose: str) -> bool:
    """Does a consent for this purpose stand?"""
    return tx.value(_AGREES, person_id=person_id, purpose=purpose) is not None


def withdrew_adverts(tx: Tx, who: str, person_id: int | None) -> bool:
    """Whether adverts were agreed to once, and are no more."""
    if person_id is not None and agrees(tx, person_id, ADVERT):
        return False
    return tx.value(_AGREED_ONCE, who=who, purpose=ADVERT) is not None


def withdraw(tx: Tx, who: str, person_id: int | None, purpose: str, now: int) -> None:
    """The consents for this purpose are no more; their proof is kept for a year from
    now.
    """
    if person_id is not None:
        tx.run(_WITHDRAW, person_id=person_id, purpose=purpose, now=now)
    end(tx, who, "agreed", purpose, now)


def end(tx: Tx, who: str, act: Act, what: str, now: int) -> None:
    """What these lines allowed or forbade ended; `what` empty: whatever it was."""
    tx.run(_END, who=who, act=act, what=what, now=now)


def confirmed(tx: Tx, wish_id: int, message_id: int | None, now: int) -> None:
    """The text `message_id` confirms this line."""
    tx.run(_CONFIRM, wish_id=wish_id, message_id=message_id, now=now)


def confirmed_by_answer(tx: Tx, text_id: int, answer_id: int, now: int) -> None:
    """The answer to a text confirms whatever was wished in it."""
    tx.run(_CONFIRM_ALL, text_id=text_id, answer_id=answer_id, now=now)


def confirmed_on_screen(tx: Tx, who: str, now: int) -> None:
    """The screen of a call confirms whatever was wished in this very turn and is not
    confirmed by a text.
    """
    tx.run(_CONFIRM_ON_SCREEN, who=who, now=now)


def was_asked(tx: Tx, who: str) -> bool:
    """Whether this number was ever asked to agree to adverts."""
    return tx.value(_ASKED, who=who) is not None


def decided_on_adverts(tx: Tx, who: str, *, since: int) -> bool:
    """Whether a yes or a no to adverts, or a full stop, came from this number since
    then (UTC ms).
    """
    return tx.value(_DECIDED, who=who, since=since) is not None


def spoke_of_adverts(tx: Tx, who: str, person_id: int) -> bool:
    """Whether this number, or this person, was ever asked about adverts, agreed to them
    or refused them.

    What START took back and what ended counts as well.
    """
    return tx.value(_SPOKE, who=who, person_id=person_id) is not None


def erased(tx: Tx, who: str, person_id: int, now: int) -> None:
    """The person is erased: their consents end, the answers go, and the register keeps
    the proof for a year.

    A consent older than the register gets its line now. Refusals stand, as an erasure
    is one itself.
    """
    for old in tx.all(_NOT_IN_REGISTER, person_id=person_id, who=who):
        ended_at = old.withdrawn_at
        if ended_at is None:
            ended_at = now
        tx.run(
            _NOTE,
            who=who,
            act="agreed",
            what=old.purpose,
            words=_masked(tx, old.answer, person_id),
            channel=old.channel,
            prompt=old.prompt,
            at=old.at,
            message_id=None,
            confirms=None,
            ended_at=ended_at,
        )
    tx.run(_FORGET, person_id=person_id, now=now)
    leave(tx, who, now)


def leave(tx: Tx, who: str, now: int) -> None:
    """Whoever agreed has this number no more: what was agreed to from it ended."""
    end(tx, who, "agreed", "", now)
    end(tx, who, "took_back", "", now)


def go_along(tx: Tx, who: str, to: str, now: int) -> None:
    """The person has another number: what stands goes along, with its own dates. What
    was refused at the old number, and that it was asked, stands there too: whoever has
    it next is not texted on our guess. Whoever comes back to a number they had finds
    there what they left, and it is not written down again. That they once came back
    from an erasure is theirs, too.
    """
    there = {_mark(row): row.id for row in tx.all(_STANDING, who=to)}
    copies: dict[int, int | None] = {}
    for row in tx.all(_STANDING, who=who):
        if _is_of_the_number(row):
            continue
        copy = there.get(_mark(row))
        if copy is None:
            values = _copied(row, to, copies)
            copy = tx.value(_NOTE, **values)
        copies[row.id] = copy
    leave(tx, who, now)


def _mark(row: Wish) -> tuple[str, str, int]:
    """The same for a line and its copy."""
    return row.act, row.what, row.at


def _is_of_the_number(row: Wish) -> bool:
    """It says nothing of the person: it stays with the number they had."""
    return row.what in _OF_THE_NUMBER and row.act != "took_back"


def _copied(row: Wish, to: str, copies: dict[int, int | None]) -> dict[str, object]:
    """The line at the number `to`. A confirmation is one of what was copied before it."""
    confirms = None
    if row.confirms is not None:
        confirms = copies.get(row.confirms)
    return {
        "who": to,
        "act": row.act,
        "what": row.what,
        "words": row.words,
        "channel": row.channel,
        "prompt": row.prompt,
        "at": row.at,
        "message_id": row.message_id,
        "confirms": confirms,
        "ended_at": None,
    }
