"""The directory of the metrics of several app processes: each counts for itself, and /metrics adds their files up."""

import os
import shutil
import tempfile
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

METRICS_PREFIX = "homecare-metrics-"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # only for a directory that `mkdtemp` makes


def new_metrics_directory(stack: ExitStack | AsyncExitStack) -> Path:
    """An empty directory, in memory where the system has a place for that; removed by `stack`.

    App processes map these files: one that writes to a new page of a mapped file on a full disk is killed.
    """
    memory = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix=METRICS_PREFIX, dir=memory))
    stack.callback(shutil.rmtree, directory, ignore_errors=True)
    return directory


def keep_metrics_directory(directory: Path, data: Path, stack: ExitStack | AsyncExitStack) -> None:
    """Links it, so that the next start finds and removes it, also after a crash. The data directory must be locked."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)  # with external stores nothing else has made it
    remove_metrics_directory(data)
    (data / "metrics").symlink_to(directory)
    stack.callback(remove_metrics_directory, data)


def remove_metrics_directory(data: Path) -> None:
    link = data / "metrics"
    if link.is_symlink():
        directory = link.readlink()
        link.unlink()
        if directory.name.startswith(METRICS_PREFIX):
            shutil.rmtree(directory, ignore_errors=True)
    else:
        shutil.rmtree(link, ignore_errors=True)
