"""Wrong password tries of the last hours, in Redis for all app processes; of this process alone while Redis is away."""

import hashlib
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from redis.asyncio import Redis

from domain.shared.login_throttle import Taken, TryBudget, TryLog
from domain.shared.ports import Clock
from integrations.redis.outage_guard import PAUSE_SECONDS, OutageGuard

_TAKE = """
-- Each key is a sorted set of tries, scored by their instant in milliseconds. The rule is TryBudget.wait.
-- KEYS: the logs. ARGV: now (ms), the id of the try; for each key: window, free tries, first and longest delay (ms).
-- Counts the try on all keys, and returns 0 and the counts; or counts it on none, and returns the milliseconds to wait.
local now, id = tonumber(ARGV[1]), ARGV[2]
local wait, counts = 0, {}
for i, log in ipairs(KEYS) do
  local first = 3 + (i - 1) * 4
  local window, free = tonumber(ARGV[first]), tonumber(ARGV[first + 1])
  local delay, longest = tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3])
  redis.call('ZREMRANGEBYSCORE', log, '-inf', now - window)
  local tries = redis.call('ZCARD', log)
  counts[i] = tries + 1
  if tries >= free and tries > 0 then
    local last = tonumber(redis.call('ZRANGE', log, -1, -1, 'WITHSCORES')[2])
    wait = math.max(wait, last + math.min(delay * 2 ^ math.min(tries - free, 20), longest) - now)
  end
end
if wait > 0 then
  return {wait}
end
for i, log in ipairs(KEYS) do
  redis.call('ZADD', log, now, id)
  redis.call('PEXPIRE', log, ARGV[3 + (i - 1) * 4])
end
return {0, unpack(counts)}
"""


_GIVE_BACK = """
for _, log in ipairs(KEYS) do
  redis.call('ZREM', log, ARGV[1])
end
return 0
"""


class LocalTryLog:
    """The tries that this process has seen. The least recently used keys are dropped first."""

    def __init__(self, max_keys: int = 50_000) -> None:
        self._tries: OrderedDict[str, dict[str, float]] = OrderedDict()
        self._max_keys = max_keys

    def take(self, budgets: Mapping[str, TryBudget], try_id: str, now: float) -> Taken | int:
        counted = {key: self._in_window(key, budget, now) for key, budget in budgets.items()}
        wait = max(budget.wait(sorted(counted[key].values()), now) for key, budget in budgets.items())
        if wait > 0:
            return math.ceil(wait)
        for key, tries in counted.items():
            self._tries[key] = {**tries, try_id: now}
            self._tries.move_to_end(key)
        while len(self._tries) > self._max_keys:
            self._tries.popitem(last=False)
        return Taken(try_id, tuple(len(tries) + 1 for tries in counted.values()))

    def _in_window(self, key: str, budget: TryBudget, now: float) -> dict[str, float]:
        return {each: at for each, at in self._tries.get(key, {}).items() if at > now - budget.window}

    def give_back(self, keys: Sequence[str], try_id: str) -> None:
        for key in keys:
            self._tries.get(key, {}).pop(try_id, None)

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)

    def clear(self) -> None:
        self._tries.clear()


class RedisTryLog(TryLog):
    """Logins do not depend on Redis, and guessing stays limited without it: then each process counts by itself."""

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        on_fallback: Callable[[], None] = lambda: None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        """`on_fallback` is called for every try that this process counts by itself."""
        self._redis = redis
        self._clock = clock
        self._on_fallback = on_fallback
        self._take = redis.register_script(_TAKE)
        self._give_back = redis.register_script(_GIVE_BACK)
        self._local = LocalTryLog()
        self._guard = OutageGuard(self._local.clear, pause_seconds)

    async def take(self, budgets: Mapping[str, TryBudget]) -> Taken | int:
        now, try_id = self._clock.now().timestamp(), secrets.token_urlsafe(8)
        named = {_name(key): budget for key, budget in budgets.items()}
        arguments: list[str | int] = [int(now * 1000), try_id]
        for budget in named.values():
            seconds = (budget.window, budget.first_delay, budget.longest_delay)
            window, first, longest = (each * 1000 for each in seconds)
            arguments += [window, budget.free, first, longest]
        answer = await self._guard.call(lambda: self._take(keys=list(named), args=arguments))
        if answer is None:
            self._on_fallback()
            return self._local.take(named, try_id, now)
        wait, *counts = cast(list[int], answer)
        return math.ceil(wait / 1000) if wait else Taken(try_id, tuple(counts))

    async def give_back(self, keys: Sequence[str], try_id: str) -> None:
        names = [_name(key) for key in keys]
        self._local.give_back(names, try_id)
        await self._guard.call(lambda: self._give_back(keys=names, args=[try_id]))

    async def forget(self, key: str) -> None:
        self._local.forget(_name(key))
        await self._guard.call(lambda: self._redis.delete(_name(key)))


def _name(key: str) -> str:
    # Keys contain addresses and account names: a digest keeps them out of the store and limits their length.
    return "tries:" + hashlib.blake2b(key.encode(errors="replace"), digest_size=16).hexdigest()
