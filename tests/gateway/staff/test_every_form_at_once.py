"""Every form of the desk eight times at once, through two web processes: the tables say
what they say after one.

Copies of the demo go the same way, form by form. In the first each form comes once; in
the other the same form comes eight times, or eight that are filled in alike come from
two clerks.
"""

from __future__ import annotations

import io
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from db import demo
from db.models import messages, metadata
from db.store.engine import Database, Tx, connect, to_ms
from gateway.app import create_app
from gateway.context import EXTENSION
from gateway.staff import language
from settings import Settings
from tests.gateway.staff.conftest import Clerk

AT_ONCE = 8
NOW = datetime(2026, 4, 12, 2, 0, tzinfo=UTC)  # a Sunday, nine o'clock there
TODAY, TOMORROW, LATER = "2026-04-12", "2026-04-13", "2026-04-20"
ONE, OTHER = "admin", "admin2"  # the second for the second pair of eyes

# What claims no key, with the reason.
EXEMPT = {
    "/staff/<path:anywhere>": "no form leads there: 404",
    "/staff/sign-in": "whoever is not signed in has no form; each try counts",
    "/staff/sign-out": "signed out twice is signed out",
    "/staff/language": "the same language twice is one language",
}
# Of what two clerks each may make their own.
EACH_ONES_OWN = {
    "/staff/broadcasts/<int:broadcast_id>/again": "a draft each",
    "/staff/broadcasts/<int:broadcast_id>/test": "a test to one's own number each",
    "/staff/broadcasts/new": "a draft each",
    "/staff/events/<int:event_id>/heads": "heads are added up",
    "/staff/events/<int:event_id>/invite": "a draft each",
    "/staff/opinions/new": "two may say the same",
    "/staff/progress/notes": "a note each",
    "/staff/reports/": "a version each",
    "/staff/requests/<int:request_id>/note": "a note each",
    "/staff/requests/new": "the same may be wanted again",
    "/staff/schools/<int:school_id>/notice": "a draft each",
    "/staff/setup/hamlets/<int:hamlet_id>": "of two lists of names the later stands",
}
# The trail has a row for whoever did it, also where the other was first; of a name
# written twice its ends are found anew.
OF_EACH_CLERK = ("audit", "sent_forms", "broadcast_acts", "request_acts", "name_ends")

Fields = dict[str, Any]
Find = Callable[["Copy"], object]


class Sent(NamedTuple):
    who: str
    path: str
    fields: Fields


@dataclass
class Copy:
    """One copy of the demo, two web processes at it, and who sits there."""

    apps: Sequence[Flask]
    db: Database
    clerks: dict[str, Clerk] = field(default_factory=dict)

    def sign_in(self, username: str, password: str) -> None:
        clerk = Clerk(self.apps[0], self.db)
        assert clerk.sign_in(username, password).status_code == 303
        self.clerks[username] = clerk

    def at_once(self, forms: Sequence[Sent]) -> list[int]:
        """Each from a thread of its own, let go together; the codes."""
        barrier = Barrier(len(forms))
        tokens = {who: clerk.token() for who, clerk in self.clerks.items()}

        def send(turn: int) -> int:
            form = forms[turn]
            client = self.apps[turn % len(self.apps)].test_client()
            cookie = self.clerks[form.who].client.get_cookie("desk", path="/")
            client.set_cookie("desk", cookie.value)
            body = as_sent({"csrf_token": tokens[form.who], **form.fields})
            barrier.wait()
            with client.post(form.path, data=body) as answer:
                return int(answer.status_code)

        with ThreadPoolExecutor(len(forms)) as pool:
            return list(pool.map(send, range(len(forms))))

    def done_by(self, forms: Sequence[Sent]) -> tuple[list[int], Counter[str]]:
        """The codes, and how many rows each table has more."""
        before = self.rows()
        codes = self.at_once(forms)
        more = self.rows()
        more.subtract(before)
        return codes, more

    def rows(self) -> Counter[str]:
        """How many each table has, and what the sums of what counts come to."""
        with self.db.connection() as tx:
            found = tx.all(_ROWS)
        return Counter({row.name: row.number for row in found})


