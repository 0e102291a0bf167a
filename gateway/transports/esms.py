"""eSMS.vn, an aggregator in Việt Nam: texts to a short code come in, texts under a
brand name go out.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from hashlib import md5
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from werkzeug.wrappers import Request, Response

from gateway.transports.base import (
    GET,
    BadNumber,
    BadRequest,
    Carrier,
    Forbidden,
    Inbound,
    Outbound,
    Receipt,
    Refused,
    Rejected,
    Reply,
    SendError,
    Silence,
    Throttled,
    Uncertain,
    Unreachable,
    required,
    same_secret,
)
from gateway.transports.line import Answer, Line, seconds_left
from menus.fitting import SMS
from menus.numbers import NotAMobile, masked, mobile
from settings import Settings

log = logging.getLogger(__name__)

API = "https://rest.esms.vn"
SEND = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
ADVERT, CARE = "1", "2"  # SmsType
# 124: this RequestId was taken before, so the text went when we heard no answer
TAKEN = (
    "100",
    "124",
)
# https://developers.esms.vn: a wrong key, no money and an unknown brand are the
# account's trouble, not the text's
ERRORS: dict[str, type[SendError]] = {
    "99": BadNumber,
    "101": Unreachable,
    "103": Unreachable,
    "104": Unreachable,
    "108": BadNumber,
    "118": Rejected,
    "119": Rejected,
    "146": Rejected,
}
DONE = "5"  # SendStatus
SIGNED = ("cpid", "smsid", "content", "receiverTime")  # of each text, in this order


class Esms:
    """The way in: each text signed under a private key, each receipt under a token of
    ours in its address.
    """

    name = "esms"
    methods = GET

    def __init__(self, settings: Settings) -> None:
        self._tokens = settings.secrets_of_carrier("ESMS_TOKEN")
        self._keys = settings.secrets_of_carrier("ESMS_PRIVATE_KEY")
        self._cpid = settings.of_carrier("ESMS_CPID")
        self._prefix = settings.of_carrier("ESMS_KEYWORD")

    def authenticate(self, request: Request) -> None:
        given = request.args
        if request.path.startswith("/receipts/"):
            if not same_secret(given.get("token", ""), self._tokens):
                raise Forbidden
            return
        signed = "".join(given.get(name, "") for name in SIGNED)
        good = [signature(signed + key) for key in self._keys]
        sign = given.get("sign", "").replace(" ", "+")
        if not same_secret(sign, good):
            raise Forbidden
        if not same_secret(given.get("cpid", ""), [self._cpid]):
            raise Forbidden

    def read(self, request: Request) -> Inbound:
        message, phone, text, to = required(
            request.args, "smsid", "sender", "content", "serviceNumber"
        )
        if not message:
            raise BadRequest("smsid is empty.")
        try:
            mobile(phone)
        except NotAMobile:
            log.info("not a mobile: esms %s", masked(phone))
            raise Silence from None
        text = _without_prefix(text, self._prefix)
        return Inbound(
            self.name,
            message[:80],
            "",
            phone,
            text,
            service=to,
            budget=SMS,
            echo=message,
        )

    def answer(self, reply: Reply, inbound: Inbound | None) -> Response:
        elements = {
            "Message": reply.text,
            "Smsid": inbound.echo if inbound else "",
            "Receiver": inbound.phone if inbound else "",
        }
        root = ElementTree.Element("ClientResponse")
        for name, text in elements.items():
            element = ElementTree.SubElement(root, name)
            element.text = _printable(text)
        body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return Response(body, content_type="application/xml; charset=utf-8")

    def read_receipt(self, request: Request) -> Receipt:
        """Told up to five times. One text to one number, so what did not succeed
        failed.
        """
        state, succeeded, ours, theirs = required(
            request.args, "SendStatus", "SendSuccess", "RequestId", "SMSID"
        )
        if not (ours.isascii() and ours.isdigit()):
            raise BadRequest("RequestId must be the number of a message.")
        message_id = int(ours[:20])
        if state != DONE:
            return Receipt(message_id, theirs, "SENT")
        if succeeded not in ("", "0"):
            return Receipt(message_id, theirs, "DELIVERED")
        return Receipt(message_id, theirs, "FAILED", "eSMS: not delivered")


class EsmsSender:
    """The way out. A repeat is safe: eSMS keeps each RequestId for a day and takes it
    once.

    It has no field for a deadline (SendDate is a first moment, not a last one): a text
    whose time is over is not handed over, but one that was taken may come late.
    """

    name = "esms"
    repeat_is_safe = True
    at_once = 8

    def __init__(self, settings: Settings) -> None:
        base = settings.of_carrier("ESMS_API_BASE").rstrip("/") or API
        self._url = base + SEND
        self._line = Line(self._url, self.at_once)
        self._who = {
            "ApiKey": settings.of_carrier("ESMS_API_KEY"),
            "SecretKey": settings.of_carrier("ESMS_SECRET_KEY"),
        }
        self._brand = settings.of_carrier("ESMS_BRANDNAME")
        tokens = settings.secrets_of_carrier("ESMS_TOKEN")
        query = urlencode({"token": tokens[0] if tokens else ""})
        self._receipts = f"{settings.public_url}/receipts/esms?{query}"

    def send(self, outbound: Outbound) -> str | None:
        seconds_left(outbound)
        asked = {
            **self._who,
            "Content": outbound.text,
            "Phone": outbound.to.removeprefix("+"),
            "Brandname": self._brand,
            "SmsType": ADVERT if outbound.advert else CARE,
            "IsUnicode": "1" if outbound.unicode else "0",
            "RequestId": str(outbound.id),
            "CallbackUrl": self._receipts,
            "Sandbox": "0",
        }
        headers = {"Content-Type": "application/json"}
        body = json.dumps(asked).encode()
        answer = self._line.call("POST", self._url, headers, body)
        if answer.status == 429:
            raise Throttled("eSMS 429")
        if answer.status >= 500:
            raise Uncertain(f"eSMS {answer.status}")
        if answer.status != 200:
            raise Unreachable(f"eSMS {answer.status}")
        return _taken(_object(answer))


def signature(said: str) -> str:
    """Base64 of the MD5 of UTF-8 text; MD5 because it is what eSMS signs with."""
    digest = md5(said.encode(), usedforsecurity=False).digest()
    return b64encode(digest).decode()


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Uncertain("eSMS answered something else than JSON")
    return found


def _taken(said: dict[str, Any]) -> str | None:
    """eSMS's id of the text. Raises what its code means; a code nobody knows is a
    refusal to be tried again.
    """
    code = str(said.get("CodeResult", ""))
    if not code:
        raise Uncertain("eSMS gave no CodeResult")
    if code not in TAKEN:
        problem = ERRORS.get(code, Refused)
        explained = str(said.get("ErrorMessage") or "")
        raise problem(f"eSMS {code}: {explained[:120]}")
    message_id = str(said.get("SMSID") or "")
    return message_id[:80] or None


def _without_prefix(text: str, prefix: str) -> str:
    """What the resident means, without the word that leads to us on a short code that
    others share.
    """
    first, _, rest = text.strip().partition(" ")
    is_prefix = first.casefold() == prefix.casefold()
    if not prefix or not is_prefix:
        return text
    return rest.strip()


def _printable(text: str) -> str:
    """What XML can hold."""
    kept = [letter for letter in text if letter == "\n" or letter.isprintable()]
    return "".join(kept)


CARRIER = Carrier(
    Esms,
    EsmsSender,
    needs=(
        "ESMS_API_KEY",
        "ESMS_SECRET_KEY",
        "ESMS_BRANDNAME",
        "ESMS_CPID",
        "ESMS_PRIVATE_KEY",
        "ESMS_TOKEN",
        "PUBLIC_URL",
    ),
)
