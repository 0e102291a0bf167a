"""The table of carriers: one line each. The vendor's library is imported when a carrier is switched on."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from gateway.transports.base import Sender, Transport
from settings import Settings, SettingsError

# name: module, the way in, the way out
CARRIERS: dict[str, tuple[str, str, str | None]] = {
    "simulator": ("simulator", "Simulator", "SimulatorSender"),
    "africastalking": ("africastalking", "AfricasTalking", None),
    "twilio": ("twilio", "Twilio", "TwilioSender"),
    "kannel": ("kannel", "Kannel", "KannelSender"),
    "esms": ("esms", "Esms", "EsmsSender"),
    "hubtel": ("hubtel", "Hubtel", None),
}


def transports(settings: Settings) -> dict[str, Transport]:
    """The ways in that are switched on, by name. Raises SettingsError for a name nobody knows."""
    names = dict.fromkeys((*settings.ussd_carriers, *settings.sms_carriers))
    if settings.simulator:
        names["simulator"] = None
    return {name: _make(name, 1)(settings) for name in names}


def sender(name: str, settings: Settings) -> Sender:
    """The way out of this name. Raises SettingsError for a carrier that cannot send."""
    made: Sender = _make(name, 2)(settings)
    return made


def _make(name: str, way: int) -> Callable[[Settings], Any]:
    if name not in CARRIERS:
        raise SettingsError(f"'{name}' is no carrier; known are {', '.join(sorted(CARRIERS))}.")
    kind = CARRIERS[name][way]
    if kind is None:
        raise SettingsError(f"'{name}' cannot send texts; leave it out of SMS_SENDERS.")
    made: Callable[[Settings], Any] = getattr(import_module(f"gateway.transports.{CARRIERS[name][0]}"), str(kind))
    return made
