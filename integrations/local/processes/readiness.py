"""How a worker tells its supervisor that it serves: one line through an inherited pipe."""

import asyncio
import contextlib
import os
from collections.abc import MutableMapping

VARIABLE = "READY_FD"
LINE = b"READY\n"


def announce_ready(environment: MutableMapping[str, str] | None = None) -> None:
    """A worker calls this once it accepts connections. Nothing happens without a supervisor, or the second time."""
    value = (os.environ if environment is None else environment).pop(VARIABLE, "")
    if not value.isdecimal():
        return
    with contextlib.suppress(OSError):  # the supervisor is gone: its end is about to reach us as a signal
        os.write(int(value), LINE)
        os.close(int(value))


class ReadyPipe:
    """The supervisor's side. Hand `write_fd` to the worker, then call `started` to close our copy of it."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        self._received = b""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_fd, self._on_readable)

    def started(self) -> None:
        os.close(self.write_fd)

    def close(self) -> None:
        if self._read_fd >= 0:
            self._loop.remove_reader(self._read_fd)
            os.close(self._read_fd)
            self._read_fd = -1

    def _on_readable(self) -> None:
        chunk = os.read(self._read_fd, len(LINE))
        self._received = (self._received + chunk)[: len(LINE)]
        if self._received == LINE:
            self.ready.set()
        if not chunk or self.ready.is_set():
            self.close()
