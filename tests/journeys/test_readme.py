"""The curl commands of the READMEs, sent to a running product as they stand there."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.journeys.support.running import PASSWORD, ROOT, Product


def curl_commands(file: Path) -> list[list[str]]:
    blocks = re.findall(r"(?s)```sh\n(curl .*?)```", file.read_text())
    return [shlex.split(block.replace("\\\n", " ")) for block in blocks]


async def send(product: Product, command: list[str]) -> dict[str, Any]:
    """Send the request of a curl command: its URL, its one header and its body."""
    url = next(part for part in command if part.startswith("localhost"))
    name, value = command[command.index("-H") + 1].split(": ")
    body = json.loads(command[command.index("-d") + 1])
    if body.get("username") == "admin":
        body["password"] = PASSWORD
    async with aiohttp.ClientSession() as client:
        address = url.replace("localhost:8000", product.url)
        async with client.post(address, data=json.dumps(body), headers={name: value}) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status in (200, 201), answer
            return answer


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
async def test_the_requests_of_the_readme_work_and_give_tokens(product: Product, name: str) -> None:
    user_login, staff_login = curl_commands(ROOT / name)

    user = await send(product, user_login)
    staff = await send(product, staff_login)

    assert user["data"]["nickname"] == "小王"
    async with product.client(staff["data"]["access_token"]) as client, client.get("/api/auth/me") as profile:
        assert profile.status == 200
