"""What ZEGO tells its customer: signed, in order, and repeated until it is answered with 2xx."""

import asyncio
import hashlib
import json
import secrets
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from integrations.local.simulators.zego.world import World

LADDER_SECONDS: Final = (2, 4, 8, 16, 32)
_ONE_REPETITION: Final = LADDER_SECONDS[:1]
_REPEATED_OFTEN: Final = ("room_create", "room_close")
MOST_KEPT: Final = 2_000


class CallbackSender:
    def __init__(self, world: World) -> None:
        self._world = world
        self._queue: asyncio.Queue[tuple[dict[str, str], bool]] = asyncio.Queue()
        self._held: dict[str, str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self.sent: list[dict[str, Any]] = []
        """Messages as they went out, with the status that they got (0: none)."""

    def send(self, message: dict[str, str]) -> None:
        knobs = self._world.knobs
        if not knobs.callback_url:
            return
        if knobs.drop:
            knobs.drop -= 1
            return
        if knobs.swap and self._held is None:
            self._held = message
            return
        for _ in range(1 + knobs.duplicates):
            self._queue.put_nowait((message, True))
        if self._held is not None:
            self._queue.put_nowait((self._held, True))
            self._held = None

    def send_once(self, message: dict[str, str]) -> None:
        """Whatever a test makes up, signed: say, something late of a room that has been gone for long."""
        self._queue.put_nowait((message, False))

    async def run(self) -> None:
        """First tries leave one after the other, so that the order is the rooms'; repetitions come when they come."""
        while True:
            message, repeated = await self._queue.get()
            signed = self._signed(message)
            if not await self._try(signed) and repeated:
                task = asyncio.create_task(self._repeat(signed))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            self._queue.task_done()

    async def settled(self) -> None:
        """Every message had its first try."""
        await self._queue.join()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def _signed(self, message: dict[str, str]) -> dict[str, str]:
        project, now = self._world.project, str(int(self._world.now()))
        nonce = str(secrets.randbelow(10**9))
        parts = sorted([project.callback_secret, now, nonce])
        signature = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
        if self._world.knobs.wrong_signature:
            signature = signature[::-1]
        proof = {"appid": str(project.app_id), "timestamp": now, "nonce": nonce, "signature": signature}
        return {**proof, **message}

    async def _repeat(self, signed: dict[str, str]) -> None:
        for pause in LADDER_SECONDS if signed["event"] in _REPEATED_OFTEN else _ONE_REPETITION:
            await asyncio.sleep(pause * self._world.knobs.time_scale)
            if await self._try(signed):
                return

    async def _try(self, signed: dict[str, str]) -> bool:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        status = 0
        try:
            async with self._http.post(self._world.knobs.callback_url, **self._form(signed)) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            pass
        self.sent = [*self.sent[1 - MOST_KEPT :], {**signed, "status": status}]
        return 200 <= status < 300

    def _form(self, signed: dict[str, str]) -> dict[str, Any]:
        if self._world.knobs.form:
            return {"data": signed}
        text = json.dumps(signed, ensure_ascii=False)
        if self._world.knobs.url_encoded:
            text = quote(text)
        return {"data": text.encode(), "headers": {"Content-Type": "application/json"}}
