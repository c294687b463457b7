"""A child process that ends with its parent. It has its own session, so that Ctrl-C reaches only the parent."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from integrations.local.processes.output_lines import LineSplitter

PARENT_WATCH = str(Path(__file__).with_name("parent_watch.py"))
# A grandchild may keep the pipe open after the child has ended; the rest of the output is not awaited for longer.
OUTPUT_TAIL_SECONDS = 1.0
CHUNK_BYTES = 64 * 1024

Stream = Literal["stdout", "stderr"]
LineHandler = Callable[[Stream, bytes], None]
ParentWatch = Literal["kernel", "poll"]


def find_program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise FileNotFoundError(name)
    return str(Path(program).absolute())


class Child:
    """Start it from a thread that lives as long as the process: Linux ends children with the thread that made them."""

    def __init__(self, process: Process, on_line: LineHandler) -> None:
        self._process = process
        self._on_line = on_line
        self._readers = [
            asyncio.ensure_future(self._read("stdout", process.stdout)),
            asyncio.ensure_future(self._read("stderr", process.stderr)),
        ]

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        on_line: LineHandler,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: bytes | None = None,
        open_stdin: bool = False,
        pass_fds: Sequence[int] = (),
        parent_watch: ParentWatch = "kernel",
    ) -> "Child":
        """`on_line` receives every line of output. `stdin` is its whole input; with `open_stdin`, `write` adds to it.

        Raises FileNotFoundError when the program does not exist.
        """
        program = find_program(argv[0])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", PARENT_WATCH, parent_watch, str(os.getpid())),
            *(program, *argv[1:]),
            stdin=PIPE if open_stdin or stdin is not None else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=env,
            cwd=cwd,
            pass_fds=pass_fds,
            start_new_session=True,
        )
        child = cls(process, on_line)
        if stdin is not None:
            child.write(stdin, end=True)
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while the process runs; negative when a signal ended it."""
        return self._process.returncode

    def write(self, data: bytes, *, end: bool = False) -> None:
        """Adds to the standard input. Does nothing when the process has ended."""
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(data)
            if end:
                self._process.stdin.close()

    async def wait(self) -> int:
        """Return the exit code after the process has ended and its output has been read."""
        code = await self._process.wait()
        await asyncio.wait(self._readers, timeout=OUTPUT_TAIL_SECONDS)
        for reader in self._readers:
            reader.cancel()
        return code

    async def stop(self, grace_seconds: float) -> bool:
        """Send SIGTERM, and SIGKILL after the grace period. True when the process ended within it."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                await self._process.wait()
            return True
        except TimeoutError:
            self.kill()
            return False
        finally:
            await self.wait()

    def kill(self) -> None:
        """Kill the process and everything that it started in its session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _read(self, stream: Stream, reader: asyncio.StreamReader | None) -> None:
        if reader is None:
            return
        splitter = LineSplitter()
        while chunk := await reader.read(CHUNK_BYTES):
            for line in splitter.feed(chunk):
                self._on_line(stream, line)
        for line in splitter.finish():
            self._on_line(stream, line)
