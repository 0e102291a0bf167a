"""A resident books with the handset drawn on the page, in a real browser, and reads the
text that follows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import insert, select
from werkzeug.serving import make_server

from db import demo
from db.models import messages
from db.store.engine import connect
from gateway.app import create_app
from gateway.context import EXTENSION
from settings import Settings
from tests.conftest import debian

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
BOOKED = {
    "commune_id": 1, "direction": "out", "phone": "+84990000001", "kind": "booked", "class": "reply", "priority": 1,
    "status": "SENT", "made_at": 1, "sent_at": 1, "not_before": 0, "carrier": "simulator", "text": "Da dat lich",
    "encoding": "GSM-7", "length": 11, "parts": 1, "price": 500,
}  # fmt: skip
SCREEN = "#glass"
# Playwright's five seconds are for a browser that has the machine to itself
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=debian("chromium"), args=list(FLAGS)
        )
        yield opened
        opened.close()


@pytest.fixture
def engine() -> str:
    """The page speaks over HTTP only; both engines are held to the same journeys
    elsewhere.
    """
    return "sqlite"


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """The demo commune, served on loopback."""
    database = connect(settings.database_url)
    demo.load(database, settings.privacy_key, time.time_ns() // 1_000_000)
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


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=address
    )
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda problem: problems.append(str(problem)))
    opened.goto("/phone")
    yield opened
    context.close()
    assert problems == []


def form(request: Any) -> dict[str, str]:
    return dict(parse_qsl(request.post_data, keep_blank_values=True))


def dial(page: Page, code: str = "*2404#") -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#phone")).to_have_attribute("data-view", "ussd")


def tap(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator(f'.phone [data-key="{key}"]').click()


def test_a_resident_dials_by_keyboard_and_reads_the_menu_as_it_came_off_the_wire(
    page: Page,
) -> None:
    with page.expect_response("**/ussd/simulator") as hop:
        dial(page)
    assert hop.value.text() == f"CON {page.locator('.off-the-wire').text_content()}"
    expect(page.locator("#wire")).to_contain_text("/160")


def test_a_resident_answers_with_the_drawn_keys(page: Page) -> None:
    dial(page)
    tap(page, "1")
    expect(page.locator(".reply")).to_have_text("1")
    with page.expect_request("**/ussd/simulator") as hop:
        tap(page, "call")
    assert form(hop.value)["text"] == "1"


def test_a_name_typed_on_the_keyboard_keeps_its_spaces(page: Page) -> None:
    dial(page)
    page.keyboard.type("Ly Van Ba 2#")
    expect(page.locator(".reply")).to_have_text("Ly Van Ba 2#")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    with page.expect_request("**/ussd/simulator") as hop:
        page.keyboard.press("Enter")
    assert form(hop.value)["text"] == "Ly Van Ba"


def test_a_name_is_entered_with_the_drawn_keys_and_the_next_answer_is_a_number_again(
    page: Page,
) -> None:
    dial(page)
    expect(page.locator("#mode")).to_have_text("123")
    tap(page, "2", "right", "#")  # a digit first, taken back
    expect(page.locator("#mode")).to_have_text("abc")
    tap(page, "8", "2", "0", "5", "4", "4")
    expect(page.locator(".reply")).to_have_text("ta jh")
    page.keyboard.type("1 b")  # the keyboard has letters of its own
    with page.expect_request("**/ussd/simulator") as hop:
        tap(page, "call")
    assert form(hop.value)["text"] == "ta jh1 b"
    expect(page.locator("#phone")).to_have_attribute("data-view", "ussd")
    expect(page.locator("#mode")).to_have_text("123")
    tap(page, "2")
    expect(page.locator(".reply")).to_have_text("2")


def test_answers_dialled_at_once_go_out_in_the_first_hop(page: Page) -> None:
    with page.expect_request("**/ussd/simulator") as hop:
        dial(page, "*2404*2*1#")
    sent = form(hop.value)
    assert (sent["serviceCode"], sent["text"], sent["phoneNumber"]) == (
        "*2404#",
        "2*1",
        "+84990000001",
    )


def test_a_dropped_call_sends_nothing_and_the_next_one_is_another_session(
    page: Page,
) -> None:
    requests: list[dict[str, str]] = []
    page.on(
        "request",
        lambda request: (
            requests.append(form(request)) if "/ussd/" in request.url else None
        ),
    )
    dial(page)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#phone")).to_have_attribute("data-view", "ussd")
    page.locator("#drop").click()
    expect(page.locator(SCREEN)).to_contain_text("Mất kết nối")
    assert len(requests) == 2
    dial(page)
    assert requests[2]["text"] == ""
    assert (
        requests[2]["sessionId"] != requests[0]["sessionId"] == requests[1]["sessionId"]
    )


def test_a_text_is_written_with_the_keypad_answered_and_read(page: Page) -> None:
    tap(page, "left")  # the inbox
    page.keyboard.press("ArrowUp")
    tap(page, "left")
    tap(page, "8", "4", "4")  # tg: "t", then the same key again turns g into h
    expect(page.locator("#draft")).to_have_value("th")
    tap(page, "right")
    tap(page, "4")
    expect(page.locator("#draft")).to_have_value("tg")
    tap(page, "call")
    expect(page.locator("#texts li.in .body")).to_have_text("tg")
    expect(page.locator("#texts li.out .cost").first).to_contain_text("GSM-7")
    expect(page.locator("#letter")).to_be_visible()
    tap(page, "left", "left")  # OK, then read
    expect(page.locator("#phone")).to_have_attribute("data-view", "read")
    expect(page.locator(".off-the-wire")).to_have_text(
        page.locator("#texts li.out .body").first.text_content() or "-"
    )
    expect(page.locator("#letter")).to_be_hidden()


def test_a_text_that_comes_by_itself_shakes_the_phone_and_its_arrival_is_confirmed(
    page: Page, settings: Settings
) -> None:
    expect(page.locator("#texts")).to_contain_text("chưa có tin nhắn")
    database = connect(settings.database_url)
    with database.transaction() as tx:
        message = tx.value(insert(messages).returning(messages.c.id).values(BOOKED))
    expect(page.locator("#phone")).to_have_class("phone rings")
    expect(page.locator(".news")).to_contain_text("1 tin nhắn mới")
    expect(page.locator("#texts .cost")).to_contain_text(
        "GSM-7 · 11 ký tự · 1 phần500 đ"
    )
    expect(page.locator("#texts .head")).to_contain_text("đã tới máy")
    with database.connection() as tx:
        assert (
            tx.value(select(messages.c.status).where(messages.c.id == message))
            == "DELIVERED"
        )
    database.close()


def test_each_number_keeps_its_own_call(page: Page) -> None:
    dial(page)
    page.locator("#other-number").fill("0990 000 900")
    page.locator("#other button").click()
    expect(page.locator("#whose")).to_have_text("0990 000 900")
    expect(page.locator("#phone")).to_have_attribute("data-view", "idle")
    page.locator('#people [data-phone="+84990000001"]').click()
    expect(page.locator("#phone")).to_have_attribute("data-view", "ussd")


def test_a_service_out_of_reach_is_told_in_a_plain_sentence(page: Page) -> None:
    page.route("**/ussd/simulator", lambda route: route.abort())
    page.keyboard.type("*2404#")
    page.keyboard.press("Enter")
    expect(page.locator(SCREEN)).to_contain_text("Không kết nối được tới tổng đài")
    page.unroute("**/ussd/simulator")
    page.route(
        "**/ussd/simulator",
        lambda route: route.fulfill(
            status=500, content_type="text/html", body="<h1>Traceback</h1>"
        ),
    )
    tap(page, "left", "call", "call")
    expect(page.locator(SCREEN)).to_contain_text("mã 500")
    expect(page.locator(SCREEN)).not_to_contain_text("Traceback")


def test_the_page_speaks_english_and_remembers_it(page: Page) -> None:
    page.locator('[data-language="en"]').click()
    expect(page.locator("#left-label")).to_have_text("Messages")
    page.reload()
    expect(page.locator("h2").first).to_have_text("Choose a phone number")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_whole_phone_stands_on_a_small_screen_and_nothing_runs_over_the_side(
    page: Page,
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    box: Any = page.locator("#phone").bounding_box()
    assert box["width"] >= 340
    assert box["y"] + box["height"] <= 741
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.locator(".phone [data-key]").evaluate_all(
        "keys => keys.filter(key => key.offsetHeight < 36).length"
    )
    assert small == 0


def test_every_key_has_a_name_for_those_who_cannot_see_it(page: Page) -> None:
    for key in ("call", "end", "left", "right", "up", "down", "*", "#", "5"):
        assert page.locator(f'.phone [data-key="{key}"]').get_attribute("aria-label")
    assert page.locator(SCREEN).get_attribute("aria-live") == "polite"
    page.locator('.phone [data-key="5"]').focus()
    page.keyboard.press("Space")
    expect(page.locator(".line")).to_have_text("5")
