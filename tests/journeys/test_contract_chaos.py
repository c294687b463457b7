"""Contracts under faults and process crashes: afterwards each is in the status that its parties' actions imply.

Scenarios, faults and crashes are seeded: `CHAOS_SEED` repeats a run, as far as the timing of the machine allows.
`CHAOS_SCHEDULES=200` runs the full form with 500 contracts; the test suite runs a part.
"""

import asyncio
import os
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from integrations.local.simulators.esign.state import ABNORMAL
from tests.journeys.support.chaos.contract_scenario import ContractScenario
from tests.journeys.support.chaos.environment import ChaosEnvironment, chaos_environment
from tests.journeys.support.chaos.expectations import (
    dashboard_mismatches,
    event_ids_visible_to,
    expected_side_effects,
    mismatches_of,
)
from tests.journeys.support.chaos.faults import clear_faults, forge_callbacks, inject_faults
from tests.realtime.official_clients import OfficialClients, official_clients
from tests.waiting import eventually

SEED: Final = os.environ.get("CHAOS_SEED", "20261125")
SCHEDULES: Final = int(os.environ.get("CHAOS_SCHEDULES", "8"))
CONCURRENT_SCHEDULES: Final = 6
KILL_EVERY: Final = 12
SETTLE_SECONDS: Final = 60.0


async def test_every_contract_ends_as_its_parties_acted_and_every_dashboard_saw_each_change_once(
    mongodb_uri: str, redis_url: str, tmp_path: Path
) -> None:
    print(f"CHAOS_SEED={SEED} CHAOS_SCHEDULES={SCHEDULES}")  # noqa: T201  # shown when it fails
    random.seed(SEED)  # for the simulator's random choices
    async with chaos_environment(mongodb_uri, redis_url, f"chaos_{uuid.uuid4().hex[:8]}", tmp_path) as environment:
        background = [
            asyncio.create_task(environment.disconnect_dashboards(_rng("dashboards"))),
            asyncio.create_task(forge_callbacks(environment, _rng("forger"))),
        ]
        await _all_schedules(environment)
        clear_faults(environment)
        for task in background:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

        contracts = await _once_settled(environment)

        _print_summary(environment, contracts)
        assert list(_all_mismatches(environment, contracts)) == []
        assert environment.unexpected == []
        assert await _side_effect_mismatches(environment, contracts) == {}
        await _require_dashboards(environment, contracts)
        await _require_boards(environment, contracts)


async def _all_schedules(environment: ChaosEnvironment) -> None:
    slots = asyncio.Semaphore(CONCURRENT_SCHEDULES)

    async def schedule(number: int) -> None:
        rng = _rng(number)
        # 200 schedules of 2 or 3 contracts each: 500.
        scenarios = [ContractScenario(environment, rng, number * 3 + each) for each in range(2 + number % 2)]
        async with slots:
            inject_faults(environment, rng)
            actions = [scenario.run() for scenario in scenarios]
            if number % KILL_EVERY == KILL_EVERY // 2:
                actions.append(_kill(environment, rng))
            await asyncio.gather(*actions)

    await asyncio.gather(*(schedule(number) for number in range(SCHEDULES)))


async def _kill(environment: ChaosEnvironment, rng: random.Random) -> None:
    await asyncio.sleep(rng.uniform(0, 1.0))
    await rng.choice(environment.processes).kill_and_restart()


async def _once_settled(environment: ChaosEnvironment) -> dict[str, Contract]:
    """All contracts once no work is left, or after SETTLE_SECONDS."""
    # From the store: a crash may have lost the response to a creation.
    ids = await environment.all_contracts()

    async def contracts_now() -> dict[str, Contract]:
        return {each: await environment.contract(each) for each in ids}

    async def settled() -> bool:
        await _repeat_failure_callbacks(environment)
        contracts = await contracts_now()
        busy = await environment.stores.database["contracts"].count_documents({"outbox.id": {"$gt": ""}})
        late = any(
            contract.contract_status is ContractStatus.CANCELLED and contract.esign_next_poll_at
            for contract in contracts.values()
        )
        return not (busy or late or any(_all_mismatches(environment, contracts)))

    with suppress(AssertionError):  # what the caller checks says more about what is missing
        await eventually(settled, SETTLE_SECONDS, 0.5)
    return await contracts_now()


