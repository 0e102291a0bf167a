"""A broadcast to the parents of a school, to owners of shops, to whoever lacks an
account: who is told, and why not.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import text

from db.broadcasts import audiences, drafts
from db.changes import businesses as changes
from db.changes import classes, parents
from db.progress import conversions
from db.register import businesses, schools
from db.register.businesses import Sought
from tests import factories as make
from tests.db.broadcasts.village import Village

SCHOOL = "Trường Tiểu học"


def test_parents_are_told_while_their_consent_stands(village: Village) -> None:
    village.imports(
        "businesses", "name,kind", f"{SCHOOL},school", "Trường Trung học,school"
    )
    village.imports(
        "parents",
        "school,class,phone,agreed_on",
        f"{SCHOOL},3A,0990000001,2024-01-05",
        f"{SCHOOL},3B,0990000002,2024-01-05",
        f"{SCHOOL},3B,0990000077,2024-01-05",
    )
    assert village.chosen({"school": [SCHOOL]}) == "An Bình "
    assert village.chosen({"school": f"{SCHOOL} / 3a"}) == "An"
    assert (
        village.chosen(
            {"school": ["truong tieu hoc / 3B"], "hamlet": ["Quảng Trung I"]}
        )
        == "Bình"
    )
    assert village.chosen({"school": ["Trường Trung học"]}) == "", "nobody agreed there"
    assert village.chosen({"not": {"school": [SCHOOL]}}) == "Chi"
    assert "There is no school or class" in village.refuses(
        "draft", village.write({"school": [f"{SCHOOL} / 9Z"]})
    )
    with village.db.transaction() as tx:
        first = parents.standing(tx, int(tx.value(text("SELECT MIN(id) FROM parents"))))
        assert first is not None
        parents.withdraw(
            tx,
            first,
            staff_id=make.staff(tx),
            now=2,
            privacy_key=village.settings.privacy_key,
        )
    number = village.draft({"school": [SCHOOL]})
    assert village.chosen({"school": [SCHOOL]}) == "Bình "
    why = village.why(number)
    assert why["An"] == "no consent for this purpose"
    assert why["Chi"] == "not in the audience"


def test_a_class_that_is_renamed_takes_every_rule_along_that_is_still_to_be_read(
    village: Village,
) -> None:
    village.imports(
        "businesses", "name,kind", f"{SCHOOL},school", "Trường Trung học,school"
    )
    village.imports(
        "parents",
        "school,class,phone,agreed_on",
        f"{SCHOOL},3A,0990000001,2024-01-05",
        f"{SCHOOL},3B,0990000002,2024-01-05",
        "Trường Trung học,3A,0990000003,2024-01-05",
    )
    rule = {
        "any": [
            {"school": "truong tieu hoc / 3a"},
            {"school": [SCHOOL + " / 3B", "Trường Trung học / 3A"]},
        ]
    }
    draft = village.draft({"school": [f"{SCHOOL} / 3A"]})
    approved = village.draft(rule)
    going = village.started({"not": {"school": [f"{SCHOOL} / 3A"]}})
    over = village.draft({"school": [f"{SCHOOL} / 3A"]})
    village.sql("UPDATE broadcasts SET state = 'stopped' WHERE id = :id", id=over)
    village.approves(approved)
    with village.db.transaction() as tx:
        audiences.keep(tx, "Lớp 3A", {"school": [f"{SCHOOL} / 3A"]}, commune_id=1)
        school = schools.named(tx, 1, SCHOOL)
        assert school is not None
        one = schools.class_named(tx, school.id, "3A")
        assert one is not None
        change = classes.rename(tx, school, one, "lớp 4a", commune_id=1)
        assert change == ("3A", "4A", 3)
        schools.ensure_class(tx, school.id, "3A")
        kept = [audience.rule for audience in audiences.of(tx, 1)]
        assert kept == [f'{{"school": ["{SCHOOL} / 4A"]}}']
        assert drafts.is_approved(drafts.get(tx, approved, 1)), (
            "it is for the same people"
        )
    assert [
        one["person"] for one in village.people(draft) if one["chosen"] == "yes"
    ] == ["An"]
    assert [
        one["person"] for one in village.people(approved) if one["chosen"] == "yes"
    ] == ["An", "Bình", "Chi"]
    assert village.ask("SELECT rule FROM broadcasts WHERE id = :id", id=over).endswith(
        '/ 3A"]}'
    ), "it is over"
    village.clock()
    assert "An" not in [
        one["person"] for one in village.people(going) if one["chosen"] == "yes"
    ]


def test_a_school_that_is_renamed_takes_every_rule_along_that_is_still_to_be_read(
    village: Village,
) -> None:
    other = "Trường Trung học"
    village.imports("businesses", "name,kind", f"{SCHOOL},school", f"{other},school")
    village.imports(
        "parents",
        "school,class,phone,agreed_on",
        f"{SCHOOL},3A,0990000001,2024-01-05",
        f"{SCHOOL},3B,0990000002,2024-01-05",
        f"{other},3A,0990000003,2024-01-05",
    )
    draft = village.draft({"school": [SCHOOL]})
    approved = village.draft({"any": [{"school": "truong tieu hoc / 3a"}]})
    of_other = village.draft({"school": [other]})
    going = village.started({"not": {"school": [SCHOOL]}})
    village.approves(approved)
    with village.db.transaction() as tx:
        audiences.keep(tx, "Cả trường", {"school": [SCHOOL]}, commune_id=1)
        [school] = businesses.named(tx, 1, "school", SCHOOL)
        new_name = "Trường Tiểu học Hoa Sen"
        rename = partial(changes.edit, tx, school, 1)
        assert rename(Sought("school", SCHOOL)) == 0
        assert rename(Sought("school", new_name)) == 3
        make.business(tx, kind="school", name=SCHOOL)  # another one takes the old name
        kept = [audience.rule for audience in audiences.of(tx, 1)]
        assert kept == [f'{{"school": ["{new_name}"]}}']
        assert drafts.is_approved(drafts.get(tx, approved, 1))
    chosen = {
        number: [
            one["person"] for one in village.people(number) if one["chosen"] == "yes"
        ]
        for number in (draft, approved, of_other)
    }
    assert chosen == {draft: ["An", "Bình"], approved: ["An"], of_other: ["Chi"]}
    village.clock()
    told = [one["person"] for one in village.people(going) if one["chosen"] == "yes"]
    assert "An" not in told and "Bình" not in told


def test_owners_are_told_by_the_kind_of_what_they_own(village: Village) -> None:
    village.imports(
        "businesses",
        "name,kind,owner,phone",
        "Tạp hóa,household_business,An,0990000001",
        "Điểm,service_point,Chi,0990000003",
        "Quán,household_business,,",
    )
    assert village.chosen({"business": ["household_business"]}) == "An"
    assert (
        village.chosen({"business": ["service_point", "household_business"]})
        == "An Chi"
    )
    assert village.chosen({"business": "one_stop"}) == ""


def test_whoever_lacks_an_account_or_the_app_is_asked_for(village: Village) -> None:
    ids = {
        name: village.ask("SELECT id FROM people WHERE name = :name", name=name)
        for name in ("An", "Chi")
    }
    with village.db.transaction() as tx:
        for indicator, name in (("money_person", "An"), ("app_citizen", "Chi")):
            conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=ids[name],
                at=1,
                staff_id=None,
            )
    assert village.chosen({"account": True}) == "An"
    assert village.chosen({"account": False}) == "Bình Chi"
    assert village.chosen({"app": False}) == "An Bình"
    assert village.chosen({"household_account": True}).split()[0] == "An"
