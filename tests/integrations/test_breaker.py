"""The circuit breaker."""

import asyncio

from integrations.breaker import CircuitBreaker


async def test_it_stays_closed_while_failures_are_not_consecutive() -> None:
    breaker = CircuitBreaker(failures=2)

    for _ in range(5):
        breaker.record_failure()
        breaker.record_success()

    assert breaker.allows_call()


async def test_when_open_it_allows_one_probe_at_a_time() -> None:
    breaker = CircuitBreaker(failures=1, open_seconds=0.05)
    breaker.record_failure()
    assert not breaker.allows_call()

    await asyncio.sleep(0.06)
    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]

    breaker.record_success()
    assert breaker.allows_call()
