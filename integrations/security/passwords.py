"""Password hashes by bcrypt, computed beside the event loop."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from passlib.context import CryptContext
from passlib.hash import bcrypt

from domain.shared.credentials import MAX_PASSWORD_BYTES, PasswordHasher
from domain.shared.errors import Unavailable

Result = TypeVar("Result")

LOWEST_ROUNDS = 10
_NOBODYS = "nobody's password"
_UNKNOWN_DIGEST = "." * 31
_SALT = "abcdefghijklmnopqrstuu"


class PasslibHasher(PasswordHasher):
    """New hashes are `$2b$` of cost `rounds`; imported `$2a$`, `$2b$` and `$2y$` ones are verified too.

    At most `threads` hashes are computed at once and `longest_line` callers wait for their turn.
    """

    def __init__(self, rounds: int = 12, threads: int | None = None, longest_line: int = 64) -> None:
        if rounds < LOWEST_ROUNDS:
            raise ValueError(f"bcrypt needs a cost of at least {LOWEST_ROUNDS}")
        self._rounds = rounds
        self._context = CryptContext(schemes=["bcrypt"], bcrypt__rounds=rounds, bcrypt__ident="2b")
        threads = threads or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._room = BoundedSemaphore(threads + longest_line)

    async def hash(self, password: str) -> str:
        """Also raises ValueError for a password that bcrypt would cut; `NewPassword` never holds one."""
        if not _fits(password):
            raise ValueError("bcrypt cannot tell this password from a shorter one")
        return await self._in_thread(lambda: str(self._context.hash(password)))

    async def verify(self, password: str, stored_hash: str | None) -> bool:
        return await self._in_thread(lambda: self._verify(password, stored_hash))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored_hash: str | None) -> bool:
        """Whatever the outcome, the work is that of one hash at our cost (a cost step doubles the work)."""
        fits = _fits(password)
        matches = False
        missing = range(self._rounds, self._rounds + 1)
        if stored_hash is not None:
            try:
                cost = bcrypt.from_string(stored_hash).rounds
                matches = self._context.verify(password if fits else _NOBODYS, stored_hash)
                missing = range(cost, self._rounds)
            except (ValueError, TypeError):
                pass  # not a bcrypt hash: nobody's password, and the full work below
        for cost in missing:
            self._context.verify(_NOBODYS, hash_of_nobody(cost))
        return matches and fits

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if not self._room.acquire(blocking=False):
            raise Unavailable(retry_after_seconds=2)
        future = self._threads.submit(work)
        # Room comes back when the work ends: a caller that goes away does not stop a thread that is hashing.
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)


def hash_of_nobody(rounds: int) -> str:
    """A well-formed hash that no password has, and that costs as much to find out as a true one."""
    return f"$2b${rounds:02d}${_SALT}{_UNKNOWN_DIGEST}"


def _fits(password: str) -> bool:
    try:
        return len(password.encode()) <= MAX_PASSWORD_BYTES and "\x00" not in password
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
