"""Translates errors of the Redis client into domain errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import OutOfMemoryError, RedisError

from domain.shared.errors import StorageFull, Unavailable

# MISCONF: Redis cannot persist, and refuses writes. OOM: `maxmemory` is reached. The client prefixes errors of a
# pipeline, and knows OOM only outside of scripts.
_FULL = re.compile(r"\b(MISCONF|OOM) |No space left on device|Disk quota exceeded")


@contextmanager
def redis_failures() -> Iterator[None]:
    """Raises StorageFull when Redis cannot store a write, Unavailable for every other error and without a reply."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        if isinstance(error, OutOfMemoryError) or _FULL.search(str(error)):
            raise StorageFull from error
        raise Unavailable from error
