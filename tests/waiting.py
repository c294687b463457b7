"""Waiting for a state that a test can only ask for, because nothing announces it."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    check: Callable[[], Coroutine[Any, Any, T | None]], seconds: float = ..., poll_seconds: float = ...
) -> T: ...


@overload
async def eventually(check: Callable[[], T], seconds: float = ..., poll_seconds: float = ...) -> T: ...


async def eventually(check: Callable[[], Any], seconds: float = 15.0, poll_seconds: float = 0.02) -> Any:
    """The first true result of `check`, which is called repeatedly. Fails if there is none within `seconds`."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    while True:
        found = check()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert clock() < deadline, f"not true within {seconds} s: {check}"
        await asyncio.sleep(poll_seconds)
