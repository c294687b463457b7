"""Prepares the database before any app process serves: indexes, present layout, first administrator."""

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.errors import Conflict
from integrations.local.arguments import ADMIN
from integrations.settings import AccountSettings
from integrations.settings.groups import revealed
from integrations.wiring.areas import Areas


async def prepare_database(areas: Areas, accounts: AccountSettings) -> bool:
    """True if it has created the first administrator, with the password of the settings. Raises Unavailable."""
    await areas.prepare_stores()
    staff = areas.services.staff.administration
    if not await staff.is_empty():
        return False
    try:
        await staff.create_by_operator(ADMIN, "管理员", revealed(accounts.admin_password), Role.ADMIN, SYSTEM)
    except Conflict:  # another machine of the same installation was first
        return False
    return True
