"""Broadcasts: words, firings, the ledger; texts that hang on it; the pace of a sender,
shared by all clocks.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")

OUT = "direction = 'out' AND firing_id IS NOT NULL"
IN = "direction = 'in' AND firing_id IS NOT NULL"


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def refers(table: str, name: str, to: str, *, null: bool = False) -> Column[Any]:
    return Column(
        name, Id, ForeignKey(f"{to}.id", name=f"fk_{table}_{name}"), nullable=null
    )


def upgrade() -> None:
    _broadcasts()
    _words()
    _firings()
    _recipients()
    _acts()
    _audiences()
    op.create_table(
        "paces",
        Column("sender", String(16), nullable=False),
        Column("next_us", Id, nullable=False),
        PrimaryKeyConstraint("sender", name="pk_paces"),
    )
    for name, kind in (("firing_id", Id), ("person_id", Id), ("answer", String(8))):
        op.add_column("messages", Column(name, kind))
    op.create_index(
        "uq_messages_recipient",
        "messages",
        ["firing_id", "person_id"],
        unique=True,
        **where(OUT),
    )
    op.create_index(
        "ix_messages_person",
        "messages",
        ["person_id"],
        **where("person_id IS NOT NULL"),
    )
    op.create_index(
        "ix_messages_answers", "messages", ["firing_id", "answer"], **where(IN)
    )
    op.create_index(
        "ix_messages_failed",
        "messages",
        ["phone"],
        **where("status IN ('FAILED', 'LOST')"),
    )
    op.add_column("people", Column("who", String(64)))
    op.create_index("ix_people_who", "people", ["who"])
    op.create_index(
        "ix_people_without_who",
        "people",
        ["id"],
        **where("who IS NULL AND phone IS NOT NULL"),
    )
    op.add_column(
        "staff", Column("phone", String(16), nullable=False, server_default="")
    )


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        Column("id", Id, nullable=False),
        refers("broadcasts", "commune_id", "communes"),
        Column("name", String(80), nullable=False),
        Column("class", String(8), nullable=False),
        Column("state", String(8), nullable=False, server_default="draft"),
        Column("rule", Text, nullable=False),
        Column("words_id", Id),
        Column("not_before", BigInteger),
        Column("not_after", BigInteger),
        Column("pace_many", Integer),
        Column("pace_minutes", Integer, nullable=False, server_default="1"),
        Column("repeats", String(8), nullable=False, server_default=""),
        Column("good_for", Integer),
        Column("event_offset", Integer),
        Column("event_to", String(9), nullable=False, server_default="residents"),
        Column("repeat_until", String(10)),
        Column("next_at", BigInteger),
        Column("late_joiners", Boolean, nullable=False, server_default=false()),
        Column("told_days", Integer, nullable=False, server_default="7"),
        refers("broadcasts", "event_id", "events", null=True),
        Column("window_hours", Integer, nullable=False, server_default="72"),
        Column("paused_why", String(200), nullable=False, server_default=""),
        refers("broadcasts", "made_by", "staff", null=True),
        Column("made_at", BigInteger, nullable=False),
        Column("changed_at", BigInteger, nullable=False),
        refers("broadcasts", "approved_by", "staff", null=True),
        Column("approved_at", BigInteger),
        Column("approved_digest", String(64), nullable=False, server_default=""),
        PrimaryKeyConstraint("id", name="pk_broadcasts"),
        CheckConstraint("class IN ('notice', 'advert')", name="ck_broadcasts_class"),
        CheckConstraint(
            "state IN ('draft', 'running', 'paused', 'stopped', 'done')",
            name="ck_broadcasts_state",
        ),
    )
    for column in ("commune_id", "event_id", "state"):
        op.create_index(f"ix_broadcasts_{column}", "broadcasts", [column])


def _words() -> None:
    op.create_table(
        "broadcast_words",
        Column("id", Id, nullable=False),
        refers("broadcast_words", "broadcast_id", "broadcasts"),
        Column("vi", Text, nullable=False),
        Column("en", Text, nullable=False),
        Column("digest", String(64), nullable=False),
        refers("broadcast_words", "made_by", "staff", null=True),
        Column("made_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_broadcast_words"),
    )
    for column in ("broadcast_id", "digest"):
        op.create_index(f"ix_broadcast_words_{column}", "broadcast_words", [column])


def _firings() -> None:
    op.create_table(
        "firings",
        Column("id", Id, nullable=False),
        refers("firings", "broadcast_id", "broadcasts"),
        Column("number", Integer, nullable=False),
        refers("firings", "words_id", "broadcast_words"),
        Column("rule", Text, nullable=False),
        refers("firings", "event_id", "events", null=True),
        Column("started_at", BigInteger, nullable=False),
        Column("not_before", BigInteger, nullable=False),
        Column("not_after", BigInteger),
        Column("planned_to", Id, nullable=False, server_default="0"),
        Column("planned_at", BigInteger),
        Column("registered", Integer, nullable=False, server_default="0"),
        Column("chosen", Integer, nullable=False, server_default="0"),
        Column("released_to", Id, nullable=False, server_default="0"),
        Column("pace_from", BigInteger),
        Column("pace_used", Integer, nullable=False, server_default="0"),
        Column("ended_at", BigInteger),
        Column("ended_why", String(12), nullable=False, server_default=""),
        PrimaryKeyConstraint("id", name="pk_firings"),
        UniqueConstraint(
            "broadcast_id", "number", name="uq_firings_broadcast_id_number"
        ),
    )
    for column in ("words_id", "event_id"):
        op.create_index(f"ix_firings_{column}", "firings", [column])
    op.create_index(
        "ix_firings_open", "firings", ["not_before"], **where("ended_at IS NULL")
    )


def _recipients() -> None:
    op.create_table(
        "recipients",
        refers("recipients", "firing_id", "firings"),
        Column("person_id", Id, nullable=False),
        Column("hamlet_id", Id),
        Column("left_out", String(16)),
        PrimaryKeyConstraint("firing_id", "person_id", name="pk_recipients"),
        sqlite_with_rowid=False,
    )


def _acts() -> None:
    op.create_table(
        "broadcast_acts",
        Column("id", Id, nullable=False),
        refers("broadcast_acts", "broadcast_id", "broadcasts"),
        refers("broadcast_acts", "staff_id", "staff", null=True),
        Column("act", String(16), nullable=False),
        Column("detail", String(200), nullable=False, server_default=""),
        Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_broadcast_acts"),
    )
    op.create_index(
        "ix_broadcast_acts_broadcast_id", "broadcast_acts", ["broadcast_id"]
    )


def _audiences() -> None:
    op.create_table(
        "audiences",
        Column("id", Id, nullable=False),
        refers("audiences", "commune_id", "communes"),
        Column("name", String(80), nullable=False),
        Column("rule", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_audiences"),
        UniqueConstraint("commune_id", "name", name="uq_audiences_commune_id_name"),
    )
    op.create_index("ix_audiences_commune_id", "audiences", ["commune_id"])


def downgrade() -> None:
    """An older release knows no broadcasts: their texts go with them."""
    op.execute(
        "DELETE FROM attempts WHERE message_id IN (SELECT id FROM messages WHERE kind LIKE 'broadcast%')"
    )
    op.execute("DELETE FROM messages WHERE kind LIKE 'broadcast%'")
    op.drop_column("staff", "phone")
    op.drop_index("ix_people_without_who", "people")
    op.drop_index("ix_people_who", "people")
    op.drop_column("people", "who")
    for index in (
        "ix_messages_failed",
        "ix_messages_answers",
        "ix_messages_person",
        "uq_messages_recipient",
    ):
        op.drop_index(index, "messages")
    for name in ("answer", "person_id", "firing_id"):
        op.drop_column("messages", name)
    for table in (
        "paces",
        "audiences",
        "broadcast_acts",
        "recipients",
        "firings",
        "broadcast_words",
        "broadcasts",
    ):
        op.drop_table(table)
