"""Clients of journey tests: phones that log in, and dashboards that receive pushes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from random import Random
from typing import Any

import aiohttp
import socketio

from domain.users.model import MAX_USER_SESSIONS
from tests.journeys.support.running import Product
from tests.waiting import eventually

USERS = "/api/miniprogram-users"


async def log_in(client: aiohttp.ClientSession, openid: str) -> dict[str, Any]:
    """Log in; returns the account."""
    async with client.post(f"{USERS}/login", json={"openid": openid}) as answer:
        body: dict[str, Any] = await answer.json()
        assert answer.status in (200, 201), body
        return dict(body["data"])


async def data_of(client: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with client.get(path) as answer:
        body: dict[str, Any] = await answer.json()
        assert answer.status == 200, body
        return dict(body["data"])


async def logins_counted(client: aiohttp.ClientSession) -> int:
    """The logins in the statistics of two days: a test may run across midnight."""
    activity = await data_of(client, f"{USERS}/statistics/activity?days=2")
    return sum(day["logins"] for day in activity["days"])


@dataclass
class Phone:
    """A user who logs in repeatedly, also while app processes die."""

    openid: str
    id: str = ""
    acknowledged: int = 0
    uncertain: int = 0
    """Logins with an unknown outcome: the connection broke, ours or the server's to its store."""
    refused: list[int] = field(default_factory=list)
    refreshed: int = 0
    _tokens: list[tuple[int, str]] = field(default_factory=list)
    """Refresh tokens of acknowledged logins, each with the number of attempts until then."""

    @property
    def attempts(self) -> int:
        return self.acknowledged + self.uncertain

    @property
    def valid_tokens(self) -> list[str]:
        """Refresh tokens whose sessions later logins cannot have replaced, even if all of them succeeded."""
        return [token for attempts, token in self._tokens if self.attempts - attempts < MAX_USER_SESSIONS]

    async def log_in(self, client: aiohttp.ClientSession) -> None:
        try:
            async with client.post(f"{USERS}/login", json={"openid": self.openid}) as answer:
                body = await answer.json()
        except (aiohttp.ClientConnectorError, ConnectionRefusedError):
            await asyncio.sleep(0.05)
        except (aiohttp.ClientError, OSError):
            self.uncertain += 1
        else:
            if answer.status not in (200, 201):
                self.refused.append(answer.status)
                self.uncertain += answer.status == HTTPStatus.SERVICE_UNAVAILABLE
                return
            self.id = body["data"]["id"]
            self.acknowledged += 1
            self._tokens = [*self._tokens[1 - MAX_USER_SESSIONS :], (self.attempts, body["data"]["refreshToken"])]

    async def refresh_all(self, client: aiohttp.ClientSession) -> None:
        """Use every refresh token that must be valid."""
        for token in self.valid_tokens:
            async with client.post(f"{USERS}/refresh", json={"refreshToken": token}) as answer:
                assert answer.status == 200, (await answer.json(), self)
            self.refreshed += 1
        self._tokens.clear()


@asynccontextmanager
async def phones(
    product: Product, how_many: int, *, at_once: int | None = None, first: int = 0, chance: Random | None = None
) -> AsyncIterator[list[Phone]]:
    """Phones that log in continuously until the block ends; afterwards every answer is known.

    `at_once` of them (all by default) log in at the same time: the next of each group is drawn by `chance`. `first` is
    the number of the first phone.
    """
    people = [Phone(f"oPhone{first + number:022d}") for number in range(how_many)]
    groups = [people[start :: at_once or how_many] for start in range(at_once or how_many)]
    stop, drawn_by = asyncio.Event(), chance or Random(0)

    async def log_in_until_stopped(group: Sequence[Phone]) -> None:
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(product.url, connector=connector) as client:
            while not stop.is_set():
                await drawn_by.choice(group).log_in(client)
                await asyncio.sleep(0.01)

    calls = asyncio.gather(*(log_in_until_stopped(group) for group in groups))
    try:
        yield people
    finally:
        stop.set()
        await calls


