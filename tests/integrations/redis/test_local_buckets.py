"""Rate limits of one process."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.errors import RateLimited
from integrations.redis.local_buckets import LocalBuckets


def test_the_least_recently_used_keys_are_dropped_beyond_the_limit() -> None:
    buckets = LocalBuckets(max_keys=2)
    for key in ("a", "b", "c"):
        buckets.take(key, 1, 60, 1, 0)

    buckets.take("a", 1, 60, 1, 0)
    with pytest.raises(RateLimited):
        buckets.take("c", 1, 60, 1, 0)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 3)), max_size=60))
def test_no_more_than_burst_and_refill_are_allowed(steps: list[tuple[float, int]]) -> None:
    buckets, now, taken = LocalBuckets(), 0.0, 0
    for pause, cost in steps:
        now += pause
        with contextlib.suppress(RateLimited):
            buckets.take("a", 5, 10, cost, now)
            taken += cost

    assert taken <= 5 + now * 0.5 + 1e-6


def test_a_clock_that_goes_back_refills_nothing_twice() -> None:
    buckets = LocalBuckets()
    buckets.take("a", 2, 60, 1, 100)
    buckets.take("a", 2, 60, 1, 0)

    for now in (0, 100):
        with pytest.raises(RateLimited):
            buckets.take("a", 2, 60, 1, now)
