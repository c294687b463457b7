"""The simulator of Tencent Cloud on loopback, and clients of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from domain.shared.ports import Clock
from integrations.breaker import CircuitBreaker
from integrations.local.simulators.tencent.app import STATE, create_app
from integrations.local.simulators.tencent.state import SIM_ACCOUNT, SimulatorState
from integrations.tencent.cos.http import CosBucket, CosHttp
from integrations.tencent.cos.signatures import CosKey
from integrations.tencent.cos.storage import CosObjectStorage
from integrations.tencent.ocr import SERVICE, VERSION, TencentCardReader
from integrations.tencent.tc3 import Tc3Http, Tc3Key

NEVER_OPEN = 10**9


@dataclass
class Cloud:
    url: str
    state: SimulatorState
    http: aiohttp.ClientSession
    clock: Clock

    def cos(self, key: CosKey | None = None, call_seconds: float = 30) -> CosHttp:
        known = CosKey(SIM_ACCOUNT.secret_id, SIM_ACCOUNT.secret_key)
        bucket = CosBucket(self.url, SIM_ACCOUNT.bucket, key or known)
        return CosHttp(self.http, bucket, self.clock, breaker=CircuitBreaker(NEVER_OPEN), call_seconds=call_seconds)

    def storage(self, key: CosKey | None = None, call_seconds: float = 30) -> CosObjectStorage:
        return CosObjectStorage(self.cos(key, call_seconds), self.clock, pause_seconds=0.001)

    def card_reader(self, secret: str = SIM_ACCOUNT.secret_key) -> TencentCardReader:
        key = Tc3Key(SIM_ACCOUNT.secret_id, secret)
        breaker = CircuitBreaker(NEVER_OPEN)
        http = Tc3Http(self.http, SERVICE, VERSION, self.url, key, self.clock, breaker=breaker)
        return TencentCardReader(http, pause_seconds=0.001)

    async def control(self, command: str, /, **body: Any) -> None:
        async with self.http.post(f"{self.url}/__sim__/{command}", json=body) as response:
            assert response.status == 200, await response.text()


@asynccontextmanager
async def simulated_cloud(clock: Clock) -> AsyncIterator[Cloud]:
    app = create_app(clock=lambda: clock.now().timestamp())
    server = TestServer(app)
    await server.start_server(access_log=None)
    async with aiohttp.ClientSession() as session:
        yield Cloud(str(server.make_url("")).rstrip("/"), app[STATE], session, clock)
    await server.close()
