"""Contents of files that are sent by the kernel: a client that does not take them is cut off."""

import socket
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.files.links import ServedFile
from domain.files.ports import ServedAs
from http_api.core.file_content import ContentResponse
from tests.waiting import eventually

SIZE = 50 * 1024 * 1024


async def test_a_client_that_takes_nothing_does_not_keep_its_connection(tmp_path: Path) -> None:
    path = tmp_path / "video"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(SIZE)
    served = ServedFile(path, SIZE, ServedAs("video/mp4", "a.mp4", inline=True), 60)

    async def handle(request: web.Request) -> web.StreamResponse:
        return ContentResponse(served, deadline_seconds=0.2)

    app = web.Application()
    app.router.add_get("/", handle)
    async with TestServer(app) as server:
        assert server.runner is not None
        connections = server.runner.server
        assert connections is not None
        with socket.socket() as client:
            client.connect(("127.0.0.1", server.port))
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

            await eventually(lambda: len(connections.connections) == 1)
            await eventually(lambda: not connections.connections)
