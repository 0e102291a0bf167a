"""Reports to sign: their dated head, and the figures of each that was made."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_heads",
        Column("id", Id, primary_key=True),
        _commune("report_heads"),
        Column("since", String(10), nullable=False),
        Column("parent", String(120), nullable=False),
        Column("issuer", String(120), nullable=False),
        Column("symbol", String(40), nullable=False),
        Column("place", String(60), nullable=False),
        Column("subject", String(300), nullable=False),
        Column("addressees", Text, nullable=False),
        Column("grounds", Text, nullable=False),
        Column("recipients", Text, nullable=False),
        Column("capacity", String(200), nullable=False),
        Column("signer", String(80), nullable=False),
        UniqueConstraint(
            "commune_id", "since", name="uq_report_heads_commune_id_since"
        ),
    )
    op.create_table(
        "reports",
        Column("id", Id, primary_key=True),
        _commune("reports"),
        Column("kind", String(8), nullable=False),
        Column("first_day", String(10), nullable=False),
        Column("last_day", String(10), nullable=False),
        Column("version", Integer, nullable=False),
        Column("figures", Text, nullable=False),
        Column("made_at", BigInteger, nullable=False),
        Column("staff_id", Id, ForeignKey("staff.id", name="fk_reports_staff_id")),
        Column("form_key", String(60), nullable=False),
        UniqueConstraint("form_key", name="uq_reports_form_key"),
        UniqueConstraint(
            "commune_id",
            "kind",
            "first_day",
            "last_day",
            "version",
            name="uq_reports_commune_id_kind_first_day_last_day_version",
        ),
        CheckConstraint(
            "kind IN ('days', 'week', 'month', 'all')", name=op.f("ck_reports_kind")
        ),
    )
    op.create_index("ix_reports_made_at", "reports", ["commune_id", "made_at", "id"])


def _commune(table: str) -> Column[int]:
    of = ForeignKey("communes.id", name=f"fk_{table}_commune_id")
    return Column("commune_id", Id, of, nullable=False)


def downgrade() -> None:
    op.drop_table("reports")
    op.drop_table("report_heads")
