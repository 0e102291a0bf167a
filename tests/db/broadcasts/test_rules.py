"""Whom a rule chooses, as the console says it; and what is no rule gets a sentence."""

from __future__ import annotations

from typing import Any

from db.models import attendances
from db.models.states import RequestKind
from db.places import commune_setup, communes
from db.requests import asked
from db.store.engine import Database
from tests import factories as make
from tests.db.broadcasts.village import Village, tomorrow

EVERYBODY = "An Bình Chi"


REGISTER: list[tuple[dict[str, Any], str]] = [
    ({}, EVERYBODY),
    ({"hamlet": ["Quảng Trung I"]}, "An Bình"),
    ({"hamlet": ["quang trung 1", "thôn Quảng Hồng II"]}, EVERYBODY),
    ({"hamlet": "QUANG HONG 2"}, "Chi"),
    ({"handset": ["2g"]}, "An"),
    ({"handset": ["3g", "unknown"]}, ""),
    ({"handset": ["4g_no_volte", "4g_volte"]}, "Bình Chi"),
    ({"sim": ["2g"]}, "An"),
    ({"sim": ["3g", "4g", "unknown"]}, "Bình Chi"),
    ({"poor": ["yes"]}, "An Bình"),
    ({"poor": ["near"]}, "Chi"),
    ({"poor": ["yes", "near", "no"]}, EVERYBODY),
    ({"household_on_2g": True}, "An Bình"),
    ({"household_on_2g": False}, "Chi"),
    ({"language": ["vi"]}, EVERYBODY),
    ({"language": ["en"]}, ""),
    ({"not": {"handset": ["2g"]}}, "Bình Chi"),
    ({"not": {"not": {"handset": ["2g"]}}}, "An"),
    ({"any": [{"handset": ["2g"]}, {"sim": ["3g"]}]}, "An Chi"),
    (
        {
            "any": [
                {"any": [{"handset": ["2g"]}]},
                {"not": {"hamlet": ["Quảng Trung I"]}},
            ]
        },
        "An Chi",
    ),
    ({"hamlet": ["Quảng Trung I"], "handset": ["4g_volte", "4g_no_volte"]}, "Bình"),
    ({"any": [{}]}, EVERYBODY),
]


def test_what_the_register_says_of_people_is_asked_for(village: Village) -> None:
    found = [(rule, village.chosen(rule)) for rule, _ in REGISTER]
    assert found == REGISTER


def test_whom_sessions_of_a_kind_concern_is_asked_for(village: Village) -> None:
    """With a seat there, or noted as having come; heads that nobody knows are nobody's."""
    village.books(1, hall="NVH 1")
    seat = village.books(2, hall="NVH 2")
    village.sql(
        "UPDATE events SET kind = 'account' WHERE id = (SELECT s.event_id FROM slots s"
        " JOIN bookings b ON b.slot_id = s.id WHERE b.id = :id)",
        id=seat,
    )
    with village.db.transaction() as tx:
        hall = make.hall(tx, None, "Hội trường")
        meeting = make.event_with_slots(
            tx,
            hall_id=hall,
            starts=tomorrow(),
            capacity=0,
            kind="meeting",
            bookable=False,
        )
        staff, chi = (
            make.staff(tx),
            village.ask("SELECT id FROM people WHERE name = 'Chi'"),
        )
        tx.run(
            attendances.insert().values(
                event_id=meeting.id, person_id=chi, staff_id=staff, at=1
            )
        )
    assert village.chosen({"session": ["swap"]}) == "An"
    assert village.chosen({"session": "account"}) == "Bình"
    assert village.chosen({"session": ["account", "meeting"]}) == "Bình Chi"
    assert village.chosen({"not": {"session": ["swap", "meeting"]}}) == "Bình"
    assert village.chosen({"event": [meeting.id]}) == "Chi"
    assert village.chosen({"session": ["farmers"]}) == ""


