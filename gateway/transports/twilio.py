"""SMS through Twilio: signed webhooks in, TwiML out, REST for texts that we start, receipts by our own message id."""

from __future__ import annotations

from urllib.parse import urlencode

from requests import exceptions as http
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.wrappers import Request, Response

from gateway.transports.base import (
    POST,
    BadNumber,
    BadRequest,
    Forbidden,
    Inbound,
    Outbound,
    Receipt,
    Rejected,
    Reply,
    SendError,
    Status,
    Stopped,
    Throttled,
    Uncertain,
    Unreachable,
    required,
)
from menus.fitting import SMS
from settings import Settings

SECONDS_TO_ANSWER = 10.0

# https://www.twilio.com/docs/api/errors
ERRORS: dict[int, type[SendError]] = {
    20429: Throttled,
    21211: BadNumber,
    21408: Rejected,
    21610: Stopped,
    21612: BadNumber,
    21614: BadNumber,
    30001: Throttled,
    30003: Unreachable,
    30004: Stopped,
    30005: BadNumber,
    30006: BadNumber,
    30007: Rejected,
}
STATUSES: dict[str, Status] = {
    "queued": "SENT",
    "sending": "SENT",
    "sent": "SENT",
    "delivered": "DELIVERED",
    "undelivered": "FAILED",
    "failed": "FAILED",
}


class Twilio:
    """The way in. The signed address is PUBLIC_URL plus the raw path and query, whatever proxies did to the rest."""

    name = "twilio"
    methods = POST

    def __init__(self, settings: Settings) -> None:
        self._public = settings.public_url
        self._validators = [RequestValidator(token) for token in settings.twilio_auth_token]

    def authenticate(self, request: Request) -> None:
        query = request.query_string.decode("latin-1")
        path = request.environ.get("RAW_URI") or request.path + (f"?{query}" if query else "")
        signature = request.headers.get("X-Twilio-Signature", "")
        if not any([v.validate(self._public + path, request.form, signature) for v in self._validators]):
            raise Forbidden

    def read(self, request: Request) -> Inbound:
        message, phone, to, text = required(request.form, "MessageSid", "From", "To", "Body")
        if not message:
            raise BadRequest("MessageSid is empty.")
        return Inbound(self.name, message[:80], "", phone, text, service=to, budget=SMS)

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        twiml = MessagingResponse()
        if reply.text:
            twiml.message(reply.text)
        return Response(str(twiml), content_type="application/xml; charset=utf-8")

    def read_receipt(self, request: Request) -> Receipt:
        (status,) = required(request.form, "MessageStatus")
        message = request.args.get("message", "")
        if status not in STATUSES or not message.isdecimal():
            raise BadRequest("Unknown MessageStatus, or no message in the address.")
        code = request.form.get("ErrorCode", "")
        return Receipt(int(message), request.form.get("MessageSid"), STATUSES[status], f"Twilio {code}" if code else "")


class TwilioSender:
    """The way out. A repeat is not safe: Twilio has no key of ours to tell one text from its double."""

    name = "twilio"
    repeat_is_safe = False
    at_once = 8

    def __init__(self, settings: Settings) -> None:
        http_client = TwilioHttpClient(timeout=SECONDS_TO_ANSWER, max_retries=0)
        self._client = Client(settings.twilio_account_sid, settings.twilio_auth_token[0], http_client=http_client)
        if settings.twilio_api_base:
            self._client.api.base_url = settings.twilio_api_base
        self._from = settings.twilio_from
        self._receipts = f"{settings.public_url}/receipts/twilio"

    def send(self, outbound: Outbound) -> str | None:
        callback = f"{self._receipts}?{urlencode({'message': outbound.id})}"
        try:
            message = self._client.messages.create(
                to=outbound.to, from_=self._from, body=outbound.text, status_callback=callback
            )
        except TwilioRestException as problem:
            raise _error(problem.code, problem.status)(f"Twilio {problem.code or problem.status}") from problem
        except http.ConnectTimeout as problem:
            raise Unreachable("no connection in time") from problem
        except http.ConnectionError as problem:
            raise (Uncertain if _was_written(problem) else Unreachable)("connection failed") from problem
        except http.RequestException as problem:
            raise Uncertain("no answer") from problem
        except (ValueError, AttributeError, TypeError) as problem:  # taken, by a body the library cannot read
            raise Uncertain("unreadable answer") from problem
        if not message.sid:
            raise Uncertain("no id in the answer")
        return str(message.sid)


def _error(code: int | None, status: int) -> type[SendError]:
    if code in ERRORS:
        return ERRORS[code]
    if status == 429:
        return Throttled
    return Uncertain if status >= 500 else Rejected


def _was_written(problem: http.ConnectionError) -> bool:
    """Did the request leave before the link broke? Only a failure to connect at all proves that it did not."""
    return "NewConnectionError" not in repr(problem) and "NameResolutionError" not in repr(problem)
