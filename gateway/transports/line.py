"""One HTTP call to a carrier, and what its failure proves: surely not sent, or nobody knows."""

from __future__ import annotations

from typing import Any

import requests
from requests import exceptions as http

from gateway.transports.base import Uncertain, Unreachable

SECONDS_TO_CONNECT, SECONDS_TO_ANSWER = 3.05, 10.0


def call(method: str, url: str, **what: Any) -> requests.Response:
    """The carrier's answer, whatever its status. Raises Unreachable, Uncertain; neither names the address.

    Each call is a connection of its own: a kept one that the other side has just closed fails after the request was
    written, and the text would be LOST for nothing. The price is a millisecond on loopback.
    """
    timeout = (SECONDS_TO_CONNECT, SECONDS_TO_ANSWER)
    try:
        return requests.request(
            method, url, timeout=timeout, allow_redirects=False, headers={"Connection": "close"}, **what
        )
    except http.ConnectTimeout:
        raise Unreachable(
            "no connection in time"
        ) from None  # the library's own words hold the address, secrets and all
    except http.ConnectionError as problem:
        if never_connected(problem):
            raise Unreachable("no connection") from None
        raise Uncertain("the connection broke") from None
    except http.RequestException as problem:
        raise Uncertain(f"no answer ({type(problem).__name__})") from None


def never_connected(problem: http.ConnectionError) -> bool:
    """Did it fail before anything left? Only a failure to connect at all proves it."""
    return "NewConnectionError" in repr(problem) or "NameResolutionError" in repr(problem)
