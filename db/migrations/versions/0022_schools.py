"""Which school is asked for; how parents were asked; counts of a class that were taken
back; heads of a class at the school's gate.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# an index of people lies over an expression, which SQLite does not tell
ALONE = {"resolve_fks": False}
Id = BigInteger().with_variant(Integer, "sqlite")
OPEN = "uq_requests_open"
OF_SCHOOL = "uq_requests_open_school"
SAME = ["person_id", "kind", "for_folded", "for_phone", "hamlet_id"]
# Whoever wrote to two schools asks the first of them.
_ONE_SCHOOL = text("""
    UPDATE requests SET state = 'withdrawn', ended_at = made_at
    WHERE state = 'open' AND school_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM requests o
      WHERE o.person_id = requests.person_id AND o.kind = requests.kind AND o.for_folded = requests.for_folded
        AND o.for_phone = requests.for_phone AND o.hamlet_id = requests.hamlet_id
        AND o.state = 'open' AND o.id < requests.id)
""")


def upgrade() -> None:
    op.drop_index(OPEN, "requests")
    with op.batch_alter_table("requests", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("school_id", Id))
        batch.create_foreign_key(
            "fk_requests_school_id", "businesses", ["school_id"], ["id"]
        )
    _only_one(OPEN, SAME, "state = 'open' AND school_id IS NULL")
    _only_one(
        OF_SCHOOL, [*SAME, "school_id"], "state = 'open' AND school_id IS NOT NULL"
    )
    with op.batch_alter_table("parents", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("asked", String(8), nullable=False, server_default=""))
        batch.create_check_constraint(
            "asked", "asked IN ('', 'form', 'aloud', 'phone')"
        )
    with op.batch_alter_table("class_counts", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("taken_back_at", BigInteger))
        batch.add_column(Column("taken_back_by", Id))
        batch.create_foreign_key(
            "fk_class_counts_taken_back_by", "staff", ["taken_back_by"], ["id"]
        )
    with op.batch_alter_table("head_counts", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("class_id", Id))
        batch.create_foreign_key(
            "fk_head_counts_class_id", "classes", ["class_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("head_counts", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_head_counts_class_id", type_="foreignkey")
        batch.drop_column("class_id")
    with op.batch_alter_table("class_counts", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_class_counts_taken_back_by", type_="foreignkey")
        batch.drop_column("taken_back_by")
        batch.drop_column("taken_back_at")
    with op.batch_alter_table("parents", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("asked", type_="check")
        batch.drop_column("asked")
    op.drop_index(OF_SCHOOL, "requests")
    op.drop_index(OPEN, "requests")
    op.execute(_ONE_SCHOOL)
    with op.batch_alter_table("requests", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_requests_school_id", type_="foreignkey")
        batch.drop_column("school_id")
    _only_one(OPEN, SAME, "state = 'open'")


def _only_one(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "requests",
        columns,
        unique=True,
        sqlite_where=text(where),
        postgresql_where=text(where),
    )
