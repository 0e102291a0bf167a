"""The demo's people: invented names, numbers of the demo block, households, shops; and
the targets that follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import text

from db.demo.places import COMMUNE, PROGRAMME, add
from db.models import households, people
from db.places import targets as goals
from db.register import businesses, facts
from db.register.people import fold_name
from db.store.engine import Tx
from db.store.statements import Query

HOMES_PER_HAMLET = 13
WITH_PHONE = 100
REGISTER_AGE = timedelta(days=14)
REGISTER = "sổ hộ của xã (dữ liệu mẫu)"  # where its figures come from
# the first numbers, one a hamlet: 2G phones in the register, so that a visitor is
# likely eligible
KNOWN_BY_HEART = 6

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
    "2g": ("2g", "4g"),
    "3g": ("3g", "4g"),
    "4g_no_volte": ("4g",),
    "4g_volte": ("4g",),
    "unknown": ("unknown",),
}
_POOR = {"no": 78, "near": 13, "yes": 9}
_TRADES = ("Tạp hóa", "Quán phở", "Cửa hàng vật tư", "Sửa xe")

SCHOOLS = ("Trường Tiểu học (dữ liệu mẫu)", "Trường Trung học cơ sở (dữ liệu mẫu)")
SERVICE_POINT, ONE_STOP = "Điểm giao dịch Viettel Money", "Bộ phận một cửa của xã"


@dataclass(slots=True)
class Member:
    """One invented resident. `handset` is what the register says, empty where it says
    nothing; `phone` is E.164.
    """

    id: int
    name: str
    handset: str
    phone: str
    woman: bool

    @property
    def uses_4g(self) -> bool:
        return self.handset.startswith("4g")


@dataclass(slots=True)
class Home:
    """One invented household; `poor`: yes, near or no. Only the first member has a
    phone, if anybody.
    """

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

    @property
    def phone(self) -> str:
        return self.holder.phone

    def has_several(self) -> bool:
        """Is there somebody without a phone beside its holder?"""
        return len(self.members) > 1


def fill(tx: Tx, random: Random, hamlets: dict[str, int], now: int) -> list[Home]:
    """Households in every hamlet, the ones with a phone spread over all of them; and
    the shops.
    """
    homes: list[Home] = []
    for _ in range(HOMES_PER_HAMLET):
        for hamlet_id in hamlets.values():
            number = len(homes) + 1
            home = _home(tx, random, number, hamlet_id, now)
            homes.append(home)
    _businesses(tx, random, hamlets)
    return homes


def _home(tx: Tx, random: Random, number: int, hamlet_id: int, now: int) -> Home:
    """The household of that number, from 1."""
    poor = _drawn(random, _POOR)
    code = f"MAU-{number:03}"
    home_id = add(
        tx, households, commune_id=COMMUNE, hamlet_id=hamlet_id, code=code, poor=poor
    )
    home = Home(home_id, hamlet_id, poor)
    size = 1  # the first is a household alone, and counts as one
    if number > 1:
        size = random.choice((1, 2, 2, 3, 3, 4))
    phone_number = number if number <= WITH_PHONE else 0
    for _ in range(size):
        member = _member(tx, random, home, phone_number, now)
        home.members.append(member)
        phone_number = 0  # the others have none
    return home


def _drawn(random: Random, weights: dict[str, int]) -> str:
    """One of the keys, each as likely as its weight says."""
    (key,) = random.choices(list(weights), list(weights.values()))
    return key


def _member(tx: Tx, random: Random, home: Home, number: int, now: int) -> Member:
    """`number` above zero: holds that number of the demo block."""
    gender = random.choice("mf")
    name = _name(random, gender)
    phone = f"+84990000{number:03}" if number else None
    person_id = add(
        tx,
        people,
        commune_id=COMMUNE,
        phone=phone,
        name=name,
        folded=fold_name(name),
        hamlet_id=home.hamlet_id,
        household_id=home.id,
        origin="demo",
        made_at=now,
    )
    is_known = 0 < number <= KNOWN_BY_HEART
    handset = _register(tx, random, person_id, is_known, now)
    is_woman = gender == "f"
    return Member(person_id, name, handset, phone or "", is_woman)


def _name(random: Random, gender: str) -> str:
    family = random.choice(_FAMILY)
    middle = random.choice(_MIDDLE[gender])
    given = random.choice(_GIVEN[gender])
    return f"{family} {middle} {given}"


def _register(tx: Tx, random: Random, person_id: int, is_known: bool, now: int) -> str:
    """What the register says of handset and SIM: of some nothing, of the known ones 2G.
    The handset, or empty.
    """
    handset = _drawn(random, _HANDSETS)
    sim = random.choice(_SIM_OF[handset])
    says_handset = random.random() < 0.75
    says_sim = random.random() < 0.6
    if is_known:
        handset = sim = "2g"
        says_handset = says_sim = True
    if says_handset:
        facts.note(tx, person_id, "handset", "register", handset, now)
    if says_sim:
        facts.note(tx, person_id, "sim", "register", sim, now)
    return handset if says_handset else ""


def _businesses(tx: Tx, random: Random, hamlets: dict[str, int]) -> None:
    for hamlet, hamlet_id in hamlets.items():
        number = random.randint(1, 3)
        owners = random.sample(_GIVEN["f"], number)
        for given in owners:
            trade = random.choice(_TRADES)
            name = f"{trade} {given}, {hamlet}"
            _add_business(tx, "household_business", name, hamlet_id)
    for name in SCHOOLS:
        _add_business(tx, "school", name)
    _add_business(tx, "service_point", SERVICE_POINT, hamlets["Quảng Trung I"])
    _add_business(tx, "one_stop", ONE_STOP)


def _add_business(tx: Tx, kind: str, name: str, hamlet_id: int | None = None) -> None:
    businesses.add(tx, COMMUNE, businesses.Sought(kind, name, hamlet_id))


class Planned(NamedTuple):
    """An indicator; `percent` is the plan's figure, where it gives one."""

    id: int
    key: str
    percent: int | None


