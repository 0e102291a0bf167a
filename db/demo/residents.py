"""The demo's people: invented names, numbers of the demo block, households, shops; and the targets that follow."""

from __future__ import annotations

from collections import Counter
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
_MIDDLE = {"m": ("Văn", "Đức", "Xuân", "Minh", "Quang"), "f": ("Thị", "Thị", "Thị", "Thu", "Ngọc")}
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
    homes = []
    for number in range(HOMES_PER_HAMLET * len(hamlets)):
        hamlet_id = list(hamlets.values())[number % len(hamlets)]
        poor = random.choices(list(_POOR), list(_POOR.values()))[0]
        home_id = add(tx, households, commune_id=COMMUNE, hamlet_id=hamlet_id, code=f"MAU-{number + 1:03}", poor=poor)
        home = Home(home_id, hamlet_id, poor)
        size = random.choice((1, 2, 2, 3, 3, 4)) if number else 1  # the first is a household alone, and counts as one
        for place in range(size):
            home.members.append(_member(tx, random, home, number + 1 if not place and number < WITH_PHONE else 0, now))
        homes.append(home)
    _businesses(tx, random, hamlets)
    return homes


def _member(tx: Tx, random: Random, home: Home, number: int, now: int) -> Member:
    """`number` above zero: holds that number of the demo block."""
    gender = random.choice("mf")
    name = f"{random.choice(_FAMILY)} {random.choice(_MIDDLE[gender])} {random.choice(_GIVEN[gender])}"
    phone = f"+84990000{number:03}" if number else None
    person_id = add(
        tx, people, commune_id=COMMUNE, phone=phone, name=name, folded=fold_name(name), hamlet_id=home.hamlet_id,
        household_id=home.id, origin="demo", made_at=now,
    )  # fmt: skip
    handset = random.choices(list(_HANDSETS), list(_HANDSETS.values()))[0]
    sim = random.choice(_SIM_OF[handset])
    says_handset, says_sim = random.random() < 0.75, random.random() < 0.6
    if 0 < number <= KNOWN_BY_HEART:
        handset, sim, says_handset, says_sim = "2g", "2g", True, True
    if says_handset:
        facts.note(tx, person_id, "handset", "register", handset, now)
    if says_sim:
        facts.note(tx, person_id, "sim", "register", sim, now)
    return Member(person_id, name, handset if says_handset else "", phone or "", gender == "f")


def _businesses(tx: Tx, random: Random, hamlets: dict[str, int]) -> None:
    for place, hamlet in hamlets.items():
        for given in random.sample(_GIVEN["f"], random.randint(1, 3)):
            kind = random.choice(("Tạp hóa", "Quán phở", "Cửa hàng vật tư", "Sửa xe"))
            name = f"{kind} {given}, {place}"
            businesses.add(tx, commune_id=COMMUNE, hamlet_id=hamlet, kind="household_business", name=name)
    for name in SCHOOLS:
        businesses.add(tx, commune_id=COMMUNE, hamlet_id=None, kind="school", name=name)
    centre = hamlets["Quảng Trung I"]
    businesses.add(tx, commune_id=COMMUNE, hamlet_id=centre, kind="service_point", name=SERVICE_POINT)
    businesses.add(tx, commune_id=COMMUNE, hamlet_id=None, kind="one_stop", name=ONE_STOP)


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
    text("SELECT id, key, percent FROM indicators WHERE programme_id = :programme_id AND percent IS NOT NULL"), Planned
)
_SHOPS = Query(
    text("SELECT hamlet_id, COUNT(*) AS number FROM businesses WHERE kind = 'household_business' GROUP BY hamlet_id"),
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


def _denominators(tx: Tx, homes: list[Home], hamlets: dict[str, int]) -> Iterator[tuple[str, int | None, int]]:
    shops = {row.hamlet_id: row.number for row in tx.all(_SHOPS)}
    with_2g = Counter(home.hamlet_id for home in homes if home.uses_2g)
    every = Counter(home.hamlet_id for home in homes)
    people = Counter(home.hamlet_id for home in homes for _ in home.members)
    smart = Counter(home.hamlet_id for home in homes for member in home.members if member.handset.startswith("4g"))
    for hamlet_id in hamlets.values():
        yield "converted_household", hamlet_id, with_2g[hamlet_id]
        yield "money_person", hamlet_id, people[hamlet_id]
        yield "money_household", hamlet_id, every[hamlet_id]
        yield "app_citizen", hamlet_id, smart[hamlet_id]
        yield "app_kept", hamlet_id, smart[hamlet_id]
        yield "business_qr", hamlet_id, shops.get(hamlet_id, 0)
    yield "tuition_school", None, len(SCHOOLS)
    yield "service_point", None, 1
    yield "one_stop_qr", None, 1
