"""Rate limits of one process, for outages of Redis."""

import math
from collections import OrderedDict

from domain.shared.errors import RateLimited


class LocalBuckets:
    """Token buckets: `limit` uses at once, refilled over the window. Least recently used keys are dropped first."""

    def __init__(self, max_keys: int = 50_000) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (uses left, at seconds)
        self._max_keys = max_keys

    def take(self, key: str, limit: int, window_seconds: int, cost: int, now_seconds: float) -> None:
        """Takes `cost` uses, or raises RateLimited and takes none."""
        left, at = self._buckets.get(key, (float(limit), now_seconds))
        refill = limit / window_seconds
        now_seconds = max(now_seconds, at)  # a clock that goes back must not refill the same time twice
        left = min(limit, left + (now_seconds - at) * refill)
        if left < cost:
            raise RateLimited(max(1, math.ceil((min(cost, limit) - left) / refill)) if refill else window_seconds)
        self._buckets[key] = (left - cost, now_seconds)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)

    def clear(self) -> None:
        self._buckets.clear()
