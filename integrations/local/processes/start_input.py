"""The standard input of an app process: its settings in one line, then the word to serve.

An app process is started together with its stores and imports its code while they start; their addresses come later.
Secrets travel this way and never by command line.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping

PREPARES_VARIABLE = "PREPARES_DATABASE"
"""Set for the one app process that prepares the database before any of them serves."""
SERVE = b"serve\n"


def settings_line(settings: Mapping[str, str]) -> bytes:
    return json.dumps(settings).encode() + b"\n"


def receive_settings() -> None:
    """Waits for the settings and enters them into the environment. Exits when the first process has ended."""
    line = b"" if sys.stdin.isatty() else sys.stdin.buffer.readline()
    if not line:
        sys.exit(0)
    os.environ.update(json.loads(line))


async def told_to_serve() -> bool:
    """Waits for the word; False when the first process has ended."""
    line: bytes = await asyncio.to_thread(sys.stdin.buffer.readline)
    return line == SERVE
