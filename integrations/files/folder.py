"""Object storage in a folder of this machine, the default without a provider."""

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from domain.files.ports import ServedAs
from domain.shared.errors import StorageFull
from integrations.files.spool import disk_failures

_KEY: Final = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")


class FolderStorage:
    """Implements `ObjectStorage`. Several app processes of one machine may share the folder."""

    def __init__(self, root: Path, is_full: Callable[[], bool] = lambda: False) -> None:
        self._objects = root / "objects"
        self._is_full = is_full

    async def store(self, key: str, source: Path, content_type: str) -> None:
        target = self._path(key)
        with disk_failures():
            if self._is_full():
                raise StorageFull
            await asyncio.to_thread(_move, source, target)

    async def delete(self, keys: Sequence[str]) -> None:
        await asyncio.to_thread(self._delete, [self._path(key) for key in keys])

    def local_path(self, key: str) -> Path:
        return self._path(key)

    def link(self, key: str, served: ServedAs, seconds: int) -> str:
        raise NotImplementedError  # never called: `local_path` gives a path

    def _path(self, key: str) -> Path:
        if _KEY.fullmatch(key) is None:  # keys are ours; one that is not would be a mistake that costs other files
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


def _move(source: Path, target: Path) -> None:
    """The target has all of the content, also after a crash, or does not exist."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")  # with mode 0600
    os.close(descriptor)
    try:
        try:
            os.replace(source, temporary)
        except OSError:  # on another disk
            shutil.copyfile(source, temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
