"""Opinions are found by who said them; most are nobody's any more, and those stand in
no index.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SOMEBODYS = text("person_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_opinions_person_id", "opinions")
    op.create_index(
        "ix_opinions_person_id",
        "opinions",
        ["person_id"],
        sqlite_where=SOMEBODYS,
        postgresql_where=SOMEBODYS,
    )


def downgrade() -> None:
    op.drop_index("ix_opinions_person_id", "opinions")
    op.create_index("ix_opinions_person_id", "opinions", ["person_id"])