_COUNTS = [
    f"SELECT '{name}' AS name, COUNT(*) AS number FROM {name}"
    for name in metadata.tables
]
_SUMS = [
    f"SELECT 'sum of {name}', CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM {name}"
    for name in ("tallies", "month_tallies")
]
_ROWS = text(" UNION ALL ".join(_COUNTS + _SUMS))


def as_sent(fields: Fields) -> Fields:
    """A file as a browser sends it."""
    return {name: _file(value) for name, value in fields.items()}


def _file(value: object) -> object:
    if isinstance(value, bytes):
        return io.BytesIO(value), "danh-sach.csv"
    return value


@dataclass(frozen=True)
class Form:
    """What stands in the address and in the fields is found in the copy at hand where
    it is no plain value. The rest of it stands hidden in a page, or in the preview that
    answers the same fields.
    """

    rule: str
    parts: tuple[object, ...]
    fields: Mapping[str, object]
    who: str
    page: str
    preview: str

    def filled_in(self, copy: Copy) -> Sent:
        """As on a page just opened."""
        parts = [_in(copy, part) for part in self.parts]
        values = iter(parts)
        path = re.sub(r"<[^>]+>", lambda _: str(next(values)), self.rule)
        fields = {name: _in(copy, value) for name, value in self.fields.items()}
        fields |= self._hidden(copy, parts, fields)
        return Sent(self.who, path, fields | {"form_key": secrets.token_urlsafe(12)})

    def _hidden(self, copy: Copy, parts: list[object], fields: Fields) -> Fields:
        clerk = copy.clerks[self.who]
        if self.page:
            shown = clerk.client.get(self.page.format(*parts)).text
        elif self.preview:
            body = as_sent({"csrf_token": clerk.token(), **fields})
            shown = clerk.client.post(self.preview.format(*parts), data=body).text
        else:
            return {}
        names = ("at", "seed", "seen", "carried", "name")
        found = {
            name: re.search(rf'name="{name}" value="([^"]*)"', shown) for name in names
        }
        return {name: hit[1] for name, hit in found.items() if hit}


def _in(copy: Copy, value: object) -> Any:
    return value(copy) if callable(value) else value


FORMS: list[Form] = []


def form(
    rule: str,
    *parts: object,
    fields: Fields | None = None,
    who: str = ONE,
    page: str = "",
    preview: str = "",
    **more: object,
) -> None:
    own = {**(fields or {}), **more}
    FORMS.append(Form(f"/staff{rule}", parts, own, who, page, preview))


def found(sql: str, **values: object) -> Find:
    def find(copy: Copy) -> object:
        with copy.db.connection() as tx:
            one = tx.value(text(sql), **values)
        assert one is not None, sql
        return one

    return find


def booked(number: int) -> Find:
    """A booking of today that stands."""
    return found(
        """
        SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id
          JOIN events e ON e.id = s.event_id
        WHERE e.day = :day AND b.status = 'booked'
        ORDER BY b.id LIMIT 1 OFFSET :number
        """,
        day=TODAY,
        number=number,
    )


def event(kind: str, since: str = TODAY, number: int = 0) -> Find:
    """An open one of that day or of a later one."""
    return found(
        """
        SELECT id FROM events WHERE kind = :kind AND day >= :since AND state = 'open'
        ORDER BY day, id LIMIT 1 OFFSET :number
        """,
        kind=kind,
        since=since,
        number=number,
    )


def person(number: int) -> Find:
    """Somebody with a phone, in a household, for whom nothing was done yet."""
    return found(
        """
        SELECT id FROM people p
        WHERE phone IS NOT NULL AND name <> '' AND household_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id)
          AND NOT EXISTS (SELECT 1 FROM counted c WHERE c.subject_id = p.id)
        ORDER BY id LIMIT 1 OFFSET :number
        """,
        number=number,
    )


def of_kind(kind: str) -> Find:
    """An open request."""
    return found(
        "SELECT MIN(id) FROM requests WHERE kind = :kind AND state = 'open'", kind=kind
    )


def newest(table: str, where: str = "true") -> Find:
    return found(f"SELECT MAX(id) FROM {table} WHERE {where}")


