"""Background work that ends when it is told to."""

import asyncio


def stop_if_cancelled() -> None:
    """For loops that run until cancelled, after each step. Raises CancelledError.

    A driver that has its answer in the very moment of the cancellation may return it and swallow the cancellation
    (redis-py does, measured one time in six); the loop would then run on, and whoever awaits its end with it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
