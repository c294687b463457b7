"""A Socket.IO client that enters several namespaces over one connection, and sends also where it was refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.waiting import eventually

WAIT_SECONDS = 10.0


class MultiplexedClient:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self._socket = socket
        self._token = token
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._sent = 0
        self.entered: dict[str, bool] = {}
        """By namespace: whether it was entered or refused. The server may end it again."""
        self.pushed: list[tuple[str, str, Any]] = []
        """Namespace, event and payload of every push."""

    async def enter(self, *namespaces: str) -> None:
        for name in set(namespaces) - set(self.entered):
            await self._socket.send_str(f"40{name},{json.dumps({'token': self._token})}")
        await eventually(lambda: all(name in self.entered for name in namespaces), WAIT_SECONDS)

    async def send(self, namespace: str, event: str, payload: dict[str, Any]) -> int:
        """The number of the acknowledgement that is asked for."""
        self._sent += 1
        self._answers[self._sent] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(f"42{namespace},{self._sent}{json.dumps([event, payload])}")
        return self._sent

    async def ask(self, namespace: str, event: str, **payload: Any) -> str:
        """The code of the refusal, or `ok`."""
        number = await self.send(namespace, event, payload)
        answer = await asyncio.wait_for(self._answers[number], WAIT_SECONDS)
        return "ok" if answer["ok"] else str(answer["error"]["code"])

    def was_answered(self, number: int) -> bool:
        return self._answers[number].done()

    def received(self, namespace: str, event: str) -> list[Any]:
        return [payload for where, name, payload in self.pushed if (where, name) == (namespace, event)]

    async def read(self) -> None:
        async for message in self._socket:
            packet = str(message.data)
            if packet == "2":
                await self._socket.send_str("3")
            elif packet.startswith("4"):
                self._take(packet[1], packet[2:])

    def _take(self, kind: str, packet: str) -> None:
        namespace, _, rest = packet.partition(",")
        if kind in "04":
            self.entered[namespace] = kind == "0"
        elif kind == "1":
            self.entered.pop(namespace, None)
        elif kind == "2":
            event, *arguments = json.loads(rest.lstrip("0123456789"))
            self.pushed.append((namespace, event, arguments[0] if arguments else None))
        elif kind == "3":
            number, bracket, arguments = rest.partition("[")
            self._answers[int(number)].set_result(json.loads(bracket + arguments)[0])


@asynccontextmanager
async def multiplexed_client(http: aiohttp.ClientSession, url: str, token: str) -> AsyncIterator[MultiplexedClient]:
    async with http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket:
        client = MultiplexedClient(socket, token)
        reading = asyncio.create_task(client.read())
        try:
            yield client
        finally:
            await socket.close()
            await reading
