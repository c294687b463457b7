"""The pool in which passwords are hashed: whose call runs next, and whose is refused."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from domain.shared.errors import RateLimited, Unavailable
from integrations.security.fair_pool import FairPool
from tests.waiting import eventually

ATTACKER, OWNER = "8.8.8.8", "1.2.4.8"


class BusyPool:
    """A pool with one thread, which is busy until it is released."""

    def __init__(self, max_waiting: int = 8, max_waiting_per_address: int = 4) -> None:
        self.pool = FairPool("test", 1, max_waiting, max_waiting_per_address)
        self.done: list[str] = []
        self._released = threading.Event()
        self._first = asyncio.ensure_future(self.pool.run(self._released.wait, ATTACKER))

    async def call(self, name: str, address: str, *, preferred: bool = False) -> "asyncio.Future[None]":
        """A call that waits in its queue, or is refused, when this returns."""
        future = asyncio.ensure_future(self.pool.run(lambda: self.done.append(name), address, preferred=preferred))
        await asyncio.sleep(0)
        return future

    async def release(self) -> None:
        self._released.set()
        await self._first


@pytest.fixture
async def busy() -> AsyncIterator[BusyPool]:
    busy = BusyPool()
    await asyncio.sleep(0)
    yield busy
    await busy.release()
    busy.pool.close()


async def test_addresses_take_turns(busy: BusyPool) -> None:
    calls = [await busy.call(f"attacker {number}", ATTACKER) for number in range(3)]
    calls += [await busy.call(f"owner {number}", OWNER) for number in range(2)]

    await busy.release()
    await asyncio.gather(*calls)

    assert busy.done == ["attacker 0", "owner 0", "attacker 1", "owner 1", "attacker 2"]


async def test_an_address_with_too_many_waiting_calls_is_refused_alone(busy: BusyPool) -> None:
    calls = [await busy.call("waits", ATTACKER) for _ in range(4)]

    refused = await busy.call("refused", ATTACKER)
    owner = await busy.call("owner", OWNER)

    with pytest.raises(RateLimited) as error:
        await refused
    assert error.value.retry_after_seconds > 0
    await busy.release()
    await asyncio.gather(*calls, owner)
    assert "owner" in busy.done


async def test_in_a_full_pool_a_newcomer_takes_the_last_place_of_the_longest_queue(busy: BusyPool) -> None:
    addresses = (ATTACKER, "9.9.9.9")
    calls = [await busy.call(f"{address} {number}", address) for address in addresses for number in range(4)]

    owner = await busy.call("owner", OWNER)

    with pytest.raises(Unavailable):
        await calls[3]
    await busy.release()
    await asyncio.gather(*calls, owner, return_exceptions=True)
    assert busy.done[2] == "owner"


async def test_a_full_pool_whose_queues_are_equally_short_refuses_a_newcomer() -> None:
    busy = BusyPool(max_waiting=2)
    calls = [await busy.call("waits", address) for address in ("8.8.8.1", "8.8.8.2")]

    refused = await busy.call("refused", OWNER)

    with pytest.raises(Unavailable) as error:
        await refused
    assert error.value.retry_after_seconds > 0
    await busy.release()
    await asyncio.gather(*calls)
    busy.pool.close()


async def test_a_preferred_call_has_a_place_in_a_full_pool_and_runs_first() -> None:
    busy = BusyPool(max_waiting=2)
    calls = [await busy.call(address, address) for address in ("8.8.8.1", "8.8.8.2")]

    preferred = [await busy.call(f"colleague {number}", OWNER, preferred=True) for number in range(3)]

    await busy.release()
    await asyncio.gather(*calls, *preferred[:2])
    with pytest.raises(Unavailable):  # they have an end, too
        await preferred[2]
    assert busy.done == ["colleague 0", "colleague 1", "8.8.8.1", "8.8.8.2"]
    busy.pool.close()


async def test_a_cancelled_call_frees_its_place_and_does_not_run(busy: BusyPool) -> None:
    calls = [await busy.call("cancelled", ATTACKER) for _ in range(4)]
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

    later = await busy.call("later", ATTACKER)
    await busy.release()
    await later

    assert busy.done == ["later"]


async def test_cancelling_a_running_call_does_not_start_another_beside_it() -> None:
    pool, release, running = FairPool("test", 1, 8, 8), threading.Event(), threading.Event()
    first = asyncio.ensure_future(pool.run(lambda: running.set() or release.wait(), ATTACKER))  # type: ignore[func-returns-value]
    await eventually(running.is_set)
    second = asyncio.ensure_future(pool.run(lambda: release.is_set(), ATTACKER))
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    release.set()

    assert await second is True
    pool.close()


async def test_an_error_of_the_work_reaches_its_caller() -> None:
    pool = FairPool("test", 1, 8, 8)

    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0, OWNER)
    assert await pool.run(lambda: 1, OWNER) == 1
    pool.close()
