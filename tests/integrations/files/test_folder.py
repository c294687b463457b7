"""Object storage in a folder."""

from pathlib import Path

import pytest

from domain.files.ports import ObjectStorage
from domain.shared.errors import StorageFull
from integrations.files.folder import FolderStorage
from tests.integrations.files.storage_promises import StoragePromises
from tests.small_disk import small_disk


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "files")


class TestFolderStorage(StoragePromises):
    async def content_of(self, storage: ObjectStorage, key: str) -> bytes | None:
        path = storage.local_path(key)
        assert path is not None
        return path.read_bytes() if path.exists() else None


async def test_nothing_but_objects_is_left_in_the_folder(storage: FolderStorage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"content")
    await storage.store("a/1/original", tmp_path / "source", "text/csv")

    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == ["original"]

    await storage.delete(["a/1/original"])
    assert list((tmp_path / "files/objects").iterdir()) == []


@pytest.mark.parametrize("key", ["../secret", "a/../../secret", "/etc/passwd", "a//b", "a/.", "", "a\0b", "a/b\n"])
def test_a_key_never_leads_out_of_the_folder(storage: FolderStorage, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        storage.local_path(key)


async def test_a_full_disk_is_named_and_nothing_of_the_object_stays(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x" * 3_000_000)
    with small_disk(2) as disk:
        storage = FolderStorage(disk.path)

        with pytest.raises(StorageFull):
            await storage.store("a/1/original", tmp_path / "source", "text/csv")

        assert [path for path in disk.path.rglob("*") if path.is_file()] == []
