"""A signal wakes those that wait for it, at once or within a time."""

from domain.shared.signal import Signal
from tests.waiting import eventually


async def test_calls_within_the_time_share_one_wake_up() -> None:
    signal = Signal()

    signal.set_within(0.02)
    signal.set_within(0.02)
    assert signal.count == 0
    await signal.newer_than(0)
    signal.set_within(0.0)
    await signal.newer_than(1)

    assert signal.count == 2


async def test_the_earlier_of_two_times_counts() -> None:
    signal = Signal()

    signal.set_within(60.0)
    signal.set_within(0.01)

    await eventually(lambda: signal.count == 1)


async def test_what_is_set_at_once_is_not_set_again_later() -> None:
    signal, later = Signal(), Signal()

    signal.set_within(0.0)
    signal.set()
    later.set_within(0.01)
    await later.newer_than(0)

    assert signal.count == 1
