"""Concurrent requests share a batch, and each caller gets its own result."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.shared.errors import Conflict, Unavailable
from integrations.batcher import Batcher
from tests.waiting import eventually


class Doubler:
    """Doubles numbers once `may_run` is set. 0 gets a Conflict, 13 fails its whole batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_run = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await self.may_run.wait()
        if 13 in numbers:
            raise Unavailable
        return [2 * number if number else Conflict() for number in numbers]


@pytest.fixture
async def doubler() -> Doubler:
    return Doubler()


async def _submitted(batcher: Batcher[int, int], *numbers: int) -> list["asyncio.Task[int]"]:
    tasks = [asyncio.create_task(batcher.submit(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_a_lone_request_starts_at_once_and_those_that_arrive_meanwhile_share_a_batch(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=10)
    first = await _submitted(batcher, 1)
    rest = await _submitted(batcher, 2, 3)
    assert doubler.batches == [[1]]

    doubler.may_run.set()

    assert await asyncio.gather(*first, *rest) == [2, 4, 6]
    assert doubler.batches == [[1], [2, 3]]
    assert await batcher.submit(4) == 8


async def test_a_batch_holds_at_most_max_size_requests(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=2)
    doubler.may_run.set()

    answers = await asyncio.gather(*(batcher.submit(number) for number in range(1, 6)))

    assert answers == [2, 4, 6, 8, 10]
    assert doubler.batches == [[1, 2], [3, 4], [5]]


async def test_an_exception_among_the_results_is_for_its_own_caller_only(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=10)
    doubler.may_run.set()

    answers = await asyncio.gather(*(batcher.submit(number) for number in (1, 0, 2)), return_exceptions=True)

    assert (answers[0], type(answers[1]), answers[2]) == (2, Conflict, 4)


async def test_a_batch_that_fails_fails_all_its_callers_and_no_later_ones(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=2)
    doubler.may_run.set()

    answers = await asyncio.gather(*(batcher.submit(number) for number in (1, 13, 2)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [Unavailable, Unavailable, int]


async def test_a_cancelled_caller_does_not_affect_the_others(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=10)
    leaving, staying = await _submitted(batcher, 1, 2)

    leaving.cancel()
    doubler.may_run.set()

    assert await staying == 4
    assert leaving.cancelled()


async def test_when_the_dispatch_is_cancelled_all_callers_are_cancelled(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=1)
    waiting = await _submitted(batcher, 1, 2)

    for task in asyncio.all_tasks() - {asyncio.current_task(), *waiting}:
        task.cancel()

    done, pending = await asyncio.wait(waiting, timeout=1)
    assert not pending
    assert all(task.cancelled() for task in done)
    doubler.may_run.set()
    assert await batcher.submit(3) == 6
    assert [2] not in doubler.batches


async def test_a_stalled_batch_does_not_delay_the_next(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=10, stall_seconds=0.05)
    stuck = await _submitted(batcher, 1)
    following = await _submitted(batcher, 2, 3)

    await eventually(lambda: len(doubler.batches) == 2)

    assert doubler.batches == [[1], [2, 3]]
    doubler.may_run.set()
    assert await asyncio.gather(*stuck, *following) == [2, 4, 6]


async def test_requests_of_cancelled_callers_are_left_out_of_the_next_batch(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=10)
    first, cancelled, last = [*await _submitted(batcher, 1), *await _submitted(batcher, 2, 3)]

    cancelled.cancel()
    await asyncio.sleep(0)
    doubler.may_run.set()

    assert [await first, await last] == [2, 6]
    assert doubler.batches == [[1], [3]]


async def test_without_a_stall_time_batches_never_overlap(doubler: Doubler) -> None:
    batcher = Batcher(doubler, max_size=10, stall_seconds=None)
    slow = await _submitted(batcher, 1)
    following = await _submitted(batcher, 2)

    await asyncio.sleep(0.05)

    assert doubler.batches == [[1]]
    doubler.may_run.set()
    assert await asyncio.gather(*slow, *following) == [2, 4]
