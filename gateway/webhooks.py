"""Where carriers knock: authenticate, read, act, answer. Nothing is kept of a request
that fails its authentication.

It stands in front of Flask: a carrier has no cookie, no page and no form of ours, so it
need not pay for them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug import exceptions
from werkzeug.wrappers import Request, Response

from db.store.engine import to_ms
from db.texts import outbox
from gateway.context import Context
from gateway.transports.base import (
    BadRequest,
    Forbidden,
    Inbound,
    Reply,
    Silence,
    Transport,
)
from menus import words
from menus.fitting import on_wire
from menus.numbers import NotAMobile, masked, mobile

BODY_MOST = 64 * 1024  # bytes
log = logging.getLogger(__name__)


class CarrierRequest(Request):
    """A carrier's request. Raises RequestEntityTooLarge where its body is read."""

    max_content_length = max_form_memory_size = BODY_MOST


class Webhooks:
    """`/ussd/…`, `/sms/…` and `/receipts/…`, each with a carrier's name; whatever else
    is asked goes on to `desk`.
    """

    def __init__(self, desk: WSGIApplication, context: Context) -> None:
        self._desk = desk
        self._context = context
        settings = context.settings
        self._enabled = {
            "ussd": settings.ussd_carriers,
            "sms": settings.sms_carriers,
            "receipts": (*settings.sms_carriers, *settings.all_senders),
        }

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        way, _, carrier = environ["PATH_INFO"][1:].partition("/")
        if way not in self._enabled:
            return self._desk(environ, start_response)
        request = CarrierRequest(environ)
        response = self._answer(request, way, carrier)
        return response(environ, start_response)

    def _answer(self, request: Request, way: str, carrier: str) -> Response:
        try:
            transport = self._transport(request, way, carrier)
            if way == "receipts":
                return self._receipt(request, transport)
            return self._hear(request, transport)
        except Forbidden:
            return _refusal(exceptions.Forbidden(), request)
        except BadRequest as problem:
            return _plain(str(problem), 400)
        except exceptions.HTTPException as refused:
            return _refusal(refused, request)
        except Exception:
            log.exception("a webhook failed: %s %s", way, carrier)
            return _refusal(exceptions.InternalServerError(), request)

    def _transport(self, request: Request, way: str, carrier: str) -> Transport:
        """The carrier of this name, if it is switched on for this way in. Raises
        NotFound, MethodNotAllowed.
        """
        transport = self._context.transports.get(carrier)
        if transport is None or not self._is_enabled(way, carrier):
            raise exceptions.NotFound
        if request.method not in transport.methods:
            # HEAD above all: whoever only looks must not act
            raise exceptions.MethodNotAllowed(transport.methods)
        return transport

    def _is_enabled(self, way: str, carrier: str) -> bool:
        if carrier == "simulator" and self._context.settings.simulator:
            return True
        return carrier in self._enabled[way]

    def _hear(self, request: Request, transport: Transport) -> Response:
        inbound: Inbound | None = None
        try:
            transport.authenticate(request)
            inbound = transport.read(request)
            phone = mobile(inbound.phone, old=False)
        except Silence:
            return transport.answer(Reply(""), None)
        except NotAMobile:
            log.info(
                "not a mobile: %s %s",
                transport.name,
                masked(inbound.phone if inbound else ""),
            )
            said = words.say(words.VIETNAMESE, "not_a_mobile")
            answer = transport.answer(Reply(on_wire(said, False)), inbound)
            answer.status_code = 400
            return answer
        reply = self._context.conversation.hear(inbound, phone, datetime.now(UTC))
        return transport.answer(reply, inbound)

    def _receipt(self, request: Request, transport: Transport) -> Response:
        """What became of a text; the same receipt twice, or one for a text we do not
        know, changes nothing.
        """
        transport.authenticate(request)
        receipt = transport.read_receipt(request)
        message_id = receipt.message_id
        if message_id is not None and message_id < 2**63:
            now = to_ms(datetime.now(UTC))
            with self._context.db.transaction() as tx:
                outbox.record_receipt(
                    tx,
                    message_id,
                    status=receipt.status,
                    reason=receipt.reason,
                    now=now,
                )
        return _plain("", 200)


def _refusal(problem: exceptions.HTTPException, request: Request) -> Response:
    return Response.force_type(problem.get_response(), request.environ)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