SLOT = found(
    """
    SELECT MIN(s.id) FROM slots s JOIN events e ON e.id = s.event_id
    WHERE e.day = '2026-04-15' AND e.kind = 'swap' AND e.state = 'open'
    """
)
HALL_OF_TOMORROW = found(
    """
    SELECT hall_id FROM events WHERE kind = 'swap' AND day >= :day AND state = 'open'
    ORDER BY day, id LIMIT 1
    """,
    day=TOMORROW,
)
CAME = found("SELECT MAX(person_id) FROM attendances WHERE event_id = 56")
PARENT = found(
    """
    SELECT MAX(a.id) FROM parents a JOIN classes c ON c.id = a.class_id
    WHERE c.school_id = 24
    """
)
SHOP = newest("businesses", "kind = 'household_business'")
CLASS = newest("classes", "school_id = 24")
DRAFT = newest("broadcasts", "state = 'draft'")
STARTED = newest("broadcasts", "state <> 'draft'")


def with_the_app(copy: Copy) -> object:
    """A booking of today of somebody who got the app on an earlier day."""
    booking_id = booked(1)(copy)
    with copy.db.transaction() as tx:
        tx.run(
            text("""
            INSERT INTO counted (indicator_id, subject_id, hamlet_id, day)
            SELECT i.id, b.person_id, p.hamlet_id, '2026-04-01'
            FROM indicators i, bookings b JOIN people p ON p.id = b.person_id
            WHERE i.key = 'app_citizen' AND b.id = :id
            """),
            id=booking_id,
        )
    return booking_id


def home_of_the_round(copy: Copy) -> object:
    """A household to which a round of today goes."""
    home = found("SELECT MAX(id) FROM households WHERE hamlet_id = 10")(copy)
    with copy.db.transaction() as tx:
        tx.run(
            text("INSERT INTO round_homes (event_id, household_id) VALUES (56, :home)"),
            home=home,
        )
    return home


def unread(copy: Copy) -> object:
    """A resident's text that no menu could read."""
    with copy.db.transaction() as tx:
        phone = tx.value(text("SELECT MIN(phone) FROM people WHERE commune_id = 1"))
        row = {
            "commune_id": 1,
            "direction": "in",
            "phone": phone,
            "text": "tivi nha toi hong",
            "status": "RECEIVED",
            "kind": "said",
            "class": "reply",
            "priority": 0,
            "made_at": to_ms(NOW),
            "not_before": to_ms(NOW),
            "understood": False,
        }
        return tx.value(insert(messages).values(row).returning(messages.c.id))


def advert(copy: Copy) -> object:
    """A draft of one, to people of whom some were never asked."""
    clerk = copy.clerks[ONE]
    clerk.post(
        "/staff/broadcasts/new", **WORDS | {"class": "advert", "vi": "Goi cuoc moi."}
    )
    number = DRAFT(copy)
    clerk.post(
        f"/staff/broadcasts/{number}/audience", do="save", a_hamlet="Quảng Trung I"
    )
    return number


TAP: Fields = {"back": "/staff/?hall=9"}
form("/bookings/<int:booking_id>/check-in", booked(0), back="/staff/")
form(
    "/bookings/<int:booking_id>/not-here",
    newest("bookings", "status = 'attended'"),
    back="/staff/",
)
form("/bookings/<int:booking_id>/log", booked(1), fields=TAP, indicator="sim_4g")
form("/bookings/<int:booking_id>/app", with_the_app, fields=TAP, app="kept")
form("/bookings/<int:booking_id>/move", booked(2), slot=SLOT)
form("/bookings/<int:booking_id>/cancel", booked(2))

GUEST: Fields = {"hamlet": 1, "hall": 9, "agreed": 1}
form("/book", fields=GUEST, name="Lý Thị Một", slot=SLOT)
form("/book", fields=GUEST, name="Lý Thị Hai", phone="0990 555 001", slot=SLOT)
form(
    "/events/<int:event_id>/list",
    event("swap", "2026-04-16"),
    fields=GUEST,
    lines="Nông Văn Ba\nNông Văn Tư 0990 555 002\nNông Văn Năm",
)
form("/walk-in", fields=GUEST, name="Hoàng Văn Sáu")
form("/walk-in", fields=GUEST, name="Hoàng Văn Bảy", phone="0990 555 003")

