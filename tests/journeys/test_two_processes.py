"""Two app processes on one port: both dashboards see every log-in, and both processes can be replaced under load."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.journeys.support.app_processes import app_process_ids, one_dashboard_per_process, processes_that_served
from tests.journeys.support.people import (
    Dashboard,
    assert_nothing_was_lost,
    dashboard,
    data_of,
    log_in,
    phones,
    wait_for_logins,
)
from tests.journeys.support.running import Product, running
from tests.waiting import eventually


@asynccontextmanager
async def dashboards_on_both_processes(product: Product, token: str) -> AsyncIterator[dict[str, Dashboard]]:
    """The kernel distributes connections, so dashboards are opened until both processes serve one."""
    async with AsyncExitStack() as stack:
        opened: list[Dashboard] = []
        for _ in range(40):
            opened.append(await stack.enter_async_context(dashboard(product.url, token, "websocket")))
            by_process = await one_dashboard_per_process(product.url, token, opened)
            if len(by_process) == 2:
                yield by_process
                return
    raise AssertionError("all connections came to one app process")


async def test_a_login_at_either_process_is_shown_by_the_dashboards_of_both(tmp_path: Path) -> None:
    with running("--workers", "2", data=tmp_path) as product:
        token = await product.admin_token()
        async with product.client(token) as client, dashboards_on_both_processes(product, token) as dashboards:
            assert set(dashboards) == {"0", "1"}
            number = 0
            seen: set[str] = set()
            while seen != {"0", "1"}:
                assert number < 60, "all requests came to one app process"
                number += 1
                async with aiohttp.ClientSession(product.url) as fresh:
                    await log_in(fresh, f"oEither{number:021d}")
                for watching in dashboards.values():
                    await watching.shows(total=number)
                seen = processes_that_served(product, "/api/miniprogram-users/login")

            async with client.get("/socket.io/?EIO=4&transport=polling") as answer:
                assert answer.status == 400
        assert "WebSocket" in product.printed


async def test_a_rolling_restart_under_load_loses_nothing_and_the_product_stops_in_time(tmp_path: Path) -> None:
    with running("--workers", "2", data=tmp_path) as product:
        token = await product.admin_token()
        async with product.client(token) as client, dashboards_on_both_processes(product, token) as dashboards:
            before = set(app_process_ids(product))
            async with phones(product, 6) as people:
                await wait_for_logins(people, 5)
                product.process.send_signal(signal.SIGHUP)
                await eventually(lambda: "rolling restart is done" in product.printed, 60)
                await wait_for_logins(people, 5)

            after = set(app_process_ids(product))
            assert len(after) == 2
            assert not before & after
            assert [phone.refused for phone in people] == [[]] * len(people)
            await assert_nothing_was_lost(client, people)
            await log_in(client, "oAfterTheRestart00000000001")
            total = (await data_of(client, "/api/miniprogram-users"))["total"]
            for watching in dashboards.values():
                await watching.shows(total=total)
                assert watching.client.connected

            product.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(product.process.wait, 10) == 0
