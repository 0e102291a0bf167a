"""Writing a broadcast: its class, words, audience, times and speed; every version of
its words; who approved what.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from db.broadcasts import rules
from db.broadcasts.errors import CannotDo
from db.models.states import EventKind
from db.store.engine import Tx, to_ms
from db.store.statements import Query, Scalar, Statement
from menus import broadcast
from menus.broadcast import BadWords, TextClass

CLASSES = ("notice", "advert")
REPEATS = ("", "daily", "weekly", "monthly", "event")
NAME_MOST = 80
DETAIL_MOST = 200  # letters of a line of the trail
YEARS = (2000, 2199)  # a moment outside them is a slip of the pen
PACE_MOST = 1_000_000
# What the trail says was changed, and which members of a draft that is.
PARTS = {
    "name": ("name",),
    "class": ("text_class",),
    "words": ("vi", "en"),
    "audience": ("rule", "late_joiners", "told_days", "event_id"),
    "times": (
        "not_before",
        "not_after",
        "pace_many",
        "pace_minutes",
        "repeats",
        "good_for",
        "event_offset",
        "event_to",
        "event_kinds",
        "repeat_until",
    ),
}
FILE_KEYS = {
    "name",
    "class",
    "words",
    "audience",
    "not_before",
    "not_after",
    "per_minute",
}


class Broadcast(NamedTuple):
    """A broadcast with its newest words."""

    id: int
    commune_id: int
    name: str
    text_class: TextClass
    state: str  # draft | running | paused | stopped | done
    rule: str  # JSON, as rules.py reads it
    words_id: int
    not_before: int | None  # UTC ms
    not_after: int | None  # UTC ms
    pace_many: int | None  # at most so many texts ...
    pace_minutes: int  # ... in so many minutes; none: no limit
    repeats: str  # one of REPEATS
    good_for: int | None  # minutes after a repeated firing's start until it is too late
    # of `event`: minutes, below zero before its start, else after its end
    event_offset: int | None
    event_to: str  # of `event`: residents | staff
    repeat_until: str | None  # ISO day
    next_at: int | None  # UTC ms; when a repeated one goes out next
    late_joiners: bool
    told_days: int
    event_id: int | None  # what it is about, where it is about one event
    paused_why: str
    made_by: int | None  # staff; none: the console
    made_at: int  # UTC ms
    changed_at: int  # UTC ms
    approved_at: int | None  # UTC ms
    approved_digest: str  # of what was approved
    vi: str
    en: str  # empty where everybody reads Vietnamese
    words_digest: str
    words_by: int | None  # staff; none: the console
    # of `event`: after or before events of these kinds; a comma between two
    event_kinds: str

    @property
    def broadcast_id(self) -> int:
        """As a firing names it."""
        return self.id


class Act(NamedTuple):
    """One line of the trail."""

    act: str
    detail: str
    at: int  # UTC ms
    username: str | None  # none: the console, or the clock
    name: str | None


_ADD = Scalar(
    text("""
    INSERT INTO broadcasts (commune_id, name, class, rule, not_before, not_after, pace_many, pace_minutes, repeats,
      good_for, event_offset, event_to, repeat_until, late_joiners, told_days, event_id, event_kinds, made_by, made_at,
      changed_at)
    VALUES (:commune_id, :name, :class, :rule, :not_before, :not_after, :pace_many, :pace_minutes, :repeats,
      :good_for, :event_offset, :event_to, :repeat_until, :late_joiners, :told_days, :event_id, :event_kinds, :staff_id,
      :now, :now)
    RETURNING id
    """),
    int,
)
_EDIT = Statement(
    text("""
    UPDATE broadcasts
    SET name = :name, class = :class, rule = :rule, not_before = :not_before, not_after = :not_after,
      pace_many = :pace_many, pace_minutes = :pace_minutes, repeats = :repeats, good_for = :good_for,
      event_offset = :event_offset, event_to = :event_to, event_kinds = :event_kinds, repeat_until = :repeat_until,
      late_joiners = :late_joiners, told_days = :told_days, event_id = :event_id, paused_why = '', changed_at = :now
    WHERE id = :id AND state = 'draft'
    """)
)
_WORDS = Scalar(
    text("""
    INSERT INTO broadcast_words (broadcast_id, vi, en, digest, made_by, made_at)
    VALUES (:id, :vi, :en, :digest, :staff_id, :now)
    RETURNING id
    """),
    int,
)
_SAY = Statement(text("UPDATE broadcasts SET words_id = :words_id WHERE id = :id"))
_ONE = Query(
    text("""
    SELECT b.id, b.commune_id, b.name, b.class AS text_class, b.state, b.rule, b.words_id, b.not_before, b.not_after,
      b.pace_many, b.pace_minutes, b.repeats, b.good_for, b.event_offset, b.event_to, b.repeat_until, b.next_at,
      b.late_joiners, b.told_days, b.event_id, b.paused_why, b.made_by, b.made_at, b.changed_at, b.approved_at,
      b.approved_digest, w.vi, w.en, w.digest AS words_digest, w.made_by AS words_by,
      b.event_kinds
    FROM broadcasts b JOIN broadcast_words w ON w.id = b.words_id
    WHERE b.id = :id AND b.commune_id = :commune_id
    """),
    Broadcast,
)
_APPROVE = Statement(
    text("""
    UPDATE broadcasts SET approved_by = :staff_id, approved_at = :now, approved_digest = :digest
    WHERE id = :id AND state = 'draft'
    """)
)
_ACT = Statement(
    text("""
    INSERT INTO broadcast_acts (broadcast_id, staff_id, act, detail, at) VALUES (:id, :staff_id, :act, :detail, :now)
    """)
)
_DISCARDED = Scalar(
    text(
        "SELECT id FROM broadcast_acts WHERE broadcast_id = :id AND act = 'discarded'"
    ),
    int,
)
_SCHEDULED = Scalar(
    text("""
    SELECT b.id
    FROM broadcasts b
    WHERE b.id = :id AND b.state IN ('running', 'paused')
      AND EXISTS (
        SELECT 1
        FROM firings g
        WHERE g.broadcast_id = b.id AND g.number = 1 AND g.ended_at IS NULL AND g.not_before > :now)
    """),
    int,
)
_LAST_CHOICE = Scalar(
    text("""
    SELECT staff_id FROM broadcast_acts
    WHERE broadcast_id = :id AND act = 'edited' AND (detail LIKE '%audience%' OR detail LIKE '%class%')
    ORDER BY id DESC LIMIT 1
    """),
    int,
)
_ACTS = Query(
    text("""
    SELECT a.act, a.detail, a.at, s.username, s.name
    FROM broadcast_acts a LEFT JOIN staff s ON s.id = a.staff_id
    WHERE a.broadcast_id = :id ORDER BY a.id
    """),
    Act,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person writes. Moments are UTC ms; `vi` and `en` stand with tone marks and
    fields in braces.
    """

    name: str
    text_class: str
    vi: str
    en: str = ""
    rule: Mapping[str, Any] | None = None  # none: nobody has chosen yet whom it is for
    not_before: int | None = None
    not_after: int | None = None
    pace_many: int | None = None
    pace_minutes: int = 1
    repeats: str = ""
    good_for: int | None = None
    event_offset: int | None = None
    event_to: str = "residents"
    repeat_until: str | None = None
    late_joiners: bool = False
    told_days: int = 7
    event_id: int | None = None
    event_kinds: str = EventKind.SWAP