form(
    "/people/<int:person_id>/edit",
    person(0),
    name="Vi Thị Tám",
    household="HB-0990",
    hamlet=1,
)
form("/people/<int:person_id>/number", person(0), phone="0990 555 004")
form("/people/<int:person_id>/fact", person(0), kind="handset", value="2g")
form("/people/<int:person_id>/log", person(1), fields=TAP, indicator="money_person")
form(
    "/people/<int:person_id>/app",
    found("SELECT MIN(person_id) FROM app_answers WHERE kept = true"),
    fields=TAP,
    app="gone",
)
form("/people/<int:person_id>/face", person(2), what="waits")
form(
    "/conversions/<int:conversion_id>/undo",
    newest("conversions", "reverses IS NULL"),
    reason="nhầm người",
)

DAY: Fields = {
    "hall": 1,
    "day": LATER,
    "first": "08:00",
    "last": "10:00",
    "minutes": 30,
    "places": 4,
    "kind": "swap",
    "services": "swap",
}
form("/events/new", fields=DAY)
form("/events/new", fields=DAY | {"kind": "street", "no_times": 1})
form("/events/<int:event_id>/copy", event("swap", LATER))
OPEN_OR_NOT = "/events/<int:event_id>/<any(close, reopen):what>"
form(OPEN_OR_NOT, event("swap", LATER), "close")
form(OPEN_OR_NOT, newest("events", "state = 'closed'"), "reopen")
form(
    "/events/<int:event_id>/edit",
    event("swap", TOMORROW),
    preview="/staff/events/{}/edit",
    hall=HALL_OF_TOMORROW,
    day=TOMORROW,
    first="08:30",
    kind="swap",
    services="swap",
    note="Mang theo máy cũ",
)
form(
    "/events/<int:event_id>/named",
    event("swap", TOMORROW),
    preview="/staff/events/{}/named",
)
form(
    "/events/<int:event_id>/cancel",
    event("swap", TOMORROW, 1),
    preview="/staff/events/{}/cancel",
)
form("/events/<int:event_id>/came", event("visits"), person=person(3))
form(
    "/events/<int:event_id>/came/<int:person_id>/log",
    event("visits"),
    CAME,
    fields=TAP,
    indicator="money_person",
)
form("/events/<int:event_id>/came/<int:person_id>/off", event("visits"), CAME)
form(
    "/events/<int:event_id>/came/new",
    event("visits"),
    fields=GUEST,
    name="Đàm Văn Chín",
)
COUNTED = found("SELECT MAX(event_id) FROM head_counts")
form("/events/<int:event_id>/heads", COUNTED, fields=TAP, number=12)
form(
    "/events/<int:event_id>/heads/<int:count_id>",
    COUNTED,
    newest("head_counts"),
    fields=TAP,
    number=14,
    sure=1,
)
form("/events/<int:event_id>/invite", event("workshop"), do="invite", hamlet=1)

form(
    "/lists/round",
    list="g2",
    hamlet=1,
    day=LATER,
    first="08:00",
    last="10:00",
    run_by="Tổ công nghệ",
)
form(
    "/events/<int:event_id>/announce",
    newest("events", "kind = 'visits' AND number IS NULL"),
)
form(
    "/rounds/<int:event_id>/visit",
    event("visits"),
    fields=TAP,
    home=home_of_the_round,
    result="done",
)
form(
    "/lists/visit",
    fields=TAP,
    home=found("SELECT MIN(id) FROM households"),
    result="home",
)
form("/visits/<int:visit_id>/undo", newest("visits", "reverses IS NULL"))

