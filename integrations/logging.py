"""Logging as JSON lines in four streams (access 访问, error 错误, business 业务, audit 审计); masks personal values."""

import atexit
import io
import json
import logging
import logging.handlers
import sys
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.shared.masking import mask_text, masked
from integrations.repeated_errors import SAMPLED, RepeatedErrors

STREAMS = ("access", "error", "business", "audit")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", SAMPLED}
# Fields of every access line without personal values; masking them would cost more than the rest of the line.
_IMPERSONAL = frozenset({"requestId", "method", "route", "status", "ms", "ip"})
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_mask_message = lru_cache(maxsize=128)(mask_text)
"""Most messages are constants of the code."""
_FILE_BYTES = 20 * 1024 * 1024
_FILES_KEPT = 30
_UNENCODABLE = "backslashreplace"
"""A lone surrogate must not cost the whole line."""


class JsonLines(logging.Formatter):
    """One JSON object per line. Extra fields of the record are members, masked by key and by pattern."""

    def __init__(self, process: str = "") -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "stream": _stream_of(record),
            "logger": record.name,
            "message": _mask_message(record.getMessage()),
        }
        if self._process:
            line["worker"] = self._process
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line.update((key, value if key in _IMPERSONAL else masked(value, key)) for key, value in extra.items())
        if record.exc_info:
            line["stack"] = mask_text(self.formatException(record.exc_info))
        return _encode(line)


class RotatingLines(logging.handlers.RotatingFileHandler):
    """Formats each record once; the library's handler formats it a second time, to see whether it still fits.

    A file has at most `max_bytes`, unless a single line is longer.
    """

    def __init__(self, path: Path, max_bytes: int, files_kept: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=files_kept, encoding="utf-8", errors=_UNENCODABLE)
        self._size = path.stat().st_size

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record) + self.terminator
            size = len(line.encode(errors=_UNENCODABLE))
            if self._size and self._size + size > self.maxBytes:
                self.doRollover()
                self._size = 0
            if self.stream is None:  # a failed rollover has closed it
                self.stream = self._open()
            self.stream.write(line)
            self.flush()
            self._size += size
        except Exception:
            self.handleError(record)


def set_up_logging(level: str, directory: Path | None, process: str = "") -> None:
    """Call once per process. Without `directory` all streams go to standard output, with the field `stream`.

    In `directory` each process has its own files, because two processes must not rotate one file; errors are also
    printed.
    """
    # Skips lookups whose results no line shows (as the documentation of `logging` advises).
    logging._srcfile = None
    # A line that cannot be written, because the disk is full, is dropped without a stack trace.
    logging.raiseExceptions = False
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers.clear()
    root.setLevel("WARNING")
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    formatter = JsonLines(process)
    errors = RepeatedErrors(lambda record: _stream_of(record) == "error")
    atexit.register(errors.count)
    suffix = f"-{process}" if process else ""
    if directory is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors=_UNENCODABLE)
        _add(root, logging.StreamHandler(sys.stdout), formatter, errors)
    else:
        directory.mkdir(parents=True, exist_ok=True)
        printed = logging.StreamHandler(sys.stderr)
        printed.setLevel("ERROR")
        _add(root, printed, formatter, errors)
        _add(root, _file(directory / f"error{suffix}.log"), formatter, errors)
    for name in STREAMS:
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.handlers.clear()
        if directory is not None and name != "error":
            logger.propagate = False
            _add(logger, _file(directory / f"{name}{suffix}.log"), formatter)


def _stream_of(record: logging.LogRecord) -> str:
    stream = record.name.partition(".")[0]
    return stream if stream in STREAMS else "error"


def _is_ours(record: logging.LogRecord) -> bool:
    """False for errors of a client that aiohttp logs: a malformed request, a body that does not match its headers, a
    connection that ended early. They are answered where that is possible, and are in the access log."""
    from aiohttp.http_exceptions import HttpProcessingError  # here, because the first process needs no aiohttp
    from aiohttp.web import RequestPayloadError

    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | RequestPayloadError | ConnectionError | TimeoutError)


def _add(logger: logging.Logger, handler: logging.Handler, formatter: logging.Formatter, *filters: Any) -> None:
    handler.setFormatter(formatter)
    for each in filters:
        handler.addFilter(each)
    logger.addHandler(handler)


def _file(path: Path) -> logging.Handler:
    return RotatingLines(path, _FILE_BYTES, _FILES_KEPT)
