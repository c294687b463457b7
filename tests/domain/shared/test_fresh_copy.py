"""Expiry of a copy in memory."""

import asyncio

from domain.shared.fresh_copy import FreshCopy


class Stored:
    """A stored value, and the copy that is made of it."""

    def __init__(self) -> None:
        self.value = "first"
        self.copied = ""
        self.reads = 0
        self.changes_during_read: list[str] = []
        self.copy = FreshCopy(self._read)

    async def _read(self) -> None:
        self.reads += 1
        read = self.value
        await asyncio.sleep(0)
        if self.changes_during_read:
            self.value = self.changes_during_read.pop()
            self.copy.expire()
        self.copied = read


async def test_a_fresh_copy_is_not_read_again_and_an_expired_one_once() -> None:
    stored = Stored()

    await asyncio.gather(*(stored.copy.ensure() for _ in range(5)))
    await stored.copy.ensure()
    assert (stored.reads, stored.copied) == (1, "first")

    stored.value = "second"
    stored.copy.expire()
    await asyncio.gather(*(stored.copy.ensure() for _ in range(5)))
    assert (stored.reads, stored.copied) == (2, "second")


async def test_a_copy_that_expires_while_it_is_read_is_read_again() -> None:
    stored = Stored()
    stored.changes_during_read = ["second"]

    await stored.copy.ensure()

    assert (stored.reads, stored.copied) == (2, "second")
