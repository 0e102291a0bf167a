"""Why somebody has no text: each reason of the closed list brought about once, by what
people and staff really do.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.changes import numbers
from db.progress import conversions
from db.store.engine import to_ms
from tests import factories as make
from tests.db.broadcasts.village import WORDS, Village, tomorrow

DEADLINE = tomorrow(
    "20:00"
).isoformat()  # within a day of some evenings, else the cap is met at the claim


def now() -> int:
    return to_ms(datetime.now(UTC))


def person(village: Village, name: str) -> int:
    return int(village.ask("SELECT id FROM people WHERE name = :name", name=name))


def converts(village: Village, name: str) -> None:
    who = person(village, name)
    with village.db.transaction() as tx:
        for indicator in ("sim_4g", "handset_volte"):
            conversions.log(
                tx,
                programme_id=1,
                indicator=indicator,
                subject_id=who,
                at=now(),
                staff_id=None,
            )


def agrees_to_adverts(village: Village, *names: str) -> None:
    with village.db.transaction() as tx:
        for name in names:
            make.consent(tx, person(village, name))


def texted(
    village: Village, who: int, status: str = "SENT", times: int = 1, reason: str = ""
) -> None:
    """Texts that this number had a moment ago, of no broadcast."""
    for _ in range(times):
        village.sql(
            "INSERT INTO messages (commune_id, direction, phone, kind, class, priority, status, reason, made_at,"
            " not_before, sent_at) VALUES (1, 'out', :phone, 'missed', 'notice', 5, :status, :reason, :now, :now,"
            " :now)",
            phone=make.phone(who),
            status=status,
            reason=reason,
            now=now(),
        )


def changes_number(village: Village, name: str, phone: str) -> None:
    who = person(village, name)
    with village.db.transaction() as tx:
        numbers.change(
            tx, who, phone, now=now(), privacy_key=village.settings.privacy_key
        )


@pytest.fixture
def many(village: Village) -> Village:
    names = [
        "Dũng",
        "Én",
        "Phong",
        "Giang",
        "Hoa",
        "Khánh",
        "Lan",
        "Mai",
        "Nam",
        "Oanh",
    ]
    phones = ["", "02053870123", *[f"09900000{place:02}" for place in range(6, 14)]]
    village.imports(
        "residents",
        "phone,name,hamlet",
        *[
            f"{phone},{name},Quảng Trung I"
            for phone, name in zip(phones, names, strict=True)
        ],
    )
    return village


def test_each_reason_of_the_closed_list_is_given_to_whom_it_concerns(
    many: Village,
) -> None:
    agrees_to_adverts(
        many,
        "An",
        "Bình",
        "Chi",
        "Dũng",
        "Én",
        "Phong",
        "Giang",
        "Hoa",
        "Lan",
        "Mai",
        "Nam",
        "Oanh",
    )
    told = many.started({"hamlet": ["Quảng Hồng II"]})  # Chi
    many.clock()
    assert many.show(told)["sent"] == 1
    many.says(6, "TC")
    many.imports("dnc", "phone", "0990000007", "0990000006")
    assert many.run("erase", "0990000008")[0] == 0
    texted(many, 10, times=5)
    converts(many, "Nam")
    texted(many, 13, status="FAILED", reason="BadNumber")
    number = int(
        many.does(
            "draft",
            many.file({**many.given({"converted": False}, WORDS), "class": "advert"}),
        ),
    )
    many.sql(
        "UPDATE broadcasts SET not_after = :soon WHERE id = :id",
        soon=now() + 12 * 3_600_000,
        id=number,
    )
    assert many.why(number) == {
        "Chi": "told already",
        "Dũng": "no number",
        "Én": "fixed line",
        "Phong": "no adverts",
        "Giang": "do-not-call",
        "": "erased",
        "Khánh": "no consent for this purpose",
        "Lan": "over the cap",
        "Nam": "already converted",
        "Oanh": "number known dead",
    }
    many.approves(number)
    many.does("start", number)
    listed = many.people(number)
    assert [one["person"] for one in listed if one["chosen"] == "yes"] == [
        "An",
        "Bình",
        "Mai",
    ]
    assert len(listed) == 13 == many.ask("SELECT COUNT(*) FROM people")
    assert many.does("show", number).splitlines()[1:] == [
        "left out 10",
        "erased 1",
        "already converted 1",
        "no number 1",
        "fixed line 1",
        "no adverts 1",
        "do-not-call 1",
        "no consent for this purpose 1",
        "over the cap 1",
        "told already 1",
        "number known dead 1",
        "state running",
    ]
    many.agree(number)


def test_a_number_is_dead_when_its_own_texts_fail_not_when_the_carrier_or_the_words_do(
    many: Village,
) -> None:
    for who, reason in (
        (1, "Unreachable"),
        (2, "Throttled"),
        (3, "Rejected"),
        (6, "expired"),
        (7, "Stopped"),
    ):
        texted(many, who, status="FAILED", times=3, reason=reason)
    texted(many, 8, status="FAILED", times=2, reason="expired")
    texted(many, 9, status="FAILED", times=3, reason="expired")
    texted(many, 9, status="DELIVERED")
    dead = {"Phong": "number known dead", "Giang": "number known dead"}
    assert many.why(many.draft()) == {"Dũng": "no number", "Én": "fixed line", **dead}


def test_the_reason_is_the_same_in_whatever_order_a_rule_was_written(
    many: Village,
) -> None:
    converts(many, "Chi")
    converts(many, "An")
    place, not_yet = {"hamlet": ["Quảng Trung I"]}, {"converted": False}
    whys = [
        many.why(many.draft(rule))
        for rule in ({**place, **not_yet}, {**not_yet, **place})
    ]
    assert whys[0] == whys[1]
    assert (whys[0]["An"], whys[0]["Chi"]) == (
        "already converted",
        "not in the audience",
    )
    assert (
        many.why(many.draft({"not": {"converted": True}}))["An"] == "already converted"
    )
    assert many.chosen({"converted": True}) == "An Chi"


def test_two_broadcasts_of_the_same_words_under_way_at_once_reach_everybody_once(
    many: Village,
) -> None:
    first = many.started(
        {"hamlet": ["Quảng Hồng II"]}, not_before=tomorrow("08:00").isoformat()
    )
    second = many.started(
        {"handset": ["2g", "4g_no_volte"]}, not_before=tomorrow("08:00").isoformat()
    )
    many.clock()
    assert many.show(first)["sent"] == many.show(second)["sent"] == 1
    assert many.why(second)["Chi"] == "told already"
    many.agree(second)


def test_who_takes_back_a_consent_or_is_put_on_the_list_before_an_advert_goes_gets_none(
    many: Village,
) -> None:
    agrees_to_adverts(many, "An", "Bình", "Chi", "Phong")
    number = many.advert(WORDS, not_before=tomorrow("08:00").isoformat())
    many.approves(number)
    many.does("start", number)
    many.says(1, "TC")
    many.imports("dnc", "phone", "0990000002")
    many.sql(
        "UPDATE consents SET withdrawn_at = 2 WHERE person_id = :id",
        id=person(many, "Chi"),
    )
    many.clock()
    chosen = [one for one in many.people(number) if one["chosen"] == "yes"]
    assert {one["person"]: one["reason"] for one in chosen} == {
        "An": "no adverts",
        "Bình": "do-not-call",
        "Chi": "no consent for this purpose",
        "Phong": "",
    }
    many.agree(number)


def test_of_several_reasons_the_first_is_kept(many: Village) -> None:
    agrees_to_adverts(many, "An", "Bình", "Chi", "Én")
    for who, name in ((1, "An"), (2, "Bình"), (3, "Chi")):
        texted(many, who, status="FAILED", reason="BadNumber")
        many.says(who, "TC DV" if name == "An" else "TC")
    many.imports("dnc", "phone", *[f"09900000{place:02}" for place in (1, 2, 9, 13)])
    converts(many, "Chi")
    number = many.advert(WORDS, audience={"converted": False})
    why = many.why(number)
    assert why["An"] == "opted out"
    assert why["Bình"] == "no adverts"
    assert why["Chi"] == "already converted"
    assert why["Dũng"] == "no number"  # and never agreed
    assert why["Khánh"] == why["Oanh"] == "do-not-call"  # and never agreed


def test_a_do_not_call_list_and_a_refusal_of_adverts_hold_no_notice_back(
    many: Village,
) -> None:
    many.imports("dnc", "phone", "0990000001")
    many.says(2, "TC")
    many.says(3, "TC DV")
    number = many.started({"handset": ["2g", "4g_volte", "4g_no_volte"]})
    assert many.why(number)["Chi"] == "opted out"
    many.clock()
    assert many.show(number)["sent"] == 2


def test_everybody_is_looked_at_again_before_the_text_goes(many: Village) -> None:
    rule = {
        "hamlet": ["Quảng Trung I"],
        "booked": False,
        "converted": False,
        "not": {"handset": ["3g"]},
    }
    number = many.started(rule, not_before=tomorrow("08:00").isoformat())
    many.says(1, "TC DV")
    many.books(2)
    many.imports("residents", "phone,name,hamlet", "0990000006,Phong,Quảng Hồng II")
    many.imports(
        "residents", "phone,name,hamlet,handset", "0990000007,Giang,Quảng Trung I,3g"
    )
    assert many.run("erase", "0990000008")[0] == 0
    converts(many, "Khánh")
    changes_number(many, "Lan", "+84990000050")
    changes_number(many, "Mai", "")
    # the deadline of a doubt: it is tried
    texted(many, 12, status="FAILED", reason="BadNumber")
    many.clock()
    assert {
        one["person"]: one["reason"]
        for one in many.people(number)
        if one["chosen"] == "yes"
    } == {
        "An": "opted out",
        "Bình": "not in the audience",
        "Phong": "not in the audience",
        "Giang": "not in the audience",
        "": "erased",
        "Khánh": "already converted",
        "Lan": "",
        "Mai": "no number",
        "Nam": "",
        "Oanh": "",
    }
    assert [one.phone for one in many.texts(number) if one.status == "SENT"] == [
        "+84990000050",
        make.phone(12),
        make.phone(13),
    ]
    many.agree(number)


def test_who_had_the_cap_is_texted_when_a_day_has_passed_or_never_when_it_is_too_late(
    many: Village,
) -> None:
    texted(many, 1, times=5)
    patient = many.started(
        {"handset": ["2g"]}, not_before=tomorrow("07:30").isoformat()
    )
    hasty = many.started({"handset": ["2g"]}, words="Hôm nay có bác sĩ ở trạm y tế.")
    soon = int(tomorrow("09:00").timestamp() * 1000)
    many.sql(
        "UPDATE messages SET sent_at = :at WHERE kind = 'missed'", at=soon - 3_600_000
    )
    many.sql(
        "UPDATE firings SET not_after = :at WHERE broadcast_id = :id",
        at=soon + 3_600_000,
        id=hasty,
    )
    many.clock()
    assert many.show(patient)["waiting"] == 1
    assert many.why(hasty)["An"] == "over the cap"
    many.clock(tomorrow("10:00"))
    assert many.show(hasty)["skipped"] == 1
    many.clock(tomorrow("08:30", days=2))
    assert many.show(patient)["sent"] == 1
    for number in (patient, hasty):
        many.agree(number)


def test_whose_texts_are_a_day_old_before_the_deadline_is_chosen_and_told_in_time(
    many: Village,
) -> None:
    texted(many, 1, times=5)
    hours = 3_600_000
    many.sql("UPDATE messages SET made_at = :at, sent_at = :at", at=now() - 20 * hours)
    number = many.draft({"handset": ["2g", "4g_volte"]})
    many.sql(
        "UPDATE broadcasts SET not_after = :at WHERE id = :id",
        at=now() + 3 * hours,
        id=number,
    )
    assert many.why(number)["An"] == "over the cap"
    many.sql(
        "UPDATE broadcasts SET not_after = :at WHERE id = :id",
        at=now() + 5 * hours,
        id=number,
    )
    assert "An" not in many.why(number)


def test_a_number_that_had_this_text_is_not_texted_again_under_its_next_owner(
    many: Village,
) -> None:
    texted(many, 13, times=5)  # so that the text of Oanh waits a day
    number = many.started(
        {"not": {"handset": ["3g"]}}, not_before=tomorrow("08:00").isoformat()
    )
    soon = int(tomorrow("09:00").timestamp() * 1000)
    many.sql(
        "UPDATE messages SET sent_at = :at WHERE kind = 'missed'", at=soon - 3_600_000
    )
    many.clock()
    assert many.show(number)["waiting"] == 1
    changes_number(many, "An", "+84990000060")
    changes_number(many, "Oanh", make.phone(1))
    many.clock(tomorrow("09:00", days=2))
    assert many.why(number)["Oanh"] == "same number as another person"
    many.agree(number)


def test_who_registers_after_the_start_joins_only_where_that_is_wanted(
    many: Village,
) -> None:
    closed = many.started(
        {"hamlet": ["Quảng Hồng II"]}, not_before=tomorrow("08:00").isoformat()
    )
    open_ = many.draft(
        {"hamlet": ["Quảng Hồng II"]},
        words="Có chỗ trống.",
        not_before=tomorrow("08:00").isoformat(),
    )
    many.sql(
        "UPDATE broadcasts SET late_joiners = :yes WHERE id = :id", yes=True, id=open_
    )
    many.does("start", open_)
    many.imports(
        "residents",
        "phone,name,hamlet",
        "0990000020,Quý,Quảng Hồng II",
        ",Sáng,Quảng Hồng II",
    )
    many.clock()
    assert many.show(closed)["sent"] == 1
    assert many.show(open_)["sent"] == 2
    assert many.why(open_)["Sáng"] == "no number"
    assert (
        many.ask("SELECT registered FROM firings WHERE broadcast_id = :id", id=open_)
        == 15
    )
    many.agree(closed)
    many.agree(open_)


def test_a_fixed_line_is_taken_into_the_register_and_nothing_texts_it(
    many: Village,
) -> None:
    line = "+842053870123"
    assert many.ask("SELECT phone FROM people WHERE name = 'Én'") == line
    day = many.books(1, hall="NVH 9")
    many.sql(
        "UPDATE bookings SET person_id = :en, booker_id = :en WHERE id = :id",
        en=person(many, "Én"),
        id=day,
    )
    many.clock(tomorrow("19:00"))
    kept = many.ask(
        "SELECT COUNT(*) FROM messages WHERE phone = :phone AND status = 'SENT'",
        phone=line,
    )
    assert kept == 0
    reasons = (
        "SELECT MIN(reason) FROM messages WHERE phone = :phone AND status = 'SKIPPED'"
    )
    assert many.ask(reasons, phone=line) == "fixed line"
    assert many.imports(
        "residents", "phone,name,hamlet", "(0205) 3870.123,Én,Quảng Trung I"
    ).startswith("accepted 1")
    assert many.ask("SELECT COUNT(*) FROM people") == 13
    code, out, _ = many.run("erase", "0205 3 870 123")
    assert code == 0
    assert "person 1" in out
