"""Whether a text of ours reaches one resident, and when it goes: said before the button
that sends it and after.
"""

from __future__ import annotations

from typing import NamedTuple

from db.register import identity
from db.store.engine import Tx, from_ms, to_ms
from db.texts import stops
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from menus import notices
from menus.notices import Class, Kind
from menus.numbers import is_fixed_line


class Way(NamedTuple):
    """`stopped`: the number refused such texts, somebody has to call. `goes_at` is UTC
    ms, none where it goes at once.
    """

    phone: str | None  # E.164, where it takes texts
    stopped: bool = False
    goes_at: int | None = None

    @property
    def texts(self) -> bool:
        return bool(self.phone) and not self.stopped


NOWHERE = Way(None)


def way_to(
    tx: Tx, phone: str | None, kind: Kind, text_class: Class | None = None
) -> Way:
    """How a text of this kind would reach this number; of another class than its own
    where the caller sends it so.
    """
    if not phone or is_fixed_line(phone):
        return NOWHERE
    own_class, _ = notices.KINDS[kind]
    text_class = text_class or own_class
    resident = identity.who(here().settings.privacy_key, phone)
    if stops.bar(tx, resident, text_class, kind):
        return Way(phone, stopped=True)
    now = from_ms(lang.now_ms())
    goes = notices.goes_at(kind, text_class, now, now)
    return Way(phone, goes_at=to_ms(goes) if goes > now else None)


def report(done: str, way: Way) -> None:
    """What was done, and what becomes of the text about it: `done` begins the keys of
    the words.
    """
    if way.stopped:
        layout.tell(f"{done}_stopped", "warning")
    elif not way.phone:
        layout.tell(f"{done}_untold")
    elif way.goes_at:
        when = layout.stamp(way.goes_at)
        layout.tell(f"{done}_later", when=when)
    else:
        layout.tell(f"{done}_told")
