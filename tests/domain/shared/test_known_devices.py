"""Known devices: which accounts a device has logged in to before."""

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.known_devices import DEVICE_LIFETIME, MAX_ACCOUNTS, KnownDevices
from tests.domain.sequential_ids import SequentialIds
from tests.domain.shared.login_fakes import PlainDeviceSigner
from tests.integrations.clocks import SettableClock

WANG, LI = "a" * 24, "b" * 24


def known_devices(realm: str = "staff", clock: SettableClock | None = None) -> KnownDevices:
    return KnownDevices(PlainDeviceSigner(), realm, clock or SettableClock(), SequentialIds())


def test_a_device_is_known_to_the_account_that_logged_in_and_to_no_other() -> None:
    devices = known_devices()
    kept = devices.remember(WANG, "")

    assert devices.recognise(WANG, kept)
    assert not devices.recognise(LI, kept)
    assert not known_devices("mp").recognise(WANG, kept)


def test_a_device_keeps_its_id_when_the_account_logs_in_again() -> None:
    devices = known_devices()
    kept = devices.remember(WANG, "")

    assert devices.recognise(WANG, devices.remember(WANG, kept)) == devices.recognise(WANG, kept)


def test_colleagues_share_a_device() -> None:
    devices = known_devices()
    kept = devices.remember(LI, devices.remember(WANG, ""))

    assert devices.recognise(WANG, kept)
    assert devices.recognise(LI, kept)


def test_a_device_keeps_its_latest_accounts_only() -> None:
    devices, kept = known_devices(), ""
    accounts = [f"{number:024x}" for number in range(MAX_ACCOUNTS + 1)]
    for account in accounts:
        kept = devices.remember(account, kept)

    assert [bool(devices.recognise(account, kept)) for account in accounts] == [False] + [True] * MAX_ACCOUNTS


def test_a_device_is_forgotten_after_its_lifetime() -> None:
    clock = SettableClock()
    devices = known_devices(clock=clock)
    kept = devices.remember(WANG, "")

    clock.advance(DEVICE_LIFETIME.total_seconds() + 1)

    assert not devices.recognise(WANG, kept)


@given(st.text(max_size=600))
def test_whatever_is_presented_gets_into_no_header_as_it_is(presented: str) -> None:
    kept = known_devices().remember(WANG, presented)

    assert kept.isascii()
    assert not set(kept) & set(';, \r\n"')
