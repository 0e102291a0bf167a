"""The demo's people: invented names, numbers of the demo block, households, shops; and the targets that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.demo.places import COMMUNE, PROGRAMME, add
from db.models import households, people
from db.models import targets as targets_table
from db.register import businesses, facts
from db.register.people import fold_name
from db.store.engine import Tx
from db.store.statements import Query

HOMES_PER_HAMLET = 13
WITH_PHONE = 100
REGISTER_AGE = timedelta(days=14)
KNOWN_BY_HEART = 6  # the first numbers, one a hamlet: 2G phones in the register, so that a visitor is likely eligible

_FAMILY = (
    "Hoàng", "Nông", "Lương", "Vi", "Lý", "Triệu", "Hà", "Lộc", "Chu", "Bế", "Đàm", "Lăng", "Nguyễn", "Phùng", "Đinh",
)  # fmt: skip
_MIDDLE = {
    "m": ("Văn", "Đức", "Xuân", "Minh", "Quang"),
    "f": ("Thị", "Thị", "Thị", "Thu", "Ngọc"),
}
_GIVEN = {
    "m": (
        "An", "Bình", "Cường", "Dũng", "Hải", "Hùng", "Khánh", "Lâm", "Long", "Nam", "Phúc", "Sơn",
        "Thắng", "Tuấn", "Vinh",
    ),
    "f": (
        "Ánh", "Bích", "Chi", "Dung", "Hà", "Hằng", "Hoa", "Hương", "Lan", "Liên", "Mai", "Nga", "Nhung", "Thảo", "Yến",
    ),
}  # fmt: skip
_HANDSETS = {"2g": 42, "3g": 10, "4g_no_volte": 12, "4g_volte": 30, "unknown": 6}
_SIM_OF = {
    "2g": ("2g", "4g"), "3g": ("3g", "4g"), "4g_no_volte": ("4g",), "4g_volte": ("4g",), "unknown": ("unknown",)
}  # fmt: skip
_POOR = {"no": 78, "near": 13, "yes": 9}

SCHOOLS = ("Trường Tiểu học (dữ liệu mẫu)", "Trường Trung học cơ sở (dữ liệu mẫu)")
SERVICE_POINT, ONE_STOP = "Điểm giao dịch Viettel Money", "Bộ phận một cửa của xã"


@dataclass(slots=True)
class Member:
    """One invented resident. `handset` is what the register says, empty where it says nothing; `phone` is E.164."""

    id: int
    name: str
    handset: str
    phone: str
    woman: bool


@dataclass(slots=True)
class Home:
    """One invented household; `poor`: yes, near or no. Only the first member has a phone, if anybody."""

    id: int
    hamlet_id: int
    poor: str
    members: list[Member] = field(default_factory=list)

    @property
    def uses_2g(self) -> bool:
        return any(member.handset == "2g" for member in self.members)

    @property
    def holder(self) -> Member:
        return self.members[0]


def fill(tx: Tx, random: Random, hamlets: dict[str, int], now: int) -> list[Home]:
    """Households in every hamlet, the ones with a phone spread over all of them; and the shops."""
    hamlet_ids = list(hamlets.values())
    homes = []
    for place in range(HOMES_PER_HAMLET * len(hamlet_ids)):
        hamlet_id = hamlet_ids[place % len(hamlet_ids)]
        homes.append(_home(tx, random, place + 1, hamlet_id, now))
    _businesses(tx, random, hamlets)
    return homes


def _home(tx: Tx, random: Random, number: int, hamlet_id: int, now: int) -> Home:
    """The household of that number, from 1."""
    poor = _drawn(random, _POOR)
    home_id = add(
        tx,
        households,
        commune_id=COMMUNE,
        hamlet_id=hamlet_id,
        code=f"MAU-{number:03}",
        poor=poor,
    )
    home = Home(home_id, hamlet_id, poor)
    size = 1  # the first is a household alone, and counts as one
    if number > 1:
        size = random.choice((1, 2, 2, 3, 3, 4))
    phone_number = number if number <= WITH_PHONE else 0
    home.members.append(_member(tx, random, home, phone_number, now))
    for _ in range(size - 1):
        home.members.append(_member(tx, random, home, 0, now))
    return home


def _drawn(random: Random, weights: dict[str, int]) -> str:
    """One of the keys, each as likely as its weight says."""
    return random.choices(list(weights), list(weights.values()))[0]


def _member(tx: Tx, random: Random, home: Home, number: int, now: int) -> Member:
    """`number` above zero: holds that number of the demo block."""
    gender = random.choice("mf")
    family = random.choice(_FAMILY)
    middle = random.choice(_MIDDLE[gender])
    given = random.choice(_GIVEN[gender])
    name = f"{family} {middle} {given}"
    phone = f"+84990000{number:03}" if number else None
    person_id = add(
        tx, people, commune_id=COMMUNE, phone=phone, name=name, folded=fold_name(name), hamlet_id=home.hamlet_id,
        household_id=home.id, origin="demo", made_at=now,
    )  # fmt: skip
    handset = _drawn(random, _HANDSETS)
    sim = random.choice(_SIM_OF[handset])
    says_handset = random.random() < 0.75
    says_sim = random.random() < 0.6
    if 0 < number <= KNOWN_BY_HEART:
        handset = sim = "2g"
        says_handset = says_sim = True
    if says_handset:
        facts.note(tx, person_id, "handset", "register", handset, now)
    if says_sim:
        facts.note(tx, person_id, "sim", "register", sim, now)
    registered = handset if says_handset else ""
    return Member(person_id, name, registered, phone or "", woman=gender == "f")


def _businesses(tx: Tx, random: Random, hamlets: dict[str, int]) -> None:
    def add_business(kind: str, name: str, hamlet_id: int | None = None) -> None:
        businesses.add(
            tx, commune_id=COMMUNE, hamlet_id=hamlet_id, kind=kind, name=name
        )

    for hamlet, hamlet_id in hamlets.items():
        number = random.randint(1, 3)
        for given in random.sample(_GIVEN["f"], number):
            trade = random.choice(("Tạp hóa", "Quán phở", "Cửa hàng vật tư", "Sửa xe"))
            add_business("household_business", f"{trade} {given}, {hamlet}", hamlet_id)
    for name in SCHOOLS:
        add_business("school", name)
    add_business("service_point", SERVICE_POINT, hamlets["Quảng Trung I"])
    add_business("one_stop", ONE_STOP)


class Planned(NamedTuple):
    """An indicator for which the plan gives a figure."""

    id: int
    key: str
    percent: int


class Shops(NamedTuple):
    """How many shops a hamlet has."""

    hamlet_id: int | None
    number: int


_INDICATORS = Query(
    text(
        "SELECT id, key, percent FROM indicators WHERE programme_id = :programme_id AND percent IS NOT NULL"
    ),
    Planned,
)
_SHOPS = Query(
    text(
        "SELECT hamlet_id, COUNT(*) AS number FROM businesses WHERE kind = 'household_business' GROUP BY hamlet_id"
    ),
    Shops,
)


def targets(tx: Tx, homes: list[Home], hamlets: dict[str, int], today: date) -> None:
    """The plan's percentages, each of its own denominator, counted in the invented register."""
    indicators = {row.key: row for row in tx.all(_INDICATORS, programme_id=PROGRAMME)}
    for key, hamlet_id, denominator in _denominators(tx, homes, hamlets):
        indicator = indicators[key]
        add(
            tx, targets_table, indicator_id=indicator.id, hamlet_id=hamlet_id, denominator=denominator,
            target=-(-denominator * indicator.percent // 100), as_of=(today - REGISTER_AGE).isoformat(),
        )  # fmt: skip


def _denominators(
    tx: Tx, homes: list[Home], hamlets: dict[str, int]
) -> Iterator[tuple[str, int | None, int]]:
    """Indicator, hamlet (none: the whole commune), and of how many."""
    shops = {row.hamlet_id: row.number for row in tx.all(_SHOPS)}
    for hamlet_id in hamlets.values():
        here = [home for home in homes if home.hamlet_id == hamlet_id]
        members = [member for home in here for member in home.members]
        homes_with_2g = sum(home.uses_2g for home in here)
        people_with_4g = sum(member.handset.startswith("4g") for member in members)
        yield "converted_household", hamlet_id, homes_with_2g
        yield "money_person", hamlet_id, len(members)
        yield "money_household", hamlet_id, len(here)
        yield "app_citizen", hamlet_id, people_with_4g
        yield "app_kept", hamlet_id, people_with_4g
        yield "business_qr", hamlet_id, shops.get(hamlet_id, 0)
    yield "tuition_school", None, len(SCHOOLS)
    yield "service_point", None, 1
    yield "one_stop_qr", None, 1
