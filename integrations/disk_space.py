"""The disks that this machine's processes write to: their free space, and the reserve of the embedded servers.

The embedded MongoDB needs space even for reading: it writes its log and checkpoints in the background, stops for good
when that fails, and cannot start again. So the last part of the disk is for the servers alone. The product stops saving
when only the margin is left, and the reserve file, which occupies more space, is released when something else has used
up the margin.
"""

import asyncio
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.monitoring.model import Disk, Volume
from domain.shared.errors import StorageFull

RESERVE_FILE: Final = "reserve"
RESERVE_PART: Final = 0.1
LARGEST_RESERVE_BYTES: Final = 64 * 1024 * 1024
SMALLEST_MARGIN_BYTES: Final = 12 * 1024 * 1024
"""Room for one more log file of the server, which takes 10 MB at once."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Space:
    free_bytes: int
    total_bytes: int

    @classmethod
    def of(cls, path: Path) -> "Space":
        """Raises OSError."""
        found = os.statvfs(path)
        return cls(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


@contextmanager
def disk_failures(is_full: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Raises StorageFull when the disk has no room, and at once when `is_full` says that the rest is for others."""
    try:
        if is_full():
            raise StorageFull
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise


class DataDisk:
    """The disk with the data of the embedded servers. Cheap to ask: no question reads or writes a file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._reserve = directory / RESERVE_FILE

    def space(self) -> Space:
        """Raises OSError."""
        return Space.of(self.directory)

    def is_full(self) -> bool:
        """True while the product must not save: only the margin and the reserve are left."""
        try:
            space = self.space()
        except OSError:  # no directory, no servers: the process that needs them reports that
            return False
        return space.free_bytes + self._occupied() < _kept_bytes(space)

    def keep_reserve(self) -> None:
        """Occupies the reserve if there is room, and releases it when the margin is used up. Raises OSError."""
        space, occupied = self.space(), self._occupied()
        wanted = reserve_bytes(space)
        if occupied < wanted and space.free_bytes + occupied >= _kept_bytes(space):
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, wanted)
            finally:
                os.close(descriptor)
        elif occupied and space.free_bytes < wanted / 2:
            self.release_reserve()

    def release_reserve(self) -> None:
        self._reserve.unlink(missing_ok=True)

    def _occupied(self) -> int:
        try:
            return self._reserve.stat().st_blocks * 512
        except OSError:
            return 0


def reserve_bytes(space: Space) -> int:
    return min(int(space.total_bytes * RESERVE_PART), LARGEST_RESERVE_BYTES)


def _kept_bytes(space: Space) -> int:
    reserve = reserve_bytes(space)
    return reserve + max(reserve, SMALLEST_MARGIN_BYTES)


class MachineDisks:
    """Implements `Disks`: the disk of the embedded servers, if there are any, and that of the log files."""

    def __init__(self, machine: str, data: DataDisk | None, logs: Path | None) -> None:
        self._machine = machine
        self._data = data
        self._logs = logs

    async def measure(self) -> Sequence[Disk]:
        return await asyncio.to_thread(self._measure)  # a disk that fails may not answer at once

    def _measure(self) -> list[Disk]:
        found = []
        if self._data is not None and (space := _space_of(self._data.directory)):
            found.append(self._disk("data", space, self._data.is_full()))
        # Log files on the disk of the data are the same problem, which is reported once.
        if self._logs is not None and not self._shares_disk(self._logs) and (space := _space_of(self._logs)):
            found.append(self._disk("logs", space, space.free_bytes == 0))
        return found

    def _disk(self, volume: Volume, space: Space, full: bool) -> Disk:
        return Disk(
            machine=self._machine,
            volume=volume,
            free_bytes=space.free_bytes,
            total_bytes=space.total_bytes,
            full=full,
        )

    def _shares_disk(self, logs: Path) -> bool:
        try:
            return self._data is not None and logs.stat().st_dev == self._data.directory.stat().st_dev
        except OSError:
            return False


def _space_of(path: Path) -> Space | None:
    try:
        return Space.of(path)
    except OSError:
        return None
