"""Kannel, the in-country way: an operator's SMPP bind or a modem behind it; SMS, and
USSD carried in SMPP's TLVs.

Kannel hands a text on as a web address and sends the body of our answer back. A USSD
dialogue it cannot answer that way: what it asks of the operator travels beside the
text, so that answer goes out through sendsms, after the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from werkzeug.wrappers import Request, Response

from gateway.transports.base import (
    EITHER,
    BadNumber,
    BadRequest,
    Carrier,
    Event,
    Forbidden,
    Inbound,
    Outbound,
    Receipt,
    Rejected,
    Reply,
    SendError,
    Silence,
    Status,
    Throttled,
    Uncertain,
    Unreachable,
    clean,
    dialled,
    refuse_missing,
    same_secret,
)
from gateway.transports.line import Line, seconds_left
from menus.fitting import SMS, Budget, is_gsm
from menus.numbers import NotAMobile, masked, mobile
from settings import Settings

log = logging.getLogger(__name__)

USSD = Budget(160, 70)  # longer, and Kannel cuts it into parts as if it were a text
# What we ask to be told: delivered, failed, refused by the centre. That it was queued
# (4) or taken by the centre (8) changes nothing here, and each is a call of the web
# process.
WANTED = 1 + 2 + 16
# 34 and 66 are kinds of 2: its validity ran out; the centre does not know.
RECEIPTS: dict[str, Status] = {
    "1": "DELIVERED",
    "2": "FAILED",
    "4": "SENT",
    "8": "SENT",
    "16": "FAILED",
    "34": "FAILED",
    "66": "FAILED",
}
MINUTE = 60  # seconds
# minutes; centres keep a text some days, and some refuse one that asks for more
LONGEST_VALIDITY = 3 * 24 * 60
# SMPP 3.4, ussd_service_op
OPENS, ANSWERS = (0, 1), (18,)
NOTED = (3, 19)  # a notification and its confirmation: nobody waits for an answer
ASK, END = 2, 17
# What Kannel calls the letters of %a. With mo-recode it is always UTF-8.
CHARSETS = {
    "UTF-8": "utf-8",
    "UTF-16BE": "utf-16-be",
    "UCS-2": "utf-16-be",
    "ISO-8859-1": "cp1252",
    "WINDOWS-1252": "cp1252",
}
FIELDS_MOST = 50
NEEDED = ("from", "to", "text", "id")

Fields = Mapping[str, bytes]


class Kannel:
    """The way in: a sms-service with a get-url, and the delivery reports of what we
    sent.
    """

    name = "kannel"
    methods = EITHER

    def __init__(self, settings: Settings) -> None:
        self._tokens = settings.secrets_of_carrier("KANNEL_TOKEN")
        self._out = KannelSender(settings)

    def authenticate(self, request: Request) -> None:
        if not same_secret(request.args.get("token", ""), self._tokens):
            raise Forbidden

    def read(self, request: Request) -> Inbound:
        fields = _fields(request)
        refuse_missing(name for name in NEEDED if name not in fields)
        phone = _plain(fields, "from")
        to = _plain(fields, "to")
        message = _plain(fields, "id")
        if not message:
            raise BadRequest("id is empty.")
        _refuse_machines(phone)
        text = clean(_letters(fields))
        meta = fields.get("meta", b"")
        tlvs = _tlvs(meta.decode("latin-1"))
        kind = _plain(fields, "binfo").upper()
        if kind == "USSD" or "ussd_service_op" in tlvs:
            return self._ussd(phone, to, message, text, tlvs)
        return Inbound(self.name, message[:80], "", phone, text, service=to, budget=SMS)

    def _ussd(
        self, phone: str, to: str, message: str, text: str, tlvs: Mapping[str, bytes]
    ) -> Inbound:
        """One turn of a dialogue. Its name is the first octet: the second, by the book,
        counts the turns.
        """
        told = tlvs.get("ussd_service_op", b"")
        info = tlvs.get("its_session_info", b"")
        if not told or not info:
            raise BadRequest(
                "A USSD message needs ussd_service_op and its_session_info in meta (group smpp-tlv)."
            )
        event = _event(told)
        if event == "open":
            service, keys = dialled(text, to)
        else:
            service, _ = dialled("", to)
            keys = text.strip()
        call_name = f"its-{info[:1].hex()}"
        return Inbound(
            self.name,
            f"{call_name}|{message[:70]}",
            call_name,
            phone,
            keys,
            event=event,
            service=service,
            budget=USSD,
            echo=f"{to}|{info.hex()}",
        )

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        if inbound is not None and inbound.session:
            if reply.text:
                self._answer_dialogue(reply, inbound)
            return Response("", content_type="text/plain; charset=utf-8")
        answer = Response(reply.text, content_type="text/plain; charset=utf-8")
        if not is_gsm(reply.text):  # without this header Kannel sends question marks
            answer.headers["X-Kannel-Coding"] = "2"
        return answer

    def _answer_dialogue(self, reply: Reply, inbound: Inbound) -> None:
        """The commit stands, so a failure here is only logged: the resident calls again
        and goes on from there.
        """
        to, _, info = inbound.echo.rpartition("|")
        op = END if reply.ends else ASK
        meta = f"?smpp?ussd_service_op={op}&its_session_info={_escaped(info)}"
        fields = {"from": to, "binfo": "USSD", "meta-data": meta}
        try:
            self._out.hand_over(inbound.phone, reply.text, **fields)
        except SendError as problem:
            log.error(
                "a USSD answer to %s stayed here: %s %s",
                masked(inbound.phone),
                type(problem).__name__,
                problem,
            )

    def read_receipt(self, request: Request) -> Receipt:
        message = request.args.get("message", "")
        told = request.args.get("type", "")
        status = RECEIPTS.get(told)
        if status is None or not (message.isascii() and message.isdigit()):
            raise BadRequest(
                f"message must be a number, type one of {', '.join(RECEIPTS)}."
            )
        message_id = int(message[:20])
        reason = clean(request.args.get("reason", ""))
        if status != "FAILED" or not reason:
            return Receipt(message_id, None, status)
        return Receipt(message_id, None, status, f"Kannel {reason}")


class KannelSender:
    """The way out. A repeat is not safe: Kannel tells no text from its double, and its
    answer holds no id.

    A text's deadline goes along in whole minutes: Kannel drops it when they are over,
    and tells the operator, whose SMPP validity_period is a moment in UTC; so both
    machines' clocks must be right.
    """

    name = "kannel"
    repeat_is_safe = False
    # between its boxes Kannel waits up to 40 ms over a text with receipts, but over
    # many at a time
    at_once = 32

    def __init__(self, settings: Settings) -> None:
        self._url = settings.of_carrier("KANNEL_SEND_URL")
        self._from = settings.of_carrier("KANNEL_FROM")
        self._line = Line(self._url, self.at_once)
        self._who = {
            "username": settings.of_carrier("KANNEL_USER"),
            "password": settings.of_carrier("KANNEL_PASSWORD"),
        }
        self._receipts = f"{settings.public_url}/receipts/kannel"
        self._token = next(iter(settings.secrets_of_carrier("KANNEL_TOKEN")), "")

    def send(self, outbound: Outbound) -> str | None:
        named = urlencode({"token": self._token, "message": outbound.id})
        receipt = f"{self._receipts}?{named}&type=%d&reason=%A"
        more: dict[str, object] = {"dlr-mask": WANTED, "dlr-url": receipt}
        left = seconds_left(outbound, MINUTE)
        if left is not None:
            minutes = left // MINUTE
            more["validity"] = min(minutes, LONGEST_VALIDITY)
        self.hand_over(outbound.to, outbound.text, **more)
        return None

    def hand_over(self, to: str, text: str, **more: object) -> None:
        """One call of sendsms, always with coding and charset: without them letters
        become question marks.
        """
        coding = 0 if is_gsm(text) else 2
        known = {
            "from": self._from,
            "to": to,
            "text": text,
            "charset": "UTF-8",
            "coding": coding,
        }
        fields = urlencode({**self._who, **known, **more})
        joint = "&" if "?" in self._url else "?"
        answer = self._line.call("GET", f"{self._url}{joint}{fields}")
        if answer.status != 202:
            raise _error(answer.status, answer.text[:80])


def _error(status: int, said: str) -> SendError:
    """What Kannel means. A wrong password or address is ours to mend, and other texts
    and senders wait for it.
    """
    detail = f"Kannel {status}: {said}"
    if status == 400 and "Number(s)" in said:
        return BadNumber(detail)
    if (
        status in (401, 403, 404)
        # 403 too when no centre is left: after one wrong SMPP password Kannel calls it dead
    ):
        return Unreachable(detail)
    if status in (429, 503):
        return Throttled(detail)
    if status >= 500:
        return Uncertain(detail)
    return Rejected(detail)


def _event(told: bytes) -> Event:
    """What ussd_service_op says. Raises Silence where nobody waits for an answer."""
    op = _operation(told)
    if op in NOTED:
        raise Silence
    if op in OPENS:
        return "open"
    if op in ANSWERS:
        return "key"
    return "ended"


def _operation(told: bytes) -> int:
    """In decimal, or as an octet."""
    if told.isdigit():
        return int(told[:3])
    return told[-1]


def _fields(request: Request) -> dict[str, bytes]:
    """Query and form as the bytes they were: which letters they are stands in one of
    them.
    """
    raw = [request.query_string]
    if request.mimetype == "application/x-www-form-urlencoded":
        raw.append(request.get_data())
    written = b"&".join(raw).decode("latin-1")
    try:
        pairs = parse_qsl(written, True, encoding="latin-1", max_num_fields=FIELDS_MOST)
    except ValueError as problem:
        raise BadRequest("Too many fields.") from problem
    return {name: value.encode("latin-1") for name, value in pairs}


def _plain(fields: Fields, name: str) -> str:
    octets = fields.get(name, b"")
    text = octets.decode("utf-8", "replace")
    return clean(text).strip()


def _letters(fields: Fields) -> str:
    """The text, in the letters Kannel says it is written in."""
    by_coding = "utf-16-be" if fields.get("coding") == b"2" else "utf-8"
    named = _plain(fields, "charset").upper()
    charset = CHARSETS.get(named, by_coding)
    return fields["text"].decode(charset, "replace")


def _refuse_machines(phone: str) -> None:
    """A short code or a brand name is a machine, and Kannel would text it whatever we
    answer but silence.
    """
    try:
        mobile(phone)
    except NotAMobile:
        log.info("not a mobile: kannel %s", masked(phone))
        raise Silence from None


def _tlvs(meta: str) -> dict[str, bytes]:
    """`?smpp?ussd_service_op=%01&its_session_info=%0A%02&` as names and bytes; meta may
    hold other groups.
    """
    groups = meta.split("?")
    if "smpp" not in groups[:-1]:
        return {}
    at = groups.index("smpp") + 1
    tlvs = {}
    for member in groups[at].split("&"):
        if member:
            name, _, value = member.partition("=")
            tlvs[name] = unquote_to_bytes(value.replace("+", " "))
    return tlvs


def _escaped(octets: str) -> str:
    """Hex as meta-data wants it: `0a02` is `%0a%02`."""
    pairs = [octets[at : at + 2] for at in range(0, len(octets), 2)]
    return "".join(f"%{pair}" for pair in pairs)


CARRIER = Carrier(
    Kannel,
    KannelSender,
    needs=(
        "KANNEL_SEND_URL",
        "KANNEL_USER",
        "KANNEL_PASSWORD",
        "KANNEL_FROM",
        "KANNEL_TOKEN",
        "PUBLIC_URL",
    ),
)
