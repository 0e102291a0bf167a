"""The table of carriers: one line each. What is not switched on is not imported, nor is
its vendor's library.
"""

from __future__ import annotations

from importlib import import_module

from gateway.transports.base import Carrier, Sender, Transport
from settings import Settings, SettingsError

# name: the module that has its CARRIER
CARRIERS = {
    "simulator": "gateway.transports.simulator",
    "africastalking": "gateway.transports.africastalking",
    "twilio": "gateway.transports.twilio",
    "kannel": "gateway.transports.kannel",
    "esms": "gateway.transports.esms",
    "hubtel": "gateway.transports.hubtel",
}


def transports(settings: Settings) -> dict[str, Transport]:
    """The ways in that are switched on, by name. Raises SettingsError for a name nobody
    knows, or a missing setting.
    """
    names = [*settings.ussd_carriers, *settings.sms_carriers]
    if settings.simulator:
        names.append("simulator")
    enabled = {}
    for name in dict.fromkeys(names):
        carrier = _carrier(name, settings)
        enabled[name] = carrier.way_in(settings)
    return enabled


def sender(name: str, settings: Settings) -> Sender:
    """The way out of this name. Raises SettingsError for a carrier that cannot send, or
    a missing setting.
    """
    way_out = _carrier(name, settings).way_out
    if way_out is None:
        raise SettingsError(f"'{name}' cannot send texts; leave it out of SMS_SENDERS.")
    return way_out(settings)


def _carrier(name: str, settings: Settings) -> Carrier:
    if name not in CARRIERS:
        known = ", ".join(sorted(CARRIERS))
        raise SettingsError(f"'{name}' is no carrier; known are {known}.")
    carrier: Carrier = import_module(CARRIERS[name]).CARRIER
    for needed in carrier.needs:
        if not _setting(needed, settings):
            raise SettingsError(f"{needed} is missing; the carrier '{name}' needs it.")
    return carrier


def _setting(name: str, settings: Settings) -> str:
    """What is set under this name, if anything is."""
    if name == "PUBLIC_URL":
        return settings.public_url
    return settings.of_carrier(name)
