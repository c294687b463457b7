"""A circuit breaker, so that requests do not wait for a provider that is down."""

import asyncio
import math

FAILURES = 5
OPEN_SECONDS = 10.0


class CircuitBreaker:
    """Opens after `failures` consecutive failures; then one call per `open_seconds` is a probe, until one succeeds."""

    def __init__(self, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS) -> None:
        self._tolerated = failures
        self._open_seconds = open_seconds
        self._failures = 0
        self._next_try_at = -math.inf

    def allows_call(self) -> bool:
        """True if a call may be made now. Its outcome must be recorded."""
        if self._failures < self._tolerated:
            return True
        now = asyncio.get_running_loop().time()
        if now < self._next_try_at:
            return False
        self._next_try_at = now + self._open_seconds
        return True

    def record_success(self) -> None:
        self._failures = 0

    def record_failure(self) -> None:
        self._failures += 1
        if self._failures >= self._tolerated:
            self._next_try_at = asyncio.get_running_loop().time() + self._open_seconds
