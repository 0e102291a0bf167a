"""The desk on a small screen, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import text
from werkzeug.serving import make_server

from db.models import staff
from db.office import accounts
from db.store.engine import Tx, connect, from_ms, to_ms
from gateway.app import create_app
from gateway.context import EXTENSION
from menus.days import at_local, today
from settings import Settings
from tests import factories
from tests.conftest import debian
from tests.journeys.test_handset_in_a_browser import FLAGS

PASSWORD = "mot mat khau dai"
HAMLETS = 12


@pytest.fixture
def engine() -> str:
    """What a browser shows hangs on no engine; both are held to the same pages
    elsewhere.
    """
    return "sqlite"


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """A commune of many hamlets with one person in each, and a clerk, served on
    loopback.
    """
    database, now = connect(settings.database_url), to_ms(datetime.now(UTC))
    with database.transaction() as tx:
        for place in range(1, HAMLETS + 1):
            home = factories.hamlet(tx, f"Thôn {place}", place)
            factories.person(
                tx, number=place, name=f"Lý Văn {place}", hamlet_id=home, now=now
            )
        hall = factories.hall(tx, home)
        _booked_today(tx, hall, now)
        factories.business(tx, home, kind="school", name="Trường Tiểu học")
        member = {
            "commune_id": factories.COMMUNE,
            "username": "xa",
            "name": "xa",
            "role": "commune",
        }
        factories.insert_row(
            tx, staff, **member, password=accounts._hasher().hash(PASSWORD), made_at=now
        )
    database.close()
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions[EXTENSION].db.close()


def _booked_today(tx: Tx, hall: int, now: int) -> None:
    """All of them for seven this morning, since midnight: so it can be tested at any
    hour.
    """
    day = today(from_ms(now))
    seven = at_local(day, "07:00")
    midnight = to_ms(at_local(day, "00:00"))
    event = factories.event_with_slots(tx, hall_id=hall, starts=seven, capacity=HAMLETS)
    for who in tx.all(text("SELECT id FROM people ORDER BY id")):
        factories.booking(tx, slot_id=event.slots[0], person_id=who.id, now=midnight)


@pytest.fixture
def phone(address: str) -> Iterator[Page]:
    """A small phone at the desk, signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=debian("chromium"), args=list(FLAGS)
        )
        page = browser.new_context(
            viewport={"width": 360, "height": 640}, base_url=address
        ).new_page()
        page.goto("/staff/sign-in")
        page.fill("input[name=username]", "xa")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        yield page
        browser.close()


def write_a_text_to_many(phone: Page) -> None:
    phone.goto("/staff/broadcasts/new")
    phone.check("input[name=class][value=notice]")
    phone.fill("input[name=name]", "Mời họp")
    phone.fill("textarea[name=vi]", "Mời bà con họp tối nay.")
    phone.click("main form button.btn-go")


def laid_out_width(phone: Page) -> int:
    """In CSS pixels, once the stylesheets are there: an address changes before."""
    phone.wait_for_load_state()
    return int(phone.evaluate("document.documentElement.scrollWidth"))


LINES = "article.line"


def test_a_clerk_has_ten_people_on_a_screen_and_serves_the_one_tapped(
    phone: Page,
) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    phone.goto("/staff/")
    lines = phone.locator(LINES)
    expect(lines).to_have_count(HAMLETS)
    lines.first.scroll_into_view_if_needed()
    phone.evaluate(
        "document.querySelector('article.line').scrollIntoView({block: 'start'})"
    )
    expect(lines.nth(9)).to_be_in_viewport(ratio=1)
    lines.nth(3).get_by_role("button", name="Điểm danh").click()
    phone.wait_for_url("**#b*")
    taps = lines.nth(3).get_by_role("button", name="SIM 4G")
    expect(taps).to_be_in_viewport()
    taps.click()
    expect(lines.nth(3)).to_contain_text("✓ SIM 4G")
    expect(lines.nth(3).get_by_role("button", name="Máy 4G VoLTE")).to_be_visible()
    assert laid_out_width(phone) <= 360


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("0007", ["Lý Văn 7"]),  # the last four of 0990 000 007
        ("0990000012", ["Lý Văn 12"]),
        ("van ly", None),  # all of them, whatever the order of the words
        ("nong", []),
    ],
)
def test_the_list_narrows_as_one_types(
    phone: Page, typed: str, found: list[str] | None
) -> None:
    phone.goto("/staff/")
    phone.locator("[data-narrows]").press_sequentially(typed)
    every = sorted(f"Lý Văn {number}" for number in range(1, HAMLETS + 1))
    names = every if found is None else found
    shown = phone.locator(f"{LINES}:visible summary strong")
    expect(shown).to_have_text(names)
    expect(phone.locator("[data-nobody]")).to_be_visible(visible=not names)


def test_the_count_stays_in_sight_while_one_ticks(phone: Page) -> None:
    write_a_text_to_many(phone)
    bar = phone.locator("[data-bar]")
    phone.check("input[name=everybody]")
    expect(bar).to_contain_text(f"{HAMLETS} người sẽ nhận")
    for place in (1, 2, HAMLETS):
        phone.locator(f"input[name=a_hamlet][value='Thôn {place}']").check()
        expect(bar).to_be_in_viewport(ratio=1)
    expect(bar).to_contain_text("3 người sẽ nhận")
    phone.evaluate("window.scrollTo(0, 0)")
    expect(bar).to_be_in_viewport(ratio=1)
    assert laid_out_width(phone) <= 360


def test_what_is_asked_of_a_text_by_session_opens_with_it_and_holds_no_other_back(
    phone: Page,
) -> None:
    write_a_text_to_many(phone)
    phone.goto("/staff/broadcasts/1/times")
    many = phone.locator("input[name=event_many]")
    expect(many).not_to_be_visible()
    phone.select_option("select[name=repeats]", "event")
    expect(many).to_be_visible()
    many.fill("0")
    phone.select_option("select[name=repeats]", "")
    expect(many).not_to_be_visible()
    phone.click("form.times button.btn-go")
    expect(phone).to_have_url(re.compile("/staff/broadcasts/1$"))
    assert laid_out_width(phone) <= 360


@pytest.mark.parametrize("scripts", [True, False])
def test_which_school_is_asked_of_a_desk_at_its_gate_alone(
    phone: Page, scripts: bool
) -> None:
    assert phone.context.browser
    context = phone.context.browser.new_context(
        java_script_enabled=scripts,
        storage_state=phone.context.storage_state(),
        viewport={"width": 360, "height": 640},
    )
    page = context.new_page()
    page.goto(phone.url.split("/staff/")[0] + "/staff/events/new")
    school = page.locator("select[name=school]")
    expect(school).not_to_be_visible()
    page.select_option("select[name=kind]", "school")
    expect(school).to_be_visible()
    page.select_option("select[name=kind]", "meeting")
    expect(school).not_to_be_visible()
    context.close()
