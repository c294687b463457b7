"""Hashes passwords with bcrypt or argon2id in threads, off the event loop."""

import os
from typing import Final, Literal

from passlib.context import CryptContext
from passlib.hash import bcrypt

from domain.shared.credentials import MAX_PASSWORD_BYTES, PasswordHasher
from integrations.security.fair_pool import FairPool

PasswordScheme = Literal["bcrypt", "argon2id"]

MAX_WAITING: Final = 64
MAX_WAITING_PER_ADDRESS: Final = 32
_ARGON2: Final = {"memory_cost": 19 * 1024, "time_cost": 2, "parallelism": 1}
"""Memory in KiB."""
_HANDLERS: Final = {"bcrypt": "bcrypt", "argon2id": "argon2"}
_DECOY_PASSWORD = "nobody's password"  # noqa: S105  # matches no hash
_UNKNOWN_DIGEST = "." * 31
_SALT = "abcdefghijklmnopqrstuu"


class PasslibHasher(PasswordHasher):
    """New hashes are of `scheme`: bcrypt `$2b$` of cost `rounds`, or argon2id. Hashes of both schemes are verified, of
    bcrypt also imported `$2a$` and `$2y$` ones.

    Computes at most `threads` hashes at once; `max_waiting` calls wait, and take turns by address.
    """

    def __init__(
        self,
        rounds: int = 12,
        scheme: PasswordScheme = "bcrypt",
        threads: int | None = None,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """By default with half of the processors, so that the pools of staff and users together take no more than
        there are. What `rounds` may be is for `AccountSettings` to say."""
        self._rounds = rounds
        self._scheme = _HANDLERS[scheme]
        self._context = _context(rounds, self._scheme)
        threads = threads or max(1, (os.cpu_count() or 1) // 2)
        self._pool = FairPool("password", threads, max_waiting, MAX_WAITING_PER_ADDRESS)

    async def hash(self, password: str, address: str = "") -> str:
        """Also raises ValueError for a password that bcrypt would truncate; `NewPassword` excludes those."""
        if not _fits(password):
            raise ValueError("bcrypt cannot tell this password from a shorter one")
        return await self._pool.run(lambda: str(self._context.hash(password)), address)

    async def verify(
        self, password: str, stored_hash: str | None, address: str = "", *, known_device: bool = False
    ) -> bool:
        return await self._pool.run(lambda: self._verify(password, stored_hash), address, preferred=known_device)

    def is_outdated(self, stored_hash: str) -> bool:
        scheme = self._context.identify(stored_hash)
        if scheme is None:
            return False
        if scheme == self._scheme == "bcrypt":
            return bool(bcrypt.from_string(stored_hash).rounds < self._rounds)
        return bool(scheme != self._scheme or self._context.needs_update(stored_hash))

    def close(self) -> None:
        self._pool.close()

    def _verify(self, password: str, stored_hash: str | None) -> bool:
        """Does the same work for every refusal: one hash of our cost, of each scheme that accounts may have.

        With argon2id that is both, until the last bcrypt hash is renewed. With bcrypt it is bcrypt alone: a hash that
        argon2id left behind is noticed by a slower refusal.
        """
        fits = _fits(password)
        scheme = self._context.identify(stored_hash) if stored_hash else None
        presented = password if fits else _DECOY_PASSWORD
        matches, missing = False, range(self._rounds, self._rounds + 1)
        if stored_hash is not None and scheme is not None:
            try:
                cost = bcrypt.from_string(stored_hash).rounds if scheme == "bcrypt" else None
                matches = self._context.verify(presented, stored_hash) and fits
                missing = missing if cost is None else range(cost, self._rounds)
            except (ValueError, TypeError):
                scheme = None  # malformed: no password matches
        if matches and scheme == "argon2":
            return True
        for cost in missing:  # each step of the cost doubles the work
            self._context.verify(_DECOY_PASSWORD, decoy_hash(cost))
        if not matches and scheme != "argon2" and self._scheme == "argon2":
            self._context.verify(_DECOY_PASSWORD, DECOY_ARGON2_HASH)
        return matches


def _context(rounds: int, scheme: str) -> CryptContext:
    return CryptContext(
        schemes=["bcrypt", "argon2"],
        default=scheme,
        bcrypt__rounds=rounds,
        bcrypt__ident="2b",
        argon2__type="ID",
        **{f"argon2__{name}": value for name, value in _ARGON2.items()},
    )


def decoy_hash(rounds: int) -> str:
    """A well-formed hash that matches no password, and costs as much to verify as a real one."""
    return f"$2b${rounds:02d}${_SALT}{_UNKNOWN_DIGEST}"


_ARGON2_SETTINGS: Final = "m={memory_cost},t={time_cost},p={parallelism}".format_map(_ARGON2)
DECOY_ARGON2_HASH: Final = f"$argon2id$v=19${_ARGON2_SETTINGS}${'A' * 22}${'A' * 43}"


def _fits(password: str) -> bool:
    try:
        return len(password.encode()) <= MAX_PASSWORD_BYTES and "\x00" not in password
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
