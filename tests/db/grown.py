"""A commune many years on: as many people, log rows and texts as asked, made by the
engine itself in seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from sqlalchemy import text

from db.models import broadcast_words, broadcasts, firings, installation, schemes
from db.models import staff as staff_table
from db.office import accounts
from db.store.engine import Database, Tx, to_ms
from menus import days
from menus.hearing import fold
from tests import factories

# hamlets; times of an event; seats taken of a time that is over
HAMLETS, SLOTS, A_SLOT = (
    20,
    4,
    50,
)
# events that are over: as many as the page of them shows, however small the commune
A_PAGE = 40
DAYS = 500  # over so many past days all is spread
STAFF, PASSWORD = "quantri", "mot mat khau dai"
DAY_MS = 24 * 3_600_000

FAMILIES = ("Nông", "Hoàng", "Lương", "Bế", "Nguyễn", "Vi", "Lý", "Đàm", "Triệu", "Hứa")
MIDDLES = ("Thị", "Văn", "Đức", "Minh", "Thu", "Ngọc")
GIVEN = (
    "Hoa", "Sơn", "Lan", "An", "Bình", "Cường", "Dung", "Én", "Giang", "Hạnh", "Khánh", "Liên", "Mai", "Nam", "Oanh",
    "Phúc", "Quỳnh", "Sen", "Tâm", "Uyên", "Vân", "Xuân", "Yến", "Thảo",
)  # fmt: skip

_N = "WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :{many})"
_DAY = {
    True: "date(:today, '-' || CAST({ago} AS VARCHAR) || ' days')",
    False: "CAST(CAST(:today AS DATE) - CAST({ago} AS INTEGER) AS VARCHAR)",
}
_PEOPLE = (
    """
    INSERT INTO households (commune_id, hamlet_id, code)
    {n_homes}
    SELECT 1, :hamlet + i % :hamlets, 'HO-' || CAST(i AS VARCHAR) FROM n ORDER BY i
    """,
    """
    INSERT INTO people (commune_id, phone, name, folded, hamlet_id, household_id, origin, made_at, marks, who)
    {n_people}
    SELECT 1, '+84' || CAST(910000000 + n.i AS VARCHAR), g.name, g.folded, :hamlet + n.i / 4 % :hamlets,
      :home + n.i / 4, 'register', :since + n.i, false, 'who' || CAST(n.i AS VARCHAR)
    FROM n JOIN grown_names g ON g.i = n.i * 7919 % :names
    ORDER BY n.i
    """,
    """
    INSERT INTO name_ends (person_id, words, commune_id, hamlet_id)
    SELECT p.id, e.words, p.commune_id, p.hamlet_id FROM people p JOIN grown_ends e ON e.folded = p.folded
    ORDER BY p.id
    """,
)
_REST = (
    """
    INSERT INTO facts (person_id, kind, source, value, at)
    {n_people}
    SELECT :person + i, 'handset', 'register', CASE i % 3 WHEN 0 THEN '2g' ELSE '4g_volte' END, :since FROM n
    """,
    """
    INSERT INTO consents (person_id, purpose, prompt, channel, answer, at)
    {n_people}
    SELECT :person + i, 'booking', 'p', 'ussd', '1', :since FROM n WHERE i % 2 = 0
    """,
    """
    INSERT INTO events (programme_id, commune_id, hall_id, day)
    {n_events}
    SELECT 1, 1, :hall + i % :hamlets, {ago_i} FROM n ORDER BY i
    """,
    """
    INSERT INTO slots (event_id, starts_at, ends_at, capacity)
    {n_slots}
    SELECT :event + i / :a_day, :morning - (1 + i / :a_day % :days) * :day_ms + i % :a_day * 1800000,
      :morning - (1 + i / :a_day % :days) * :day_ms + (1 + i % :a_day) * 1800000, 60
    FROM n ORDER BY i
    """,
    """
    INSERT INTO bookings (programme_id, slot_id, person_id, booker_id, code, status, origin, made_at, changed_at,
      ended_at, coming_at, party_id)
    {n_people}
    SELECT 1, :slot + i / :a_slot, :person + i, :person + i, CAST(10000 + i % 90000 AS VARCHAR),
      CASE i % 20 WHEN 0 THEN 'missed' WHEN 1 THEN 'cancelled' ELSE 'attended' END, 'ussd', :since + i, :since + i,
      :since + i, CASE WHEN i % 4 = 0 THEN :since + i END, CASE WHEN i % 20 IN (10, 11) THEN :booking + i - i % 2 END
    FROM n ORDER BY i
    """,
    """
    INSERT INTO verifications (person_id, since, made_at, staff_id, done_at)
    {n_people}
    SELECT :person + i, :today, :since, :staff, CASE WHEN i >= 400 THEN :since + 1 END FROM n
    WHERE i % 20 = 0 ORDER BY i
    """,
    """
    INSERT INTO ratings (booking_id, score, at, hamlet_id)
    SELECT b.id, 1 + b.id % 5, b.ended_at, COALESCE(p.hamlet_id, 0) FROM bookings b JOIN people p ON p.id = b.person_id
    WHERE b.status = 'attended' AND b.id % 3 = 0
    """,
    """
    INSERT INTO rating_tallies (programme_id, hamlet_id, answers, total)
    SELECT 1, hamlet_id, COUNT(*), SUM(score) FROM ratings GROUP BY hamlet_id
    """,
    """
    INSERT INTO messages (commune_id, direction, phone, booking_id, revision, kind, class, priority, status, understood,
      made_at, not_before, sent_at, ended_at, carrier, carrier_id, text, firing_id, person_id, once)
    {n_texts}
    SELECT 1, CASE WHEN i % 5 = 0 THEN 'in' ELSE 'out' END, '+84' || CAST(910000000 + i % :people AS VARCHAR),
      CASE WHEN i % 5 = 1 THEN :booking + i % :people END, 1,
      CASE WHEN i % 5 = 0 THEN 'said' WHEN i % 5 = 2 THEN 'broadcast' ELSE 'reminder_1d' END,
      CASE WHEN i % 5 = 0 THEN 'reply' ELSE 'reminder' END, 4,
      CASE WHEN i % 5 = 0 THEN 'RECEIVED' WHEN i % 50 = 3 THEN 'SKIPPED' ELSE 'DELIVERED' END,
      CASE WHEN i % 5 = 0 THEN true END, :since + i * :step, :since + i * :step, :since + i * :step, :since + i * :step,
      'simulator', 'sim-' || CAST(i AS VARCHAR), 'Da dat lich', CASE WHEN i % 5 = 2 THEN :firing + i / :people END,
      CASE WHEN i % 5 = 2 THEN :person + i % :people END, CASE WHEN i % 5 <> 0 THEN 'once' || CAST(i AS VARCHAR) END
    FROM n ORDER BY i
    """,
    """
    INSERT INTO attempts (message_id, sender, at, outcome)
    SELECT id, 'simulator', made_at, 'sent' FROM messages WHERE direction = 'out' AND id % 2 = 0
    """,
    """
    INSERT INTO recipients (firing_id, person_id, hamlet_id)
    {n_people}
    SELECT :firing, :person + i, :hamlet + i / 4 % :hamlets FROM n ORDER BY i
    """,
    """
    INSERT INTO conversions (indicator_id, subject_id, hamlet_id, day, at, staff_id, form_key)
    {n_logs}
    SELECT CASE i / :people % 2 WHEN 0 THEN :sim ELSE :app END, :person + i % :people,
      :hamlet + i % :people / 4 % :hamlets, {ago_log}, :morning - ((:logs - 1 - i) / :a_day_logged) * :day_ms, :staff,
      'form' || CAST(i AS VARCHAR)
    FROM n ORDER BY i
    """,
    """
    INSERT INTO conversions (indicator_id, subject_id, hamlet_id, day, at, staff_id, reverses, reason)
    SELECT indicator_id, subject_id, hamlet_id, day, at + 1, staff_id, id, 'nhầm' FROM conversions WHERE id % 50 = 0
    """,
    """
    INSERT INTO counted (indicator_id, subject_id, hamlet_id, day)
    SELECT indicator_id, subject_id, MIN(hamlet_id), MIN(day) FROM conversions
    GROUP BY indicator_id, subject_id HAVING MAX(reverses) IS NULL
    """,
    """
    INSERT INTO counted (indicator_id, subject_id, hamlet_id, day)
    SELECT (SELECT id FROM indicators WHERE key = 'handset_volte'), c.subject_id, c.hamlet_id, c.day
    FROM counted c WHERE c.indicator_id = :sim AND c.subject_id % 4 = 0
    """,
    """
    INSERT INTO counted (indicator_id, subject_id, hamlet_id, day)
    SELECT (SELECT id FROM indicators WHERE key = 'converted_person'), c.subject_id, c.hamlet_id, c.day
    FROM counted c WHERE c.indicator_id = :sim AND c.subject_id % 4 = 0
    """,
    """
    INSERT INTO tallies (indicator_id, hamlet_id, day, count)
    SELECT indicator_id, COALESCE(hamlet_id, 0), day, COUNT(*) FROM counted GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO month_tallies (indicator_id, hamlet_id, month, count)
    SELECT indicator_id, hamlet_id, SUBSTR(day, 1, 7), SUM(count) FROM tallies GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO audit (at, staff_id, action, person_id, detail)
    {n_logs}
    SELECT :since + i * :step, :staff, 'look', :person + i % :people, '' FROM n ORDER BY i
    """,
    """
    INSERT INTO tasks (commune_id, person_id, hamlet_id, kind, made_at, done_at, done_by)
    {n_people}
    SELECT 1, :person + i, :hamlet + i / 4 % :hamlets, 'tell', :since + i, :since + i + 1, :staff
    FROM n WHERE i % 2 = 0 ORDER BY i
    """,
    """
    INSERT INTO requests (commune_id, number, kind, state, person_id, hamlet_id, channel, made_at, due_at, ended_at)
    {n_people}
    SELECT 1, i + 1, 'call_me', 'done', :person + i, :hamlet + i / 4 % :hamlets, 'sms', :since + i, :since + i,
      :since + i + 1
    FROM n WHERE i % 2 = 0 ORDER BY i
    """,
    """
    INSERT INTO request_acts (request_id, at, act)
    SELECT id, made_at, 'asked' FROM requests UNION ALL SELECT id, ended_at, 'done' FROM requests
    """,
    "INSERT INTO request_numbers (commune_id, last) SELECT 1, MAX(number) FROM requests",
    """
    INSERT INTO opinions (commune_id, number, person_id, channel, words, made_at, answered_at, reported_at, let_go_at)
    {n_people}
    SELECT 1, 1000000 + i, NULL, 'sms', 'nha van hoa nong', :since + i * :step, :since, :since, :since
    FROM n WHERE i % 4 = 0 ORDER BY i
    """,
    """
    INSERT INTO wishes (who, act, what, at)
    {n_people}
    SELECT 'who' || CAST(i AS VARCHAR), 'agreed', 'booking', :since FROM n ORDER BY i
    """,
    """
    INSERT INTO stops (who, what, at)
    {n_people}
    SELECT 'who' || CAST(i AS VARCHAR), 'advert', :since FROM n WHERE i % 20 = 0
    """,
    """
    INSERT INTO sessions (phone, channel, version, data, at)
    {n_people}
    SELECT '+84' || CAST(920000000 + i AS VARCHAR), 'ussd', 1, '{{}}', :since FROM n WHERE i % 4 = 0
    """,
    # What waits is as little as ever.
    """
    UPDATE messages SET status = 'FAILED', reason = 'not delivered'
    WHERE id IN (SELECT id FROM messages WHERE direction = 'out' AND booking_id IS NOT NULL ORDER BY id DESC LIMIT 20)
    """,
    """
    UPDATE messages SET understood = false, ended_at = NULL
    WHERE id IN (SELECT id FROM messages WHERE direction = 'in' ORDER BY id DESC LIMIT 20)
    """,
    "UPDATE tasks SET done_at = NULL WHERE id IN (SELECT id FROM tasks ORDER BY id DESC LIMIT 20)",
    """
    UPDATE requests SET state = 'open', ended_at = NULL
    WHERE id IN (SELECT id FROM requests ORDER BY id DESC LIMIT 20)
    """,
    """
    UPDATE opinions SET let_go_at = NULL, reported_at = NULL, answered_at = NULL
    WHERE id IN (SELECT id FROM opinions ORDER BY id DESC LIMIT 20)
    """,
)


@dataclass(frozen=True, slots=True)
class Commune:
    """What is there by name: ids, and the local day on which it all stands."""

    day: str
    hamlet: int
    hall: int
    person: int  # the first; the nth has the next n ids and the nth number
    event: int  # the first that is over
    coming: tuple[factories.Event, ...]
    broadcast: int


def phone(number: int) -> str:
    """Of the nth person."""
    return f"+84{910_000_000 + number}"


def fill(db: Database, *, people: int, logs: int, texts: int, now: datetime) -> Commune:
    """`logs` conversions and as many audit rows; bookings and the rest go with the
    people. `now` is aware UTC.
    """
    with db.connection() as tx:
        if db.is_sqlite:
            tx.sql("PRAGMA foreign_keys=OFF")  # of a million rows known to be right
        tx.begin()
        made = _fill(tx, db.is_sqlite, people=people, logs=logs, texts=texts, now=now)
        tx.commit()
        if db.is_sqlite:
            tx.sql("PRAGMA foreign_keys=ON")
        tx.sql("ANALYZE")
    return made


def _fill(
    tx: Tx, sqlite: bool, *, people: int, logs: int, texts: int, now: datetime
) -> Commune:
    morning = days.at_local(days.today(now), "08:00")
    hamlets = [
        factories.hamlet(tx, f"Bản {place + 1}", place + 1) for place in range(HAMLETS)
    ]
    halls = [
        factories.hall(tx, hamlet, f"NVH Bản {place + 1}")
        for place, hamlet in enumerate(hamlets)
    ]
    staff = factories.insert_row(
        tx,
        staff_table,
        commune_id=1,
        username=STAFF,
        name="",
        password=accounts._hasher().hash(PASSWORD),
        role="admin",
        made_at=0,
    )
    factories.insert_row(tx, installation, kind="demo", since=0)
    _scheme(tx, days.today(now).year)
    broadcast, firing = _broadcast(tx, staff, to_ms(now), 2 + texts // max(people, 1))
    every_name = [" ".join(parts) for parts in product(FAMILIES, MIDDLES, GIVEN)]
    # two words of a name fill a page in a small commune too
    names = every_name[: max(people // 2, 1)]
    tx.run(
        text(
            "CREATE TEMPORARY TABLE grown_names (i INTEGER PRIMARY KEY, name VARCHAR, folded VARCHAR)"
        )
    )
    tx.many(
        text("INSERT INTO grown_names (i, name, folded) VALUES (:i, :name, :folded)"),
        [
            {"i": place, "name": name, "folded": fold(name)}
            for place, name in enumerate(names)
        ],
    )
    tx.run(text("CREATE TEMPORARY TABLE grown_ends (folded VARCHAR, words VARCHAR)"))
    tx.many(
        text("INSERT INTO grown_ends (folded, words) VALUES (:folded, :words)"),
        [
            {"folded": folded, "words": folded.split(" ", place)[place]}
            for folded in map(fold, names)
            for place in range(folded.count(" ") + 1)
        ],
    )
    tx.run(text("CREATE INDEX ix_grown_ends ON grown_ends (folded)"))
    events = max(A_PAGE, -(-people // (A_SLOT * SLOTS)))
    values = {
        "people": people,
        "logs": logs,
        "texts": texts,
        "homes": -(-people // 4),
        "slots": events * SLOTS,
        "events": events,
        "hamlets": HAMLETS,
        "names": len(names),
        "days": DAYS,
        "a_day": SLOTS,
        "a_slot": A_SLOT,
        "day_ms": DAY_MS,
        "a_day_logged": max(1, -(-logs // DAYS)),
        "step": DAYS * DAY_MS // max(logs, texts),
        "staff": staff,
        "hamlet": hamlets[0],
        "hall": halls[0],
        "firing": firing,
        "today": days.today(now).isoformat(),
        "morning": to_ms(morning),
        "since": to_ms(morning) - DAYS * DAY_MS,
        "sim": factories.indicator(tx, "sim_4g"),
        "app": factories.indicator(tx, "app_citizen"),
        "home": _next(tx, "households"),
        "person": (person := _next(tx, "people")),
        "event": (event := _next(tx, "events")),
        "slot": _next(tx, "slots"),
        "booking": _next(tx, "bookings"),
    }
    with _without_triggers(tx, sqlite):
        _run(tx, sqlite, (*_PEOPLE, *_REST), values)
    coming = tuple(
        factories.event_with_slots(
            tx,
            hall_id=hall,
            starts=morning + timedelta(days=ahead),
            slots_=6,
            capacity=60,
        )
        for ahead in (1, 2, 3)
        for hall in halls[:7]
    )
    return Commune(
        days.today(now).isoformat(),
        hamlets[0],
        halls[0],
        person,
        event,
        coming,
        broadcast,
    )


@contextmanager
def _without_triggers(tx: Tx, sqlite: bool) -> Iterator[None]:
    """What they would do row by row is done for all at once; a million rows are known
    to be right.
    """
    triggers = {}
    if sqlite:
        found = tx.sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'people'"
        ).fetchall()
        triggers = dict(found)
        for name in triggers:
            tx.sql(f"DROP TRIGGER {name}")
    else:
        tx.sql("SET LOCAL session_replication_role = replica")
    yield
    for sql in triggers.values():
        tx.sql(sql)
    if not sqlite:
        tx.sql("SET LOCAL session_replication_role = origin")


def _run(
    tx: Tx, sqlite: bool, statements: Sequence[str], values: dict[str, object]
) -> None:
    made = {
        f"n_{many}": _N.format(many=many)
        for many in ("people", "homes", "events", "slots", "logs", "texts")
    }
    made["ago_i"] = _DAY[sqlite].format(ago="(1 + i % :days)")
    made["ago_log"] = _DAY[sqlite].format(ago="((:logs - 1 - i) / :a_day_logged)")
    for statement in statements:
        sql = re.sub(
            r":(\w+)",
            lambda blank: _literal(values[blank[1]]),
            statement.format(**made),
        )
        tx.sql(sql if sqlite else sql.replace("%", "%%"))


def _literal(value: object) -> str:
    """PostgreSQL would ask for the type of each that is bound."""
    return str(value) if isinstance(value, int) else f"'{value}'"


def _next(tx: Tx, table: str) -> int:
    return int(tx.value(text(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}")))


def _scheme(tx: Tx, year: int) -> None:
    factories.insert_row(
        tx,
        schemes,
        programme_id=factories.PROGRAMME,
        name="Đổi máy",
        opens=f"{year - 3}-01-01",
        stock=10**7,
        closes=f"{year + 3}-12-31",
        handsets=json.dumps(["2g"]),
        bring="CCCD",
        bring_en="your ID card",
        one_per_household=True,
    )


def _broadcast(tx: Tx, staff: int, now: int, many: int) -> tuple[int, int]:
    """One broadcast that went out so many times: its id, and its first firing's."""
    made = factories.insert_row(
        tx,
        broadcasts,
        commune_id=1,
        name="Họp bản",
        **{"class": "notice"},
        state="done",
        rule="{}",
        made_at=now,
        changed_at=now,
        made_by=staff,
    )
    words = factories.insert_row(
        tx,
        broadcast_words,
        broadcast_id=made,
        vi="Họp bản",
        en="",
        digest="d",
        made_by=staff,
        made_at=now,
    )
    tx.run(broadcasts.update().where(broadcasts.c.id == made).values(words_id=words))
    ids = [
        factories.insert_row(
            tx,
            firings,
            broadcast_id=made,
            number=1 + number,
            words_id=words,
            rule="{}",
            started_at=now - DAY_MS,
            not_before=now - DAY_MS,
            ended_at=now,
            ended_why="done",
            planned_at=now - DAY_MS,
        )
        for number in range(many)
    ]
    return made, ids[0]
