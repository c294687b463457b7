"""Scenarios of contracts: what happens to a contract of the demonstration, and how many contracts take each course."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.milestones import Payment
from domain.contracts.model import Contract
from domain.shared.actor import Actor
from domain.shared.business_day import business_day
from integrations.local.demo.contract_forms import housekeeping_form, terms_from_form, training_form, worker_fields
from integrations.local.demo.historic_agency import HistoricAgency, staff_actor

CUSTOMER_REJECTION_REASONS: Final = (
    *("工资高于之前谈好的价格", "家里临时有变化，暂时不请阿姨了", "休息方式与约定不一致", "开始日期需要推迟"),
)
_WORKER_REJECTION_REASONS: Final = ("家中老人生病，暂时不能上户", "工资低于预期")
_WITHDRAWAL_REASONS: Final = ("客户改期，重新约定后再签", "合同金额填写有误")
_VOID_REASONS: Final = ("孩子入托，不再需要住家服务", "双方协商提前解除")

Scenario = Callable[[HistoricAgency, int], Coroutine[Any, Any, None]]


async def _fresh_draft(agency: HistoricAgency, number: int) -> None:
    agency.go_back(agency.rng.uniform(0.05, 6))
    form = housekeeping_form(
        agency.rng, number, business_day(agency.present) + timedelta(days=agency.rng.randint(3, 20))
    )
    for field in agency.rng.sample(("customerIdCard", "workerIdCard"), agency.rng.randint(0, 2)):
        form.pop(field)
    await agency.draft(form)


async def _waits_for_customer(agency: HistoricAgency, number: int) -> None:
    await agency.sent_contract(agency.rng.uniform(0.1, 2), number)


async def _waits_for_worker(agency: HistoricAgency, number: int) -> None:
    await agency.sign(await agency.sent_contract(agency.rng.uniform(0.5, 3), number), 1)


async def _in_force(agency: HistoricAgency, number: int) -> None:
    contract = await agency.active_contract(agency.rng.uniform(7, 85), number, agency.rng.choice((6, 12)))
    if agency.rng.random() < 0.8:
        await agency.confirm_onboarding(contract)


async def _ends_soon(agency: HistoricAgency, number: int) -> None:
    """A contract of one month whose end is near."""
    await agency.confirm_onboarding(await agency.active_contract(agency.rng.uniform(8, 24), number, 1))


async def _has_ended(agency: HistoricAgency, number: int) -> None:
    await agency.confirm_onboarding(await agency.active_contract(agency.rng.uniform(50, 60), number, 1))


async def _rejected(agency: HistoricAgency, number: int) -> None:
    contract = await agency.sent_contract(agency.rng.uniform(1.5, 20), number)
    order = 1 if agency.rng.random() < 0.7 else 2
    if order == 2:
        contract = await agency.sign(contract, 1)
    agency.clock.advance(agency.rng, 6)
    reason = agency.rng.choice(CUSTOMER_REJECTION_REASONS if order == 1 else _WORKER_REJECTION_REASONS)
    await agency.act_at_provider(contract, "reject", order=order, remark=reason)


async def _expired(agency: HistoricAgency, number: int) -> None:
    contract = await agency.sent_contract(agency.rng.uniform(32, 50), number)
    agency.clock.at += timedelta(days=30)
    await agency.act_at_provider(contract, "expire")


async def _withdrawn(agency: HistoricAgency, number: int) -> None:
    contract = await agency.sent_contract(agency.rng.uniform(1, 15), number)
    agency.clock.advance(agency.rng, 4)
    by = agency.owner_of(contract)
    await agency.services.signing.withdraw(contract.id, agency.rng.choice(_WITHDRAWAL_REASONS), by, staff_actor(by))


async def _discarded(agency: HistoricAgency, number: int) -> None:
    agency.go_back(agency.rng.uniform(3, 30))
    contract = await agency.draft(housekeeping_form(agency.rng, number, business_day(agency.clock.at)))
    agency.clock.advance(agency.rng, 30)
    by = agency.owner_of(contract)
    await agency.services.signing.discard(contract.id, "客户选择了其他公司", by, staff_actor(by))


async def _voided(agency: HistoricAgency, number: int) -> None:
    contract = await agency.active_contract(agency.rng.uniform(30, 80), number, 6)
    agency.clock.advance(agency.rng, 300)
    await agency.services.signing.void(
        contract.id, agency.rng.choice(_VOID_REASONS), agency.manager, staff_actor(agency.manager)
    )
    for order in (1, 2):
        agency.clock.advance(agency.rng, 8)
        contract = await agency.act_at_provider(contract, "sign", order=order)


async def _changed_worker(agency: HistoricAgency, number: int) -> None:
    contract = await agency.active_contract(agency.rng.uniform(45, 80), number, 6)
    await agency.confirm_onboarding(contract)
    agency.clock.advance(agency.rng, 500)
    by = agency.owner_of(contract)
    worker = worker_fields(agency.rng, number + 500, str(contract.contract_type))
    fields = {
        name: value for name, value in terms_from_form({**worker, "templateNo": ""}) if name in _WORKER_FIELDS and value
    }
    made = await agency.services.drafting.change_worker(contract.id, fields, by, staff_actor(by), IdempotencyKey())
    await agency.confirm_onboarding(await agency.sign_all(await agency.send(made.contract)))
    await agency.until_events_delivered()


async def _waits_for_payment(agency: HistoricAgency, number: int) -> None:
    agency.go_back(agency.rng.uniform(0.5, 6))
    await agency.sign_all(await agency.send(await agency.draft(training_form(agency.rng, number))))


async def _paid_training(agency: HistoricAgency, number: int) -> Contract:
    agency.go_back(agency.rng.uniform(10, 60))
    contract = await agency.sign_all(await agency.send(await agency.draft(training_form(agency.rng, number))))
    agency.clock.advance(agency.rng, 10)
    paid = Payment(amount_fen=contract.amount_due_fen or 0, sqb_sn=f"demo-{number:06}", paid_at=agency.clock.at)
    by = Actor(kind="machine", id="payments", name="收款")
    return await agency.services.customers.confirm_payment(contract.id, contract.customer_phone, paid, by)


async def _in_training(agency: HistoricAgency, number: int) -> None:
    await _paid_training(agency, number)


async def _graduated(agency: HistoricAgency, number: int) -> None:
    contract = await _paid_training(agency, number)
    agency.clock.advance(agency.rng, 150)
    by = agency.owner_of(contract)
    await agency.services.training.graduate(contract.id, by, staff_actor(by))


async def _refunded(agency: HistoricAgency, number: int) -> None:
    contract = await _paid_training(agency, number)
    agency.clock.advance(agency.rng, 50)
    await agency.services.training.refund(
        contract.id, None, "学员因个人原因退课", agency.manager, staff_actor(agency.manager)
    )


_WORKER_FIELDS: Final = ("worker_name", "worker_phone", "worker_id_card", "worker_address", "worker_salary_fen")
SCENARIOS: Final[dict[Scenario, int]] = {
    _fresh_draft: 6,
    _waits_for_customer: 7,
    _waits_for_worker: 5,
    _in_force: 11,
    _ends_soon: 3,
    _has_ended: 1,
    _rejected: 4,
    _expired: 1,
    _withdrawn: 2,
    _discarded: 1,
    _voided: 1,
    _changed_worker: 2,
    _waits_for_payment: 2,
    _in_training: 2,
    _graduated: 2,
    _refunded: 1,
}
