"""Callbacks to the agency: signed, and retried until the response is `ok`."""

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

from integrations.local.simulators.esign.state import SimulatorState


class CallbackSender:
    def __init__(self, state: SimulatorState, key: RSAPrivateKey) -> None:
        self._state = state
        self._key = key
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self.delivered = 0
        self.sent: list[dict[str, Any]] = []
        """The newest messages as they were created, including those that were dropped."""

    def send(self, url: str, message: dict[str, Any]) -> None:
        self.sent = [*self.sent[-999:], message]
        settings = self._state.settings
        if random.random() < settings.drop:  # noqa: S311  # no secret
            return
        for _ in range(1 + settings.duplicates):
            task = asyncio.create_task(self._deliver(url, message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def send_now(self, url: str, message: dict[str, Any]) -> bool:
        """Send once and wait for the response. True when it was `ok`."""
        return await self._post(url, message)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def signed(self, message: dict[str, Any]) -> dict[str, Any]:
        settings = self._state.settings
        covered = {name: str(value) for name, value in message.items() if name not in settings.leave_out}
        text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        algorithm = SHA256() if settings.sha256 else SHA1()  # noqa: S303  # prescribed by the provider
        signature = base64.b64encode(self._key.sign(text, PKCS1v15(), algorithm)).decode()
        if settings.corrupt_signature:
            signature = ("A" if signature[0] != "A" else "B") + signature[1:]
        return {**message, "sign": signature}

    async def _deliver(self, url: str, message: dict[str, Any]) -> None:
        settings = self._state.settings
        await asyncio.sleep(random.uniform(0, settings.delay_seconds))  # noqa: S311
        for delay in (*settings.retry_seconds, None):
            if await self._post(url, message):
                self.delivered += 1
                return
            if delay is not None:
                await asyncio.sleep(delay)

    async def _post(self, url: str, message: dict[str, Any]) -> bool:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        body, settings = self.signed(message), self._state.settings
        if settings.double_encoded:
            body = {name: quote(str(value), safe="") for name, value in body.items()}
        form: dict[str, Any] = {"json": body} if settings.json_body else {"data": body}
        try:
            async with self._http.post(url, **form) as response:
                return response.status == 200 and await response.text() == "ok"
        except (aiohttp.ClientError, TimeoutError):
            return False
