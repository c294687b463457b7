"""Limits of one process alone, for as long as the shared ones cannot be reached."""

import math
from collections import OrderedDict

from domain.shared.errors import RateLimited


class LocalBuckets:
    """Token buckets: `limit` uses at once, refilled over the window. The keys used longest ago are forgotten first."""

    def __init__(self, most_keys: int = 50_000) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (uses left, at seconds)
        self._most_keys = most_keys

    def take(self, key: str, limit: int, window_seconds: int, cost: int, now_seconds: float) -> None:
        """Raises RateLimited, and then takes nothing. A cost of 0 only looks whether one use is left."""
        left, at = self._buckets.get(key, (float(limit), now_seconds))
        refill = limit / window_seconds
        now_seconds = max(now_seconds, at)  # a clock that steps back must not refill the same time twice
        left = min(limit, left + (now_seconds - at) * refill)
        asked = max(cost, 1)
        if left < asked:
            raise RateLimited(max(1, math.ceil((min(asked, limit) - left) / refill)) if refill else window_seconds)
        self._buckets[key] = (left - cost, now_seconds)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)

    def forgive(self, key: str) -> None:
        self._buckets.pop(key, None)

    def clear(self) -> None:
        self._buckets.clear()
