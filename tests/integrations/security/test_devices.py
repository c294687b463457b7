"""Tokens of known devices."""

from datetime import timedelta

import pytest

from domain.shared.known_devices import DeviceSigner
from integrations.security.devices import HmacDeviceSigner
from tests.integrations.clocks import SettableClock

KEY, ACCOUNT, DEVICE = "a key of tests that is long enough for anybody", "staff:" + "a" * 24, "d" * 24
NOW = SettableClock().now()
EXPIRES = NOW + timedelta(days=1)


@pytest.fixture
def signer() -> DeviceSigner:
    return HmacDeviceSigner([KEY])


def test_a_token_proves_its_device_until_it_expires(signer: DeviceSigner) -> None:
    token = signer.sign(ACCOUNT, DEVICE, EXPIRES)

    assert signer.device_of(ACCOUNT, token, NOW) == DEVICE
    assert signer.device_of(ACCOUNT, token, EXPIRES) == ""


def test_a_token_of_another_account_or_a_changed_one_proves_nothing(signer: DeviceSigner) -> None:
    token = signer.sign(ACCOUNT, DEVICE, EXPIRES)
    device, expires, mac = token.split(".")

    assert signer.device_of("mp:" + "a" * 24, token, NOW) == ""
    for forged in (
        *(f"{'e' * 24}.{expires}.{mac}", f"{device}.{int(expires) + 1}.{mac}", f"{device}.{expires}.{'A' * 22}"),
        *(token[:-1], token + "A", "", "a.b.c", HmacDeviceSigner(["another" * 8]).sign(ACCOUNT, DEVICE, EXPIRES)),
    ):
        assert signer.device_of(ACCOUNT, forged, NOW) == "", forged


def test_a_token_outlives_a_rotation_of_the_key(signer: DeviceSigner) -> None:
    token = signer.sign(ACCOUNT, DEVICE, EXPIRES)

    assert HmacDeviceSigner(["another key that is long enough too", KEY]).device_of(ACCOUNT, token, NOW) == DEVICE
