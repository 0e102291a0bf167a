"""Open conversations: read, guard, save; and the answers already given, so that a repeat is never acted on."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text

from db.engine import Overtaken, Statement, Tx, from_ms, to_ms
from db.models import people, sessions
from menus.core import Channel, Option, Screen, Session

REPLAYS = 12  # request-answer pairs kept for each phone
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps would make one each time

_READ = Statement(
    select(sessions.c.version, sessions.c.data, sessions.c.at).where(
        sessions.c.phone == bindparam("phone"), sessions.c.channel == bindparam("channel")
    )
)
_TONGUE = Statement(select(people.c.language, people.c.marks).where(people.c.phone == bindparam("phone")))
# The guard and the move in one: whoever read an older version touches no row.
_SAVE = Statement(
    text(
        "INSERT INTO sessions (phone, channel, version, data, at) VALUES (:phone, :channel, 1, :data, :at)"
        " ON CONFLICT (phone, channel) DO UPDATE SET version = sessions.version + 1, data = excluded.data,"
        " at = excluded.at WHERE sessions.version = :seen"
    )
)
_GUARD = Statement(
    text("UPDATE sessions SET version = version + 1 WHERE phone = :phone AND channel = :channel AND version = :seen")
)
_FIRST = Statement(
    text(
        "INSERT INTO sessions (phone, channel, version, data, at) VALUES (:phone, :channel, 1, '{}', :at)"
        " ON CONFLICT (phone, channel) DO NOTHING"
    )
)


class Replay(NamedTuple):
    """One request and what it was answered; `request` is unique within the phone's channel."""

    request: str
    text: str
    ends: bool


class Kept(NamedTuple):
    """A phone's row: the session, the carrier's own session id, what it has sent so far, the last answers."""

    session: Session
    version: int = 0
    call: str = ""
    heard: str = ""
    replays: tuple[Replay, ...] = ()

    def answered(self, request: str) -> Replay | None:
        """What this very request was answered before, if it was."""
        return next((replay for replay in self.replays if replay.request == request), None)

    def was_in_call(self, call: str) -> bool:
        """Did we answer this call before the present one? A late repeat of it must not begin anything."""
        return any(replay.request.startswith(f"{call}|") for replay in self.replays)

    def after(self, session: Session, call: str, heard: str, request: str, screen: Screen) -> Kept:
        """The same after one more hop of a call: one more answer to replay, the oldest falls off."""
        replays = (*self.replays, Replay(request, screen.text, screen.ends))[-REPLAYS:]
        return Kept(session, self.version, call, heard, replays)


def read(tx: Tx, phone: str, channel: Channel) -> Kept:
    """The phone's row, or a fresh one in the language the person chose before. `phone` is E.164."""
    row = tx.one(_READ, phone=phone, channel=channel)
    if row is None:
        tongue = tx.one(_TONGUE, phone=phone)
        spoken = {"language": tongue.language, "marks": bool(tongue.marks)} if tongue else {}
        return Kept(Session(phone, channel, **spoken))
    try:
        return _unpack(phone, channel, row.version, json.loads(row.data), from_ms(row.at))
    except (ValueError, KeyError, TypeError, AttributeError):  # another release wrote it: begin anew
        return Kept(Session(phone, channel), row.version)


def save(tx: Tx, kept: Kept, now: datetime) -> None:
    """Write the row over the version that was read. Raises Overtaken when somebody else answered first."""
    session = kept.session
    touched = tx.run(
        _SAVE, phone=session.phone, channel=session.channel, data=_pack(kept), at=to_ms(now), seen=kept.version
    )
    if not touched:
        raise Overtaken


def guard(tx: Tx, kept: Kept, now: datetime) -> Kept:
    """The first statement of a transaction that acts: claim the row, or raise Overtaken."""
    session = kept.session
    if kept.version:
        touched = tx.run(_GUARD, phone=session.phone, channel=session.channel, seen=kept.version)
    else:
        touched = tx.run(_FIRST, phone=session.phone, channel=session.channel, at=to_ms(now))
    if not touched:
        raise Overtaken
    return kept._replace(version=kept.version + 1)


def _pack(kept: Kept) -> str:
    session = kept.session
    return _encode(
        {
            "state": session.state,
            "text": session.shown.text,
            "options": session.offered,
            "ends": session.shown.ends,
            "page": session.page,
            "answers": session.answers,
            "trail": session.trail,
            "left": session.left,
            "asker": session.asker,
            "language": session.language,
            "marks": session.marks,
            "call": kept.call,
            "heard": kept.heard,
            "replays": kept.replays,
        }
    )


def _unpack(phone: str, channel: Channel, version: int, data: dict[str, Any], at: datetime) -> Kept:
    if not data:
        return Kept(Session(phone, channel), version)
    shown = Screen(data["text"], tuple(map(Option._make, data["options"])), data["ends"])
    session = Session(
        phone,
        channel,
        data["state"],
        shown,
        data["page"],
        data["answers"],
        tuple(data["trail"]),
        data["left"],
        data["asker"],
        data["language"],
        data["marks"],
        at,
    )
    replays = tuple(map(Replay._make, data["replays"]))
    return Kept(session, version, data["call"], data["heard"], replays)
