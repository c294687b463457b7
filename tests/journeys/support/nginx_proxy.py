"""Debian's nginx with the configuration of deploy/, in front of two stub app processes on loopback."""

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
from tests.waiting import eventually

CONFIGURATION = Path(__file__).parents[3] / "deploy/nginx"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class NamedEngine(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """Puts the name of the app process before a sid, as the product does."""

    process_name = ""

    def generate_id(self) -> str:
        return f"{self.process_name}.{super().generate_id()}"


class NamedServer(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    def _engineio_server_class(self) -> type[NamedEngine]:
        return NamedEngine


@dataclass
class StubAppProcess:
    """Answers with its name over REST, for assets and over Socket.IO."""

    name: str
    port: int = field(default_factory=free_port)
    requests: Counter[str] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        server = NamedServer(async_mode="aiohttp", cors_allowed_origins="*")
        server.eio.process_name = self.name
        server.on("processName", lambda sid, _: self.name)
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
        self.requests[request.path] += 1
        await request.read()
        return web.json_response({"worker": self.name, "headers": dict(request.headers)})

    async def _asset(self, request: web.Request) -> web.Response:
        self.requests[request.path] += 1
        return web.Response(text="export {}", headers={"Cache-Control": "public, max-age=31536000, immutable"})


@dataclass
class Proxied:
    url: str
    processes: list[StubAppProcess]
    access_log: Path

    def requests(self, path: str) -> int:
        """How many requests the processes received for `path`."""
        return sum(process.requests[path] for process in self.processes)


def render(directory: Path, port: int, addresses: dict[str, str]) -> Path:
    """A copy of the configuration in which only the addresses are replaced."""
    shutil.copytree(CONFIGURATION, directory)
    upstreams, listen = directory / "upstreams.conf", directory / "listen.conf"
    upstreams.write_text(re.sub(r"server (\w+):8000", lambda at: f"server {addresses[at[1]]}", upstreams.read_text()))
    listen.write_text(listen.read_text().replace("listen 8080;", f"listen 127.0.0.1:{port};"))
    return directory / "nginx.conf"


@asynccontextmanager
async def nginx(directory: Path, port: int, addresses: dict[str, str]) -> AsyncIterator[Path]:
    """Yields the path of the access log, once nginx listens."""
    configuration = render(directory / "conf", port, addresses)
    (directory / "run").mkdir()
    # Otherwise its workers give up root, and only the user of the test can read the directories of a test.
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
    async def listens() -> bool:
        assert process.returncode is None, "nginx ended"
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    await eventually(listens, 10)


@asynccontextmanager
async def two_processes_behind_nginx(directory: Path) -> AsyncIterator[Proxied]:
    processes = [StubAppProcess("app1"), StubAppProcess("app2")]
    port = free_port()
    async with AsyncExitStack() as stack:
        for process in processes:
            await process.start()
            stack.push_async_callback(process.stop)
        addresses = {process.name: f"127.0.0.1:{process.port}" for process in processes}
        access_log = await stack.enter_async_context(nginx(directory, port, addresses))
        yield Proxied(f"http://127.0.0.1:{port}", processes, access_log)


@asynccontextmanager
async def socketio_client(url: str, transports: list[str] | None = None) -> AsyncIterator[Any]:
    """The Python client of Socket.IO without automatic reconnection."""
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(url, transports=transports)
    try:
        yield client
    finally:
        # A regular disconnect would wait for the pending poll.
        tasks = [client.eio.read_loop_task, client.eio.write_loop_task]
        await client.eio.disconnect(abort=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