form(
    "/businesses/",
    kind="household_business",
    name="Quán Mười",
    hamlet=1,
    owner="Vi Văn Mười",
    phone="0990 555 005",
)
form(
    "/businesses/<int:business_id>/edit",
    SHOP,
    kind="household_business",
    name="Quán Mười Một",
    hamlet=1,
)
form("/businesses/<int:business_id>/log", SHOP, fields=TAP, indicator="business_qr")
form("/businesses/<int:business_id>/unlog", SHOP)
form("/businesses/<int:business_id>/visit", SHOP, fields=TAP, result="home")
THERE_OR_NOT = "/businesses/<int:business_id>/<any(close, reopen):what>"
form(THERE_OR_NOT, SHOP, "close")
form(THERE_OR_NOT, SHOP, "reopen")

AGREED: Fields = {"agreed": 1, "agreed_on": TODAY, "asked": "form"}
form("/schools/<int:school_id>/classes", 24, name="5B")
form("/schools/<int:school_id>/classes/<int:class_id>/rename", 24, CLASS, name="5C")
form("/schools/<int:school_id>/classes/<int:class_id>/remove", 24, CLASS)
form(
    "/schools/<int:school_id>/classes/<int:class_id>/parents",
    24,
    1,
    fields=AGREED,
    phone="0990 555 006",
)
form(
    "/schools/<int:school_id>/parents/<int:parent_id>/adverts",
    24,
    PARENT,
    fields=AGREED,
)
form(
    "/schools/<int:school_id>/parents/<int:parent_id>/adverts/withdraw",
    24,
    PARENT,
)
form("/schools/<int:school_id>/parents/<int:parent_id>/withdraw", 24, PARENT)
form(
    "/schools/<int:school_id>/counts",
    24,
    fields=TAP,
    day=TODAY,
    paying_1=3,
    pupils_1=20,
)
form("/schools/<int:school_id>/counts/take-back", 24, fields=TAP, day=TODAY)
form("/schools/<int:school_id>/notice", 24, words="Moi phu huynh den hop luc 8 gio.")

WORDS: Fields = {
    "name": "Mời họp",
    "class": "notice",
    "vi": "Moi ba con den hop.",
    "en": "",
}
CAST = "/broadcasts/<int:broadcast_id>"
form("/broadcasts/new", fields=WORDS)
form("/broadcasts/sample", fields=WORDS)
form(f"{CAST}/words", DRAFT, fields=WORDS | {"vi": "Moi ba con {name} den hop."})
form(f"{CAST}/audience/counts", DRAFT, a_hamlet="Quảng Trung I")
form(
    f"{CAST}/audience",
    DRAFT,
    do="keep",
    audience_name="Một thôn",
    a_hamlet="Quảng Trung I",
)
form(f"{CAST}/times", DRAFT, start="now", pace_many=1, pace_minutes=30)
form(f"{CAST}/without", DRAFT, field="name")
form(f"{CAST}/test", DRAFT, phone="0990 000 900", person=person(0))
form(f"{CAST}/want-approval", DRAFT)
form(f"{CAST}/approve", DRAFT, who=OTHER, page="/staff/broadcasts/{}")
form(f"{CAST}/start", DRAFT, who=OTHER, page="/staff/broadcasts/{}", price_seen=1)
for act in ("pause", "resume", "stop"):
    form(f"{CAST}/<any(pause, resume, stop):act>", STARTED, act, sure=1)
form(f"{CAST}/again", STARTED)
form(f"{CAST}/ask", advert)
form(f"{CAST}/discard", DRAFT, sure=1)

ASKED = "/requests/<int:request_id>"
form(
    "/requests/new",
    fields=TAP | GUEST,
    kind="visit",
    name="Bế Văn Hai",
    phone="0990 555 007",
)
form(f"{ASKED}/take", of_kind("visit"))
form(f"{ASKED}/hand", of_kind("visit"), to=2)
form(f"{ASKED}/note", of_kind("visit"), fields=TAP, tried=1, words="không ai nghe")
form(f"{ASKED}/school", of_kind("school"), school=25, agreed=1)
form(f"{ASKED}/shop", of_kind("qr"), shop_name="Quán Ba", hamlet=7)
form(
    f"{ASKED}/end",
    of_kind("account"),
    how="done",
    words="Da xong.",
    confirmed=1,
    hamlet=8,
)
form(f"{ASKED}/end", of_kind("erase"), how="done", words="Da xoa.", confirmed=1)
form(
    f"{ASKED}/reopen",
    found("SELECT MIN(id) FROM requests WHERE state = 'declined'"),
    words="bấm nhầm",
)
form(
    "/calls/<int:task_id>/done",
    found("SELECT MIN(id) FROM tasks WHERE done_at IS NULL"),
    note="đã gọi",
)
OPINION = found("SELECT MIN(id) FROM opinions")
form("/opinions/new", fields=TAP, words="Nên mở cửa sớm hơn.", hamlet=1)
form(
    "/opinions/<int:opinion_id>/sort",
    OPINION,
    topic="sessions",
    verdict="chosen",
    why="hợp lý",
)
form("/opinions/<int:opinion_id>/answer", OPINION, words="Cam on y kien.", confirmed=1)
form("/opinions/<int:opinion_id>/for-report", OPINION, words="Thêm buổi tối.")
form("/opinions/reported", opinion=OPINION)
form("/messages/<int:message_id>/dealt-with", unread, did="opinion")

