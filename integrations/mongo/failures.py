"""Errors of the MongoDB driver, translated into domain errors."""

import logging
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from domain.shared.errors import Conflict, StorageFull, Unavailable

log = logging.getLogger("error.mongodb")

# Errors of a server that is reachable but cannot serve now: shutting down, not primary, interrupted.
_TRANSIENT_CODES = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})

_NO_SUCH_INDEX = frozenset({26, 27})
"""No such collection, no such index."""
_OUT_OF_DISK_SPACE = 14031
# The storage engine's own error, which most versions of the server pass on as UnknownError with the system's text.
_FULL_TEXTS = ("No space left on device", "Disk quota exceeded")
# The server itself has failed: its storage engine stopped, or it has a bug.
_INTERNAL_ERROR = 1
_DUPLICATE = 11000


@contextmanager
def store_failures() -> Iterator[None]:
    """Raises Unavailable when the store cannot be reached or has failed, StorageFull when it has no room, and Conflict
    for a value that a unique index has already."""
    try:
        yield
    except DuplicateKeyError as error:
        raise Conflict from error
    except (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError) as error:
        raise Unavailable from error
    except OperationFailure as error:
        if any(_says_full(problem) for problem in _problems(error)):
            raise StorageFull from error
        if any(problem.get("code") in _TRANSIENT_CODES for problem in _problems(error)):
            raise Unavailable from error
        if error.code == _INTERNAL_ERROR:
            log.error("mongodb.internal_error", extra={"problem": str((error.details or {}).get("errmsg"))[:200]})
            raise Unavailable from error
        raise


def _problems(error: OperationFailure) -> list[Mapping[str, Any]]:
    """Code and message of the error, or of each problem of a bulk write."""
    details = error.details or {}
    if isinstance(error, BulkWriteError):
        return [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    return [{"code": error.code, "errmsg": str(error)}]


def _says_full(problem: Mapping[str, Any]) -> bool:
    message = str(problem.get("errmsg", ""))
    return problem.get("code") == _OUT_OF_DISK_SPACE or any(text in message for text in _FULL_TEXTS)


async def duplicates_in(write: Awaitable[object]) -> list[int]:
    """Completes an unordered bulk write. Returns the positions of the writes that met an existing document.

    Raises the driver's error for any other problem of a write, and when the writes are not durable.
    """
    try:
        await write
    except BulkWriteError as error:
        raise_if_not_durable(error)
        problems = error.details["writeErrors"]
        if any(each["code"] != _DUPLICATE for each in problems):
            raise
        return [each["index"] for each in problems]
    return []


def raise_if_not_durable(error: BulkWriteError) -> None:
    """Raises the error that the driver raises for a single update: the server's code, without the documents."""
    problems = error.details["writeConcernErrors"]
    if problems:
        raise WriteConcernError(problems[-1]["errmsg"], problems[-1]["code"]) from None


async def drop_index(collection: "AsyncIOMotorCollection[dict[str, Any]]", name: str) -> None:
    """Drops an index of an earlier version, if it exists."""
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code not in _NO_SUCH_INDEX:
            raise
