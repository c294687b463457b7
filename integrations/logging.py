"""Logging as JSON lines in four streams (access 访问, error 错误, business 业务, audit 审计); masks personal values."""

import json
import logging
import logging.handlers
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

from domain.shared.masking import mask_text, masked

STREAMS = ("access", "error", "business", "audit")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Fields of every access line without personal values; masking them would cost more than the rest of the line.
_IMPERSONAL = frozenset({"requestId", "method", "route", "status", "ms", "ip"})
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_FILE_BYTES = 20 * 1024 * 1024
_FILES_KEPT = 30


class JsonLines(logging.Formatter):
    """One JSON object per line. Extra fields of the record are members, masked by key and by pattern."""

    def __init__(self, process: str = "") -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        stream = record.name.partition(".")[0]
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "stream": stream if stream in STREAMS else "error",
            "logger": record.name,
            "message": mask_text(record.getMessage()),
        }
        if self._process:
            line["worker"] = self._process
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line.update((key, value if key in _IMPERSONAL else masked(value, key)) for key, value in extra.items())
        if record.exc_info:
            line["stack"] = mask_text(self.formatException(record.exc_info))
        return _encode(line)


def set_up_logging(level: str, directory: Path | None, process: str = "") -> None:
    """Call once per process. Without `directory` all streams go to standard output, with the field `stream`.

    In `directory` each process has its own files, because two processes must not rotate one file; errors are also
    printed.
    """
    # Skips lookups whose results no line shows (as the documentation of `logging` advises).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers.clear()
    root.setLevel("WARNING")
    logging.getLogger("aiohttp.server").addFilter(_is_not_malformed_http)
    formatter = JsonLines(process)
    suffix = f"-{process}" if process else ""
    if directory is None:
        _add(root, logging.StreamHandler(sys.stdout), formatter)
    else:
        directory.mkdir(parents=True, exist_ok=True)
        printed = logging.StreamHandler(sys.stderr)
        printed.setLevel("ERROR")
        _add(root, printed, formatter)
        _add(root, _file(directory / f"error{suffix}.log"), formatter)
    for name in STREAMS:
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.handlers.clear()
        if directory is not None and name != "error":
            logger.propagate = False
            _add(logger, _file(directory / f"{name}{suffix}.log"), formatter)


def _is_not_malformed_http(record: logging.LogRecord) -> bool:
    """Malformed requests were answered with 400; a stack trace for each would let any client fill the disk."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _add(logger: logging.Logger, handler: logging.Handler, formatter: logging.Formatter) -> None:
    handler.setFormatter(formatter)
    logger.addHandler(handler)


def _file(path: Path) -> logging.Handler:
    return logging.handlers.RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")
