"""Contracts at stages of signing, reached through the use cases."""

from typing import Any

from domain.contracts.drafting.service import IdempotencyKey
from domain.contracts.events import (
    CustomerFollowUpDue,
    InboxMessageDue,
    InsuranceSyncDue,
    StaffNoticeDue,
    WorkerFollowUpDue,
)
from domain.contracts.milestones import Payment
from domain.contracts.model import Contract
from domain.shared.authority import Role
from domain.shared.scope import EVERYTHING
from tests.domain.contracts.builders import NOW, a_contract, acting, id_card, staff
from tests.domain.contracts.harness import ContractsHarness

BOSS = staff(Role.ADMIN)
ACTOR = acting(BOSS)


async def start_signing(harness: ContractsHarness, contract: Contract, *, again: bool = False, **more: Any) -> Contract:
    return await harness.services.signing.initiate(contract.id, "", BOSS, ACTOR, again=again, **more)


async def sync(harness: ContractsHarness, contract_id: str) -> Contract:
    return await harness.services.signing.sync(contract_id, EVERYTHING)


async def sent(harness: ContractsHarness, number: int = 1, **fields: Any) -> Contract:
    contract = await harness.add(a_contract(number, **fields))
    await start_signing(harness, contract)
    return await sync(harness, contract.id)


async def in_force(harness: ContractsHarness, number: int = 1, **fields: Any) -> Contract:
    contract = await sent(harness, number, **fields)
    harness.provider.sign_all(contract.esign_contract_no)
    return await sync(harness, contract.id)


NEW_WORKER = {"worker_name": "钱嫂", "worker_phone": "13700000001", "worker_id_card": id_card(50)}


async def a_successor(harness: ContractsHarness, original: Contract, **more: Any) -> Contract:
    """A change of worker whose signing has started."""
    wanted = {**NEW_WORKER, **more}
    made = await harness.services.drafting.change_worker(original.id, wanted, BOSS, ACTOR, IdempotencyKey())
    await start_signing(harness, made.contract)
    return await sync(harness, made.contract.id)


async def signed(harness: ContractsHarness, contract: Contract) -> Contract:
    harness.provider.sign_all(contract.esign_contract_no)
    return await sync(harness, contract.id)


def payment(amount_fen: int = 680_000, number: str = "sn-1") -> Payment:
    return Payment(amount_fen=amount_fen, sqb_sn=number, paid_at=NOW)


async def pay(harness: ContractsHarness, contract: Contract, paid: Payment, phone: str = "") -> Contract:
    customers = harness.services.customers
    return await customers.confirm_payment(contract.id, phone or contract.customer_phone, paid, ACTOR)


def side_effect_kinds(harness: ContractsHarness, contract: Contract) -> list[tuple[str, str]]:
    """(type, kind, stage or policy) of the side effects of a contract, in order."""
    found: list[tuple[str, str]] = []
    for effect in harness.effects(contract.id):
        match effect:
            case StaffNoticeDue() | InboxMessageDue():
                found.append((effect.type.removeprefix("contract."), effect.kind))
            case CustomerFollowUpDue() | WorkerFollowUpDue():
                found.append((effect.type.removeprefix("contract."), effect.stage))
            case InsuranceSyncDue():
                found.append((effect.type.removeprefix("contract."), effect.policy))
    return found
