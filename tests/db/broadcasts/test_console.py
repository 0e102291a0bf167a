"""`python -m db broadcast ...`: files that are none, states, what is printed to the
letter.
"""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from db.broadcasts import control, drafts
from db.broadcasts.errors import CannotDo
from db.store.engine import Tx
from tests import factories as make
from tests.db.broadcasts.village import WORDS, Village, a_day, tomorrow

GOOD: dict[str, Any] = {
    "name": "Đổi máy",
    "class": "notice",
    "words": {"vi": WORDS},
    "audience": {},
}
NO_FILES: list[tuple[str, str]] = [
    ("", "The file is not a broadcast: Expecting value: line 1 column 1 (char 0)."),
    (
        '{"audience": {"sim": ["2g"], "sim": ["4g"]}}',
        "The file is not a broadcast: 'sim' stands twice.",
    ),
    ("[]", "The file is not a broadcast: it holds no JSON object."),
    ("null", "The file is not a broadcast: it holds no JSON object."),
    (
        '{"name": "x",}',
        "The file is not a broadcast: Expecting property name enclosed in double quotes: ",
    ),
]
NO_BROADCASTS: list[tuple[dict[str, Any], str]] = [
    ({"nme": "x"}, "The file is not a broadcast: unknown: nme."),
    ({"name": None}, "The file is not a broadcast: name must be text."),
    ({"name": 5}, "The file is not a broadcast: name must be text."),
    ({"name": "  "}, "A broadcast needs a name."),
    (
        {"name": "x" * 81},
        "The file is not a broadcast: the name has 81 letters, and 80 is the most.",
    ),
    ({"class": None}, "The file is not a broadcast: class must be text."),
    ({"class": "Advert"}, "The class is 'Advert'; it must be notice or advert."),
    (
        {"words": "x"},
        "The file is not a broadcast: words must hold vi, and may hold en.",
    ),
    (
        {"words": {"vi": None}},
        "The file is not a broadcast: words must hold vi, and may hold en.",
    ),
    (
        {"words": {"vi": "x", "fr": "y"}},
        "The file is not a broadcast: unknown words: fr.",
    ),
    ({"words": {}}, "There are no Vietnamese words yet."),
    ({"words": {"vi": " \n ", "en": "Come"}}, "There are no Vietnamese words yet."),
    (
        {"words": {"vi": "\ud800"}},
        "The file is not a broadcast: the words hold half a letter.",
    ),
    (
        {"words": {"vi": "Mời {ten}"}},
        "There is no field {ten}. Fields: {name} {hamlet} {hall} {next_session} ",
    ),
    ({"words": {"vi": "Mời {}"}}, "There is no field {}. Fields: "),
    ({"words": {"vi": "Mời {name"}}, "A brace in the words stands alone."),
    ({"words": {"vi": "x", "en": "} x"}}, "A brace in the words stands alone."),
    (
        {"audience": None},
        "The file is not a broadcast: audience must be a rule; {} is everybody registered.",
    ),
    (
        {"audience": []},
        "The file is not a broadcast: audience must be a rule; {} is everybody registered.",
    ),
    (
        {"not_before": "tomorrow"},
        "'tomorrow' is no moment; write 2026-12-03T09:00+07:00.",
    ),
    ({"not_before": 5}, "'5' is no moment; write 2026-12-03T09:00+07:00."),
    (
        {"not_before": "0001-01-01T00:00+07:00"},
        "'0001-01-01T00:00+07:00' is no moment; ",
    ),
    (
        {"not_before": "9999-12-31T23:00-07:00"},
        "'9999-12-31T23:00-07:00' is no moment; ",
    ),
    ({"not_after": "2099-02-30T09:00"}, "'2099-02-30T09:00' is no moment; "),
    (
        {"not_before": "2099-01-02T09:00+07:00", "not_after": "2099-01-02T02:00Z"},
        "It would be too late before it begins: the deadline must lie after the start.",
    ),
    (
        {"per_minute": 0},
        "'0' is no speed; write how many texts may go in a minute, 1 or more.",
    ),
    ({"per_minute": "40"}, "'40' is no speed; "),
    ({"per_minute": 1.5}, "'1.5' is no speed; "),
    ({"per_minute": True}, "'True' is no speed; "),
    (
        {"per_minute": 10**12},
        "1000000000000 texts in a minute are too many: a million is the most.",
    ),
]


