"""The log of what embedded servers and simulators print: a file of their own, so that the terminal stays readable."""

import logging
import logging.handlers
from pathlib import Path

from integrations.local.processes.child import LineHandler, Stream

FILE = "children.log"
_FILE_BYTES = 5 * 1024 * 1024


def child_output(name: str, data: Path) -> LineHandler:
    """Writes each line to `<data>/logs/children.log`, with the time and the name of the program."""
    logger = logging.getLogger(f"children.{name}")

    def write(_: Stream, line: bytes) -> None:
        if text := line.decode(errors="replace").strip():
            _file_of(data)
            logger.info(text)

    return write


def _file_of(data: Path) -> None:
    """Opened for the first line; most starts print none."""
    root = logging.getLogger("children")
    if root.handlers:
        return
    folder = data / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / FILE, maxBytes=_FILE_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel("INFO")
    root.propagate = False
