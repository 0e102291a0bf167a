"""Seats are counted from the index alone: a list of days asks for those of some sixty
times at once.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_bookings_seats", "bookings", ["slot_id", "status", "until", "places"]
    )
    op.drop_index("ix_bookings_slot_id", "bookings")


def downgrade() -> None:
    op.create_index("ix_bookings_slot_id", "bookings", ["slot_id"])
    op.drop_index("ix_bookings_seats", "bookings")
