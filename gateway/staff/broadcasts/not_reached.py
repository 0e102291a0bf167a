"""Two sheets for the hamlet once a broadcast is over: what the loudspeaker says, and
whom somebody should visit.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from db.broadcasts import ledger, reasons
from db.broadcasts.ledger import LEFT_OUT, Counts, GoingOut, Line, Wanted
from db.broadcasts.rendering import Renderer, words_of
from db.reports import places
from db.store.engine import Tx
from db.store.local_days import iso_day_at
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.aloud import aloud, in_full
from gateway.staff.broadcasts.common import cast_of, note_people_seen, words
from gateway.staff.broadcasts.watching import firing_of
from gateway.staff.gate import bp
from menus import words as residents
from menus.fitting import fold

MOST = 2_000  # people on the sheets of one page: choose a hamlet beyond that
# Of who was left out: whom a text could never have reached.
NO_WAY_IN = (reasons.NO_NUMBER, reasons.FIXED_LINE, reasons.DEAD_NUMBER)
# Of who was chosen and then skipped: who needs no telling any more, and who wants none.
NO_NEED = (
    reasons.CONVERTED,
    reasons.TOLD_ALREADY,
    reasons.NOT_ASKED_FOR,
    reasons.ERASED,
    reasons.SAME_NUMBER,
    reasons.OPTED_OUT,
    reasons.NO_ADVERTS,
    reasons.DO_NOT_CALL,
    reasons.NO_CONSENT,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FIELD = re.compile(r"\{(\w+)\}")
# "nhắn 1", "soạn CO hoặc KHONG", "trả lời tin này": who only hears the words has no
# text to answer. Without tone marks.
_ASKS_FOR_AN_ANSWER = re.compile(
    r"\b(tra loi|phan hoi)\b|\b(nhan|nhan tin|soan|soan tin|bam|go)[ :]+\W*(co|khong|\d)\b",
    re.IGNORECASE,
)
# Words that say nothing by themselves: "Chào bà con.", "Xã Quảng Lạc: Kính gửi bà con."
# Without tone marks.
_GREETING = re.compile(
    r"(?:[^:]*: )?(?:xin |kinh |than )*(?:chao|thua|gui)\b[^:,]{0,40}[.!]?",
    re.IGNORECASE,
)
# What differs from hamlet to hamlet: no loudspeaker reads a text with one of these to
# the whole commune.
_OF_A_HAMLET = {"hamlet", "hall", "next_session"}


@bp.get("/broadcasts/<int:broadcast_id>/not-reached")
@layout.needs("broadcasts")
def broadcast_not_reached(broadcast_id: int) -> layout.Page:
    now = lang.now_ms()
    hamlet_id = layout.a_number("hamlet")
    waiting = 0
    hamlets: list[places.Named] = []
    sheets = _Sheets()
    with here().db.connection() as tx:
        row = cast_of(tx, broadcast_id)
        firing = firing_of(tx, row)
        if firing is not None:
            counted = ledger.counts(tx, firing.id)
            waiting = counted.outcomes["waiting"]
            hamlets, is_all = _of_its_audience(tx, firing, counted)
            if row.text_class == "notice":  # an advert is for those who agreed to it
                spoken_to = _spoken_to(hamlet_id, hamlets, is_all)
                sheets = _sheets(tx, firing, hamlet_id, spoken_to, now)
    to_choose_from = [hamlet.id for hamlet in hamlets]
    is_asked = hamlet_id is None or hamlet_id in to_choose_from
    number = len(sheets.people)
    which = f"not reached, hamlet {hamlet_id or 0}"
    note_people_seen(broadcast_id, which, number)
    return words(
        "not_reached",
        row=row,
        firing=firing,
        hamlets=hamlets,
        hamlet_id=hamlet_id,
        groups=_by_hamlet(sheets.people, hamlets),
        number=number,
        more=number >= MOST,
        still=waiting,
        refused=sheets.refused,
        said=sheets.said if is_asked else [],
        is_to_choose=sheets.is_to_choose,
        is_asked=is_asked,
        today=iso_day_at(now),
    )


@dataclass(slots=True)
class _Sheets:
    """What stands on the two sheets."""

    people: list[Line] = field(default_factory=list)  # to be visited
    refused: int = 0  # people who want no texts
    said: list[str] = field(default_factory=list)  # by the loudspeaker
    is_to_choose: bool = False  # a hamlet has to be chosen before anything can be said


def _sheets(
    tx: Tx, firing: GoingOut, hamlet_id: int | None, spoken_to: int | None, now: int
) -> _Sheets:
    sheets = _Sheets()
    sheets.people = _people(tx, firing, hamlet_id)
    sheets.refused = _refused(tx, firing, hamlet_id)
    if spoken_to is None and _differs(tx, firing):
        sheets.is_to_choose = True
    else:
        sheets.said = _said(tx, firing, spoken_to, now)
    return sheets


def _of_its_audience(
    tx: Tx, firing: GoingOut, counted: Counts
) -> tuple[list[places.Named], bool]:
    """The hamlets in which somebody was chosen, or would have been had a text a way in;
    and whether nobody of its audience lives elsewhere.
    """
    people = _people(tx, firing, None)
    homes = set(counted.by_hamlet)
    homes.update(line.hamlet_id for line in people)
    of_commune = places.hamlets_of(tx, layout.commune_id())
    hamlets = [hamlet for hamlet in of_commune if hamlet.id in homes]
    is_all = len(hamlets) == len(homes)
    return hamlets, is_all


def _spoken_to(
    hamlet_id: int | None, hamlets: list[places.Named], is_all: bool
) -> int | None:
    """The hamlet whose loudspeaker reads it: the one asked for, or the only one of the
    audience.
    """
    if hamlet_id is None and is_all and len(hamlets) == 1:
        return hamlets[0].id
    return hamlet_id


def _by_hamlet(
    people: list[Line], hamlets: list[places.Named]
) -> list[tuple[str, list[Line]]]:
    """In the commune's order, by name in each; those of no hamlet last."""
    position_of = {hamlet.id: position for position, hamlet in enumerate(hamlets)}
    last = len(hamlets)

    def order(line: Line) -> tuple[int, str]:
        position = position_of.get(line.hamlet_id or 0, last)
        return position, line.name or ""

    people.sort(key=order)
    grouped: dict[str, list[Line]] = defaultdict(list)
    for line in people:
        hamlet = line.hamlet or ""
        grouped[hamlet].append(line)
    return list(grouped.items())


