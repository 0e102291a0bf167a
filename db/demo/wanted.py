"""What people of the demo ask for and think: requests of several kinds, one late, one tried, some ended; opinions."""

from __future__ import annotations

from db.demo.places import COMMUNE
from db.demo.residents import Home
from db.models.states import Ground, OpinionTopic, RequestKind, RequestState, Verdict
from db.register import identity
from db.requests import asked, opinions, work
from db.store.engine import Tx
from db.texts import wishes

HOUR = 3_600_000
DAY = 24 * HOUR

# Kind, days ago, the words, whether Viettel may call, for whom.
_ASKED = (
    (RequestKind.QR, 9, "toi ban tap hoa muon xin ma qr", True, ""),
    (RequestKind.ACCOUNT, 1, "mo tai khoan viettel money ho toi", True, ""),
    (RequestKind.QR, 1, "xin ma qr cho quan nuoc", False, ""),
    (RequestKind.VISIT, 2, "nho can bo den nha me toi", False, "Lương Thị Cụ (dữ liệu mẫu)"),
    (RequestKind.SCHOOL, 1, "nho nha truong goi lai ve hoc phi", False, ""),
    (RequestKind.NO_PHONE, 0, "me toi khong co dien thoai", False, "Hoàng Thị Già (dữ liệu mẫu)"),
    (RequestKind.ERASE, 1, "xoa het thong tin cua toi", False, ""),
    (RequestKind.TV360, 4, "nho cai tv360 cho toi", True, ""),
    (RequestKind.APP, 6, "cai giup toi ung dung", False, ""),
)
_SAID = (
    ("GOP Y hoi truong nong qua, nen mo them quat", OpinionTopic.UNSORTED),
    ("toi gop y: nen to chuc buoi toi cho nguoi di lam nuong", OpinionTopic.SESSIONS),
    ("phan anh song dien thoai o thon yeu", OpinionTopic.PHONES),
)


def fill(tx: Tx, homes: list[Home], staff: dict[str, int], *, privacy_key: str, now: int) -> None:
    """`homes` lends somebody with a phone for each; `staff` is role -> id."""
    made = []
    for home, (kind, ago, words, told, for_name) in zip(homes, _ASKED, strict=False):
        at, who = now - ago * DAY, home.holder
        if kind is not RequestKind.ERASE:
            wishes.agreed(
                tx, who=identity.who_is(privacy_key, who.id, who.phone), person_id=who.id,
                purpose="operator" if told else "callback", prompt="demo", channel="sms", answer="1", now=at,
            )  # fmt: skip
        ground = Ground.RELATIVE if for_name else Ground.SELF
        wanted = asked.Wanted(
            kind, who.id, home.hamlet_id, words=words, for_name=for_name, ground=ground, told=told, channel="sms"
        )  # fmt: skip
        made.append(asked.ask(tx, wanted, commune_id=COMMUNE, now=at))
    clerk = staff["commune"]
    work.take(tx, made[0].id, staff_id=clerk, now=now - 4 * DAY)
    work.tried(tx, made[0].id, staff_id=clerk, words="Không nghe máy", now=now - 4 * DAY, form_key=None)
    work.end(
        tx, made[7].id, RequestState.DONE, answer="Đã cài tại nhà.", staff_id=clerk, now=now - 2 * DAY, texts=False
    )
    work.end(
        tx, made[8].id, RequestState.DECLINED, answer="Máy cũ chưa cài được, mời ra buổi thôn.", staff_id=clerk,
        now=now - 3 * DAY, texts=False,
    )  # fmt: skip
    for home, (words, topic) in zip(homes, _SAID, strict=False):
        said = opinions.Said(words, home.holder.id, home.hamlet_id, channel="sms")
        number = opinions.keep(tx, said, commune_id=COMMUNE, now=now - 2 * DAY)
        opinion = opinions.numbered(tx, number, commune_id=COMMUNE)
        opinions.sort(tx, opinion, topic=topic, holder_id=clerk if topic is not OpinionTopic.UNSORTED else None)
        if topic is OpinionTopic.SESSIONS:
            opinions.judge(tx, opinion, verdict=Verdict.CHOSEN, why="Thử một buổi tối ở mỗi thôn")