def test_a_file_that_is_no_broadcast_is_told_why(village: Village) -> None:
    for content, sentence in NO_FILES:
        assert village.refuses("draft", village.file(content)).startswith(sentence)
    for change, sentence in NO_BROADCASTS:
        written = json.dumps({**GOOD, **change})  # half a letter has no UTF-8
        assert village.refuses("draft", village.file(written)).startswith(sentence), (
            change
        )
    for missing, sentence in (
        ("name", "A broadcast needs a name."),
        ("class", "The class is ''; it must be notice or advert."),
        ("words", "The file is not a broadcast: words must hold vi, and may hold en."),
        (
            "audience",
            "The file is not a broadcast: audience must be a rule; {} is everybody registered.",
        ),
    ):
        file = village.file(
            {name: value for name, value in GOOD.items() if name != missing}
        )
        assert village.refuses("draft", file) == sentence
    assert village.refuses("draft", village.file("Mời".encode("utf-16"))) == (
        "The file is not a broadcast: it is not in UTF-8."
    )
    assert village.refuses("draft", village.file("").with_name("none.json")).startswith(
        "There is no file "
    )
    assert village.refuses("draft", village.file("").parent)
    assert village.ask("SELECT COUNT(*) FROM broadcasts") == 0


def test_a_moment_without_a_zone_is_refused(village: Village) -> None:
    said = "'2099-01-02T09:00' bears no zone: write 2026-12-03T09:00+07:00."
    assert (
        village.refuses("draft", village.write(not_before="2099-01-02T09:00")) == said
    )
    number = village.draft(
        not_before="2099-01-02T09:00+07:00", not_after="2099-01-02T05:00+00:00"
    )
    assert (
        village.ask(
            "SELECT not_after - not_before FROM broadcasts WHERE id = :id", id=number
        )
        == 3 * 3_600_000
    )


def test_a_file_from_windows_with_a_mark_in_front_is_read(village: Village) -> None:
    assert (
        village.does("draft", village.file(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()))
        == "1\n"
    )


def test_a_number_of_no_broadcast_is_refused_by_every_act(village: Village) -> None:
    for number in (1, 0, 10**30):
        for act in (
            "people",
            "start",
            "pause",
            "resume",
            "stop",
            "discard",
            "approve",
            "show",
            "check",
        ):
            assert village.refuses(act, number) == f"There is no broadcast {number}.", (
                act
            )


def test_people_are_printed_as_the_file_format_says(village: Village) -> None:
    village.sql("UPDATE people SET name = '=HYPERLINK(\"x\"),a' WHERE id = 1")
    village.sql(
        "UPDATE people SET name = :name WHERE id = 2", name='Bình,\nem của "An"'
    )
    village.sql("UPDATE people SET name = '@Chi', phone = NULL WHERE id = 3")
    village.sql("UPDATE hamlets SET name = '+Hồng' WHERE id = 2")
    number = village.draft(words="-10 độ: {name} giữ ấm.")
    out = village.does("people", number)
    assert out.splitlines()[0] == "person,phone,hamlet,chosen,reason,parts,text"
    assert list(csv.reader(io.StringIO(out)))[1:] == [
        [
            '\'=HYPERLINK("x"),a',
            "+84990000001",
            "Quảng Trung I",
            "yes",
            "",
            "1",
            '\'-10 do: =HYPERLINK("x"),a giu am.',
        ],
        [
            'Bình,\nem của "An"',
            "+84990000002",
            "Quảng Trung I",
            "yes",
            "",
            "1",
            '\'-10 do: Binh,\nem cua "An" giu am.',
        ],
        ["'@Chi", "", "'+Hồng", "no", "no number", "", ""],
    ]


def test_people_of_what_runs_stand_with_the_text_as_it_would_go_and_as_it_went(
    village: Village,
) -> None:
    number = village.draft(
        {"hamlet": ["Quảng Trung I"]},
        words="{name}: mời dự họp.",
        not_before=tomorrow().isoformat(),
    )
    before = village.people(number)
    village.does("start", number)
    assert village.people(number) == before
    assert [one["text"] for one in before] == [
        "An: moi du hop.",
        "Binh: moi du hop.",
        "",
    ]
    assert before[2]["reason"] == "not in the audience"
    village.clock()
    assert village.people(number) == before


