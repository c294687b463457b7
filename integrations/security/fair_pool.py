"""Runs blocking work in a few threads; waiting calls take turns by address, so that no address keeps the others out."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.shared.errors import RateLimited, Unavailable
from domain.shared.ip_addresses import rate_limit_key

Result = TypeVar("Result")

RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Call(Generic[Result]):
    work: Callable[[], Result]
    answer: "asyncio.Future[Result]"


class FairPool:
    def __init__(self, name: str, threads: int, max_waiting: int, max_waiting_per_address: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._idle_threads = threads
        self._max_waiting = max_waiting
        self._max_waiting_per_address = max_waiting_per_address
        self._queues: OrderedDict[str, deque[_Call[Any]]] = OrderedDict()
        """By address, never empty; the first is served next."""
        self._preferred: deque[_Call[Any]] = deque()

    async def run(self, work: Callable[[], Result], address: str, *, preferred: bool = False) -> Result:
        """The result of `work`. Raises RateLimited when too many calls of the address wait, Unavailable when too many
        wait in all.

        `preferred` calls run before all others and take no place from them: for callers that cannot be many."""
        call: _Call[Result] = _Call(work, asyncio.get_running_loop().create_future())
        if self._idle_threads:
            self._start(call)
            return await call.answer
        queue = self._preferred_queue() if preferred else self._queue(rate_limit_key(address))
        queue.append(call)
        try:
            return await call.answer
        except asyncio.CancelledError:
            with suppress(ValueError):
                queue.remove(call)
            self._drop_empty_queues()
            raise

    def close(self) -> None:
        """Cancels the calls that wait; running ones end by themselves."""
        for queue in (self._preferred, *self._queues.values()):
            for call in queue:
                call.answer.cancel()
        self._queues.clear()
        self._preferred.clear()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _preferred_queue(self) -> "deque[_Call[Any]]":
        if len(self._preferred) >= self._max_waiting:
            raise Unavailable(RETRY_SECONDS)
        return self._preferred

    def _queue(self, address: str) -> "deque[_Call[Any]]":
        """The queue of the address, with a free place."""
        queue = self._queues.get(address, deque())
        if len(queue) >= self._max_waiting_per_address:
            raise RateLimited(RETRY_SECONDS)
        if sum(map(len, self._queues.values())) >= self._max_waiting:
            longest = max(self._queues.values(), key=len)
            if len(longest) <= len(queue) + 1:
                raise Unavailable(RETRY_SECONDS)
            longest.pop().answer.set_exception(Unavailable(RETRY_SECONDS))
        return self._queues.setdefault(address, queue)

    def _start(self, call: _Call[Any]) -> None:
        self._idle_threads -= 1
        loop = asyncio.get_running_loop()

        def ended(done: "Future[Any]") -> None:
            if not loop.is_closed() and not done.cancelled():
                loop.call_soon_threadsafe(self._finish, call, done)

        self._executor.submit(call.work).add_done_callback(ended)

    def _finish(self, call: _Call[Any], done: "Future[Any]") -> None:
        # Called when the work ends, not when its caller is cancelled: cancelling does not stop a thread.
        self._idle_threads += 1
        if not call.answer.done():
            if error := done.exception():
                call.answer.set_exception(error)
            else:
                call.answer.set_result(done.result())
        if self._preferred:
            self._start(self._preferred.popleft())
        elif self._queues:
            address, queue = self._queues.popitem(last=False)
            self._start(queue.popleft())
            if queue:
                self._queues[address] = queue  # behind the others

    def _drop_empty_queues(self) -> None:
        for address in [address for address, queue in self._queues.items() if not queue]:
            del self._queues[address]
