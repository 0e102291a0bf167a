"""USSD as JSON, as Hubtel speaks it: each hop carries the last key, and the end of a
call is told.
"""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request, Response

from gateway.transports.base import (
    POST,
    BadRequest,
    Carrier,
    Event,
    Forbidden,
    Inbound,
    Receipt,
    Reply,
    clean,
    dialled,
    refuse_missing,
    same_secret,
)
from settings import Settings

EVENTS: dict[str, Event] = {
    "initiation": "open",
    "response": "key",
    "release": "ended",
    "timeout": "ended",
}
NEEDED_AT_END = ("Mobile", "SessionId", "Type")
NEEDED = (*NEEDED_AT_END, "Message")


class Hubtel:
    """JSON in, JSON out. No signature: a secret in the address."""

    name = "hubtel"
    methods = POST

    def __init__(self, settings: Settings) -> None:
        self._tokens = settings.secrets_of_carrier("HUBTEL_TOKEN")

    def authenticate(self, request: Request) -> None:
        if not same_secret(request.args.get("token", ""), self._tokens):
            raise Forbidden

    def read(self, request: Request) -> Inbound:
        given = _object(request)
        event = _event(given)
        session = _text(given, "SessionId")[:64]
        message = _text(given, "Message")
        hop = _text(given, "Sequence")
        if not session:
            raise BadRequest("SessionId is empty.")
        if event == "key" and not hop:
            # without it a key pressed twice looks like one request sent twice
            raise BadRequest("Missing: Sequence.")
        code = _text(given, "ServiceCode")
        if event == "open":
            service, text = dialled(message, code)
        else:
            service, _ = dialled("", code)
            text = message
        phone = _text(given, "Mobile")
        request_id = f"{session}|{event}|{hop[:12]}"
        return Inbound(
            self.name, request_id, session, phone, text, event=event, service=service
        )

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        is_over = reply.ends or inbound is None or inbound.event == "ended"
        said = {"Type": "Release" if is_over else "Response", "Message": reply.text}
        body = json.dumps(said)
        return Response(body, content_type="application/json")

    def read_receipt(self, request: Request) -> Receipt:
        raise BadRequest("This carrier sends no receipts.")


def _object(request: Request) -> dict[str, Any]:
    try:
        given = request.get_json(force=True, silent=True)
    except RecursionError:  # a hundred thousand brackets
        given = None
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object.")
    return given


def _event(given: dict[str, Any]) -> Event:
    """What happened. Raises BadRequest where it is not told, or a field is missing that
    goes with it.
    """
    told = _text(given, "Type").lower()
    event = EVENTS.get(told)
    if event is None:
        raise BadRequest("Type must be Initiation, Response, Release or Timeout.")
    needed = NEEDED_AT_END if event == "ended" else NEEDED
    refuse_missing(name for name in needed if given.get(name) is None)
    return event


def _text(given: dict[str, Any], name: str) -> str:
    """A field as text, whether it came as text or as a number."""
    value = given.get(name)
    if not isinstance(value, str | int):
        return ""
    # JSON can hold half a letter; a database cannot
    whole = str(value).encode("utf-8", "replace").decode()
    return clean(whole).strip()


CARRIER = Carrier(Hubtel, needs=("HUBTEL_TOKEN",))
