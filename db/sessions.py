"""Open conversations: read, guard, save; and the answers already given, so that a
repeat is never acted on.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, select, text

from db.models import people, sessions
from db.store.engine import Overtaken, Tx, from_ms, to_ms
from db.store.statements import Query, Statement
from menus.core import Channel, Screen, Session
from menus.values import Value

REPLAYS = 12  # request-answer pairs kept for each phone


class Stored(NamedTuple):
    """A phone's row as it stands in the table."""

    version: int
    data: str  # JSON of a Kept
    at: int  # UTC ms of the last answer


class Speech(NamedTuple):
    """How somebody known wants to be spoken to."""

    language: str
    marks: bool  # 0 or 1 on SQLite


_READ = Query(
    select(sessions.c.version, sessions.c.data, sessions.c.at).where(
        sessions.c.phone == bindparam("phone"),
        sessions.c.channel == bindparam("channel"),
    ),
    Stored,
)
_LOCALE = Query(
    select(people.c.language, people.c.marks).where(
        people.c.phone == bindparam("phone")
    ),
    Speech,
)
# The guard and the move in one: whoever read an older version touches no row.
_SAVE = Statement(
    text("""
    INSERT INTO sessions (phone, channel, version, data, at)
    VALUES (:phone, :channel, 1, :data, :at)
    ON CONFLICT (phone, channel)
    DO UPDATE SET version = sessions.version + 1, data = excluded.data, at = excluded.at
    WHERE sessions.version = :seen
    """)
)
_GUARD = Statement(
    text("""
    UPDATE sessions SET version = version + 1
    WHERE phone = :phone AND channel = :channel AND version = :seen
    """)
)
_FIRST = Statement(
    text("""
    INSERT INTO sessions (phone, channel, version, data, at)
    VALUES (:phone, :channel, 1, '{}', :at)
    ON CONFLICT (phone, channel) DO NOTHING
    """)
)


class Replay(Value, frozen=True):
    """One request and what it was answered; `request` is unique within the phone's
    channel.
    """

    request: str
    text: str
    ends: bool


class Kept(Value, frozen=True):
    """A phone's row: the session, the carrier's own session id, what it has sent so
    far, the last answers, and the code that the call was opened with (empty where none
    was named).

    Kept as JSON arrays in this order: a field added at the end, with a default, still
    reads yesterday's rows.
    """

    session: Session
    version: int = 0
    call: str = ""
    heard: str = ""
    replays: tuple[Replay, ...] = ()
    service: str = ""

    def answered(self, request: str) -> Replay | None:
        """What this very request was answered before, if it was."""
        for replay in self.replays:
            if replay.request == request:
                return replay
        return None

    def was_in_call(self, call: str) -> bool:
        """Did we answer this call before the present one? A late repeat of it must not
        begin anything.
        """
        hop_of_call = f"{call}|"
        return any(replay.request.startswith(hop_of_call) for replay in self.replays)

    def after(
        self, session: Session, call: str, heard: str, request: str, screen: Screen
    ) -> Kept:
        """The same after one more hop of a call: one more answer to replay, the oldest
        falls off.
        """
        replay = Replay(request, screen.text, screen.ends)
        replays = (*self.replays, replay)
        return self.replace(
            session=session, call=call, heard=heard, replays=replays[-REPLAYS:]
        )


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(
    Kept
).decode  # checks every type: what another release wrote is refused whole


def read(tx: Tx, phone: str, channel: Channel) -> Kept:
    """The phone's row, or a fresh one in the language the person chose before. `phone`
    is E.164.
    """
    row = tx.one(_READ, phone=phone, channel=channel)
    if row is None:
        return Kept(_fresh(tx, phone, channel))
    try:
        kept = _decode(row.data)
    except msgspec.DecodeError:  # another release wrote it: begin anew
        return Kept(Session(phone, channel), row.version)
    session = kept.session.replace(at=from_ms(row.at))
    return kept.replace(session=session, version=row.version)


def _fresh(tx: Tx, phone: str, channel: Channel) -> Session:
    known = tx.one(_LOCALE, phone=phone)
    if known is None:
        return Session(phone, channel)
    return Session(phone, channel, language=known.language, marks=bool(known.marks))


def save(tx: Tx, kept: Kept, now: datetime) -> None:
    """Write the row over the version that was read. Raises Overtaken when somebody else
    answered first.
    """
    session = kept.session
    touched = tx.run(
        _SAVE,
        phone=session.phone,
        channel=session.channel,
        data=_encode(kept).decode(),
        at=to_ms(now),
        seen=kept.version,
    )
    if not touched:
        raise Overtaken


def guard(tx: Tx, kept: Kept, now: datetime) -> Kept:
    """The first statement of a transaction that acts: claim the row, or raise
    Overtaken.
    """
    session = kept.session
    if kept.version:
        touched = tx.run(
            _GUARD, phone=session.phone, channel=session.channel, seen=kept.version
        )
    else:
        touched = tx.run(
            _FIRST, phone=session.phone, channel=session.channel, at=to_ms(now)
        )
    if not touched:
        raise Overtaken
    return kept.replace(version=kept.version + 1)