def from_file(written: str) -> Draft:
    """A draft from the JSON of `python -m db broadcast draft`. Raises CannotDo."""
    found = _object_in(written)
    for part in ("name", "class"):
        value = found.get(part, "")
        if not isinstance(value, str):
            raise CannotDo("file", f"{part} must be text")
    name = _one_line(found.get("name", ""))
    if len(name) > NAME_MOST:
        raise CannotDo(
            "file", f"the name has {len(name)} letters, and {NAME_MOST} is the most"
        )
    said = _words_in(found)
    audience = found.get("audience")
    if not isinstance(audience, dict):
        raise CannotDo("file", "audience must be a rule; {} is everybody registered")
    return Draft(
        name=name,
        text_class=found.get("class", ""),
        vi=said.get("vi", ""),
        en=said.get("en", ""),
        rule=audience,
        not_before=_moment(found.get("not_before")),
        not_after=_moment(found.get("not_after")),
        pace_many=_pace(found.get("per_minute")),
    )


def _object_in(written: str) -> dict[str, Any]:
    """The JSON object that a file of a draft is, with no key but FILE_KEYS. Raises
    CannotDo.
    """
    try:
        found = json.loads(written, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as problem:
        raise CannotDo("file", problem) from None
    if not isinstance(found, dict):
        raise CannotDo("file", "it holds no JSON object")
    unknown = sorted(found.keys() - FILE_KEYS)
    if unknown:
        raise CannotDo("file", f"unknown: {', '.join(unknown)}")
    if _has_half_a_letter(found):
        raise CannotDo("file", "the words hold half a letter")
    return found


def _words_in(found: Mapping[str, Any]) -> Mapping[str, str]:
    """What the file says in Vietnamese and in English. Raises CannotDo."""
    said = found.get("words")
    if not isinstance(said, dict) or not all(
        isinstance(one, str) for one in said.values()
    ):
        raise CannotDo("file", "words must hold vi, and may hold en")
    unknown = sorted(said.keys() - {"vi", "en"})
    if unknown:
        raise CannotDo("file", f"unknown words: {', '.join(unknown)}")
    return said


def _one_line(written: str) -> str:
    return " ".join(written.split())


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose names stands twice: of two audiences neither may be
    dropped in silence.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise CannotDo("file", f"'{name}' stands twice")
        found[name] = value
    return found


def _has_half_a_letter(found: Mapping[str, Any]) -> bool:
    """JSON may name one half of a pair of surrogates, which is no letter and can be
    kept nowhere.
    """
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _moment(written: Any) -> int | None:
    """UTC ms of an ISO moment with its zone. Raises CannotDo."""
    if written is None or written == "":
        return None
    try:
        found = datetime.fromisoformat(written)
    except (TypeError, ValueError):
        raise CannotDo("moment", written) from None
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise CannotDo("moment", written)
    if not found.tzinfo:
        raise CannotDo("zone", written)
    return to_ms(found)


def _pace(written: Any) -> int | None:
    if written is None:
        return None
    if isinstance(written, bool) or not isinstance(written, int):
        raise CannotDo("pace", written)
    if written < 1:
        raise CannotDo("pace", written)
    if written > PACE_MOST:
        raise CannotDo("pace_most", written)
    return written


def create(
    tx: Tx, draft: Draft, *, commune_id: int, staff_id: int | None, now: int
) -> int:
    """Keep a new draft; its number. `staff_id` None is the console. Raises CannotDo."""
    ready = _checked(tx, draft, commune_id)
    columns = _columns(ready)
    made = tx.value(_ADD, commune_id=commune_id, staff_id=staff_id, now=now, **columns)
    assert made is not None  # nothing stands in the way of a new one
    _say(tx, made, ready, staff_id, now)
    note(tx, made, "written", staff_id=staff_id, now=now)
    return made


def edit(
    tx: Tx,
    broadcast_id: int,
    draft: Draft,
    *,
    commune_id: int,
    staff_id: int | None,
    now: int,
) -> None:
    """Change a draft; other words are a new version, and an approval of the old holds
    no longer. Raises CannotDo.
    """
    before = get(tx, broadcast_id, commune_id)
    ready = _checked(tx, draft, commune_id)
    columns = _columns(ready)
    kept = tx.run(_EDIT, id=broadcast_id, now=now, **columns)
    if not kept:
        raise why_fixed(tx, broadcast_id, now)
    changed = _changed(of(before), ready)
    if "words" in changed:
        _say(tx, broadcast_id, ready, staff_id, now)
    if changed:
        note(
            tx,
            broadcast_id,
            "edited",
            staff_id=staff_id,
            now=now,
            detail=" ".join(changed),
        )


def _changed(before: Draft, after: Draft) -> list[str]:
    """Which parts of it are others now: words of PARTS."""
    others = {
        name
        for name in Draft.__slots__
        if getattr(before, name) != getattr(after, name)
    }
    return [part for part, names in PARTS.items() if not others.isdisjoint(names)]


def of(row: Broadcast) -> Draft:
    """The draft that a broadcast (`get`) stands for now, to be changed in one part and
    kept again.
    """
    return Draft(
        name=row.name,
        text_class=row.text_class,
        vi=row.vi,
        en=row.en,
        rule=None if row.rule == rules.UNCHOSEN else rules.parse(row.rule),
        not_before=row.not_before,
        not_after=row.not_after,
        pace_many=row.pace_many,
        pace_minutes=row.pace_minutes,
        repeats=row.repeats,
        good_for=row.good_for,
        event_offset=row.event_offset,
        event_to=row.event_to,
        repeat_until=row.repeat_until,
        late_joiners=bool(row.late_joiners),
        told_days=row.told_days,
        event_id=row.event_id,
        event_kinds=row.event_kinds,
    )


def _checked(tx: Tx, draft: Draft, commune_id: int) -> Draft:
    """The draft with its words in NFC. Raises CannotDo for what could never be sent."""
    one_line = _one_line(draft.name.replace("\x00", ""))
    name = one_line[:NAME_MOST]
    if not name:
        raise CannotDo("name")
    if draft.text_class not in CLASSES:
        raise CannotDo("class", draft.text_class)
    if draft.repeats not in REPEATS:
        raise CannotDo("repeat", draft.repeats)
    vi = _cleaned(draft.vi)
    en = _cleaned(draft.en)
    _check_words(vi, en, draft.text_class)
    if draft.rule is not None:
        rules.read(tx, draft.rule, commune_id)
    if _is_over_before_it_begins(draft):
        raise CannotDo("order")
    return replace(draft, name=name, vi=vi, en=en)


def _is_over_before_it_begins(draft: Draft) -> bool:
    if draft.not_before is None or draft.not_after is None:
        return False
    return draft.not_after <= draft.not_before


def _cleaned(written: str) -> str:
    without_zeros = written.replace("\x00", "")
    return unicodedata.normalize("NFC", without_zeros).strip()


def _check_words(vi: str, en: str, text_class: str) -> None:
    """Raises CannotDo."""
    try:
        broadcast.check(vi, en, "advert" if text_class == "advert" else "notice")
    except BadWords as problem:
        code = "no_words" if problem.code == "empty" else problem.code
        raise CannotDo(code, problem.what) from None


def _columns(draft: Draft) -> dict[str, Any]:
    """What stands in `broadcasts` itself."""
    columns = {name: getattr(draft, name) for name in Draft.__slots__}
    for of_the_words in ("vi", "en"):
        del columns[of_the_words]
    columns["class"] = columns.pop("text_class")
    columns["rule"] = json.dumps(draft.rule, ensure_ascii=False)
    return columns


def _say(
    tx: Tx, broadcast_id: int, draft: Draft, staff_id: int | None, now: int
) -> None:
    """From now on its words are these, a version of their own."""
    digest = _sha256(f"{draft.vi}\n{draft.en}")
    words_id = tx.value(
        _WORDS,
        id=broadcast_id,
        vi=draft.vi,
        en=draft.en,
        digest=digest,
        staff_id=staff_id,
        now=now,
    )
    tx.run(_SAY, id=broadcast_id, words_id=words_id)


def _sha256(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()


def get(tx: Tx, broadcast_id: int, commune_id: int) -> Broadcast:
    """One broadcast with its newest words. Raises CannotDo."""
    found = tx.one(_ONE, id=broadcast_id, commune_id=commune_id)
    if found is None:
        raise CannotDo("gone", broadcast_id)
    return found


def to_staff(row: Broadcast) -> bool:
    """Does it go to those who run a session, so that its rule is not asked for?"""
    return row.repeats == "event" and row.event_to == "staff"


def check_rule(tx: Tx, row: Broadcast) -> None:
    """Raises BadRule where its rule means nothing any more, or nobody has chosen one;
    to staff it needs none.
    """
    if to_staff(row):
        return
    rule = rules.parse(row.rule)
    rules.read(tx, rule, row.commune_id)


def check_words(row: Broadcast) -> None:
    """Raises CannotDo where its words may not go, whenever they were written."""
    _check_words(row.vi, row.en, row.text_class)


def begins(row: Broadcast, now: int) -> int:
    """When it goes out first: at the moment that was set, else, or where that has
    passed, now. UTC ms.
    """
    return max(now, row.not_before or now)


def digest(row: Broadcast) -> str:
    """What an approval is given to: class, audience and words. Whoever changes one of
    them takes it back.
    """
    parts = [row.text_class, json.loads(row.rule), row.vi, row.en]
    if row.event_kinds != EventKind.SWAP:  # an event's own people are the audience
        parts.append(row.event_kinds)
    said = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return _sha256(said)


def is_approved(row: Broadcast) -> bool:
    """Does the approval hold for what stands there now?"""
    return bool(row.approved_at) and row.approved_digest == digest(row)


def sells(row: Broadcast) -> list[str]:
    """Words of adverts in a notice: it takes a second pair of eyes, and both must say
    that it is none.
    """
    if row.text_class == "advert":
        return []
    return broadcast.sells(f"{row.vi} {row.en}")


def note_no_advert(tx: Tx, row: Broadcast, *, staff_id: int, now: int) -> None:
    """The line of who said that a notice with such words is no advert."""
    found = sells(row)
    if found:
        note(
            tx, row.id, "no advert", staff_id=staff_id, now=now, detail=", ".join(found)
        )


def approve(
    tx: Tx,
    broadcast_id: int,
    *,
    commune_id: int,
    staff_id: int | None,
    seen: str,
    now: int,
    no_advert: bool = False,
) -> None:
    """The second pair of eyes. `seen` is the digest of what the approver read;
    `no_advert`: they say that words of adverts in it sell nothing. Raises CannotDo.
    """
    row = get(tx, broadcast_id, commune_id)
    if row.state != "draft":
        raise why_fixed(tx, broadcast_id, now)
    check_rule(tx, row)
    check_words(row)
    selling = sells(row)
    if staff_id is None:
        _refuse_the_console(row, selling)
    elif selling and not no_advert:
        raise CannotDo("sells", ", ".join(selling))
    elif staff_id in authors(tx, row):
        raise CannotDo("own")
    if seen != digest(row):
        raise CannotDo("old_words")
    tx.run(_APPROVE, id=broadcast_id, staff_id=staff_id, now=now, digest=seen)
    if staff_id is not None:
        note_no_advert(tx, row, staff_id=staff_id, now=now)
    note(tx, broadcast_id, "approved", staff_id=staff_id, now=now)


def _refuse_the_console(row: Broadcast, selling: list[str]) -> None:
    """Raises CannotDo for what somebody at the desk has to read."""
    if row.text_class == "advert":
        raise CannotDo("on_the_desk")
    if selling:
        raise CannotDo("sells", ", ".join(selling))


def authors(tx: Tx, row: Broadcast) -> set[int]:
    """Whose eyes do not count as the second pair: who began it, wrote its words, or
    last chose whom it is for.
    """
    last = tx.value(_LAST_CHOICE, id=row.id)
    staff = (row.made_by, row.words_by, last)
    return {one for one in staff if one is not None}


def note(
    tx: Tx,
    broadcast_id: int,
    act: str,
    *,
    staff_id: int | None,
    now: int,
    detail: str = "",
) -> None:
    """One line of the trail. No name and no number of a resident goes in."""
    tx.run(
        _ACT,
        id=broadcast_id,
        staff_id=staff_id,
        act=act,
        detail=detail[:DETAIL_MOST],
        now=now,
    )


def is_discarded(tx: Tx, broadcast_id: int) -> bool:
    """Was it given up before it ever went out?"""
    return tx.value(_DISCARDED, id=broadcast_id) is not None


def why_fixed(tx: Tx, broadcast_id: int, now: int) -> CannotDo:
    """Why what is no draft any more cannot be changed: it was discarded, is scheduled
    with its list, or was started.
    """
    if is_discarded(tx, broadcast_id):
        return CannotDo("discarded")
    scheduled = tx.value(_SCHEDULED, id=broadcast_id, now=now)
    return CannotDo("draft_only" if scheduled is None else "scheduled")


def acts(tx: Tx, broadcast_id: int) -> list[Act]:
    """Who did what when, oldest first."""
    return tx.all(_ACTS, id=broadcast_id)
