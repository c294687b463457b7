"""Child processes that read untrusted content: Python programs that limit themselves, without our secrets."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path


async def start_untrusted(
    program: str, *arguments: str, stdin: int = DEVNULL, stdout: int = DEVNULL, directory: Path | None = None
) -> Process:
    """Runs the program by its path: isolated from our modules, without our environment, in a session of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", program, *arguments),
        stdin=stdin,
        stdout=stdout,
        stderr=DEVNULL,  # quotes the content
        cwd=directory,
        env={"PATH": os.defpath},  # none of our secrets
        start_new_session=True,
    )


async def kill(process: Process) -> None:
    """Returns when the process has ended. Idempotent."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