async def _repeat_failure_callbacks(environment: ChaosEnvironment) -> None:
    """Repeat the callbacks of failed processes: only they report a failure, and a fault may have dropped them."""
    for paper in list(environment.provider.state.records.contracts.values()):
        if paper.status == ABNORMAL:
            message = {
                "contractNo": paper.contract_no,
                "status": "-3",
                "action": "contractChanged",
                "signTime": "again",
            }
            await environment.report(message, forged=False, process=0)


def _all_mismatches(environment: ChaosEnvironment, contracts: Mapping[str, Contract]) -> Iterator[str]:
    provider_contracts = environment.provider.state.records.contracts
    for contract in contracts.values():
        successors = [each for each in contracts.values() if each.replaces_contract_id == contract.id]
        for problem in mismatches_of(contract, provider_contracts, successors, environment.training_ends):
            yield f"{contract.contract_number}: {problem}"


async def _side_effect_mismatches(environment: ChaosEnvironment, contracts: Mapping[str, Contract]) -> dict[str, int]:
    """Keys of side effects that are missing from the event stream (negative) or too often on it."""
    await environment.side_effects.caught_up()
    expected: Counter[str] = Counter()
    for contract in contracts.values():
        expected += expected_side_effects(contract, environment.provider.state.records.contracts)
    mismatches = Counter(environment.side_effects.keys)
    mismatches.subtract(expected)
    return {key: count for key, count in mismatches.items() if count}


async def _require_dashboards(environment: ChaosEnvironment, contracts: Mapping[str, Contract]) -> None:
    expected = sum(len(contract.history) for contract in contracts.values())
    for worker in environment.dashboards:
        await worker.all_connected()
        with suppress(AssertionError):  # the comparisons below say more about what is missing
            await eventually(partial(_have_all, worker, expected), 20, 0.25)
        reports = await worker.report()
        *managers, employee = reports
        for manager in managers:
            assert list(dashboard_mismatches(manager["others"], contracts)) == []
        assert list(dashboard_mismatches(employee["others"], contracts, environment.employee.id)) == []
        shown = [payload["id"] for name, payload in employee["others"] if name.startswith("contract")]
        assert shown == event_ids_visible_to(_events(managers[0]), environment.employee.id)
        assert [report["lost"] for report in reports] == [[], [], []]
        assert all(report["recovered"] for report in reports)


async def _have_all(worker: OfficialClients, events: int) -> bool:
    """True when both managers have so many events."""
    return all(len(_events(report)) >= events for report in (await worker.report())[:2])


def _events(report: Mapping[str, Any]) -> list[Any]:
    return [(name, payload) for name, payload in report["others"] if name in ("contractStatus", "contractChanged")]


async def _require_boards(environment: ChaosEnvironment, contracts: Mapping[str, Contract]) -> None:
    """A new dashboard gets the correct counts from either app process."""
    statuses = Counter(str(contract.contract_status) for contract in contracts.values())
    for process in environment.processes:
        port = int(process.url.rsplit(":", 1)[1])
        async with official_clients(port, 1, "/contracts", "none", environment.managers[0].token) as new_dashboard:
            await new_dashboard.all_connected()
            snapshot = await eventually(partial(_snapshot, new_dashboard))
        assert {status: count for status, count in snapshot["counts"].items() if count} == dict(statuses)


async def _snapshot(dashboard: OfficialClients) -> dict[str, Any] | None:
    (report,) = await dashboard.report()
    return next((payload for name, payload in report["others"] if name == "snapshot"), None)


def _print_summary(environment: ChaosEnvironment, contracts: Mapping[str, Contract]) -> None:
    ends = Counter(
        f"{contract.contract_status}{f' ({contract.cancel_reason})' if contract.cancel_reason else ''}"
        for contract in contracts.values()
    )
    steps = sum(len(contract.history) for contract in contracts.values())
    starts = [process.starts for process in environment.processes]
    print(f"{len(contracts)} contracts, {steps} changes, starts of the app processes {starts}: {dict(ends)}")  # noqa: T201


def _rng(of: object) -> random.Random:
    return random.Random(f"{SEED}:{of}")