def test_what_people_did_is_asked_for(village: Village) -> None:
    village.books(1, hall="NVH 1")
    missed = village.books(2, hall="NVH 2")
    village.sql("UPDATE bookings SET status = 'missed' WHERE id = :id", id=missed)
    waits = village.books(3, hall="NVH 3")
    village.sql("UPDATE bookings SET status = 'waiting' WHERE id = :id", id=waits)
    with village.db.transaction() as tx:
        make.consent(tx, village.ask("SELECT id FROM people WHERE name = 'Chi'"))
    assert village.chosen({"booked": True}) == "An"
    assert village.chosen({"booked": False}) == "Bình Chi"
    assert village.chosen({"missed": True}) == "Bình"
    assert village.chosen({"missed": False}) == "An Chi"
    assert village.chosen({"waiting": True}) == "Chi"
    assert village.chosen({"waiting": False}) == "An Bình"
    with village.db.transaction() as tx:
        for name, kind in (("An", RequestKind.QR), ("Chi", RequestKind.VISIT)):
            who = village.ask(f"SELECT id FROM people WHERE name = '{name}'")
            asked.ask(tx, asked.Wanted(kind, who), commune_id=make.COMMUNE, now=1)
    assert village.chosen({"request": ["qr"]}) == "An"
    assert village.chosen({"request": ["qr", "visit"]}) == "An Chi"
    village.sql("UPDATE requests SET state = 'done', ended_at = 2 WHERE kind = 'qr'")
    assert village.chosen({"request": ["qr", "visit"]}) == "Chi", (
        "what ended is asked for no more"
    )
    assert village.chosen({"consent": ["advert"]}) == "Chi"
    assert village.chosen({"consent": ["advert", "booking", "callback"]}) == "Chi"
    assert village.chosen({"not": {"consent": ["advert"]}}) == "An Bình"
    assert village.chosen({"unreached": False}) == EVERYBODY
    first = village.started({"hamlet": ["Quảng Trung I"]}, words="Mời dự họp thôn.")
    village.clock()
    village.sql(
        "UPDATE messages SET status = 'FAILED' WHERE firing_id IS NOT NULL AND person_id = 1"
    )
    assert village.chosen({"unreached": True}) == "An"
    assert village.chosen({"unreached": False}) == "Bình Chi"
    assert village.chosen({"failed_of": [first]}) == "An"


NO_RULES: list[tuple[dict[str, Any], str]] = [
    ({"school": ["Tiểu học"]}, "There is no school or class 'Tiểu học'."),
    (
        {"school": []},
        "'school' names nothing, so nobody would be chosen. Name something, or leave it out.",
    ),
    ({"business": ["shop"]}, "business: shop cannot be used in this rule."),
    ({"account": "yes"}, 'account: "yes" cannot be used in this rule.'),
    ({"age": 60}, "A rule has no member 'age'."),
    ({"any": [{"Hamlet": ["Quảng Trung I"]}]}, "A rule has no member 'Hamlet'."),
    ({"handset": ["5g"]}, "handset: 5g cannot be used in this rule."),
    (
        {"handset": []},
        "'handset' names nothing, so nobody would be chosen. Name something, or leave it out.",
    ),
    (
        {"any": []},
        "'any' names nothing, so nobody would be chosen. Name something, or leave it out.",
    ),
    (
        {"event": []},
        "'event' names nothing, so nobody would be chosen. Name something, or leave it out.",
    ),
    (
        {"hamlet": []},
        "'hamlet' names nothing, so nobody would be chosen. Name something, or leave it out.",
    ),
    (
        {"hamlet": ["Hà Nội"]},
        "There is no hamlet 'Hà Nội' any more. Choose the hamlets anew.",
    ),
    ({"hamlet": [None]}, "hamlet: [null] cannot be used in this rule."),
    ({"hamlet": {"a": 1}}, 'hamlet: {"a": 1} cannot be used in this rule.'),
    ({"booked": "yes"}, 'booked: "yes" cannot be used in this rule.'),
    ({"booked": 1}, "booked: 1 cannot be used in this rule."),
    ({"booked": None}, "booked: null cannot be used in this rule."),
    ({"consent": ["everything"]}, "consent: everything cannot be used in this rule."),
    ({"not": [{}]}, "[{}] cannot be used in this rule."),
    ({"any": {}}, "{} cannot be used in this rule."),
    ({"any": ["2g"]}, '"2g" cannot be used in this rule.'),
    ({"event": [77]}, "There is no event 77."),
    ({"event": [True]}, "There is no event True."),
    ({"event": [10**30]}, f"There is no event {10**30}."),
    ({"failed_of": "1"}, "There is no broadcast 1."),
    ({"failed_of": [10**30]}, f"There is no broadcast {10**30}."),
    (
        {"handset": ["2g'; DROP TABLE people; --"]},
        "handset: 2g'; DROP TABLE people; -- cannot be used in this rule.",
    ),
]


