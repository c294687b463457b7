"""Retries after conflicts, and keyed locks."""

import asyncio

import pytest

from domain.shared.errors import Conflict, NotFound
from domain.shared.retry import MAX_ATTEMPTS, KeyedLocks, retry_on_conflict


class Taken(Conflict):
    code = "TAKEN_IN_TEST"


async def test_a_plain_conflict_is_retried_until_it_succeeds() -> None:
    failures = [Conflict(), Conflict()]

    async def work() -> str:
        if failures:
            raise failures.pop()
        return "saved"

    assert await retry_on_conflict(work) == "saved"


@pytest.mark.parametrize(("failure", "tries"), [(Taken, 1), (NotFound, 1), (Conflict, MAX_ATTEMPTS)])
async def test_other_errors_are_not_retried_and_conflicts_a_limited_number_of_times(
    failure: type[Exception], tries: int
) -> None:
    count = 0

    async def work() -> None:
        nonlocal count
        count += 1
        raise failure

    with pytest.raises(failure):
        await retry_on_conflict(work)
    assert count == tries


async def test_errors_of_again_on_are_retried() -> None:
    failures = [Taken()]

    async def work() -> str:
        if failures:
            raise failures.pop()
        return "saved"

    assert await retry_on_conflict(work, again_on=(Taken,)) == "saved"


async def test_a_key_has_one_holder_at_a_time_and_its_lock_is_removed_afterwards() -> None:
    locks, inside, most = KeyedLocks(), 0, 0

    async def enter(key: str) -> None:
        nonlocal inside, most
        async with locks.hold(key):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter("a") for _ in range(20)))
    assert most == 1
    assert len(locks) == 0


async def test_a_cancelled_waiter_leaves_no_lock_behind() -> None:
    locks = KeyedLocks()

    async def wait() -> None:
        async with locks.hold("a"):
            pass

    async with locks.hold("a"), locks.hold("b"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert len(locks) == 0
