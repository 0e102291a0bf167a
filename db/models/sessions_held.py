"""Beside an event: what one can get there, and who came, by name or as a number of
heads.
"""

from sqlalchemy import (
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from db.models.base import instant, key, metadata, refers
from db.models.states import Service, one_of

event_services = Table(
    "event_services",
    metadata,
    refers("event_id", "events", index=False),
    Column("service", String(12), nullable=False),
    PrimaryKeyConstraint("event_id", "service"),
    one_of(Service, "service"),
)

# A known person who came, beside those whose booking says so: once for each event.
attendances = Table(
    "attendances",
    metadata,
    refers("event_id", "events", index=False),
    refers("person_id", "people"),
    refers("staff_id", "staff", index=False),
    instant("at"),
    PrimaryKeyConstraint("event_id", "person_id"),
)

# People nobody knows by name, as somebody counted them. Appended; a correction replaces
# one line, once.
head_counts = Table(
    "head_counts",
    metadata,
    key(),
    refers("event_id", "events"),
    Column("number", Integer, nullable=False),
    refers("staff_id", "staff", index=False),
    instant("at"),
    Column("form_key", String(40), nullable=False),  # one form sent twice is one count
    refers("replaces", "head_counts", null=True, index=False),
    # at a school's gate, where they are of one class
    refers("class_id", "classes", null=True, index=False),
    UniqueConstraint("form_key"),
    UniqueConstraint("replaces"),
)
