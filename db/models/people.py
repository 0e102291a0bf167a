"""Who the service is for. A phone number stands in `people`, `sessions` and `messages`,
nowhere else.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from db.models.base import Folded, Id, instant, key, metadata, refers

# A phone number from its last digit on, nine digits of it: the same words on both
# engines, and in its index.
TURNED = "({})".format(
    " || ".join(f"substr(phone, length(phone) - {back}, 1)" for back in range(9))
)

households = Table(
    "households",
    metadata,
    key(),
    refers("commune_id", "communes"),
    refers("hamlet_id", "hamlets", index=False),
    Column("code", String(32), nullable=False),
    Column("poor", String(8), nullable=False, server_default="no"),  # yes | near | no
    UniqueConstraint("commune_id", "code"),
    Index(
        "ix_households_hamlet_id", "hamlet_id", "code"
    ),  # as a person's page lists them
)

# Whoever is no person and no household: a shop, a school, a service point.
businesses = Table(
    "businesses",
    metadata,
    key(),
    refers("commune_id", "communes"),
    refers("hamlet_id", "hamlets", null=True),
    Column(
        "kind", String(20), nullable=False
    ),  # household_business | school | service_point | one_stop
    Column("name", String(120), nullable=False),
    Column(
        "folded", Folded, nullable=False, server_default=""
    ),  # the name without marks, to search and to sort
    refers("owner_id", "people", null=True),
    instant(
        "closed_at", null=True
    ),  # it gave up, or was a mistake: in no list any more
    Index("ix_businesses_folded", "commune_id", "folded", "id"),
)

people = Table(
    "people",
    metadata,
    key(),
    refers("commune_id", "communes"),
    Column("phone", String(16), unique=True),  # E.164; a person may have none
    Column("name", String(80), nullable=False, server_default=""),
    Column(
        "folded", String(80), nullable=False, server_default="", index=True
    ),  # the name without marks, to search
    refers("hamlet_id", "hamlets", null=True),
    refers("household_id", "households", null=True),
    Column("language", String(2), nullable=False, server_default="vi"),
    Column("marks", Boolean, nullable=False, server_default=false()),
    Column("origin", String(8), nullable=False),  # register | self | staff | demo
    instant("made_at"),
    instant("erased_at", null=True),
    # `privacy.who` of the number, to meet refusals set by set; none until
    # db/broadcasts/audience.py needs it, and none again once the number changes.
    Column("who", String(64), index=True),
    Index(
        "ix_people_without_who",
        "id",
        sqlite_where=text("who IS NULL AND phone IS NOT NULL"),
        postgresql_where=text("who IS NULL AND phone IS NOT NULL"),
    ),
    Index("ix_people_turned", text(TURNED)),
    # Few belong to no household: a list of homes names them each alone. Not `IS NULL`:
    # SQLite would rather read the index of households, of which it believes that each
    # has as few.
    Index(
        "ix_people_alone",
        "hamlet_id",
        "id",
        sqlite_where=text("COALESCE(household_id, 0) = 0"),
        postgresql_where=text("COALESCE(household_id, 0) = 0"),
    ),
)

# To find people by: a folded name from each of its words on (`nong thi hoa`, `thi hoa`,
# `hoa`). Kept by triggers of migration 0008, whoever writes a name; a name forgotten in
# `people` is forgotten here.
name_ends = Table(
    "name_ends",
    metadata,
    Column(
        "person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False
    ),
    Column("words", Folded, nullable=False),
    Column("commune_id", Id, nullable=False),
    Column("hamlet_id", Id),
    PrimaryKeyConstraint("person_id", "words"),
    Index("ix_name_ends_commune", "commune_id", "words"),
    Index("ix_name_ends_hamlet", "hamlet_id", "words"),
)

# One row for each source: what the register says, what the resident said, what staff
# saw.
facts = Table(
    "facts",
    metadata,
    refers("person_id", "people", index=False),
    Column("kind", String(16), nullable=False),  # handset | sim | poor | imei
    Column("source", String(8), nullable=False),  # register | self | seen
    Column("value", String(32), nullable=False),
    instant("at"),
    refers("staff_id", "staff", null=True, index=False),
    PrimaryKeyConstraint("person_id", "kind", "source"),
)

consents = Table(
    "consents",
    metadata,
    key(),
    refers("person_id", "people"),
    Column(
        "purpose", String(16), nullable=False
    ),  # booking | callback | operator | advert
    Column(
        "prompt", String(64), nullable=False
    ),  # the sentence's key and words version
    Column("channel", String(8), nullable=False),  # ussd | sms | desk
    Column("answer", Text, nullable=False),  # as it was sent
    instant("at"),
    instant("withdrawn_at", null=True),
)
