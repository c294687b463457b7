"""Account names and passwords, for staff and mini-program users alike."""

import re
from typing import Annotated, Final, Protocol

from pydantic import AfterValidator, Field

from domain.shared.errors import Conflict
from domain.shared.password_strength import weakness_of
from domain.shared.text import Text

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_BYTES = 72
"""bcrypt reads no more than this; a longer password is refused instead of truncated."""


class UsernameTaken(Conflict):
    code = "USERNAME_TAKEN"
    text = Text("账号已存在", "This account name is taken")


def require_no_control_characters(password: str) -> str:
    """`password`, in which every other character is allowed. Raises ValueError in both languages."""
    if _CONTROL.search(password):
        raise ValueError("密码不能包含控制字符 / a password must not contain control characters")
    return password


def _fits_bcrypt(password: str) -> str:
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise ValueError("密码过长 / the password is longer than 72 bytes")
    return password


def _not_weak(password: str) -> str:
    if weakness := weakness_of(password):
        raise ValueError(f"{weakness.zh} / {weakness.en}")
    return password


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ABOUT: Final = "除控制字符外可用任何字符 · any characters but control characters"

NewPassword = Annotated[
    str,
    Field(min_length=MIN_PASSWORD_LENGTH, max_length=64, description=_ABOUT),
    AfterValidator(require_no_control_characters),
    AfterValidator(_fits_bcrypt),
    AfterValidator(_not_weak),
]
"""The services refuse it as well, when it is made of the account's own name or phone number."""
PresentedPassword = Annotated[
    str, Field(min_length=1, max_length=256, description=_ABOUT), AfterValidator(require_no_control_characters)
]
"""A password presented at log-in. Looser than NewPassword, so that a refusal reveals nothing about the stored one."""


class PasswordHasher(Protocol):
    """Works off the event loop, on a bounded number of passwords at once; waiting calls take turns by `address`, behind
    those of known devices, whose tries are few.

    Raises RateLimited when too many calls of an address wait, Unavailable when too many wait in all.
    """

    async def hash(self, password: str, address: str = "") -> str: ...

    async def verify(
        self, password: str, stored_hash: str | None, address: str = "", *, known_device: bool = False
    ) -> bool:
        """False for None (no such account, or no password set), after the same time as for a wrong password."""

    def is_outdated(self, stored_hash: str) -> bool:
        """True if a new hash of the same password would be stronger, or of another scheme."""
