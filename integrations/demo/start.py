"""What `--demo` adds to a start: a past for an empty database, and phones that go on from there."""

import asyncio
import contextlib
import logging
from contextlib import AsyncExitStack

from prometheus_client import CollectorRegistry

from integrations.demo.phones import SimulatedPhones
from integrations.demo.seed import seed
from integrations.settings import Settings, SettingsRefused
from integrations.wiring import opened

log = logging.getLogger("business.demo")


async def start_demo(known: Settings, url: str, stack: AsyncExitStack) -> None:
    """The phones end with `stack`. Raises SettingsRefused in production, Unavailable."""
    if known.app_env == "production":
        raise SettingsRefused(["--demo: 生产环境不能填充演示数据 / invented people have no place in production"])
    async with opened(known, CollectorRegistry()) as integrations:
        await integrations.create_indexes()
        log.info("demo.seeded", extra={"users": await seed(integrations)})
    if not known.wechat_api_base:  # a real mini-program: only real phones have its codes
        return
    phones = asyncio.create_task(SimulatedPhones(url, known.wechat_api_base).run(), name="demo-phones")
    stack.push_async_callback(_ended, phones)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
