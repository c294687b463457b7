"""The roles that may do more with contracts than their permissions say, and the data scope of contracts."""

from domain.shared.authority import Role, StaffAuthority
from domain.shared.scope import Resource, Scope, scope_of

UNRESTRICTED_ROLES = frozenset({Role.ADMIN, Role.MANAGER, Role.OPERATOR})
MANAGING_ROLES = frozenset({Role.ADMIN, Role.MANAGER})


def contract_scope(by: StaffAuthority) -> Scope:
    """The contracts that the staff member may see and change."""
    return scope_of(by, Resource.CONTRACT)