class Shops(NamedTuple):
    """How many shops a hamlet has."""

    hamlet_id: int | None
    number: int


_INDICATORS = Query(
    text("SELECT id, key, percent FROM indicators WHERE programme_id = :programme_id"),
    Planned,
)
_SHOPS = Query(
    text(
        "SELECT hamlet_id, COUNT(*) AS number FROM businesses WHERE kind = 'household_business' GROUP BY hamlet_id"
    ),
    Shops,
)


def targets(tx: Tx, homes: list[Home], hamlets: dict[str, int], today: date) -> None:
    """The plan's percentages, each of its own denominator, counted in the invented
    register; where it asks for no number, of how many it is.
    """
    rows = tx.all(_INDICATORS, programme_id=PROGRAMME)
    ids = {row.key: row.id for row in rows}
    registered_on = today - REGISTER_AGE
    as_of = registered_on.isoformat()
    for key, hamlet_id, denominator in _denominators(tx, homes, hamlets):
        goal = goals.Goal(denominator, None, REGISTER)
        goals.give(tx, ids[key], hamlet_id, goal, as_of=as_of)


# indicator, hamlet (none: the whole commune), and of how many
Denominator = tuple[str, int | None, int]


def _denominators(
    tx: Tx, homes: list[Home], hamlets: dict[str, int]
) -> Iterator[Denominator]:
    shops = {row.hamlet_id: row.number for row in tx.all(_SHOPS)}
    for hamlet_id in hamlets.values():
        here = [home for home in homes if home.hamlet_id == hamlet_id]
        yield from _of_homes(hamlet_id, here)
        yield "business_qr", hamlet_id, shops.get(hamlet_id, 0)
    yield "tuition_school", None, len(SCHOOLS)
    yield "service_point", None, 1
    yield "one_stop_qr", None, 1


def _of_homes(hamlet_id: int, homes: list[Home]) -> Iterator[Denominator]:
    """What is counted in the homes of a hamlet."""
    people_there = [member for home in homes for member in home.members]
    with_4g = sum(member.uses_4g for member in people_there)
    of_how_many = {
        "converted_household": sum(home.uses_2g for home in homes),
        "money_person": len(people_there),
        "money_household": len(homes),
        "electricity_money": len(homes),
        "tv360": len(homes),
        "app_citizen": with_4g,
        "app_kept": with_4g,
    }
    for key, number in of_how_many.items():
        yield key, hamlet_id, number
