"""The staff accounts of the demonstration. Their passwords are random and never shown.

One employee gets a new password at each start, so that the simulated employee can log in.
"""

import secrets
from typing import Final

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role, StaffAuthority
from integrations.local.demo.simulated_signers import StaffCredentials
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import staff_repository, wire_staff

EMPLOYEE: Final = "demo-lixiaomin"
_STAFF: Final = {
    # the manager is the first entry
    "demo-zhouwenjing": ("周文静", Role.MANAGER),
    EMPLOYEE: ("李晓敏", Role.EMPLOYEE),
    "demo-chenli": ("陈立", Role.EMPLOYEE),
    "demo-sunqian": ("孙倩", Role.EMPLOYEE),
}


async def demo_staff(base: Infrastructure) -> tuple[list[StaffAuthority], StaffCredentials]:
    """The staff, with the manager first, and the credentials of the simulated employee. Raises Unavailable."""
    sessions, accounts = wire_staff(base).services.sessions, staff_repository(base)
    credentials = StaffCredentials(EMPLOYEE, secrets.token_urlsafe(24))
    members = []
    for username, (name, role) in _STAFF.items():
        password = credentials.password if username == EMPLOYEE else secrets.token_urlsafe(24)
        member = await accounts.find_by_username(username)
        if member is None:
            member = await sessions.create(username, name, password, role, SYSTEM)
        elif username == EMPLOYEE:
            member = await sessions.reset_password(username, password, SYSTEM)
        members.append(member.authority(""))
    return members, credentials
