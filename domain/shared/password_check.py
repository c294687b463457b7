"""Verifies a presented password: counts the try, compares, and renews a hash of a former scheme."""

from contextlib import suppress
from typing import Final, Protocol

from domain.shared.credentials import PasswordHasher
from domain.shared.errors import RateLimited, Unavailable
from domain.shared.login_throttle import LoginThrottle, LoginTry, TriesLeft

_NOBODY: Final = "0" * 24
"""Looked up for an unknown account name, so that the answer takes as long as for a known one."""


class PasswordHashes(Protocol):
    """Password hashes by account id, stored apart from the accounts."""

    async def hash_of(self, account_id: str, /) -> str | None: ...

    async def replace(self, account_id: str, former: str, renewed: str, /) -> None:
        """Stores `renewed` if the hash still is `former`: a password changed meanwhile stays."""


class PasswordCheck:
    def __init__(self, hashes: PasswordHashes, hasher: PasswordHasher, throttle: LoginThrottle) -> None:
        self._hashes = hashes
        self._hasher = hasher
        self._throttle = throttle

    async def refuse(self, account_id: str | None, password: str, attempt: LoginTry) -> TriesLeft | None:
        """None if the password is right, else the tries that are left.

        Does the same work for an unknown account (None), an account without password, and a wrong password. Raises
        LoginDelayed after too many tries; RateLimited or Unavailable when too many passwords wait for verification.
        """
        counted = await self._throttle.count(attempt)
        try:
            stored = await self._hashes.hash_of(account_id or _NOBODY)
            matches = await self._hasher.verify(password, stored, attempt.address, known_device=bool(attempt.device))
        except (RateLimited, Unavailable):
            await counted.not_made()
            raise
        if not matches or account_id is None or stored is None:
            return counted.left
        await counted.succeeded()
        if self._hasher.is_outdated(stored):
            await self._renew(account_id, stored, password, attempt.address)
        return None

    async def _renew(self, account_id: str, stored: str, password: str, address: str) -> None:
        with suppress(RateLimited, Unavailable):  # the next log-in tries again
            await self._hashes.replace(account_id, stored, await self._hasher.hash(password, address))
