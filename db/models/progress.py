"""What was achieved: an appended log, what currently counts, and the tallies the pages read."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    false,
)

from db.models.base import Id, day, instant, key, metadata, refers

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
    Column("target", Integer, nullable=False),  # how many of the denominator
    day("as_of"),
    UniqueConstraint("indicator_id", "hamlet_id", "as_of"),
)

# Appended, never edited, but that an erasure blanks reasons. An undo is a row that reverses another, once.
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
    Index("ix_conversions_subject", "subject_id", "indicator_id"),
    # The log as it is read, newest first: all of it, and what each filter leaves.
    Index("ix_conversions_day", "day", "id"),
    Index("ix_conversions_hamlet_id", "hamlet_id", "day", "id"),
    Index("ix_conversions_staff_id", "staff_id", "day", "id"),
    Index("ix_conversions_indicator_id", "indicator_id", "day", "id"),
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
