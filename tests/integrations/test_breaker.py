"""The circuit breaker by itself."""

import asyncio

from integrations.breaker import CircuitBreaker


async def test_it_stays_closed_while_failures_do_not_come_in_a_row() -> None:
    breaker = CircuitBreaker(failures=2)

    for _ in range(5):
        breaker.failed()
        breaker.succeeded()

    assert breaker.admits()


async def test_open_it_admits_one_probe_at_a_time() -> None:
    breaker = CircuitBreaker(failures=1, rest_seconds=0.05)
    breaker.failed()
    assert not breaker.admits()

    await asyncio.sleep(0.06)
    assert [breaker.admits() for _ in range(3)] == [True, False, False]

    breaker.succeeded()
    assert breaker.admits()
