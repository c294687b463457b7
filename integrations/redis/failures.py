"""Translates errors of the Redis client into domain errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from domain.shared.errors import Unavailable


@contextmanager
def redis_failures() -> Iterator[None]:
    """Raises Unavailable when Redis cannot be reached or answers with an error."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable from error
