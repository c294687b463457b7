"""Injected faults of a simulator: a queue for each operation."""

from collections import defaultdict, deque
from typing import Generic, TypeVar

Fault = TypeVar("Fault")


class FaultQueues(Generic[Fault]):
    def __init__(self) -> None:
        self._queues: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, operation: str, fault: Fault, times: int = 1) -> None:
        """The next `times` calls of the operation meet the fault, after the faults that were added before."""
        self._queues[operation].extend([fault] * times)

    def take(self, operation: str) -> Fault | None:
        """The fault that the current call of the operation meets."""
        queue = self._queues.get(operation)
        return queue.popleft() if queue else None

    def clear(self) -> None:
        self._queues.clear()
