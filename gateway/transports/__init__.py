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
    """The ways in that are switched on, by name; of a carrier that only sends, for its
    receipts. Raises SettingsError for a name nobody knows, a carrier that is to be heard
    and cannot be, or a missing setting.
    """
    heard = [*settings.ussd_carriers, *settings.sms_carriers]
    sending = [name for name in settings.all_senders if name != "simulator"]
    if settings.simulator:
        heard.append("simulator")
    enabled = {}
    for name in dict.fromkeys([*heard, *sending]):
        way_in = _carrier(name, settings).way_in
        if way_in is not None:
            enabled[name] = way_in(settings)
        elif name in heard:
            raise SettingsError(f"'{name}' only sends; name it in SMS_SENDERS alone.")
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
