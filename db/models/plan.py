"""What was decided along the plan's way: adjustments, each with its day."""

from sqlalchemy import Column, Index, String, Table

from db.models.base import day, instant, key, metadata, refers

plan_notes = Table(
    "plan_notes",
    metadata,
    key(),
    refers("programme_id", "programmes", index=False),
    refers(
        "indicator_id", "indicators", null=True, index=False
    ),  # none: of the plan as a whole
    day("day"),
    Column("words", String(400), nullable=False),
    refers("staff_id", "staff", index=False),
    instant("made_at"),
    Column("form_key", String(40), nullable=False, unique=True),
    Index("ix_plan_notes_day", "programme_id", "day", "id"),
)
