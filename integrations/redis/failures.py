"""Redis failures, told in the domain's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from domain.shared.errors import Unavailable


@contextmanager
def redis_failures() -> Iterator[None]:
    """Raises Unavailable when Redis cannot be reached or cannot answer."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable from error
