"""Clients of journey tests: phones that log in, and dashboards that receive pushes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any

import aiohttp
import socketio

from tests.journeys.running import Product
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

    async def log_in_until(self, product: Product, stop: asyncio.Event) -> None:
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(product.url, connector=connector) as client:
            while not stop.is_set():
                await self._log_in(client)
                await asyncio.sleep(0.01)

    async def _log_in(self, client: aiohttp.ClientSession) -> None:
        try:
            async with client.post(f"{USERS}/login", json={"openid": self.openid}) as answer:
                body = await answer.json()
        except (aiohttp.ClientConnectorError, ConnectionRefusedError):
            await asyncio.sleep(0.05)
        except (aiohttp.ClientConnectionError, OSError):
            self.uncertain += 1
        else:
            if answer.status not in (200, 201):
                self.refused.append(answer.status)
                self.uncertain += answer.status == HTTPStatus.SERVICE_UNAVAILABLE
                return
            self.id = body["data"]["id"]
            self.acknowledged += 1


@asynccontextmanager
async def phones(product: Product, how_many: int) -> AsyncIterator[list[Phone]]:
    """Phones that log in continuously until the block ends; afterwards every answer is known."""
    people = [Phone(f"oPhone{number:022d}") for number in range(how_many)]
    stop = asyncio.Event()
    calls = asyncio.gather(*(phone.log_in_until(product, stop) for phone in people))
    try:
        yield people
    finally:
        stop.set()
        await calls


async def wait_for_logins(people: list[Phone], logins: int) -> None:
    """Wait until every phone got this many more answers."""
    wanted = [phone.acknowledged + logins for phone in people]

    async def done() -> bool:
        return all(phone.acknowledged >= each for phone, each in zip(people, wanted, strict=True))

    await eventually(done, 60)


async def assert_nothing_was_lost(client: aiohttp.ClientSession, people: list[Phone], counted_before: int = 0) -> None:
    """The accounts count every acknowledged login at once; login log and statistics eventually agree exactly."""
    total = 0
    for phone in people:
        counted = (await data_of(client, f"{USERS}/{phone.id}"))["loginCount"]
        assert phone.acknowledged <= counted <= phone.acknowledged + phone.uncertain, (counted, phone)
        total += counted

    async def all_logged() -> bool:
        logs = [await data_of(client, f"{USERS}/{phone.id}/login-logs?pageSize=1") for phone in people]
        return bool(sum(log["total"] for log in logs) == total)

    async def all_counted() -> bool:
        return await logins_counted(client) == counted_before + total

    await eventually(all_logged, 30)
    await eventually(all_counted, 90)


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
