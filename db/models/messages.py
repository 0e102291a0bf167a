"""What was said: open conversations, texts in and out, each attempt to send one, and
who wants no more.
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
    text,
)

from db.models.base import Id, instant, key, metadata, refers
from db.models.states import MessageState, one_of

# Texts in that no menu could read and nobody has dealt with.
UNREAD = "direction = 'in' AND understood = false AND ended_at IS NULL"
# What a person `p` said last to an invitation; it binds `event_id`.
LAST_WORD = """
    SELECT m.answer FROM messages m
    WHERE m.phone = p.phone AND m.direction = 'in' AND m.answer IN ('yes', 'no')
      AND m.firing_id IN (SELECT f.id FROM firings f WHERE f.event_id = :event_id)
    ORDER BY m.id DESC LIMIT 1
"""

sessions = Table(
    "sessions",
    metadata,
    Column("phone", String(16), nullable=False),
    Column("channel", String(8), nullable=False),  # ussd | sms
    Column(
        "version", Integer, nullable=False
    ),  # the guard: who read an older one answers nothing
    Column(
        "data", Text, nullable=False
    ),  # JSON, written and read by db/sessions.py alone
    instant("at"),
    PrimaryKeyConstraint("phone", "channel"),
    Index("ix_sessions_at", "at"),
)

messages = Table(
    "messages",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    Column("direction", String(3), nullable=False),  # in | out
    Column("phone", String(16), nullable=False),  # '' once the person was erased
    refers("booking_id", "bookings", null=True),
    Column("revision", Integer),  # of the booking, when the text was posted
    Column(
        "kind", String(24), nullable=False
    ),  # which notice; 'said' for a text in, 'reply' for its answer
    Column("class", String(8), nullable=False),  # reply | notice | reminder | advert
    Column("priority", Integer, nullable=False),  # lower goes first
    Column(
        "status", String(10), nullable=False
    ),  # a MessageState; see db/texts/outbox.py
    Column("reason", String(80), nullable=False, server_default=""),
    Column("once", String(80), unique=True),  # what can be said only once
    Column("understood", Boolean),  # texts in only
    refers("reply_to", "messages", null=True),
    instant("made_at"),
    instant("not_before"),
    instant("not_after", null=True),
    instant("lease_until", null=True),
    instant("sent_at", null=True),
    instant("ended_at", null=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column(
        "carrier", String(16), nullable=False, server_default=""
    ),  # came by, or went by
    Column("carrier_id", String(80)),  # the carrier's own id for it
    # The proof of what was sent, filled in at the claim:
    Column("text", Text, nullable=False, server_default=""),
    Column("encoding", String(6), nullable=False, server_default=""),
    Column(
        "length", Integer, nullable=False, server_default="0"
    ),  # septets, or UCS-2 units
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("price", Integer, nullable=False, server_default="0"),  # đồng, all parts
    Column("words", String(12), nullable=False, server_default=""),  # words version
    # Of a broadcast. No reference in the schema: SQLite cannot add one without copying
    # the whole table.
    Column("firing_id", Id),  # out: what it belongs to; in: what it answers
    Column("person_id", Id),  # out: whose ledger row it hangs on
    Column(
        "answer", String(8)
    ),  # in, to a broadcast: yes | no | stop | question | other
    # What it answers, no reference either.
    Column("request_id", Id),
    Column("opinion_id", Id),
    Column("event_id", Id),  # to a guest: the session that moved or is off
    one_of(MessageState, "status"),
    # A text in comes once, whatever its carrier repeats. What goes out has our own id;
    # a carrier's may come twice.
    Index(
        "uq_messages_received",
        "carrier",
        "carrier_id",
        unique=True,
        sqlite_where=text("direction = 'in'"),
        postgresql_where=text("direction = 'in'"),
    ),
    # A person has at most one text of a firing; what it answers may be many.
    Index(
        "uq_messages_recipient",
        "firing_id",
        "person_id",
        unique=True,
        sqlite_where=text("direction = 'out' AND firing_id IS NOT NULL"),
        postgresql_where=text("direction = 'out' AND firing_id IS NOT NULL"),
    ),
    Index(
        "ix_messages_answers",
        "firing_id",
        "answer",
        sqlite_where=text("direction = 'in' AND firing_id IS NOT NULL"),
        postgresql_where=text("direction = 'in' AND firing_id IS NOT NULL"),
    ),
    # What was said to, or about, somebody who is to be forgotten.
    Index(
        "ix_messages_person",
        "person_id",
        sqlite_where=text("person_id IS NOT NULL"),
        postgresql_where=text("person_id IS NOT NULL"),
    ),
    Index(
        "ix_messages_request",
        "request_id",
        sqlite_where=text("request_id IS NOT NULL"),
        postgresql_where=text("request_id IS NOT NULL"),
    ),
    Index(
        "ix_messages_opinion",
        "opinion_id",
        sqlite_where=text("opinion_id IS NOT NULL"),
        postgresql_where=text("opinion_id IS NOT NULL"),
    ),
    Index(
        "ix_messages_event_id",
        "event_id",
        sqlite_where=text("event_id IS NOT NULL"),
        postgresql_where=text("event_id IS NOT NULL"),
    ),
    # Numbers known dead, and texts in trouble: few among many.
    Index(
        "ix_messages_failed",
        "phone",
        sqlite_where=text("status IN ('FAILED', 'LOST')"),
        postgresql_where=text("status IN ('FAILED', 'LOST')"),
    ),
    Index("ix_messages_phone", "phone", "made_at"),
    Index("ix_messages_made_at", "made_at", "id"),
    # The desk's lists by status, newest first, and their counts.
    Index(
        "ix_messages_out",
        "commune_id",
        "status",
        "made_at",
        "id",
        sqlite_where=text("direction = 'out'"),
        postgresql_where=text("direction = 'out'"),
    ),
    Index(
        "ix_messages_unread",
        "commune_id",
        "made_at",
        sqlite_where=text(UNREAD),
        postgresql_where=text(UNREAD),
    ),
    Index(
        "ix_messages_waiting",
        "priority",
        "not_before",
        sqlite_where=text("status = 'QUEUED'"),
        postgresql_where=text("status = 'QUEUED'"),
    ),
    Index(
        "ix_messages_leased",
        "lease_until",
        sqlite_where=text("status IN ('CLAIMED', 'SENDING')"),
        postgresql_where=text("status IN ('CLAIMED', 'SENDING')"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    key(),
    refers("message_id", "messages"),
    Column("sender", String(16), nullable=False),
    instant("at"),
    Column("outcome", String(16), nullable=False),  # sent, or the name of a send error
    Column("detail", String(200), nullable=False, server_default=""),
)

# Senders whose last call failed: how often in a row, since when, and until when they
# are left alone.
breakers = Table(
    "breakers",
    metadata,
    Column("sender", String(16), primary_key=True),
    Column("failures", Integer, nullable=False),
    instant("since"),
    instant("open_until", null=True),
)

# Who wants no more texts. Keyed by HMAC, so the wish outlives an erasure without
# keeping the number.
stops = Table(
    "stops",
    metadata,
    Column("who", String(64), nullable=False),
    Column("what", String(8), nullable=False),  # advert | remind | all | erased | dnc
    instant("at"),
    PrimaryKeyConstraint("who", "what"),
)

# The last time each job of the clock ended well.
clocks = Table(
    "clocks", metadata, Column("job", String(16), primary_key=True), instant("at")
)

# The register of wishes: appended, never changed but for `ended_at`; triggers of
# migration 0006 hold it. Kept until a year beyond its end. It names nobody: see
# db/texts/wishes.py.
wishes = Table(
    "wishes",
    metadata,
    key(),
    Column(
        "who", String(64), nullable=False
    ),  # HMAC of the number; of a person's id where there is no number
    Column(
        "act", String(10), nullable=False
    ),  # agreed | refused | took_back | confirmed | asked
    Column(
        "what", String(16), nullable=False
    ),  # a purpose of consents, or what stops refuse
    Column(
        "words", String(200), nullable=False, server_default=""
    ),  # as they came, digits and names masked
    Column(
        "channel", String(8), nullable=False, server_default=""
    ),  # ussd | sms | desk | list; '' for a command
    Column(
        "prompt", String(64), nullable=False, server_default=""
    ),  # what was agreed to: key and words version
    instant("at"),  # received; of a confirmation when it was given
    refers(
        "message_id", "messages", null=True, index=False
    ),  # the text that came in, or that confirms, or asks
    refers(
        "confirms", "wishes", null=True, index=False
    ),  # of a confirmation: what it confirms
    instant("ended_at", null=True),  # when what it allows or forbids ended
    Index("ix_wishes_who", "who"),
    Index(
        "uq_wishes_asked",
        "who",
        unique=True,
        sqlite_where=text("act = 'asked'"),
        postgresql_where=text("act = 'asked'"),
    ),
    Index(
        "ix_wishes_message",
        "message_id",
        sqlite_where=text("message_id IS NOT NULL"),
        postgresql_where=text("message_id IS NOT NULL"),
    ),
    Index(
        "ix_wishes_confirms",
        "confirms",
        sqlite_where=text("confirms IS NOT NULL"),
        postgresql_where=text("confirms IS NOT NULL"),
    ),
    Index(
        "ix_wishes_ended",
        "ended_at",
        sqlite_where=text("ended_at IS NOT NULL"),
        postgresql_where=text("ended_at IS NOT NULL"),
    ),
)
