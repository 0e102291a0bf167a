"""A broadcast that the commune has written and not sent: how one is chosen, tested and
started can be tried on it.
"""

from __future__ import annotations

from db.broadcasts import drafts
from db.broadcasts.drafts import Draft
from db.demo.places import COMMUNE
from db.demo.stage import Stage

TO_TWO_HAMLETS = Draft(
    name="Mời đổi máy: Quảng Trung I, Quảng Hồng I",
    text_class="notice",
    vi="{commune}: Nhà ta còn máy 2G. Buổi đổi máy gần nhất: {next_session}, {hall}. Có đến không? Nhắn CÓ hoặc KHÔNG.",
    rule={"hamlet": ["Quảng Trung I", "Quảng Hồng I"], "household_on_2g": True},
)


def fill(stage: Stage) -> None:
    """One draft, written just now."""
    drafts.create(
        stage.tx,
        TO_TWO_HAMLETS,
        commune_id=COMMUNE,
        staff_id=stage.clerk_id,
        now=stage.now,
    )
