"""Known devices: those from which an account has logged in before. Their log-ins have a budget of tries of their own.

A device keeps tokens that we have signed, one for each of its last accounts. A token opens nothing: it only proves an
earlier log-in.
"""

import re
from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.shared.ports import Clock, IdGenerator

DEVICE_LIFETIME: Final = timedelta(days=180)
MAX_ACCOUNTS: Final = 5
"""Accounts of one device, such as the colleagues who share a computer."""
_SEPARATOR: Final = "~"
_TOKEN: Final = re.compile(r"[0-9A-Za-z_.-]{1,100}")


class DeviceSigner(Protocol):
    def sign(self, account: str, device_id: str, expires_at: datetime) -> str:
        """A token of letters, digits and `_.-`."""

    def device_of(self, account: str, token: str, now: datetime) -> str:
        """The device of a token that was signed for this account and has not expired; else empty."""


class KnownDevices:
    """`realm` separates the accounts of staff from those of mini-program users."""

    def __init__(self, signer: DeviceSigner, realm: str, clock: Clock, ids: IdGenerator) -> None:
        self._signer = signer
        self._realm = realm
        self._clock = clock
        self._ids = ids

    def recognise(self, account_id: str, presented: str) -> str:
        """The id of the device if the account has logged in from it before; else empty."""
        found = (self._device_of(account_id, token) for token in _tokens(presented))
        return next(filter(None, found), "")

    def remember(self, account_id: str, presented: str) -> str:
        """The text that the device keeps from now on: a token for this account, before those of its former accounts."""
        others = [token for token in _tokens(presented) if not self._device_of(account_id, token)]
        device = self.recognise(account_id, presented) or self._ids.next_id()
        token = self._signer.sign(self._account(account_id), device, self._clock.now() + DEVICE_LIFETIME)
        return _SEPARATOR.join((token, *others[: MAX_ACCOUNTS - 1]))

    def _device_of(self, account_id: str, token: str) -> str:
        return self._signer.device_of(self._account(account_id), token, self._clock.now())

    def _account(self, account_id: str) -> str:
        return f"{self._realm}:{account_id}"


def _tokens(presented: str) -> list[str]:
    return [token for token in presented.split(_SEPARATOR, MAX_ACCOUNTS)[:MAX_ACCOUNTS] if _TOKEN.fullmatch(token)]
