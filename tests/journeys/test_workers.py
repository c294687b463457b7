"""Two workers on one port: whoever answers, everybody sees it; and both can be replaced while people work."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.journeys.people import (
    Dashboard,
    assert_nothing_was_lost,
    dashboard,
    data_of,
    log_in,
    phones,
    wait_for_logins,
)
from tests.journeys.running import Product, running
from tests.journeys.served import children, served_by, workers_of
from tests.waiting import eventually


@asynccontextmanager
async def dashboards_on_both(product: Product, token: str) -> AsyncIterator[dict[str, Dashboard]]:
    """The kernel chooses who takes a connection, so as many are opened as it takes."""
    async with AsyncExitStack() as stack:
        opened: list[Dashboard] = []
        for _ in range(40):
            opened.append(await stack.enter_async_context(dashboard(product.url, token, "websocket")))
            on = await workers_of(product.url, token, opened)
            if len(on) == 2:
                yield on
                return
    raise AssertionError("all connections came to one worker")


async def test_a_log_in_at_either_worker_is_seen_at_both(tmp_path: Path) -> None:
    with running("--workers", "2", data=tmp_path) as product:
        token = await product.admin_token()
        async with product.client(token) as client, dashboards_on_both(product, token) as on:
            assert set(on) == {"0", "1"}
            number = 0
            seen: set[str] = set()
            while seen != {"0", "1"}:
                assert number < 60, "all requests came to one worker"
                number += 1
                async with aiohttp.ClientSession(product.url) as fresh:
                    await log_in(fresh, f"oEither{number:021d}")
                for watching in on.values():
                    await watching.shows(total=number)
                seen = served_by(product, "/api/miniprogram-users/login")

            async with client.get("/socket.io/?EIO=4&transport=polling") as answer:
                assert answer.status == 400
        assert "WebSocket" in product.printed


async def test_both_workers_are_replaced_while_people_log_in_and_then_all_ends_in_time(tmp_path: Path) -> None:
    with running("--workers", "2", data=tmp_path) as product:
        token = await product.admin_token()
        async with product.client(token) as client, dashboards_on_both(product, token) as on:
            before = set(children(product, "run.py worker"))
            async with phones(product, 6) as people:
                await wait_for_logins(people, 5)
                product.process.send_signal(signal.SIGHUP)

                async def replaced() -> bool:
                    return "rolling restart is done" in product.printed

                await eventually(replaced, 60)
                await wait_for_logins(people, 5)

            after = set(children(product, "run.py worker"))
            assert len(after) == 2
            assert not before & after
            assert [phone.refused for phone in people] == [[]] * len(people)
            await assert_nothing_was_lost(client, people)
            await log_in(client, "oAfterTheRestart00000000001")
            total = (await data_of(client, "/api/miniprogram-users"))["total"]
            for watching in on.values():
                await watching.shows(total=total)
                assert watching.client.connected

            product.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(product.process.wait, 10) == 0
