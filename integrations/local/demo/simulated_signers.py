"""Simulated contract parties: employees send contracts and interview, customers and workers sign or reject."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import aiohttp

from domain.shared.business_day import business_day
from domain.shared.ports import Clock
from integrations.local.demo.contract_forms import CUSTOMER_PHONE_PREFIX, housekeeping_form
from integrations.local.demo.contract_scenarios import CUSTOMER_REJECTION_REASONS
from integrations.local.demo.interview_forms import interview_form
from integrations.local.demo.pacing import random_delay, until_ready
from integrations.local.demo.people import seeded_random
from integrations.local.simulators.esign.state import SIGN_MANUALLY, SIGNER_SIGNING, SIGNING, WAITING

log = logging.getLogger("business.demo")

READY_POLL_SECONDS = 0.5
MEAN_DELAY_SECONDS = 50.0
MIN_DELAY_SECONDS, MAX_DELAY_SECONDS = 10.0, 180.0
REJECTS_ONE_IN = 14
MIN_OPEN_CONTRACTS = 9
"""With fewer contracts that wait for signatures the employee sends another one."""
MAX_SENT = 60
"""Bounds the contracts that a long-running demonstration creates."""
_OPEN_STATUSES = (WAITING, SIGNING)


@dataclass(frozen=True)
class StaffCredentials:
    username: str
    password: str


class SimulatedSigners:
    """Customers and workers act at the simulated provider, the employee acts by the API.

    Contracts of other customers are left alone: the person who tries the product signs those.
    """

    def __init__(
        self, api_url: str, simulator_url: str, employees: Sequence[StaffCredentials], clock: Clock, speed: float = 1.0
    ) -> None:
        self._api = api_url.rstrip("/")
        self._simulator = simulator_url.rstrip("/")
        self._employees = employees
        self._clock = clock
        self._speed = speed
        self._rng = seeded_random(secrets.token_hex(8))
        self._tokens: dict[str, str] = {}
        self._sent = 0

    async def run(self) -> None:
        """Acts until cancelled, from the moment the API is ready. Failures of the API do not end it."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as http:
            await until_ready(http, self._api, READY_POLL_SECONDS)
            while True:
                try:
                    await self._keep_interviewing(http)
                    await asyncio.sleep(self._delay())
                    await self._act(http)
                except Exception as error:  # for example while the server restarts or is overloaded
                    log.debug("demo.act_failed", extra={"error": type(error).__name__})
                    await asyncio.sleep(self._delay())

    def _delay(self) -> float:
        return random_delay(self._rng, MEAN_DELAY_SECONDS, MIN_DELAY_SECONDS, MAX_DELAY_SECONDS, self._speed)

    async def _act(self, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{self._simulator}/_sim/contracts", raise_for_status=True) as response:
            waiting = [contract for contract in await response.json() if _waits_for_simulated_signer(contract)]
        if len(waiting) < MIN_OPEN_CONTRACTS and self._sent < MAX_SENT and self._rng.random() < 0.5:
            await self._send_contract(http)
        elif waiting:
            await self._sign_or_reject(http, self._rng.choice(waiting))

    async def _sign_or_reject(self, http: aiohttp.ClientSession, contract: dict[str, Any]) -> None:
        rejects = self._rng.randrange(REJECTS_ONE_IN) == 0 and not contract["voiding"]
        url = f"{self._simulator}/_sim/{contract['contract_no']}/{'reject' if rejects else 'sign'}"
        await http.post(url, json={"remark": self._rng.choice(CUSTOMER_REJECTION_REASONS)} if rejects else {})

    async def _send_contract(self, http: aiohttp.ClientSession) -> None:
        self._sent += 1
        start: date = business_day(self._clock.now()) + timedelta(days=self._rng.randint(1, 14))
        form = housekeeping_form(self._rng, self._rng.randrange(1_000, 1_000_000), start)
        await self._post(http, self._rng.choice(self._employees), "/api/contracts", form)

    async def _keep_interviewing(self, http: aiohttp.ClientSession) -> None:
        """The first employee has an open room; the product closes it after a while, because no guest comes."""
        room = {**interview_form(self._rng), "onConflict": "reuse"}
        await self._post(http, self._employees[0], "/api/interview/rooms", room)

    async def _post(
        self, http: aiohttp.ClientSession, employee: StaffCredentials, path: str, body: dict[str, Any]
    ) -> None:
        token = self._tokens.get(employee.username) or await self._log_in(http, employee)
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post(f"{self._api}{path}", json=body, headers=headers) as response:
            if response.status == 401:
                self._tokens.pop(employee.username, None)
            elif not response.ok:
                log.debug("demo.refused", extra={"path": path, "status": response.status})

    async def _log_in(self, http: aiohttp.ClientSession, employee: StaffCredentials) -> str:
        body = {"username": employee.username, "password": employee.password}
        async with http.post(f"{self._api}/api/auth/login", json=body, raise_for_status=True) as response:
            token = self._tokens[employee.username] = str((await response.json())["data"]["access_token"])
        return token


def _waits_for_simulated_signer(contract: dict[str, Any]) -> bool:
    signers = contract["signers"]
    if contract["deleted"] or not any(signer["mobile"].startswith(CUSTOMER_PHONE_PREFIX) for signer in signers):
        return False
    if contract["voiding"]:
        return not all(signer["void_signed"] for signer in signers)
    waits_for_person = any(
        signer["status"] == SIGNER_SIGNING and signer["sign_type"] == SIGN_MANUALLY for signer in signers
    )
    return contract["status"] in _OPEN_STATUSES and waits_for_person
