"""The staff of the demonstration. Nobody knows their passwords; the clerk's is made anew at each start."""

import secrets
from typing import Final

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role, StaffAuthority
from integrations.local.demo.parties import Clerk
from integrations.wiring.opened import Integrations

CLERK: Final = "demo-lixiaomin"
_STAFF: Final = {
    # the manager first
    "demo-zhouwenjing": ("周文静", Role.MANAGER),
    CLERK: ("李晓敏", Role.EMPLOYEE),
    "demo-chenli": ("陈立", Role.EMPLOYEE),
    "demo-sunqian": ("孙倩", Role.EMPLOYEE),
}


async def demo_staff(integrations: Integrations) -> tuple[list[StaffAuthority], Clerk]:
    """The manager first, and how the clerk logs in. Raises Unavailable."""
    sessions = integrations.staff_sessions()
    clerk = Clerk(CLERK, secrets.token_urlsafe(24))
    members = []
    for username, (name, role) in _STAFF.items():
        password = clerk.password if username == CLERK else secrets.token_urlsafe(24)
        member = await integrations.staff.find_by_username(username)
        if member is None:
            member = await sessions.create(username, name, password, role, SYSTEM)
        elif username == CLERK:
            member = await sessions.reset_password(username, password, SYSTEM)
        members.append(member.authority(""))
    return members, clerk
