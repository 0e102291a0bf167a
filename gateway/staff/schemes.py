"""The support schemes of the commune: entering, changing and ending one, with the texts
as residents would get them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import abort, request
from werkzeug.wrappers import Response

from db.places import communes, schemes
from db.places.commune_setup import Refused
from db.reports import places
from db.store.engine import Tx
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout
from gateway.staff.gate import bp
from gateway.staff.setup import change
from menus import days, notices
from menus.fitting import Cost, cost, fold, septets
from menus.port import PARTY_MOST, Commune

# the confirmation, and the longest of the others
_KINDS: tuple[notices.Kind, ...] = (
    "booked",
    "reminder_1d",
)
_LONGEST = [
    days.at_local(date(2024, 12, day), clock)
    for day in range(23, 30)
    for clock in ("10:30", "12:30", "14:30")
]
_EMPTY = schemes.Plan("", "", "", ("2g",), (), (), "any", True, None, "", "")


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as it would go out at its longest: without tone marks, at the longest hall
    and hour.
    """

    kind: str
    language: str
    text: str
    cost: Cost


@bp.get("/setup/schemes/new")
@layout.needs("setup")
def scheme_new() -> layout.Page:
    return _form(None, _EMPTY, 200)


@bp.get("/setup/schemes/<int:scheme_id>")
@layout.needs("setup")
def scheme(scheme_id: int) -> layout.Page:
    row = _row(scheme_id)
    return _form(row, schemes.plan_of(row), 200)


def _row(scheme_id: int) -> schemes.Stored:
    with here().db.connection() as tx:
        found = schemes.one(tx, layout.staff().commune_id, scheme_id)
    if found is None:
        abort(404)
    return found


def _form(row: schemes.Stored | None, plan: schemes.Plan, status: int) -> layout.Page:
    commune_id = layout.staff().commune_id
    today = lang.current_day()
    samples: list[Sample] = []
    with here().db.connection() as tx:
        hamlets = places.hamlets_of(tx, commune_id)
        if plan.bring and plan.bring_en:
            samples = _samples(tx, plan, today)
    return layout.page(
        "setup_scheme",
        status,
        scheme=row,
        plan=plan,
        hamlets=hamlets,
        samples=samples,
        today=today,
        handsets=schemes.HANDSETS,
        sims=schemes.SIMS,
        poor=schemes.POOR,
        most=schemes.BRING_MOST,
    )


def _samples(tx: Tx, plan: schemes.Plan, today: str) -> list[Sample]:
    """What the confirmation and the reminder would cost with this to bring, at the
    worst.
    """
    commune = communes.named(tx, layout.staff().commune_id, today)
    halls = places.halls_of(tx, commune.id)
    longest_hall = max([fold(hall.name) for hall in halls], key=len, default="")
    bring_in = {"vi": plan.bring, "en": plan.bring_en}
    samples = []
    for language, bring in bring_in.items():
        for kind in _KINDS:
            text = _longest_text(kind, language, commune, longest_hall, bring)
            sample = Sample(kind, language, text, cost(text))
            samples.append(sample)
    return samples


def _longest_text(
    kind: notices.Kind, language: str, commune: Commune, hall: str, bring: str
) -> str:
    """Without tone marks, at whichever day and hour takes most."""
    texts = []
    for starts in _LONGEST:
        said = notices.text(
            kind,
            language,
            commune=commune.name,
            number=commune.sms_number,
            starts=starts,
            places=PARTY_MOST,
            hall=hall,
            code="48215",
            bring=bring,
        )
        texts.append(fold(said))
    return max(texts, key=septets)


@bp.post("/setup/schemes/new", defaults={"scheme_id": None})
@bp.post("/setup/schemes/<int:scheme_id>")
@layout.needs("setup")
def save_scheme(scheme_id: int | None) -> Response | layout.Page:
    row = _row(scheme_id) if scheme_id is not None else None
    plan = _typed()
    if request.form.get("look"):
        return _form(row, plan, 200)
    commune_id = layout.staff().commune_id
    try:
        _refuse_bad_stock(plan)
        made = change(
            f"scheme {plan.name}",
            lambda tx: schemes.save(tx, commune_id, plan, scheme_id),
        )
    except Refused as problem:
        layout.tell(problem.key, "danger", **problem.values)
        return _form(row, plan, 400)
    layout.tell("saved")
    return layout.see("staff.scheme", scheme_id=made)


def _refuse_bad_stock(plan: schemes.Plan) -> None:
    """Raises Refused where something was typed that is no number."""
    typed = request.form.get("stock", "").strip()
    if typed and plan.stock is None:
        raise Refused("setup_bad_stock")


def _typed() -> schemes.Plan:
    ticked = request.form.getlist("hamlets")
    commune_id = layout.staff().commune_id
    with here().db.connection() as tx:
        ours = [hamlet.id for hamlet in places.hamlets_of(tx, commune_id)]
    chosen = [hamlet_id for hamlet_id in ours if str(hamlet_id) in ticked]
    return schemes.Plan(
        name=layout.a_line("name"),
        opens=layout.a_line("opens", 10),
        closes=layout.a_line("closes", 10),
        handsets=request.form.getlist("handsets"),
        sims=request.form.getlist("sims"),
        hamlets=sorted(chosen),
        poor=layout.a_line("poor", 8),
        one_per_household=bool(request.form.get("one_per_household")),
        stock=layout.a_number("stock"),
        bring=layout.a_line("bring", 80),
        bring_en=layout.a_line("bring_en", 80),
    )


@bp.post("/setup/schemes/<int:scheme_id>/end")
@layout.needs("setup")
def end_scheme(scheme_id: int) -> Response:
    row = _row(scheme_id)
    today = lang.current_day()
    change(f"scheme ended {row.name}", lambda tx: schemes.end(tx, row, today))
    layout.tell("setup_ended", name=row.name)
    return layout.see("staff.setup_page")
