"""Processes are killed while people log in: what was answered has happened, and is counted."""

import asyncio
import os
import signal
from pathlib import Path

from tests.journeys.people import assert_nothing_was_lost, log_in, logins_counted, phones, wait_for_logins
from tests.journeys.running import Product, running
from tests.journeys.served import alive, children
from tests.waiting import eventually


async def test_a_killed_worker_is_replaced_and_no_answered_log_in_is_lost(product: Product) -> None:
    async with product.client(await product.admin_token()) as client:
        before = await logins_counted(client)
        async with phones(product, 8) as people:
            for _ in range(2):
                await wait_for_logins(people, 5)
                [worker] = children(product, "run.py worker")
                os.kill(worker, signal.SIGKILL)
                await wait_for_logins(people, 5)
                assert worker not in children(product)

        assert [phone.refused for phone in people] == [[]] * len(people)
        await assert_nothing_was_lost(client, people, before)


async def test_when_the_whole_product_is_killed_a_restart_finds_everything(tmp_path: Path) -> None:
    with running(data=tmp_path) as product:
        async with phones(product, 4) as people:
            await wait_for_logins(people, 5)
            started = children(product)
            product.process.kill()
            product.process.wait()

        async def nobody_is_left() -> bool:
            return not await asyncio.to_thread(alive, started)

        assert len(started) >= 3
        await eventually(nobody_is_left, 30)

    with running(data=tmp_path) as again:
        async with again.client(await again.admin_token()) as client:
            await assert_nothing_was_lost(client, people)
            assert (await log_in(client, people[0].openid))["isNewUser"] is False
            assert again.stop() == 0