def test_show_says_where_everybody_is(village: Village) -> None:
    village.sql("UPDATE people SET phone = NULL WHERE id = 3")
    number = village.draft()
    waiting = "chosen 2 sent 0 skipped 0 failed 0 unknown 0 waiting 2\nleft out 1\nno number 1\n"
    assert village.does("show", number) == waiting + "state draft\n"
    assert village.does("start", number) == f"{number}: started.\n"
    assert village.does("show", number) == waiting + "state running\n"
    village.says(2, "TC DV")
    village.clock()
    assert village.does("show", number) == (
        "chosen 2 sent 1 skipped 1 failed 0 unknown 0 waiting 0\nopted out 1\nleft out 1\nno number 1\nstate done\n"
    )
    village.agree(number)


def test_every_act_in_every_state_does_it_or_says_why_not(village: Village) -> None:
    notice = village.draft(not_before=tomorrow().isoformat())
    for act in ("pause", "resume", "stop"):
        assert village.refuses(act, notice).startswith("It is not ")
    assert village.does("approve", notice) == f"{notice}: approved by the console.\n"
    village.does("start", notice)
    assert f"state scheduled from {a_day(1)} 09:00" in village.does("show", notice)
    assert village.refuses("start", notice).startswith(
        "It was started before (console, "
    )
    scheduled = "It is scheduled and its list is frozen: stop it, and write a new one in its words."
    assert village.refuses("approve", notice) == scheduled
    assert village.refuses("resume", notice) == "It is not paused (running)."
    assert village.does("pause", notice) == f"{notice}: paused. 0 texts had left.\n"
    village.clock()
    assert village.show(notice)["waiting"] == 3
    assert village.refuses("pause", notice) == "It is not running (paused)."
    assert village.refuses("start", notice).startswith(
        "It was started before (console, "
    )
    assert village.does("resume", notice) == f"{notice}: goes on. 0 texts had left.\n"
    assert village.refuses("resume", notice) == "It is not paused (running)."
    assert village.does("stop", notice) == f"{notice}: stopped. 0 texts had left.\n"
    village.clock()
    assert village.does("show", notice) == (
        "chosen 3 sent 0 skipped 3 failed 0 unknown 0 waiting 0\nstopped 3\nleft out 0\nstate stopped\n"
    )
    for act, sentence in (
        ("pause", "It is not running (stopped)."),
        ("resume", "It is over (stopped)."),
        ("stop", "It is over (stopped)."),
        ("start", "It was started before (console, "),
        ("approve", "It was started, so this cannot be changed any more."),
    ):
        assert village.refuses(act, notice).startswith(sentence)
    village.agree(notice)
    done = village.started(words="Chào cả thôn.")
    village.clock()
    for act, sentence in (
        ("pause", "It is not running (done)."),
        ("resume", "It is over (done)."),
        ("stop", "It is over (done)."),
        ("start", "It was started before (console, "),
    ):
        assert village.refuses(act, done).startswith(sentence)
    assert village.show(done)["sent"] == 3


def test_a_draft_is_discarded_and_what_ran_is_not(village: Village) -> None:
    draft = village.draft()
    assert village.does("discard", draft) == f"{draft}: discarded.\n"
    assert village.refuses("start", draft) == "This draft was discarded."
    ran = village.started(words="Chào cả thôn.")
    assert (
        village.refuses("discard", ran)
        == "It was started, so this cannot be changed any more."
    )


def test_the_console_approves_no_advert(village: Village) -> None:
    """Whoever wrote it would be the one who approves it."""
    number = village.advert("Gói data giá tốt.")
    said = "An advert is approved on the desk, by somebody else than who wrote it."
    assert village.refuses("approve", number) == said


def test_the_console_starts_no_notice_with_words_of_adverts_unless_the_desk_approved(
    village: Village,
) -> None:
    number = village.draft(words="Giảm giá máy 4G hôm nay.")
    said = "It holds words of adverts (Giảm giá)."
    assert village.refuses("start", number).startswith(said)
    assert village.refuses("approve", number).startswith(said)
    village.approves(number)
    assert said in village.does("start", number)


def test_the_trail_says_that_the_console_approved_a_notice(village: Village) -> None:
    number = village.started()
    with village.db.connection() as tx:
        trail = [(one.act, one.username) for one in drafts.acts(tx, number)]
    assert trail == [("written", None), ("approved", None), ("started", None)]


