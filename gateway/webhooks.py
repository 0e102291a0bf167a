"""Where carriers knock: authenticate, read, act, answer. Nothing is kept of a request that fails its authentication."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request

from db import outbox
from db.engine import to_ms
from gateway.context import here
from gateway.conversation import Conversation
from gateway.transports.base import BadRequest, Forbidden, Inbound, Reply, Transport
from menus import words
from menus.fitting import on_wire
from menus.numbers import NotAMobile, masked, mobile

bp = Blueprint("webhooks", __name__)
log = logging.getLogger(__name__)


@bp.post("/ussd/<carrier>")
def ussd(carrier: str) -> Response:
    return _hear(carrier, here().settings.ussd_carriers)


@bp.post("/sms/<carrier>")
def sms(carrier: str) -> Response:
    return _hear(carrier, here().settings.sms_carriers)


@bp.post("/receipts/<carrier>")
def receipts(carrier: str) -> Response:
    """What became of a text; the same receipt twice, or one for a text we do not know, changes nothing."""
    transport = _transport(carrier, (*here().settings.sms_carriers, *here().settings.sms_senders))
    try:
        transport.authenticate(request)
        receipt = transport.read_receipt(request)
    except Forbidden:
        abort(403)
    except BadRequest as problem:
        return _plain(str(problem), 400)
    if receipt.message_id is not None and receipt.message_id < 2**63:
        now = to_ms(datetime.now(UTC))
        with here().db.transaction() as tx:
            outbox.record_receipt(tx, receipt.message_id, status=receipt.status, reason=receipt.reason, now=now)
    return _plain("", 200)


def _hear(carrier: str, enabled: tuple[str, ...]) -> Response:
    transport = _transport(carrier, enabled)
    inbound: Inbound | None = None
    try:
        transport.authenticate(request)
        inbound = transport.read(request)
        phone = mobile(inbound.phone)
    except Forbidden:
        abort(403)
    except BadRequest as problem:
        return _plain(str(problem), 400)
    except NotAMobile:
        log.info(
            "not a mobile: %s %s", carrier, masked(request.form.get("phoneNumber") or request.form.get("From", ""))
        )
        sentence = on_wire(words.say(words.VIETNAMESE, "not_a_mobile"), False)
        answer = transport.answer(Reply(sentence), inbound)
        answer.status_code = 400
        return answer
    conversation: Conversation = here().conversation
    return transport.answer(conversation.hear(inbound, phone, datetime.now(UTC)), inbound)


def _transport(carrier: str, enabled: tuple[str, ...]) -> Transport:
    """The carrier of this name, if it is switched on for this way in; 404 otherwise."""
    simulated = carrier == "simulator" and here().settings.simulator
    transport = here().transports.get(carrier)
    if transport is None or not (simulated or carrier in enabled):
        abort(404)
    return transport


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
