"""Who may swap: likely, not under this scheme and why, or needs checking. Never a
promise.
"""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from menus.eligibility import Verdict, verdict
from menus.port import Known, Said, Scheme
from menus.questions import completed
from tests.menus.resident import REGISTERED, SCHEME, Resident, world

DAY = date(2024, 4, 12)
POOR_ONLY = replace(SCHEME, poor="yes")
NEAR = replace(SCHEME, poor="near")


@pytest.mark.parametrize(
    ("known", "scheme", "told"),
    [
        # Likely
        (REGISTERED, SCHEME, Verdict("likely")),
        (replace(REGISTERED, handset="3g"), SCHEME, Verdict("likely")),
        (replace(REGISTERED, poor="unknown"), SCHEME, Verdict("likely")),
        (replace(REGISTERED, sim="unknown"), SCHEME, Verdict("likely")),
        (
            replace(REGISTERED, sim="4g"),
            replace(SCHEME, sims=frozenset({"4g"})),
            Verdict("likely"),
        ),
        (
            replace(REGISTERED, poor="yes"),
            POOR_ONLY,
            Verdict("likely", certificate=True),
        ),
        (replace(REGISTERED, poor="near"), NEAR, Verdict("likely", certificate=True)),
        (REGISTERED, replace(SCHEME, hamlets=frozenset({1, 2})), Verdict("likely")),
        (
            replace(REGISTERED, household_helped=True),
            replace(SCHEME, one_per_household=False),
            Verdict("likely"),
        ),
        (REGISTERED, replace(SCHEME, left=None), Verdict("likely")),
        (REGISTERED, replace(SCHEME, left=1), Verdict("likely")),
        (REGISTERED, replace(SCHEME, opens=DAY, closes=DAY), Verdict("likely")),
        (
            replace(REGISTERED, handset="4g_no_volte"),
            replace(SCHEME, handsets=frozenset({"2g", "4g_no_volte"})),
            Verdict("likely"),
        ),
        # Not under this scheme, and why
        (REGISTERED, None, Verdict("no", "why_none")),
        (
            REGISTERED,
            replace(SCHEME, opens=date(2024, 4, 13)),
            Verdict("no", "why_not_open"),
        ),
        (
            REGISTERED,
            replace(SCHEME, closes=date(2024, 4, 11)),
            Verdict("no", "why_closed"),
        ),
        (REGISTERED, replace(SCHEME, left=0), Verdict("no", "why_stock")),
        (REGISTERED, replace(SCHEME, left=-3), Verdict("no", "why_stock")),
        (replace(REGISTERED, helped=True), SCHEME, Verdict("no", "why_helped")),
        (
            replace(REGISTERED, household_helped=True),
            SCHEME,
            Verdict("no", "why_household"),
        ),
        (
            REGISTERED,
            replace(SCHEME, hamlets=frozenset({2})),
            Verdict("no", "why_hamlet"),
        ),
        (replace(REGISTERED, handset="4g_volte"), SCHEME, Verdict("no", "why_handset")),
        (
            replace(REGISTERED, handset="4g_no_volte"),
            SCHEME,
            Verdict("no", "why_handset"),
        ),
        (
            replace(REGISTERED, handset="3g"),
            replace(SCHEME, handsets=frozenset({"2g"})),
            Verdict("no", "why_handset_kind"),
        ),
        (
            replace(REGISTERED, sim="4g"),
            replace(SCHEME, sims=frozenset({"2g", "3g"})),
            Verdict("no", "why_sim"),
        ),
        (REGISTERED, POOR_ONLY, Verdict("no", "why_poor")),
        (replace(REGISTERED, poor="near"), POOR_ONLY, Verdict("no", "why_poor")),
        (REGISTERED, NEAR, Verdict("no", "why_poor")),
        # Needs checking
        (replace(REGISTERED, handset="unknown"), SCHEME, Verdict("check")),
        (replace(REGISTERED, hamlet=None), SCHEME, Verdict("check")),
        (
            replace(REGISTERED, sim="unknown"),
            replace(SCHEME, sims=frozenset({"2g"})),
            Verdict("check"),
        ),
        (replace(REGISTERED, poor="unknown"), NEAR, Verdict("check", certificate=True)),
        (Known(), SCHEME, Verdict("check")),
        # What is certain is said, whatever else is unknown
        (Known(helped=True), SCHEME, Verdict("no", "why_helped")),
        (
            Known(hamlet=3),
            replace(SCHEME, hamlets=frozenset({2})),
            Verdict("no", "why_hamlet"),
        ),
    ],
)
def test_the_rule(known: Known, scheme: Scheme | None, told: Verdict) -> None:
    assert verdict(known, scheme, DAY) == told


def test_a_registered_resident_hears_the_answer_at_once() -> None:
    said = Resident(REGISTERED).dial("1")
    assert said.startswith("Co the duoc doi may 4G. Mang CCCD, may cu")


def test_a_stranger_is_asked_hamlet_and_phone_and_nothing_else() -> None:
    someone = Resident()
    assert "thon nao" in someone.dial("1")
    assert "loai nao" in someone.press("2")
    assert someone.press("1").startswith("Co the duoc doi")


def test_who_does_not_know_the_phone_may_read_out_the_imei_or_skip_it() -> None:
    here = world()
    here.handsets["49015420"] = "2g"
    someone = Resident(in_world=here)
    assert "IMEI" in someone.dial("1", "2", "4")
    assert "chua dung" in someone.press("490154203237519")
    assert "chua dung" in someone.press("4901542032375")
    assert someone.press("49-015420-323751-8").startswith("Co the duoc doi")
    other = Resident(in_world=here)
    assert other.dial("1", "2", "4", "1").startswith("Can xem them")


@pytest.mark.parametrize("imei", ["260531793113837", "490154203237518"])
def test_published_imeis_pass(imei: str) -> None:
    assert Resident().dial("1", "2", "4", imei).startswith("Can xem them")


def test_nobody_is_promised_a_phone_and_a_no_leads_on() -> None:
    here = world()
    here.scheme = replace(SCHEME, opens=date(2024, 5, 2), handsets=frozenset({"2g"}))
    someone = Resident(REGISTERED, in_world=here)
    assert "dot mo tu T5 2/5" in someone.dial("1")
    assert "Dat lich de hoi can bo" in someone.screen.text
    assert "Chon ngay" in someone.press("1")


def test_a_poor_list_scheme_says_which_paper_to_bring() -> None:
    here = world()
    here.scheme = NEAR
    assert "giay ho ngheo" in Resident(
        replace(REGISTERED, poor="unknown"), in_world=here
    ).dial("1")


def test_what_was_answered_goes_into_the_booking_with_its_source() -> None:
    someone = Resident()
    someone.dial("1", "2", "1", "1", "1", "1", "1")
    assert someone.state == ""
    assert someone.booking
    kept = someone.port.known()
    assert (kept.hamlet, kept.handset) == (2, "2g")
    assert kept.sources == {"hamlet": "self", "handset": "self"}


def test_their_last_word_on_the_phone_goes_for_an_earlier_one_of_their_own_and_never_for_the_registers() -> (
    None
):
    new = Said(handset="3g", imei="490154203237518")
    own = Known(
        handset="2g",
        imei="356938035643809",
        sources={"handset": "self", "imei": "self"},
    )
    assert completed(own, new) == own.replace(handset="3g", imei="490154203237518")
    seen = own.replace(sources={"handset": "seen", "imei": "register"})
    assert completed(seen, new) == seen
