"""The data scope (数据范围): the contracts that a staff member may see and change."""

from domain.shared.authority import Role, StaffAuthority
from domain.shared.model import Model

UNRESTRICTED_ROLES = frozenset({Role.ADMIN, Role.MANAGER, Role.OPERATOR})
MANAGING_ROLES = frozenset({Role.ADMIN, Role.MANAGER})


class DataScope(Model):
    """All contracts, or those that one staff member owns."""

    owner_id: str = ""

    @property
    def is_everything(self) -> bool:
        return not self.owner_id

    def covers(self, owner_id: str) -> bool:
        return self.is_everything or self.owner_id == owner_id


EVERYTHING = DataScope()


def scope_of(authority: StaffAuthority) -> DataScope:
    return EVERYTHING if authority.role in UNRESTRICTED_ROLES else DataScope(owner_id=authority.id)
