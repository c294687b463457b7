"""The agency with its staff, customers and workers at a time of the past: runs use cases with a historic clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import aiohttp

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.model import Contract
from domain.contracts.services import ContractPorts, ContractServices, contract_services
from domain.contracts.statuses import ContractStatus
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day
from domain.shared.scope import EVERYTHING
from integrations.local.demo.contract_forms import housekeeping_form, terms_from_form
from integrations.local.demo.historic import HistoricClock, HistoricIds, HistoricProvider
from integrations.local.demo.people import seeded_random
from integrations.wiring.infrastructure import Infrastructure


class HistoricAgency:
    """Acts for staff, customers and workers at the time of `clock`, which the scenarios set."""

    def __init__(
        self,
        base: Infrastructure,
        ports: ContractPorts,
        owners: Sequence[StaffAuthority],
        http: aiohttp.ClientSession,
        simulator: str,
    ) -> None:
        self.rng = seeded_random("contracts")
        self.present = base.clock.now()
        self.clock = HistoricClock(self.present)
        self.services = self._services_of(ports)
        self._outbox = base.outbox
        self._owners = owners
        self._http = http
        self._simulator = simulator

    def _services_of(self, ports: ContractPorts) -> ContractServices:
        """The use cases with the historic clock, ids and provider."""
        provider = HistoricProvider(ports.provider, self.clock)
        return contract_services(
            replace(ports, provider=provider, clock=self.clock, ids=_ClockIds(self.rng, self.clock))
        )

    # --- staff

    async def draft(self, form: dict[str, Any], *, second: bool = False) -> Contract:
        by = self.rng.choice(self._owners)
        made = await self.services.drafting.create(
            terms_from_form(form), by, staff_actor(by), IdempotencyKey(), second_order=second
        )
        return made.contract

    async def send(self, contract: Contract) -> Contract:
        self.clock.advance(self.rng, 1)
        by = self.owner_of(contract)
        await self.services.signing.initiate(contract.id, "", by, staff_actor(by), again=contract.attempt_number > 0)
        return await self.sync(contract)

    async def sent_contract(self, days_ago: float, number: int, months: int = 0) -> Contract:
        """A contract that waits for its signatures."""
        self.go_back(days_ago)
        start = business_day(self.clock.at) + timedelta(days=self.rng.randint(0, 12))
        return await self.send(await self.draft(housekeeping_form(self.rng, number, start, months)))

    async def active_contract(self, days_ago: float, number: int, months: int = 0) -> Contract:
        return await self.sign_all(await self.sent_contract(days_ago, number, months))

    async def sync(self, contract: Contract) -> Contract:
        return await self.services.signing.sync(contract.id, EVERYTHING)

    def owner_of(self, contract: Contract) -> StaffAuthority:
        return next(owner for owner in self._owners if owner.id == contract.created_by)

    @property
    def manager(self) -> StaffAuthority:
        return self._owners[0]

    def go_back(self, days_ago: float) -> None:
        self.clock.at = self.present - timedelta(seconds=int(days_ago * 86_400))

    # --- customers and workers

    async def sign_all(self, contract: Contract) -> Contract:
        for order in (2,) if contract.is_training else (1, 2):
            contract = await self.sign(contract, order)
        while contract.contract_status is ContractStatus.SIGNING:  # the seal of the agency is set automatically
            await asyncio.sleep(0.01)
            contract = await self.sync(contract)
        return contract

    async def sign(self, contract: Contract, order: int) -> Contract:
        self.clock.advance(self.rng, 5)
        return await self.act_at_provider(contract, "sign", order=order)

    async def act_at_provider(self, contract: Contract, action: str, **body: Any) -> Contract:
        url = f"{self._simulator}/_sim/{contract.esign_contract_no}/{action}"
        async with self._http.post(url, json=body, raise_for_status=True):
            return await self.sync(contract)

    async def confirm_onboarding(self, contract: Contract) -> None:
        self.clock.advance(self.rng, 60)
        by = Actor(kind="machine", id="miniprogram", name="小程序")
        await self.services.customers.confirm_onboard(contract.id, contract.customer_phone, by)

    async def change_provider_settings(self, **settings: float) -> None:
        async with self._http.post(f"{self._simulator}/_sim/knobs", json=settings, raise_for_status=True):
            pass

    async def until_events_delivered(self) -> None:
        await self._outbox.drained(5)


class _ClockIds(HistoricIds):
    """Ids of the present time of the clock."""

    def __init__(self, rng: Random, clock: HistoricClock) -> None:
        super().__init__(rng, clock.at)
        self._clock = clock

    def next_id(self) -> str:
        self.at = self._clock.at
        return super().next_id()


def staff_actor(by: StaffAuthority) -> Actor:
    return Actor(kind="staff", id=by.id, name=by.name)
