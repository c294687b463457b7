"""Who may call a route."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Public:
    """Anybody."""


@dataclass(frozen=True, slots=True, init=False)
class Staff:
    """A member of staff with at least one of `permissions`; none named: any member of staff."""

    permissions: tuple[str, ...]

    def __init__(self, *permissions: str) -> None:
        object.__setattr__(self, "permissions", permissions)


@dataclass(frozen=True, slots=True)
class MiniProgramUser:
    """A mini-program user, for their own account."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that knows our secret (`X-Service-Secret`) and answers for the person whom it names."""


Access = Public | Staff | MiniProgramUser | Machine
PUBLIC = Public()
