"""A small disk of its own for a test to fill: a tmpfs, mounted directly or in a user namespace."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_FILLER = "filler"
_SMALLEST_PIECE = 4096
_IN_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")


@dataclass(frozen=True)
class SmallDisk:
    path: Path

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, leave_bytes: int = 0) -> None:
        """Another program takes all the space that is free, but for `leave_bytes`. May be called again."""
        with (self.path / _FILLER).open("ab") as file:
            piece = self.free_bytes
            while piece >= _SMALLEST_PIECE and (wanted := self.free_bytes - leave_bytes) > 0:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), min(piece, wanted))
                except OSError:  # another process has taken some of it meanwhile, and nothing was allocated
                    piece //= 2

    def clear(self) -> None:
        """The space that `fill` took is free again."""
        (self.path / _FILLER).unlink(missing_ok=True)


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Skips the test where neither is allowed, for example in a container without CAP_SYS_ADMIN."""
    with tempfile.TemporaryDirectory(prefix="disk-", ignore_cleanup_errors=True) as directory:
        mount = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}M", "tmpfs", directory)
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            try:
                yield SmallDisk(Path(directory))
            finally:
                subprocess.run(("umount", "--lazy", directory), check=True)
            return
        # Other processes reach it by the root directory of the process that mounted it.
        command = (*_IN_NAMESPACE, f"{' '.join(mount)} && echo mounted && exec sleep infinity")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as owner:
            assert owner.stdout is not None
            try:
                if owner.stdout.readline() != b"mounted\n":
                    pytest.skip("no small disk can be mounted: run as root, or allow user namespaces")
                yield SmallDisk(Path(f"/proc/{owner.pid}/root{directory}"))
            finally:
                owner.kill()
