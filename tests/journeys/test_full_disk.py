"""The product on a disk that becomes full: nothing acknowledged is lost, reads go on, and it recovers without help.

Full size: FULL_DISK_ROUNDS=6 FULL_DISK_SECONDS=75, longer than MongoDB's time between two checkpoints.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from tests.journeys.support.app_processes import app_process_ids
from tests.journeys.support.people import USERS, data_of
from tests.journeys.support.running import Product, running
from tests.small_disk import SmallDisk, small_disk
from tests.waiting import eventually

ROUNDS = int(os.environ.get("FULL_DISK_ROUNDS", "1"))
SECONDS = float(os.environ.get("FULL_DISK_SECONDS", "2"))
MEGABYTES = 30
_CONCURRENT = 4
_AT_THE_LIMIT = 11 * 1024 * 1024
"""Free space with which the product has just stopped saving."""


@dataclass
class Traffic:
    """People who register, one after the other, and a member of staff who looks at the list."""

    client: aiohttp.ClientSession
    registered: list[str] = field(default_factory=list)
    refused: int = 0
    other_answers: list[object] = field(default_factory=list)
    failed_reads: list[object] = field(default_factory=list)

    async def register_until_cancelled(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            openid = f"oFullDisk{number:019d}"
            async with self.client.post(f"{USERS}/login", json={"openid": openid}) as answer:
                body: dict[str, Any] = await answer.json()
            if answer.status == 201:
                self.registered.append(body["data"]["id"])
            elif (answer.status, body.get("code")) == (503, "STORAGE_FULL") and answer.headers["Retry-After"]:
                self.refused += 1
            else:
                self.other_answers.append(body)
            await asyncio.sleep(0.05)

    async def read_until_cancelled(self) -> None:
        while True:
            for path in (USERS, "/api/auth/me", "/health/live"):
                async with self.client.get(path) as answer:
                    if answer.status != 200:
                        self.failed_reads.append((path, await answer.json()))
            await asyncio.sleep(0.1)


@asynccontextmanager
async def traffic(client: aiohttp.ClientSession) -> AsyncIterator[Traffic]:
    it, numbers = Traffic(client), iter(range(10**9))
    async with asyncio.TaskGroup() as people:
        tasks = [people.create_task(it.register_until_cancelled(numbers)) for _ in range(_CONCURRENT)]
        tasks.append(people.create_task(it.read_until_cancelled()))
        yield it
        for task in tasks:
            task.cancel()


async def causes(client: aiohttp.ClientSession) -> dict[str, str]:
    """The checks that are not up, with their cause."""
    async with client.get("/health/ready") as answer:
        body: dict[str, Any] = await answer.json()
    return {name: check.get("cause", "") for name, check in body["checks"].items() if check["status"] != "up"}


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(MEGABYTES) as disk:
        yield disk


async def test_a_full_disk_refuses_writes_and_loses_nothing(disk: SmallDisk) -> None:
    with running("--workers", "2", data=disk.path) as product:
        async with product.client(await product.admin_token()) as client:
            processes = app_process_ids(product)
            async with traffic(client) as it:
                for number in range(ROUNDS):
                    await one_round(disk, it, leave_bytes=_AT_THE_LIMIT if number % 2 else 0)

            assert it.other_answers == []
            assert it.failed_reads == []
            assert app_process_ids(product) == processes
            await assert_all_are_stored(client, it)
            assert_no_stack_was_logged(product)
            print(f"acknowledged and found: {len(it.registered)}, refused as full: {it.refused}")  # noqa: T201


async def one_round(disk: SmallDisk, it: Traffic, leave_bytes: int) -> None:
    await more(it.registered)
    disk.fill(leave_bytes)
    await eventually(lambda: is_refused(it), 30)
    assert (await causes(it.client))["mongodb"] == "STORAGE_FULL"
    await asyncio.sleep(SECONDS)  # the length of the outage

    disk.clear()
    await more(it.registered)
    await eventually(lambda: is_ready(it.client), 30)


async def more(found: list[str], count: int = 20) -> None:
    """Waits for so many more registrations."""
    wanted = len(found) + count
    await eventually(lambda: len(found) >= wanted, 60)


async def is_refused(it: Traffic) -> bool:
    before = len(it.registered), it.refused
    await asyncio.sleep(0.3)
    return (len(it.registered), it.refused > before[1]) == (before[0], True)


async def is_ready(client: aiohttp.ClientSession) -> bool:
    return await causes(client) == {}


async def assert_all_are_stored(client: aiohttp.ClientSession, it: Traffic) -> None:
    """A registration whose answer did not arrive before the end may be stored, too."""
    for user_id in it.registered:
        assert (await data_of(client, f"{USERS}/{user_id}"))["id"] == user_id
    total = (await data_of(client, USERS))["total"]
    assert len(it.registered) <= total <= len(it.registered) + _CONCURRENT


def assert_no_stack_was_logged(product: Product) -> None:
    assert '"stack"' not in product.printed
