"""Rate limits of client events: how often one connection may send each kind."""

import asyncio
from typing import Final

from domain.interviews.errors import EventRateExceeded
from realtime.engineio.limits import Rate, TokenBucket


def _per(seconds: float, count: float) -> Rate:
    return Rate(per_second=count / seconds, burst=count)


_RATES: Final = {
    "candidate": _per(10, 200),
    "offer": _per(10, 40),
    "answer": _per(10, 40),
    "bye": _per(10, 40),
    "chatSend": _per(10, 10),
    "prompterProgress": Rate(per_second=1, burst=2),
    "prompterControl": _per(10, 50),
    "mediaState": _per(10, 30),
    "ping": _per(10, 20),
    "stats": _per(10, 20),
    "join": _per(10, 10),
    "sync": _per(10, 10),
    "renewToken": _per(60, 10),
}
_DEFAULT_RATE: Final = _per(10, 30)


class EventRateLimiter:
    def __init__(self) -> None:
        self._buckets: dict[str, dict[str, TokenBucket]] = {}
        """By connection and event."""

    def require_allowed(self, sid: str, event: str) -> None:
        """Counts one event. Raises EventRateExceeded."""
        rate, now = _RATES.get(event, _DEFAULT_RATE), asyncio.get_running_loop().time()
        buckets = self._buckets.setdefault(sid, {})
        if event not in buckets:
            buckets[event] = TokenBucket(rate, now)
        left = buckets[event].take(rate, now)
        if left < 0:
            buckets[event].refund()  # a refused event does not count
            raise EventRateExceeded(max(1, round(-left / rate.per_second + 0.5)))

    def forget(self, sid: str) -> None:
        """The connection is closed."""
        self._buckets.pop(sid, None)
