"""Phones that come and go while a demonstration runs: what they do arrives by HTTP, as it does from real ones."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from integrations.local.demo.people import Person, dice_of, newcomer, regulars

log = logging.getLogger("business.demo")

USERS = "/api/miniprogram-users"
ASK_READY_SECONDS = 0.2
MEAN_PAUSE_SECONDS = 2.2
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
BURST_CHANCE = 0.12
LARGEST_BURST = 5
"""Also the most requests that are ever under way at once."""
BURST_SPREAD_SECONDS = 0.8
MOST_NEWCOMERS = 5_000
"""A demonstration that is left running does not fill the disk with people."""
MOST_REMEMBERED = 200


Act = Callable[[aiohttp.ClientSession], Awaitable[None]]


@dataclass(frozen=True)
class _SignedIn:
    person: Person
    refresh_token: str


@dataclass(frozen=True)
class _Account:
    person: Person
    password: str


class SimulatedPhones:
    """`pace` 2.0 is twice as lively. Sends `X-Forwarded-For`, which the API must trust from this machine."""

    def __init__(self, api_url: str, simulator_url: str, pace: float = 1.0) -> None:
        self._api = api_url.rstrip("/")
        self._simulator = simulator_url.rstrip("/")
        self._pace = pace
        self._dice = dice_of(secrets.token_hex(8))
        self._newcomers = 0
        self._signed_in: deque[_SignedIn] = deque(maxlen=MOST_REMEMBERED)
        self._accounts: deque[_Account] = deque(maxlen=MOST_REMEMBERED)

    async def run(self) -> None:
        """Come and go until cancelled, as soon as the API is ready. No failure ends it."""
        timeout = aiohttp.ClientTimeout(total=10)
        connector = aiohttp.TCPConnector(limit=LARGEST_BURST)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
            await self._until_ready(http)
            await self._attempted(self._join, http)
            while True:
                await asyncio.sleep(self._pause())
                size = self._size()
                await asyncio.gather(*(self._event(http, alone=size == 1) for _ in range(size)))

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

    def _size(self) -> int:
        return self._dice.randint(2, LARGEST_BURST) if self._dice.random() < BURST_CHANCE else 1

    async def _event(self, http: aiohttp.ClientSession, *, alone: bool) -> None:
        if not alone:
            await asyncio.sleep(self._dice.uniform(0, BURST_SPREAD_SECONDS) / self._pace)
        acts: dict[Act, int] = {
            self._join: 38 if self._newcomers < MOST_NEWCOMERS else 0,
            self._return: 42,
            self._refresh: 10,
            self._come_by_password: 5,
            self._mistype: 5,
        }
        await self._attempted(self._dice.choices(list(acts), list(acts.values()))[0], http)

    async def _attempted(self, act: Act, http: aiohttp.ClientSession) -> None:
        try:
            await act(http)
        except Exception as error:  # the show goes on, whatever a restarted or overloaded server answers
            log.debug("demo.act_failed", extra={"error": type(error).__name__})

    # --- what phones do

    async def _join(self, http: aiohttp.ClientSession) -> None:
        """Somebody new: by the registration form, or simply by opening the mini-program."""
        self._newcomers += 1
        person = newcomer(secrets.token_hex(6))
        body = await self._proof(http, person, with_phone=person.shares_phone)
        body |= person.profile()
        if not person.username and self._dice.random() < 0.5:
            await self._enter(http, "/login", person, body)
            return
        password = secrets.token_urlsafe(12)
        if person.username:
            body |= {"username": person.username, "password": password}
        if await self._enter(http, "/register", person, body) and person.username:
            self._accounts.append(_Account(person, password))

    async def _return(self, http: aiohttp.ClientSession) -> None:
        if self._signed_in and self._dice.random() < 0.25:
            person = self._dice.choice(self._signed_in).person
        else:
            person = self._dice.choice(regulars())
        body = await self._proof(http, person, with_phone=person.shares_phone and self._dice.random() < 0.2)
        await self._enter(http, "/login", person, body | person.profile())

    async def _refresh(self, http: aiohttp.ClientSession) -> None:
        if not self._signed_in:
            await self._return(http)
            return
        # Taken out first: a token that two requests show looks stolen.
        self._signed_in.rotate(self._dice.randrange(len(self._signed_in)))
        known = self._signed_in.popleft()
        await self._enter(http, "/refresh", known.person, {"refreshToken": known.refresh_token})

    async def _come_by_password(self, http: aiohttp.ClientSession) -> None:
        if not self._accounts:
            await self._return(http)
            return
        account = self._dice.choice(self._accounts)
        body = {"username": account.person.username, "password": account.password}
        await self._enter(http, "/login-with-password", account.person, body)

    async def _mistype(self, http: aiohttp.ClientSession) -> None:
        known = [account.person for account in self._accounts] or [each for each in regulars() if each.username]
        person = self._dice.choice(known)
        body = {"username": person.username, "password": secrets.token_urlsafe(9)}
        await self._enter(http, "/login-with-password", person, body)

    # --- how they do it

    async def _proof(self, http: aiohttp.ClientSession, person: Person, *, with_phone: bool) -> dict[str, Any]:
        """The codes that WeChat's app hands out."""
        proof = {"code": await self._minted(http, "codes", {"person": person.key})}
        if with_phone:
            proof["phoneCode"] = await self._minted(http, "phone-codes", {"person": person.key, "phone": person.phone})
        return proof

    async def _minted(self, http: aiohttp.ClientSession, kind: str, body: dict[str, str]) -> str:
        async with http.post(f"{self._simulator}/__sim__/{kind}", json=body, raise_for_status=True) as response:
            return str((await response.json())["code"])

    async def _enter(self, http: aiohttp.ClientSession, path: str, person: Person, body: dict[str, Any]) -> bool:
        """False when the API refused, as it does with a wrong password or a blocked account."""
        headers = {"X-Forwarded-For": person.address_now(self._dice), "User-Agent": person.agent}
        async with http.post(f"{self._api}{USERS}{path}", json=body, headers=headers) as response:
            if not response.ok:
                log.debug("demo.refused", extra={"path": path, "status": response.status})
                return False
            answer = await response.json()
        self._signed_in.append(_SignedIn(person, answer["data"]["refreshToken"]))
        return True
