"""Guessing passwords made slow, without letting anyone lock out somebody else.

Failures are counted per account **and** address, and per address alone; a stranger's failures therefore never count
against the owner, who comes from elsewhere.
"""

from domain.shared.addresses import rate_key
from domain.shared.ports import RateLimiter

PER_ACCOUNT = 5
PER_ADDRESS = 50
WINDOW_SECONDS = 15 * 60


class Attempts:
    """`realm` keeps the accounts of staff and of mini-program users apart."""

    def __init__(self, limiter: RateLimiter, realm: str) -> None:
        self._limiter = limiter
        self._realm = realm

    async def require_allowed(self, account: str, address: str) -> None:
        """Raises RateLimited while too many attempts have failed."""
        await self._limiter.check(self._account_key(account, address), PER_ACCOUNT, WINDOW_SECONDS)
        await self._limiter.check(self._address_key(address), PER_ADDRESS, WINDOW_SECONDS)

    async def failed(self, account: str, address: str) -> None:
        """Raises RateLimited when attempts that run at the same time went over the bound together."""
        await self._limiter.hit(self._account_key(account, address), PER_ACCOUNT, WINDOW_SECONDS)
        await self._limiter.hit(self._address_key(address), PER_ADDRESS, WINDOW_SECONDS)

    async def succeeded(self, account: str, address: str) -> None:
        await self._limiter.forgive(self._account_key(account, address))

    def _account_key(self, account: str, address: str) -> str:
        return f"attempts:{self._realm}:{account.lower()[:64]}:{rate_key(address)}"

    def _address_key(self, address: str) -> str:
        return f"attempts:{self._realm}:{rate_key(address)}"
