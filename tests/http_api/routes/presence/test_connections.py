"""Routes that list live connections and end one."""

from datetime import UTC, datetime
from typing import Any

from domain.presence.events import DisconnectRequested
from domain.presence.model import Connection
from domain.shared.authority import Role
from domain.shared.events import STREAM_START
from tests.user_api import UserApi

CONNECTIONS = "/api/realtime/connections"


def a_connection(number: int, role: str = "employee", **more: Any) -> Connection:
    fields = {
        "id": f"{number:024x}",
        "staff_id": "5" * 24,
        "name": "王芳",
        "role": role,
        "namespaces": ("/users",),
        "transport": "websocket",
        "device": "Chrome · Windows",
        "user_agent": "Mozilla/5.0",
        "address": "10.0.0.7",
        "connected_at": datetime(2026, 11, 24, 8, number, tzinfo=UTC),
        "worker": "w1",
    }
    return Connection.model_validate({**fields, **more})


async def call(it: UserApi, method: str, path: str, role: Role, body: object = None) -> tuple[int, dict[str, Any]]:
    answer = await it.running.call(method, CONNECTIONS + path, body, await it.staff_token(role))
    return answer.status, answer.body


async def test_the_list_shows_the_newest_first(strict: UserApi) -> None:
    await strict.stores.presence.replace("w1", [a_connection(1), a_connection(2)], 0)
    await strict.stores.presence.replace("w2", [a_connection(3)], 0)

    status, body = await call(strict, "GET", "", Role.OPERATOR)

    assert status == 200
    assert body["data"]["total"] == 3
    assert [entry["id"][-1] for entry in body["data"]["list"]] == ["3", "2", "1"]
    assert body["data"]["list"][0]["connectedAt"] == "2026-11-24T08:03:00.000Z"


async def test_the_list_requires_its_permission(strict: UserApi) -> None:
    status, body = await call(strict, "GET", "", Role.EMPLOYEE)

    assert (status, body["code"]) == (403, "PERMISSION_DENIED")


async def test_a_disconnect_is_published_and_audited(strict: UserApi) -> None:
    target = a_connection(1)
    await strict.stores.presence.replace("w1", [target], 0)

    status, _ = await call(strict, "POST", f"/{target.id}/disconnect", Role.MANAGER, {"reason": "设备遗失"})

    assert status == 200
    events = [entry.event for entry in await strict.stores.bus.history(STREAM_START, "+")]
    [event] = [event for event in events if isinstance(event, DisconnectRequested)]
    assert (event.connection_id, event.reason, event.by) == (target.id, "设备遗失", "李经理")
    row = await strict.stores.database["audit_logs"].find_one({"action": "connection.disconnect"})
    assert row is not None
    assert (row["targetId"], row["reason"]) == (target.id, "设备遗失")


async def test_a_lower_role_cannot_disconnect_a_higher_one(strict: UserApi) -> None:
    chief = a_connection(1, role="admin")
    await strict.stores.presence.replace("w1", [chief], 0)

    by_manager = await call(strict, "POST", f"/{chief.id}/disconnect", Role.MANAGER, {})
    by_admin = await call(strict, "POST", f"/{chief.id}/disconnect", Role.ADMIN, {})

    assert (by_manager[0], by_manager[1]["code"]) == (403, "RANK_TOO_HIGH")
    assert by_admin[0] == 200


async def test_operators_may_list_but_not_disconnect(strict: UserApi) -> None:
    await strict.stores.presence.replace("w1", [a_connection(1)], 0)

    status, body = await call(strict, "POST", f"/{1:024x}/disconnect", Role.OPERATOR, {})

    assert (status, body["code"]) == (403, "PERMISSION_DENIED")


async def test_a_closed_connection_is_not_found(strict: UserApi) -> None:
    status, body = await call(strict, "POST", f"/{9:024x}/disconnect", Role.ADMIN, {})

    assert (status, body["code"]) == (404, "CONNECTION_NOT_FOUND")
