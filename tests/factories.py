"""Small builders of what a test needs; the commune, the programme and the indicators
are in every migrated database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Table, insert, select, text

from db.models import bookings as booked
from db.models import (
    businesses,
    commune_names,
    communes,
    consents,
    events,
    halls,
    hamlets,
    households,
    indicators,
    programmes,
    slots,
)
from db.models import people as people_table
from db.office import accounts
from db.register import facts, identity, people
from db.seats import bookings
from db.seats.bookings import Taken
from db.store.engine import Tx, to_ms
from db.store.statements import Row
from db.texts import wishes
from menus import days

COMMUNE = PROGRAMME = 1
_number = count(1)


@dataclass(frozen=True, slots=True)
class Event:
    """`slots` are ids in order of time."""

    id: int
    slots: tuple[int, ...]


def insert_row(tx: Tx, table: Table, **values: object) -> int:
    return int(tx.value(insert(table).values(**values).returning(table.c.id)))


def phone(number: int) -> str:
    """A number of the demo block."""
    return f"+84990000{number:03}"


def hamlet(tx: Tx, name: str = "Quảng Trung I", position: int = 1) -> int:
    return insert_row(tx, hamlets, commune_id=COMMUNE, name=name, position=position)


def hall(tx: Tx, hamlet_id: int | None = None, name: str = "NVH Quảng Trung I") -> int:
    return insert_row(tx, halls, commune_id=COMMUNE, hamlet_id=hamlet_id, name=name)


def household(tx: Tx, hamlet_id: int, code: str = "", poor: str = "no") -> int:
    code = code or f"HO-{next(_number)}"
    return insert_row(
        tx, households, commune_id=COMMUNE, hamlet_id=hamlet_id, code=code, poor=poor
    )


def business(
    tx: Tx,
    hamlet_id: int | None = None,
    kind: str = "household_business",
    name: str = "Tạp hóa Hoa",
) -> int:
    return insert_row(
        tx,
        businesses,
        commune_id=COMMUNE,
        hamlet_id=hamlet_id,
        kind=kind,
        name=name,
        folded=people.fold_name(name),
    )


def event_with_slots(
    tx: Tx,
    *,
    hall_id: int,
    starts: datetime,
    slots_: int = 1,
    minutes: int = 30,
    capacity: int = 1,
    **said: object,
) -> Event:
    """An open event whose first slot begins at `starts` (aware); `said` are columns of
    its own.
    """
    day = days.today(starts).isoformat()
    event_id = insert_row(
        tx,
        events,
        programme_id=PROGRAMME,
        commune_id=COMMUNE,
        hall_id=hall_id,
        day=day,
        **said,
    )
    made = []
    for place in range(slots_):
        begins = starts + place * timedelta(minutes=minutes)
        ends = to_ms(begins + timedelta(minutes=minutes))
        made.append(
            insert_row(
                tx,
                slots,
                event_id=event_id,
                starts_at=to_ms(begins),
                ends_at=ends,
                capacity=capacity,
            )
        )
    return Event(event_id, tuple(made))


def person(
    tx: Tx,
    *,
    number: int | None = None,
    name: str = "",
    hamlet_id: int | None = None,
    household_id: int | None = None,
    handset: str = "",
    now: int = 0,
) -> int:
    """`number` is the place in the demo block; none: a person without a phone.
    `handset` is the register's word.
    """
    at = phone(number) if number is not None else None
    known = people.ensure(
        tx,
        commune_id=COMMUNE,
        phone=at,
        now=now,
        origin="register",
        name=name,
        hamlet_id=hamlet_id,
    )
    made = int(known.id)
    if household_id is not None:
        tx.run(
            people_table.update()
            .where(people_table.c.id == made)
            .values(household_id=household_id)
        )
    if handset:
        facts.note(tx, made, "handset", "register", handset, now)
    return made


def booking(
    tx: Tx, *, slot_id: int, person_id: int, now: int, origin: str = "ussd"
) -> Taken:
    """A seat taken by the person's own phone."""
    return bookings.book(
        tx,
        slot_id=slot_id,
        person_id=person_id,
        booker_id=person_id,
        now=now,
        origin=origin,
    )


def commune(tx: Tx, *, name: str, code: str, number: str) -> int:
    """A second commune with a programme of its own."""
    made = insert_row(tx, communes, service_code=code, sms_number=number)
    insert_row(
        tx,
        commune_names,
        commune_id=made,
        since="2000-01-01",
        name=name,
        parent="tỉnh Lạng Sơn",
    )
    insert_row(tx, programmes, commune_id=made, key="4g", name="Đổi máy 2G lên 4G")
    return made


def promised(
    tx: Tx,
    *,
    slot_id: int,
    person_id: int,
    status: str,
    now: int,
    until: int | None = None,
    code: str = "20000",
) -> int:
    """A hold, an offer or somebody who waits, as if the rules had allowed it; the row's
    id.
    """
    return insert_row(
        tx,
        booked,
        programme_id=PROGRAMME,
        slot_id=slot_id,
        person_id=person_id,
        booker_id=person_id,
        status=status,
        code=code,
        origin="ussd",
        until=until,
        made_at=now,
        changed_at=now,
    )


def agreed(
    tx: Tx,
    key: str,
    person_id: int,
    *,
    number: int,
    now: int,
    purpose: str = "booking",
    channel: str = "sms",
    answer: str = "1",
) -> int:
    """A consent by the phone with that place in the demo block; the id of its line in
    the register.
    """
    return wishes.agreed(
        tx,
        who=identity.who(key, phone(number)),
        person_id=person_id,
        purpose=purpose,
        prompt="p",
        channel=channel,
        answer=answer,
        now=now,
    )


def consent(
    tx: Tx, person_id: int, *, purpose: str = "advert", answer: str = "D", now: int = 1
) -> int:
    """A consent without its line in the register, as they were kept before there was
    one; the row's id.
    """
    return insert_row(
        tx,
        consents,
        person_id=person_id,
        purpose=purpose,
        prompt="p",
        channel="sms",
        answer=answer,
        at=now,
    )


def staff(
    tx: Tx,
    *,
    username: str = "can-bo",
    password: str = "mot mat khau dai",
    role: str = "commune",
    hamlet_id: int | None = None,
    now: int = 0,
) -> int:
    return accounts.add(
        tx,
        commune_id=COMMUNE,
        username=username,
        password=password,
        role=role,
        hamlet_id=hamlet_id,
        name="",
        now=now,
    )


def indicator(tx: Tx, key: str) -> int:
    return int(tx.value(select(indicators.c.id).where(indicators.c.key == key)))


def facts_of(tx: Tx, person_id: int, source: str) -> dict[str, str]:
    """What one source says of a person, by kind."""
    said = text(
        "SELECT kind, value FROM facts WHERE person_id = :person_id AND source = :source"
    )
    return {
        row.kind: row.value for row in tx.all(said, person_id=person_id, source=source)
    }


def rows(tx: Tx, sql: str, **values: object) -> list[Row]:
    """What a question in SQL yields."""
    return list(tx.all(text(sql), **values))
