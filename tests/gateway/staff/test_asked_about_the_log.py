"""What staff log for somebody is asked about at that phone, and what is answered stands
beside it in the log.
"""

from __future__ import annotations

import csv
import io
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import text

from db.models import installation
from db.models.states import LogAnswer, PeriodKind
from db.notices import logged
from db.privacy import erasure
from db.progress import conversions
from db.register import identity
from db.reporting import report
from db.reporting.periods import Period
from db.reports.in_period import SaidOfLog
from db.store.engine import Database
from db.texts import stops
from menus import words
from menus.days import at_local, short_day, today
from menus.fitting import cost, fold
from scheduler.sending import Sending
from settings import Settings
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village
from tests.gateway.test_by_text import Texter

_keys = count(1)
RIGHT, WRONG = "Người dân xác nhận đúng", "Người dân báo ghi sai"
WAITS, ASKED = "Sẽ hỏi qua tin nhắn", "Đã hỏi, chưa trả lời"


@pytest.fixture
def now() -> datetime:
    """The day before yesterday: residents answer by the real clock, which is later."""
    return at_local(today(datetime.now(UTC)) - timedelta(days=2), "09:00")


TEXTS = "SELECT status, reason, text FROM messages WHERE kind = 'logged' ORDER BY id"
ANSWERS = "SELECT conversion_id, answer FROM log_checks ORDER BY conversion_id"
CALLS = "SELECT words FROM requests WHERE kind = 'call_me' ORDER BY id"
UNREAD = "SELECT COUNT(*) FROM messages WHERE direction = 'in' AND understood = false"


class Asked:
    """The desk that ticks, the clock that sends, and Hoa's phone."""

    def __init__(
        self, xa: Clerk, village: Village, settings: Settings, clock: Clock
    ) -> None:
        self.xa, self.village, self.settings = xa, village, settings
        self.clock = clock
        self.phone = Texter(xa.app.test_client(), factories.phone(1))
        with xa.db.transaction() as tx:  # whose texts go to the simulator
            factories.insert_row(tx, installation, id=1, kind="demo", since=1)

    def tick(self, indicator: str = "sim_4g", booking: int | None = None) -> int:
        """The id of the entry."""
        booking_id = booking or self.village.hoa_booking
        self.xa.post(
            f"/staff/bookings/{booking_id}/log",
            indicator=indicator,
            form_key=f"a-form-key-{next(_keys):06}",
        )
        return int(self.xa.ask("SELECT MAX(id) FROM conversions"))

    def undo(self, entry: int) -> None:
        self.xa.post(f"/staff/conversions/{entry}/undo", reason="ghi nhầm người")

    def sends(self) -> str:
        """The clock, an hour later."""
        later = self.clock.now + timedelta(hours=1)
        return Sending(self.xa.db, self.settings, lambda: later).until_empty()

    def due(self) -> int:
        """When the text that waits may go, UTC ms."""
        return int(
            self.xa.ask("SELECT not_before FROM messages WHERE status = 'QUEUED'")
        )

    def texts(self) -> list[tuple[str, str, str]]:
        """Of each that asks its status, the reason and its words."""
        with self.xa.db.connection() as tx:
            rows = tx.all(text(TEXTS))
            return [(row.status, row.reason, row.text) for row in rows]

    def answers(self) -> list[tuple[int, str]]:
        with self.xa.db.connection() as tx:
            rows = tx.all(text(ANSWERS))
            return [(row.conversion_id, row.answer) for row in rows]

    def calls(self) -> list[str]:
        with self.xa.db.connection() as tx:
            rows = tx.all(text(CALLS))
            return [row.words for row in rows]

    def log(self, **filters: str) -> str:
        asked = "&".join(f"{name}={value}" for name, value in filters.items())
        self.xa.get(f"/staff/conversions/?{asked}")
        return self.xa.page


@pytest.fixture
def asked(xa: Clerk, village: Village, settings: Settings, clock: Clock) -> Asked:
    return Asked(xa, village, settings, clock)


def test_the_ticks_of_a_visit_are_asked_about_in_one_text_once_it_is_over(
    asked: Asked, clock: Clock
) -> None:
    asked.tick("sim_4g")
    first_due = asked.due()
    clock.now += timedelta(minutes=20)
    asked.tick("handset_volte")
    assert first_due < asked.due() == clock.ms + logged.WAITS_MS
    assert asked.log().count(WAITS) == 2
    asked.sends()
    ((status, _, said),) = asked.texts()
    day = fold(short_day(today(clock.now), "vi"))
    assert status == "SENT"
    assert f"{day}: SIM 4G, may 4G." in said
    assert cost(said).parts == 1
    assert asked.log().count(ASKED) == 2


@pytest.mark.parametrize("said", ["1", "1 dung roi", "đúng", "dung, toi nhan may roi"])
def test_a_yes_stands_beside_all_that_the_text_spoke_of(
    asked: Asked, said: str
) -> None:
    entries = [asked.tick("sim_4g"), asked.tick("handset_volte")]
    asked.sends()
    assert fold(asked.phone.say(said)) == fold(words.say("vi", "logged_confirmed"))
    assert asked.answers() == [(entry, "right") for entry in entries]
    assert asked.log(said="right").count(RIGHT) == 2
    assert asked.calls() == []


