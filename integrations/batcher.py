"""What is asked while a question is under way goes together in the next: the busier, the less each one costs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

AskAll = Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]]
"""Answers in the order of the questions; an exception among them is raised for its own caller only."""

Group = Sequence[tuple[Question, asyncio.Future[Answer]]]

HOLDS_UP_SECONDS = 0.5
"""A connection may be dead, and its command take until the driver's time-out: then the others go on without it."""


class Together(Generic[Question, Answer]):
    """One question is asked at a time, of `largest` callers at most. A caller who comes alone waits for nobody, and
    nobody waits longer than `holds_up_seconds` for those before them."""

    def __init__(
        self, ask_all: AskAll[Question, Answer], largest: int, holds_up_seconds: float = HOLDS_UP_SECONDS
    ) -> None:
        self._ask_all = ask_all
        self._largest = largest
        self._holds_up_seconds = holds_up_seconds
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question) -> Answer:
        """Raises what stands among the answers for this question, or what asking for all raised.

        A caller who is cancelled while the question is under way has asked nevertheless, as with any command.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_until_nobody_waits())
        return await answer

    async def _ask_until_nobody_waits(self) -> None:
        group: Group[Question, Answer] = []
        try:
            while group := self._next_group():
                asking = asyncio.create_task(self._ask_for(group))
                self._under_way.add(asking)
                asking.add_done_callback(self._under_way.discard)
                await asyncio.wait([asking], timeout=self._holds_up_seconds)
        except asyncio.CancelledError:  # the process ends
            _cancel([*group, *self._waiting])
            self._waiting.clear()
            raise
        finally:
            self._asking = None

    def _next_group(self) -> Group[Question, Answer]:
        here = [each for each in self._waiting if not each[1].done()]  # the callers of the others have gone
        self._waiting = here[self._largest :]
        return here[: self._largest]

    async def _ask_for(self, group: Group[Question, Answer]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._ask_all([question for question, _ in group])
        except Exception as error:
            answers = [error] * len(group)
        except asyncio.CancelledError:
            _cancel(group)
            raise
        for (_, waiting), answer in zip(group, answers, strict=True):
            if waiting.done():
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)


def _cancel(group: Group[Question, Answer]) -> None:
    for _, waiting in group:
        waiting.cancel()
