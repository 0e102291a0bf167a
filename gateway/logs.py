"""The log of both processes: lines to standard error, every phone number in them
masked, tracebacks included.
"""

from __future__ import annotations

import logging
import re

from menus.numbers import masked

_NUMBER = re.compile(r"(?:\+84|\b84|\b0)(?:[35789]\d{8}|2\d{9})\b")


class Masking(logging.Formatter):
    """Masks whatever looks like a Vietnamese number in the finished line."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return _NUMBER.sub(lambda found: masked(found[0]), line)


def start() -> None:
    """Once a process; a second call changes nothing."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, Masking) for handler in root.handlers):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(Masking("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for chatty in ("twilio.http_client", "apscheduler", "alembic", "werkzeug"):
        logger = logging.getLogger(chatty)
        logger.setLevel(logging.WARNING)
