"""The try log in memory, and a signer of devices whose tokens are readable."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from math import ceil

from domain.shared.known_devices import DeviceSigner
from domain.shared.login_throttle import Taken, TryBudget, TryLog
from domain.shared.ports import Clock


class MemoryTryLog(TryLog):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: dict[str, dict[str, float]] = defaultdict(dict)
        self._ids = count()

    async def take(self, budgets: Mapping[str, TryBudget]) -> Taken | int:
        now = self._clock.now().timestamp()
        wait = max(budget.wait(list(self._tries[key].values()), now) for key, budget in budgets.items())
        if wait > 0:
            return ceil(wait)
        try_id = str(next(self._ids))
        for key in budgets:
            self._tries[key][try_id] = now
        counts = (sum(at > now - budget.window for at in self._tries[key].values()) for key, budget in budgets.items())
        return Taken(try_id, tuple(counts))

    async def give_back(self, keys: Sequence[str], try_id: str) -> None:
        for key in keys:
            self._tries[key].pop(try_id, None)

    async def forget(self, key: str) -> None:
        self._tries.pop(key, None)


class PlainDeviceSigner(DeviceSigner):
    def sign(self, account: str, device_id: str, expires_at: datetime) -> str:
        return f"{account.replace(':', '-')}.{device_id}.{int(expires_at.timestamp())}"

    def device_of(self, account: str, token: str, now: datetime) -> str:
        owner, device_id, expires = (*token.split("."), "", "", "")[:3]
        known = owner == account.replace(":", "-") and int(expires) > now.timestamp()
        return device_id if known else ""
