"""Debian's nginx with the configuration of deploy/, before two small workers on loopback."""

import asyncio
import getpass
import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import engineio
import socketio
from aiohttp import web

from tests.servers import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class NamedEngine(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """Puts the worker's name before a sid, as ours does."""

    worker_name = ""

    def generate_id(self) -> str:
        return f"{self.worker_name}.{super().generate_id()}"


class NamedServer(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    def _engineio_server_class(self) -> type[NamedEngine]:
        return NamedEngine


@dataclass
class SmallWorker:
    """Answers who it is, over REST, over files and over Socket.IO."""

    name: str
    port: int = field(default_factory=free_port)
    asked: Counter[str] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        server = NamedServer(async_mode="aiohttp", cors_allowed_origins="*")
        server.eio.worker_name = self.name
        server.on("where", lambda sid, _: self.name)
        app = web.Application(client_max_size=4 * 1024 * 1024)
        server.attach(app)
        app.router.add_route("*", "/api/echo", self._echo)
        app.router.add_get("/assets/{name}", self._asset)
        app.router.add_get("/metrics", self._echo)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _echo(self, request: web.Request) -> web.Response:
        self.asked[request.path] += 1
        await request.read()
        return web.json_response({"worker": self.name, "headers": dict(request.headers)})

    async def _asset(self, request: web.Request) -> web.Response:
        self.asked[request.path] += 1
        return web.Response(text="export {}", headers={"Cache-Control": "public, max-age=31536000, immutable"})


@dataclass
class Proxied:
    url: str
    workers: list[SmallWorker]
    access_log: Path

    def asked(self, path: str) -> int:
        return sum(worker.asked[path] for worker in self.workers)


def render(directory: Path, port: int, addresses: dict[str, str]) -> Path:
    """The committed configuration with other addresses, and nothing else changed."""
    shutil.copytree(CONFIGURATION, directory)
    workers, listen = directory / "workers.conf", directory / "listen.conf"
    workers.write_text(re.sub(r"server (\w+):8000", lambda at: f"server {addresses[at[1]]}", workers.read_text()))
    listen.write_text(listen.read_text().replace("listen 8080;", f"listen 127.0.0.1:{port};"))
    return directory / "nginx.conf"


@asynccontextmanager
async def nginx(directory: Path, port: int, addresses: dict[str, str]) -> AsyncIterator[Path]:
    """Gives its access log, once it listens."""
    configuration = render(directory / "conf", port, addresses)
    (directory / "run").mkdir()
    # Its workers give up root otherwise, and the directories of a test belong to its user alone.
    user = "user root;" if getpass.getuser() == "root" else ""
    with (directory / "access.log").open("wb") as output, (directory / "error.log").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(str(NGINX), "-p", f"{directory / 'run'}{os.sep}", "-c", str(configuration), "-g", f"daemon off;{user}"),
            stdout=output,
            stderr=errors,
        )
    try:
        await until_listening(port, process)
        yield directory / "access.log"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    problems = [line for line in (directory / "error.log").read_text().splitlines() if "[emerg]" in line]
    assert problems == []


async def until_listening(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(10):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
    raise AssertionError("nginx ended")


@asynccontextmanager
async def two_workers_behind_nginx(directory: Path) -> AsyncIterator[Proxied]:
    workers = [SmallWorker("app1"), SmallWorker("app2")]
    port = free_port()
    async with AsyncExitStack() as stack:
        for worker in workers:
            await worker.start()
            stack.push_async_callback(worker.stop)
        addresses = {worker.name: f"127.0.0.1:{worker.port}" for worker in workers}
        access_log = await stack.enter_async_context(nginx(directory, port, addresses))
        yield Proxied(f"http://127.0.0.1:{port}", workers, access_log)


@asynccontextmanager
async def connected(url: str, transports: list[str] | None = None) -> AsyncIterator[Any]:
    """The Python client of Socket.IO, without reconnecting by itself."""
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(url, transports=transports)
    try:
        yield client
    finally:
        # Its orderly end would wait for the poll that is under way.
        tasks = [client.eio.read_loop_task, client.eio.write_loop_task]
        await client.eio.disconnect(abort=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
