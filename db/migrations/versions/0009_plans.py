"""Pages and turns that take as long among a million as among hundreds: indexes, and the
ends of names to search by.
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

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
# compared letter by letter, as SQLite does
Folded = String(80).with_variant(String(80, collation="C"), "postgresql")
# A phone number from its last digit on, nine digits of it: the same words on both
# engines.
TURNED = "({})".format(
    " || ".join(f"substr(phone, length(phone) - {back}, 1)" for back in range(9))
)

REPLACED = (
    "households.hamlet_id",
    "conversions.hamlet_id",
    "conversions.staff_id",
    "messages.made_at",
    "tasks.commune_id",
)


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def upgrade() -> None:
    op.create_table(
        "name_ends",
        Column(
            "person_id",
            Id,
            ForeignKey("people.id", name="fk_name_ends_person_id", ondelete="CASCADE"),
            nullable=False,
        ),
        Column("words", Folded, nullable=False),
        Column("commune_id", Id, nullable=False),
        Column("hamlet_id", Id),
        PrimaryKeyConstraint("person_id", "words", name="pk_name_ends"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _keep_on_sqlite()
    else:
        _keep_on_postgresql()
    op.create_index("ix_name_ends_commune", "name_ends", ["commune_id", "words"])
    op.create_index("ix_name_ends_hamlet", "name_ends", ["hamlet_id", "words"])
    op.create_index("ix_people_turned", "people", [text(TURNED)])
    for replaced in REPLACED:
        table, column = replaced.split(".")
        op.drop_index(f"ix_{table}_{column}", table)
    op.create_index("ix_households_hamlet_id", "households", ["hamlet_id", "code"])
    op.create_index(
        "ix_tasks_open", "tasks", ["commune_id", "made_at"], **where("done_at IS NULL")
    )
    op.create_index(
        "ix_tasks_done",
        "tasks",
        ["commune_id", "done_at"],
        **where("done_at IS NOT NULL"),
    )
    op.create_index("ix_messages_made_at", "messages", ["made_at", "id"])
    op.create_index(
        "ix_messages_out",
        "messages",
        ["commune_id", "status", "made_at", "id"],
        **where("direction = 'out'"),
    )
    op.create_index(
        "ix_messages_unread",
        "messages",
        ["commune_id", "made_at"],
        **where("direction = 'in' AND understood = false AND ended_at IS NULL"),
    )
    for name in ("hamlet_id", "staff_id", "indicator_id"):
        op.create_index(f"ix_conversions_{name}", "conversions", [name, "day", "id"])
    op.drop_index("ix_conversions_indicator_subject", "conversions")
    op.create_index(
        "ix_conversions_subject", "conversions", ["subject_id", "indicator_id"]
    )
    op.create_index("ix_conversions_day", "conversions", ["day", "id"])
    op.create_index("ix_tallies_day", "tallies", ["indicator_id", "day", "count"])


def _keep_on_sqlite() -> None:
    """The words of a name as a JSON list; the end from each on begins behind all that
    is before it.
    """
    ends = """
        substr({of}.folded, 1 + COALESCE(SUM(LENGTH(value) + 1) OVER (
          PARTITION BY {of}.id ORDER BY key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))
    """
    listed = """json_each('[' || replace(json_quote({of}.folded), ' ', '","') || ']')"""
    write = f"""
        INSERT INTO name_ends (person_id, words, commune_id, hamlet_id)
        SELECT NEW.id, {ends.format(of="NEW")}, NEW.commune_id, NEW.hamlet_id
        FROM {listed.format(of="NEW")} WHERE NEW.folded <> ''
    """
    op.execute(
        f"""
        INSERT INTO name_ends (person_id, words, commune_id, hamlet_id)
        SELECT people.id, {ends.format(of="people")}, people.commune_id, people.hamlet_id
        FROM people, {listed.format(of="people")} WHERE people.folded <> ''
        """
    )
    op.execute(
        f"CREATE TRIGGER people_named AFTER INSERT ON people WHEN NEW.folded <> '' BEGIN {write}; END"
    )
    op.execute(
        f"""
        CREATE TRIGGER people_renamed AFTER UPDATE OF folded, commune_id, hamlet_id ON people
        WHEN NEW.folded <> OLD.folded OR NEW.commune_id <> OLD.commune_id OR NEW.hamlet_id IS NOT OLD.hamlet_id
        BEGIN DELETE FROM name_ends WHERE person_id = NEW.id; {write}; END
        """
    )


def _keep_on_postgresql() -> None:
    ends = """
        INSERT INTO name_ends (person_id, words, commune_id, hamlet_id)
        SELECT {of}.id, substr({of}.folded, place), {of}.commune_id, {of}.hamlet_id
        FROM {more}generate_series(1, length({of}.folded)) place
        WHERE place = 1 OR substr({of}.folded, place - 1, 1) = ' '
    """
    op.execute(ends.format(of="people", more="people, "))
    op.execute(
        f"""
        CREATE FUNCTION people_name_ends() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'UPDATE' THEN DELETE FROM name_ends WHERE person_id = NEW.id; END IF;
          {ends.format(of="NEW", more="")};
          RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER people_named AFTER INSERT ON people FOR EACH ROW WHEN (NEW.folded <> '')"
        " EXECUTE FUNCTION people_name_ends()"
    )
    op.execute(
        """
        CREATE TRIGGER people_renamed AFTER UPDATE OF folded, commune_id, hamlet_id ON people FOR EACH ROW
        WHEN (NEW.folded <> OLD.folded OR NEW.commune_id <> OLD.commune_id
          OR NEW.hamlet_id IS DISTINCT FROM OLD.hamlet_id)
        EXECUTE FUNCTION people_name_ends()
        """
    )


def downgrade() -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON people"
    for trigger in ("people_named", "people_renamed"):
        op.execute(f"DROP TRIGGER {trigger}{on}")
    if on:
        op.execute("DROP FUNCTION people_name_ends()")
    op.drop_table("name_ends")
    for made in (
        "households.hamlet_id",
        "people.turned",
        "tasks.open",
        "tasks.done",
        "messages.made_at",
        "messages.out",
        "messages.unread",
        "conversions.hamlet_id",
        "conversions.staff_id",
        "conversions.indicator_id",
        "conversions.day",
        "conversions.subject",
        "tallies.day",
    ):
        table, name = made.split(".")
        op.drop_index(f"ix_{table}_{name}", table)
    for replaced in REPLACED:
        table, column = replaced.split(".")
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_conversions_indicator_subject",
        "conversions",
        ["indicator_id", "subject_id"],
    )
