"""Processes are killed while users log in: no acknowledged login is lost, and all of them are counted."""

import os
import signal
from pathlib import Path

from tests.journeys.app_processes import app_process_ids, child_process_ids, running_of
from tests.journeys.people import assert_nothing_was_lost, log_in, logins_counted, phones, wait_for_logins
from tests.journeys.running import Product, running
from tests.waiting import eventually


async def test_a_killed_app_process_is_replaced_and_no_acknowledged_login_is_lost(product: Product) -> None:
    async with product.client(await product.admin_token()) as client:
        before = await logins_counted(client)
        async with phones(product, 8) as people:
            for _ in range(2):
                await wait_for_logins(people, 5)
                [pid] = app_process_ids(product)
                os.kill(pid, signal.SIGKILL)
                await wait_for_logins(people, 5)
                assert pid not in child_process_ids(product)

        assert [phone.refused for phone in people] == [[]] * len(people)
        await assert_nothing_was_lost(client, people, before)


async def test_after_the_whole_product_was_killed_a_restart_has_every_acknowledged_login(tmp_path: Path) -> None:
    with running(data=tmp_path) as product:
        async with phones(product, 4) as people:
            await wait_for_logins(people, 5)
            started = child_process_ids(product)
            product.process.kill()
            product.process.wait()

        assert len(started) >= 3
        await eventually(lambda: not running_of(started), 30)

    with running(data=tmp_path) as again:
        async with again.client(await again.admin_token()) as client:
            await assert_nothing_was_lost(client, people)
            assert (await log_in(client, people[0].openid))["isNewUser"] is False
            assert again.stop() == 0
