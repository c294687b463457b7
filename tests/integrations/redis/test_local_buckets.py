"""Limits of one process."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.errors import RateLimited
from integrations.redis.local_buckets import LocalBuckets


def test_the_oldest_keys_are_forgotten_when_there_are_too_many() -> None:
    buckets = LocalBuckets(most_keys=2)
    for key in ("a", "b", "c"):
        buckets.take(key, 1, 60, 1, 0)

    buckets.take("a", 1, 60, 1, 0)
    with pytest.raises(RateLimited):
        buckets.take("c", 1, 60, 1, 0)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 3)), max_size=60))
def test_no_more_than_the_burst_and_the_refill_get_through(steps: list[tuple[float, int]]) -> None:
    buckets, now, taken = LocalBuckets(), 0.0, 0
    for pause, cost in steps:
        now += pause
        with contextlib.suppress(RateLimited):
            buckets.take("a", 5, 10, cost, now)
            taken += cost

    assert taken <= 5 + now * 0.5 + 1e-6


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    buckets = LocalBuckets()
    buckets.take("a", 2, 60, 1, 100)
    buckets.take("a", 2, 60, 1, 0)

    for now in (0, 100):
        with pytest.raises(RateLimited):
            buckets.take("a", 2, 60, 1, now)
