"""Shops, schools, service points and the one-stop office: what each can earn, logged with one tap."""

from __future__ import annotations

from itertools import groupby

from flask import abort, url_for
from werkzeug.wrappers import Response

from db.register import businesses as register
from db.reports import people, places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import layout
from gateway.staff.gate import bp
from gateway.staff.today import log_tapped

KINDS = ("household_business", "school", "service_point", "one_stop")


@bp.get("/businesses/")
@layout.needs("businesses")
def businesses() -> layout.Page:
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        found = people.businesses_of(tx, commune_id=commune_id, hamlet_id=layout.scope())
        hamlets = [row for row in places.hamlets_of(tx, commune_id) if layout.scope() in (None, row.id)]
        indicators = {row.id: row for row in places.indicators_of(tx, commune_id)}
    groups = [(kind, list(of_kind)) for kind, of_kind in groupby(found, key=lambda row: row.kind)]
    return layout.page(
        "businesses", groups=groups, hamlets=hamlets, kinds=KINDS, indicators=indicators, key=layout.form_key()
    )


@bp.post("/businesses/")
@layout.needs("businesses")
def add_business() -> Response:
    kind, name = layout.a_line("kind", 20), layout.a_line("name", 120)
    hamlet_id = layout.scope() or layout.a_number("hamlet")
    commune_id = layout.staff().commune_id
    if not name or kind not in KINDS:
        layout.tell("name_needed", "danger")
        return layout.back(url_for("staff.businesses"))

    def work(tx: Tx) -> int | None:
        if hamlet_id is not None and hamlet_id not in [row.id for row in places.hamlets_of(tx, commune_id)]:
            abort(400)
        return register.add(tx, commune_id=commune_id, hamlet_id=hamlet_id, kind=kind, name=name)

    if (made := here().db.again(work)) is None:
        layout.tell("business_listed_before", "warning", name=name)
        return layout.back(url_for("staff.businesses"))
    layout.tell("business_added", name=name)
    return layout.back(url_for("staff.businesses"), f"u{made}")


@bp.post("/businesses/<int:business_id>/log")
@layout.needs("log")
def log_business(business_id: int) -> Response:
    def work(tx: Tx) -> None:
        mine = people.businesses_of(tx, commune_id=layout.staff().commune_id, hamlet_id=layout.scope())
        if not any(row.id == business_id for row in mine):
            abort(404)
        log_tapped(tx, "business", business_id)

    here().db.again(work)
    return layout.back(url_for("staff.businesses"), f"u{business_id}")
