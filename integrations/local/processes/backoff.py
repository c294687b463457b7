"""Exponential delay before a process that ended is started again."""

from dataclasses import dataclass, field


@dataclass
class Backoff:
    """Doubles from `first_seconds` to `longest_seconds`. Resets after a process ran for `stable_seconds`."""

    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    stable_seconds: float = 30.0
    _next: float = field(default=0.0, init=False)

    def delay_after(self, uptime_seconds: float) -> float:
        if self._next == 0 or uptime_seconds >= self.stable_seconds:
            self._next = self.first_seconds
        delay, self._next = self._next, min(self._next * 2, self.longest_seconds)
        return delay
