"""Translates errors of the MongoDB driver into domain errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pymongo.errors import (
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WaitQueueTimeoutError,
)

from domain.shared.errors import Conflict, DomainError, Unavailable

Duplicates = Mapping[str, type[DomainError]]
"""The error that a duplicate value means, by the first field of the unique index."""

# Errors of a server that is reachable but cannot serve now: shutting down, not primary, interrupted.
_TRANSIENT_CODES = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})


@contextmanager
def store_failures(duplicates: Duplicates | None = None) -> Iterator[None]:
    """Raises Unavailable when the store cannot be reached. A taken value raises its `duplicates` error or Conflict."""
    try:
        yield
    except DuplicateKeyError as error:
        pattern = (error.details or {}).get("keyPattern") or {}
        raise (duplicates or {}).get(next(iter(pattern), ""), Conflict)() from error
    except (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError) as error:
        raise Unavailable from error
    except OperationFailure as error:
        if error.code in _TRANSIENT_CODES:
            raise Unavailable from error
        raise
