"""A school writes to its parents, in its own name: a draft that the commune looks at
and starts. What names a product is an advert.
"""

from __future__ import annotations

import re

from werkzeug.wrappers import Response

from db.broadcasts import drafts
from db.broadcasts import school_notices as kept
from db.broadcasts.drafts import NAME_MOST, Draft
from db.broadcasts.errors import CannotDo
from db.broadcasts.rules import OF_A_CLASS
from db.reports import schools as reports
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import layout, schools
from gateway.staff.broadcasts.common import by_me, refused
from gateway.staff.gate import bp
from menus import broadcast, schooling

WORDS_MOST = 400  # letters
# Names of what somebody sells, folded. A notice that bears one is an advert, whoever
# writes it (Decree 91/2020).
_PRODUCT = re.compile(
    r"""
    \b(?:
      (?: my[ ]? )? viettel (?: [ ]?(?:money|pay|\+\+) )?
      | tv[ ]?360
      | momo
      | zalo[ ]?pay
      | vn[ ]?pay
      | mobi[ ]?money
    )\b
    """,
    re.VERBOSE,
)


def products(written: str) -> list[str]:
    """What the words sell or name for sale, as it was written; each once."""
    named = broadcast.as_written(_PRODUCT, written)
    found = named + broadcast.sells(written)
    return list(dict.fromkeys(found))


@bp.post("/schools/<int:school_id>/notice")
@layout.needs("schools")
def write_notice(school_id: int) -> layout.Page | Response:
    words = layout.a_line("words", WORDS_MOST)
    class_id = layout.a_number("class")
    with here().db.connection() as tx:
        row = schools.in_reach(tx, school_id)
        to = _to(tx, row, class_id)
    found = products(words)
    text_class = "advert" if found else "notice"
    name = f"{to}: {words}"[:NAME_MOST]
    signed = schooling.signed(words, row.name)
    draft = Draft(name, text_class, signed, rule={"school": [to]})

    def write(tx: Tx) -> int:
        made = drafts.create(tx, draft, **by_me())
        kept.note(tx, made, school_id=school_id)
        detail = f"school {school_id}, broadcast {made}"
        layout.note_act(tx, "school_notice", detail=detail)
        return made

    try:
        made = here().db.again(write)
    except CannotDo as problem:
        refused(problem)
        return schools.school_page(school_id, 400)
    if found:
        layout.tell("school_notice_advert", "warning", what=", ".join(found))
    if layout.may("broadcasts"):
        return layout.see("staff.broadcast_audience", broadcast_id=made)
    layout.tell("school_notice_written")
    return layout.see("staff.school", school_id=school_id, _anchor="notices")


def _to(tx: Tx, row: reports.School, class_id: int | None) -> str:
    """As the rule of a broadcast names the whole school, or one of its classes. 404 for
    another school's.
    """
    if class_id is None:
        return row.name
    one = schools.class_of(tx, row.id, class_id)
    return f"{row.name}{OF_A_CLASS}{one.name}"
