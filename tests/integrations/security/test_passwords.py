"""Password hashing: right and wrong passwords, imported hashes, limits."""

import asyncio
from collections.abc import Iterator

import bcrypt
import pytest
from passlib.context import CryptContext

from domain.shared.errors import Unavailable
from integrations.security.passwords import PasslibHasher, decoy_hash


@pytest.fixture(scope="module")
def hasher() -> Iterator[PasslibHasher]:
    hasher = PasslibHasher(rounds=10, threads=1)
    yield hasher
    hasher.close()


async def test_only_the_right_password_is_accepted(hasher: PasslibHasher) -> None:
    stored = await hasher.hash("正确的密码 correct")

    assert stored.startswith("$2b$10$")
    assert await hasher.verify("正确的密码 correct", stored)
    assert not await hasher.verify("正确的密码 Correct", stored)
    assert not await hasher.verify("", stored)


async def test_hashing_a_password_twice_gives_different_hashes(hasher: PasslibHasher) -> None:
    assert await hasher.hash("12345678") != await hasher.hash("12345678")


@pytest.mark.parametrize("prefix", [b"2a", b"2b"])
async def test_hashes_of_the_legacy_system_are_verified(hasher: PasslibHasher, prefix: bytes) -> None:
    imported = bcrypt.hashpw(b"imported-1", bcrypt.gensalt(4, prefix)).decode()

    assert await hasher.verify("imported-1", imported)
    assert not await hasher.verify("imported-2", imported)


@pytest.mark.parametrize(
    "stored", [None, "", "plain-password", "$2b$10$tooshort", "$2b$10$abcdefghijklmnopqrstuu", decoy_hash(10)]
)
async def test_no_password_matches_a_missing_or_malformed_hash(hasher: PasslibHasher, stored: str | None) -> None:
    assert not await hasher.verify("plain-password", stored)
    assert not await hasher.verify("nobody's password", stored)


async def test_a_password_is_never_truncated(hasher: PasslibHasher) -> None:
    stored = await hasher.hash("x" * 72)

    assert await hasher.verify("x" * 72, stored)
    assert not await hasher.verify("x" * 73, stored)
    assert not await hasher.verify("x" * 72 + "\x00", stored)
    for unfit in ("x" * 73, "密" * 25, "a\x00b", "\ud800"):
        with pytest.raises(ValueError, match="bcrypt"):
            await hasher.hash(unfit)


class CountingHasher(PasslibHasher):
    """Sums the work of the comparisons, in rounds of the key schedule."""

    def __init__(self) -> None:
        super().__init__(rounds=10, threads=1)
        self.work = 0
        hashing = self

        class Counting(CryptContext):  # type: ignore[misc]  # passlib has no type information
            def verify(self, secret: str, stored: str) -> bool:
                hashing.work += 2 ** int(stored.split("$")[2])
                return bool(super().verify(secret, stored))

        self._context = Counting(schemes=["bcrypt"], bcrypt__rounds=10)


async def test_every_verification_does_the_same_work() -> None:
    hasher = CountingHasher()
    own = await hasher.hash("right-password")
    cheap = bcrypt.hashpw(b"right-password", bcrypt.gensalt(6)).decode()
    costs = set()

    for password in ("right-password", "wrong", "x" * 100, "a\x00"):
        for stored in (own, cheap, None, "not a hash"):
            hasher.work = 0
            await hasher.verify(password, stored)
            costs.add(hasher.work)
    hasher.close()

    assert costs == {2**10}


async def test_a_full_queue_refuses_calls_and_accepts_them_again_later() -> None:
    hasher = PasslibHasher(rounds=10, threads=1, max_waiting=2)

    answers = await asyncio.gather(*(hasher.verify("a", None) for _ in range(10)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [bool] * 3 + [Unavailable] * 7
    assert await hasher.verify("a", None) is False
    hasher.close()


async def test_a_cancelled_caller_frees_its_place_in_the_queue() -> None:
    hasher = PasslibHasher(rounds=10, threads=1, max_waiting=1)
    cancelled = [asyncio.ensure_future(hasher.verify("a", None)) for _ in range(2)]
    await asyncio.sleep(0)
    for caller in cancelled:
        caller.cancel()
    await asyncio.gather(*cancelled, return_exceptions=True)

    while True:  # a running thread finishes its work first
        try:
            assert await hasher.verify("a", None) is False
            break
        except Unavailable:
            await asyncio.sleep(0.01)
    hasher.close()


async def test_hashing_does_not_block_the_event_loop(hasher: PasslibHasher) -> None:
    hashing = asyncio.ensure_future(hasher.hash("12345678"))
    iterations = 0
    while not hashing.done():
        iterations += 1
        await asyncio.sleep(0)

    assert iterations > 10


def test_a_cost_that_is_too_low_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 10"):
        PasslibHasher(rounds=9)
