"""App processes are killed in the middle of many changes: each change that took effect has exactly one audit row.

Full size: AUDIT_CHANGES=1000 AUDIT_KILLS=5.
"""

import asyncio
import os
import signal
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import aiohttp

from tests.contract_api import housekeeping_form
from tests.journeys.support.app_processes import child_process_ids
from tests.journeys.support.people import data_of
from tests.journeys.support.running import Product, running
from tests.waiting import eventually

CHANGES: Final = int(os.environ.get("AUDIT_CHANGES", "80"))
KILLS: Final = int(os.environ.get("AUDIT_KILLS", "2"))
CONTRACTS: Final = 8
APP_PROCESS: Final = "run.py worker"


async def edit(client: aiohttp.ClientSession, contract_id: str, salary: int) -> bool:
    """True if it was answered; else it may have taken effect or not."""
    try:
        async with client.put(f"/api/contracts/{contract_id}", json={"workerSalary": salary}) as answer:
            assert answer.status in (200, 503), await answer.text()
            return answer.status == 200
    except aiohttp.ClientError:
        await asyncio.sleep(0.1)  # the supervisor starts another process
        return False


async def kill_now_and_then(product: Product, chance: Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        pids = await eventually(lambda: child_process_ids(product, APP_PROCESS), 30)
        os.kill(chance.choice(pids), signal.SIGKILL)


async def test_each_change_that_took_effect_has_exactly_one_audit_row(tmp_path: Path) -> None:
    with running("--workers", "2", data=tmp_path) as product:
        async with product.client(await product.admin_token()) as client:
            ids = []
            for number in range(CONTRACTS):
                answer = await client.post("/api/contracts/miniprogram/create", json=housekeeping_form(7000 + number))
                ids.append((await answer.json())["data"]["id"])
            salaries = count(5_000)
            answered = 0

            async def edit_one(contract_id: str) -> None:
                nonlocal answered
                for _ in range(CHANGES // CONTRACTS):
                    answered += await edit(client, contract_id, next(salaries))

            await asyncio.gather(kill_now_and_then(product, Random(1)), *map(edit_one, ids))
            product.wait_until_ready()

            took_effect = 0
            for contract_id in ids:
                history = (await data_of(client, f"/api/contracts/{contract_id}"))["history"]
                path = f"/api/audit-logs?targetKind=contract&targetId={contract_id}&pageSize=1"

                async def as_many_rows(path: str = path, changes: int = len(history)) -> bool:
                    return bool((await data_of(client, path))["total"] == changes)

                await eventually(as_many_rows, 30)
                took_effect += len(history) - 1

            assert took_effect >= answered > 0
