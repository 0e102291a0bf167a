"""What people of the demo ask for and think: requests of several kinds, one late, one tried, some ended; opinions."""

from __future__ import annotations

from typing import NamedTuple

from db.demo.places import COMMUNE
from db.demo.residents import Home
from db.models.states import Ground, OpinionTopic, RequestKind, RequestState, Verdict
from db.register import identity
from db.requests import asked, opinions, work
from db.store.engine import Tx
from db.texts import wishes

HOUR = 3_600_000
DAY = 24 * HOUR


class Wish(NamedTuple):
    kind: RequestKind
    days_ago: int
    words: str
    told: bool  # Viettel may call
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
    Wish(RequestKind.SCHOOL, 1, "nho nha truong goi lai ve hoc phi", False, ""),
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


def fill(
    tx: Tx, homes: list[Home], staff: dict[str, int], *, privacy_key: str, now: int
) -> None:
    """`homes` lends somebody with a phone for each; `staff` is role -> id."""
    requests = [
        _ask(tx, home, said, privacy_key=privacy_key, now=now)
        for home, said in zip(homes, _ASKED, strict=False)
    ]
    clerk_id = staff["commune"]
    _work_on(tx, requests, clerk_id, now)
    for home, (words, topic) in zip(homes, _SAID, strict=False):
        _give_opinion(tx, home, words, topic, clerk_id=clerk_id, now=now)


def _ask(tx: Tx, home: Home, wish: Wish, *, privacy_key: str, now: int) -> asked.Asked:
    """The request that one of the home made."""
    asked_at = now - wish.days_ago * DAY
    holder = home.holder
    if wish.kind is not RequestKind.ERASE:
        who = identity.who_is(privacy_key, holder.id, holder.phone)
        purpose = "operator" if wish.told else "callback"
        wishes.agreed(
            tx,
            who=who,
            person_id=holder.id,
            purpose=purpose,
            prompt="demo",
            channel="sms",
            answer="1",
            now=asked_at,
        )
    ground = Ground.RELATIVE if wish.for_name else Ground.SELF
    wanted = asked.Wanted(
        wish.kind, holder.id, home.hamlet_id, words=wish.words, for_name=wish.for_name, ground=ground, told=wish.told,
        channel="sms",
    )  # fmt: skip
    return asked.ask(tx, wanted, commune_id=COMMUNE, now=asked_at)


def _work_on(tx: Tx, requests: list[asked.Asked], clerk_id: int, now: int) -> None:
    """One is taken and tried in vain, one done, one declined."""
    tried, done, declined = requests[0], requests[7], requests[8]
    work.take(tx, tried.id, staff_id=clerk_id, now=now - 4 * DAY)
    work.tried(
        tx,
        tried.id,
        staff_id=clerk_id,
        words="Không nghe máy",
        now=now - 4 * DAY,
        form_key=None,
    )
    installed = "Đã cài tại nhà."
    work.end(
        tx,
        done.id,
        RequestState.DONE,
        answer=installed,
        staff_id=clerk_id,
        now=now - 2 * DAY,
        texts=False,
    )
    too_old = "Máy cũ chưa cài được, mời ra buổi thôn."
    work.end(
        tx,
        declined.id,
        RequestState.DECLINED,
        answer=too_old,
        staff_id=clerk_id,
        now=now - 3 * DAY,
        texts=False,
    )


def _give_opinion(
    tx: Tx, home: Home, words: str, topic: OpinionTopic, *, clerk_id: int, now: int
) -> None:
    """The clerk sorted it, unless it is left unsorted; one of the sessions was chosen."""
    said = opinions.Said(words, home.holder.id, home.hamlet_id, channel="sms")
    number = opinions.keep(tx, said, commune_id=COMMUNE, now=now - 2 * DAY)
    opinion = opinions.numbered(tx, number, commune_id=COMMUNE)
    holder_id = None if topic is OpinionTopic.UNSORTED else clerk_id
    opinions.sort(tx, opinion, topic=topic, holder_id=holder_id)
    if topic is OpinionTopic.SESSIONS:
        opinions.judge(
            tx, opinion, verdict=Verdict.CHOSEN, why="Thử một buổi tối ở mỗi thôn"
        )