@pytest.mark.parametrize("beside", ["ai day", "tien dien nop the nao"])
@pytest.mark.parametrize(
    ("said", "answer"), [("1", "right"), ("dung roi", "right"), ("2", "wrong")]
)
def test_a_fact_asked_beside_it_leaves_the_question_open(
    asked: Asked, beside: str, said: str, answer: str
) -> None:
    entry = asked.tick()
    asked.sends()
    asked.phone.say(beside)
    asked.phone.say(said)
    assert asked.answers() == [(entry, answer)]


def test_a_list_that_they_opened_themselves_closes_it(asked: Asked) -> None:
    entry = asked.tick()
    asked.sends()
    asked.phone.say("HOP")
    asked.phone.say("1")
    assert asked.answers() == [(entry, "none")]


@pytest.mark.parametrize("said", ["2", "sai", "2. toi da doi dau", "ghi sai roi"])
def test_a_no_is_kept_with_their_words_and_somebody_calls(
    asked: Asked, said: str
) -> None:
    entry = asked.tick()
    asked.tick("sim_4g", asked.village.son_booking)
    asked.sends()
    told = asked.phone.say(said)
    assert "ghi sai" in told
    assert "so 1" in told
    assert cost(told).parts == 1
    assert asked.answers()[0] == (entry, "wrong")
    (words_kept,) = asked.calls()
    assert words_kept.endswith(f"SIM 4G): {said}")
    page = asked.log()
    assert "1 mục bị báo ghi sai" in page
    assert f"“{said}”" in page
    only = asked.log(said="wrong")
    assert ("Nông Thị Hoa" in only, "Hoàng Văn Sơn" in only) == (True, False)
    export = asked.xa.get("/staff/conversions.csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(export.removeprefix("\ufeff"))))
    assert [row["resident"] for row in rows].count("wrong") == 1


def test_whoever_signs_reads_how_much_was_denied_and_still_counts(
    asked: Asked, db: Database, clock: Clock
) -> None:
    denied = asked.tick("sim_4g")
    asked.sends()
    asked.phone.say("2")
    said = _of_report(db, clock)
    assert said == [SaidOfLog("sim_4g", 0, 1, 1)]
    asked.undo(denied)
    assert _of_report(db, clock) == [SaidOfLog("sim_4g", 0, 1, 0)]


def _of_report(db: Database, clock: Clock) -> list[SaidOfLog]:
    """What a report of these days says of the answers, kept and read again."""
    period = Period(
        PeriodKind.DAYS, today(clock.now), today(clock.now) + timedelta(days=4)
    )
    with db.connection() as tx:
        made = report.gather(tx, commune_id=1, period=period, now=clock.ms)
    kept = report.figures_of(report.as_json(made.figures))
    return list(kept.said_of_log)


def test_a_denial_of_one_thing_leaves_the_others_without_an_answer(
    asked: Asked,
) -> None:
    sim, handset = asked.tick("sim_4g"), asked.tick("handset_volte")
    asked.sends()
    said = "sai roi, toi chi doi sim thoi, chua co may"
    assert "ghi sai" in asked.phone.say(said)
    assert asked.answers() == [(sim, "none"), (handset, "wrong")]
    (words_kept,) = asked.calls()
    assert words_kept.endswith(f"máy 4G): {said}")
    assert "SIM 4G" not in words_kept
    assert "1 mục bị báo ghi sai" in asked.log()
    asked.phone.say("2")
    assert asked.answers() == [(sim, "none"), (handset, "wrong")], "answered once"


@pytest.mark.parametrize(
    "said",
    ["vo toi doi chu khong phai toi", "co doi that khong nhi", "2 cai a", "khong"],
)
def test_what_is_not_plain_is_asked_once_more_and_read_by_staff(
    asked: Asked, said: str
) -> None:
    entry = asked.tick()
    asked.sends()
    told = asked.phone.say(said)
    assert told.startswith("Xa ghi cho so nay ")
    assert told.endswith("1. Dung\n2. Sai, nho goi lai")
    assert asked.answers() == [(entry, "none")]
    assert asked.xa.ask(UNREAD) == 1
    asked.phone.say("dung roi")
    assert asked.answers() == [(entry, "right")]


def test_what_was_undone_before_the_text_goes_is_not_asked_about(asked: Asked) -> None:
    slip = asked.tick("sim_4g")
    done = asked.tick("handset_volte")
    asked.undo(slip)
    asked.sends()
    ((_, _, said),) = asked.texts()
    assert "may 4G" in said
    assert "SIM" not in said
    asked.phone.say("1")
    assert asked.answers() == [(done, "right")]


def test_where_all_was_undone_nothing_is_said(asked: Asked) -> None:
    asked.undo(asked.tick())
    asked.sends()
    assert asked.texts() == [("SKIPPED", "undone", "")]
    assert WAITS not in asked.log()


def test_what_is_undone_between_the_text_and_the_answer_keeps_the_answer(
    asked: Asked,
) -> None:
    entry = asked.tick()
    asked.sends()
    asked.undo(entry)
    assert fold(asked.phone.say("2")) == fold(words.say("vi", "logged_undone"))
    assert asked.answers() == [(entry, "wrong")]
    assert asked.calls() == [], "nobody has to look at it any more"
    page = asked.log(said="wrong")
    assert "Hoàn tác bởi xa" in page
    assert WRONG in page
    assert "mục bị báo ghi sai" not in asked.log(), "it is dealt with"


def test_what_is_ticked_after_the_text_went_is_not_asked_about(asked: Asked) -> None:
    first = asked.tick("sim_4g")
    asked.sends()
    asked.tick("handset_volte")
    assert asked.sends() == "nothing due"
    asked.phone.say("1")
    assert asked.answers() == [(first, "right")]


def test_of_two_texts_the_last_is_answered_and_the_other_stays_open(
    asked: Asked, clock: Clock
) -> None:
    first = asked.tick("sim_4g")
    asked.sends()
    clock.now += timedelta(days=1)
    asked.xa.sign_in("xa")
    second = asked.tick("handset_volte")
    asked.sends()
    asked.phone.say("1")
    assert asked.answers() == [(first, "none"), (second, "right")]
    again = asked.phone.say("2")
    assert asked.answers() == [(first, "none"), (second, "right")], again
    assert asked.calls() == []


def test_who_wants_no_texts_is_not_asked_and_the_log_says_so(
    asked: Asked, db: Database, settings: Settings, clock: Clock
) -> None:
    with db.transaction() as tx:
        who = identity.who(settings.privacy_key, factories.phone(1))
        stops.refuse(tx, who, "all", clock.ms)
    asked.tick()
    asked.sends()
    assert asked.texts() == [("SKIPPED", "opted out", "")]
    assert "Không hỏi được" in asked.log()


def test_without_a_phone_there_is_nobody_to_ask(asked: Asked, db: Database) -> None:
    with db.transaction() as tx:
        tx.run(
            text("UPDATE people SET phone = NULL WHERE id = :id"), id=asked.village.hoa
        )
    asked.tick()
    assert asked.texts() == []
    assert WAITS not in asked.log()


def test_a_refusal_of_texts_is_no_answer(asked: Asked) -> None:
    entry = asked.tick()
    asked.sends()
    for said in ("TC DV", "dung nhan tin nua"):
        asked.phone.say(said)
        assert asked.answers() == [(entry, "none")], said


def test_of_many_answers_at_once_one_is_kept(
    asked: Asked, db: Database, clock: Clock
) -> None:
    entry = asked.tick()
    asked.sends()

    def say(said: LogAnswer) -> bool:
        with db.transaction() as tx:
            return logged.answer(
                tx, factories.phone(1), said, now=clock.ms, said_id=None
            )

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(say, [LogAnswer.RIGHT, LogAnswer.WRONG] * 2))
    assert kept.count(True) == 1
    first = [LogAnswer.RIGHT, LogAnswer.WRONG][kept.index(True) % 2]
    assert asked.answers() == [(entry, first)]


