"""The `--demo` option: fills an empty database with a history and starts simulated people."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from domain.contracts.signing.reconciler import LEASE
from domain.shared.errors import Unavailable
from domain.shared.tasks import stop_if_cancelled
from integrations.clock import SystemClock
from integrations.local.demo.contract_seed import seed_contracts
from integrations.local.demo.customer_seed import seed_customers
from integrations.local.demo.interview_seed import seed_interviews
from integrations.local.demo.simulated_phones import SimulatedPhones
from integrations.local.demo.simulated_signers import SimulatedSigners
from integrations.local.demo.staff import demo_staff
from integrations.local.demo.user_seed import seed_users
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID
from integrations.redis.lease import RedisLease
from integrations.settings import Settings, SettingsRefused
from integrations.wiring.contracts import signing_with_esign
from integrations.wiring.infrastructure import open_infrastructure

log = logging.getLogger("business.demo")

_LEASE_SECONDS = 15.0


async def start_demo(known: Settings, url: str, stack: AsyncExitStack) -> None:
    """Simulated people are stopped by `stack`. Raises SettingsRefused in production, Unavailable."""
    if known.is_production:
        raise SettingsRefused(["--demo: 生产环境不能填充演示数据 / demo data is not available in production"])
    async with open_infrastructure(known) as base:
        log.info("demo.seeded", extra={"users": await seed_users(base, known.wechat.miniprogram_appid)})
    if known.esign.app_id == SIMULATED_APP_ID:  # with the real provider only real people sign
        _start_task(_run_agency(known, url), "demo-agency", stack)
    if known.wechat.wechat_api_base:  # codes of a real mini-program come from real phones only
        _start_task(SimulatedPhones(url, known.wechat.wechat_api_base).run(), "demo-phones", stack)


async def _run_agency(known: Settings, url: str) -> None:
    """Seeds the contracts, then runs the simulated signers. Runs beside the product, because the seeding takes long."""
    try:
        async with open_infrastructure(known) as base:
            members, employees = await demo_staff(base)
            log.info("demo.seeded", extra={"interviews": await seed_interviews(base, members[1:])})
            log.info("demo.seeded", extra={"customers": await seed_customers(base, members[1:])})
            lease_task = asyncio.create_task(_hold_reconciler_lease(base.lease))
            try:
                signing = signing_with_esign(base, known.esign)
                made = await seed_contracts(base, signing, members, known.esign.host)
                log.info("demo.seeded", extra={"contracts": made})
            finally:
                lease_task.cancel()
        await SimulatedSigners(url, known.esign.host, employees, SystemClock()).run()
    except Exception:  # the product works without simulated people
        log.exception("demo.agency_ended")


async def _hold_reconciler_lease(lease: RedisLease) -> None:
    """Keeps the reconcilers of the app processes away from contracts that are seeded with a clock of the past."""
    while True:
        with contextlib.suppress(Unavailable):
            await lease.acquire(LEASE, _LEASE_SECONDS)
        stop_if_cancelled()
        await asyncio.sleep(_LEASE_SECONDS / 3)


def _start_task(activity: Coroutine[Any, Any, None], name: str, stack: AsyncExitStack) -> None:
    stack.push_async_callback(_stop_task, asyncio.create_task(activity, name=name))


async def _stop_task(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
