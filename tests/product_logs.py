"""Log files of a test, written by the product's own handlers."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrations.logging import STREAMS, set_up_logging

_SHARED = ("", "aiohttp.server", *STREAMS)
"""Loggers that `set_up_logging` changes."""


@dataclass(frozen=True)
class ProductLogs:
    directory: Path

    @property
    def text(self) -> str:
        return "".join(file.read_text() for file in sorted(self.directory.iterdir()))

    def lines(self, stream: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.directory / f"{stream}.log").read_text().splitlines()]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [line for line in self.lines("error") if line["level"] in ("ERROR", "CRITICAL")]


@contextmanager
def product_logs(directory: Path) -> Iterator[ProductLogs]:
    """Until the end, everything is logged to files in `directory`, as an app process does it with LOG_DIR."""
    with logging_restored():
        set_up_logging("INFO", directory)
        yield ProductLogs(directory)


@contextmanager
def logging_restored() -> Iterator[None]:
    """Whatever sets up logging inside is undone at the end."""
    loggers = [logging.getLogger(name) for name in _SHARED]
    before = [(each, each.handlers[:], each.filters[:], each.level, each.propagate) for each in loggers]
    try:
        yield
    finally:
        earlier = {handler for _, handlers, *_ in before for handler in handlers}
        written = {handler for each in loggers for handler in each.handlers} - earlier
        for each, handlers, filters, level, propagate in before:
            each.handlers, each.filters, each.propagate = handlers, filters, propagate
            each.setLevel(level)
        for handler in written:
            handler.close()
