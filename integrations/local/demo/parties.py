"""An agency at work while a demonstration runs: a clerk sends contracts out, customers and workers sign or refuse."""

import asyncio
import logging
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import aiohttp

from domain.shared.business_day import business_day
from domain.shared.ports import Clock
from integrations.local.demo.contracts import REFUSALS
from integrations.local.demo.households import CUSTOMERS, housekeeping
from integrations.local.demo.people import dice_of

log = logging.getLogger("business.demo")

ASK_READY_SECONDS = 0.5
MEAN_PAUSE_SECONDS = 6.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 14.0
REFUSES_ONE_IN = 14
FEWEST_OPEN = 9
"""With fewer contracts at their parties the clerk sends another one out."""
MOST_SENT = 500
"""A demonstration that is left running does not fill the disk with contracts."""
_OPEN = (0, 1)
_THEIR_TURN, _IN_PERSON = 1, 3


@dataclass(frozen=True)
class Clerk:
    username: str
    password: str


class SimulatedParties:
    """They act at the simulated provider, the clerk by the API. Contracts of people that the demonstration did not
    invent are left alone: whoever tries the product signs those."""

    def __init__(self, api_url: str, simulator_url: str, clerk: Clerk, clock: Clock, pace: float = 1.0) -> None:
        self._api = api_url.rstrip("/")
        self._simulator = simulator_url.rstrip("/")
        self._clerk = clerk
        self._clock = clock
        self._pace = pace
        self._dice = dice_of(secrets.token_hex(8))
        self._token = ""
        self._sent = 0

    async def run(self) -> None:
        """Until cancelled, as soon as the API is ready. No failure ends it."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as http:
            await self._until_ready(http)
            while True:
                await asyncio.sleep(self._pause())
                try:
                    await self._step(http)
                except Exception as error:  # the show goes on, whatever a restarted or overloaded server answers
                    log.debug("demo.act_failed", extra={"error": type(error).__name__})

    async def _until_ready(self, http: aiohttp.ClientSession) -> None:
        while True:
            try:
                async with http.get(f"{self._api}/health/ready") as response:
                    if response.ok:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass  # not started yet
            await asyncio.sleep(ASK_READY_SECONDS)

    def _pause(self) -> float:
        rolled = self._dice.expovariate(1 / MEAN_PAUSE_SECONDS)
        return min(max(rolled, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS) / self._pace

    async def _step(self, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{self._simulator}/_sim/contracts", raise_for_status=True) as response:
            waiting = [contract for contract in await response.json() if _awaits_somebody_invented(contract)]
        if len(waiting) < FEWEST_OPEN and self._sent < MOST_SENT and self._dice.random() < 0.5:
            await self._send_another(http)
        elif waiting:
            await self._act(http, self._dice.choice(waiting))

    async def _act(self, http: aiohttp.ClientSession, contract: dict[str, Any]) -> None:
        refuses = self._dice.randrange(REFUSES_ONE_IN) == 0 and not contract["voiding"]
        url = f"{self._simulator}/_sim/{contract['contract_no']}/{'reject' if refuses else 'sign'}"
        await http.post(url, json={"remark": self._dice.choice(REFUSALS)} if refuses else {})

    async def _send_another(self, http: aiohttp.ClientSession) -> None:
        self._sent += 1
        start: date = business_day(self._clock.now()) + timedelta(days=self._dice.randint(1, 14))
        form = housekeeping(self._dice, self._dice.randrange(1_000, 1_000_000), start)
        if not self._token:
            await self._log_in(http)
        headers = {"Authorization": f"Bearer {self._token}"}
        async with http.post(f"{self._api}/api/contracts", json=form, headers=headers) as response:
            if response.status == 401:
                self._token = ""
            elif not response.ok:
                log.debug("demo.refused", extra={"path": "/api/contracts", "status": response.status})

    async def _log_in(self, http: aiohttp.ClientSession) -> None:
        body = {"username": self._clerk.username, "password": self._clerk.password}
        async with http.post(f"{self._api}/api/auth/login", json=body, raise_for_status=True) as response:
            self._token = (await response.json())["data"]["access_token"]


def _awaits_somebody_invented(contract: dict[str, Any]) -> bool:
    signers = contract["signers"]
    if contract["deleted"] or not any(signer["mobile"].startswith(CUSTOMERS) for signer in signers):
        return False
    if contract["voiding"]:
        return not all(signer["void_signed"] for signer in signers)
    theirs = any(signer["status"] == _THEIR_TURN and signer["sign_type"] == _IN_PERSON for signer in signers)
    return contract["status"] in _OPEN and theirs
