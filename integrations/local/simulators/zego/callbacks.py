"""Callbacks to ZEGO's customer: signed, in order, and retried until the response has a 2xx status."""

import asyncio
import hashlib
import json
import secrets
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from integrations.local.simulators.zego.state import SimulatorState

RETRY_DELAYS_SECONDS: Final = (2, 4, 8, 16, 32)
_ONE_RETRY: Final = RETRY_DELAYS_SECONDS[:1]
_RETRIED_OFTEN: Final = ("room_create", "room_close")
MAX_RECORDED: Final = 2_000


class CallbackSender:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state
        self._queue: asyncio.Queue[tuple[dict[str, str], bool]] = asyncio.Queue()
        self._held_back: dict[str, str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self.sent: list[dict[str, Any]] = []
        """Messages as they were sent, with the status of the response (0: no response)."""

    def send(self, message: dict[str, str]) -> None:
        settings = self._state.settings
        if not settings.callback_url:
            return
        if settings.drop:
            settings.drop -= 1
            return
        if settings.swap and self._held_back is None:
            self._held_back = message
            return
        for _ in range(1 + settings.duplicates):
            self._queue.put_nowait((message, True))
        if self._held_back is not None:
            self._queue.put_nowait((self._held_back, True))
            self._held_back = None

    def send_once(self, message: dict[str, str]) -> None:
        """Sign and send a message of a test, for example a late event of a room that was closed long ago."""
        self._queue.put_nowait((message, False))

    async def run(self) -> None:
        """Sends first attempts one after the other, in the order of the events; retries run concurrently."""
        while True:
            message, may_retry = await self._queue.get()
            signed = self._signed(message)
            if not await self._post(signed) and may_retry:
                task = asyncio.create_task(self._retry(signed))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            self._queue.task_done()

    async def first_attempts_done(self) -> None:
        """Returns when every message had its first attempt."""
        await self._queue.join()

    async def retries_done(self) -> None:
        """Returns when no message will be sent again."""
        await self.first_attempts_done()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def _signed(self, message: dict[str, str]) -> dict[str, str]:
        project, now = self._state.project, str(int(self._state.now()))
        nonce = str(secrets.randbelow(10**9))
        parts = sorted([project.callback_secret, now, nonce])
        signature = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
        if self._state.settings.wrong_signature:
            signature = signature[::-1]
        envelope = {"appid": str(project.app_id), "timestamp": now, "nonce": nonce, "signature": signature}
        return {**envelope, **message}

    async def _retry(self, signed: dict[str, str]) -> None:
        for delay in RETRY_DELAYS_SECONDS if signed["event"] in _RETRIED_OFTEN else _ONE_RETRY:
            await asyncio.sleep(delay * self._state.settings.time_scale)
            if await self._post(signed):
                return

    async def _post(self, signed: dict[str, str]) -> bool:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        status = 0
        try:
            async with self._http.post(self._state.settings.callback_url, **self._request_body(signed)) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            pass
        self.sent = [*self.sent[1 - MAX_RECORDED :], {**signed, "status": status}]
        return 200 <= status < 300

    def _request_body(self, signed: dict[str, str]) -> dict[str, Any]:
        if self._state.settings.form:
            return {"data": signed}
        text = json.dumps(signed, ensure_ascii=False)
        if self._state.settings.url_encoded:
            text = quote(text)
        return {"data": text.encode(), "headers": {"Content-Type": "application/json"}}