def test_what_is_no_rule_gets_a_sentence(village: Village) -> None:
    found = [
        (rule, village.refuses("draft", village.write(rule))) for rule, _ in NO_RULES
    ]
    assert found == NO_RULES


def test_rules_within_rules_and_long_lists_end_somewhere(village: Village) -> None:
    deep: dict[str, Any] = {}
    for _ in range(8):
        deep = {"not": deep}
    assert (
        village.refuses("draft", village.write(deep))
        == "The rule holds too many rules within rules."
    )
    bottomless = (
        '{"name": "x", "class": "notice", "words": {"vi": "x"}, "audience": %s}'
        % ('{"not": ' * 50_000 + "{}" + "}" * 50_000)
    )
    assert village.refuses("draft", village.file(bottomless)).startswith(
        "The file is not a broadcast"
    )
    wide = {"any": [{"handset": ["2g"]}, *[{"sim": ["4g"]} for _ in range(2_000)]]}
    assert (
        village.refuses("draft", village.write(wide))
        == "The rule holds too many rules within rules."
    )


def test_the_same_rule_and_the_same_data_are_the_same_people(village: Village) -> None:
    rule = {"any": [{"handset": ["2g"]}, {"poor": ["near"]}], "not": {"booked": True}}
    first, second = village.draft(rule), village.draft(rule)
    assert (
        village.does("people", first)
        == village.does("people", second)
        == village.does("people", first)
    )


def rename(db: Database, hamlet: int, name: str) -> None:
    """As the desk does it, whose form holds the other names."""
    with db.transaction() as tx:
        known = next(one for one in communes.hamlets(tx, 1) if one.id == hamlet)
        commune_setup.save_hamlet(
            tx, 1, hamlet_id=hamlet, name=name, aliases=known.aliases, position=None
        )


def test_a_hamlet_that_was_renamed_is_still_meant(village: Village) -> None:
    number = village.draft({"hamlet": ["Quảng Trung I"]})
    rename(village.db, 1, "Nà Quang")
    village.does("start", number)
    rename(village.db, 1, "Nà Quang Mới")
    rename(village.db, 2, "Quảng Trung IX")
    village.clock()
    assert village.show(number)["sent"] == 2
    village.agree(number)


def test_a_hamlet_that_is_gone_is_named_before_the_start_and_holds_what_runs(
    village: Village,
) -> None:
    gone = "There is no hamlet 'Quảng Trung I' any more. Choose the hamlets anew."
    first, second = (
        village.draft({"hamlet": ["Quảng Trung I"]}),
        village.draft({"hamlet": ["Quảng Trung I"]}),
    )
    village.does("start", first)
    village.sql("UPDATE hamlets SET name = 'Hợp nhất' WHERE id = 1")
    for act in ("people", "show", "start"):
        assert village.refuses(act, second) == gone
    village.clock()
    assert village.does("show", first).splitlines()[-1] == f"state paused: {gone}"
    assert village.show(first)["waiting"] == 2
    village.agree(first)
    village.sql("UPDATE hamlets SET name = 'Quảng Trung I' WHERE id = 1")
    village.does("resume", first)
    village.clock(tomorrow("10:00"))
    assert village.show(first)["sent"] == 2