def test_of_two_who_start_at_once_one_does_it_and_everybody_is_texted_once(
    village: Village,
) -> None:
    number = village.draft()

    def start(_: int) -> str:
        def work(tx: Tx) -> None:
            control.start(
                tx,
                number,
                commune_id=1,
                staff_id=None,
                settings=village.settings,
                now=now,
            )

        try:
            village.db.again(work)
        except CannotDo as problem:
            return problem.code
        return "done"

    now = village.ask("SELECT MAX(changed_at) FROM broadcasts") + 1
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, range(2))) == ["done", "started"]
    village.clock()
    assert village.show(number)["sent"] == 3
    village.agree(number)


def test_of_two_who_pause_or_stop_at_once_one_does_it(village: Village) -> None:
    number = village.started(not_before=tomorrow().isoformat())

    def press(act: Any) -> str:
        def work(tx: Tx) -> None:
            act(tx, number, commune_id=1, staff_id=None, now=1)

        try:
            village.db.again(work)
        except CannotDo as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, [control.pause] * 4)) == [
            "done",
            *["not_running"] * 3,
        ]
        assert sorted(pool.map(press, [control.resume] * 4)) == [
            "done",
            *["not_paused"] * 3,
        ]
        assert sorted(pool.map(press, [control.stop] * 4)) == ["done", *["over"] * 3]
    village.agree(number)


def test_an_approval_is_of_the_words_and_the_audience_that_were_read(
    village: Village,
) -> None:
    with village.db.transaction() as tx:
        make.consent(tx, 1)
    number = village.advert("Gói data giá tốt.")
    with village.db.transaction() as tx:
        staff = make.staff(tx)
        seen = drafts.digest(drafts.get(tx, number, 1))
        drafts.approve(tx, number, commune_id=1, staff_id=staff, seen=seen, now=1)
        drafts.edit(
            tx,
            number,
            drafts.Draft("x", "advert", "Gói data giá rất tốt.", rule={}),
            commune_id=1,
            staff_id=staff,
            now=2,
        )
    assert village.refuses("start", number) == (
        "It needs the approval of somebody else than who wrote it, and the words or the audience changed since."
    )
    with village.db.transaction() as tx, pytest.raises(CannotDo) as old:
        other = make.staff(tx, username="can-bo-2")
        drafts.approve(tx, number, commune_id=1, staff_id=other, seen=seen, now=3)
    assert old.value.code == "old_words"
    with village.db.transaction() as tx, pytest.raises(CannotDo) as own:
        fresh = drafts.digest(drafts.get(tx, number, 1))
        drafts.approve(tx, number, commune_id=1, staff_id=staff, seen=fresh, now=3)
    assert own.value.code == "own"


def test_a_deadline_before_the_start_is_refused_and_one_that_passed_too(
    village: Village,
) -> None:
    late = "Its deadline has passed: set a later one."
    assert (
        village.refuses("draft", village.write(not_after=f"{a_day(-1)}T09:00+07:00"))
        == late
    )
    past = village.draft(not_after=f"{a_day(1)}T09:00+07:00")
    village.sql("UPDATE broadcasts SET not_after = 1")
    assert village.refuses("start", past) == "Its deadline has passed: set a later one."
    assert "state draft" in village.does("show", past)


def test_an_audience_of_nobody_does_not_start(village: Village) -> None:
    number = village.draft({"handset": ["3g"]})
    nobody = "Nobody would be told: everybody is left out. Look at the reasons and change the audience."
    assert village.refuses("start", number) == nobody
    assert village.refuses("approve", number) == nobody
    village.does("show", number)
    assert village.show(number)["chosen"] == 0
    assert village.does("check") == "Everything agrees.\n"


def test_an_advert_waits_for_somebody_else_on_the_desk(village: Village) -> None:
    with village.db.transaction() as tx:
        make.consent(tx, 1)
    number = village.advert("Gói data giá tốt.")
    assert (
        village.refuses("start", number)
        == "It needs the approval of somebody else than who wrote it."
    )
    with village.db.transaction() as tx:
        staff = make.staff(tx)
        seen = drafts.digest(drafts.get(tx, number, 1))
        drafts.approve(tx, number, commune_id=1, staff_id=staff, seen=seen, now=1)
    village.does("start", number)
    village.clock()
    (said,) = village.sent(number)
    assert said.startswith("[QC] Goi data gia tot. ")
    assert said.endswith(
        village.people(number)[0]["text"][len("[QC] Goi data gia tot. ") :]
    )
    assert "TC" in said.rpartition(". ")[2]
