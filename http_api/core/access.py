"""Access rules of routes: public, staff, mini-program users, machines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Public:
    """Any caller, without authentication."""


@dataclass(frozen=True, slots=True, init=False)
class Staff:
    """A staff member with at least one of `permissions`; without permissions, any staff member."""

    permissions: tuple[str, ...]
    before_password_change: bool
    """Also for an account whose password must be changed first."""

    def __init__(self, *permissions: str, before_password_change: bool = False) -> None:
        object.__setattr__(self, "permissions", permissions)
        object.__setattr__(self, "before_password_change", before_password_change)


@dataclass(frozen=True, slots=True)
class MiniProgramUser:
    """A mini-program user, for the user's own account."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A staff member or a mini-program user: the use case decides by the person (`RequestContext.reader`)."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A back end that sends the shared secret (`X-Service-Secret`) and vouches for the person that it names."""


Access = Public | Staff | MiniProgramUser | SignedIn | Machine
PUBLIC = Public()
