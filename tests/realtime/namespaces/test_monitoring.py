"""`/monitoring`: administrators see disks without space, at once and for as long as it is true."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from redis.asyncio import Redis

from domain.monitoring.disk_board import DiskBoard
from domain.monitoring.events import DiskMeasured
from domain.monitoring.model import Disk
from integrations.clock import SystemClock
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.monitoring import MonitoringNamespace
from tests.realtime.realtime_process import IDS, FakeStaffAuthorities, RealtimeProcess, realtime_process

GB = 1024**3
LOW = Disk(machine="app1", volume="data", free_bytes=GB, total_bytes=100 * GB)
ROOMY = Disk(machine="app1", volume="data", free_bytes=50 * GB, total_bytes=100 * GB)
SHOWN = {"machine": "app1", "volume": "data", "level": "low", "freeBytes": GB, "totalBytes": 100 * GB}


@asynccontextmanager
async def process(redis_url: str, authorities: FakeStaffAuthorities | None = None) -> AsyncIterator[RealtimeProcess]:
    board = DiskBoard(SystemClock())

    def namespace(context: NamespaceContext) -> MonitoringNamespace:
        return MonitoringNamespace(context, board)

    async with realtime_process(redis_url, authorities, more=[namespace], projections=[board]) as it:
        yield it


async def measured(it: RealtimeProcess, disk: Disk) -> None:
    await it.bus.publish([DiskMeasured(id=IDS.next_id(), at=datetime.now(UTC), disk=disk)])


async def test_a_disk_that_becomes_low_is_pushed_and_so_is_that_it_has_space_again(
    redis_url: str, redis: Redis
) -> None:
    async with process(redis_url) as it:
        admin = await it.connect_staff("/monitoring")
        assert await admin.event() == ("snapshot", {"list": []})

        await measured(it, LOW)
        assert await admin.event() == ("disks", {"list": [SHOWN]})

        await measured(it, ROOMY)
        assert await admin.event() == ("disks", {"list": []})


async def test_a_dashboard_that_is_opened_later_and_a_process_that_starts_later_show_it_too(
    redis_url: str, redis: Redis
) -> None:
    async with process(redis_url) as first:
        await measured(first, LOW)
        assert await first.edge.hub.reached((await first.bus.state()).head, 10)
        assert await (await first.connect_staff("/monitoring")).event() == ("snapshot", {"list": [SHOWN]})

    async with process(redis_url) as second:
        assert await (await second.connect_staff("/monitoring")).event() == ("snapshot", {"list": [SHOWN]})


async def test_only_administrators_enter(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    authorities.permissions["admin"] = frozenset({"admin:settings", "connection:all"})
    async with process(redis_url, authorities) as it:
        refused = (await it.try_connect("/monitoring")).refused

    assert refused is not None
    assert refused["data"]["code"] == "PERMISSION_DENIED"
