"""Test data in a running product for schemathesis, which fuzzes the API from its OpenAPI document."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from tests.contract_api import housekeeping_form, training_form
from tests.journeys.support.running import Product
from tests.waiting import eventually

SECRET = "a secret of machines that is long enough"
COUNT_OF_EACH = 4
"""The fuzzer deletes, cancels and merges what it finds."""


async def populate(product: Product, file: Path) -> dict[str, str]:
    """Create contracts in each state and their people; write the fuzzer's configuration with tokens and ids.

    Without it the fuzzer would see nothing but 401 and 404. Returns its tokens, each by a path that the token may read.
    """
    token = await product.admin_token()
    async with product.client(token) as staff, product.client() as machine:
        machine.headers["X-Service-Secret"] = SECRET
        ids = await contracts(staff, machine)
        people = [await register(machine, f"1369999{number:04d}") for number in range(1, COUNT_OF_EACH)]
        owner = await register(machine, housekeeping_form(1)["customerPhone"])
        user = await register(machine, "13699990000")
        ids["user_id"] = [person["id"] for person in people]
    file.write_text(_toml(token, user["accessToken"], owner["accessToken"], ids))
    return {
        "/api/contracts": token,
        "/api/miniprogram-users/info": user["accessToken"],
        "/api/miniprogram/contracts/mine": owner["accessToken"],
    }


async def contracts(staff: aiohttp.ClientSession, machine: aiohttp.ClientSession) -> dict[str, list[str]]:
    """Ids and numbers, by the name of the request parameter."""
    drafts = [
        await _create(staff, "contracts/miniprogram/create", housekeeping_form(n)) for n in range(1, COUNT_OF_EACH + 1)
    ]
    signing = [await _create(staff, "contracts", housekeeping_form(10 + n)) for n in range(COUNT_OF_EACH)]
    active = [await _create(staff, "contracts", housekeeping_form(20 + n)) for n in range(COUNT_OF_EACH)]
    orders = [
        await _create(staff, "training-orders/miniprogram/create", training_form(n)) for n in range(COUNT_OF_EACH)
    ]
    for contract in active:
        await _sign_by_all(staff, contract["id"])
    approvals = [
        await _post(staff, f"contracts/{each['id']}/request-deletion", {"reason": "重复录入"}) for each in drafts
    ]
    created = [*drafts, *signing, *active]
    return {
        "contract_id": [each["id"] for each in [*created, orders[0]]],
        "original_id": [each["id"] for each in active],
        "order_id": [each["id"] for each in orders],
        "approval_id": [each["id"] for each in approvals],
        "number": [each["contractNumber"] for each in created],
        "phone": [housekeeping_form(n)["customerPhone"] for n in (1, 10, 20)],
    }


async def register(machine: aiohttp.ClientSession, phone: str) -> dict[str, Any]:
    return await _post(machine, "miniprogram-users/login", {"openid": f"oFuzzed{phone}", "phone": phone})


async def _create(staff: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return await _post(staff, path, {**body, "forceCreateNew": True})


async def _sign_by_all(staff: aiohttp.ClientSession, contract_id: str) -> None:
    """Sign on the provider's pages, for all signers."""

    async def signed() -> bool:
        async with staff.post(f"/api/contracts/{contract_id}/resend-sign-urls", json={}) as answer:
            links = (await answer.json())["data"]
        for link in links["signUrls"] if links else ():
            if link["signUrl"]:
                base = link["signUrl"].partition("/s/")[0]
                await staff.post(f"{base}/_sim/{links['contractNo']}/sign", json={"account": link["account"]})
        async with staff.get(f"/api/contracts/{contract_id}") as answer:
            return bool((await answer.json())["data"]["contractStatus"] == "active")

    await eventually(signed, 30)


async def _post(client: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with client.post(f"/api/{path}", json=body) as answer:
        answered: dict[str, Any] = await answer.json()
        assert answer.status in (200, 201), answered
        return dict(answered["data"])


def _toml(staff: str, user: str, owner: str, ids: dict[str, list[str]]) -> str:
    dictionaries = "\n".join(f"{name} = {{ values = {json.dumps(values)} }}" for name, values in ids.items())
    parameters = "\n".join(f'{name} = {{ dictionary = "{name}", probability = 0.8 }}' for name in ids)
    return f"""
[auth.openapi]
staff = {{ bearer = "{staff}" }}
miniProgramUser = {{ bearer = "{user}" }}
machine = {{ api_key = "{SECRET}" }}

[dictionaries]
{dictionaries}

[parameters]
{parameters}

[[operations]]
include-path-regex = "/mine"
headers = {{ Authorization = "Bearer {owner}" }}

# The same handlers and bodies as under /api/contracts: one example suffices.
[[operations]]
include-path-regex = "{PATH_ALIASES}"
phases.coverage.enabled = false
phases.fuzzing.generation.max-examples = 1
"""


PATH_ALIASES = "/(contracts|training-orders)/miniprogram/|/baobei/|/esign/.*-contract/"
