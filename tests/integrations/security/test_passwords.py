"""Password hashing: right and wrong passwords, imported hashes, limits."""

import asyncio
from collections.abc import Iterator

import bcrypt
import pytest

from domain.shared.errors import Unavailable
from integrations.security.passwords import DECOY_ARGON2_HASH, PasslibHasher, PasswordScheme, decoy_hash


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


ARGON2_WORK = 10**9
"""Of one argon2id hash, beside which bcrypt's work stays recognisable."""


class CountingHasher(PasslibHasher):
    """Sums the work of the comparisons: rounds of bcrypt's key schedule, and ARGON2_WORK."""

    def __init__(self, scheme: PasswordScheme = "bcrypt") -> None:
        super().__init__(rounds=10, scheme=scheme, threads=1)
        self.work = 0
        compare = self._context.verify

        def counted(secret: str, stored: str) -> bool:
            self.work += ARGON2_WORK if stored.startswith("$argon2id") else 2 ** int(stored.split("$")[2])
            return bool(compare(secret, stored))

        self._context.verify = counted


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


async def test_calls_that_wait_are_served_or_refused_by_address() -> None:
    hasher = PasslibHasher(rounds=10, threads=1, max_waiting=2)

    answers = await asyncio.gather(
        *(hasher.verify("a", None, "8.8.8.8") for _ in range(4)),
        hasher.verify("a", None, "1.2.4.8"),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [bool, bool, Unavailable, Unavailable, bool]
    assert await hasher.verify("a", None) is False
    hasher.close()


async def test_hashing_does_not_block_the_event_loop(hasher: PasslibHasher) -> None:
    hashing = asyncio.ensure_future(hasher.hash("12345678"))
    iterations = 0
    while not hashing.done():
        iterations += 1
        await asyncio.sleep(0)

    assert iterations > 10


@pytest.fixture(scope="module")
def argon2id() -> Iterator[PasslibHasher]:
    hasher = PasslibHasher(rounds=10, scheme="argon2id", threads=1)
    yield hasher
    hasher.close()


class TestArgon2id:
    async def test_new_hashes_are_argon2id_of_the_stated_cost(self, argon2id: PasslibHasher) -> None:
        stored = await argon2id.hash("正确的密码 correct")

        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert await argon2id.verify("正确的密码 correct", stored)
        assert not await argon2id.verify("正确的密码 Correct", stored)

    async def test_hashes_of_either_scheme_are_verified_and_renewed_in_both_directions(
        self, hasher: PasslibHasher, argon2id: PasslibHasher
    ) -> None:
        by_bcrypt, by_argon2id = await hasher.hash("correct horse"), await argon2id.hash("correct horse")

        for each in (hasher, argon2id):
            for stored in (by_bcrypt, by_argon2id):
                assert await each.verify("correct horse", stored)
                assert not await each.verify("wrong", stored)
        assert (hasher.is_outdated(by_bcrypt), hasher.is_outdated(by_argon2id)) == (False, True)
        assert (argon2id.is_outdated(by_argon2id), argon2id.is_outdated(by_bcrypt)) == (False, True)

    @pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$v=19$m=19456", DECOY_ARGON2_HASH])
    async def test_no_password_matches_a_missing_or_malformed_hash(
        self, argon2id: PasslibHasher, stored: str | None
    ) -> None:
        assert not await argon2id.verify("nobody's password", stored)

    async def test_a_password_is_never_truncated(self, argon2id: PasslibHasher) -> None:
        stored = await argon2id.hash("x" * 72)

        assert not await argon2id.verify("x" * 73, stored)
        with pytest.raises(ValueError, match="bcrypt"):
            await argon2id.hash("x" * 73)

    async def test_every_refusal_does_the_same_work(self) -> None:
        counting = CountingHasher("argon2id")
        hashes = [await counting.hash("right"), await CountingHasher().hash("right"), None, "not a hash"]
        work = set()

        for stored in hashes:
            counting.work = 0
            await counting.verify("wrong", stored)
            work.add(counting.work)
        counting.close()

        assert work == {2**10 + ARGON2_WORK}


async def test_a_bcrypt_hash_of_a_lower_cost_is_outdated_and_one_of_a_higher_is_not(hasher: PasslibHasher) -> None:
    lower, higher = (bcrypt.hashpw(b"imported", bcrypt.gensalt(cost)).decode() for cost in (6, 11))

    assert (hasher.is_outdated(lower), hasher.is_outdated(higher)) == (True, False)
