"""The data directory of the embedded servers: private, and locked for one `EmbeddedStack` at a time."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from integrations.local.embedded.errors import DataDirectoryInUse, DataDirectoryUnusable

log = logging.getLogger("error.embedded")

# Servers whose parent was killed receive a signal from the kernel and need a moment to close their files. One that
# hangs in that is killed: every write that it has acknowledged is on the disk.
ORPHAN_SECONDS = 15.0
GRACEFUL_PART = 0.6
"""The part of that time in which orphaned servers may end by themselves."""
POLL_SECONDS = 0.1
LOCK_FILE = "embedded.lock"


class LockedDataDirectory:
    """The servers inherit the descriptor of the lock, so the lock is held as long as any of them runs.

    This holds after a `kill -9` of their parent, too: two servers never write the same files.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._descriptor: int | None = None

    @property
    def lock_descriptor(self) -> int:
        if self._descriptor is None:
            raise RuntimeError("the data directory is not locked")
        return self._descriptor

    async def lock(self, orphan_seconds: float = ORPHAN_SECONDS) -> None:
        """Waits for orphaned servers of an earlier start. Raises DataDirectoryInUse, DataDirectoryUnusable."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataDirectoryUnusable(self.path, error.strerror or str(error)) from error
        try:
            await self._acquire(descriptor, orphan_seconds)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def unlock(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def private_subdirectory(self, name: str) -> Path:
        """A directory inside that only its owner can read. Created when it does not exist."""
        directory = self.path / name
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            directory.chmod(0o700)
        except OSError as error:
            raise DataDirectoryUnusable(directory, error.strerror or str(error)) from error
        return directory

    async def _acquire(self, descriptor: int, orphan_seconds: float) -> None:
        clock = asyncio.get_running_loop().time
        began_at, orphans = clock(), frozenset[int]()
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            owner = os.pread(descriptor, 20, 0).decode(errors="replace")
            if _is_running(owner):
                raise DataDirectoryInUse(self.path, owner)
            waited = clock() - began_at
            if waited > orphan_seconds:
                raise DataDirectoryInUse(self.path, "")
            # Orphans are those that have held the lock since the beginning; another start may take it meanwhile.
            orphans = orphans or _lock_holders(self.path / LOCK_FILE)
            if waited > orphan_seconds * GRACEFUL_PART:
                _kill(orphans & _lock_holders(self.path / LOCK_FILE))
            await asyncio.sleep(POLL_SECONDS)


def _lock_holders(lock: Path) -> frozenset[int]:
    """Processes that hold the lock, without those that wait for it.

    Empty on systems other than Linux. Processes of another PID namespace are left out: the process that started them
    looks dead from here, but may run in a container.
    """
    namespace, found = os.readlink("/proc/self/ns/pid") if Path("/proc/self/ns/pid").exists() else "", set()
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        process = opened.parents[1]
        with contextlib.suppress(OSError):
            holds = opened.samefile(lock) and "FLOCK" in (process / "fdinfo" / opened.name).read_text()
            if holds and os.readlink(process / "ns/pid") == namespace:
                found.add(int(process.name))
    return frozenset(found)


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        log.warning("an embedded server outlived its parent and did not end by itself", extra={"pid": pid})
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _is_running(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
