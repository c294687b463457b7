"""Sign links, preview and document while the provider is slow: 202 with an address that only the asker can read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.contracts.model import Contract
from domain.shared.authority import Role
from domain.tasks.model import TaskLimits
from tests.app_process import Answer
from tests.contract_api import ContractApi, Provider, StaffMember, contract_api
from tests.waiting import eventually

QUICK_TASKS = TaskLimits(grace_seconds=0.05, lease_seconds=2)
SLOW_SECONDS = 1.0
HANGING_SECONDS = 25
LINKS, PREVIEW, DOCUMENT = "/contract/getContract", "/contract/previewContract", "/contract/downloadContract"


@pytest.fixture
async def api(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, Any]]",
    provider: Provider,
) -> AsyncIterator[ContractApi]:
    async with contract_api(mongodb_uri, redis_url, database.name, provider, tasks=QUICK_TASKS) as running:
        yield running


@pytest.fixture
async def signing(admin: StaffMember) -> Contract:
    return await admin.signing()


async def ask_links(member: StaffMember, contract: Contract, prefer: str = "respond-async") -> Answer:
    return await member.call("POST", f"/contracts/{contract.id}/resend-sign-urls", {}, Prefer=prefer)


async def read(member: StaffMember, address: str, api: ContractApi | None = None, suffix: str = "") -> Answer:
    return await (api or member.api).call("GET", address + suffix, token=member.token)


async def finished(member: StaffMember, address: str, api: ContractApi | None = None) -> Any:
    async def ended() -> Any:
        answer = await read(member, address, api)
        assert answer.status == 200, answer.body
        return answer.data if answer.data["status"] != "running" else None

    return await eventually(ended)


async def test_a_caller_without_the_preference_waits_as_ever(
    admin: StaffMember, provider: Provider, signing: Contract
) -> None:
    await provider.fault(LINKS, times=1, delay_seconds=SLOW_SECONDS)

    answer = await ask_links(admin, signing, prefer="return=minimal")

    assert answer.status == 200
    assert answer.data["signUrls"][0]["signUrl"].startswith("http")


async def test_a_quick_answer_is_the_same_with_the_preference(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]", provider: Provider
) -> None:
    patient = TaskLimits(grace_seconds=15)
    async with contract_api(mongodb_uri, redis_url, database.name, provider, realtime=False, tasks=patient) as api:
        admin = await api.staff()
        signing = await admin.active(provider)
        draft = await api.contract(await admin.create(2))

        found = await admin.call("GET", f"/contracts/{signing.id}/preview", Prefer="respond-async")
        file = await admin.call("GET", f"/contracts/{signing.id}/document", Prefer="respond-async")
        refused = await ask_links(admin, draft)
        unknown = await admin.call("GET", f"/contracts/{'e' * 24}/preview", Prefer="respond-async")

    assert (found.status, found.data["previewUrl"][:4]) == (200, "http")
    assert (file.status, file.body[:4]) == (200, b"%PDF")
    assert (refused.status, refused.code) == (422, "CONTRACT_NOT_SIGNED")
    assert (unknown.status, unknown.code) == (404, "CONTRACT_NOT_FOUND")


async def test_slow_sign_links_are_fetched_from_the_address_at_any_process(
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, Any]]",
    admin: StaffMember,
    provider: Provider,
    signing: Contract,
) -> None:
    async with contract_api(mongodb_uri, redis_url, database.name, provider, realtime=False) as other:
        await provider.fault(LINKS, times=4, delay_seconds=SLOW_SECONDS)

        accepted = await ask_links(admin, signing)
        running = await read(admin, accepted.data["address"], other)
        done = await finished(admin, accepted.data["address"], other)

    assert (accepted.status, accepted.data["status"]) == (202, "running")
    assert accepted.headers["Location"] == accepted.data["address"]
    assert (accepted.headers["Retry-After"], accepted.headers["Preference-Applied"]) == ("2", "respond-async")
    assert (running.data["status"], running.data["step"], running.data["result"]) == ("running", "asking", None)
    assert (done["status"], done["kind"], done["taskId"]) == ("done", "contract.sign-links", accepted.data["taskId"])
    link = done["result"]["signUrls"][0]["signUrl"]
    assert link.startswith("http")
    stored = [await redis.dump(key) or b"" for key in await redis.keys("*")]
    secret = accepted.data["address"].rsplit("/", 1)[1]
    assert not any(text.encode() in content for content in stored for text in (link, secret))


async def test_a_second_click_joins_the_task(admin: StaffMember, provider: Provider, signing: Contract) -> None:
    await provider.fault(PREVIEW, times=4, delay_seconds=SLOW_SECONDS)
    path = f"/contracts/{signing.id}/preview"

    first = await admin.call("GET", path, Prefer="respond-async")
    second = await admin.call("GET", f"/contracts/miniprogram/preview/{signing.id}", Prefer="wait=1, respond-async")
    results = [await finished(admin, answer.data["address"]) for answer in (first, second)]

    assert first.data["taskId"] == second.data["taskId"]
    assert first.data["address"] != second.data["address"]
    assert results[0]["result"] == results[1]["result"]
    assert results[0]["result"]["previewUrl"].startswith("http")
    assert provider.state.calls[PREVIEW] == 1


async def test_a_slow_document_becomes_a_file(admin: StaffMember, provider: Provider) -> None:
    contract = await admin.active(provider)
    await provider.fault(DOCUMENT, times=1, delay_seconds=SLOW_SECONDS)

    accepted = await admin.call("GET", f"/contracts/{contract.id}/document", Prefer="respond-async")
    early = await read(admin, accepted.data["address"], suffix="/file")
    done = await finished(admin, accepted.data["address"])
    file = await read(admin, accepted.data["address"], suffix="/file")
    quick = await admin.call("GET", f"/contracts/{contract.id}/document")

    assert (accepted.status, early.status, file.status) == (202, 404, 200)
    assert done["file"]["name"] == f"{contract.contract_number}.pdf"
    assert file.body == quick.body
    assert file.headers["Content-Type"] == "application/pdf"
    assert contract.contract_number in file.headers["Content-Disposition"]


async def test_a_failure_of_the_provider_has_its_code(
    admin: StaffMember, provider: Provider, signing: Contract
) -> None:
    await provider.fault(PREVIEW, times=4, delay_seconds=SLOW_SECONDS, status=500)

    accepted = await admin.call("GET", f"/contracts/{signing.id}/preview", Prefer="respond-async")
    done = await finished(admin, accepted.data["address"])

    assert (done["status"], done["error"]["code"]) == ("failed", "UPSTREAM_FAILED")
    assert done["error"]["message"]


async def test_only_the_asker_reads_the_task_as_long_as_they_may(
    admin: StaffMember, api: ContractApi, provider: Provider
) -> None:
    owner, colleague = await api.staff(Role.EMPLOYEE), await api.staff(Role.EMPLOYEE)
    contract = await owner.signing()
    elsewhere = await owner.signing(2)
    await provider.fault(LINKS, times=4, delay_seconds=SLOW_SECONDS)
    address = (await ask_links(owner, contract)).data["address"]
    await finished(owner, address)
    at, _, secret = address.rpartition("/")

    refused = {
        "administrator": await read(admin, address),
        "wrong secret": await read(owner, f"{at}/{'A' * 42}w"),
        "no secret": await read(owner, f"{at}/{secret[:-1]}"),
        "another contract": await read(owner, address.replace(contract.id, elsewhere.id)),
        "signed out": await api.call("GET", address),
    }
    await admin.call("PATCH", f"/contracts/{contract.id}/assign", {"assignedTo": colleague.id, "reason": "休假"})
    refused["scope withdrawn"] = await read(owner, address)

    assert {name: (answer.status, answer.code) for name, answer in refused.items()} == {
        "administrator": (404, "TASK_NOT_FOUND"),
        "wrong secret": (404, "TASK_NOT_FOUND"),
        "no secret": (400, "INVALID_REQUEST"),
        "another contract": (404, "TASK_NOT_FOUND"),
        "signed out": (401, "NOT_AUTHENTICATED"),
        "scope withdrawn": (404, "CONTRACT_NOT_FOUND"),
    }


async def test_the_task_of_a_killed_process_is_reported_failed_by_another(
    mongodb_uri: str,
    redis_url: str,
    database: "AsyncIOMotorDatabase[dict[str, Any]]",
    admin: StaffMember,
    provider: Provider,
    signing: Contract,
) -> None:
    async with contract_api(mongodb_uri, redis_url, database.name, provider, realtime=False) as other:
        await provider.fault(PREVIEW, times=1, delay_seconds=HANGING_SECONDS)
        path = f"/contracts/{signing.id}/preview"
        accepted = await admin.call("GET", path, Prefer="respond-async")
        await admin.api.die()

        done = await finished(admin, accepted.data["address"], other)
        again = await other.call("GET", f"/api{path}", token=admin.token)

    assert (done["status"], done["error"]["code"]) == ("failed", "TASK_INTERRUPTED")
    assert (again.status, again.data["previewUrl"][:4]) == (200, "http")


async def test_a_process_that_stops_reports_its_tasks_failed_at_once(
    admin: StaffMember, api: ContractApi, provider: Provider, signing: Contract
) -> None:
    await provider.fault(PREVIEW, times=1, delay_seconds=HANGING_SECONDS)
    accepted = await admin.call("GET", f"/contracts/{signing.id}/preview", Prefer="respond-async")

    await api.running.services.tasks.close()

    answer = await read(admin, accepted.data["address"])
    assert (answer.data["status"], answer.data["error"]["code"]) == ("failed", "TASK_INTERRUPTED")
