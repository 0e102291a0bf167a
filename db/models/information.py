"""What the commune says where residents ask: facts with their dates, and how often each
topic was asked about.
"""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table

from db.models.base import day, instant, key, metadata, refers
from db.models.states import one_of
from menus.topics import Topic

# Never edited: what replaces a fact is a fact of its own, and the newest valid one
# answers.
commune_facts = Table(
    "commune_facts",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    Column("topic", String(16), nullable=False),
    Column("vi", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    day("valid_from"),
    day("valid_until", null=True),  # included; none: for good
    refers("staff_id", "staff", null=True, index=False),  # who wrote it; none: the demo
    instant("made_at"),
    instant("withdrawn_at", null=True),
    refers("withdrawn_by", "staff", null=True, index=False),
    Column("form_key", String(40), unique=True),  # one form sent twice is one fact
    one_of(Topic, "topic"),
    Index("ix_commune_facts_topic", "commune_id", "topic", "valid_from"),
)

# How often was it asked about on a day: nobody's number, nobody's words.
fact_tallies = Table(
    "fact_tallies",
    metadata,
    refers("commune_id", "communes", index=False),
    Column("topic", String(16), nullable=False),
    day("day"),
    Column("count", Integer, nullable=False),
    one_of(Topic, "topic"),
    PrimaryKeyConstraint("commune_id", "topic", "day"),
)
