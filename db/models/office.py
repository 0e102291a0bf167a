"""The office: staff, sign-ins, tasks, the audit trail, and what kind of installation
this is.
"""

from sqlalchemy import Column, Index, Integer, String, Table, text

from db.models.base import instant, key, metadata, refers

staff = Table(
    "staff",
    metadata,
    key(),
    refers("commune_id", "communes"),
    Column("username", String(40), nullable=False, unique=True),
    Column("name", String(80), nullable=False, server_default=""),
    Column("password", String(120), nullable=False),  # argon2id
    Column("role", String(8), nullable=False),  # one of db.office.accounts.ROLES
    refers(
        "hamlet_id", "hamlets", null=True
    ),  # a hamlet head and a hamlet's team see this hamlet
    Column("language", String(2), nullable=False, server_default="vi"),
    Column(
        "epoch", Integer, nullable=False, server_default="1"
    ),  # raised to end every open sign-in
    instant("made_at"),
    instant("disabled_at", null=True),
    Column(
        "phone", String(16), nullable=False, server_default=""
    ),  # E.164: where their tests of a broadcast go
    refers(
        "school_id", "businesses", null=True, index=False
    ),  # a school's account sees this school
)

# Failed sign-ins, counted by account and by address, so that several web processes
# share one limit.
sign_ins = Table(
    "sign_ins",
    metadata,
    key(),
    Column("who", String(64), nullable=False),
    instant("at"),
    Index("ix_sign_ins_who_at", "who", "at"),
)

tasks = Table(
    "tasks",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    refers("person_id", "people"),
    refers("hamlet_id", "hamlets", null=True),
    Column(
        "kind", String(12), nullable=False
    ),  # call_me, question; tell, answer: what to tell stands in the note
    instant("made_at"),
    instant("done_at", null=True),
    refers("done_by", "staff", null=True, index=False),
    Column("note", String(200), nullable=False, server_default=""),
    refers(
        "booking_id", "bookings", null=True, index=False
    ),  # of tell: what it is about ...
    Column("revision", Integer),  # ... as that was when the task was made
    Index(
        "ix_tasks_booking_id",
        "booking_id",
        sqlite_where=text("booking_id IS NOT NULL"),
        postgresql_where=text("booking_id IS NOT NULL"),
    ),
    # Those that wait are few among many; of those done the last are read.
    Index(
        "ix_tasks_open",
        "commune_id",
        "made_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(
        "ix_tasks_done",
        "commune_id",
        "done_at",
        sqlite_where=text("done_at IS NOT NULL"),
        postgresql_where=text("done_at IS NOT NULL"),
    ),
)

audit = Table(
    "audit",
    metadata,
    key(),
    instant("at"),
    refers("staff_id", "staff", null=True),  # none: the resident, or a command
    Column("action", String(32), nullable=False),
    refers("person_id", "people", null=True),
    Column("detail", String(200), nullable=False, server_default=""),
)

# Forms of the desk that were carried out: sent once more, each is the same act.
sent_forms = Table(
    "sent_forms",
    metadata,
    # of who sent what where, and of the key that only this form had
    Column("digest", String(32), primary_key=True),
    refers("staff_id", "staff", index=False),
    Column("route", String(60), nullable=False),
    instant("at"),
    # Where its answer led: a path, or what follows the address that the form came with;
    # none before it was answered.
    Column("led_to", String(200)),
    Index("ix_sent_forms_at", "at"),
)

# One row: demo or live. No row: empty.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    instant("since"),
)
