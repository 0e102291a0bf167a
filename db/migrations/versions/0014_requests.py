"""Requests with a life, and opinions. Who asked to be called becomes a request with a
number.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
HOUR = 3_600_000
KINDS = "call_me qr account visit school tv360 app no_phone erase copy other"
STATES = "open done declined withdrawn"
GROUNDS = "self relative head other"
ACTS = "asked again taken handed tried noted done declined withdrawn"
TOPICS = "unsorted sessions staff phones money service other"
VERDICTS = "open chosen not_chosen"

# In the order in which they were asked for. Of two that are open for one person the
# later was never to be.
_CALLS = f"""
    INSERT INTO requests (id, commune_id, number, kind, state, person_id, hamlet_id, words, channel, made_at, due_at,
      ended_at)
    SELECT t.id, t.commune_id,
      (SELECT COUNT(*) FROM tasks o WHERE o.commune_id = t.commune_id AND o.kind = 'call_me' AND o.id <= t.id),
      'call_me',
      CASE WHEN t.done_at IS NOT NULL THEN 'done'
        WHEN EXISTS (SELECT 1 FROM tasks o
          WHERE o.person_id = t.person_id AND o.kind = 'call_me' AND o.done_at IS NULL AND o.id < t.id)
        THEN 'withdrawn' ELSE 'open' END,
      t.person_id, t.hamlet_id, CASE WHEN t.done_at IS NULL THEN t.note ELSE '' END, 'sms', t.made_at,
      t.made_at + {24 * HOUR},
      CASE WHEN t.done_at IS NOT NULL THEN t.done_at
        WHEN EXISTS (SELECT 1 FROM tasks o
          WHERE o.person_id = t.person_id AND o.kind = 'call_me' AND o.done_at IS NULL AND o.id < t.id)
        THEN t.made_at END
    FROM tasks t WHERE t.kind = 'call_me' ORDER BY t.id
"""
_ASKED = """
    INSERT INTO request_acts (request_id, at, act) SELECT id, made_at, 'asked' FROM requests ORDER BY id
"""
_CALLED = """
    INSERT INTO request_acts (request_id, at, staff_id, act, words)
    SELECT r.id, t.done_at, t.done_by, 'done', t.note
    FROM tasks t JOIN requests r ON r.id = t.id
    WHERE t.done_at IS NOT NULL ORDER BY t.id
"""
_NUMBERS = """
    INSERT INTO request_numbers (commune_id, last) SELECT commune_id, MAX(number) FROM requests GROUP BY commune_id
"""
_GONE = "DELETE FROM tasks WHERE kind = 'call_me'"

# Back: what an older release has no word for is a question to it, and nobody who waits
# is forgotten.
_TASKS = """
    INSERT INTO tasks (commune_id, person_id, hamlet_id, kind, made_at, done_at, done_by, note)
    SELECT r.commune_id, r.person_id, r.hamlet_id, CASE r.kind WHEN 'call_me' THEN 'call_me' ELSE 'question' END,
      r.made_at, r.ended_at,
      (SELECT a.staff_id FROM request_acts a WHERE a.request_id = r.id AND a.act IN ('done', 'declined')),
      SUBSTR(CASE WHEN r.kind = 'call_me' AND r.ended_at IS NULL THEN r.words
        WHEN r.kind = 'call_me' THEN COALESCE((SELECT a.words FROM request_acts a
          WHERE a.request_id = r.id AND a.act IN ('done', 'declined')), '')
        ELSE r.kind || ': ' || r.words END, 1, 200)
    FROM requests r WHERE r.kind = 'call_me' OR r.state = 'open' ORDER BY r.id
"""


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def refers(table: str, name: str, to: str, *, null: bool = False) -> Column[Any]:
    return Column(
        name, Id, ForeignKey(f"{to}.id", name=f"fk_{table}_{name}"), nullable=null
    )


def one_of(table: str, column: str, words: str) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def word(name: str, length: int, default: str = "") -> Column[Any]:
    return Column(name, String(length), nullable=False, server_default=default)


def instant(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=null)


def upgrade() -> None:
    op.create_table(
        "request_numbers",
        refers("request_numbers", "commune_id", "communes"),
        Column("last", Integer, nullable=False),
        PrimaryKeyConstraint("commune_id", name="pk_request_numbers"),
    )
    _requests()
    _acts()
    _opinions()
    for name in ("request_id", "opinion_id"):
        op.add_column("messages", Column(name, Id))
    op.create_index(
        "ix_messages_request",
        "messages",
        ["request_id"],
        **where("request_id IS NOT NULL"),
    )
    op.create_index(
        "ix_messages_opinion",
        "messages",
        ["opinion_id"],
        **where("opinion_id IS NOT NULL"),
    )
    for statement in (_CALLS, _ASKED, _CALLED, _NUMBERS, _GONE):
        op.execute(text(statement))
    _count_on("requests")


def _count_on(table: str) -> None:
    """Ids were given by hand: the next one comes after them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table} HAVING MAX(id) IS NOT NULL"
        )


