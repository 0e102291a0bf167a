"""SMS through Twilio: signed webhooks in, TwiML out, REST for texts that we start,
receipts by our own message id.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse
from urllib3 import make_headers
from werkzeug.wrappers import Request, Response

from gateway.transports.base import (
    POST,
    BadNumber,
    BadRequest,
    Carrier,
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
from gateway.transports.line import Line, seconds_left
from menus.fitting import SMS
from settings import Settings

API = "https://api.twilio.com"
SECONDS_TO_ANSWER = 10.0
LONGEST_VALIDITY = 36_000  # seconds; https://www.twilio.com/docs/api/errors/90007

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
    """The way in. The signed address is PUBLIC_URL plus the raw path and query,
    whatever proxies did to the rest.
    """

    name = "twilio"
    methods = POST

    def __init__(self, settings: Settings) -> None:
        self._public = settings.public_url
        tokens = settings.secrets_of_carrier("TWILIO_AUTH_TOKEN")
        self._validators = [RequestValidator(token) for token in tokens]

    def authenticate(self, request: Request) -> None:
        address = self._public + _raw_path(request)
        signature = request.headers.get("X-Twilio-Signature", "")
        good = [
            validator.validate(address, request.form, signature)
            for validator in self._validators
        ]
        if not any(good):
            raise Forbidden

    def read(self, request: Request) -> Inbound:
        message, phone, to, text = required(
            request.form, "MessageSid", "From", "To", "Body"
        )
        if not message:
            raise BadRequest("MessageSid is empty.")
        return Inbound(self.name, message[:80], "", phone, text, service=to, budget=SMS)

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        twiml = MessagingResponse()
        if reply.text:
            twiml.message(reply.text)
        return Response(str(twiml), content_type="application/xml; charset=utf-8")

    def read_receipt(self, request: Request) -> Receipt:
        (told,) = required(request.form, "MessageStatus")
        message = request.args.get("message", "")
        status = STATUSES.get(told)
        if status is None or not message.isdecimal():
            raise BadRequest("Unknown MessageStatus, or no message in the address.")
        theirs = request.form.get("MessageSid")
        code = request.form.get("ErrorCode", "")
        reason = f"Twilio {code}" if code else ""
        return Receipt(int(message), theirs, status, reason)


class TwilioSender:
    """The way out. A repeat is not safe: Twilio has no key of ours to tell one text
    from its double.

    A text's deadline bounds its time in Twilio's queue, at most ten hours; what the
    networks have is out of its hands.
    """

    name = "twilio"
    repeat_is_safe = False
    at_once = 8

    def __init__(self, settings: Settings) -> None:
        base = settings.of_carrier("TWILIO_API_BASE")
        line = Line(base or API, self.at_once, SECONDS_TO_ANSWER)
        token, *_ = settings.secrets_of_carrier("TWILIO_AUTH_TOKEN")
        self._client = Client(
            settings.of_carrier("TWILIO_ACCOUNT_SID"),
            token,
            http_client=_OverLine(line),
        )
        if base:
            self._client.api.base_url = base
        self._from = settings.of_carrier("TWILIO_FROM")
        self._receipts = f"{settings.public_url}/receipts/twilio"

    def send(self, outbound: Outbound) -> str | None:
        query = urlencode({"message": outbound.id})
        callback = f"{self._receipts}?{query}"
        validity = {}
        left = seconds_left(outbound, 1)
        if left is not None:
            validity["validity_period"] = min(left, LONGEST_VALIDITY)
        try:
            message = self._client.messages.create(
                to=outbound.to,
                from_=self._from,
                body=outbound.text,
                status_callback=callback,
                **validity,
            )
        except TwilioRestException as problem:
            error = _error(problem.code, problem.status)
            told = problem.code or problem.status
            raise error(f"Twilio {told}") from problem
        except (
            ValueError,
            AttributeError,
            TypeError,
        ) as problem:
            # taken, by a body the library cannot read
            raise Uncertain("unreadable answer") from problem
        if not message.sid:
            raise Uncertain("no id in the answer")
        return str(message.sid)


def _error(code: int | None, status: int) -> type[SendError]:
    if code in ERRORS:
        return ERRORS[code]
    if status in (401, 403):
        return Unreachable  # the account: the text waits until its token is right
    if status == 429:
        return Throttled
    if status >= 500:
        return Uncertain
    return Rejected


def _raw_path(request: Request) -> str:
    """Path and query as they were sent, where the server tells; else put together
    again.
    """
    raw: str | None = request.environ.get("RAW_URI")
    if raw:
        return raw
    query = request.query_string.decode("latin-1")
    if not query:
        return request.path
    return f"{request.path}?{query}"


class _OverLine(HttpClient):  # type: ignore[misc]  # it ships no types
    """Twilio's library over our connections. Its own client keeps the last answer, and
    threads take each other's.
    """

    def __init__(self, line: Line) -> None:
        super().__init__(logging.getLogger(__name__), False)
        self._line = line

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> TwilioResponse:
        """What the library asks, as a form. Raises Unreachable, Uncertain."""
        sent_headers = dict(headers or {})
        if auth:
            credentials = ":".join(auth)
            sent_headers |= make_headers(basic_auth=credentials)
        if params:
            query = urlencode(params, doseq=True)
            uri = f"{uri}?{query}"
        body = urlencode(data or {}, doseq=True)
        answer = self._line.call(method.upper(), uri, sent_headers, body.encode())
        return TwilioResponse(answer.status, answer.text)


CARRIER = Carrier(
    Twilio,
    TwilioSender,
    needs=("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "PUBLIC_URL"),
)
