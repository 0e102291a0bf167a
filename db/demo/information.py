"""The demo's facts: an answer to each topic, invented, and said to be a sample where an
address or a phone stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from sqlalchemy import insert

from db.demo.places import COMMUNE, SPRING
from db.models import fact_tallies
from db.places import information
from db.places.information import Written
from db.store.engine import Tx
from menus import days
from menus.topics import Topic

# the offers run out within the week: work for the desk
BEGAN_DAYS, TO_GO_DAYS, OFFERS_TO_GO_DAYS = (
    20,
    200,
    5,
)
BLOCKED = date(2024, 10, 16)  # phones that are 2G only, in the plan's time
ASKED_DAYS, ASKED_MOST = 25, 4  # over so many days, so often a day

SAID: Mapping[Topic, tuple[str, str]] = {
    Topic.POINT: (
        "Điểm Viettel ở xã: cạnh chợ Quảng Lạc (địa chỉ mẫu), 7h30-11h30, 13h30-17h, T2-T7. Điện thoại 0990 000 990"
        " (số mẫu).",
        "Viettel point: beside Quang Lac market (sample address), 7:30-11:30 and 13:30-17:00, Mon-Sat."
        " Phone 0990 000 990 (sample).",
    ),
    Topic.MONEY: (
        "Mở tài khoản Viettel Money ở buổi đăng ký của thôn hoặc điểm Viettel, mang căn cước, không mất tiền."
        " Xem buổi gần nhất: nhắn DL.",
        "Open a Viettel Money account at a hamlet session or the Viettel point. Bring the ID card. Free."
        " See the next session: text DL.",
    ),
    Topic.QR: (
        "Mã QR nhận tiền cho cửa hàng: mang căn cước đến điểm Viettel hoặc buổi của thôn, không mất tiền.",
        "A QR for a shop: bring the ID card to the Viettel point or a hamlet session. Free.",
    ),
    Topic.TUITION: (
        "Học phí: trả qua Viettel Money, mục Học phí, hoặc tại bàn ở cổng trường.",
        "Tuition: in Viettel Money under Hoc phi, or at the desk by the school gate.",
    ),
    Topic.POWER: (
        "Tiền điện: trả qua Viettel Money, mục Điện, cần mã khách hàng trên hóa đơn; hoặc trả tại điểm Viettel ở xã."
        " Cần hướng dẫn: nhắn GOI LAI.",
        "Electricity: pay in Viettel Money under Dien, with the customer code of the bill; or at the Viettel point."
        " For help: text GOI LAI.",
    ),
    Topic.WATER: (
        "Tiền nước: hộ dùng nước máy trả qua Viettel Money, mục Nước, hoặc tại điểm Viettel ở xã (dữ liệu mẫu)."
        " Cần hướng dẫn: nhắn GOI LAI.",
        "Water bills: in Viettel Money under Nuoc, or at the Viettel point (sample). For help: text GOI LAI.",
    ),
    Topic.APP: (
        "Ứng dụng Công dân số Xứ Lạng: cài tại buổi của thôn hoặc nhờ tổ công nghệ số của thôn, không mất tiền."
        " Mang điện thoại 4G và căn cước.",
        "The app Cong dan so Xu Lang is installed at hamlet sessions or by the hamlet's digital team. Free."
        " Bring a 4G phone and the ID card.",
    ),
    Topic.SERVICES: (
        "Dịch vụ công trực tuyến: đến bộ phận một cửa của xã giờ hành chính, cán bộ giúp nộp hồ sơ qua mạng."
        " Mang căn cước và điện thoại.",
        "Public services online: staff at the one-stop office help to file, in office hours."
        " Bring the ID card and the phone.",
    ),
    Topic.SHOP: (
        "Cửa hàng số: tổ công nghệ số của thôn giúp đưa nông sản lên mạng, không mất tiền. Ghi tên: nhắn GOI LAI.",
        "Digital shop: the hamlet's digital team helps to sell farm goods online. Free."
        " To put the name down: text GOI LAI.",
    ),
    Topic.TV360: (
        "TV360 xem truyền hình trên điện thoại 4G. Cán bộ cài giúp ở buổi của thôn. Xem bằng dữ liệu di động có thể"
        " tốn tiền.",
        "TV360 shows television on a 4G phone. Staff install it at hamlet sessions. Mobile data may cost money.",
    ),
    Topic.OFFERS: (
        "Theo chính sách đến {offers_end} (số liệu mẫu): tự nạp tiền bằng Viettel Money được hoàn 10 phần trăm;"
        " gói 4G giảm 15-30 phần trăm.",
        "Until {offers_end} (sample): 10 percent back on top-ups of one's own number by Viettel Money;"
        " 15-30 percent off 4G data.",
    ),
    Topic.SWITCH_OFF: (
        "Máy chỉ dùng được 2G bị khóa liên lạc từ {blocked} (ngày mẫu). Máy 4G vẫn dùng bình thường."
        " Xem máy có được đổi không: nhắn KT.",
        "Phones that are 2G only are blocked from {blocked} (sample). 4G phones go on working."
        " Can it be swapped? Text KT.",
    ),
    Topic.TEXT_PRICE: (
        "Bản chạy thử: nhắn tin ở đây không mất tiền. Khi chạy thật, mỗi tin theo giá cước của nhà mạng,"
        " xã không thu thêm.",
        "Trial: texts here cost nothing. In earnest each text costs what the operator takes; the commune adds nothing.",
    ),
    Topic.WHO: (
        "Đây là số của UBND xã Quảng Lạc. Xã không hỏi mật khẩu, OTP, số thẻ, không gửi đường dẫn."
        " Ngờ lừa đảo: hỏi trưởng thôn, gọi 18008098.",
        "This is the number of Quang Lac commune. We ask for no password, OTP or card number, send no links."
        " In doubt ask the hamlet head or call 18008098.",
    ),
}


def fill(tx: Tx, random: Random, today: date, now: int) -> None:
    """An answer to each topic, and how often it was asked about lately. `now` is UTC
    ms.
    """
    began = today - timedelta(days=BEGAN_DAYS)
    shift = today - SPRING
    for topic, (vi, en) in SAID.items():
        days_to_go = OFFERS_TO_GO_DAYS if topic is Topic.OFFERS else TO_GO_DAYS
        ends = today + timedelta(days=days_to_go)
        blanks = {"offers_end": ends, "blocked": BLOCKED + shift}
        fact = Written(
            vi=_filled_in(vi, blanks, "vi"),
            en=_filled_in(en, blanks, "en"),
            valid_from=began.isoformat(),
            valid_until=ends.isoformat(),
        )
        information.write(
            tx, COMMUNE, topic, fact, staff_id=None, form_key=None, now=now
        )
        _ask_about(tx, random, topic, today)


def _filled_in(words: str, blanks: dict[str, date], language: str) -> str:
    written = {}
    for name, day in blanks.items():
        short = days.short_day(day, language)
        written[name] = f"{short}/{day.year}"
    return words.format_map(written)


def _ask_about(tx: Tx, random: Random, topic: Topic, today: date) -> None:
    for ago in range(ASKED_DAYS):
        number = random.randint(0, ASKED_MOST)
        if not number:
            continue
        day = today - timedelta(days=ago)
        tally = insert(fact_tallies).values(
            commune_id=COMMUNE, topic=topic, day=day.isoformat(), count=number
        )
        tx.run(tally)
