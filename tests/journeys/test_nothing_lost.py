"""Processes are killed while users log in: no acknowledged login is lost, and all of them are counted once.

The default size keeps the suite short. Full size: KILL_ROUNDS=20. KILL_SEED selects other moments.
"""

import asyncio
import os
import signal
from pathlib import Path
from random import Random

import aiohttp

from tests.journeys.support.app_processes import child_process_ids, running_of
from tests.journeys.support.people import Phone, assert_nothing_was_lost, log_in, phones, wait_for_logins
from tests.journeys.support.running import Product, running
from tests.waiting import eventually

ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))
SEED = int(os.environ.get("KILL_SEED", "1"))
PEOPLE_EACH_ROUND, AT_ONCE = 120, 12
APP_PROCESS, STORE = "run.py worker", "secantusd"


async def kill(product: Product, victim: str, chance: Random) -> None:
    """Kill one child process of this kind, at a moment that `chance` chooses."""
    await asyncio.sleep(chance.uniform(0, 1.5))
    pids = await eventually(lambda: child_process_ids(product, victim), 30)
    os.kill(chance.choice(pids), signal.SIGKILL)


async def logins_go_on(people: list[Phone]) -> None:
    wanted = sum(phone.acknowledged for phone in people) + 3 * AT_ONCE

    async def done() -> bool:
        return sum(phone.acknowledged for phone in people) >= wanted

    await eventually(done, 60)


async def log_in_while_processes_are_killed(product: Product, number: int) -> list[Phone]:
    """One round: an app process and the store are killed, each once. Returns the phones that logged in."""
    chance = Random(SEED * 1000 + number)
    first = number * PEOPLE_EACH_ROUND
    async with phones(product, PEOPLE_EACH_ROUND, at_once=AT_ONCE, first=first, chance=chance) as people:
        for victim in chance.sample((APP_PROCESS, STORE), 2):
            await kill(product, victim, chance)
            if chance.random() < 0.7:  # else the second dies before the first is replaced
                await logins_go_on(people)
        await logins_go_on(people)

    assert {status for phone in people for status in phone.refused} <= {503}
    product.wait_until_ready()
    return [phone for phone in people if phone.attempts]


async def assert_sessions_are_valid(client: aiohttp.ClientSession, people: list[Phone]) -> None:
    for phone in people:
        await phone.refresh_all(client)


async def test_while_app_processes_and_the_store_are_killed_each_acknowledged_login_counts_once(tmp_path: Path) -> None:
    with running("--workers", "2", data=tmp_path) as product:
        async with product.client(await product.admin_token()) as client:
            # The embedded MongoDB server cannot start again when it is killed while it creates collections.
            known = Phone("oBeforeTheKills000000000001")
            await known.log_in(client)
            await assert_nothing_was_lost(client, [known])
            everybody = [known]
            for number in range(ROUNDS):
                people = await log_in_while_processes_are_killed(product, number)
                for phone in people:
                    if not phone.id:  # none of its logins was answered
                        await phone.log_in(client)
                everybody += people
                await assert_nothing_was_lost(client, everybody)
                await assert_sessions_are_valid(client, people)
            await assert_nothing_was_lost(client, everybody)


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
