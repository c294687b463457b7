"""The directory with the embedded servers' data: private, and used by one stack at a time."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from integrations.local.embedded.errors import DirectoryInUse, DirectoryUnusable

log = logging.getLogger("error.embedded")

# Servers whose parent was killed are told so by the kernel and need a moment to close their files. One that hangs in
# that is ended: whatever it has answered is on the disk.
LEFTOVERS_SECONDS = 15.0
PATIENCE = 0.6
"""The part of that time in which they may end by themselves."""
POLL_SECONDS = 0.1
LOCK = "embedded.lock"


class DataDirectory:
    """The lock's descriptor is handed to the servers. So it is held while any of them lives, also after a `kill -9` of
    their parent, and no two servers ever write the same files."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._descriptor: int | None = None

    @property
    def lock_descriptor(self) -> int:
        if self._descriptor is None:
            raise RuntimeError("the data directory is not locked")
        return self._descriptor

    async def lock(self, leftovers_seconds: float = LEFTOVERS_SECONDS) -> None:
        """Raises DirectoryInUse, DirectoryUnusable."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DirectoryUnusable(self.path, error.strerror or str(error)) from error
        try:
            await self._acquire(descriptor, leftovers_seconds)
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

    def private(self, name: str) -> Path:
        """A directory inside that nobody else can read."""
        directory = self.path / name
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            directory.chmod(0o700)
        except OSError as error:
            raise DirectoryUnusable(directory, error.strerror or str(error)) from error
        return directory

    async def _acquire(self, descriptor: int, leftovers_seconds: float) -> None:
        clock = asyncio.get_running_loop().time
        began_at, leftovers = clock(), frozenset[int]()
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            holder = os.pread(descriptor, 20, 0).decode(errors="replace")
            if _runs(holder):
                raise DirectoryInUse(self.path, holder)
            waited = clock() - began_at
            if waited > leftovers_seconds:
                raise DirectoryInUse(self.path, "")
            # Who holds it now and did so at the beginning is a leftover; somebody else may start here meanwhile.
            leftovers = leftovers or _holders(self.path / LOCK)
            if waited > leftovers_seconds * PATIENCE:
                _end(leftovers & _holders(self.path / LOCK))
            await asyncio.sleep(POLL_SECONDS)


def _holders(lock: Path) -> frozenset[int]:
    """Those who share the lock, not those who wait for it. Only Linux tells, and only of processes that are numbered as
    we are: whose starter looks dead from here may live in a container."""
    here, found = os.readlink("/proc/self/ns/pid") if Path("/proc/self/ns/pid").exists() else "", set()
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        process = opened.parents[1]
        with contextlib.suppress(OSError):
            shares = opened.samefile(lock) and "FLOCK" in (process / "fdinfo" / opened.name).read_text()
            if shares and os.readlink(process / "ns/pid") == here:
                found.add(int(process.name))
    return frozenset(found)


def _end(pids: Iterable[int]) -> None:
    for pid in pids:
        log.warning("an embedded server outlived its parent and did not end by itself", extra={"pid": pid})
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _runs(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
