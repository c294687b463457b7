"""The promises of every object storage, as one class of tests that each adapter's tests inherit."""

from pathlib import Path

from domain.files.ports import ObjectStorage, ServedAs

TEXT = ServedAs("text/csv", "名单.csv", inline=False)


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

    async def test_a_deleted_object_is_gone_and_others_stay(self, storage: ObjectStorage, tmp_path: Path) -> None:
        for key in ("a/1/original", "a/1/small", "a/2/original"):
            await self.put(storage, tmp_path, key, key.encode())

        await storage.delete(["a/1/original", "a/1/small", "a/3/original"])
        await storage.delete(["a/1/original"])

        assert await self.content_of(storage, "a/1/original") is None
        assert await self.content_of(storage, "a/1/small") is None
        assert await self.content_of(storage, "a/2/original") == b"a/2/original"