async def wait_for_logins(people: Sequence[Phone], logins: int) -> None:
    """Wait until every phone got this many more answers."""
    wanted = [phone.acknowledged + logins for phone in people]

    async def done() -> bool:
        return all(phone.acknowledged >= each for phone, each in zip(people, wanted, strict=True))

    await eventually(done, 60)


async def assert_nothing_was_lost(
    client: aiohttp.ClientSession, people: Sequence[Phone], counted_before: int = 0
) -> None:
    """The accounts count every acknowledged login at once; login log and statistics eventually agree exactly."""
    counted = await asyncio.gather(*(_logins_of(client, phone) for phone in people))
    for phone, logins in zip(people, counted, strict=True):
        assert phone.acknowledged <= logins <= phone.attempts, (logins, phone)

    async def all_logged() -> bool:
        paths = [f"{USERS}/{phone.id}/login-logs?pageSize=1" for phone in people]
        logs = await asyncio.gather(*(data_of(client, path) for path in paths))
        wanted = [logins + phone.refreshed for phone, logins in zip(people, counted, strict=True)]
        return [log["total"] for log in logs] == wanted

    async def all_counted() -> bool:
        return await logins_counted(client) == counted_before + sum(counted)

    await eventually(all_logged, 30, poll_seconds=0.2)
    await eventually(all_counted, 90, poll_seconds=0.2)
    assert await all_logged()


async def _logins_of(client: aiohttp.ClientSession, phone: Phone) -> int:
    return int((await data_of(client, f"{USERS}/{phone.id}"))["loginCount"])


_NUMBERS = count()


class Dashboard:
    """A dashboard of a staff member: follows statistics and connections, and reconnects by itself."""

    def __init__(self) -> None:
        self.name = f"Dashboard {next(_NUMBERS)}"
        self.client: Any = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.5)
        self.figures: dict[str, Any] = {}
        self.pushes = 0
        self.connections: list[dict[str, Any]] | None = None
        self.client.on("snapshot", self._snapshot, namespace="/statistics")
        self.client.on("statistics", self._statistics, namespace="/statistics")
        self.client.on("snapshot", self._connections, namespace="/connections")

    async def _snapshot(self, figures: dict[str, Any], *_: str) -> None:
        self.figures = figures

    async def _statistics(self, figures: dict[str, Any], *_: str) -> None:
        self.pushes += 1
        self.figures = figures

    async def _connections(self, snapshot: dict[str, Any], *_: str) -> None:
        self.connections = snapshot["list"]

    async def listed_connections(self) -> list[dict[str, Any]]:
        """The connections of the first snapshot. The dashboard must have joined `/connections`."""

        async def received() -> bool:
            return self.connections is not None

        await eventually(received)
        return self.connections or []

    async def shows(self, seconds: float = 15, **figures: int) -> None:
        """Wait until the dashboard shows these figures."""

        async def shown() -> bool:
            return figures.items() <= self.figures.items()

        try:
            await eventually(shown, seconds)
        except AssertionError:
            raise AssertionError(f"the dashboard shows {self.figures}, not {figures}") from None


@asynccontextmanager
async def dashboard(
    url: str, token: str, *transports: str, namespaces: tuple[str, ...] = ()
) -> AsyncIterator[Dashboard]:
    watching = Dashboard()
    await watching.client.connect(
        url,
        headers={"User-Agent": watching.name},
        auth={"token": token},
        namespaces=["/statistics", *namespaces],
        transports=list(transports) or None,
    )
    try:

        async def has_figures() -> bool:
            return bool(watching.figures)

        await eventually(has_figures)
        yield watching
    finally:
        await watching.client.shutdown()


async def log_in_user(product: Product, openid: str, nickname: str) -> int:
    async with product.client() as client:
        answer = await client.post("/api/miniprogram-users/login", json={"openid": openid, "nickname": nickname})
        return answer.status
