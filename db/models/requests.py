"""What residents ask the commune to do, and what they say about it: each with a number,
and what became of it.
"""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.models.base import Id, instant, key, metadata, refers
from db.models.states import (
    Ground,
    Lesson,
    OpinionTopic,
    RequestAct,
    RequestKind,
    RequestState,
    Verdict,
    one_of,
)

# The last number given in a commune. Requests and opinions share one row of numbers: 12
# is one thing.
request_numbers = Table(
    "request_numbers",
    metadata,
    refers("commune_id", "communes", index=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("commune_id"),
)

requests = Table(
    "requests",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    Column("number", Integer, nullable=False),  # as residents say it
    Column("kind", String(12), nullable=False),  # a RequestKind
    Column("state", String(10), nullable=False, server_default=RequestState.OPEN),
    refers("person_id", "people"),  # who asked
    refers("hamlet_id", "hamlets", null=True),  # where it is to be done
    Column(
        "for_name", String(80), nullable=False, server_default=""
    ),  # whom it is for; '' for whoever asked
    Column("for_folded", String(80), nullable=False, server_default=""),
    Column("for_phone", String(16), nullable=False, server_default=""),  # E.164
    Column(
        "ground", String(8), nullable=False, server_default=Ground.SELF
    ),  # why they may speak for them
    Column(
        "words", String(400), nullable=False, server_default=""
    ),  # as they were sent, or told to staff
    Column("channel", String(8), nullable=False),  # ussd | sms | desk
    instant("made_at"),
    instant("due_at"),
    instant(
        "told_at", null=True
    ),  # when it was said that Viettel, or the school, will call, and they agreed
    refers("holder_id", "staff", null=True, index=False),  # who has it
    instant("tried_at", null=True),  # the last time nobody was reached
    instant("ended_at", null=True),
    Column(
        "answer", String(200), nullable=False, server_default=""
    ),  # how it ended, in the words the resident got
    Column(
        "form_key", String(32), unique=True
    ),  # of a form of the desk: sent twice it is one
    refers("school_id", "businesses", null=True, index=False),  # which one is asked
    # the shop it is about. No reference in the schema: SQLite cannot add one without
    # copying the whole table.
    Column("business_id", Id),
    one_of(RequestKind, "kind"),
    one_of(RequestState, "state"),
    one_of(Ground, "ground"),
    UniqueConstraint("commune_id", "number"),
    # Asked again while it is open, it is the same one; elsewhere, or for somebody else,
    # it is another.
    Index(
        "uq_requests_open",
        "person_id",
        "kind",
        "for_folded",
        "for_phone",
        "hamlet_id",
        unique=True,
        sqlite_where=text("state = 'open' AND school_id IS NULL"),
        postgresql_where=text("state = 'open' AND school_id IS NULL"),
    ),
    # of two schools it is two
    Index(
        "uq_requests_open_school",
        "person_id",
        "kind",
        "for_folded",
        "for_phone",
        "hamlet_id",
        "school_id",
        unique=True,
        sqlite_where=text("state = 'open' AND school_id IS NOT NULL"),
        postgresql_where=text("state = 'open' AND school_id IS NOT NULL"),
    ),
    Index(
        "ix_requests_for_phone",
        "for_phone",
        sqlite_where=text("for_phone <> ''"),
        postgresql_where=text("for_phone <> ''"),
    ),
    Index(
        "ix_requests_business_id",
        "business_id",
        sqlite_where=text("business_id IS NOT NULL"),
        postgresql_where=text("business_id IS NOT NULL"),
    ),
    # Those that are open are few among many; of those that ended the last are read.
    Index(
        "ix_requests_due",
        "commune_id",
        "due_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "ix_requests_ended",
        "commune_id",
        "ended_at",
        sqlite_where=text("state <> 'open'"),
        postgresql_where=text("state <> 'open'"),
    ),
)

# What was done about it, appended and never changed; only an erasure takes the words.
request_acts = Table(
    "request_acts",
    metadata,
    key(),
    refers("request_id", "requests"),
    instant("at"),
    refers("staff_id", "staff", null=True, index=False),  # none: the resident
    Column("act", String(10), nullable=False),  # a RequestAct
    refers("to_id", "staff", null=True, index=False),  # of one handed over
    Column("words", String(400), nullable=False, server_default=""),
    Column("form_key", String(32), unique=True),
    one_of(RequestAct, "act"),
)

# in place of the words of an opinion whose owner wants it unsaid
TAKEN_BACK = "(Người góp ý đã rút lại)"

opinions = Table(
    "opinions",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    Column("number", Integer, nullable=False),
    refers(
        "person_id", "people", null=True, index=False
    ),  # none: said at a meeting, or let go of since
    refers("hamlet_id", "hamlets", null=True, index=False),
    refers("event_id", "events", null=True, index=False),  # of a meeting
    Column("channel", String(8), nullable=False),  # ussd | sms | desk | meeting
    Column(
        "words", Text, nullable=False
    ),  # as they were said; names and digits masked once the person is let go of
    instant("made_at"),
    Column("topic", String(12), nullable=False, server_default=OpinionTopic.UNSORTED),
    refers("holder_id", "staff", null=True, index=False),
    Column("answer", String(200), nullable=False, server_default=""),
    instant("answered_at", null=True),
    refers("answered_by", "staff", null=True, index=False),
    Column("verdict", String(10), nullable=False, server_default=Verdict.OPEN),
    Column(
        "why", String(200), nullable=False, server_default=""
    ),  # it was chosen or not
    instant("reported_at", null=True),
    instant("let_go_at", null=True),  # from then on nothing says who it was
    Column("form_key", String(32), unique=True),
    Column(
        "for_report", Text, nullable=False, server_default=""
    ),  # as staff would publish it; '' while nobody changed what the machine proposes
    one_of(OpinionTopic, "topic"),
    one_of(Verdict, "verdict"),
    UniqueConstraint("commune_id", "number"),
    Index(
        "ix_opinions_person_id",
        "person_id",
        sqlite_where=text("person_id IS NOT NULL"),
        postgresql_where=text("person_id IS NOT NULL"),
    ),
    Index("ix_opinions_made_at", "commune_id", "made_at"),
    Index(
        "ix_opinions_waiting",
        "commune_id",
        "number",
        sqlite_where=text("answered_at IS NULL"),
        postgresql_where=text("answered_at IS NULL"),
    ),
    Index(
        "ix_opinions_kept",
        "answered_at",
        sqlite_where=text("let_go_at IS NULL"),
        postgresql_where=text("let_go_at IS NULL"),
    ),
)

# Texts that no menu could read, and what staff made of them: what the next training
# learns from. No references: texts are let go of, and this stays.
lessons = Table(
    "lessons",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    Column("message_id", Id, nullable=False, unique=True),  # the text
    refers("staff_id", "staff", index=False),
    instant("at"),
    Column("words", String(400), nullable=False),  # as sent, names and digits masked
    Column("did", String(8), nullable=False),  # a Lesson
    Column("kind", String(12), nullable=False),  # of a request; '' of anything else
    Column("answer", String(200), nullable=False),  # what they were told
    Column("text_id", Id, unique=True),  # the text that told them
    one_of(Lesson, "did"),
)
