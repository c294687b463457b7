"""Object storage in a folder of this machine, the default without a provider."""

import asyncio
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from domain.files.errors import UploadIncomplete
from domain.files.parts import StoredPart
from integrations.disk_space import disk_failures

_PIECE_BYTES: Final = 1024 * 1024
_STORAGE_ID: Final = re.compile(r"[0-9a-f]{32}")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")


class FolderStorage:
    """Implements `ObjectStorage`. Several app processes of one machine may share the folder."""

    direct: Final = None

    def __init__(self, root: Path, is_full: Callable[[], bool] = lambda: False) -> None:
        self._objects = root / "objects"
        self._parts = root / "parts"
        self._is_full = is_full

    async def store(self, key: str, source: Path, content_type: str) -> None:
        target = self._path(key)
        with disk_failures(self._is_full):
            await asyncio.to_thread(_move, source, target)

    async def delete(self, keys: Sequence[str]) -> None:
        await asyncio.to_thread(self._delete, [self._path(key) for key in keys])

    async def exists(self, key: str) -> bool:
        return await asyncio.to_thread(self._path(key).exists)

    def local_path(self, key: str) -> Path:
        return self._path(key)

    async def fetch(self, key: str, directory: Path) -> Path:
        if not await self.exists(key):
            raise UploadIncomplete
        return self._path(key)

    async def begin_parts(self, key: str) -> str:
        return secrets.token_hex(16)

    async def store_part(self, key: str, storage_id: str, number: int, source: Path) -> None:
        with disk_failures(self._is_full):
            await asyncio.to_thread(_move, source, self._part(storage_id, number))

    async def parts(self, key: str, storage_id: str) -> Sequence[StoredPart]:
        return await asyncio.to_thread(_parts_in, self._parts_of(storage_id))

    async def join_parts(self, key: str, storage_id: str) -> None:
        with disk_failures(self._is_full):
            await asyncio.to_thread(_join, self._parts_of(storage_id), self._path(key))

    async def drop_parts(self, key: str, storage_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._parts_of(storage_id), True)

    def _parts_of(self, storage_id: str) -> Path:
        if _STORAGE_ID.fullmatch(storage_id) is None:
            raise ValueError("not an id of ours")
        return self._parts / storage_id

    def _part(self, storage_id: str, number: int) -> Path:
        return self._parts_of(storage_id) / f"{number:05}"

    def _path(self, key: str) -> Path:
        if _KEY.fullmatch(key) is None:  # all keys are ours; a wrong one could destroy other files
            raise ValueError("not a key of an object")
        return self._objects / key

    def _delete(self, paths: Sequence[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
            parent = path.parent
            while parent != self._objects and parent.is_dir() and not any(parent.iterdir()):
                try:
                    parent.rmdir()
                except OSError:  # another file has just come
                    break
                parent = parent.parent


def _parts_in(directory: Path) -> list[StoredPart]:
    paths = sorted(path for path in directory.glob("[0-9]*") if path.is_file())
    return [StoredPart(number=int(path.name), size=path.stat().st_size) for path in paths]


def _join(directory: Path, target: Path) -> None:
    with _replacing(target) as temporary, temporary.open("wb") as whole:
        for path in sorted(directory.glob("[0-9]*")):
            with path.open("rb") as part:
                shutil.copyfileobj(part, whole, _PIECE_BYTES)


def _move(source: Path, target: Path) -> None:
    with _replacing(target) as temporary:
        try:
            os.replace(source, temporary)
        except OSError:  # on another disk
            shutil.copyfile(source, temporary)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A file beside the target, which replaces it at the end: also after a crash the target is whole or absent."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")  # with mode 0600
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
