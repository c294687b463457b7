"""Contracts while everything goes wrong at once: afterwards each is where its parties' actions put it.

Seeded: what people do, what fails and when somebody is killed. `CHAOS_SEED` plays it again (as far as the machine's own
timing lets it), `CHAOS_SCHEDULES=200` plays all of it: 500 contracts. The gate plays a part.
"""

import asyncio
import os
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from integrations.local.simulators.esign.state import ABNORMAL
from tests.journeys.chaos.play import Play
from tests.journeys.chaos.stage import Stage, a_stage
from tests.journeys.chaos.verdict import effects_of, problems_of, seen_amiss, theirs
from tests.journeys.chaos.weather import calm, change_weather, forge
from tests.realtime.official_clients import official_clients

SEED: Final = os.environ.get("CHAOS_SEED") or f"{random.SystemRandom().randrange(10**9)}"
SCHEDULES: Final = int(os.environ.get("CHAOS_SCHEDULES", "24"))
AT_ONCE: Final = 6
KILLED_EVERY: Final = 12
QUIET_SECONDS: Final = 60.0


async def test_every_contract_ends_as_its_parties_acted_and_every_dashboard_saw_each_change_once(
    mongodb_uri: str, redis_url: str, tmp_path: Path
) -> None:
    print(f"CHAOS_SEED={SEED} CHAOS_SCHEDULES={SCHEDULES}")  # noqa: T201  # shown when it fails
    random.seed(SEED)  # the simulator's own dice
    async with a_stage(mongodb_uri, redis_url, f"chaos_{uuid.uuid4().hex[:8]}", tmp_path) as stage:
        around = [
            asyncio.create_task(stage.drop_dashboards(_chance("dashboards"))),
            asyncio.create_task(forge(stage, _chance("forger"))),
        ]
        await _all_schedules(stage)
        calm(stage)
        for task in around:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

        contracts = await _once_quiet(stage)

        _tell(stage, contracts)
        assert list(_wrong(stage, contracts)) == []
        assert stage.unexpected == []
        assert await _effects_amiss(stage, contracts) == {}
        await _require_dashboards(stage, contracts)
        await _require_boards(stage, contracts)


async def _all_schedules(stage: Stage) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def schedule(number: int) -> None:
        chance = _chance(number)
        # 200 schedules of 2 or 3 contracts each: 500.
        plays = [Play(stage, chance, number * 3 + each) for each in range(2 + number % 2)]
        async with slots:
            change_weather(stage, chance)
            deeds = [play.run() for play in plays]
            if number % KILLED_EVERY == KILLED_EVERY // 2:
                deeds.append(_kill(stage, chance))
            await asyncio.gather(*deeds)

    await asyncio.gather(*(schedule(number) for number in range(SCHEDULES)))


async def _kill(stage: Stage, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0, 1.0))
    await chance.choice(stage.workers).killed_and_replaced()


async def _once_quiet(stage: Stage) -> dict[str, Contract]:
    """When nothing is left to do, or patience is over."""
    deadline = asyncio.get_running_loop().time() + QUIET_SECONDS
    # Not only those that somebody was told of: the answer to a creation may have been lost with a worker.
    ids = await stage.all_contracts()
    while True:
        await _say_again_what_failed(stage)
        contracts = {each: await stage.contract(each) for each in ids}
        busy = await stage.stores.database["contracts"].count_documents({"outbox.id": {"$gt": ""}})
        late = any(
            contract.contract_status is ContractStatus.CANCELLED and contract.esign_next_poll_at
            for contract in contracts.values()
        )
        over = asyncio.get_running_loop().time() > deadline
        if over or not (busy or late or any(_wrong(stage, contracts))):
            return contracts
        await asyncio.sleep(0.5)


async def _say_again_what_failed(stage: Stage) -> None:
    """That a signature process broke down is said in a callback only, which may have been lost for good."""
    for paper in list(stage.provider.state.records.contracts.values()):
        if paper.status == ABNORMAL:
            message = {
                "contractNo": paper.contract_no,
                "status": "-3",
                "action": "contractChanged",
                "signTime": "again",
            }
            await stage.report(message, forged=False, worker=0)


def _wrong(stage: Stage, contracts: Mapping[str, Contract]) -> Iterator[str]:
    there = stage.provider.state.records.contracts
    for contract in contracts.values():
        successors = [each for each in contracts.values() if each.replaces_contract_id == contract.id]
        for problem in problems_of(contract, there, successors, stage.trained):
            yield f"{contract.contract_number}: {problem}"


async def _effects_amiss(stage: Stage, contracts: Mapping[str, Contract]) -> dict[str, int]:
    """Keys of side effects that are missing from the event stream (negative) or too often on it."""
    await stage.side_effects.caught_up()
    expected: Counter[str] = Counter()
    for contract in contracts.values():
        expected += effects_of(contract, stage.provider.state.records.contracts)
    amiss = Counter(stage.side_effects.keys)
    amiss.subtract(expected)
    return {key: count for key, count in amiss.items() if count}


async def _require_dashboards(stage: Stage, contracts: Mapping[str, Contract]) -> None:
    expected = sum(len(contract.history) for contract in contracts.values())
    for worker in stage.dashboards:
        await worker.all_connected()
        reports = await _complete(worker, expected)
        *managers, employee = reports
        for manager in managers:
            assert list(seen_amiss(manager["others"], contracts)) == []
        assert list(seen_amiss(employee["others"], contracts, stage.employee.id)) == []
        shown = [payload["id"] for name, payload in employee["others"] if name.startswith("contract")]
        assert shown == theirs(_events(managers[0]), stage.employee.id)
        assert [report["lost"] for report in reports] == [[], [], []]
        assert all(report["recovered"] for report in reports)


async def _complete(worker: Any, events: int) -> list[dict[str, Any]]:
    for _ in range(60):
        reports: list[dict[str, Any]] = await worker.report()
        if all(len(_events(report)) >= events for report in reports[:2]):
            break
        await asyncio.sleep(0.25)
    return reports


def _events(report: Mapping[str, Any]) -> list[Any]:
    return [(name, payload) for name, payload in report["others"] if name in ("contractStatus", "contractChanged")]


async def _require_boards(stage: Stage, contracts: Mapping[str, Contract]) -> None:
    """Whoever comes now is shown what is so, by either worker."""
    statuses = Counter(str(contract.contract_status) for contract in contracts.values())
    for worker in stage.workers:
        port = int(worker.url.rsplit(":", 1)[1])
        async with official_clients(port, 1, "/contracts", "none", stage.managers[0].token) as newcomer:
            await newcomer.all_connected()
            await asyncio.sleep(0.2)
            (report,) = await newcomer.report()
        snapshot = next(payload for name, payload in report["others"] if name == "snapshot")
        assert {status: count for status, count in snapshot["counts"].items() if count} == dict(statuses)


def _tell(stage: Stage, contracts: Mapping[str, Contract]) -> None:
    ends = Counter(
        f"{contract.contract_status}{f' ({contract.cancel_reason})' if contract.cancel_reason else ''}"
        for contract in contracts.values()
    )
    steps = sum(len(contract.history) for contract in contracts.values())
    lives = [worker.lives for worker in stage.workers]
    print(f"{len(contracts)} contracts, {steps} changes, lives of the workers {lives}: {dict(ends)}")  # noqa: T201


def _chance(of: object) -> random.Random:
    return random.Random(f"{SEED}:{of}")
