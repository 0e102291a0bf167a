"""Which carriers are heard, and whose receipts: by what the settings name them for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway import transports
from gateway.transports import kannel
from gateway.transports.base import Carrier
from settings import Settings, SettingsError

GIVEN = {
    "TWILIO_AUTH_TOKEN": "a token of the tests",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_FROM": "+15005550006",
    "KANNEL_TOKEN": "a token of the tests that is long",
    "KANNEL_SEND_URL": "http://127.0.0.1:1/",
    "KANNEL_USER": "lensong",
    "KANNEL_PASSWORD": "a password of the tests",
    "KANNEL_FROM": "2404",
}


@pytest.fixture
def heard_by_kannel(settings: Settings) -> Settings:
    return replace(
        settings,
        simulator=False,
        public_url="https://xa.example",
        ussd_carriers=(),
        sms_carriers=("kannel",),
        sms_senders=(),
        given=GIVEN,
    )


@pytest.mark.parametrize("for_what", ["sms_senders", "sms_senders_advert"])
def test_who_only_sends_still_brings_receipts(
    heard_by_kannel: Settings, for_what: str
) -> None:
    named: dict[str, Any] = {for_what: ("twilio",)}
    sends = replace(heard_by_kannel, **named)
    assert set(transports.transports(sends)) == {"kannel", "twilio"}


def test_a_carrier_without_a_way_in_sends_but_cannot_be_heard(
    heard_by_kannel: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = Carrier(way_out=kannel.CARRIER.way_out)
    monkeypatch.setattr(kannel, "CARRIER", deaf)
    with pytest.raises(SettingsError, match="only sends"):
        transports.transports(heard_by_kannel)
    sends = replace(heard_by_kannel, sms_carriers=(), sms_senders=("kannel",))
    assert transports.transports(sends) == {}
