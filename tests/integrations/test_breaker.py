"""The circuit breaker."""

from integrations.breaker import CircuitBreaker
from tests.waiting import eventually


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

    await eventually(breaker.allows_call)
    assert [breaker.allows_call() for _ in range(2)] == [False, False]

    breaker.record_success()
    assert breaker.allows_call()
