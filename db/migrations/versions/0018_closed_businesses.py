"""A shop that gave up, or was entered by mistake, is closed: it leaves the lists, and
what it counted for stays.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("businesses", Column("closed_at", BigInteger))


def downgrade() -> None:
    op.drop_column("businesses", "closed_at")