FACT: Fields = {
    "vi": "Mat dien tu 8 den 11 gio.",
    "en": "No power.",
    "valid_from": TODAY,
    "valid_until": LATER,
}
form("/information/sample", fields=FACT)
form("/information/<topic>", "power", fields=TAP | FACT)
form(
    "/information/<int:fact_id>/withdraw",
    newest("commune_facts", "withdrawn_at IS NULL"),
)
form("/progress/notes", fields=TAP, words="Thêm một buổi.", day=TODAY)
form(
    "/progress/<key>/target",
    "money_person",
    denominator=900,
    target=500,
    as_of=TODAY,
    source="sổ hộ",
)

form("/progress/<key>/target/withdraw", "money_person", as_of=TODAY)

form("/setup/commune", code="*2404*38#", number="1380")
form("/setup/names", since="2026-07-01", name="Xã Quảng Lạc Mới", parent="tỉnh")
form("/setup/plan", starts="2026-03-01", ends="2026-09-30")
form(
    "/setup/report",
    since="2026-07-01",
    issuer="Ủy ban nhân dân xã Mẫu",
    symbol="BC-UBND",
    place="Mẫu",
    recipients="Như trên",
    capacity="Chủ tịch",
    signer="Họ Tên Mẫu",
)
form("/reports/", kind="week", first="2026-04-03", last="2026-04-09")
form("/setup/holidays", day="2026-09-02", holiday="Quốc khánh")
form("/setup/holidays/<day>/remove", "2026-09-02")
form("/setup/hamlets", name="Thôn Mới", aliases="moi")
form("/setup/hamlets/<int:hamlet_id>", newest("hamlets"), name="Thôn Mới Hơn")
form("/setup/halls", name="NVH Thôn Mới", hamlet=1)
form("/setup/halls/<int:hall_id>", newest("halls"), name="NVH Mới Hơn", hamlet=1)
SCHEME: Fields = {
    "name": "Đợt hai",
    "opens": "2027-01-01",
    "closes": "2027-02-01",
    "handsets": "2g",
    "poor": "any",
    "bring": "CCCD",
    "bring_en": "ID card",
}
form("/setup/schemes/new", fields=SCHEME)
form("/setup/schemes/<int:scheme_id>", newest("schemes"), fields=SCHEME, stock=20)
form("/setup/schemes/<int:scheme_id>/end", newest("schemes"))

SHEET = b"""Ho ten,So dien thoai,Thon
Vi Van Nhap,0990555008,Quang Trung I
Vi Van Danh,0990555009,Quang Trung I
"""
FILE: Fields = {"kind": "residents", "file": SHEET}
form("/imports/", fields=FILE)
form("/imports/refused.csv", preview="/staff/imports/", fields=FILE)
form("/imports/keep", preview="/staff/imports/", fields=FILE)


