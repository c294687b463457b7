"""The spool of uploads: a directory for each, removed when the upload has been handled."""

import asyncio
import hashlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from domain.files.errors import FileTooLarge
from domain.files.formats import HEAD_BYTES
from domain.files.ports import ReceivedFile
from domain.shared.errors import StorageFull
from integrations.disk_space import disk_failures

_PIECE_BYTES: Final = 256 * 1024
_PREFIX: Final = "upload-"
_LEFT_BEHIND_SECONDS: Final = 24 * 3600


class DirectorySpool:
    def __init__(self, directory: Path, is_full: Callable[[], bool] = lambda: False) -> None:
        """`is_full`: the rest of the disk is reserved for others, such as the embedded servers."""
        self._directory = directory
        self._is_full = is_full

    @asynccontextmanager
    async def receive(self, chunks: AsyncIterable[bytes], max_bytes: int) -> AsyncIterator[ReceivedFile]:
        async with self._own_directory() as directory:
            path = directory / "received"
            writer = _Writer(path, max_bytes, self._is_full)
            try:
                with disk_failures():
                    async for chunk in chunks:
                        if writer.take(chunk):
                            await asyncio.to_thread(writer.flush)
                    await asyncio.to_thread(writer.flush)
            finally:
                writer.close()
            yield ReceivedFile(path, directory, writer.size, writer.digest.hexdigest(), writer.head)

    @asynccontextmanager
    async def examine(self, fetch: Callable[[Path], Awaitable[Path]]) -> AsyncIterator[ReceivedFile]:
        async with self._own_directory() as directory:
            path = await fetch(directory)
            size, digest, head = await asyncio.to_thread(_examined, path)
            yield ReceivedFile(path, directory, size, digest, head)

    async def sweep(self) -> None:
        await asyncio.to_thread(self._sweep)

    @asynccontextmanager
    async def _own_directory(self) -> AsyncIterator[Path]:
        with disk_failures(self._is_full):
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._directory))
        try:
            yield directory
        finally:
            await asyncio.to_thread(shutil.rmtree, directory, True)

    def _sweep(self) -> None:
        for directory in self._directory.glob(f"{_PREFIX}*"):
            try:
                if directory.stat().st_mtime < time.time() - _LEFT_BEHIND_SECONDS:
                    shutil.rmtree(directory, ignore_errors=True)
            except OSError:  # its upload has just ended
                continue


class _Writer:
    """Collects chunks, so that each call of a thread writes many of them."""

    def __init__(self, path: Path, max_bytes: int, is_full: Callable[[], bool]) -> None:
        self._file = path.open("xb")
        self._max_bytes = max_bytes
        self._is_full = is_full
        self._waiting = bytearray()
        self.size = 0
        self.head = b""
        self.digest = hashlib.sha256()

    def take(self, chunk: bytes) -> bool:
        """True when it is time to flush. Raises FileTooLarge."""
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise FileTooLarge(max_bytes=self._max_bytes)
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        self._waiting += chunk
        return len(self._waiting) >= _PIECE_BYTES

    def flush(self) -> None:
        if self._is_full():
            raise StorageFull
        self.digest.update(self._waiting)
        self._file.write(self._waiting)
        self._file.flush()
        self._waiting.clear()

    def close(self) -> None:
        self._file.close()


def _examined(path: Path) -> tuple[int, str, bytes]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest(), head
