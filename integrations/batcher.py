"""Micro-batching: requests that arrive while a batch is in flight go out together as the next batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")

RunBatch = Callable[[Sequence[Request]], Awaitable[Sequence[Result | Exception]]]
"""Returns one result for each request, in their order. An exception among them is raised for its own caller only."""

Batch = Sequence[tuple[Request, asyncio.Future[Result]]]

STALL_SECONDS = 0.5
"""A connection may be dead, and its command then takes until the driver's time-out."""


class Batcher(Generic[Request, Result]):
    """Runs one batch at a time, of at most `max_size` requests. A request that arrives alone starts at once.

    When a batch takes longer than `stall_seconds`, the next one starts beside it. Without `stall_seconds` (None)
    batches never overlap: requests take effect in the order in which they were submitted.
    """

    def __init__(
        self, run_batch: RunBatch[Request, Result], max_size: int, stall_seconds: float | None = STALL_SECONDS
    ) -> None:
        self._run_batch = run_batch
        self._max_size = max_size
        self._stall_seconds = stall_seconds
        self._pending: list[tuple[Request, asyncio.Future[Result]]] = []
        self._latest: asyncio.Task[None] | None = None
        """The task that runs the next batch when it has finished its own."""
        self._in_flight: set[asyncio.Task[None]] = set()

    async def submit(self, request: Request) -> Result:
        """The result for this request. Raises its own exception, or the one that the whole batch raised.

        A caller that is cancelled while its batch is in flight has made the request nevertheless, as with any command.
        """
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pending.append((request, result))
        if self._latest is None:
            self._start()
        return await result

    def _start(self) -> None:
        self._latest = running = asyncio.create_task(self._run_batches())
        self._in_flight.add(running)
        running.add_done_callback(self._in_flight.discard)

    async def _run_batches(self) -> None:
        """Runs batches until nothing is pending, or until a batch has stalled and another task has taken over."""
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        while self._latest is me:
            batch = self._next_batch()
            if not batch:
                self._latest = None
                return
            stall = None if self._stall_seconds is None else loop.call_later(self._stall_seconds, self._give_up, me)
            try:
                await self._run(batch)
            except asyncio.CancelledError:  # the process ends
                self._latest = None
                _cancel(self._pending)
                self._pending.clear()
                raise
            finally:
                if stall is not None:
                    stall.cancel()

    def _give_up(self, stalled: "asyncio.Task[None] | None") -> None:
        """Waits for this task no longer."""
        if self._latest is stalled:
            self._latest = None
            if self._pending:
                self._start()

    def _next_batch(self) -> Batch[Request, Result]:
        """Takes the oldest requests, without those whose callers were cancelled."""
        pending = [each for each in self._pending if not each[1].done()]
        self._pending = pending[self._max_size :]
        return pending[: self._max_size]

    async def _run(self, batch: Batch[Request, Result]) -> None:
        results: Sequence[Result | Exception]
        try:
            results = await self._run_batch([request for request, _ in batch])
        except Exception as error:
            results = [error] * len(batch)
        except asyncio.CancelledError:
            _cancel(batch)
            raise
        for (_, waiting), result in zip(batch, results, strict=True):
            if waiting.done():
                continue
            if isinstance(result, Exception):
                waiting.set_exception(result)
            else:
                waiting.set_result(result)


def _cancel(batch: Batch[Request, Result]) -> None:
    for _, waiting in batch:
        waiting.cancel()
