"""An administrator sees on every page that a disk has no space, without loading it again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk
from integrations.redis.bus import StreamBus
from integrations.security.ids import ObjectIds
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import running
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in
from tests.servers import RedisServer

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
GB, TIMEOUT_MS = 1024**3, 15_000


def a_disk(free_bytes: int, *, full: bool = False) -> Disk:
    return Disk(machine="app1", volume="data", free_bytes=free_bytes, total_bytes=100 * GB, full=full)


@pytest_asyncio.fixture(loop_scope="session")
async def bus(own_redis: RedisServer) -> AsyncIterator[StreamBus]:
    async with Redis.from_url(own_redis.url) as redis:
        yield StreamBus(redis, redis, CollectorRegistry())


async def measured(bus: StreamBus, disk: Disk) -> None:
    """As an app process on another machine does it."""
    await bus.publish([DiskMeasured(id=ObjectIds().next_id(), at=datetime.now(UTC), disk=disk)])


async def test_the_line_about_a_disk_comes_changes_and_goes_by_itself(
    browser: Browser, own_redis: RedisServer, bus: StreamBus, tmp_path: Path
) -> None:
    with running(data=tmp_path, environment={"REDIS_URL": own_redis.url}) as product:
        page = await browser.new_page(locale="zh-CN")
        console_errors = ConsoleErrors(page, SIGNED_OUT)
        await sign_in(page, product.url)
        banner = page.get_by_test_id("disk-banner").locator("p", has_text="app1")
        await expect(banner).to_be_hidden()

        await measured(bus, a_disk(3 * GB))
        await expect(banner).to_have_text(
            "app1 的数据磁盘空间不足：剩余 3 GB，共 100 GB。请尽快清理或扩容。", timeout=TIMEOUT_MS
        )
        await page.goto(f"{product.url}/#/users")
        await measured(bus, a_disk(60 * 1024**2, full=True))
        await expect(banner).to_contain_text("已满，仅剩 60 MB", timeout=TIMEOUT_MS)

        await measured(bus, a_disk(50 * GB))
        await expect(banner).to_be_hidden(timeout=TIMEOUT_MS)

        assert console_errors.seen == []
