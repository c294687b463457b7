"""Contracts at stages of signing, reached through the use cases."""

from typing import Any

from domain.contracts.data_scope import EVERYTHING
from domain.contracts.model import Contract
from domain.shared.authority import Role
from tests.domain.contracts.builders import a_contract, acting, staff
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
