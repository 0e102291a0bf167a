"""The carrier inside the house: the browser handset calls it, a demo sends through it,
nobody is texted.
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from gateway.transports.africastalking import AfricasTalking, read_call
from gateway.transports.base import (
    BadRequest,
    Carrier,
    Inbound,
    Outbound,
    Receipt,
    Reply,
    Status,
    required,
)
from menus.fitting import SMS
from settings import Settings

STATUSES: dict[str, Status] = {
    "delivered": "DELIVERED",
    "failed": "FAILED",
    "sent": "SENT",
}


class Simulator(AfricasTalking):
    """USSD as Africa's Talking speaks it; SMS as `from, text, id`, answered in plain
    text.
    """

    name = "simulator"

    def authenticate(self, request: Request) -> None:
        """Open to all: it exists only where SIMULATOR is on, which a live installation
        refuses.
        """

    def read(self, request: Request) -> Inbound:
        if "sessionId" in request.form or request.path.startswith("/ussd/"):
            return read_call(self.name, request)
        phone, text, message = required(request.form, "from", "text", "id")
        if not message:
            raise BadRequest("id is empty.")
        return Inbound(self.name, message[:80], "", phone, text, budget=SMS)

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        if inbound is None or inbound.session:
            return super().answer(reply, inbound)
        return Response(reply.text, content_type="text/plain; charset=utf-8")

    def read_receipt(self, request: Request) -> Receipt:
        message, status = required(
            {**request.args, **request.form}, "message", "status"
        )
        if not message.isdecimal() or status not in STATUSES:
            raise BadRequest(
                "message must be a number, status delivered, failed or sent."
            )
        return Receipt(int(message), None, STATUSES[status])


class SimulatorSender:
    """The handset on the page reads its texts from the database, so taking one is all
    there is to do.
    """

    name = "simulator"
    repeat_is_safe = True
    at_once = 50

    def __init__(self, settings: Settings) -> None:
        pass

    def send(self, outbound: Outbound) -> str | None:
        return f"sim-{outbound.id}"


CARRIER = Carrier(Simulator, SimulatorSender)
