"""What leads away from us, in whatever clothes; and what only looks like it."""

from __future__ import annotations

import pytest

from menus.links import asks_for_secret, leads_away


@pytest.mark.parametrize(
    "written",
    [
        "Bấm http://vneid.vn.",
        "Vào www.xa.vn nhé.",
        "Mở xa.example.com/form để ghi tên.",
        "Vào trang tv360 chấm vn",
        "Vào tv360 CHẤM VN xem phim",
        "vao tv360 cham vn",
        "Vào xa . vn",
        "Vào xa[.]vn",
        "Vào xa (chấm) com",
        "xa\u200b.vn",
        "xa．vn, xa。vn",
        "ＷＷＷ.xa",
        "w w w xa",
        "hxxps xa",
        "http : // xa",
        "zalo.me/0990000001",
        "bit.ly/abc",
        "cutt.page/x1",
        "Liên hệ 192.168.1.1/pay",
        "Vào 45.77.1.20:8080",
        "203.113.131.100/x",
        "xa.zone/pay",
        "lienhe@quanglac.vn",
    ],
)
def test_an_address_is_one_however_it_is_written(written: str) -> None:
    assert leads_away(written)


@pytest.mark.parametrize(
    "written",
    [
        "Mời bà con họp lúc 8.30 ở Nhà văn hóa. Gọi {number}.",
        "Tổng 1.250.100.200 đồng; họp 1.12.2026, tài liệu mục 1.2.3.",
        "Thịt lợn chấm muối, gà chấm cơm nếp.",
        "Họp thôn. Cơm trưa tại nhà. Việt Nam vô địch.",
        "Từ 1.12.2026, 1.000.000.000 đồng, 15.000đ/kg, 24/7, P.2/N.3.",
        "Công dân số Xứ Lạng, VNeID, TV360, Viettel Money.",
        "Nhắn 2404 hoặc bấm *2404#. Có quà. Mẹ và bé. Top 10.",
    ],
)
def test_what_is_no_address_may_be_said(written: str) -> None:
    assert not leads_away(written)


@pytest.mark.parametrize(
    "written",
    [
        "Tiền điện: gọi 0205 3 123 456 hoặc nhắn mã OTP cho cán bộ.",
        "Nhan ma OTP cho can bo de xong",
        "Bà con báo mật khẩu Viettel Money với tổ công nghệ để cài.",
        "Mang mã OTP đến xã.",
        "Không bấm đường dẫn lạ, nhớ đưa mã xác thực cho cô giáo.",
        "Bring your PIN to the commune.",
        "Zalo mã OTP qua số 0990000001",
    ],
)
def test_whoever_is_to_get_a_secret_the_demand_is_one(written: str) -> None:
    assert asks_for_secret(written)


@pytest.mark.parametrize(
    "written",
    [
        "Không đọc mật khẩu hoặc nhắn mã OTP cho ai.",
        "Xã không bao giờ hỏi mã OTP.",
        "Quên mật khẩu thì gọi 18008098, hoặc đến điểm dịch vụ.",
        "Đặt mật khẩu dễ nhớ. Hỏi thêm: nhắn 2404.",
        "Mã OTP chỉ mình biết. Cho cán bộ xem căn cước.",
    ],
)
def test_words_about_a_secret_are_no_demand(written: str) -> None:
    assert not asks_for_secret(written)
