"""Shops, schools, service points and the one-stop office: what each can earn, logged with one tap."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import abort, url_for
from werkzeug.wrappers import Response

from db import office
from db.engine import Tx
from db.reports import people, places
from gateway.context import here
from gateway.staff import bp, frame
from gateway.staff.today import log_tapped

KINDS = ("household_business", "school", "service_point", "one_stop")


@bp.get("/businesses/")
@frame.needs("businesses")
def businesses() -> Any:
    commune_id = frame.staff().commune_id
    with here().db.connection() as tx:
        found = people.businesses_of(tx, commune_id=commune_id, hamlet_id=frame.scope())
        hamlets = [row for row in places.hamlets_of(tx, commune_id) if frame.scope() in (None, row.id)]
        indicators = {row.id: row for row in places.indicators_of(tx, commune_id)}
    groups = [(kind, list(of_kind)) for kind, of_kind in groupby(found, key=lambda row: row.kind)]
    return frame.page(
        "businesses", groups=groups, hamlets=hamlets, kinds=KINDS, indicators=indicators, key=frame.form_key()
    )


@bp.post("/businesses/")
@frame.needs("businesses")
def add_business() -> Response:
    kind, name = frame.a_line("kind", 20), frame.a_line("name", 120)
    hamlet_id = frame.scope() or frame.a_number("hamlet")
    commune_id = frame.staff().commune_id
    if not name or kind not in KINDS:
        frame.tell("name_needed", "danger")
        return frame.back(url_for("staff.businesses"))

    def work(tx: Tx) -> int | None:
        if hamlet_id is not None and hamlet_id not in [row.id for row in places.hamlets_of(tx, commune_id)]:
            abort(400)
        return office.add_business(tx, commune_id=commune_id, hamlet_id=hamlet_id, kind=kind, name=name)

    if (made := here().db.again(work)) is None:
        frame.tell("business_listed_before", "warning", name=name)
        return frame.back(url_for("staff.businesses"))
    frame.tell("business_added", name=name)
    return frame.back(url_for("staff.businesses"), f"u{made}")


@bp.post("/businesses/<int:business_id>/log")
@frame.needs("log")
def log_business(business_id: int) -> Response:
    def work(tx: Tx) -> None:
        mine = people.businesses_of(tx, commune_id=frame.staff().commune_id, hamlet_id=frame.scope())
        if not any(row.id == business_id for row in mine):
            abort(404)
        log_tapped(tx, "business", business_id)

    here().db.again(work)
    return frame.back(url_for("staff.businesses"), f"u{business_id}")
