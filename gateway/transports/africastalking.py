"""USSD over HTTP as Africa's Talking speaks it, and many aggregators with it."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from gateway.transports.base import (
    POST,
    BadRequest,
    Carrier,
    Forbidden,
    Inbound,
    Receipt,
    Reply,
    required,
    same_secret,
)
from settings import Settings


class AfricasTalking:
    """A form in, `CON` or `END` out. No signature: a secret in the address."""

    name = "africastalking"
    methods = POST

    def __init__(self, settings: Settings) -> None:
        self._tokens = settings.secrets_of_carrier("AFRICASTALKING_TOKEN")

    def authenticate(self, request: Request) -> None:
        if not same_secret(request.args.get("token", ""), self._tokens):
            raise Forbidden

    def read(self, request: Request) -> Inbound:
        return read_call(self.name, request)

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        word = "END" if reply.ends else "CON"
        return Response(
            f"{word} {reply.text}", content_type="text/plain; charset=utf-8"
        )

    def read_receipt(self, request: Request) -> Receipt:
        raise BadRequest("This carrier sends no receipts.")


def read_call(carrier: str, request: Request) -> Inbound:
    """One hop of a call. The text is cumulative, so the text itself tells one hop from
    another.
    """
    form = request.form
    session, phone = required(form, "sessionId", "phoneNumber")
    if "text" not in form and "status" in form:  # told afterwards that the call is over
        return Inbound(carrier, "ended", session, phone, "", event="ended")
    service, text = required(form, "serviceCode", "text")
    if not session:
        raise BadRequest("sessionId is empty.")
    return Inbound(
        carrier,
        f"{session}|{text}",
        session,
        phone,
        text,
        cumulative=True,
        event="key" if text else "open",
        service=service,
    )


CARRIER = Carrier(AfricasTalking, needs=("AFRICASTALKING_TOKEN",))
