"""Every setting of the service: one frozen object, read from the environment once,
failing loudly.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
KEYS_FILE = ROOT / "var" / "keys.env"
OWN_FILE = ROOT / ".env"
DATABASE_FILE = ROOT / "var" / "lensong.db"

SWITCHED_ON = ("1", "on", "true", "yes")
SWITCHED_OFF = ("", "0", "off", "false", "no")

Sending = Literal["off", "trial", "on"]


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner decided. Secrets never appear in `repr`."""

    database_url: str
    secret_key: str = field(repr=False)
    privacy_key: str = field(repr=False)
    public_url: str = ""
    trusted_proxies: int = 0
    simulator: bool = False
    sending: Sending = "off"
    trial_numbers: frozenset[str] = frozenset()
    ussd_carriers: tuple[str, ...] = ()
    sms_carriers: tuple[str, ...] = ()
    sms_senders: tuple[str, ...] = ()
    sms_senders_advert: tuple[str, ...] = ()
    sms_prices: Mapping[str, int] = field(default_factory=dict)
    sms_rate: int = 20
    # texts of broadcasts a second, by network
    sms_network_rates: Mapping[str, int] = field(default_factory=dict)
    metrics_token: str = field(default="", repr=False)
    hold_minutes: int = 15
    offer_hours: int = 2
    # to one person in 24 hours, of every class; what a person just did themselves goes
    # above it
    texts_a_day: int = 5
    approve_above: int = 200  # people: a broadcast to more needs a second pair of eyes
    broadcast_budget: int = 500_000  # đồng: above it the price has to be confirmed
    advert_copy_to: str = ""  # where a copy of each advert goes: 5656 in Vietnam
    # the environment: a carrier reads its own names
    given: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def all_senders(self) -> tuple[str, ...]:
        """Who carries texts that we start, adverts too: each brings its receipts."""
        return (*self.sms_senders, *self.sms_senders_advert)

    def of_carrier(self, name: str) -> str:
        """What the environment says under a carrier's own name, such as KANNEL_FROM;
        empty where it says nothing.
        """
        return self.given.get(name, "")

    def secrets_of_carrier(self, name: str) -> tuple[str, ...]:
        """Several, comma-separated: the one before stays good while it is being
        changed.
        """
        return _list(self.given, name)


def from_environment() -> Settings:
    """Read `var/keys.env`, then `.env`, then the environment; the later wins. Raises
    SettingsError.
    """
    merged: dict[str, str] = {}
    for file in (KEYS_FILE, OWN_FILE):
        written = dotenv_values(file)
        merged |= {name: value for name, value in written.items() if value is not None}
    merged |= os.environ
    return read(merged)


def read(given: Mapping[str, str]) -> Settings:
    """Make Settings of names and values as they stand in an environment. Raises
    SettingsError.
    """
    sending = _sending(given)
    trial_numbers = _list(given, "TRIAL_NUMBERS")
    if sending == "trial" and not trial_numbers:
        raise SettingsError(
            "SENDING is trial, but TRIAL_NUMBERS is empty: nobody would get a text."
        )
    sms_carriers = _list(given, "SMS_CARRIERS")
    return Settings(
        database_url=given.get("DATABASE_URL") or f"sqlite:///{DATABASE_FILE}",
        secret_key=_required(given, "SECRET_KEY"),
        privacy_key=_required(given, "PRIVACY_KEY"),
        public_url=given.get("PUBLIC_URL", "").rstrip("/"),
        trusted_proxies=_number(given, "TRUSTED_PROXIES", 0),
        simulator=_switch(given, "SIMULATOR"),
        sending=sending,
        trial_numbers=frozenset(trial_numbers),
        ussd_carriers=_list(given, "USSD_CARRIERS"),
        sms_carriers=sms_carriers,
        sms_senders=_list(given, "SMS_SENDERS") or sms_carriers,
        sms_senders_advert=_list(given, "SMS_SENDERS_ADVERT"),
        sms_prices=_prices(given),
        sms_rate=_number(given, "SMS_RATE", 20),
        sms_network_rates=_rates(given),
        metrics_token=given.get("METRICS_TOKEN", ""),
        hold_minutes=_between(given, "HOLD_MINUTES", 15, 1, 60),
        offer_hours=_between(given, "OFFER_HOURS", 2, 1, 12),
        texts_a_day=_between(given, "TEXTS_A_DAY", 5, 1, 50),
        approve_above=_number(given, "BROADCAST_APPROVAL_ABOVE", 200),
        broadcast_budget=_number(given, "BROADCAST_BUDGET", 500_000),
        advert_copy_to=given.get("ADVERT_COPY_TO", ""),
        given=given,
    )


