"""Where carriers knock: authenticate, read, act, answer. Nothing is kept of a request that fails its authentication."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Blueprint, Request, Response, abort, request

from db import outbox
from db.engine import to_ms
from gateway.context import Context, here
from gateway.transports.base import BadRequest, Forbidden, Inbound, Reply, Silence, Transport
from menus import words
from menus.fitting import on_wire
from menus.numbers import NotAMobile, masked, mobile

bp = Blueprint("webhooks", __name__)
log = logging.getLogger(__name__)


@bp.post("/ussd/<carrier>")
def ussd(carrier: str) -> Response:
    context = here()
    return _hear(context, carrier, context.settings.ussd_carriers)


@bp.route("/sms/<carrier>", methods=["GET", "POST"])
def sms(carrier: str) -> Response:
    context = here()
    return _hear(context, carrier, context.settings.sms_carriers)


@bp.route("/receipts/<carrier>", methods=["GET", "POST"])
def receipts(carrier: str) -> Response:
    """What became of a text; the same receipt twice, or one for a text we do not know, changes nothing."""
    context = here()
    transport = _transport(context, carrier, (*context.settings.sms_carriers, *context.settings.sms_senders))
    try:
        transport.authenticate(request)
        receipt = transport.read_receipt(request)
    except Forbidden:
        abort(403)
    except BadRequest as problem:
        return _plain(str(problem), 400)
    if receipt.message_id is not None and receipt.message_id < 2**63:
        now = to_ms(datetime.now(UTC))
        with context.db.transaction() as tx:
            outbox.record_receipt(tx, receipt.message_id, status=receipt.status, reason=receipt.reason, now=now)
    return _plain("", 200)


def _hear(context: Context, carrier: str, enabled: tuple[str, ...]) -> Response:
    transport = _transport(context, carrier, enabled)
    inbound: Inbound | None = None
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # each look through the proxy costs
    try:
        transport.authenticate(asked)
        inbound = transport.read(asked)
        phone = mobile(inbound.phone)
    except Forbidden:
        abort(403)
    except BadRequest as problem:
        return _plain(str(problem), 400)
    except Silence:
        return transport.answer(Reply(""), None)
    except NotAMobile:
        log.info(
            "not a mobile: %s %s", carrier, masked(request.form.get("phoneNumber") or request.form.get("From", ""))
        )
        sentence = on_wire(words.say(words.VIETNAMESE, "not_a_mobile"), False)
        answer = transport.answer(Reply(sentence), inbound)
        answer.status_code = 400
        return answer
    return transport.answer(context.conversation.hear(inbound, phone, datetime.now(UTC)), inbound)


def _transport(context: Context, carrier: str, enabled: tuple[str, ...]) -> Transport:
    """The carrier of this name, if it is switched on for this way in; 404 otherwise."""
    simulated = carrier == "simulator" and context.settings.simulator
    transport = context.transports.get(carrier)
    if transport is None or not (simulated or carrier in enabled):
        abort(404)
    if request.method not in transport.methods:  # HEAD above all: whoever only looks must not act
        abort(405)
    return transport


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
