"""Throttles password guessing without locking the owner of an account out. The rule is a table in `docs/users.md`.

Every attempt is counted before its password is verified, so that concurrent guesses cannot exceed a budget; a right
password takes its count back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Protocol

from domain.shared.errors import DomainError, RateLimited
from domain.shared.ip_addresses import rate_limit_key
from domain.shared.text import Text

_MINUTE: Final = 60
_DAY: Final = 24 * 60 * _MINUTE
_WARN_AT: Final = 2
_MAX_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class TryBudget:
    """Wrong tries that are free within a sliding window; each further one waits longer, up to `longest_delay`."""

    free: int
    window: int
    longest_delay: int
    first_delay: int = _MINUTE
    """Doubled with every further try. All times are in seconds."""

    def delay_after(self, tries: int) -> int:
        """Seconds from the last of `tries` in the window until the next is allowed."""
        if tries < self.free:
            return 0
        return min(self.first_delay << min(tries - self.free, _MAX_DOUBLINGS), self.longest_delay)

    def wait(self, tries: Sequence[float], now: float) -> float:
        """Seconds until the next try, for the instants of the tries so far in ascending order."""
        counted = [at for at in tries if at > now - self.window]
        return max(0.0, counted[-1] + self.delay_after(len(counted)) - now) if counted else 0.0


KNOWN_DEVICE: Final = TryBudget(free=10, window=_DAY, longest_delay=15 * _MINUTE)
ACCOUNT_AT_ADDRESS: Final = TryBudget(free=5, window=_DAY, longest_delay=15 * _MINUTE)
ACCOUNT: Final = TryBudget(free=20, window=_DAY, longest_delay=60 * _MINUTE)
ADDRESS: Final = TryBudget(free=200, window=60 * _MINUTE, longest_delay=15 * _MINUTE)
MAX_GUESSES_A_DAY: Final = 50
"""Against one account within any 24 hours, from any number of addresses, without one of its known devices."""


@dataclass(frozen=True, slots=True)
class LoginTry:
    """One attempt to log in with a password."""

    account: str
    """The id of the account; the typed name when there is none, which is counted alike."""
    address: str
    device: str = ""
    """The id of a device from which the account has logged in before; empty for an unknown one."""
    at_home: bool = False
    """The account has a session that began at this address."""


@dataclass(frozen=True, slots=True)
class TriesLeft:
    """After a wrong password: tries that are left before a wait, and the seconds of that wait."""

    tries: int
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A counted try: its id, and the tries in the window of each budget, this one included."""

    try_id: str
    counts: tuple[int, ...]


class TryLog(Protocol):
    """The wrong tries of the last hours, shared by all app processes."""

    async def take(self, budgets: Mapping[str, TryBudget]) -> Taken | int:
        """Counts a try on every key, or on none: then the seconds to wait. Concurrent calls never exceed a budget."""

    async def give_back(self, keys: Sequence[str], try_id: str) -> None:
        """Takes one try back."""

    async def forget(self, key: str) -> None:
        """Takes all tries of the key back."""


class LoginDelayed(RateLimited):
    """Too many wrong passwords: says when the next attempt is allowed."""

    @property
    def shown_text(self) -> Text:
        minutes = ceil(self.retry_after_seconds / _MINUTE)
        return Text(
            f"密码错误次数过多，请 {minutes} 分钟后再试",
            f"Too many wrong passwords; please try again in {_in_words(minutes)}",
        )


class WrongPasswordGiven(DomainError):
    """Base of the errors about a wrong password. Says how many tries are left when they are few."""

    def __init__(self, left: TriesLeft | None = None) -> None:
        super().__init__()
        self._left = left

    @property
    def shown_text(self) -> Text:
        if self._left is None or self._left.tries > _WARN_AT:
            return self.text
        minutes, tries = ceil(self._left.wait_seconds / _MINUTE), self._left.tries
        if tries == 0:
            return Text(
                f"{self.text.zh}，请 {minutes} 分钟后再试", f"{self.text.en}; try again in {_in_words(minutes)}"
            )
        left = "1 try" if tries == 1 else f"{tries} tries"
        return Text(
            f"{self.text.zh}，还可以再试 {tries} 次，之后需等待 {minutes} 分钟",
            f"{self.text.en}; {left} left, then you have to wait {_in_words(minutes)}",
        )


class CountedTry:
    """A try that was counted before its password is verified."""

    def __init__(self, log: TryLog, budgets: Mapping[str, TryBudget], taken: Taken) -> None:
        self._log = log
        self._budgets = budgets
        self._taken = taken

    @property
    def left(self) -> TriesLeft:
        """The tries that the caller has left if this password is wrong."""
        counted = list(zip(self._budgets.values(), self._taken.counts, strict=True))
        left = min(max(0, budget.free - tries) for budget, tries in counted)
        return TriesLeft(left, max(budget.delay_after(tries + left) for budget, tries in counted))

    async def succeeded(self) -> None:
        """Resets the count of the device, or of the account at this address; the common counts lose this try only."""
        own, *common = self._budgets
        await self._log.forget(own)
        if common:
            await self._log.give_back(common, self._taken.try_id)

    async def not_made(self) -> None:
        """The password was not verified after all."""
        await self._log.give_back(list(self._budgets), self._taken.try_id)


class LoginThrottle:
    """`realm` separates the accounts of staff from those of mini-program users."""

    def __init__(self, log: TryLog, realm: str) -> None:
        self._log = log
        self._realm = realm

    async def count(self, attempt: LoginTry) -> CountedTry:
        """Counts the attempt. Raises LoginDelayed."""
        budgets = self._budgets(attempt)
        taken = await self._log.take(budgets)
        if isinstance(taken, int):
            raise LoginDelayed(taken)
        return CountedTry(self._log, budgets, taken)

    def _budgets(self, attempt: LoginTry) -> Mapping[str, TryBudget]:
        """By key; the first is the caller's own."""
        account, address = f"account:{attempt.account}", f"address:{rate_limit_key(attempt.address)}"
        if attempt.device:
            return {self._key(account, f"device:{attempt.device}"): KNOWN_DEVICE}
        budgets = {self._key(account, address): ACCOUNT_AT_ADDRESS, self._key(account): ACCOUNT}
        return budgets if attempt.at_home else {**budgets, self._key(address): ADDRESS}

    def _key(self, *parts: str) -> str:
        return ":".join((self._realm, *parts))


def _in_words(minutes: int) -> str:
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
