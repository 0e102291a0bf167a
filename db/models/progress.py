"""What was achieved: an appended log, what currently counts, and the tallies the pages
read.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from db.models.base import Id, day, instant, key, metadata, refers
from db.models.states import LogAnswer, one_of

indicators = Table(
    "indicators",
    metadata,
    key(),
    refers("programme_id", "programmes"),
    Column("key", String(32), nullable=False),
    Column("subject", String(12), nullable=False),  # person | household | business
    Column("kind", String(20)),  # of business, where the subject is one
    Column(
        "derived", Boolean, nullable=False, server_default=false()
    ),  # counted from others, never logged by hand
    Column("position", Integer, nullable=False),
    Column("name", String(120), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("denominator", String(120), nullable=False),  # of what, in words
    Column("denominator_en", String(120), nullable=False),
    Column("percent", Integer),  # the plan's figure; none where the plan gives none
    UniqueConstraint("programme_id", "key"),
)

targets = Table(
    "targets",
    metadata,
    key(),
    refers("indicator_id", "indicators"),
    refers("hamlet_id", "hamlets", null=True),  # none: the commune as a whole
    Column("denominator", Integer, nullable=False),
    # how many of the denominator; none where the plan asks for no number
    Column("target", Integer),
    day("as_of"),
    Column("source", String(120), nullable=False, server_default=""),
    UniqueConstraint("indicator_id", "hamlet_id", "as_of"),
)

# Appended, never edited, but that an erasure blanks reasons. An undo is a row that
# reverses another, once.
conversions = Table(
    "conversions",
    metadata,
    key(),
    refers("indicator_id", "indicators", index=False),
    Column("subject_id", Id, nullable=False),  # of the indicator's subject table
    refers("hamlet_id", "hamlets", null=True, index=False),
    day("day"),
    instant("at"),
    refers("staff_id", "staff", null=True, index=False),
    refers("booking_id", "bookings", null=True),
    Column("form_key", String(40), unique=True),  # one form sent twice is one log
    Column("reverses", Id, unique=True),
    Column("reason", String(200), nullable=False, server_default=""),
    # on whose list of names it was ticked; none where that was elsewhere. No reference
    # in the schema: SQLite cannot add one without copying the whole table.
    Column("event_id", Id),
    Index("ix_conversions_subject", "subject_id", "indicator_id"),
    # Most are logged at none.
    Index(
        "ix_conversions_event_id",
        "event_id",
        sqlite_where=text("event_id IS NOT NULL"),
        postgresql_where=text("event_id IS NOT NULL"),
    ),
    # The log as it is read, newest first: all of it, and what each filter leaves.
    Index("ix_conversions_day", "day", "id"),
    Index("ix_conversions_hamlet_id", "hamlet_id", "day", "id"),
    Index("ix_conversions_staff_id", "staff_id", "day", "id"),
    Index("ix_conversions_indicator_id", "indicator_id", "day", "id"),
)

# What was logged for somebody and asked about at their phone, with what they said. No
# words: these stand in the text that says so, and are let go of with it.
log_checks = Table(
    "log_checks",
    metadata,
    refers("conversion_id", "conversions", index=False),
    refers("message_id", "messages"),  # the text that asks
    Column("answer", String(8), nullable=False, server_default=LogAnswer.NONE),
    instant("answered_at", null=True),
    refers("said_id", "messages", null=True, index=False),  # the text that answers
    PrimaryKeyConstraint("conversion_id"),
    one_of(LogAnswer, "answer"),
    Index("ix_log_checks_answer", "answer", "conversion_id"),
)

counted = Table(
    "counted",
    metadata,
    refers("indicator_id", "indicators", index=False),
    Column("subject_id", Id, nullable=False),
    refers("hamlet_id", "hamlets", null=True),
    day("day"),
    PrimaryKeyConstraint("indicator_id", "subject_id"),
)

tallies = Table(
    "tallies",
    metadata,
    refers("indicator_id", "indicators", index=False),
    Column("hamlet_id", Id, nullable=False),  # 0: no hamlet known
    day("day"),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("indicator_id", "hamlet_id", "day"),
    Index(
        "ix_tallies_day", "indicator_id", "day", "count"
    ),  # all that a sum since a day asks for
)

# The same over whole months: a sum over ten years reads 120 rows of a hamlet, not
# 3,650.
month_tallies = Table(
    "month_tallies",
    metadata,
    refers("indicator_id", "indicators", index=False),
    Column("hamlet_id", Id, nullable=False),  # 0: no hamlet known
    Column("month", String(7), nullable=False),  # local, "2026-11"
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("indicator_id", "hamlet_id", "month"),
)

# What takes long to count among many people, as the clock last counted it
# (db/store/kept.py).
kept_figures = Table(
    "kept_figures",
    metadata,
    refers("commune_id", "communes", index=False),
    Column("name", String(20), nullable=False),
    Column("lines", Text, nullable=False),  # JSON
    instant("at"),
    Column("took_ms", Integer, nullable=False),
    PrimaryKeyConstraint("commune_id", "name"),
)
