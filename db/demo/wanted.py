"""What people of the demo ask for and think: requests of several kinds, one late, one
tried, some ended; opinions.
"""

from __future__ import annotations

from typing import NamedTuple

from db.demo.places import COMMUNE
from db.demo.residents import Home, Member
from db.demo.stage import HOUR_MS, Stage
from db.models.states import Ground, OpinionTopic, RequestKind, RequestState, Verdict
from db.register import schools
from db.requests import asked, opinions, work
from db.texts import wishes

DAY = 24 * HOUR_MS


class Wish(NamedTuple):
    kind: RequestKind
    days_ago: int
    words: str
    told: bool  # Viettel, or the school, may call
    for_name: str


_ASKED = (
    Wish(RequestKind.QR, 9, "toi ban tap hoa muon xin ma qr", True, ""),
    Wish(RequestKind.ACCOUNT, 1, "mo tai khoan viettel money ho toi", True, ""),
    Wish(RequestKind.QR, 1, "xin ma qr cho quan nuoc", False, ""),
    Wish(
        RequestKind.VISIT,
        2,
        "nho can bo den nha me toi",
        False,
        "Lương Thị Cụ (dữ liệu mẫu)",
    ),
    Wish(RequestKind.SCHOOL, 1, "hoc phi lop con toi", True, ""),
    Wish(
        RequestKind.NO_PHONE,
        0,
        "me toi khong co dien thoai",
        False,
        "Hoàng Thị Già (dữ liệu mẫu)",
    ),
    Wish(RequestKind.ERASE, 1, "xoa het thong tin cua toi", False, ""),
    Wish(RequestKind.TV360, 4, "nho cai tv360 cho toi", True, ""),
    Wish(RequestKind.APP, 6, "cai giup toi ung dung", False, ""),
)
_SAID = (
    ("GOP Y hoi truong nong qua, nen mo them quat", OpinionTopic.UNSORTED),
    ("toi gop y: nen to chuc buoi toi cho nguoi di lam nuong", OpinionTopic.SESSIONS),
    ("phan anh song dien thoai o thon yeu", OpinionTopic.PHONES),
)


def fill(stage: Stage, callers: list[Home]) -> None:
    """The last of the callers have a wish each, and some of these an opinion."""
    number = len(_ASKED)
    homes = callers[-number:]
    requests = []
    for home, wish in zip(homes, _ASKED, strict=True):
        request = _ask(stage, home, wish)
        requests.append(request)
    _work_on(stage, requests, homes)
    for home, (words, topic) in zip(homes, _SAID, strict=False):
        _give_opinion(stage, home, words, topic)


def _ask(stage: Stage, home: Home, wish: Wish) -> asked.Asked:
    """The request that one of the home made."""
    asked_at = stage.now - wish.days_ago * DAY
    if wish.kind is not RequestKind.ERASE:
        _agree(stage, home.holder, wish, asked_at)
    ground = Ground.RELATIVE if wish.for_name else Ground.SELF
    wanted = asked.Wanted(
        wish.kind,
        home.holder.id,
        home.hamlet_id,
        words=wish.words,
        for_name=wish.for_name,
        ground=ground,
        told=wish.told,
        channel="sms",
        school_id=_school_id(stage, wish),
    )
    return asked.ask(stage.tx, wanted, commune_id=COMMUNE, now=asked_at)


def _school_id(stage: Stage, wish: Wish) -> int | None:
    """The commune's first school is asked; none where it has none."""
    if wish.kind is not RequestKind.SCHOOL:
        return None
    all_schools = schools.all_of(stage.tx, COMMUNE)
    return all_schools[0].id if all_schools else None


def _agree(stage: Stage, holder: Member, wish: Wish, at: int) -> None:
    """That the wish is passed on."""
    who = stage.who(holder)
    to_the_operator = wish.told and wish.kind is not RequestKind.SCHOOL
    purpose = "operator" if to_the_operator else "callback"
    wishes.agreed(
        stage.tx,
        who=who,
        person_id=holder.id,
        purpose=purpose,
        prompt="demo",
        channel="sms",
        answer="1",
        now=at,
    )


def _work_on(stage: Stage, requests: list[asked.Asked], homes: list[Home]) -> None:
    """One is taken and tried in vain, one done in the home that asked, one declined."""
    tried = requests[0]
    done = requests[7]
    declined = requests[8]
    tried_at = stage.now - 4 * DAY
    clerk_id = stage.clerk_id
    work.take(stage.tx, tried.id, staff_id=clerk_id, now=tried_at)
    work.tried(
        stage.tx,
        tried.id,
        staff_id=clerk_id,
        words="Không nghe máy",
        now=tried_at,
        form_key=None,
    )
    _end(stage, done, RequestState.DONE, "Đã cài tại nhà.", 2)
    _count_tv360(stage, done, homes[7], 2)
    _end(
        stage,
        declined,
        RequestState.DECLINED,
        "Máy cũ chưa cài được, mời ra buổi thôn.",
        3,
    )


def _count_tv360(stage: Stage, request: asked.Asked, home: Home, days_ago: int) -> None:
    """What was done counts for the home, by the ending, as the desk logs it."""
    stage.log(
        "tv360",
        home.id,
        stage.now - days_ago * DAY,
        form_key=work.ending_key(stage.tx, request.id),
    )


def _end(
    stage: Stage, request: asked.Asked, state: work.Ending, answer: str, days_ago: int
) -> None:
    ended_at = stage.now - days_ago * DAY
    work.end(
        stage.tx,
        request.id,
        state,
        answer=answer,
        staff_id=stage.clerk_id,
        now=ended_at,
        texts=False,
    )


def _give_opinion(stage: Stage, home: Home, words: str, topic: OpinionTopic) -> None:
    """The clerk sorted it, unless it is left unsorted; one of the sessions was chosen."""
    tx = stage.tx
    said = opinions.Said(words, home.holder.id, home.hamlet_id, channel="sms")
    said_at = stage.now - 2 * DAY
    number = opinions.keep(tx, said, commune_id=COMMUNE, now=said_at)
    opinion = opinions.numbered(tx, number, commune_id=COMMUNE)
    holder_id = None if topic is OpinionTopic.UNSORTED else stage.clerk_id
    opinions.sort(tx, opinion, topic=topic, holder_id=holder_id)
    if topic is OpinionTopic.SESSIONS:
        opinions.judge(
            tx, opinion, verdict=Verdict.CHOSEN, why="Thử một buổi tối ở mỗi thôn"
        )
