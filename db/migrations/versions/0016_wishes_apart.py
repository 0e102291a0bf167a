"""Two wishes of one kind are two requests where they are for two people, or for two
places. (A 0015 was withdrawn before anybody had it.)
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

OPEN = text("state = 'open'")
# One of a kind for a name is all that may be open again: the first of them.
_ONE_OF_EACH = text("""
    UPDATE requests SET state = 'withdrawn', ended_at = made_at
    WHERE state = 'open' AND EXISTS (
      SELECT 1 FROM requests o
      WHERE o.person_id = requests.person_id AND o.kind = requests.kind AND o.for_folded = requests.for_folded
        AND o.state = 'open' AND o.id < requests.id)
""")


def upgrade() -> None:
    op.drop_index("uq_requests_open", "requests")
    _only_one(["person_id", "kind", "for_folded", "for_phone", "hamlet_id"])


def downgrade() -> None:
    op.drop_index("uq_requests_open", "requests")
    op.execute(_ONE_OF_EACH)
    _only_one(["person_id", "kind", "for_folded"])


def _only_one(columns: list[str]) -> None:
    op.create_index(
        "uq_requests_open",
        "requests",
        columns,
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
