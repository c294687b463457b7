"""A running product with something of everything in it, for a program that attacks it from its own document."""

import json
from pathlib import Path
from typing import Any

import aiohttp

from tests.contracting import course, home
from tests.journeys.running import Product, eventually

SECRET = "a secret of machines, long enough for everybody"
ENOUGH_OF_EACH = 4
"""The attack deletes, cancels and merges what it finds."""


async def furnished(product: Product, file: Path) -> dict[str, str]:
    """Make contracts in each of their states, and the people they concern; write down for the program who may do what,
    and what there is. Otherwise all that it would ever meet is 401 and 404.

    Gives the tokens that it attacks with, each under a path that it opens.
    """
    token = await product.admin_token()
    async with product.client(token) as staff, product.client() as machine:
        machine.headers["X-Service-Secret"] = SECRET
        made = await contracts(staff, machine)
        people = [await registered(machine, f"1369999{number:04d}") for number in range(1, ENOUGH_OF_EACH)]
        owner = await registered(machine, home(1)["customerPhone"])
        user = await registered(machine, "13699990000")
        made["user_id"] = [person["id"] for person in people]
    file.write_text(_toml(token, user["accessToken"], owner["accessToken"], made))
    return {
        "/api/contracts": token,
        "/api/miniprogram-users/info": user["accessToken"],
        "/api/miniprogram/contracts/mine": owner["accessToken"],
    }


async def contracts(staff: aiohttp.ClientSession, machine: aiohttp.ClientSession) -> dict[str, list[str]]:
    """Ids and numbers by the name of the parameter that takes them."""
    drafts = [await _created(staff, "contracts/miniprogram/create", home(n)) for n in range(1, ENOUGH_OF_EACH + 1)]
    signing = [await _created(staff, "contracts", home(10 + n)) for n in range(ENOUGH_OF_EACH)]
    active = [await _created(staff, "contracts", home(20 + n)) for n in range(ENOUGH_OF_EACH)]
    orders = [await _created(staff, "training-orders/miniprogram/create", course(n)) for n in range(ENOUGH_OF_EACH)]
    for contract in active:
        await _signed_by_all(staff, contract["id"])
    asked = [await _done(staff, f"contracts/{each['id']}/request-deletion", {"reason": "重复录入"}) for each in drafts]
    all_of_them = [*drafts, *signing, *active]
    return {
        "contract_id": [each["id"] for each in [*all_of_them, orders[0]]],
        "original_id": [each["id"] for each in active],
        "order_id": [each["id"] for each in orders],
        "approval_id": [each["id"] for each in asked],
        "number": [each["contractNumber"] for each in all_of_them],
        "phone": [home(n)["customerPhone"] for n in (1, 10, 20)],
    }


async def registered(machine: aiohttp.ClientSession, phone: str) -> dict[str, Any]:
    return await _done(machine, "miniprogram-users/login", {"openid": f"oAttacked{phone}", "phone": phone})


async def _created(staff: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return await _done(staff, path, {**body, "forceCreateNew": True})


async def _signed_by_all(staff: aiohttp.ClientSession, contract_id: str) -> None:
    """On the provider's pages, whose addresses the links tell."""

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


async def _done(client: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with client.post(f"/api/{path}", json=body) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status in (200, 201), told
        return dict(told["data"])


def _toml(staff: str, user: str, owner: str, made: dict[str, list[str]]) -> str:
    dictionaries = "\n".join(f"{name} = {{ values = {json.dumps(values)} }}" for name, values in made.items())
    parameters = "\n".join(f'{name} = {{ dictionary = "{name}", probability = 0.8 }}' for name in made)
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

# The same handlers, and the same bodies, as under /api/contracts: enough to see that they are there.
[[operations]]
include-path-regex = "{TWINS}"
phases.coverage.enabled = false
phases.fuzzing.generation.max-examples = 3
"""


TWINS = "/(contracts|training-orders)/miniprogram/|/baobei/|/esign/.*-contract/"
