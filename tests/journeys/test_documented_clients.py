"""The client examples of docs/realtime.md, run unchanged against two app processes."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.journeys.support.app_processes import app_process_ids, kill_app_process
from tests.journeys.support.people import log_in
from tests.journeys.support.running import Product, running
from tests.realtime.official_clients import CLIENTS, install_clients
from tests.waiting import eventually

DOCUMENT = (Path(__file__).parents[2] / "docs/realtime.md").read_text()
# The functions that an application provides. Everything the client receives is printed, one JSON list a line.
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
      onMessage: (handler) => socket.on("message", (data) => handler({ data: data.toString() })),
      onClose: (handler) => socket.on("close", handler),
      onError: (handler) => socket.on("error", handler),
      send: ({ data }) => socket.send(data),
      close: () => socket.close(),
    };
  },
};
"""
LISTENER = """
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


class ClientOutput:
    """The lines that a documented client has printed so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ended = asyncio.Event()

    async def read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.lines.append(line.decode().strip())
        self.ended.set()

    async def until_printed(self, *lines: str) -> None:
        try:
            await eventually(lambda: all(line in self.lines for line in lines), 30)
        except AssertionError:
            raise AssertionError(f"it printed {self.lines}") from None


@asynccontextmanager
async def run_client(*command: str) -> AsyncIterator[ClientOutput]:
    process = await asyncio.create_subprocess_exec(*command, cwd=CLIENTS, stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = ClientOutput()
    reading = asyncio.create_task(output.read(process.stdout))
    try:
        yield output
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


def node_command(product: Product, token: str, *parts: str) -> tuple[str, ...]:
    code = f"const TOKEN = {json.dumps(token)};\n" + "\n".join(parts)
    code = code.replace("https://crm.example.com", product.url)
    code = code.replace("wss://crm.example.com", product.url.replace("http", "ws"))
    return ("node", "--input-type=module", "-e", code)


def user_changed_line(user_id: str) -> str:
    return json.dumps(["userChanged", user_id], separators=(",", ":"))


async def test_a_documented_client_gets_every_event_once_although_app_processes_are_killed(product: Product) -> None:
    token = await product.admin_token()
    browser = node_command(product, token, BROWSER, example("js", "socket.io-client"))
    mini_program = node_command(product, token, MINI_PROGRAM, example("js", "wx.connectSocket"), LISTENER)
    async with run_client(*browser) as web_page, run_client(*mini_program) as phone:
        await web_page.until_printed('["reload"]')
        await phone.until_printed('["reload",null]')
        async with product.client() as client:
            ids = [(await log_in(client, f"oDocumented{os.urandom(8).hex()}"))["id"]]
        for output in (web_page, phone):
            await output.until_printed(user_changed_line(ids[0]))

        for pid in app_process_ids(product):
            await kill_app_process(product, pid)
        product.wait_until_ready()
        async with product.client() as again:
            ids += [(await log_in(again, f"oDocumented{os.urandom(8).hex()}"))["id"] for _ in range(3)]

        for output in (web_page, phone):
            await output.until_printed(*map(user_changed_line, ids))
            assert [line for line in output.lines if "userChanged" in line] == [user_changed_line(each) for each in ids]
            assert sum("reload" in line for line in output.lines) == 1


async def test_the_mini_program_client_gets_the_reason_of_a_refusal(product: Product) -> None:
    parts = (MINI_PROGRAM, example("js", "wx.connectSocket"), LISTENER)
    async with run_client(*node_command(product, "forged", *parts)) as output:
        await asyncio.wait_for(output.ended.wait(), 30)  # the client does not reconnect by itself

        assert output.lines == ['["refused","INVALID_TOKEN"]']


async def test_the_python_client_prints_the_changes(product: Product) -> None:
    token = await product.admin_token()
    code = example("python", "AsyncClient").replace("https://crm.example.com", product.url)
    async with (
        product.client() as client,
        run_client(sys.executable, "-u", "-c", f"TOKEN = {token!r}\n{code}") as output,
    ):
        seen: list[str] = []

        async def prints() -> bool:
            seen.append((await log_in(client, f"oDocumented{os.urandom(8).hex()}"))["id"])
            return bool(output.lines)

        await eventually(prints, 30)
        await output.until_printed(f"{seen[-1]} registered 1")
