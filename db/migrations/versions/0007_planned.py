"""What the texts of a going-out were reckoned to take when its list was frozen, to
stand beside what they took.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PLANNED = ("planned_parts", "planned_price")


def upgrade() -> None:
    for name in PLANNED:
        op.add_column("firings", Column(name, Integer))


def downgrade() -> None:
    for name in PLANNED:
        op.drop_column("firings", name)
