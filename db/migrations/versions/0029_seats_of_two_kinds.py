"""Somebody has one seat of each kind of session, where one could have one seat in all;
and what a session is for stands among what one can get there.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String, text

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
KINDS = (
    "swap",
    "account",
    "school",
    "training",
    "farmers",
    "workshop",
    "meeting",
    "street",
    "visits",
)
BOOKED = text("status = 'booked'")
_KIND_OF_ITS_EVENT = text("""
    UPDATE bookings SET kind = (
      SELECT e.kind FROM slots s JOIN events e ON e.id = s.event_id WHERE s.id = bookings.slot_id)
""")
_WHAT_IT_IS_FOR = text("""
    INSERT INTO event_services (event_id, service)
    SELECT e.id, CASE e.kind WHEN 'school' THEN 'tuition' ELSE e.kind END
    FROM events e
    WHERE e.kind IN ('swap', 'account', 'school')
      AND NOT EXISTS (SELECT 1 FROM event_services v WHERE v.event_id = e.id
        AND v.service = CASE e.kind WHEN 'school' THEN 'tuition' ELSE e.kind END)
""")
# Of seats of several kinds the first that was made is all that may stand again.
_ONE_OF_ALL = text("""
    UPDATE bookings SET status = 'cancelled', reason = 'event', ended_at = changed_at
    WHERE status = 'booked' AND EXISTS (
      SELECT 1 FROM bookings o
      WHERE o.person_id = bookings.person_id AND o.programme_id = bookings.programme_id
        AND o.status = 'booked' AND o.id < bookings.id)
""")


def upgrade() -> None:
    among = ", ".join(f"'{kind}'" for kind in KINDS)
    with op.batch_alter_table("bookings", reflect_kwargs=ALONE) as batch:
        batch.add_column(
            Column("kind", String(10), nullable=False, server_default="swap")
        )
        batch.create_check_constraint(op.f("ck_bookings_kind"), f"kind IN ({among})")
    op.execute(_KIND_OF_ITS_EVENT)
    op.execute(_WHAT_IT_IS_FOR)
    op.drop_index("uq_bookings_one_per_person", "bookings")
    _one_for_each(["programme_id", "person_id", "kind"])


def downgrade() -> None:
    op.drop_index("uq_bookings_one_per_person", "bookings")
    op.execute(_ONE_OF_ALL)
    _one_for_each(["programme_id", "person_id"])
    with op.batch_alter_table("bookings", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint(op.f("ck_bookings_kind"), type_="check")
        batch.drop_column("kind")


def _one_for_each(columns: list[str]) -> None:
    op.create_index(
        "uq_bookings_one_per_person",
        "bookings",
        columns,
        unique=True,
        sqlite_where=BOOKED,
        postgresql_where=BOOKED,
    )
