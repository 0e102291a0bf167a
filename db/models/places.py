"""Where the service runs: communes, hamlets, halls; and what is offered there, with its
dates.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from db.models.base import day, key, metadata, refers

communes = Table(
    "communes",
    metadata,
    key(),
    Column(
        "service_code", String(32), nullable=False, unique=True
    ),  # what residents dial, e.g. *2404#
    Column("sms_number", String(20), nullable=False),  # what residents text
)

# A commune's name, parent body and report heading change with the date (1/7/2025 did
# it).
commune_names = Table(
    "commune_names",
    metadata,
    key(),
    refers("commune_id", "communes"),
    day("since"),
    Column("name", String(80), nullable=False),
    Column("parent", String(120), nullable=False, server_default=""),
    UniqueConstraint("commune_id", "since"),
)

hamlets = Table(
    "hamlets",
    metadata,
    key(),
    refers("commune_id", "communes"),
    Column("name", String(60), nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("commune_id", "name"),
)

hamlet_aliases = Table(
    "hamlet_aliases",
    metadata,
    key(),
    refers("hamlet_id", "hamlets"),
    Column("folded", String(60), nullable=False),  # menus.hearing.fold of the alias
    UniqueConstraint("hamlet_id", "folded"),
)

halls = Table(
    "halls",
    metadata,
    key(),
    refers("commune_id", "communes"),
    refers("hamlet_id", "hamlets", null=True),  # none: the commune's own hall
    Column("name", String(80), nullable=False),
    UniqueConstraint("commune_id", "name"),
)

programmes = Table(
    "programmes",
    metadata,
    key(),
    refers("commune_id", "communes"),
    Column("key", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    day("starts", null=True),  # from when to when the plan runs, both included ...
    day("ends", null=True),  # ... as long as nobody has entered it, no pace is reckoned
    UniqueConstraint("commune_id", "key"),
)

# A support scheme: dated data, never code. Lists are JSON; null or "any" means no
# limit.
schemes = Table(
    "schemes",
    metadata,
    key(),
    refers("programme_id", "programmes"),
    Column("name", String(120), nullable=False),
    day("opens"),
    day("closes"),
    Column("hamlets", Text),  # JSON list of hamlet ids
    Column("handsets", Text, nullable=False),  # JSON list of kinds that qualify
    Column("sims", Text),  # JSON list of kinds that qualify
    Column(
        "poor", String(8), nullable=False, server_default="any"
    ),  # any | near (poor or near-poor) | yes (poor)
    Column("one_per_household", Boolean, nullable=False, server_default=false()),
    Column("stock", Integer),  # devices in all
    Column("bring", String(80), nullable=False),
    Column("bring_en", String(80), nullable=False),
)

# Which handset a TAC (first 8 digits of an IMEI) is; staff import it, nobody publishes
# it.
tac = Table(
    "tac",
    metadata,
    Column("tac", String(8), primary_key=True),
    Column("handset", String(16), nullable=False),
)
