"""Staff and contracts as the customers area needs them, from the stores of those areas."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from domain.contracts.customer_link import CustomerLink
from domain.contracts.errors import ContractNotFound
from domain.contracts.model import Contract
from domain.contracts.statuses import ContractStatus
from domain.customers.behaviour.ports import MiniAccount
from domain.customers.ports import Assignee, ContractParty
from domain.customers.stages import Standing, overall_standing
from domain.staff.model import Staff
from domain.staff.role import StaffRole, roles_by_code
from domain.users.model import User
from integrations.mongo.contracts.people import MongoStaffDirectory
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.staff import MongoRoleRepository, MongoStaffRepository
from integrations.mongo.users.users import MongoUserRepository

_VIEW: Final = "customer:view"
_STANDINGS: Final[Mapping[ContractStatus, Standing]] = {
    ContractStatus.SIGNING: Standing.SIGNING,
    ContractStatus.SIGNED: Standing.IN_FORCE,
    ContractStatus.ACTIVE: Standing.IN_FORCE,
    ContractStatus.GRADUATED: Standing.IN_FORCE,
    ContractStatus.REFUNDED: Standing.REFUNDED,
}
"""Drafts, cancelled and replaced contracts stand for nothing."""


class MongoCustomerStaff:
    """`StaffDirectory` of the customers area."""

    def __init__(self, staff: MongoStaffRepository, roles: MongoRoleRepository) -> None:
        self._staff = staff
        self._roles = roles
        self._directory = MongoStaffDirectory(staff, roles)

    async def names(self, staff_ids: Sequence[str]) -> Mapping[str, str]:
        names = {staff_id: await self._directory.name_of(staff_id) for staff_id in staff_ids}
        return {staff_id: name for staff_id, name in names.items() if name}

    async def assignee(self, staff_id: str) -> Assignee | None:
        member = await self._staff.find(staff_id)
        if member is None or not member.is_usable:
            return None
        return _assignee(member, roles_by_code(await self._roles.all()))

    async def assignable(self) -> Sequence[Assignee]:
        members = await self._staff.find_all_where({"active": {"$ne": False}, "suspended": {"$ne": True}})
        roles = roles_by_code(await self._roles.all())
        found = [_assignee(member, roles) for member in members if member.is_usable]
        return sorted((each for each in found if each), key=lambda each: (each.name, each.id))


def _assignee(member: Staff, roles: Mapping[str, StaffRole]) -> Assignee | None:
    if not member.authority(roles.get(member.role_key)).may(_VIEW):
        return None
    return Assignee(id=member.id, name=member.name, username=member.username, role=member.role_key)


class MongoMiniAccounts:
    """`MiniAccounts` from the accounts of mini-program users."""

    def __init__(self, users: MongoUserRepository) -> None:
        self._users = users

    async def surviving(self, user_id: str) -> MiniAccount | None:
        user = await self._users.find_surviving(user_id)
        return _account(user) if user else None

    async def with_phone(self, phone: str) -> MiniAccount | None:
        user = await self._users.find_by_phone(phone)
        return _account(user) if user and user.phone_verified_at else None


def _account(user: User) -> MiniAccount:
    phone = user.phone if user.phone_verified_at else ""
    return MiniAccount(id=user.id, openid=user.openid, nickname=user.nickname, phone=phone)


class MongoContractStandings:
    def __init__(self, contracts: MongoContractRepository) -> None:
        self._contracts = contracts

    async def of_customer(self, customer_id: str) -> Standing:
        contracts = await self._contracts.of_customer(customer_id)
        return overall_standing(
            _STANDINGS[each.contract_status] for each in contracts if each.contract_status in _STANDINGS
        )


class MongoContractBook:
    """`ContractBook` from the contracts; `link` is their own use case."""

    def __init__(self, contracts: MongoContractRepository, link: CustomerLink) -> None:
        self._contracts = contracts
        self._link = link

    async def find(self, contract_id: str) -> ContractParty | None:
        contract = await self._contracts.find(contract_id)
        return _contract_party(contract) if contract else None

    async def newest_signed(self, customer_id: str) -> ContractParty | None:
        signed = [each for each in await self._contracts.of_customer(customer_id) if _signed_at(each)]
        newest = max(signed, key=lambda each: (_signed_at(each), each.id), default=None)
        return await self.find(newest.id) if newest else None

    async def name_customer(self, contract_id: str, customer_id: str, instead_of: str = "") -> str:
        try:
            return await self._link.name(contract_id, customer_id, instead_of)
        except ContractNotFound:  # deleted meanwhile
            return ""


def _signed_at(contract: Contract) -> datetime | None:
    return contract.esign_signed_at or contract.activated_at


def _contract_party(contract: Contract) -> ContractParty:
    terms = contract.signed_snapshot.terms if contract.signed_snapshot else contract
    return ContractParty(
        id=contract.id,
        number=contract.contract_number,
        owner_id=contract.created_by,
        customer_id=contract.customer_id,
        is_training=contract.is_training,
        service_category=contract.contract_type or "",
        name=terms.customer_name,
        phone=terms.customer_phone,
        id_card_number=terms.customer_id_card,
        address=terms.customer_address,
        signed_at=_signed_at(contract),
    )
