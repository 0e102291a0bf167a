"""Links between rows are stored, and the schema knows the states of a day, a booking
and a text.

Until here an offer knew what it replaced, and a task what it told of, by two instants
that were equal to the millisecond, or by the name of a text.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
STATES = {
    "events": ("state", "open closed cancelled"),
    "bookings": (
        "status",
        "held offered booked attended missed waiting along cancelled taken passed unserved left",
    ),
    "messages": (
        "status",
        "RECEIVED QUEUED CLAIMED SENDING SENT DELIVERED FAILED LOST SKIPPED",
    ),
}
MISNAMED = {  # 0005 gave them names that were lengthened once more
    "class": "class IN ('notice', 'advert')",
    "state": "state IN ('draft', 'running', 'paused', 'stopped', 'done')",
}
LINKS = {"bookings": ("instead_of", "moved_id", "ended_with"), "tasks": ("booking_id",)}
INDEXED = (
    ("bookings", "instead_of"),
    ("bookings", "moved_id"),
    ("tasks", "booking_id"),
)

# An offer in place of a seat bears both in the name of its text.
_INSTEAD_OF = """
    UPDATE bookings SET instead_of = (
      SELECT MAX(c.id) FROM bookings c WHERE c.person_id = bookings.person_id AND c.id < bookings.id AND EXISTS (
        SELECT 1 FROM messages m WHERE m.once IN (
          'event_choice:' || c.id || ':o' || bookings.id, 'slot_choice:' || c.id || ':o' || bookings.id)))
    WHERE status IN ('offered', 'taken', 'passed', 'left')
"""
# What stayed behind is a copy, made later, of a row that was made at the same moment
# for the same person.
_MOVED = """
    UPDATE bookings SET moved_id = (
      SELECT MIN(m.id) FROM bookings m
      WHERE m.person_id = bookings.person_id AND m.made_at = bookings.made_at AND m.id < bookings.id
        AND m.reason <> 'moved')
    WHERE status = 'cancelled' AND reason = 'moved'
"""
_OF_PARTY = """
    UPDATE bookings SET party_id = (SELECT m.party_id FROM bookings m WHERE m.id = bookings.moved_id)
    WHERE moved_id IS NOT NULL
"""
_ENDED_WITH = """
    UPDATE bookings SET ended_with = COALESCE((
      SELECT MIN(o.id) FROM bookings o
      WHERE o.party_id = bookings.party_id AND o.status = 'cancelled' AND o.ended_at = bookings.ended_at), id)
    WHERE status = 'cancelled' AND reason = ''
"""
_TOLD = """
    UPDATE tasks SET booking_id = (
      SELECT MAX(b.id) FROM bookings b
      WHERE b.person_id = tasks.person_id AND b.reason <> 'moved'
        AND (b.changed_at = tasks.made_at OR b.ended_at = tasks.made_at))
    WHERE kind = 'tell'
"""
_AS_IT_WAS = """
    UPDATE tasks SET revision = (SELECT b.revision FROM bookings b WHERE b.id = tasks.booking_id)
    WHERE booking_id IS NOT NULL
"""


def upgrade() -> None:
    for table, (column, words) in STATES.items():
        with op.batch_alter_table(table) as batch:
            for link in LINKS.get(table, ()):
                batch.add_column(Column(link, Id))
                batch.create_foreign_key(
                    f"fk_{table}_{link}", "bookings", [link], ["id"]
                )
            listed = ", ".join(f"'{word}'" for word in words.split())
            batch.create_check_constraint(
                op.f(f"ck_{table}_{column}"), f"{column} IN ({listed})"
            )
    with op.batch_alter_table("tasks") as batch:
        batch.add_column(Column("booking_id", Id))
        batch.add_column(Column("revision", Integer))
        batch.create_foreign_key(
            "fk_tasks_booking_id", "bookings", ["booking_id"], ["id"]
        )
    _rename_checks("ck_broadcasts_ck_broadcasts_", "ck_broadcasts_")
    for table, column in INDEXED:
        # few have: an index over all would be thought useless
        has_one = text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_{table}_{column}",
            table,
            [column],
            sqlite_where=has_one,
            postgresql_where=has_one,
        )
    for statement in (_INSTEAD_OF, _MOVED, _OF_PARTY, _ENDED_WITH, _TOLD, _AS_IT_WAS):
        op.execute(
            text(statement.replace(":o'", "\\:o'").replace("choice:'", "choice\\:'"))
        )


def _rename_checks(before: str, after: str) -> None:
    with op.batch_alter_table("broadcasts") as batch:
        for column, condition in MISNAMED.items():
            batch.drop_constraint(op.f(f"{before}{column}"), type_="check")
            batch.create_check_constraint(op.f(f"{after}{column}"), condition)


def downgrade() -> None:
    _rename_checks("ck_broadcasts_", "ck_broadcasts_ck_broadcasts_")
    for table, column in INDEXED:
        op.drop_index(f"ix_{table}_{column}", table)
    with op.batch_alter_table("tasks") as batch:
        batch.drop_constraint("fk_tasks_booking_id", type_="foreignkey")
        batch.drop_column("revision")
        batch.drop_column("booking_id")
    for table, (column, _) in STATES.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
            for link in LINKS.get(table, ()):
                batch.drop_constraint(f"fk_{table}_{link}", type_="foreignkey")
                batch.drop_column(link)
