"""REST lists of an app process without the real-time edge follow what another process saves."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.shared.authority import Role
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api, housekeeping_form
from tests.waiting import eventually


async def listed(api: ContractApi, member: StaffMember) -> dict[str, str]:
    """Status by contract id, as this process lists the member's contracts."""
    answer = await api.call("GET", "/api/contracts", token=member.token)
    assert answer.status == 200, answer.body
    return {each["id"]: each["contractStatus"] for each in answer.data["contracts"]}


async def on_board(api: ContractApi, member: StaffMember) -> dict[str, int]:
    """Contracts by status, as this process counts them for the board."""
    answer = await api.call("GET", "/api/contracts/board", token=member.token)
    assert answer.status == 200, answer.body
    return {column["status"]: column["count"] for column in answer.data["columns"] if column["count"]}


async def test_lists_of_a_process_without_sockets_follow_the_other_process(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, Any]]",
    provider: Provider,
) -> None:
    async with (
        contract_api(mongodb_uri, redis_url, database.name, provider) as full,
        contract_api(mongodb_uri, redis_url, database.name, provider, realtime=False) as lists_only,
    ):
        assert lists_only.running.process.edge is None
        member = await full.staff(Role.ADMIN)
        assert await listed(lists_only, member) == {}

        contract_id = await member.create()
        await eventually(lambda: _is_listed(lists_only, member, contract_id, "draft"))
        await member.call("POST", f"/contracts/{contract_id}/initiate-signing", {})
        await eventually(lambda: _is_listed(lists_only, member, contract_id, "signing"))

        assert await on_board(lists_only, member) == {"signing": 1}
        changed = await member.call(
            "PUT", f"/contracts/{await member.create(2)}", housekeeping_form(2, customerName="李梅")
        )
        assert changed.status == 200, changed.body
        await eventually(lambda: _finds(lists_only, member, "李梅"))


async def _is_listed(api: ContractApi, member: StaffMember, contract_id: str, status: str) -> bool:
    return (await listed(api, member)).get(contract_id) == status


async def _finds(api: ContractApi, member: StaffMember, name: str) -> bool:
    answer = await api.call("GET", "/api/contracts", token=member.token, query={"search": name})
    return [each["customerName"] for each in answer.data["contracts"]] == [name]
