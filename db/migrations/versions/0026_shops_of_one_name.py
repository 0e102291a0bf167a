"""Shops of one name stand in several hamlets: a name alone makes no two the same."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
NAME = "uq_businesses_commune_id_kind_name"
# Those that came later bear their number behind the name.
_TELL_APART = """
    UPDATE businesses SET name = substr(name, 1, 100) || ' (' || id || ')'
    WHERE EXISTS (
      SELECT 1 FROM businesses o
      WHERE o.commune_id = businesses.commune_id AND o.kind = businesses.kind AND o.name = businesses.name
        AND o.id < businesses.id)
"""


def upgrade() -> None:
    with op.batch_alter_table("businesses", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint(NAME, type_="unique")


def downgrade() -> None:
    op.execute(_TELL_APART)
    with op.batch_alter_table("businesses", reflect_kwargs=ALONE) as batch:
        batch.create_unique_constraint(NAME, ["commune_id", "kind", "name"])
