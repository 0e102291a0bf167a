"""Reports to sign: how their head and their end read from which day on, and the figures
of every one that was made.
"""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from db.models.base import day, instant, key, metadata, refers
from db.models.states import PeriodKind, one_of

# What stands around the figures, from a day on. Several lines are kept as they were
# typed, one below the other.
report_heads = Table(
    "report_heads",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    day("since"),
    Column("parent", String(120), nullable=False),  # the body above; may be empty
    Column("issuer", String(120), nullable=False),
    Column("symbol", String(40), nullable=False),  # behind the number: BC-UBND
    Column("place", String(60), nullable=False),  # before the date
    Column("subject", String(300), nullable=False),
    Column("addressees", Text, nullable=False),  # Kính gửi
    Column("grounds", Text, nullable=False),  # Căn cứ ...
    Column("recipients", Text, nullable=False),  # Nơi nhận
    Column("capacity", String(200), nullable=False),  # TM. ..., KT. ..., the title
    Column("signer", String(80), nullable=False),
    UniqueConstraint("commune_id", "since"),
)

# Figures alone, in JSON: no name, no number and no words of a resident. Appended, never
# changed; the same period made again is its next version.
reports = Table(
    "reports",
    metadata,
    key(),
    refers("commune_id", "communes", index=False),
    Column("kind", String(8), nullable=False),  # a PeriodKind
    day("first_day"),
    day("last_day"),
    Column("version", Integer, nullable=False),
    Column("figures", Text, nullable=False),
    instant("made_at"),
    refers("staff_id", "staff", null=True, index=False),  # none: the clock
    # of a form sent twice, of a draft that two clocks are to make: one report
    Column("form_key", String(60), nullable=False, unique=True),
    one_of(PeriodKind, "kind"),
    UniqueConstraint("commune_id", "kind", "first_day", "last_day", "version"),
    Index("ix_reports_made_at", "commune_id", "made_at", "id"),
)
