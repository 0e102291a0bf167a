"""Whatever form of the desk is refused comes back with what was typed into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from werkzeug.datastructures import MultiDict

from db.store.engine import Database
from gateway.staff.refilled import fill
from menus.days import at_local, today
from tests import factories
from tests.gateway.staff.conftest import Clerk, Clock, Village

KEY = "a-form-key-of-a-page"
CARRIED = ("form_key", "back")


class Refused(NamedTuple):
    """A form with one field that cannot stand; the others are right."""

    path: str
    bad: str
    typed: dict[str, str]
    by: str = "xa"


PERSON = {"name": "Lý Văn Tài", "hamlet": "2", "agreed": "1", "phone": "12"}
LIST = "/staff/lists/?list=all&hamlet=1"
SHOP = {
    "kind": "service_point",
    "name": "Tạp hóa 'Bình' & \"An\"",
    "hamlet": "2",
    "owner": "Chu Văn Bình",
    "phone": "12",
}
DAY = {"day": "2024-04-20", "first": "08:30", "last": "10:30", "run_by": "Tổ <số 1>"}
EVENT = {**DAY, "hall": "2", "kind": "meeting", "bring": "Căn cước", "note": "Họp"}
FORMS = {
    "a new shop": Refused("businesses/", "phone", SHOP),
    "a shop of a long name": Refused(
        "businesses/", "name", {**SHOP, "name": "x" * 121, "phone": ""}
    ),
    "a shop": Refused("businesses/1/edit", "phone", SHOP),
    "a round of visits": Refused(
        "lists/round",
        "day",
        {
            **DAY,
            "day": "2020-01-01",
            "list": "all",
            "hamlet": "1",
            "order": "code",
            "back": LIST,
        },
    ),
    "a new event": Refused("events/new", "last", {**EVENT, "last": "08:00"}),
    "an event": Refused("events/2/edit", "day", {**EVENT, "day": "2020-01-01"}),
    "who came": Refused("events/1/came/new", "phone", PERSON),
    "a booking": Refused("book", "phone", {**PERSON, "slot": "2"}),
    "a walk-in": Refused("walk-in", "phone", {**PERSON, "hall": "1"}),
    "a person": Refused(
        "people/1/edit",
        "household",
        {"name": "Nông Thị Hoa Mai", "hamlet": "2", "household": "HO-TRUNG"},
    ),
    "a request": Refused(
        "requests/new",
        "phone",
        {**PERSON, "kind": "visit", "for_name": "Lý Thị Già", "ground": "relative"},
    ),
    "an opinion": Refused(
        "opinions/new",
        "phone",
        {"name": "Lý Văn Tài", "phone": "12", "hamlet": "2", "words": "Họp tối <3"},
    ),
    "a school's notice": Refused("schools/2/notice", "words", {"words": "Họp {ten}."}),
    "a class": Refused("schools/2/classes", "name", {"name": "???"}),
    "a parent": Refused(
        "schools/2/classes/1/parents",
        "phone",
        {
            "phone": "12",
            "agreed_on": "2024-04-01",
            "agreed": "1",
            "asked": "form",
            "adverts": "1",
        },
    ),
    "a figure": Refused(
        "progress/business_qr/target",
        "source",
        {"denominator": "120", "target": "80", "as_of": "2024-04-01", "source": ""},
    ),
    "a decision": Refused(
        "progress/notes",
        "day",
        {"words": "Mở thêm một buổi", "day": "2024-06-01", "form_key": KEY},
    ),
    "a fact": Refused(
        "information/point",
        "vi",
        {
            "vi": "Xem xa.vn",
            "en": "Ask us",
            "valid_from": "2024-04-12",
            "valid_until": "2024-05-01",
            "form_key": KEY,
        },
    ),
    "the commune's name": Refused(
        "setup/names",
        "since",
        {"name": "phường Mới", "parent": "tỉnh", "since": "mai"},
        "quantri",
    ),
    "a hall": Refused(
        "setup/halls", "name", {"name": "x" * 90, "hamlet": "2"}, "quantri"
    ),
}


class Standing(HTMLParser):
    """What stands in the form of an address, as somebody would read it."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.select, self.area = action, False, "", ""
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "form":
            self.inside = (has.get("action") or "").split("#")[0] == self.action
        if not self.inside:
            return
        ticks = has.get("type") in ("checkbox", "radio")
        if tag == "input" and (not ticks or "checked" in has):
            self.found[name] = has.get("value") or ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in has:
            self.found[self.select] = has.get("value") or ""
        elif tag == "textarea":
            self.area = name
            self.found[name] = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.area = ""


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_form_that_is_refused_comes_back_as_it_was_typed(
    signed_in: Callable[[str], Clerk],
    village: Village,
    db: Database,
    clock: Clock,
    form: Refused,
) -> None:
    with db.transaction() as tx:
        factories.business(tx, village.trung)
        school = factories.business(tx, kind="school", name="Trường Tiểu học")
        factories.household(tx, village.trung, "HO-TRUNG")
        factories.event_with_slots(
            tx,
            hall_id=village.hall,
            starts=clock.now + timedelta(days=3),
            kind="meeting",
            bookable=False,
        )
    clock.now = at_local(today(clock.now), "13:45")
    clerk = signed_in(form.by)
    at = f"/staff/schools/{school}/classes"
    clerk.post(at, name="3A")
    agreed = {"agreed_on": "2024-04-01", "agreed": "1", "asked": "form"}
    clerk.post(f"{at}/1/parents", phone="0990000009", **agreed)
    path = f"/staff/{form.path}"
    answer = clerk.send(path, **form.typed)
    page = answer.text
    if "Location" in answer.headers:
        page = clerk.get(answer.headers["Location"]).text
    assert "told-danger" in page
    standing = Standing(path)
    standing.feed(page)
    expected = {name: said for name, said in form.typed.items() if name not in CARRIED}
    assert {name: standing.found.get(name) for name in expected} == expected
    assert form.bad in expected


def test_what_was_typed_is_read_and_never_run() -> None:
    """A page that is filled in again is the same page, but for the form."""
    page = (
        '<!doctype html>\n<p a=1>a &amp; b &#39;</p><svg><rect width="1"/></svg>{}<br>'
    )
    form = '<details><form action="/x"><input name="a" value="old" required>{}</form></details>'
    area = "<textarea name='b'>old</textarea>"
    wicked = '"><script>alert(1)</script>'
    typed = MultiDict({"a": wicked, "b": wicked})
    filled = fill(page.format(form.format(area)), "/x", typed)
    start, end = page.split("{}")
    assert filled.startswith(start)
    assert filled.endswith(end)
    assert "<details open>" in filled
    assert f'value="{escape(wicked)}" required>' in filled
    assert filled.count("<script") == 0
    assert filled.count(escape(wicked, quote=False)) == 1
    assert fill(page, "/x", typed) == ""
    assert fill(page.format(form.format(area)), "/y", typed) == ""
