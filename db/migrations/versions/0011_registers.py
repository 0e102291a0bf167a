"""Owners of shops, classes and parents of schools, visits, and the app that is still
there.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Id = BigInteger().with_variant(Integer, "sqlite")
Folded = String(80).with_variant(String(80, collation="C"), "postgresql")
# an index of people lies over an expression, which SQLite does not tell
ALONE = {"resolve_fks": False}
TABLES = ("app_answers", "visits", "class_counts", "parents", "classes")
# Beside the app that was installed: asked again at later visits.
KEPT = {
    "key": "app_kept",
    "subject": "person",
    "name": "Vẫn dùng Công dân số Xứ Lạng",
    "name_en": "App Công dân số Xứ Lạng kept",
    "denominator": "người từ 15 tuổi dùng điện thoại thông minh",
    "denominator_en": "residents aged 15+ who use a smartphone",
}


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def refers(table: str, name: str, to: str, *, null: bool = False) -> Column[Any]:
    return Column(
        name, Id, ForeignKey(f"{to}.id", name=f"fk_{table}_{name}"), nullable=null
    )


def upgrade() -> None:
    with op.batch_alter_table("businesses", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("folded", Folded, nullable=False, server_default=""))
        batch.add_column(Column("owner_id", Id))
        batch.create_foreign_key(
            "fk_businesses_owner_id", "people", ["owner_id"], ["id"]
        )
    op.create_index("ix_businesses_owner_id", "businesses", ["owner_id"])
    op.create_index(
        "ix_businesses_folded", "businesses", ["commune_id", "folded", "id"]
    )
    for row in (
        op.get_bind().execute(text("SELECT id, name FROM businesses")).fetchall()
    ):
        op.get_bind().execute(
            text("UPDATE businesses SET folded = :folded WHERE id = :id"),
            {"id": row[0], "folded": _folded(row[1])},
        )
    with op.batch_alter_table("staff", reflect_kwargs=ALONE) as batch:
        batch.add_column(Column("school_id", Id))
        batch.create_foreign_key(
            "fk_staff_school_id", "businesses", ["school_id"], ["id"]
        )
    op.create_index(
        "ix_people_alone",
        "people",
        ["hamlet_id", "id"],
        **where("COALESCE(household_id, 0) = 0"),
    )
    _schools()
    _visits()
    _kept()


def _folded(name: str) -> str:
    """As menus.hearing.fold does it today."""
    plain = unicodedata.normalize("NFKD", name).replace("đ", "d").replace("Đ", "d")
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.lower().split())[:80]


def _schools() -> None:
    op.create_table(
        "classes",
        Column("id", Id, nullable=False),
        refers("classes", "school_id", "businesses"),
        Column("name", String(20), nullable=False),
        PrimaryKeyConstraint("id", name="pk_classes"),
        UniqueConstraint("school_id", "name", name="uq_classes_school_id_name"),
    )
    op.create_table(
        "parents",
        Column("id", Id, nullable=False),
        refers("parents", "class_id", "classes"),
        refers("parents", "person_id", "people"),
        Column("agreed_on", String(10), nullable=False),
        Column("at", BigInteger, nullable=False),
        refers("parents", "staff_id", "staff", null=True),
        Column("withdrawn_at", BigInteger),
        refers("parents", "withdrawn_by", "staff", null=True),
        PrimaryKeyConstraint("id", name="pk_parents"),
    )
    op.create_index("ix_parents_person_id", "parents", ["person_id"])
    op.create_index(
        "uq_parents_standing",
        "parents",
        ["class_id", "person_id"],
        unique=True,
        **where("withdrawn_at IS NULL"),
    )
    op.create_table(
        "class_counts",
        Column("id", Id, nullable=False),
        refers("class_counts", "class_id", "classes"),
        Column("day", String(10), nullable=False),
        Column("paying", Integer, nullable=False),
        Column("pupils", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
        refers("class_counts", "staff_id", "staff"),
        Column("form_key", String(40), nullable=False),
        PrimaryKeyConstraint("id", name="pk_class_counts"),
        UniqueConstraint("form_key", name="uq_class_counts_form_key"),
        CheckConstraint(
            "paying >= 0 AND paying <= pupils", name=op.f("ck_class_counts_paying")
        ),
    )
    op.create_index(
        "ix_class_counts_class_id", "class_counts", ["class_id", "day", "id"]
    )


def _visits() -> None:
    one_subject = (
        "CASE WHEN household_id IS NULL THEN 0 ELSE 1 END + CASE WHEN person_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN business_id IS NULL THEN 0 ELSE 1 END = 1"
    )
    op.create_table(
        "visits",
        Column("id", Id, nullable=False),
        refers("visits", "household_id", "households", null=True),
        refers("visits", "person_id", "people", null=True),
        refers("visits", "business_id", "businesses", null=True),
        Column("result", String(8), nullable=False),
        Column("day", String(10), nullable=False),
        Column("at", BigInteger, nullable=False),
        refers("visits", "staff_id", "staff"),
        Column("form_key", String(40)),
        Column("reverses", Id),
        PrimaryKeyConstraint("id", name="pk_visits"),
        UniqueConstraint("form_key", name="uq_visits_form_key"),
        UniqueConstraint("reverses", name="uq_visits_reverses"),
        CheckConstraint(
            "result IN ('done', 'home', 'nobody', 'refused')",
            name=op.f("ck_visits_result"),
        ),
        CheckConstraint(one_subject, name=op.f("ck_visits_subject")),
    )
    for column in ("household_id", "person_id", "business_id", "at"):
        op.create_index(f"ix_visits_{column}", "visits", [column])


def _kept() -> None:
    op.create_table(
        "app_answers",
        Column("id", Id, nullable=False),
        refers("app_answers", "person_id", "people"),
        Column("kept", Boolean, nullable=False),
        Column("day", String(10), nullable=False),
        Column("at", BigInteger, nullable=False),
        refers("app_answers", "staff_id", "staff"),
        Column("form_key", String(40), nullable=False),
        PrimaryKeyConstraint("id", name="pk_app_answers"),
        UniqueConstraint("form_key", name="uq_app_answers_form_key"),
    )
    op.create_index("ix_app_answers_person_id", "app_answers", ["person_id", "id"])
    bind = op.get_bind()
    installed = bind.execute(
        text("SELECT programme_id, position FROM indicators WHERE key = 'app_citizen'")
    ).fetchall()
    for programme_id, position in installed:
        bind.execute(
            text(
                "UPDATE indicators SET position = position + 1 WHERE programme_id = :programme AND position > :at"
            ),
            {"programme": programme_id, "at": position},
        )
        bind.execute(
            text(
                "INSERT INTO indicators (programme_id, key, subject, derived, position, name, name_en, denominator,"
                " denominator_en, percent) VALUES (:programme, :key, :subject, :derived, :at, :name, :name_en,"
                " :denominator, :denominator_en, 80)"
            ),
            {"programme": programme_id, "at": position + 1, "derived": False, **KEPT},
        )


def downgrade() -> None:
    """What was counted of the app that is kept goes with its indicator."""
    of_kept = "indicator_id IN (SELECT id FROM indicators WHERE key = 'app_kept')"
    for table in ("tallies", "counted", "conversions", "targets"):
        op.execute(f"DELETE FROM {table} WHERE {of_kept}")
    op.execute("DELETE FROM indicators WHERE key = 'app_kept'")
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_people_alone", "people")
    with op.batch_alter_table("staff", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_staff_school_id", type_="foreignkey")
        batch.drop_column("school_id")
    op.drop_index("ix_businesses_folded", "businesses")
    op.drop_index("ix_businesses_owner_id", "businesses")
    with op.batch_alter_table("businesses", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint("fk_businesses_owner_id", type_="foreignkey")
        for name in ("owner_id", "folded"):
            batch.drop_column(name)
