"""What is asked while a question is under way goes together in the next: the busier, the less each one costs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

AskAll = Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]]
"""Answers in the order of the questions; an exception among them is raised for its own caller only."""


class Together(Generic[Question, Answer]):
    """One question is asked at a time, of `largest` callers at most. A caller who comes alone waits for nobody."""

    def __init__(self, ask_all: AskAll[Question, Answer], largest: int) -> None:
        self._ask_all = ask_all
        self._largest = largest
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """Raises what stands among the answers for this question, or what asking for all raised.

        A caller who is cancelled has asked nevertheless, as with any command that is under way.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_until_nobody_waits())
        return await answer

    async def _ask_until_nobody_waits(self) -> None:
        try:
            while self._waiting:
                group = self._waiting[: self._largest]
                del self._waiting[: self._largest]
                await self._ask_for(group)
        finally:
            self._asking = None

    async def _ask_for(self, group: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._ask_all([question for question, _ in group])
        except Exception as error:
            answers = [error] * len(group)
        except asyncio.CancelledError:  # the process ends
            for _, waiting in [*group, *self._waiting]:
                waiting.cancel()
            raise
        for (_, waiting), answer in zip(group, answers, strict=True):
            if waiting.done():  # its caller has gone
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
