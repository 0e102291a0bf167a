"""The demo's reports are issued, sent and signed by nobody who exists."""

from __future__ import annotations

from db.demo.places import COMMUNE
from db.demo.stage import SAID, Stage
from db.reporting import heads
from db.reporting.heads import Head

SINCE_DAYS = 60  # as long as the plan of the demo runs


def fill(stage: Stage) -> None:
    head = Head(
        since=stage.iso(-SINCE_DAYS),
        parent="Ủy ban nhân dân thành phố Lạng Sơn",
        issuer="Ủy ban nhân dân xã Quảng Lạc",
        symbol=heads.SYMBOL,
        place="Quảng Lạc",
        subject="Kết quả chuyển đổi máy 2G lên 4G và thanh toán số",
        addressees="Ủy ban nhân dân thành phố Lạng Sơn",
        grounds=GROUNDS,
        recipients=RECIPIENTS,
        capacity="TM. Ủy ban nhân dân\nKT. Chủ tịch\nPhó Chủ tịch",
        signer="Họ Và Tên (mẫu)",
    )
    heads.save(stage.tx, COMMUNE, head)


GROUNDS = f"""Căn cứ Kế hoạch số ………/KH-UBND của Ủy ban nhân dân xã Quảng Lạc {SAID}
Căn cứ tình hình thực hiện tại các thôn"""
RECIPIENTS = """Như trên
Ban Chỉ đạo chuyển đổi số thành phố
Phòng Văn hóa và Thông tin thành phố
Lưu: VT, VH-XH"""
