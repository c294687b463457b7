"""Ninety days of contracts, lived through by the agency's own use cases with the simulated provider."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Final

import aiohttp

from domain.contracts.customer_self_service import Payment
from domain.contracts.data_scope import EVERYTHING
from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.model import Contract
from domain.contracts.services import ContractServices, contract_services
from domain.contracts.statuses import ContractStatus
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.background import JobRunner
from domain.shared.business_day import business_day
from integrations.local.demo.historic import HistoricClock, HistoricProvider
from integrations.local.demo.history import HistoricIds
from integrations.local.demo.households import housekeeping, new_worker, terms_of, training
from integrations.local.demo.people import dice_of
from integrations.mongo.failures import store_failures
from integrations.wiring.contracts import Signing
from integrations.wiring.opened import Integrations

REFUSALS: Final = (
    *("工资高于之前谈好的价格", "家里临时有变化，暂时不请阿姨了", "休息方式与约定不一致", "开始日期需要推迟"),
)
_WORKER_REFUSALS: Final = ("家中老人生病，暂时不能上户", "工资低于预期")
_WITHDRAWALS: Final = ("客户改期，重新约定后再签", "合同金额填写有误")
_CHANGES: Final = ("孩子入托，不再需要住家服务", "双方协商提前解除")

Life = Callable[["Chronicle", int], Coroutine[Any, Any, None]]


async def seed_contracts(
    integrations: Integrations, signing: Signing, owners: Sequence[StaffAuthority], simulator: str
) -> int:
    """How many contracts were made: none unless there are none yet. Raises Unavailable."""
    with store_failures():
        if await integrations.contracts.contracts.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    jobs = JobRunner(integrations.relay.background, integrations.lease, integrations.clock)
    relaying = asyncio.create_task(jobs.run())
    try:
        async with aiohttp.ClientSession() as http:
            chronicle = Chronicle(integrations, signing, owners, http, simulator)
            await chronicle.knob(drop=1, auto_sign_seconds=0)  # nobody listens to callbacks yet
            number = 0
            for live, times in _LIVES.items():
                for _ in range(times):
                    number += 1
                    await live(chronicle, number)
            await chronicle.knob(drop=0, auto_sign_seconds=0.05)
        await integrations.outbox.drained(10)
    finally:
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
    return number


class Chronicle:
    """The people of the agency and their customers, at a time that is set by hand."""

    def __init__(
        self,
        integrations: Integrations,
        signing: Signing,
        owners: Sequence[StaffAuthority],
        http: aiohttp.ClientSession,
        simulator: str,
    ) -> None:
        self.dice = dice_of("contracts")
        self.present = integrations.clock.now()
        self.clock = HistoricClock(self.present)
        self.services = self._services_of(integrations, signing)
        self._integrations = integrations
        self._owners = owners
        self._http = http
        self._simulator = simulator

    def _services_of(self, integrations: Integrations, signing: Signing) -> ContractServices:
        """With our clock, and ids of that time."""
        historic = replace(signing, provider=HistoricProvider(signing.provider, self.clock))
        ports = integrations.contracts.ports(
            integrations.database,
            integrations.staff,
            integrations.users,
            historic,
            integrations.audit,
            integrations.lease,
            self.clock,
            _Ids(self.dice, self.clock),
        )
        services = contract_services(ports)
        integrations.contracts.follow(integrations.followers, services)
        return services

    # --- what staff do

    async def draft(self, form: dict[str, Any], *, second: bool = False) -> Contract:
        by = self.dice.choice(self._owners)
        made = await self.services.drafting.create(terms_of(form), by, _as(by), IdempotencyKey(), second_order=second)
        return made.contract

    async def send(self, contract: Contract) -> Contract:
        self.clock.goes_on(self.dice, 1)
        by = self.owner_of(contract)
        await self.services.signing.initiate(contract.id, "", by, _as(by), again=contract.attempt_number > 0)
        return await self.settle(contract)

    async def signing(self, days_ago: float, number: int, months: int = 0) -> Contract:
        """A contract that is with its parties."""
        self.back(days_ago)
        start = business_day(self.clock.at) + timedelta(days=self.dice.randint(0, 12))
        return await self.send(await self.draft(housekeeping(self.dice, number, start, months)))

    async def active(self, days_ago: float, number: int, months: int = 0) -> Contract:
        return await self.sign_all(await self.signing(days_ago, number, months))

    async def settle(self, contract: Contract) -> Contract:
        return await self.services.signing.sync(contract.id, EVERYTHING)

    def owner_of(self, contract: Contract) -> StaffAuthority:
        return next(owner for owner in self._owners if owner.id == contract.created_by)

    @property
    def manager(self) -> StaffAuthority:
        return self._owners[0]

    def back(self, days_ago: float) -> None:
        self.clock.at = self.present - timedelta(seconds=int(days_ago * 86_400))

    # --- what the parties do

    async def sign_all(self, contract: Contract) -> Contract:
        for order in (2,) if contract.is_training else (1, 2):
            contract = await self.sign(contract, order)
        while contract.contract_status is ContractStatus.SIGNING:  # the agency's seal is set by itself
            await asyncio.sleep(0.01)
            contract = await self.settle(contract)
        return contract

    async def sign(self, contract: Contract, order: int) -> Contract:
        self.clock.goes_on(self.dice, 5)
        return await self.act(contract, "sign", order=order)

    async def act(self, contract: Contract, deed: str, **how: Any) -> Contract:
        url = f"{self._simulator}/_sim/{contract.esign_contract_no}/{deed}"
        async with self._http.post(url, json=how, raise_for_status=True):
            return await self.settle(contract)

    async def move_in(self, contract: Contract) -> None:
        self.clock.goes_on(self.dice, 60)
        by = Actor(kind="machine", id="miniprogram", name="小程序")
        await self.services.customers.confirm_onboard(contract.id, contract.customer_phone, by)

    async def knob(self, **knobs: float) -> None:
        async with self._http.post(f"{self._simulator}/_sim/knobs", json=knobs, raise_for_status=True):
            pass

    async def told(self) -> None:
        """What follows from what was done has followed."""
        await self._integrations.outbox.drained(5)


class _Ids(HistoricIds):
    """Given out at whatever time it is."""

    def __init__(self, dice: Random, clock: HistoricClock) -> None:
        super().__init__(dice, clock.at)
        self._clock = clock

    def next_id(self) -> str:
        self.at = self._clock.at
        return super().next_id()


def _as(by: StaffAuthority) -> Actor:
    return Actor(kind="staff", id=by.id, name=by.name)


# --- lives, each with how often it happens


async def _fresh_draft(past: Chronicle, number: int) -> None:
    past.back(past.dice.uniform(0.05, 6))
    form = housekeeping(past.dice, number, business_day(past.present) + timedelta(days=past.dice.randint(3, 20)))
    for field in past.dice.sample(("customerIdCard", "workerIdCard"), past.dice.randint(0, 2)):
        form.pop(field)  # not at hand yet
    await past.draft(form)


async def _waits_for_customer(past: Chronicle, number: int) -> None:
    await past.signing(past.dice.uniform(0.1, 2), number)


async def _waits_for_worker(past: Chronicle, number: int) -> None:
    await past.sign(await past.signing(past.dice.uniform(0.5, 3), number), 1)


async def _in_force(past: Chronicle, number: int) -> None:
    contract = await past.active(past.dice.uniform(7, 85), number, past.dice.choice((6, 12)))
    if past.dice.random() < 0.8:
        await past.move_in(contract)


async def _ends_soon(past: Chronicle, number: int) -> None:
    """One with a maternity nurse ends within weeks; of another the last day has passed."""
    await past.move_in(await past.active(past.dice.uniform(8, 24), number, 1))


async def _has_ended(past: Chronicle, number: int) -> None:
    await past.move_in(await past.active(past.dice.uniform(50, 60), number, 1))


async def _refused(past: Chronicle, number: int) -> None:
    contract = await past.signing(past.dice.uniform(1.5, 20), number)
    order = 1 if past.dice.random() < 0.7 else 2
    if order == 2:
        contract = await past.sign(contract, 1)
    past.clock.goes_on(past.dice, 6)
    why = past.dice.choice(REFUSALS if order == 1 else _WORKER_REFUSALS)
    await past.act(contract, "reject", order=order, remark=why)


async def _expired(past: Chronicle, number: int) -> None:
    contract = await past.signing(past.dice.uniform(32, 50), number)
    past.clock.at += timedelta(days=30)
    await past.act(contract, "expire")


async def _withdrawn(past: Chronicle, number: int) -> None:
    contract = await past.signing(past.dice.uniform(1, 15), number)
    past.clock.goes_on(past.dice, 4)
    by = past.owner_of(contract)
    await past.services.signing.withdraw(contract.id, past.dice.choice(_WITHDRAWALS), by, _as(by))


async def _discarded(past: Chronicle, number: int) -> None:
    past.back(past.dice.uniform(3, 30))
    contract = await past.draft(housekeeping(past.dice, number, business_day(past.clock.at)))
    past.clock.goes_on(past.dice, 30)
    by = past.owner_of(contract)
    await past.services.signing.discard(contract.id, "客户选择了其他公司", by, _as(by))


async def _voided(past: Chronicle, number: int) -> None:
    contract = await past.active(past.dice.uniform(30, 80), number, 6)
    past.clock.goes_on(past.dice, 300)
    await past.services.signing.void(contract.id, past.dice.choice(_CHANGES), past.manager, _as(past.manager))
    for order in (1, 2):
        past.clock.goes_on(past.dice, 8)
        contract = await past.act(contract, "sign", order=order)


async def _changed_worker(past: Chronicle, number: int) -> None:
    contract = await past.active(past.dice.uniform(45, 80), number, 6)
    await past.move_in(contract)
    past.clock.goes_on(past.dice, 500)
    by = past.owner_of(contract)
    worker = new_worker(past.dice, number + 500, str(contract.contract_type))
    fields = {name: value for name, value in terms_of({**worker, "templateNo": ""}) if name in _WORKER and value}
    made = await past.services.drafting.change_worker(contract.id, fields, by, _as(by), IdempotencyKey())
    await past.move_in(await past.sign_all(await past.send(made.contract)))
    await past.told()


async def _waits_for_payment(past: Chronicle, number: int) -> None:
    past.back(past.dice.uniform(0.5, 6))
    await past.sign_all(await past.send(await past.draft(training(past.dice, number))))


async def _studies(past: Chronicle, number: int) -> Contract:
    past.back(past.dice.uniform(10, 60))
    contract = await past.sign_all(await past.send(await past.draft(training(past.dice, number))))
    past.clock.goes_on(past.dice, 10)
    paid = Payment(amount_fen=contract.amount_due_fen or 0, sqb_sn=f"demo-{number:06}", paid_at=past.clock.at)
    by = Actor(kind="machine", id="payments", name="收款")
    return await past.services.customers.confirm_payment(contract.id, contract.customer_phone, paid, by)


async def _is_studying(past: Chronicle, number: int) -> None:
    await _studies(past, number)


async def _graduated(past: Chronicle, number: int) -> None:
    contract = await _studies(past, number)
    past.clock.goes_on(past.dice, 150)
    by = past.owner_of(contract)
    await past.services.training.graduate(contract.id, by, _as(by))


async def _refunded(past: Chronicle, number: int) -> None:
    contract = await _studies(past, number)
    past.clock.goes_on(past.dice, 50)
    await past.services.training.refund(contract.id, None, "学员因个人原因退课", past.manager, _as(past.manager))


_WORKER: Final = ("worker_name", "worker_phone", "worker_id_card", "worker_address", "worker_salary_fen")
_LIVES: Final[dict[Life, int]] = {
    _fresh_draft: 6,
    _waits_for_customer: 7,
    _waits_for_worker: 5,
    _in_force: 11,
    _ends_soon: 3,
    _has_ended: 1,
    _refused: 4,
    _expired: 1,
    _withdrawn: 2,
    _discarded: 1,
    _voided: 1,
    _changed_worker: 2,
    _waits_for_payment: 2,
    _is_studying: 2,
    _graduated: 2,
    _refunded: 1,
}
