"""What every request of the web process shares: settings, database, carriers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app, g

from db.store.engine import Database
from gateway.conversation import Conversation
from gateway.transports.base import Transport
from settings import Settings

EXTENSION = "lensong"


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    db: Database
    transports: Mapping[str, Transport]
    conversation: Conversation


def here() -> Context:
    """The context of the application that handles this request. A form of the desk has
    one of its own (gateway/staff/once.py).
    """
    own: Context | None = g.get("context")
    return own or everywhere()


def everywhere() -> Context:
    """The same for every request."""
    return cast(Context, current_app.extensions[EXTENSION])