def _requests() -> None:
    op.create_table(
        "requests",
        Column("id", Id, nullable=False),
        refers("requests", "commune_id", "communes"),
        Column("number", Integer, nullable=False),
        Column("kind", String(12), nullable=False),
        word("state", 10, "open"),
        refers("requests", "person_id", "people"),
        refers("requests", "hamlet_id", "hamlets", null=True),
        word("for_name", 80),
        word("for_folded", 80),
        word("for_phone", 16),
        word("ground", 8, "self"),
        word("words", 400),
        Column("channel", String(8), nullable=False),
        instant("made_at"),
        instant("due_at"),
        instant("told_at", null=True),
        refers("requests", "holder_id", "staff", null=True),
        instant("tried_at", null=True),
        instant("ended_at", null=True),
        word("answer", 200),
        Column("form_key", String(32)),
        one_of("requests", "kind", KINDS),
        one_of("requests", "state", STATES),
        one_of("requests", "ground", GROUNDS),
        PrimaryKeyConstraint("id", name="pk_requests"),
        UniqueConstraint("commune_id", "number", name="uq_requests_commune_id_number"),
        UniqueConstraint("form_key", name="uq_requests_form_key"),
    )
    op.create_index("ix_requests_person_id", "requests", ["person_id"])
    op.create_index("ix_requests_hamlet_id", "requests", ["hamlet_id"])
    op.create_index(
        "uq_requests_open",
        "requests",
        ["person_id", "kind", "for_folded"],
        unique=True,
        **where("state = 'open'"),
    )
    op.create_index(
        "ix_requests_for_phone", "requests", ["for_phone"], **where("for_phone <> ''")
    )
    op.create_index(
        "ix_requests_due",
        "requests",
        ["commune_id", "due_at"],
        **where("state = 'open'"),
    )
    op.create_index(
        "ix_requests_ended",
        "requests",
        ["commune_id", "ended_at"],
        **where("state <> 'open'"),
    )


def _acts() -> None:
    op.create_table(
        "request_acts",
        Column("id", Id, nullable=False),
        refers("request_acts", "request_id", "requests"),
        instant("at"),
        refers("request_acts", "staff_id", "staff", null=True),
        Column("act", String(10), nullable=False),
        refers("request_acts", "to_id", "staff", null=True),
        word("words", 400),
        Column("form_key", String(32)),
        one_of("request_acts", "act", ACTS),
        PrimaryKeyConstraint("id", name="pk_request_acts"),
        UniqueConstraint("form_key", name="uq_request_acts_form_key"),
    )
    op.create_index("ix_request_acts_request_id", "request_acts", ["request_id"])


def _opinions() -> None:
    op.create_table(
        "opinions",
        Column("id", Id, nullable=False),
        refers("opinions", "commune_id", "communes"),
        Column("number", Integer, nullable=False),
        refers("opinions", "person_id", "people", null=True),
        refers("opinions", "hamlet_id", "hamlets", null=True),
        refers("opinions", "event_id", "events", null=True),
        Column("channel", String(8), nullable=False),
        Column("words", Text, nullable=False),
        instant("made_at"),
        word("topic", 12, "unsorted"),
        refers("opinions", "holder_id", "staff", null=True),
        word("answer", 200),
        instant("answered_at", null=True),
        refers("opinions", "answered_by", "staff", null=True),
        word("verdict", 10, "open"),
        word("why", 200),
        instant("reported_at", null=True),
        instant("let_go_at", null=True),
        Column("form_key", String(32)),
        one_of("opinions", "topic", TOPICS),
        one_of("opinions", "verdict", VERDICTS),
        PrimaryKeyConstraint("id", name="pk_opinions"),
        UniqueConstraint("commune_id", "number", name="uq_opinions_commune_id_number"),
        UniqueConstraint("form_key", name="uq_opinions_form_key"),
    )
    op.create_index("ix_opinions_person_id", "opinions", ["person_id"])
    op.create_index("ix_opinions_made_at", "opinions", ["commune_id", "made_at"])
    op.create_index(
        "ix_opinions_waiting",
        "opinions",
        ["commune_id", "number"],
        **where("answered_at IS NULL"),
    )
    op.create_index(
        "ix_opinions_kept", "opinions", ["answered_at"], **where("let_go_at IS NULL")
    )


def downgrade() -> None:
    """Requests that an older release cannot hold become questions; opinions are lost."""
    _count_on("tasks")
    op.execute(text(_TASKS))
    op.drop_index("ix_messages_opinion", "messages")
    op.drop_index("ix_messages_request", "messages")
    for name in ("opinion_id", "request_id"):
        op.drop_column("messages", name)
    for table in ("opinions", "request_acts", "requests", "request_numbers"):
        op.drop_table(table)
