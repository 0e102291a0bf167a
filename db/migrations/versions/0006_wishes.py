"""The register of wishes: append-only lines of consents, refusals, their taking back
and their confirmation.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    text,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
FIXED = "id, who, act, what, words, channel, prompt, at, message_id, confirms"


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def upgrade() -> None:
    op.create_table(
        "wishes",
        Column("id", Id, nullable=False),
        Column("who", String(64), nullable=False),
        Column("act", String(10), nullable=False),
        Column("what", String(16), nullable=False),
        Column("words", String(200), nullable=False, server_default=""),
        Column("channel", String(8), nullable=False, server_default=""),
        Column("prompt", String(64), nullable=False, server_default=""),
        Column("at", BigInteger, nullable=False),
        Column(
            "message_id", Id, ForeignKey("messages.id", name="fk_wishes_message_id")
        ),
        Column("confirms", Id, ForeignKey("wishes.id", name="fk_wishes_confirms")),
        Column("ended_at", BigInteger),
        PrimaryKeyConstraint("id", name="pk_wishes"),
    )
    op.create_index("ix_wishes_who", "wishes", ["who"])
    op.create_index(
        "uq_wishes_asked", "wishes", ["who"], unique=True, **where("act = 'asked'")
    )
    op.create_index(
        "ix_wishes_message", "wishes", ["message_id"], **where("message_id IS NOT NULL")
    )
    op.create_index(
        "ix_wishes_confirms", "wishes", ["confirms"], **where("confirms IS NOT NULL")
    )
    op.create_index(
        "ix_wishes_ended", "wishes", ["ended_at"], **where("ended_at IS NOT NULL")
    )
    # Refusals that stand are known by their HMAC; consents get their line when their
    # person is erased.
    op.execute(
        "INSERT INTO wishes (who, act, what, at) SELECT who, 'refused', what, at FROM stops"
    )
    if op.get_bind().dialect.name == "sqlite":
        _hold_on_sqlite()
    else:
        _hold_on_postgresql()


def _hold_on_sqlite() -> None:
    """A line is never changed, ends once, and is deleted only after its end."""
    refuse = (
        "BEGIN SELECT RAISE(ABORT, 'the register of wishes is only appended to'); END"
    )
    op.execute(
        f"CREATE TRIGGER wishes_fixed BEFORE UPDATE OF {FIXED} ON wishes {refuse}"
    )
    op.execute(
        f"CREATE TRIGGER wishes_end_once BEFORE UPDATE OF ended_at ON wishes WHEN OLD.ended_at IS NOT NULL {refuse}"
    )
    op.execute(
        f"CREATE TRIGGER wishes_stand BEFORE DELETE ON wishes WHEN OLD.ended_at IS NULL {refuse}"
    )


def _hold_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION wishes_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the register of wishes is only appended to'; END $$"
    )
    act = "FOR EACH ROW {} EXECUTE FUNCTION wishes_refuse()"
    op.execute(
        f"CREATE TRIGGER wishes_fixed BEFORE UPDATE OF {FIXED} ON wishes {act.format('')}"
    )
    op.execute(
        "CREATE TRIGGER wishes_end_once BEFORE UPDATE OF ended_at ON wishes "
        + act.format("WHEN (OLD.ended_at IS NOT NULL)")
    )
    op.execute(
        "CREATE TRIGGER wishes_stand BEFORE DELETE ON wishes "
        + act.format("WHEN (OLD.ended_at IS NULL)")
    )


def downgrade() -> None:
    """The proof goes with the table: an older release knows no register."""
    op.drop_table("wishes")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION wishes_refuse()")
