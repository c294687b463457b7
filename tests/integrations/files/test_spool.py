"""Uploads arrive in directories of their own, and leave nothing behind."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.files.errors import FileTooLarge
from domain.shared.errors import StorageFull
from integrations.files.spool import DirectorySpool
from tests.small_disk import small_disk


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def test_what_arrives_is_whole_until_it_has_been_handled(tmp_path: Path) -> None:
    content = os.urandom(700_000)

    async with DirectorySpool(tmp_path).receive(
        pieces(content[:10], content[10:600_000], content[600_000:]), 10**6
    ) as got:
        assert got.path.read_bytes() == content
        assert (got.size, got.head) == (len(content), content[:64])
        assert got.sha256 == hashlib.sha256(content).hexdigest()

    assert list(tmp_path.iterdir()) == []


async def test_too_much_is_refused_before_all_of_it_has_come(tmp_path: Path) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1000
            yield b"x" * 1000

    with pytest.raises(FileTooLarge):
        async with DirectorySpool(tmp_path).receive(endless(), 10_000):
            raise AssertionError("nothing is handed over")

    assert read == 11_000
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_is_named_and_left_as_it_was() -> None:
    with small_disk(4) as disk:
        spool = DirectorySpool(disk.path / "incoming")

        with pytest.raises(StorageFull):
            async with spool.receive(pieces(*[b"x" * 500_000] * 10), 10**8):
                raise AssertionError("nothing is handed over")

        async with spool.receive(pieces(b"x" * 1000), 10**8) as got:
            assert got.size == 1000


async def test_what_is_left_of_the_disk_for_others_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(StorageFull):
        async with DirectorySpool(tmp_path, lambda: True).receive(pieces(b"x"), 10):
            raise AssertionError("nothing is handed over")


async def test_the_sweep_removes_what_a_killed_process_has_left(tmp_path: Path) -> None:
    spool = DirectorySpool(tmp_path)
    left = tmp_path / "upload-left"
    left.mkdir()
    os.utime(left, (0, 0))

    async with spool.receive(pieces(b"x"), 10) as got:
        await spool.sweep()

        assert got.path.exists()
    assert not left.exists()
