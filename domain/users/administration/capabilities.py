"""Rights on accounts that depend on the role, not on permission keys."""

from enum import StrEnum

from domain.shared.authority import Role, StaffAuthority


class UserCapability(StrEnum):
    MERGE = "miniprogram-user:merge"


def capabilities(by: StaffAuthority) -> list[UserCapability]:
    return [UserCapability.MERGE] if by.role == Role.ADMIN else []
