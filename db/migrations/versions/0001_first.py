"""The first schema, and the rows every installation ships with."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
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

from db.migrations.first_rows import insert_first_rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")


def refers(what: str, to: str, *, null: bool = False) -> Column[Any]:
    """A reference; `what` is table.column."""
    table, column = what.split(".")
    return Column(
        column, Id, ForeignKey(f"{to}.id", name=f"fk_{table}_{column}"), nullable=null
    )


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# fmt: off
def upgrade() -> None:
    op.create_table(
        "clocks", Column("job", String(16), nullable=False), Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("job", name="pk_clocks"),
    )
    op.create_table(
        "communes", Column("id", Id, nullable=False), Column("service_code", String(32), nullable=False),
        Column("sms_number", String(20), nullable=False), PrimaryKeyConstraint("id", name="pk_communes"),
        UniqueConstraint("service_code", name="uq_communes_service_code"),
    )
    op.create_table(
        "installation", Column("id", Integer, nullable=False), Column("kind", String(8), nullable=False),
        Column("since", BigInteger, nullable=False), PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "sessions", Column("phone", String(16), nullable=False), Column("channel", String(8), nullable=False),
        Column("version", Integer, nullable=False), Column("data", Text, nullable=False),
        Column("at", BigInteger, nullable=False), PrimaryKeyConstraint("phone", "channel", name="pk_sessions"),
    )
    op.create_table(
        "sign_ins", Column("id", Id, nullable=False), Column("who", String(64), nullable=False),
        Column("at", BigInteger, nullable=False), PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_who_at", "sign_ins", ["who", "at"])
    op.create_table(
        "stops", Column("who", String(64), nullable=False), Column("what", String(8), nullable=False),
        Column("at", BigInteger, nullable=False), PrimaryKeyConstraint("who", "what", name="pk_stops"),
    )
    op.create_table(
        "tac", Column("tac", String(8), nullable=False), Column("handset", String(16), nullable=False),
        PrimaryKeyConstraint("tac", name="pk_tac"),
    )
    op.create_table(
        "commune_names", Column("id", Id, nullable=False), refers("commune_names.commune_id", "communes"),
        Column("since", String(10), nullable=False), Column("name", String(80), nullable=False),
        Column("parent", String(120), nullable=False, server_default=""),
        PrimaryKeyConstraint("id", name="pk_commune_names"),
        UniqueConstraint("commune_id", "since", name="uq_commune_names_commune_id_since"),
    )
    op.create_table(
        "hamlets", Column("id", Id, nullable=False), refers("hamlets.commune_id", "communes"),
        Column("name", String(60), nullable=False), Column("position", Integer, nullable=False),
        PrimaryKeyConstraint("id", name="pk_hamlets"),
        UniqueConstraint("commune_id", "name", name="uq_hamlets_commune_id_name"),
    )
    op.create_table(
        "programmes", Column("id", Id, nullable=False), refers("programmes.commune_id", "communes"),
        Column("key", String(32), nullable=False), Column("name", String(120), nullable=False),
        PrimaryKeyConstraint("id", name="pk_programmes"),
        UniqueConstraint("commune_id", "key", name="uq_programmes_commune_id_key"),
    )
    op.create_table(
        "businesses", Column("id", Id, nullable=False), refers("businesses.commune_id", "communes"),
        refers("businesses.hamlet_id", "hamlets", null=True), Column("kind", String(20), nullable=False),
        Column("name", String(120), nullable=False), PrimaryKeyConstraint("id", name="pk_businesses"),
        UniqueConstraint("commune_id", "kind", "name", name="uq_businesses_commune_id_kind_name"),
    )
    op.create_table(
        "halls", Column("id", Id, nullable=False), refers("halls.commune_id", "communes"),
        refers("halls.hamlet_id", "hamlets", null=True), Column("name", String(80), nullable=False),
        PrimaryKeyConstraint("id", name="pk_halls"),
        UniqueConstraint("commune_id", "name", name="uq_halls_commune_id_name"),
    )
    op.create_table(
        "hamlet_aliases", Column("id", Id, nullable=False), refers("hamlet_aliases.hamlet_id", "hamlets"),
        Column("folded", String(60), nullable=False), PrimaryKeyConstraint("id", name="pk_hamlet_aliases"),
        UniqueConstraint("hamlet_id", "folded", name="uq_hamlet_aliases_hamlet_id_folded"),
    )
    op.create_table(
        "households", Column("id", Id, nullable=False), refers("households.commune_id", "communes"),
        refers("households.hamlet_id", "hamlets"), Column("code", String(32), nullable=False),
        Column("poor", String(8), nullable=False, server_default="no"),
        PrimaryKeyConstraint("id", name="pk_households"),
        UniqueConstraint("commune_id", "code", name="uq_households_commune_id_code"),
    )
    op.create_table(
        "indicators", Column("id", Id, nullable=False), refers("indicators.programme_id", "programmes"),
        Column("key", String(32), nullable=False), Column("subject", String(12), nullable=False),
        Column("kind", String(20)), Column("derived", Boolean, nullable=False, server_default=false()),
        Column("position", Integer, nullable=False), Column("name", String(120), nullable=False),
        Column("name_en", String(120), nullable=False), Column("denominator", String(120), nullable=False),
        Column("denominator_en", String(120), nullable=False), Column("percent", Integer),
        PrimaryKeyConstraint("id", name="pk_indicators"),
        UniqueConstraint("programme_id", "key", name="uq_indicators_programme_id_key"),
    )
    op.create_table(
        "schemes", Column("id", Id, nullable=False), refers("schemes.programme_id", "programmes"),
        Column("name", String(120), nullable=False), Column("opens", String(10), nullable=False),
        Column("closes", String(10), nullable=False), Column("hamlets", Text), Column("handsets", Text, nullable=False),
        Column("sims", Text), Column("poor", String(8), nullable=False, server_default="any"),
        Column("one_per_household", Boolean, nullable=False, server_default=false()), Column("stock", Integer),
        Column("bring", String(80), nullable=False), Column("bring_en", String(80), nullable=False),
        PrimaryKeyConstraint("id", name="pk_schemes"),
    )
    op.create_table(
        "staff", Column("id", Id, nullable=False), refers("staff.commune_id", "communes"),
        Column("username", String(40), nullable=False), Column("name", String(80), nullable=False, server_default=""),
        Column("password", String(120), nullable=False), Column("role", String(8), nullable=False),
        refers("staff.hamlet_id", "hamlets", null=True),
        Column("language", String(2), nullable=False, server_default="vi"),
        Column("epoch", Integer, nullable=False, server_default="1"), Column("made_at", BigInteger, nullable=False),
        Column("disabled_at", BigInteger), PrimaryKeyConstraint("id", name="pk_staff"),
        UniqueConstraint("username", name="uq_staff_username"),
    )
    op.create_table(
        "counted", refers("counted.indicator_id", "indicators"), Column("subject_id", Id, nullable=False),
        refers("counted.hamlet_id", "hamlets", null=True), Column("day", String(10), nullable=False),
        PrimaryKeyConstraint("indicator_id", "subject_id", name="pk_counted"),
    )
    op.create_table(
        "events", Column("id", Id, nullable=False), refers("events.programme_id", "programmes"),
        refers("events.commune_id", "communes"), refers("events.hall_id", "halls"),
        Column("day", String(10), nullable=False), Column("state", String(10), nullable=False, server_default="open"),
        Column("note", String(200), nullable=False, server_default=""), PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_commune_day", "events", ["commune_id", "day"])
    op.create_table(
        "people", Column("id", Id, nullable=False), refers("people.commune_id", "communes"),
        Column("phone", String(16)), Column("name", String(80), nullable=False, server_default=""),
        Column("folded", String(80), nullable=False, server_default=""),
        refers("people.hamlet_id", "hamlets", null=True), refers("people.household_id", "households", null=True),
        Column("language", String(2), nullable=False, server_default="vi"),
        Column("marks", Boolean, nullable=False, server_default=false()), Column("origin", String(8), nullable=False),
        Column("made_at", BigInteger, nullable=False), Column("erased_at", BigInteger),
        PrimaryKeyConstraint("id", name="pk_people"), UniqueConstraint("phone", name="uq_people_phone"),
    )
    op.create_table(
        "tallies", refers("tallies.indicator_id", "indicators"), Column("hamlet_id", Id, nullable=False),
        Column("day", String(10), nullable=False), Column("count", Integer, nullable=False),
        PrimaryKeyConstraint("indicator_id", "hamlet_id", "day", name="pk_tallies"),
    )
    op.create_table(
        "targets", Column("id", Id, nullable=False), refers("targets.indicator_id", "indicators"),
        refers("targets.hamlet_id", "hamlets", null=True), Column("denominator", Integer, nullable=False),
        Column("target", Integer, nullable=False), Column("as_of", String(10), nullable=False),
        PrimaryKeyConstraint("id", name="pk_targets"),
        UniqueConstraint("indicator_id", "hamlet_id", "as_of", name="uq_targets_indicator_id_hamlet_id_as_of"),
    )
    op.create_table(
        "audit", Column("id", Id, nullable=False), Column("at", BigInteger, nullable=False),
        refers("audit.staff_id", "staff", null=True), Column("action", String(32), nullable=False),
        refers("audit.person_id", "people", null=True),
        Column("detail", String(200), nullable=False, server_default=""), PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_table(
        "consents", Column("id", Id, nullable=False), refers("consents.person_id", "people"),
        Column("purpose", String(16), nullable=False), Column("prompt", String(64), nullable=False),
        Column("channel", String(8), nullable=False), Column("answer", Text, nullable=False),
        Column("at", BigInteger, nullable=False), Column("withdrawn_at", BigInteger),
        PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_table(
        "facts", refers("facts.person_id", "people"), Column("kind", String(16), nullable=False),
        Column("source", String(8), nullable=False), Column("value", String(32), nullable=False),
        Column("at", BigInteger, nullable=False), refers("facts.staff_id", "staff", null=True),
        PrimaryKeyConstraint("person_id", "kind", "source", name="pk_facts"),
    )
    op.create_table(
        "slots", Column("id", Id, nullable=False), refers("slots.event_id", "events"),
        Column("starts_at", BigInteger, nullable=False), Column("ends_at", BigInteger, nullable=False),
        Column("capacity", Integer, nullable=False), Column("touched", Integer, nullable=False, server_default="0"),
        PrimaryKeyConstraint("id", name="pk_slots"),
        UniqueConstraint("event_id", "starts_at", name="uq_slots_event_id_starts_at"),
    )
    op.create_table(
        "tasks", Column("id", Id, nullable=False), refers("tasks.commune_id", "communes"),
        refers("tasks.person_id", "people"), refers("tasks.hamlet_id", "hamlets", null=True),
        Column("kind", String(12), nullable=False), Column("made_at", BigInteger, nullable=False),
        Column("done_at", BigInteger), refers("tasks.done_by", "staff", null=True),
        Column("note", String(200), nullable=False, server_default=""), PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_table(
        "bookings", Column("id", Id, nullable=False), refers("bookings.programme_id", "programmes"),
        refers("bookings.slot_id", "slots"), refers("bookings.person_id", "people"),
        refers("bookings.booker_id", "people"), Column("code", String(5), nullable=False),
        Column("status", String(10), nullable=False), Column("until", BigInteger),
        Column("places", Integer, nullable=False, server_default="1"),
        Column("revision", Integer, nullable=False, server_default="1"),
        Column("to_move", Boolean, nullable=False, server_default=false()), Column("origin", String(8), nullable=False),
        refers("bookings.staff_id", "staff", null=True), Column("made_at", BigInteger, nullable=False),
        Column("changed_at", BigInteger, nullable=False), Column("ended_at", BigInteger),
        PrimaryKeyConstraint("id", name="pk_bookings"),
    )
    op.create_index(
        "uq_bookings_booker_code", "bookings", ["booker_id", "code"],
        unique=True, **where("status = 'booked'"),
    )
    op.create_index(
        "uq_bookings_one_per_person", "bookings", ["programme_id", "person_id"],
        unique=True, **where("status = 'booked'"),
    )
    op.create_index("uq_bookings_slot_code", "bookings", ["slot_id", "code"], unique=True)
    op.create_table(
        "conversions", Column("id", Id, nullable=False), refers("conversions.indicator_id", "indicators"),
        Column("subject_id", Id, nullable=False), refers("conversions.hamlet_id", "hamlets", null=True),
        Column("day", String(10), nullable=False), Column("at", BigInteger, nullable=False),
        refers("conversions.staff_id", "staff", null=True), refers("conversions.booking_id", "bookings", null=True),
        Column("form_key", String(40)), Column("reverses", Id),
        Column("reason", String(200), nullable=False, server_default=""),
        PrimaryKeyConstraint("id", name="pk_conversions"), UniqueConstraint("form_key", name="uq_conversions_form_key"),
        UniqueConstraint("reverses", name="uq_conversions_reverses"),
    )
    op.create_table(
        "messages", Column("id", Id, nullable=False), refers("messages.commune_id", "communes"),
        Column("direction", String(3), nullable=False), Column("phone", String(16), nullable=False),
        refers("messages.booking_id", "bookings", null=True), Column("revision", Integer),
        Column("kind", String(24), nullable=False), Column("class", String(8), nullable=False),
        Column("priority", Integer, nullable=False), Column("status", String(10), nullable=False),
        Column("reason", String(80), nullable=False, server_default=""), Column("once", String(80)),
        Column("understood", Boolean), refers("messages.reply_to", "messages", null=True),
        Column("made_at", BigInteger, nullable=False), Column("not_before", BigInteger, nullable=False),
        Column("not_after", BigInteger), Column("lease_until", BigInteger), Column("sent_at", BigInteger),
        Column("ended_at", BigInteger), Column("tries", Integer, nullable=False, server_default="0"),
        Column("carrier", String(16), nullable=False, server_default=""), Column("carrier_id", String(80)),
        Column("text", Text, nullable=False, server_default=""),
        Column("encoding", String(6), nullable=False, server_default=""),
        Column("length", Integer, nullable=False, server_default="0"),
        Column("parts", Integer, nullable=False, server_default="0"),
        Column("price", Integer, nullable=False, server_default="0"),
        Column("words", String(12), nullable=False, server_default=""), PrimaryKeyConstraint("id", name="pk_messages"),
        UniqueConstraint("once", name="uq_messages_once"),
    )
    op.create_index("ix_messages_leased", "messages", ["lease_until"], **where("status IN ('CLAIMED', 'SENDING')"))
    op.create_index("ix_messages_phone", "messages", ["phone", "made_at"])
    op.create_index("ix_messages_waiting", "messages", ["priority", "not_before"], **where("status = 'QUEUED'"))
    op.create_index(
        "uq_messages_received", "messages", ["carrier", "carrier_id"], unique=True, **where("direction = 'in'")
    )
    op.create_table(
        "attempts", Column("id", Id, nullable=False), refers("attempts.message_id", "messages"),
        Column("sender", String(16), nullable=False), Column("at", BigInteger, nullable=False),
        Column("outcome", String(16), nullable=False), Column("detail", String(200), nullable=False, server_default=""),
        PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    for indexed in (
        "sessions.at", "commune_names.commune_id", "hamlets.commune_id", "programmes.commune_id",
        "businesses.commune_id", "businesses.hamlet_id", "halls.commune_id", "halls.hamlet_id",
        "hamlet_aliases.hamlet_id", "households.commune_id", "households.hamlet_id", "indicators.programme_id",
        "schemes.programme_id", "staff.commune_id", "staff.hamlet_id", "counted.hamlet_id", "events.commune_id",
        "events.hall_id", "events.programme_id", "people.commune_id", "people.folded", "people.hamlet_id",
        "people.household_id", "targets.hamlet_id", "targets.indicator_id", "audit.person_id", "audit.staff_id",
        "consents.person_id", "slots.event_id", "slots.starts_at", "tasks.commune_id", "tasks.hamlet_id",
        "tasks.person_id", "bookings.booker_id", "bookings.code", "bookings.person_id", "bookings.slot_id",
        "conversions.booking_id", "conversions.hamlet_id", "conversions.staff_id",
        "messages.booking_id", "messages.made_at", "messages.reply_to", "attempts.message_id",
    ):
        table, column = indexed.split(".")
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_conversions_indicator_subject", "conversions", ["indicator_id", "subject_id"])
    insert_first_rows(op.get_bind())


def downgrade() -> None:
    for table in (
        "attempts", "messages", "conversions", "bookings", "tasks", "slots", "facts", "consents", "audit",
        "targets", "tallies", "people", "events", "counted", "staff", "schemes", "indicators", "households",
        "hamlet_aliases", "halls", "businesses", "programmes", "hamlets", "commune_names", "tac", "stops",
        "sign_ins", "sessions", "installation", "communes", "clocks",
    ):
        op.drop_table(table)
# fmt: on
