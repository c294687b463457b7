"""What `--demo` adds to a start: a past for an empty database, and people who go on from there."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from prometheus_client import CollectorRegistry

from domain.contracts.signing.reconciler import LEASE
from domain.shared.errors import Unavailable
from domain.shared.tasks import stop_if_cancelled
from integrations.clock import SystemClock
from integrations.local.demo.agency import demo_staff
from integrations.local.demo.contracts import seed_contracts
from integrations.local.demo.parties import SimulatedParties
from integrations.local.demo.phones import SimulatedPhones
from integrations.local.demo.seed import seed
from integrations.local.simulators.esign import SIMULATED_APP_ID
from integrations.redis.lease import RedisLease
from integrations.settings import Settings, SettingsRefused
from integrations.wiring.opened import opened

log = logging.getLogger("business.demo")

_HELD_SECONDS = 15.0


async def start_demo(known: Settings, url: str, stack: AsyncExitStack) -> None:
    """The simulated people end with `stack`. Raises SettingsRefused in production, Unavailable."""
    if known.app_env == "production":
        raise SettingsRefused(["--demo: 生产环境不能填充演示数据 / invented people have no place in production"])
    async with opened(known, CollectorRegistry()) as integrations:
        await integrations.create_indexes()
        log.info("demo.seeded", extra={"users": await seed(integrations)})
    if known.esign_app_id == SIMULATED_APP_ID:  # elsewhere only real people sign
        _begin(_agency(known, url), "demo-agency", stack)
    if known.wechat_api_base:  # a real mini-program: only real phones have its codes
        _begin(SimulatedPhones(url, known.wechat_api_base).run(), "demo-phones", stack)


async def _agency(known: Settings, url: str) -> None:
    """The agency's past takes longer to live through than a newcomer waits for, so the product opens meanwhile."""
    try:
        async with opened(known, CollectorRegistry()) as integrations:
            members, clerk = await demo_staff(integrations)
            nobody_else_looks = asyncio.create_task(_holding(integrations.lease))
            try:
                if integrations.signing is not None:
                    made = await seed_contracts(integrations, integrations.signing, members, known.esign_host)
                    log.info("demo.seeded", extra={"contracts": made})
            finally:
                nobody_else_looks.cancel()
        await SimulatedParties(url, known.esign_host, clerk, SystemClock()).run()
    except Exception:  # the product works without invented people
        log.exception("demo.agency_ended")


async def _holding(lease: RedisLease) -> None:
    """Workers look after contracts by today's clock; not while the past is being written."""
    while True:
        with contextlib.suppress(Unavailable):
            await lease.acquire(LEASE, _HELD_SECONDS)
        stop_if_cancelled()
        await asyncio.sleep(_HELD_SECONDS / 3)


def _begin(people: Coroutine[Any, Any, None], name: str, stack: AsyncExitStack) -> None:
    stack.push_async_callback(_ended, asyncio.create_task(people, name=name))


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
