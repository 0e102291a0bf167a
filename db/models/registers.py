"""Beside people and households: a school's classes and parents, who was visited, whose
app is still there.

Owners and parents are people (db/models/people.py): no name and no number stands here,
and no child at all.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.models.base import Id, day, instant, key, metadata, refers
from db.models.states import HowAsked, VisitResult, one_of

classes = Table(
    "classes",
    metadata,
    key(),
    refers("school_id", "businesses", index=False),
    Column("name", String(20), nullable=False),
    UniqueConstraint("school_id", "name"),
)

# A parent of somebody in a class who agreed to be told by the school; withdrawn, and
# agreed again: a row more.
parents = Table(
    "parents",
    metadata,
    key(),
    refers("class_id", "classes", index=False),
    refers("person_id", "people"),
    day("agreed_on"),
    instant("at"),
    refers("staff_id", "staff", null=True, index=False),  # none: a list
    instant("withdrawn_at", null=True),
    refers("withdrawn_by", "staff", null=True, index=False),
    Column("asked", String(8), nullable=False, server_default=HowAsked.UNKNOWN),
    one_of(HowAsked, "asked"),
    Index(
        "uq_parents_standing",
        "class_id",
        "person_id",
        unique=True,
        sqlite_where=text("withdrawn_at IS NULL"),
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)

# How many of a class pay the fees through Viettel Money, as counted on a day; the
# newest row of a day counts, unless it was taken back.
class_counts = Table(
    "class_counts",
    metadata,
    key(),
    refers("class_id", "classes", index=False),
    day("day"),
    Column("paying", Integer, nullable=False),
    Column("pupils", Integer, nullable=False),
    instant("at"),
    refers("staff_id", "staff", index=False),
    Column("form_key", String(40), nullable=False, unique=True),
    instant("taken_back_at", null=True),
    refers("taken_back_by", "staff", null=True, index=False),
    CheckConstraint("paying >= 0 AND paying <= pupils", name="paying"),
    Index("ix_class_counts_class_id", "class_id", "day", "id"),
)

# Appended, never edited. An undo is a row that reverses another, once.
visits = Table(
    "visits",
    metadata,
    key(),
    refers("household_id", "households", null=True),
    refers("person_id", "people", null=True),  # who belongs to no household
    refers("business_id", "businesses", null=True),
    Column("result", String(8), nullable=False),
    day("day"),
    instant("at"),
    refers("staff_id", "staff", index=False),
    Column("form_key", String(40), unique=True),
    Column("reverses", Id, unique=True),
    one_of(VisitResult, "result"),
    CheckConstraint(
        "CASE WHEN household_id IS NULL THEN 0 ELSE 1 END + CASE WHEN person_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN business_id IS NULL THEN 0 ELSE 1 END = 1",
        name="subject",
    ),
    refers("event_id", "events", null=True),  # the round that it was of
    Index("ix_visits_at", "at"),
)

# The homes that a round of visits goes to, as its list had them when it was made.
round_homes = Table(
    "round_homes",
    metadata,
    key(),
    refers("event_id", "events", index=False),
    refers("household_id", "households", null=True),
    refers("person_id", "people", null=True),  # who belongs to no household
    UniqueConstraint("event_id", "household_id"),
    UniqueConstraint("event_id", "person_id"),
    CheckConstraint("(household_id IS NULL) <> (person_id IS NULL)", name="subject"),
)

# Whoever has the app is asked at later visits whether it is still there; the newest
# answer holds.
app_answers = Table(
    "app_answers",
    metadata,
    key(),
    refers("person_id", "people", index=False),
    Column("kept", Boolean, nullable=False),
    day("day"),
    instant("at"),
    refers("staff_id", "staff", index=False),
    Column("form_key", String(40), nullable=False, unique=True),
    Index("ix_app_answers_person_id", "person_id", "id"),
)