def test_an_answer_that_comes_while_another_is_kept_is_not_kept(
    asked: Asked, db: Database, clock: Clock
) -> None:
    entry = asked.tick()
    asked.sends()

    def say(said: LogAnswer, pause: float = 0) -> bool:
        with db.transaction() as tx:
            kept = logged.answer(
                tx, factories.phone(1), said, now=clock.ms, said_id=None
            )
            time.sleep(pause)
            return kept

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(say, LogAnswer.RIGHT, 0.6)
        time.sleep(0.2)
        second = pool.submit(say, LogAnswer.WRONG)
        assert (first.result(), second.result()) == (True, False)
    assert asked.answers() == [(entry, "right")]


def test_an_erasure_leaves_the_answer_and_nothing_of_who_gave_it(
    asked: Asked, db: Database, settings: Settings, clock: Clock
) -> None:
    entry = asked.tick()
    asked.sends()
    asked.phone.say("2. toi Nong Thi Hoa da doi dau")
    with db.transaction() as tx:
        erasure.erase(tx, settings.privacy_key, factories.phone(1), clock.ms)
        assert conversions.recount(tx) == []
    assert asked.answers() == [(entry, "wrong")]
    page = asked.log()
    assert WRONG in page
    assert "Hoa" not in page


def test_a_text_to_a_number_that_is_theirs_no_more_is_not_sent(
    asked: Asked, db: Database
) -> None:
    asked.tick()
    with db.transaction() as tx:
        tx.run(
            text("UPDATE people SET phone = :phone WHERE id = :id"),
            phone=factories.phone(77),
            id=asked.village.hoa,
        )
    asked.sends()
    assert [status for status, _, _ in asked.texts()] == ["SKIPPED"]
