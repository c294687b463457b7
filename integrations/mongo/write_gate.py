"""Refuses to save entities while the disk of the embedded store is full."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.shared.errors import StorageFull, Unavailable


class WriteGate:
    """Open for external stores: those say by themselves when they are full.

    The embedded store must be spared: a write that fails for want of space stops its storage engine, reads included.
    """

    def __init__(self, is_full: Callable[[], bool] = lambda: False) -> None:
        self._is_full = is_full

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Raises StorageFull instead of writing, or when the write failed because the disk has become full."""
        if self._is_full():
            raise StorageFull
        try:
            yield
        except Unavailable as error:
            if self._is_full():
                raise StorageFull from error
            raise


OPEN_GATE = WriteGate()
