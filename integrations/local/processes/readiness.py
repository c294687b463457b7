"""Readiness notification: an app process tells its supervisor how far it is, by lines through an inherited pipe."""

import asyncio
import contextlib
import os
from collections.abc import MutableMapping

READY_FD_VARIABLE = "READY_FD"
READY_LINE = b"READY\n"
PREPARED_LINE = b"PREPARED\n"
CREATED_LINE = b"CREATED\n"
_LONGEST_REPORT = len(CREATED_LINE + PREPARED_LINE + READY_LINE)


def announce_prepared(*, created: bool) -> None:
    """To be called by the app process that prepares the database. `created`: it made the first account."""
    value = os.environ.get(READY_FD_VARIABLE, "")
    if value.isdecimal():
        with contextlib.suppress(OSError):
            os.write(int(value), (CREATED_LINE if created else b"") + PREPARED_LINE)


def announce_ready(environment: MutableMapping[str, str] | None = None) -> None:
    """To be called by an app process that accepts connections. Does nothing without a supervisor or a second time."""
    value = (os.environ if environment is None else environment).pop(READY_FD_VARIABLE, "")
    if not value.isdecimal():
        return
    with contextlib.suppress(OSError):  # the supervisor has ended; the signal that ends this process is on its way
        os.write(int(value), READY_LINE)
        os.close(int(value))


class ReadyPipe:
    """The supervisor's end. Pass `write_fd` to the app process, then call `close_write_end`."""

    def __init__(self) -> None:
        self.prepared = asyncio.Event()
        self.ready = asyncio.Event()
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        self._received = b""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_fd, self._on_readable)

    @property
    def created(self) -> bool:
        return CREATED_LINE in self._received

    def close_write_end(self) -> None:
        os.close(self.write_fd)

    def close(self) -> None:
        if self._read_fd >= 0:
            self._loop.remove_reader(self._read_fd)
            os.close(self._read_fd)
            self._read_fd = -1

    def _on_readable(self) -> None:
        chunk = os.read(self._read_fd, _LONGEST_REPORT)
        self._received = (self._received + chunk)[:_LONGEST_REPORT]
        lines = self._received.splitlines(keepends=True)
        if PREPARED_LINE in lines:
            self.prepared.set()
        if READY_LINE in lines:
            self.ready.set()
        if not chunk or self.ready.is_set():
            self.close()
