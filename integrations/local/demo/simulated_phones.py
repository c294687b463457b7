"""Simulated phones: they register and log in over HTTP while a demonstration runs."""

import asyncio
import logging
import secrets
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import aiohttp

from domain.shared.business_day import business_day
from integrations.local.demo.pacing import random_delay, until_ready
from integrations.local.demo.people import Person, newcomer, regulars, seeded_random
from integrations.local.demo.pictures import picture_of

log = logging.getLogger("business.demo")

USERS = "/api/miniprogram-users"
READY_POLL_SECONDS = 0.2
MEAN_DELAY_SECONDS = 40.0
MIN_DELAY_SECONDS, MAX_DELAY_SECONDS = 3.0, 150.0
VISITS_A_DAY = 120
"""About as many as on a day of the history; then the rest of the day is quiet, or its bar would dwarf the others."""
QUIET_FACTOR = 15.0
BURST_CHANCE = 0.12
LARGEST_BURST = 3
"""Also the maximum number of concurrent requests."""
BURST_SPREAD_SECONDS = 2.0
PICTURE_CHANCE = 0.6
"""The probability that a new user chooses a picture."""
MAX_NEWCOMERS = 5_000
"""Bounds the accounts that a long-running demonstration creates."""
MAX_REMEMBERED = 200


Action = Callable[[aiohttp.ClientSession], Awaitable[None]]


@dataclass(frozen=True)
class _SignedIn:
    person: Person
    refresh_token: str


@dataclass(frozen=True)
class _Account:
    person: Person
    password: str


