"""One run at a time for each key, and none is lost."""

import asyncio
from collections import Counter

import pytest

from domain.shared.single_flight import Turns


class Work:
    def __init__(self) -> None:
        self.began: Counter[str] = Counter()
        self.running: Counter[str] = Counter()
        self.most = 0
        self.gate = asyncio.Event()
        self.failures: list[Exception] = []

    async def __call__(self, key: str) -> None:
        self.began[key] += 1
        self.running[key] += 1
        assert self.running[key] == 1
        self.most = max(self.most, self.running.total())
        try:
            await self.gate.wait()
            if self.failures:
                raise self.failures.pop()
        finally:
            self.running[key] -= 1


async def test_asking_a_hundred_times_during_a_run_leads_to_one_more() -> None:
    work = Work()
    turns = Turns(work, at_once=4)
    first = turns.ask("a")
    await asyncio.sleep(0)
    later = [turns.ask("a") for _ in range(100)]

    work.gate.set()
    await asyncio.gather(first, *later)

    assert work.began == {"a": 2}
    assert not first.cancelled()


async def test_keys_run_beside_one_another_but_not_all_at_once() -> None:
    work = Work()
    turns = Turns(work, at_once=3)
    asked = [turns.ask(f"{number}") for number in range(10)]
    for _ in range(20):
        await asyncio.sleep(0)

    work.gate.set()
    await asyncio.gather(*asked)

    assert work.most == 3
    assert work.began.total() == 10


async def test_a_run_that_fails_is_told_and_the_next_one_begins() -> None:
    work = Work()
    turns = Turns(work, at_once=1)
    work.failures = [KeyError("a")]
    work.gate.set()
    first = turns.ask("a")

    with pytest.raises(KeyError):
        await first
    await turns.ask("a")

    assert work.began == {"a": 2}


async def test_a_failure_that_nobody_waits_for_harms_nobody() -> None:
    work = Work()
    turns = Turns(work, at_once=1)
    work.failures = [KeyError("a")]
    work.gate.set()

    turns.ask("a")

    await turns.ask("b")
    assert work.began == {"a": 1, "b": 1}


async def test_stopping_ends_what_runs_and_leaves_what_has_not_begun() -> None:
    work = Work()
    turns = Turns(work, at_once=1)
    asked = [turns.ask(key) for key in ("a", "a", "b")]
    await asyncio.sleep(0)
    asked.append(turns.ask("a"))

    await turns.stop()

    assert all(each.cancelled() for each in asked)
    assert work.began == {"a": 1}
    assert work.running.total() == 0
