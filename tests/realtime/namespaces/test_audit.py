"""`/audit`: pages with the operation log hear of new entries."""

from datetime import UTC, datetime

from redis.asyncio import Redis

from domain.audit.events import AuditLogGrew
from realtime.namespaces.audit import AuditNamespace
from tests.realtime.realtime_process import IDS, FakeStaffAuthorities, realtime_process

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


async def test_the_number_of_new_entries_is_pushed(redis_url: str, redis: Redis) -> None:
    async with realtime_process(redis_url, more=[AuditNamespace]) as it:
        reader = await it.connect_staff("/audit")

        await it.bus.publish([AuditLogGrew(id=IDS.next_id(), at=AT, count=3)])

        assert await reader.event() == ("auditGrew", {"count": 3, "at": "2026-11-24T08:00:00.000Z"})


async def test_a_manager_without_the_permission_does_not_enter(redis_url: str, redis: Redis) -> None:
    authorities = FakeStaffAuthorities()
    authorities.permissions["admin"] = frozenset({"admin:settings", "contract:all"})
    async with realtime_process(redis_url, authorities, more=[AuditNamespace]) as it:
        refused = (await it.try_connect("/audit")).refused

    assert refused is not None
    assert refused["data"]["code"] == "PERMISSION_DENIED"
