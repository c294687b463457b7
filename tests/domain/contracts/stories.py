"""What has happened before a test begins."""

from typing import Any

from domain.contracts.data_scope import EVERYTHING
from domain.contracts.model import Contract
from domain.shared.authority import Role
from tests.domain.contracts.builders import a_contract, acting, staff
from tests.domain.contracts.fakes import Office

BOSS = staff(Role.ADMIN)
ACTOR = acting(BOSS)


async def begin(office: Office, contract: Contract, *, again: bool = False, **more: Any) -> Contract:
    return await office.services.signing.initiate(contract.id, "", BOSS, ACTOR, again=again, **more)


async def sync(office: Office, contract_id: str) -> Contract:
    return await office.services.signing.sync(contract_id, EVERYTHING)


async def sent(office: Office, number: int = 1, **fields: Any) -> Contract:
    contract = await office.add(a_contract(number, **fields))
    await begin(office, contract)
    return await sync(office, contract.id)


async def in_force(office: Office, number: int = 1, **fields: Any) -> Contract:
    contract = await sent(office, number, **fields)
    office.provider.sign_all(contract.esign_contract_no)
    return await sync(office, contract.id)
