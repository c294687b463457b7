"""Passwords: what is acceptable, and the port that hashes them."""

from typing import Annotated, Protocol

from pydantic import AfterValidator, Field

SHORTEST_PASSWORD = 8
LONGEST_BYTES = 72
"""bcrypt looks at no more than this; a longer password is refused rather than cut."""


def _fits_bcrypt(password: str) -> str:
    if len(password.encode()) > LONGEST_BYTES:
        raise ValueError("密码过长 / the password is longer than 72 bytes")
    if "\x00" in password:
        raise ValueError("密码包含非法字符 / the password contains a NUL character")
    return password


NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=64), AfterValidator(_fits_bcrypt)]
PresentedPassword = Annotated[str, Field(min_length=1, max_length=256)]
"""What somebody types to log in; its form tells nothing about the stored one."""


class PasswordHasher(Protocol):
    async def hash(self, password: str) -> str:
        """Off the event loop, a bounded number at once. Raises Unavailable when too many wait."""

    async def verify(self, password: str, stored_hash: str | None) -> bool:
        """Takes the same time whatever is wrong; None (no such account, no password set) is always False."""
