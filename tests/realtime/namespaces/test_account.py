"""`/account` and `/staff`: a right withdrawn ends connections, and open pages learn what has changed."""

from datetime import UTC, datetime

from redis.asyncio import Redis

from domain.staff.events import StaffChanged
from domain.staff.login_log import StaffLoginRecorded
from domain.staff.role import RoleChanged, StaffRole
from realtime.namespaces.account import AccountNamespace
from realtime.namespaces.staff_administration import StaffAdministrationNamespace
from tests.realtime.realtime_process import IDS, FakeStaffAuthorities, access_changed, realtime_process, token

NOW = datetime(2026, 11, 30, tzinfo=UTC)
NAMESPACES = (AccountNamespace, StaffAdministrationNamespace)


def role_changed(code: str) -> RoleChanged:
    return RoleChanged(id=IDS.next_id(), at=NOW, role=StaffRole(id=IDS.next_id(), code=code, name="组长"))


async def test_a_changed_role_is_told_to_its_holders_and_closes_what_they_may_not_see(
    redis_url: str, redis: Redis
) -> None:
    authorities = FakeStaffAuthorities()
    authorities.roles = {"li": "team", "wang": "other"}
    async with realtime_process(redis_url, authorities, more=NAMESPACES) as it:
        holder = await it.connect_staff("/account", token=token("li"))
        watching = await it.connect_staff("/staff", token=token("li"))
        other = await it.connect_staff("/account", token=token("wang"))
        authorities.permissions["li"] = frozenset({"customer:view"})

        await it.bus.publish([role_changed("team")])
        await it.bus.publish([access_changed("wang")])

        assert await holder.event() == ("accessChanged", {})
        await watching.client.closed()
        assert await other.event() == ("accessChanged", {})
        refused = (await it.try_connect("/staff", token=token("li"))).refused
        assert refused is not None
        assert refused["data"]["code"] == "PERMISSION_DENIED"


async def test_changes_are_told_to_those_who_see_staff_and_logins_to_those_who_edit_accounts(
    redis_url: str, redis: Redis
) -> None:
    authorities = FakeStaffAuthorities()
    authorities.permissions["manager"] = frozenset({"user:view"})
    async with realtime_process(redis_url, authorities, more=NAMESPACES) as it:
        admin = await it.connect_staff("/staff", token=token("admin"))
        manager = await it.connect_staff("/staff", token=token("manager"))

        await it.bus.publish([StaffLoginRecorded(id="row", at=NOW, username="li", result="failed", staff_id="li")])
        await it.bus.publish([StaffChanged(id=IDS.next_id(), at=NOW, staff_id="li")])

        assert await admin.event() == ("login", {"id": "row", "staffId": "li"})
        assert await admin.event() == ("changed", {"kind": "account", "id": "li"})
        assert await manager.event() == ("changed", {"kind": "account", "id": "li"})
