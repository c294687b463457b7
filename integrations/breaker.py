"""A circuit breaker: a provider that is down is not waited for by every request."""

import asyncio
import math

FAILURES = 5
REST_SECONDS = 10.0


class CircuitBreaker:
    """Opens after some failures in a row; then one caller in `rest_seconds` tries for all, until one succeeds."""

    def __init__(self, failures: int = FAILURES, rest_seconds: float = REST_SECONDS) -> None:
        self._tolerated = failures
        self._rest_seconds = rest_seconds
        self._failures = 0
        self._next_try_at = -math.inf

    def admits(self) -> bool:
        """Whether to call now. The one admitted while open is the probe; it reports like any other."""
        if self._failures < self._tolerated:
            return True
        now = asyncio.get_running_loop().time()
        if now < self._next_try_at:
            return False
        self._next_try_at = now + self._rest_seconds
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._tolerated:
            self._next_try_at = asyncio.get_running_loop().time() + self._rest_seconds
