"""The staff accounts of the demonstration. Their passwords are random and never shown.

Employees get new passwords at each start, so that the simulated employees can log in.
"""

import secrets
from typing import Final

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role, StaffAuthority
from integrations.local.demo.simulated_signers import StaffCredentials
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import staff_repository, wire_staff

_STAFF: Final = {
    # the manager is the first entry
    "demo-zhouwenjing": ("周文静", Role.MANAGER),
    "demo-lixiaomin": ("李晓敏", Role.EMPLOYEE),
    "demo-chenli": ("陈立", Role.EMPLOYEE),
    "demo-sunqian": ("孙倩", Role.EMPLOYEE),
}


async def demo_staff(base: Infrastructure) -> tuple[list[StaffAuthority], list[StaffCredentials]]:
    """The staff, with the manager first, and the credentials of the employees. Raises Unavailable."""
    services, accounts = wire_staff(base).services, staff_repository(base)
    sessions = services.sessions
    members, employees = [], []
    for username, (name, role) in _STAFF.items():
        credentials = StaffCredentials(username, secrets.token_urlsafe(24))
        member = await accounts.find_by_username(username)
        if member is None:
            member = await sessions.create(username, name, credentials.password, role, SYSTEM)
        elif role is Role.EMPLOYEE:
            member = await services.passwords.set_by_username(username, credentials.password, SYSTEM)
        members.append(await services.access.authority_of_member(member))
        if role is Role.EMPLOYEE:
            employees.append(credentials)
    return members, employees
