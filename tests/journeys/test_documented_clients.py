"""The clients that docs/realtime.md shows, run as they stand there against two workers."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.journeys.people import log_in
from tests.journeys.running import Product, running
from tests.journeys.served import children
from tests.realtime.official_clients import CLIENTS, install_clients
from tests.waiting import eventually

DOCUMENT = (Path(__file__).parents[2] / "docs/realtime.md").read_text()
# What an application brings along. Everything it is told is printed, a JSON list a line.
BROWSER = """
const print = (...values) => console.log(JSON.stringify(values));
const currentAccessToken = () => TOKEN, renewToken = async () => {};
const refresh = (id) => print("userChanged", id), reloadTheList = () => print("reload");
"""
MINI_PROGRAM = """
import { WebSocket } from "ws";
globalThis.wx = {
  connectSocket({ url }) {
    const socket = new WebSocket(url);
    return {
      onMessage: (told) => socket.on("message", (data) => told({ data: data.toString() })),
      onClose: (told) => socket.on("close", told),
      onError: (told) => socket.on("error", told),
      send: ({ data }) => socket.send(data),
      close: () => socket.close(),
    };
  },
};
"""
LISTENING = """
const shown = (payload) => payload?.userId ?? payload?.code ?? payload;
listen(() => TOKEN, (name, payload) => console.log(JSON.stringify([name, shown(payload)])));
"""


def example(language: str, containing: str) -> str:
    [code] = [code for code in re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL) if containing in code]
    return str(code)


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    install_clients()
    with running("--workers", "2") as started:
        yield started


class Told:
    """What a documented client printed so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.over = asyncio.Event()

    async def read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.lines.append(line.decode().strip())
        self.over.set()

    async def has(self, *lines: str) -> None:
        async def there() -> bool:
            return all(line in self.lines for line in lines)

        try:
            await eventually(there, 30)
        except AssertionError:
            raise AssertionError(f"it was told {self.lines}") from None


@asynccontextmanager
async def started(*command: str) -> AsyncIterator[Told]:
    process = await asyncio.create_subprocess_exec(*command, cwd=CLIENTS, stdout=subprocess.PIPE)
    assert process.stdout is not None
    told = Told()
    reading = asyncio.create_task(told.read(process.stdout))
    try:
        yield told
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


def in_node(product: Product, token: str, *parts: str) -> tuple[str, ...]:
    code = f"const TOKEN = {json.dumps(token)};\n" + "\n".join(parts)
    code = code.replace("https://crm.example.com", product.url)
    code = code.replace("wss://crm.example.com", product.url.replace("http", "ws"))
    return ("node", "--input-type=module", "-e", code)


def changed(user_id: str) -> str:
    return json.dumps(["userChanged", user_id], separators=(",", ":"))


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((BROWSER, example("js", "socket.io-client")), id="browser"),
        pytest.param((MINI_PROGRAM, example("js", "wx.connectSocket"), LISTENING), id="mini-program"),
    ],
)
async def test_it_sees_everything_once_also_after_its_worker_was_killed(
    product: Product, parts: tuple[str, ...]
) -> None:
    token = await product.admin_token()
    async with product.client() as client, started(*in_node(product, token, *parts)) as told:
        await told.has(json.dumps(["reload", None] if "wx" in parts[0] else ["reload"], separators=(",", ":")))
        ids = [(await log_in(client, f"oDocumented{os.urandom(8).hex()}"))["id"]]
        await told.has(changed(ids[0]))

        for worker in children(product, "run.py worker"):
            os.kill(worker, signal.SIGKILL)
            await asyncio.sleep(1)
        product.wait_until_ready()
        async with product.client() as again:
            ids += [(await log_in(again, f"oDocumented{os.urandom(8).hex()}"))["id"] for _ in range(3)]
        await told.has(*map(changed, ids))

        assert [line for line in told.lines if "userChanged" in line] == [changed(each) for each in ids]
        assert sum("reload" in line for line in told.lines) == 1


async def test_the_mini_program_is_told_why_it_may_not_enter(product: Product) -> None:
    parts = (MINI_PROGRAM, example("js", "wx.connectSocket"), LISTENING)
    async with started(*in_node(product, "forged", *parts)) as told:
        await asyncio.wait_for(told.over.wait(), 30)  # nothing is left to do: it stays away until it is called again

        assert told.lines == ['["refused","INVALID_TOKEN"]']


async def test_the_python_client_prints_what_changes(product: Product) -> None:
    token = await product.admin_token()
    code = example("python", "AsyncClient").replace("https://crm.example.com", product.url)
    async with product.client() as client, started(sys.executable, "-u", "-c", f"TOKEN = {token!r}\n{code}") as told:
        seen: list[str] = []

        async def prints() -> bool:
            seen.append((await log_in(client, f"oDocumented{os.urandom(8).hex()}"))["id"])
            return bool(told.lines)

        await eventually(prints, 30)
        await told.has(f"{seen[-1]} registered 1")
