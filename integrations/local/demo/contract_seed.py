"""Fills an empty database with ninety days of contracts, by running every scenario of `contract_scenarios`."""

import asyncio
from collections.abc import Sequence

import aiohttp

from domain.shared.authority import StaffAuthority
from domain.shared.background import JobRunner
from integrations.local.demo.contract_scenarios import SCENARIOS
from integrations.local.demo.historic_agency import HistoricAgency
from integrations.mongo.failures import store_failures
from integrations.wiring.contracts import Signing
from integrations.wiring.opened import Integrations


async def seed_contracts(
    integrations: Integrations, signing: Signing, owners: Sequence[StaffAuthority], simulator: str
) -> int:
    """Returns the number of scenarios: 0 when the database has contracts already. Raises Unavailable."""
    with store_failures():
        if await integrations.contracts.contracts.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    jobs = JobRunner(integrations.relay.background, integrations.lease, integrations.clock)
    relaying = asyncio.create_task(jobs.run())
    try:
        async with aiohttp.ClientSession() as http:
            agency = HistoricAgency(integrations, signing, owners, http, simulator)
            await agency.change_provider_settings(drop=1, auto_sign_seconds=0)  # no app process receives callbacks yet
            number = 0
            for scenario, count in SCENARIOS.items():
                for _ in range(count):
                    number += 1
                    await scenario(agency, number)
            await agency.change_provider_settings(drop=0, auto_sign_seconds=0.05)
        await integrations.outbox.drained(10)
    finally:
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
    return number