class SimulatedPhones:
    """`speed` 2.0 halves the delays. Sends `X-Forwarded-For`, which the API must trust from this machine."""

    def __init__(self, api_url: str, simulator_url: str, speed: float = 1.0) -> None:
        self._api = api_url.rstrip("/")
        self._simulator = simulator_url.rstrip("/")
        self._speed = speed
        self._rng = seeded_random(secrets.token_hex(8))
        self._newcomers = 0
        self._visits: Counter[date] = Counter()
        self._signed_in: deque[_SignedIn] = deque(maxlen=MAX_REMEMBERED)
        self._accounts: deque[_Account] = deque(maxlen=MAX_REMEMBERED)

    async def run(self) -> None:
        """Acts until cancelled, from the moment the API is ready. Failures of the API do not end it."""
        timeout = aiohttp.ClientTimeout(total=10)
        connector = aiohttp.TCPConnector(limit=LARGEST_BURST)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
            await until_ready(http, self._api, READY_POLL_SECONDS)
            await self._attempt(self._register, http)
            while True:
                await asyncio.sleep(self._delay())
                size = self._burst_size()
                await asyncio.gather(*(self._random_action(http, alone=size == 1) for _ in range(size)))

    def _delay(self) -> float:
        quiet = self._visits[business_day(datetime.now(UTC))] >= VISITS_A_DAY
        delay = random_delay(self._rng, MEAN_DELAY_SECONDS, MIN_DELAY_SECONDS, MAX_DELAY_SECONDS, self._speed)
        return delay * QUIET_FACTOR if quiet else delay

    def _burst_size(self) -> int:
        return self._rng.randint(2, LARGEST_BURST) if self._rng.random() < BURST_CHANCE else 1

    async def _random_action(self, http: aiohttp.ClientSession, *, alone: bool) -> None:
        if not alone:
            await asyncio.sleep(self._rng.uniform(0, BURST_SPREAD_SECONDS) / self._speed)
        weights: dict[Action, int] = {
            self._register: 16 if self._newcomers < MAX_NEWCOMERS else 0,
            self._log_in_again: 60,
            self._refresh: 14,
            self._log_in_with_password: 5,
            self._log_in_with_wrong_password: 5,
        }
        await self._attempt(self._rng.choices(list(weights), list(weights.values()))[0], http)

    async def _attempt(self, action: Action, http: aiohttp.ClientSession) -> None:
        self._visits[business_day(datetime.now(UTC))] += 1
        try:
            await action(http)
        except Exception as error:  # for example while the server restarts or is overloaded
            log.debug("demo.act_failed", extra={"error": type(error).__name__})

    # --- actions

    async def _register(self, http: aiohttp.ClientSession) -> None:
        """A new person registers by the form, or logs in by opening the mini-program."""
        self._newcomers += 1
        person = newcomer(secrets.token_hex(6))
        body = await self._wechat_codes(http, person, with_phone=person.shares_phone)
        body |= person.profile()
        if not person.username and self._rng.random() < 0.5:
            await self._authenticate(http, "/login", person, body)
            return
        password = secrets.token_urlsafe(12)
        if person.username:
            body |= {"username": person.username, "password": password}
        if await self._authenticate(http, "/register", person, body) and person.username:
            self._accounts.append(_Account(person, password))

    async def _log_in_again(self, http: aiohttp.ClientSession) -> None:
        if self._signed_in and self._rng.random() < 0.25:
            person = self._rng.choice(self._signed_in).person
        else:
            person = self._rng.choice(regulars())
        body = await self._wechat_codes(http, person, with_phone=person.shares_phone and self._rng.random() < 0.2)
        await self._authenticate(http, "/login", person, body | person.profile())

    async def _refresh(self, http: aiohttp.ClientSession) -> None:
        if not self._signed_in:
            await self._log_in_again(http)
            return
        # Removed first: a token that two requests send looks stolen.
        self._signed_in.rotate(self._rng.randrange(len(self._signed_in)))
        session = self._signed_in.popleft()
        await self._authenticate(http, "/refresh", session.person, {"refreshToken": session.refresh_token})

    async def _log_in_with_password(self, http: aiohttp.ClientSession) -> None:
        if not self._accounts:
            await self._log_in_again(http)
            return
        account = self._rng.choice(self._accounts)
        body = {"username": account.person.username, "password": account.password}
        await self._authenticate(http, "/login-with-password", account.person, body)

    async def _log_in_with_wrong_password(self, http: aiohttp.ClientSession) -> None:
        known = [account.person for account in self._accounts] or [each for each in regulars() if each.username]
        person = self._rng.choice(known)
        body = {"username": person.username, "password": secrets.token_urlsafe(9)}
        await self._authenticate(http, "/login-with-password", person, body)

    # --- requests

    async def _wechat_codes(self, http: aiohttp.ClientSession, person: Person, *, with_phone: bool) -> dict[str, Any]:
        """The codes that the WeChat app gives to a mini-program."""
        codes = {"code": await self._mint_code(http, "codes", {"person": person.key})}
        if with_phone:
            codes["phoneCode"] = await self._mint_code(
                http, "phone-codes", {"person": person.key, "phone": person.phone}
            )
        return codes

    async def _mint_code(self, http: aiohttp.ClientSession, kind: str, body: dict[str, str]) -> str:
        async with http.post(f"{self._simulator}/__sim__/{kind}", json=body, raise_for_status=True) as response:
            return str((await response.json())["code"])

    async def _authenticate(self, http: aiohttp.ClientSession, path: str, person: Person, body: dict[str, Any]) -> bool:
        """False when the API refused, for example because of a wrong password or a blocked account."""
        headers = self._headers(person)
        async with http.post(f"{self._api}{USERS}{path}", json=body, headers=headers) as response:
            if not response.ok:
                log.debug("demo.refused", extra={"path": path, "status": response.status})
                return False
            data = (await response.json())["data"]
        self._signed_in.append(_SignedIn(person, data["refreshToken"]))
        if data.get("isNewUser") and self._rng.random() < PICTURE_CHANCE:
            await self._set_picture(http, person, data["accessToken"])
        return True

    def _headers(self, person: Person) -> dict[str, str]:
        return {"X-Forwarded-For": person.current_ip(self._rng), "User-Agent": person.user_agent}

    async def _set_picture(self, http: aiohttp.ClientSession, person: Person, access_token: str) -> None:
        form = aiohttp.FormData()
        form.add_field("avatar", picture_of(person.key), filename="avatar.jpg", content_type="image/jpeg")
        headers = {**self._headers(person), "Authorization": f"Bearer {access_token}"}
        async with http.post(f"{self._api}{USERS}/avatar", data=form, headers=headers) as response:
            log.debug("demo.picture", extra={"status": response.status})
