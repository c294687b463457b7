"""Messages to the agency: signed, and repeated until somebody answers `ok`."""

import asyncio
import base64
import json
import random
from typing import Any
from urllib.parse import quote

import aiohttp
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from integrations.local.simulators.esign.world import World


class CallbackSender:
    def __init__(self, world: World, key: RSAPrivateKey) -> None:
        self._world = world
        self._key = key
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self.delivered = 0
        self.sent: list[dict[str, Any]] = []
        """The newest messages, as they were meant."""

    def send(self, url: str, message: dict[str, Any]) -> None:
        self.sent = [*self.sent[-999:], message]
        knobs = self._world.knobs
        if random.random() < knobs.drop:  # noqa: S311  # which ones get lost is no secret
            return
        for _ in range(1 + knobs.duplicates):
            task = asyncio.create_task(self._deliver(url, message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def now(self, url: str, message: dict[str, Any]) -> bool:
        """One try, awaited."""
        return await self._try(url, message)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def signed(self, message: dict[str, Any]) -> dict[str, Any]:
        knobs = self._world.knobs
        covered = {name: str(value) for name, value in message.items() if name not in knobs.leave_out}
        text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        algorithm = SHA256() if knobs.sha256 else SHA1()  # noqa: S303  # as the provider does
        shown = base64.b64encode(self._key.sign(text, PKCS1v15(), algorithm)).decode()
        if knobs.corrupt_signature:
            shown = ("A" if shown[0] != "A" else "B") + shown[1:]
        return {**message, "sign": shown}

    async def _deliver(self, url: str, message: dict[str, Any]) -> None:
        knobs = self._world.knobs
        await asyncio.sleep(random.uniform(0, knobs.delay_seconds))  # noqa: S311
        for pause in (*knobs.retry_seconds, None):
            if await self._try(url, message):
                self.delivered += 1
                return
            if pause is not None:
                await asyncio.sleep(pause)

    async def _try(self, url: str, message: dict[str, Any]) -> bool:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        body, knobs = self.signed(message), self._world.knobs
        if knobs.double_encoded:
            body = {name: quote(str(value), safe="") for name, value in body.items()}
        form: dict[str, Any] = {"json": body} if knobs.json_body else {"data": body}
        try:
            async with self._http.post(url, **form) as response:
                return response.status == 200 and await response.text() == "ok"
        except (aiohttp.ClientError, TimeoutError):
            return False
