"""Hashes passwords with bcrypt in threads, off the event loop."""

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

MIN_ROUNDS = 10
_DECOY_PASSWORD = "nobody's password"  # noqa: S105  # matches no hash
_UNKNOWN_DIGEST = "." * 31
_SALT = "abcdefghijklmnopqrstuu"


class PasslibHasher(PasswordHasher):
    """New hashes are `$2b$` of cost `rounds`; imported `$2a$`, `$2b$` and `$2y$` ones are verified too.

    Computes at most `threads` hashes at once; at most `max_waiting` calls wait, further ones raise Unavailable.
    """

    def __init__(self, rounds: int = 12, threads: int | None = None, max_waiting: int = 64) -> None:
        if rounds < MIN_ROUNDS:
            raise ValueError(f"bcrypt needs a cost of at least {MIN_ROUNDS}")
        self._rounds = rounds
        self._context = CryptContext(schemes=["bcrypt"], bcrypt__rounds=rounds, bcrypt__ident="2b")
        threads = threads or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._capacity = BoundedSemaphore(threads + max_waiting)

    async def hash(self, password: str) -> str:
        """Also raises ValueError for a password that bcrypt would truncate; `NewPassword` excludes those."""
        if not _fits(password):
            raise ValueError("bcrypt cannot tell this password from a shorter one")
        return await self._in_thread(lambda: str(self._context.hash(password)))

    async def verify(self, password: str, stored_hash: str | None) -> bool:
        return await self._in_thread(lambda: self._verify(password, stored_hash))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored_hash: str | None) -> bool:
        """Does the work of one hash at our cost, whatever the outcome (each cost step doubles the work)."""
        fits = _fits(password)
        matches = False
        missing = range(self._rounds, self._rounds + 1)
        if stored_hash is not None:
            try:
                cost = bcrypt.from_string(stored_hash).rounds
                matches = self._context.verify(password if fits else _DECOY_PASSWORD, stored_hash)
                missing = range(cost, self._rounds)
            except (ValueError, TypeError):
                pass  # not a bcrypt hash: no password matches; the full work is done below
        for cost in missing:
            self._context.verify(_DECOY_PASSWORD, decoy_hash(cost))
        return matches and fits

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if not self._capacity.acquire(blocking=False):
            raise Unavailable(retry_after_seconds=2)
        future = self._threads.submit(work)
        # Released when the work ends, not when the caller is cancelled: cancelling does not stop a hashing thread.
        future.add_done_callback(lambda _: self._capacity.release())
        return await asyncio.wrap_future(future)


def decoy_hash(rounds: int) -> str:
    """A well-formed hash that matches no password, and costs as much to verify as a real one."""
    return f"$2b${rounds:02d}${_SALT}{_UNKNOWN_DIGEST}"


def _fits(password: str) -> bool:
    try:
        return len(password.encode()) <= MAX_PASSWORD_BYTES and "\x00" not in password
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
