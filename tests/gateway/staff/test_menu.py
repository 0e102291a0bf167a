"""The desk's menu: four groups, of which whoever has much to see opens one."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.staff import language, menu
from tests.gateway.staff.conftest import Clerk

_GROUP = re.compile(r"<details( open)?> <summary>(.*?)</summary>(.*?)</details>")


def groups(clerk: Clerk, path: str) -> dict[str, tuple[bool, str]]:
    """By heading: whether it is open, and its links."""
    clerk.get(path)
    nav = clerk.page.partition("<nav")[2].partition("</nav>")[0]
    found = {}
    for is_open, heading, links in _GROUP.findall(nav):
        word = re.sub(r"<.*", "", heading).strip()
        found[word] = (bool(is_open), links)
    return found


def test_an_office_sees_four_groups_and_the_one_it_is_in_is_open(xa: Clerk) -> None:
    people = language.say("vi", "menu_people")
    today = groups(xa, "/staff/")
    assert len(today) == 4
    opened = [word for word, (is_open, _) in today.items() if is_open]
    assert opened == [language.say("vi", "menu_sessions")]
    below = groups(xa, "/staff/requests/new")
    assert below[people][0], "a page below an entry is in its group, too"


def test_whoever_sees_little_sees_all_of_it(
    signed_in: Callable[[str], Clerk],
) -> None:
    reader = groups(signed_in("xem"), "/staff/progress/")
    assert reader
    assert all(is_open for is_open, _ in reader.values())


def test_what_waits_in_a_closed_group_stands_beside_its_heading(xa: Clerk) -> None:
    words = "goi lai cho toi"
    form = {"kind": "call_me", "words": words, "phone": "0990 000 077", "agreed": "1"}
    xa.post("/staff/requests/new", **form, name="Lý Văn Mẫu")
    heading = language.say("vi", "menu_people")
    xa.get("/staff/")
    assert re.search(rf'{heading} <span class="dot">\d+</span> </summary>', xa.page)


def test_every_page_of_the_menu_stands_in_it_once() -> None:
    entries = [entry for group in menu.GROUPS for entry in group.entries]
    endpoints = [entry.endpoint for entry in entries]
    assert len(endpoints) == len(set(endpoints))
