"""What customers need to know of staff and of contracts, from the stores of those areas."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.contracts.statuses import ContractStatus
from domain.customers.behaviour.ports import MiniAccount
from domain.customers.ports import Assignee
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
