"""Questions that come together are one, and each caller gets their own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.shared.errors import Conflict, Unavailable
from integrations.batcher import Together


class Doubler:
    """Answers when it is let; 0 is refused, 13 breaks everything."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.let = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.asked.append(list(numbers))
        await self.let.wait()
        if 13 in numbers:
            raise Unavailable
        return [2 * number if number else Conflict() for number in numbers]


@pytest.fixture
async def doubler() -> Doubler:
    return Doubler()


async def _asking(together: Together[int, int], *numbers: int) -> list["asyncio.Task[int]"]:
    tasks = [asyncio.create_task(together.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_who_comes_alone_waits_for_nobody_and_who_comes_meanwhile_goes_together(doubler: Doubler) -> None:
    together = Together(doubler, largest=10)
    first = await _asking(together, 1)
    rest = await _asking(together, 2, 3)
    assert doubler.asked == [[1]]

    doubler.let.set()

    assert await asyncio.gather(*first, *rest) == [2, 4, 6]
    assert doubler.asked == [[1], [2, 3]]
    assert await together.ask(4) == 8


async def test_no_more_than_the_largest_number_goes_together(doubler: Doubler) -> None:
    together = Together(doubler, largest=2)
    doubler.let.set()

    answers = await asyncio.gather(*(together.ask(number) for number in range(1, 6)))

    assert answers == [2, 4, 6, 8, 10]
    assert doubler.asked == [[1, 2], [3, 4], [5]]


async def test_a_refusal_is_for_its_own_caller_only(doubler: Doubler) -> None:
    together = Together(doubler, largest=10)
    doubler.let.set()

    answers = await asyncio.gather(*(together.ask(number) for number in (1, 0, 2)), return_exceptions=True)

    assert (answers[0], type(answers[1]), answers[2]) == (2, Conflict, 4)


async def test_a_question_that_fails_fails_for_all_who_asked_it_and_for_nobody_after_them(doubler: Doubler) -> None:
    together = Together(doubler, largest=2)
    doubler.let.set()

    answers = await asyncio.gather(*(together.ask(number) for number in (1, 13, 2)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [Unavailable, Unavailable, int]


async def test_a_caller_who_leaves_takes_nothing_from_the_others(doubler: Doubler) -> None:
    together = Together(doubler, largest=10)
    leaving, staying = await _asking(together, 1, 2)

    leaving.cancel()
    doubler.let.set()

    assert await staying == 4
    assert leaving.cancelled()


async def test_when_the_asking_is_cancelled_nobody_waits_for_ever(doubler: Doubler) -> None:
    together = Together(doubler, largest=1)
    waiting = await _asking(together, 1, 2)

    for task in asyncio.all_tasks() - {asyncio.current_task(), *waiting}:
        task.cancel()

    done, pending = await asyncio.wait(waiting, timeout=1)
    assert not pending
    assert all(task.cancelled() for task in done)
    doubler.let.set()
    assert await together.ask(3) == 6
    assert [2] not in doubler.asked


async def test_a_question_that_takes_long_does_not_hold_up_the_next(doubler: Doubler) -> None:
    together = Together(doubler, largest=10, holds_up_seconds=0.05)
    stuck = await _asking(together, 1)
    following = await _asking(together, 2, 3)

    async with asyncio.timeout(2):
        while len(doubler.asked) < 2:
            await asyncio.sleep(0.01)

    assert doubler.asked == [[1], [2, 3]]
    doubler.let.set()
    assert await asyncio.gather(*stuck, *following) == [2, 4, 6]


async def test_nobody_asks_for_those_who_have_gone_before_their_turn(doubler: Doubler) -> None:
    together = Together(doubler, largest=10)
    first, gone, last = [*await _asking(together, 1), *await _asking(together, 2, 3)]

    gone.cancel()
    await asyncio.sleep(0)
    doubler.let.set()

    assert [await first, await last] == [2, 6]
    assert doubler.asked == [[1], [3]]
