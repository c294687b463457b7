"""Byte-level HTTP clients, for what no HTTP library would send, and the small application that they talk to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from http_api.connections.limits import ConnectionLimits
from http_api.connections.server import HttpServer
from http_api.core.envelope import success
from http_api.core.middleware import RequestObserver, add_default_headers
from tests.servers import free_port

PATIENCE_SECONDS = 20.0
LARGE = b"x" * 8_000_000


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def envelope(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def code(self) -> str:
        return str(self.envelope["code"])


class RawClient:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> Answer:
        """The next answer; fails if the connection ends before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            body = await self._reader.readexactly(int(headers.get("Content-Length", "0")))
        return Answer(int(first.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """Everything until the server closes the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""

    async def close(self) -> None:
        self._writer.close()


@dataclass
class Served:
    """The application while it is served."""

    port: int
    registry: CollectorRegistry

    async def connect(self, sent: bytes = b"") -> RawClient:
        client = RawClient(*await asyncio.open_connection("127.0.0.1", self.port))
        await client.send(sent)
        return client

    def count(self, name: str, **labels: str) -> float:
        """A sample of /metrics; 0 before its first."""
        return self.registry.get_sample_value(name, labels) or 0.0


def application(registry: CollectorRegistry) -> web.Application:
    """With the product's outermost middleware. `POST /` answers with the length of the body."""

    async def measure(request: web.Request) -> web.StreamResponse:
        return success(request, str(len(await request.read())), "", 200)

    async def ignore(request: web.Request) -> web.StreamResponse:
        return success(request, "null", "", 200)

    async def large(request: web.Request) -> web.StreamResponse:
        return web.Response(body=LARGE)

    observer = RequestObserver(registry, 3.0, lambda request: request.remote or "")
    app = web.Application(middlewares=[observer.middleware], client_max_size=256 * 1024)
    app.on_response_prepare.append(add_default_headers)
    app.router.add_post("/", measure)
    app.router.add_post("/ignore", ignore)
    app.router.add_get("/", ignore)
    app.router.add_get("/large", large)
    return app


@asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncIterator[Served]:
    registry, port = CollectorRegistry(), free_port()
    server = HttpServer(application(registry), limits, registry, 1.0)
    await server.start("127.0.0.1", port)
    try:
        yield Served(port, registry)
    finally:
        await server.close()


def post(declared: int, sent: bytes = b"", path: str = "/", headers: str = "") -> bytes:
    """A request whose body has the declared length, of which `sent` follows."""
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {declared}\r\n{headers}\r\n".encode() + sent
