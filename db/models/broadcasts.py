"""Broadcasts: what is said to many, each time it goes out (a firing), and one ledger
row for each person.

    broadcast -> its versions of words
              -> firing -> recipients, the ledger: chosen, or left out for one reason
                        -> messages (db/models/messages.py): at most one text for each chosen person

A chosen row without a text waits, or was never reached when its firing ended; which of
the two, the firing says.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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

broadcasts = Table(
    "broadcasts",
    metadata,
    key(),
    refers("commune_id", "communes"),
    Column("name", String(80), nullable=False),
    Column("class", String(8), nullable=False),  # notice | advert; chosen first
    Column("state", String(8), nullable=False, server_default="draft"),
    Column("rule", Text, nullable=False),  # JSON, as db/broadcasts/rules.py reads it
    Column("words_id", Id),  # the newest version in broadcast_words
    instant("not_before", null=True),
    instant("not_after", null=True),
    Column("pace_many", Integer),  # at most so many texts ...
    Column(
        "pace_minutes", Integer, nullable=False, server_default="1"
    ),  # ... in so many minutes; none: no limit
    Column(
        "repeats", String(8), nullable=False, server_default=""
    ),  # '' once | daily | weekly | monthly | event
    Column(
        "good_for", Integer
    ),  # minutes after a repeated firing's start until it is too late
    Column(
        "event_offset", Integer
    ),  # of `event`: minutes, below zero before its start, else after its end
    Column(
        "event_to", String(9), nullable=False, server_default="residents"
    ),  # of `event`: residents | staff
    day("repeat_until", null=True),
    instant("next_at", null=True),  # when a repeated one goes out next
    Column(
        "late_joiners", Boolean, nullable=False, server_default=false()
    ),  # who registers after the start
    Column(
        "told_days", Integer, nullable=False, server_default="7"
    ),  # told the same so lately: left out
    refers(
        "event_id", "events", null=True
    ),  # what it is about, where it is about one event
    Column(
        "window_hours", Integer, nullable=False, server_default="72"
    ),  # how long an answer belongs to it
    Column("paused_why", String(200), nullable=False, server_default=""),
    refers("made_by", "staff", null=True, index=False),  # none: the console
    instant("made_at"),
    instant("changed_at"),
    refers("approved_by", "staff", null=True, index=False),
    instant("approved_at", null=True),
    Column(
        "approved_digest", String(64), nullable=False, server_default=""
    ),  # of what was approved
    Column(
        "event_kinds", String(100), nullable=False, server_default="swap"
    ),  # of `event`: a comma between two
    CheckConstraint("class IN ('notice', 'advert')", name="class"),
    CheckConstraint(
        "state IN ('draft', 'running', 'paused', 'stopped', 'done')", name="state"
    ),
    Index("ix_broadcasts_state", "state"),
)

# Free words by staff. A version is never edited: a text bears `b<id>` as its words
# version.
broadcast_words = Table(
    "broadcast_words",
    metadata,
    key(),
    refers("broadcast_id", "broadcasts"),
    Column("vi", Text, nullable=False),
    Column("en", Text, nullable=False),  # '' where everybody reads Vietnamese
    Column(
        "digest", String(64), nullable=False, index=True
    ),  # of the words: who was told the same before
    refers("made_by", "staff", null=True, index=False),
    instant("made_at"),
)

# One going-out of a broadcast, with what it was started with: a later edit of the
# broadcast changes nothing here.
firings = Table(
    "firings",
    metadata,
    key(),
    refers("broadcast_id", "broadcasts", index=False),
    Column("number", Integer, nullable=False),  # 1 the first
    refers("words_id", "broadcast_words"),
    Column("rule", Text, nullable=False),
    refers("event_id", "events", null=True),
    instant("started_at"),
    instant("not_before"),
    instant("not_after", null=True),
    Column(
        "planned_to", Id, nullable=False, server_default="0"
    ),  # the ledger holds everybody up to this person
    instant("planned_at", null=True),  # when the list was frozen
    Column("registered", Integer, nullable=False, server_default="0"),
    Column("chosen", Integer, nullable=False, server_default="0"),
    Column(
        "released_to", Id, nullable=False, server_default="0"
    ),  # the chosen up to this person have a text
    instant("pace_from", null=True),
    Column("pace_used", Integer, nullable=False, server_default="0"),
    instant("ended_at", null=True),
    Column(
        "ended_why", String(12), nullable=False, server_default=""
    ),  # done | stopped | too late
    Column(
        "planned_parts", Integer
    ),  # what all texts were reckoned to take when the list was frozen
    Column("planned_price", Integer),  # the same in đồng
    UniqueConstraint("broadcast_id", "number"),
    Index(
        "ix_firings_open",
        "not_before",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# The ledger. It names people by id alone and holds no reference to them: it outlives a
# person who is forgotten.
recipients = Table(
    "recipients",
    metadata,
    refers("firing_id", "firings", index=False),
    Column("person_id", Id, nullable=False),
    Column("hamlet_id", Id),  # where they lived at the start
    Column(
        "left_out", String(16)
    ),  # none: chosen; else the one reason, a word of db/broadcasts/reasons.py
    PrimaryKeyConstraint("firing_id", "person_id"),
    sqlite_with_rowid=False,
)

# Who wrote, approved, started, paused, changed what. No name and no number of a
# resident.
broadcast_acts = Table(
    "broadcast_acts",
    metadata,
    key(),
    refers("broadcast_id", "broadcasts"),
    refers(
        "staff_id", "staff", null=True, index=False
    ),  # none: the console, or the clock
    Column("act", String(16), nullable=False),
    Column("detail", String(200), nullable=False, server_default=""),
    instant("at"),
)

# What a school wrote for its parents.
school_notices = Table(
    "school_notices",
    metadata,
    refers("broadcast_id", "broadcasts", index=False),
    refers("school_id", "businesses"),
    PrimaryKeyConstraint("broadcast_id"),
)

# A rule with a name, to be chosen again.
audiences = Table(
    "audiences",
    metadata,
    key(),
    refers("commune_id", "communes"),
    Column("name", String(80), nullable=False),
    Column("rule", Text, nullable=False),
    UniqueConstraint("commune_id", "name"),
)

# How fast each sender may go, shared by all clocks: when its next text may leave, in
# microseconds UTC.
paces = Table(
    "paces",
    metadata,
    Column("sender", String(16), primary_key=True),
    Column("next_us", Id, nullable=False),
)
