"""The demo's plan has dates, and two adjustments were noted on its way."""

from __future__ import annotations

from datetime import timedelta

from db.demo.places import COMMUNE
from db.demo.stage import SAID, Stage
from db.places import plan

BEGAN_DAYS, LASTS_DAYS = 60, 260
# (days ago, indicator, words)
NOTES = (
    (21, "", f"Thêm buổi tối thứ bảy cho người đi làm ban ngày. {SAID}"),
    (
        6,
        "business_qr",
        f"Tổ công nghệ số đến tận cửa hàng, không đợi chủ quán tới buổi của thôn. {SAID}",
    ),
)


def fill(stage: Stage) -> None:
    starts = stage.day(-BEGAN_DAYS)
    ends = starts + timedelta(days=LASTS_DAYS)
    plan.run_from(stage.tx, COMMUNE, starts.isoformat(), ends.isoformat())
    today = stage.iso(0)
    for ago, indicator, words in NOTES:
        plan.note(
            stage.tx,
            COMMUNE,
            words=words,
            day=stage.iso(-ago),
            today=today,
            indicator=indicator,
            staff_id=stage.clerk_id,
            form_key=f"demo-{ago}",
            now=stage.at(-ago, "09:00"),
        )
