"""Throttles password guessing, without letting strangers lock out the owner of an account.

Failures are counted per account **and** address, and per address alone. Failures from other addresses therefore never
count against the owner.
"""

from domain.shared.ip_addresses import rate_limit_key
from domain.shared.ports import RateLimiter

PER_ACCOUNT = 5
PER_ADDRESS = 50
WINDOW_SECONDS = 15 * 60


class LoginThrottle:
    """`realm` separates the accounts of staff from those of mini-program users."""

    def __init__(self, limiter: RateLimiter, realm: str) -> None:
        self._limiter = limiter
        self._realm = realm

    async def require_allowed(self, account: str, address: str) -> None:
        """Raises RateLimited after too many failures; counts nothing."""
        await self._limiter.check(self._account_key(account, address), PER_ACCOUNT, WINDOW_SECONDS)
        await self._limiter.check(self._address_key(address), PER_ADDRESS, WINDOW_SECONDS)

    async def record_failure(self, account: str, address: str) -> None:
        """Counts one failure. Raises RateLimited when concurrent failures together exceed the limit."""
        await self._limiter.hit(self._account_key(account, address), PER_ACCOUNT, WINDOW_SECONDS)
        await self._limiter.hit(self._address_key(address), PER_ADDRESS, WINDOW_SECONDS)

    async def record_success(self, account: str, address: str) -> None:
        """Resets the count of the account at this address; the count of the address stays."""
        await self._limiter.forgive(self._account_key(account, address))

    def _account_key(self, account: str, address: str) -> str:
        return f"attempts:{self._realm}:{account.lower()[:64]}:{rate_limit_key(address)}"

    def _address_key(self, address: str) -> str:
        return f"attempts:{self._realm}:{rate_limit_key(address)}"
