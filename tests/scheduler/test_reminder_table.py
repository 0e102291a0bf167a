"""One table: who booked, what happened meanwhile, and each text that reached a phone
with its hour in the commune.

The residents of a table share one weekend. The clock looks every quarter of an hour,
but while it is down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text

from db.changes import days
from db.port import DbPort
from db.store.engine import Database, Tx, from_ms
from menus.days import local
from menus.port import HOLDER, Consent, Guest, Said
from scheduler import reminders, upkeep
from scheduler.sending import Sending
from settings import Settings
from tests import factories as make
from tests.scheduler.conftest import Clock, at

QUARTER = timedelta(minutes=15)
OPENS, ENDS = at(19, "12:00"), at(21, "20:00")
LONG_AGO = at(13, "09:00")
YES = Consent("confirm:test", "1")
MOTHER = Guest("Lý Thị Mẫu", make.phone(900))
SENT = text(
    "SELECT m.phone, m.sent_at, m.text FROM messages m WHERE m.status = 'SENT' AND m.kind <> 'booked' ORDER BY m.id"
)
SKIPPED = text(
    "SELECT m.phone, m.kind, m.reason FROM messages m WHERE m.status = 'SKIPPED' ORDER BY m.id"
)
CODE = text(
    "SELECT b.code FROM bookings b JOIN people p ON p.id = b.booker_id WHERE p.phone = :phone ORDER BY b.id"
)
KEPT = text(  # a seat that was offered in place of another
    "SELECT b.code FROM bookings b JOIN people p ON p.id = b.booker_id"
    " WHERE p.phone = :phone AND b.status IN ('offered', 'passed')"
)

Act = Callable[["Weekend", DbPort], object]


class Who(NamedTuple):
    """A resident: the hour booked for on Sunday 21/4, when, for whom, and what is done
    at which moments after.
    """

    hour: str
    booked: datetime = LONG_AGO
    party: tuple[Guest, ...] = (HOLDER,)
    then: tuple[tuple[datetime, Act], ...] = ()
    says: tuple[
        tuple[str, str], ...
    ] = ()  # when in the commune, and the words; {} is the code
    mother: tuple[tuple[str, str], ...] = ()  # what her own phone gets
    skipped: tuple[tuple[str, str], ...] = ()  # kind and reason


def eve(hour: str, many: str = "", when: str = "20/4 18:00") -> tuple[str, str]:
    return when, (
        f"Xa Quang Lac: Nhac hen{many} {hour} Chu nhat 21/4, NVH Quang Trung I. Mang CCCD, may cu."
        " Den: nhan CO {}. Khong: HUY {} gui 2404."
    )


def day(hour: str, when: str, many: str = "") -> tuple[str, str]:
    return (
        when,
        f"Xa Quang Lac: Nhac hen hom nay{many}: {hour} Chu nhat 21/4, NVH Quang Trung I. Ma {{}}. Mang CCCD, may cu.",
    )


def moves(hour: str) -> Act:
    return lambda weekend, port: port.move(port.bookings()[0].id, weekend.slots[hour])


def cancels(weekend: Weekend, port: DbPort) -> None:
    port.cancel(port.bookings()[0].id)


def comes(weekend: Weekend, port: DbPort) -> None:
    port.coming(port.bookings()[0].id, YES)


def wants_no_texts(weekend: Weekend, port: DbPort) -> None:
    port.stop("all")


def mother_answers(weekend: Weekend, port: DbPort) -> None:
    hers = weekend.port(port.tx, 900, port.moment)
    hers.coming(hers.bookings()[0].id, YES)


def the_day_fails(hour: str) -> Act:
    return lambda weekend, port: days.cancel(
        port.tx, weekend.events[hour], now=port.now
    )


def failed(hour: str, when: str) -> tuple[str, str]:
    return when, (
        f"Xa Quang Lac: Buoi {hour} Chu nhat 21/4, NVH Quang Trung I khong to chuc duoc, xin loi."
        " Dat lai: nhan DL gui 2404."
    )


TABLE = {
    "booked in good time": Who("08:00", says=(eve("8 gio sang"), day("8 gio sang", "21/4 07:00"))),
    "in the afternoon, two hours before": Who("14:00", says=(eve("2 gio chieu"), day("2 gio chieu", "21/4 12:00"))),
    "moved after the evening's text": Who(
        "08:00", then=((at(20, "18:30"), moves("14:00")),),
        says=(
            eve("8 gio sang"),
            ("20/4 18:30", "Xa Quang Lac: Da doi lich sang 2 gio chieu Chu nhat 21/4, NVH Quang Trung I. Ma {}."
             " Mang CCCD, may cu."),
            day("2 gio chieu", "21/4 12:00"),
        ),
    ),
    "moved before the evening": Who(
        "08:00", then=((at(20, "17:45"), moves("10:00")),),
        says=(
            ("20/4 17:45", "Xa Quang Lac: Da doi lich sang 10 gio sang Chu nhat 21/4, NVH Quang Trung I. Ma {}."
             " Mang CCCD, may cu."),
            eve("10 gio sang"), day("10 gio sang", "21/4 08:00"),
        ),
    ),
    "cancelled before the evening": Who(
        "10:00", then=((at(20, "17:45"), cancels),),
        says=(("20/4 17:45", "Xa Quang Lac: Da huy lich 10 gio sang Chu nhat 21/4, NVH Quang Trung I."
               " Khi can xin dat lai."),),
    ),
    "cancelled after it": Who(
        "10:00", then=((at(20, "18:15"), cancels),),
        says=(
            eve("10 gio sang"),
            ("20/4 18:15", "Xa Quang Lac: Da huy lich 10 gio sang Chu nhat 21/4, NVH Quang Trung I."
             " Khi can xin dat lai."),
        ),
    ),
    "booked after the evening's moment": Who("10:00", at(20, "19:00"), says=(day("10 gio sang", "21/4 08:00"),)),
    "booked at the last minute": Who("10:00", at(21, "09:15")),
    "before seven there is only the evening": Who("06:00", says=(eve("6 gio sang"),)),
    "wants no texts": Who(
        "08:00", then=((at(19, "12:00"), wants_no_texts),),
        skipped=(("reminder_1d", "opted out"), ("reminder_0d", "opted out")),
    ),
    "said CO": Who("08:00", then=((at(20, "19:00"), comes),), says=(eve("8 gio sang"),)),
    "said CO to a time and then moved": Who(
        "08:00", then=((at(20, "19:00"), comes), (at(20, "20:00"), moves("14:00"))),
        says=(
            eve("8 gio sang"),
            ("20/4 20:00", "Xa Quang Lac: Da doi lich sang 2 gio chieu Chu nhat 21/4, NVH Quang Trung I. Ma {}."
             " Mang CCCD, may cu."),
            day("2 gio chieu", "21/4 12:00"),
        ),
    ),
    "a party of three": Who(
        "14:00", party=(HOLDER, Guest("Hà"), Guest("Lan")),
        says=(eve("2 gio chieu", " cho 3 nguoi"), day("2 gio chieu", "21/4 12:00", " cho 3 nguoi")),
    ),
    "for mother, who has not answered": Who(
        "10:00", party=(Guest("Hoàng Thị Ót", make.phone(901)),),
        says=(eve("10 gio sang", " cho Hoang Thi Ot"), day("10 gio sang", "21/4 08:00", " cho Hoang Thi Ot")),
    ),
    "for mother, who answered CO from her own phone": Who(
        "10:00", party=(MOTHER,), then=((at(19, "12:00"), mother_answers),),
        says=(eve("10 gio sang", " cho Ly Thi Mau"),), mother=(eve("10 gio sang"),),
    ),
    "the day fails at night: told in the morning": Who(
        "16:00", then=((at(20, "21:30"), the_day_fails("16:00")),),
        says=(eve("4 gio chieu"), failed("4 gio chieu", "21/4 07:00")),
    ),
    "the day fails at dawn, within three hours: told at once": Who(
        "08:30", then=((at(21, "05:45"), the_day_fails("08:30")),),
        says=(
            eve("8 gio 30 sang"),
            ("21/4 05:45", "Xa Quang Lac: Buoi 8h30 21/4 hoan, xin loi. Giu cho 10 gio sang Chu nhat 21/4, NVH Quang"
             " Trung I den 10h00. Lay: nhan NHAN {kept} gui 2404."),
            ("21/4 10:00", "Xa Quang Lac: Da qua han lay cho 10 gio sang Chu nhat 21/4, NVH Quang Trung I."
             " Dat gio khac: nhan DL gui 2404."),
        ),
    ),
}  # fmt: skip

DOWN = (at(20, "12:00"), at(21, "12:00"))
TABLE_OF_A_CLOCK_THAT_WAS_DOWN = {
    "over before it looked again": Who("08:00"),
    "less than 45 minutes left": Who(
        "12:30", skipped=(("reminder_1d", "too late"), ("reminder_0d", "too late")),
    ),
    "just two hours left": Who(
        "14:00", says=(day("2 gio chieu", "21/4 12:00"),), skipped=(("reminder_1d", "too late"),),
    ),
    "two hours before is still to come": Who(
        "16:00", says=(day("4 gio chieu", "21/4 14:00"),), skipped=(("reminder_1d", "too late"),),
    ),
}  # fmt: skip


class Weekend:
    """The hall's times on Sunday, each an event of its own, and the residents of a
    table in order of its lines.
    """

    def __init__(self, db: Database, settings: Settings, table: dict[str, Who]) -> None:
        self.db, self.table, self.clock = db, table, Clock(OPENS)
        self.sending = Sending(db, settings, self.clock)
        hours = {who.hour for who in table.values()} | {"10:00", "14:00"}
        with db.transaction() as tx:
            tx.run(
                text("INSERT INTO installation (id, kind, since) VALUES (1, 'demo', 1)")
            )
            hall = make.hall(tx, make.hamlet(tx))
            made = {
                hour: make.event_with_slots(
                    tx, hall_id=hall, starts=at(21, hour), capacity=30
                )
                for hour in sorted(hours)
            }
        self.slots = {hour: event.slots[0] for hour, event in made.items()}
        self.events = {hour: event.id for hour, event in made.items()}

    def port(self, tx: Tx, number: int, now: datetime) -> DbPort:
        return DbPort(
            tx,
            commune_id=make.COMMUNE,
            phone=make.phone(number),
            channel="ussd",
            now=now,
            privacy_key="a privacy key of the tests, nothing else",
            acting=tx.savepoint,
        )

    def does(self, number: int, now: datetime, act: Act) -> None:
        with self.db.transaction() as tx:
            act(self, self.port(tx, number, now))

    def goes_by(self, down: tuple[datetime, datetime] | None = None) -> None:
        todo = sorted(self._acts(), key=lambda one: one[0])
        while self.clock.now <= ENDS:
            while todo and todo[0][0] <= self.clock.now:
                when, number, act = todo.pop(0)
                self.does(number, when, act)
            if down is None or not down[0] <= self.clock.now < down[1]:
                upkeep.expire(self.db, self.clock.now)
                reminders.sweep(self.db, self.clock.now)
                self.sending.until_empty()
            self.clock.now += QUARTER

    def _acts(self) -> Iterator[tuple[datetime, int, Act]]:
        for number, who in enumerate(self.table.values()):
            yield (
                who.booked,
                number,
                lambda _, port, who=who: port.book(  # type: ignore[misc]
                    self.slots[who.hour], Said(), YES, who.party
                ),
            )
            yield from ((when, number, act) for when, act in who.then)

    def reached(self, number: int) -> list[tuple[str, str]]:
        with self.db.connection() as tx:
            return [
                (
                    f"{(here := local(from_ms(row.sent_at))).day}/{here.month} {here:%H:%M}",
                    row.text,
                )
                for row in tx.all(SENT)
                if row.phone == make.phone(number)
            ]

    def skipped(self, number: int) -> list[tuple[str, str]]:
        with self.db.connection() as tx:
            return [
                (row.kind, row.reason)
                for row in tx.all(SKIPPED)
                if row.phone == make.phone(number)
            ]

    def code(self, number: int) -> str:
        with self.db.connection() as tx:
            return str(tx.value(CODE, phone=make.phone(number)))

    def kept(self, number: int) -> str:
        with self.db.connection() as tx:
            return str(tx.value(KEPT, phone=make.phone(number)))

    def as_the_table_says(self) -> None:
        for number, (line, who) in enumerate(self.table.items()):
            code = self.code(number)
            says = [
                (when, said.replace("{}", code).replace("{kept}", self.kept(number)))
                for when, said in who.says
            ]
            assert self.reached(number) == says, line
            assert self.skipped(number) == list(who.skipped), line
            for mother in (guest for guest in who.party if guest.phone):
                hers = [(when, said.replace("{}", code)) for when, said in who.mother]
                assert self.reached(int(mother.phone[-3:])) == hers, line


def test_each_text_reaches_whom_it_should_in_these_words_at_this_hour(
    db: Database, settings: Settings
) -> None:
    weekend = Weekend(db, settings, TABLE)
    weekend.goes_by()
    weekend.as_the_table_says()


def test_a_clock_that_was_down_for_a_day_says_what_is_still_of_use(
    db: Database, settings: Settings
) -> None:
    weekend = Weekend(db, settings, TABLE_OF_A_CLOCK_THAT_WAS_DOWN)
    weekend.goes_by(DOWN)
    weekend.as_the_table_says()
