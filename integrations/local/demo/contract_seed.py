"""Fills an empty database with ninety days of contracts, by running every scenario of `contract_scenarios`."""

import asyncio
from collections.abc import Sequence

import aiohttp

from domain.shared.authority import StaffAuthority
from domain.shared.background import JobRunner
from integrations.local.demo.contract_scenarios import SCENARIOS
from integrations.local.demo.historic_agency import HistoricAgency
from integrations.local.demo.notification_seed import HistoricNotifications
from integrations.mongo.failures import store_failures
from integrations.wiring.area import relay_jobs
from integrations.wiring.audit import audit_rows
from integrations.wiring.contracts import ContractStores, Signing, contract_area, contract_ports
from integrations.wiring.infrastructure import Infrastructure


async def seed_contracts(
    base: Infrastructure, signing: Signing, owners: Sequence[StaffAuthority], simulator: str
) -> int:
    """Returns the number of scenarios: 0 when the database has contracts already. Raises Unavailable."""
    stores = ContractStores.of(base)
    with store_failures():
        if await stores.contracts.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    async with aiohttp.ClientSession() as http:
        agency = HistoricAgency(base, contract_ports(base, stores, signing), owners, http, simulator)
        contracts = contract_area(stores, agency.services)
        notifications = HistoricNotifications(base, [contracts])
        areas = (audit_rows(base), contracts, notifications.area)
        jobs = JobRunner(relay_jobs(base, areas), base.lease, base.clock)
        relaying = asyncio.create_task(jobs.run())
        try:
            made = await _run_scenarios(agency)
            await base.outbox.drained(10)
            await notifications.read_older()
            return made
        finally:
            relaying.cancel()
            await asyncio.gather(relaying, return_exceptions=True)


async def _run_scenarios(agency: HistoricAgency) -> int:
    await agency.change_provider_settings(drop=1, auto_sign_seconds=0)  # no app process receives callbacks yet
    number = 0
    for scenario, count in SCENARIOS.items():
        for _ in range(count):
            number += 1
            await scenario(agency, number)
    await agency.change_provider_settings(drop=0, auto_sign_seconds=0.05)
    return number
