"""The staff accounts of the demonstration. Their passwords are random and never shown.

Employees get new passwords at each start, so that the simulated employees can log in.
"""

import secrets
from typing import Final

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role, StaffAuthority
from domain.staff.model import Staff
from domain.staff.services import StaffServices
from integrations.local.demo.simulated_signers import StaffCredentials
from integrations.mongo.staff import MongoStaffRepository
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import staff_repository, wire_staff

_STAFF: Final = {
    # the manager is the first entry
    "demo-zhouwenjing": ("周文静", Role.MANAGER),
    "demo-lixiaomin": ("李晓敏", Role.EMPLOYEE),
    "demo-chenli": ("陈立", Role.EMPLOYEE),
    "demo-sunqian": ("孙倩", Role.EMPLOYEE),
}
_COLLEAGUES: Final = {
    # they do not act, and cannot be signed in to
    "demo-hejing": ("何静", Role.OPERATOR),
    "demo-xuwei": ("徐伟", Role.OPERATOR),
    "demo-gaoyun": ("高云", Role.DISPATCH),
    "demo-luomin": ("罗敏", Role.DISPATCH),
    "demo-songjia": ("宋佳", Role.ADMISSIONS),
    "demo-tangli": ("唐丽", Role.ADMISSIONS),
    "demo-dongqiang": ("董强", Role.MANAGER),
    "demo-yeqing": ("叶青", Role.EMPLOYEE),
}
_DEPARTMENTS: Final = ("城东门店", "城西门店")
"""The two departments, between which the staff are divided in turn."""


async def demo_staff(base: Infrastructure) -> tuple[list[StaffAuthority], list[StaffCredentials]]:
    """The staff, with the manager first, and the credentials of the employees. Raises Unavailable."""
    services, accounts = wire_staff(base).services, staff_repository(base)
    create = services.administration.create_by_operator
    departments = await _departments(services)
    members: list[StaffAuthority] = []
    employees: list[StaffCredentials] = []
    for username, (name, role) in _STAFF.items():
        credentials = StaffCredentials(username, secrets.token_urlsafe(24))
        member = await accounts.find_by_username(username)
        if member is None:
            member = await create(username, name, credentials.password, role, SYSTEM)
        elif role is Role.EMPLOYEE:
            member = await services.passwords.set_by_username(username, credentials.password, SYSTEM)
        if role is Role.EMPLOYEE:  # the manager heads both departments, and sees all records
            member = await _in_department(accounts, member, departments[len(members) % len(departments)])
        members.append(await services.access.authority_of_member(member))
        if role is Role.EMPLOYEE:
            employees.append(credentials)
    for number, (username, (name, role)) in enumerate(_COLLEAGUES.items()):
        if await accounts.find_by_username(username) is None:
            member = await create(username, name, secrets.token_urlsafe(24), role, SYSTEM)
            await _in_department(accounts, member, departments[number % len(departments)])
    return members, employees


async def _departments(services: StaffServices) -> list[str]:
    """The ids of the departments, which are made at the first start."""
    known = {each.department.name: each.department.id for each in await services.departments.list()}
    for name in _DEPARTMENTS:
        if name not in known:
            known[name] = (await services.departments.create(name, SYSTEM)).department.id
    return [known[name] for name in _DEPARTMENTS]


async def _in_department(accounts: MongoStaffRepository, member: Staff, department: str) -> Staff:
    if member.department:
        return member
    return await accounts.save(member.model_copy(update={"department": department}), [])
