"""The promises of every object storage, as one class of tests that each adapter's tests inherit."""

from pathlib import Path

import pytest

from domain.files.errors import UploadIncomplete
from domain.files.ports import ObjectStorage

MEGABYTE = 1024 * 1024


class StoragePromises:
    """A subclass has the fixture `storage`, and reads objects by `content_of`."""

    async def content_of(self, storage: ObjectStorage, key: str) -> bytes | None:
        """None if there is no such object."""
        raise NotImplementedError

    async def put(self, storage: ObjectStorage, directory: Path, key: str, content: bytes) -> None:
        source = directory / "source"
        source.write_bytes(content)
        await storage.store(key, source, "text/csv")

    async def test_an_object_is_read_as_it_was_stored(self, storage: ObjectStorage, tmp_path: Path) -> None:
        content = bytes(range(256)) * 1000

        await self.put(storage, tmp_path, "users/2026/05/a1/original", content)

        assert await self.content_of(storage, "users/2026/05/a1/original") == content

    async def test_an_object_may_be_stored_again(self, storage: ObjectStorage, tmp_path: Path) -> None:
        await self.put(storage, tmp_path, "a/b", b"first")
        await self.put(storage, tmp_path, "a/b", b"second")

        assert await self.content_of(storage, "a/b") == b"second"

    async def test_parts_that_come_in_any_order_and_again_become_one_object(
        self, storage: ObjectStorage, tmp_path: Path
    ) -> None:
        key, one, two, three = "a/1/original", b"1" * MEGABYTE, b"2" * MEGABYTE, b"3" * 10
        storage_id = await storage.begin_parts(key)

        async def send(number: int, content: bytes) -> None:
            (tmp_path / "part").write_bytes(content)
            await storage.store_part(key, storage_id, number, tmp_path / "part")

        await send(3, three)
        await send(1, b"x" * MEGABYTE)
        assert [part.number for part in await storage.parts(key, storage_id)] == [1, 3]
        await send(2, two)
        await send(1, one)
        sizes = {part.number: part.size for part in await storage.parts(key, storage_id)}
        assert sizes == {1: MEGABYTE, 2: MEGABYTE, 3: 10}
        assert await self.content_of(storage, key) is None

        await storage.join_parts(key, storage_id)
        await storage.join_parts(key, storage_id)
        assert (await storage.fetch(key, tmp_path)).read_bytes() == one + two + three
        await storage.drop_parts(key, storage_id)
        await storage.drop_parts(key, storage_id)
        assert await self.content_of(storage, key) == one + two + three

    async def test_parts_that_are_dropped_are_gone(self, storage: ObjectStorage, tmp_path: Path) -> None:
        storage_id = await storage.begin_parts("a/1/original")
        (tmp_path / "part").write_bytes(b"1")
        await storage.store_part("a/1/original", storage_id, 1, tmp_path / "part")

        await storage.drop_parts("a/1/original", storage_id)

        assert await storage.parts("a/1/original", storage_id) == []

    async def test_an_object_that_has_not_come_cannot_be_looked_at(
        self, storage: ObjectStorage, tmp_path: Path
    ) -> None:
        with pytest.raises(UploadIncomplete):
            await storage.fetch("a/9/original", tmp_path)

    async def test_a_deleted_object_is_gone_and_others_stay(self, storage: ObjectStorage, tmp_path: Path) -> None:
        for key in ("a/1/original", "a/1/small", "a/2/original"):
            await self.put(storage, tmp_path, key, key.encode())

        await storage.delete(["a/1/original", "a/1/small", "a/3/original"])
        await storage.delete(["a/1/original"])

        assert await self.content_of(storage, "a/1/original") is None
        assert await self.content_of(storage, "a/1/small") is None
        assert await self.content_of(storage, "a/2/original") == b"a/2/original"
