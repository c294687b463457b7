"""What `--demo` adds to a start: a past for an empty database, and people who go on from there."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from prometheus_client import CollectorRegistry

from integrations.clock import SystemClock
from integrations.contracting import Signing
from integrations.demo.agency import demo_staff
from integrations.demo.contracts import seed_contracts
from integrations.demo.parties import SimulatedParties
from integrations.demo.phones import SimulatedPhones
from integrations.demo.seed import seed
from integrations.settings import Settings, SettingsRefused
from integrations.simulators.esign import SIMULATED_APP_ID
from integrations.wiring import Integrations, opened

log = logging.getLogger("business.demo")


async def start_demo(known: Settings, url: str, stack: AsyncExitStack) -> None:
    """The simulated people end with `stack`. Raises SettingsRefused in production, Unavailable."""
    if known.app_env == "production":
        raise SettingsRefused(["--demo: 生产环境不能填充演示数据 / invented people have no place in production"])
    async with opened(known, CollectorRegistry()) as integrations:
        await integrations.create_indexes()
        log.info("demo.seeded", extra={"users": await seed(integrations)})
        signing = integrations.signing
        if signing is not None and known.esign_app_id == SIMULATED_APP_ID:  # elsewhere only real people sign
            _begin(await _agency(integrations, signing, known, url), "demo-parties", stack)
    if known.wechat_api_base:  # a real mini-program: only real phones have its codes
        _begin(SimulatedPhones(url, known.wechat_api_base).run(), "demo-phones", stack)


async def _agency(integrations: Integrations, signing: Signing, known: Settings, url: str) -> Coroutine[Any, Any, None]:
    members, clerk = await demo_staff(integrations)
    made = await seed_contracts(integrations, signing, members, known.esign_host)
    log.info("demo.seeded", extra={"contracts": made})
    return SimulatedParties(url, known.esign_host, clerk, SystemClock()).run()


def _begin(people: Coroutine[Any, Any, None], name: str, stack: AsyncExitStack) -> None:
    stack.push_async_callback(_ended, asyncio.create_task(people, name=name))


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