def _required(given: Mapping[str, str], name: str) -> str:
    value = given.get(name)
    if not value:
        raise SettingsError(
            f"{name} is missing. `make run` makes one; elsewhere set it to a long random text."
        )
    return value


def _list(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    written = given.get(name, "")
    parts = [part.strip() for part in written.split(",")]
    return tuple(part for part in parts if part)


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name)
    if not value:
        return default
    if not value.isdigit():
        raise SettingsError(f"{name} is '{value}'; it must be a whole number.")
    return int(value)


def _between(
    given: Mapping[str, str], name: str, default: int, least: int, most: int
) -> int:
    value = _number(given, name, default)
    if not least <= value <= most:
        raise SettingsError(f"{name} is '{value}'; it must be from {least} to {most}.")
    return value


def _switch(given: Mapping[str, str], name: str) -> bool:
    written = given.get(name, "")
    value = written.lower()
    is_on = value in SWITCHED_ON
    if not is_on and value not in SWITCHED_OFF:
        raise SettingsError(f"{name} is '{value}'; it must be on or off.")
    return is_on


def _sending(given: Mapping[str, str]) -> Sending:
    match given.get("SENDING", "off").lower():
        case "" | "off":
            return "off"
        case "trial":
            return "trial"
        case "on":
            return "on"
        case other:
            raise SettingsError(f"SENDING is '{other}'; it must be off, trial or on.")


def _prices(given: Mapping[str, str]) -> dict[str, int]:
    """`SMS_PRICES=viettel:notice=300,*:*=500`: đồng per part by network and class of
    text.
    """
    prices = {"*:*": 500}
    entries = _list(given, "SMS_PRICES")
    for entry in entries:
        name, _, amount = entry.partition("=")
        names_both = name.count(":") == 1
        if not names_both or not amount.isdigit():
            raise SettingsError(
                f"SMS_PRICES has '{entry}'; write network:class=đồng, for instance viettel:notice=300."
            )
        prices[name] = int(amount)
    return prices


def _rates(given: Mapping[str, str]) -> dict[str, int]:
    """`SMS_NETWORK_RATES=viettel=20,other=5`: how many texts of broadcasts a network
    may get in a second.
    """
    rates = {}
    entries = _list(given, "SMS_NETWORK_RATES")
    for entry in entries:
        network, _, amount = entry.partition("=")
        rate = 0
        if amount.isdigit():
            rate = int(amount)
        if not network or not rate:
            raise SettingsError(
                f"SMS_NETWORK_RATES has '{entry}'; write network=texts a second, as viettel=20."
            )
        rates[network] = rate
    return rates


def make_keys() -> None:
    """Write `var/keys.env` with fresh random keys, readable by the owner alone, unless
    it is there.
    """
    folder = KEYS_FILE.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if KEYS_FILE.exists():
        return
    only_new = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    descriptor = os.open(KEYS_FILE, only_new, 0o600)
    with os.fdopen(descriptor, "w") as file:
        for name in ("SECRET_KEY", "PRIVACY_KEY"):
            key = secrets.token_urlsafe(48)
            file.write(f"{name}={key}\n")


if __name__ == "__main__":
    make_keys()
    try:
        from_environment()
    except SettingsError as problem:
        sys.exit(str(problem))
