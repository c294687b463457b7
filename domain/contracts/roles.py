"""Roles that may do more with contracts than their permissions say."""

from domain.shared.authority import Role

UNRESTRICTED_ROLES = frozenset({Role.ADMIN, Role.MANAGER, Role.OPERATOR})
MANAGING_ROLES = frozenset({Role.ADMIN, Role.MANAGER})