def _people(tx: Tx, firing: GoingOut, hamlet_id: int | None) -> list[Line]:
    """Chosen, and no text came; or left out because none could. Who needs no telling
    any more is not among them.
    """
    not_texted = Wanted(firing.id, ("skipped", "failed", "unknown"), hamlet_id)
    found = ledger.page(tx, not_texted, most=MOST)
    found = [line for line in found if line.why not in NO_NEED]
    for why in NO_WAY_IN:
        left_out = Wanted(firing.id, (LEFT_OUT,), hamlet_id, why)
        found += ledger.page(tx, left_out, most=MOST)
    # else the person was forgotten since
    known = [line for line in found if line.name is not None]
    return known[:MOST]


def _refused(tx: Tx, firing: GoingOut, hamlet_id: int | None) -> int:
    """How many of its audience want no texts: nobody visits them for it, and they are
    not named.
    """
    number = 0
    for outcome in (LEFT_OUT, "skipped"):  # before it began, and since
        wanted = Wanted(firing.id, (outcome,), hamlet_id, reasons.OPTED_OUT)
        people = ledger.page(tx, wanted, most=MOST)
        number += len(people)
    return number


def _differs(tx: Tx, firing: GoingOut) -> bool:
    """Is a sentence in it that has to be read hamlet by hamlet? The rest makes no sense
    without it.
    """
    written = words_of(tx, firing.words_id).vi
    for sentence in _sentences(written):
        fields = _FIELD.findall(sentence)
        if not _OF_A_HAMLET.isdisjoint(fields):
            return True
    return False


def _said(tx: Tx, firing: GoingOut, hamlet_id: int | None, now: int) -> list[str]:
    """The Vietnamese words sentence by sentence, for the ear: nobody's name, code or
    number is in them.
    """
    written = words_of(tx, firing.words_id)
    renderer = Renderer(tx, written, now)
    fields = renderer.common(hamlet_id)
    values = {
        "name": lang.say(residents.VIETNAMESE, "aloud_everybody"),
        "hamlet": fields["hamlet"],
        "hall": in_full(fields["hall"]),
        "next_session": fields["next_session"],
        "number": aloud(fields["number"]),
        "service_code": aloud(fields["service_code"]),
        "commune": fields["commune"],
    }
    kept = []
    for sentence in _sentences(written.vi):
        fields_used = _FIELD.findall(sentence)
        if all(values.get(name) for name in fields_used):
            # else about a person's own code, or of what nobody knows
            filled = _FIELD.sub(lambda match: values[match[1]], sentence)
            kept.append(in_full(filled))
    if all(map(_is_greeting, kept)):
        return []
    return kept


def _is_greeting(sentence: str) -> bool:
    return _GREETING.fullmatch(fold(sentence)) is not None


def _sentences(written: str) -> list[str]:
    """On one line each, without those that ask for an answer."""
    on_one_line = " ".join(written.split())
    text = unicodedata.normalize("NFC", on_one_line)
    sentences = _SENTENCE.split(text)
    return [sentence for sentence in sentences if not _is_asking(sentence)]


def _is_asking(sentence: str) -> bool:
    """A question, or how to answer one: `Có đến không?`, `Trả lời CÓ hoặc KHÔNG.`"""
    if sentence.endswith("?"):
        return True
    return _ASKS_FOR_AN_ANSWER.search(fold(sentence)) is not None