@pytest.fixture
def copies(
    url: str,
    settings: Settings,
    fresh_url: Callable[[str, bool], str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[list[Copy]]:
    """Three of the demo, made live: a demo takes no list in."""
    monkeypatch.setattr(language, "now_ms", lambda: to_ms(NOW))
    passwords = _load(url, settings.privacy_key)
    live = replace(
        settings,
        simulator=False,
        sending="off",
        ussd_carriers=(),
        sms_carriers=(),
        sms_senders=(),
    )
    others = [_copied(url, fresh_url, request) for _ in range(2)]
    made = []
    for one in (url, *others):
        own = replace(live, database_url=one)
        copy = Copy([create_app(own), create_app(own)], connect(one))
        for who in (ONE, OTHER):
            copy.sign_in(who, passwords[who])
        made.append(copy)
    yield made
    for copy in made:
        copy.db.close()
        for app in copy.apps:
            app.extensions[EXTENSION].db.close()


def _load(url: str, privacy_key: str) -> dict[str, str]:
    """The passwords by name."""
    db = connect(url)
    sign_ins = demo.load(db, privacy_key, to_ms(NOW))
    passwords = {username: password for _, username, password in sign_ins}
    with db.transaction() as tx:
        tx.run(text("UPDATE installation SET kind = 'live'"))
        _begin(tx, "visits")
        tx.run(
            text("""
            INSERT INTO staff (commune_id, username, name, password, role, made_at)
            SELECT commune_id, :other, name, password, role, made_at
            FROM staff
            WHERE username = :one
            """),
            one=ONE,
            other=OTHER,
        )
    db.close()
    return passwords | {OTHER: passwords[ONE]}


def _begin(tx: Tx, kind: str) -> None:
    """Today's event of this kind has begun: nobody came before."""
    begun = to_ms(NOW) - 3_600_000
    tx.run(
        text("""
        UPDATE slots SET starts_at = :begun
        WHERE event_id IN (SELECT id FROM events WHERE kind = :kind AND day = :day)
        """),
        begun=begun,
        kind=kind,
        day=TODAY,
    )


def _copied(
    url: str, fresh_url: Callable[[str, bool], str], request: pytest.FixtureRequest
) -> str:
    database = str(make_url(url).database)
    if url.startswith("sqlite"):
        other = fresh_url("sqlite", False)
        shutil.copy(database, str(make_url(other).database))
        return other
    copied: str = request.getfixturevalue("postgres").fresh(template=database)
    return copied


def unlike(
    form: Form, codes: Sequence[int], alone: Counter[str], eight: Counter[str]
) -> list[str]:
    """What eight did otherwise than one."""
    names = sorted(alone | eight)
    tables = {name: (alone[name], eight[name]) for name in names}
    wrong = {name: both for name, both in tables.items() if both[0] != both[1]}
    if not wrong and max(codes) < 500:
        return []
    return [f"{form.rule} {codes}: rows after one and after eight {wrong}"]


def test_every_form_is_sent_here_or_says_why_not(app: Flask) -> None:
    rules = app.url_map.iter_rules()
    posted = {one.rule for one in rules if "POST" in (one.methods or ())}
    of_the_desk = {rule for rule in posted if rule.startswith("/staff/")}
    sent = {one.rule for one in FORMS}
    assert of_the_desk == sent | set(EXEMPT)
    assert not sent & set(EXEMPT)
    assert sent >= set(EACH_ONES_OWN)


def test_what_comes_eight_times_at_once_is_done_once(copies: list[Copy]) -> None:
    """The same form; and eight that are filled in alike, of two clerks."""
    alone, repeated, two = copies
    wrong = []
    for form in FORMS:
        codes, once = alone.done_by([form.filled_in(alone)])
        assert codes[0] in (200, 303), (form.rule, codes)
        same = [form.filled_in(repeated)] * AT_ONCE
        eight, more = repeated.done_by(same)
        wrong += unlike(form, eight, once, more)
        eight, more = two.done_by(_of_two_clerks(form.filled_in(two)))
        if form.rule in EACH_ONES_OWN:
            once = more
        for table in OF_EACH_CLERK:
            del once[table], more[table]
        wrong += unlike(form, eight, once, more)
    assert not wrong, "\n".join(wrong)


def _of_two_clerks(sent: Sent) -> list[Sent]:
    alike = []
    for who in (ONE, OTHER) * (AT_ONCE // 2):
        own = {"form_key": secrets.token_urlsafe(12)}
        alike.append(sent._replace(who=who, fields=sent.fields | own))
    return alike
