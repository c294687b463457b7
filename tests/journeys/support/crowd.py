"""A crowd of official clients that follow a running product while users register."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import aiohttp
from yarl import URL

from tests.journeys.support.people import USERS, data_of
from tests.journeys.support.running import Product
from tests.realtime.official_clients import OfficialClients, official_clients
from tests.waiting import eventually

_CONCURRENT = 4
_NUMBERS = count()


@dataclass
class Registrations:
    """Registers new users, each retried until it is answered. An answered registration must never be lost."""

    product: Product
    ids: list[str] = field(default_factory=list)
    earlier: int = 0
    """How many users were registered before."""

    async def register_until(self, stop: asyncio.Event, pause: float) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as client:
            while not stop.is_set():
                answered = partial(self._registered, client, f"oCrowd{next(_NUMBERS):022d}")
                self.ids.append(await eventually(answered, 180, 0.05))
                await asyncio.sleep(pause)  # the rate of the load

    async def _registered(self, client: aiohttp.ClientSession, openid: str) -> str | None:
        """The id; None without an answer, or when the service is unavailable."""
        try:
            async with client.post(f"{self.product.url}{USERS}/login", json={"openid": openid}) as answer:
                body = await answer.json()
        except (aiohttp.ClientError, OSError):
            return None
        if answer.status not in (200, 201):
            assert answer.status == 503, body
            return None
        return str(body["data"]["id"])


@asynccontextmanager
async def register_users(product: Product, per_second: int) -> AsyncIterator[Registrations]:
    """Register users until the block ends; afterwards every answer is known."""
    registrations, stop = Registrations(product), asyncio.Event()
    async with asyncio.TaskGroup() as people:
        for _ in range(_CONCURRENT):
            people.create_task(registrations.register_until(stop, _CONCURRENT / per_second))
        try:
            yield registrations
        finally:
            stop.set()


@dataclass
class Crowd:
    """`lists` follow `/users`, where every event must arrive; `cards` follow `/statistics`, where the newest counts."""

    lists: OfficialClients
    cards: OfficialClients

    async def all_connected(self) -> None:
        await self.lists.all_connected(60)
        await self.cards.all_connected(60)

    async def seen(self) -> int:
        """The number of events of the list that received the most."""
        return max(int(seen) for _, seen in await self.lists.do("counts"))

    async def show(self, total: int) -> bool:
        """True when all cards show this number of users."""
        return all(figures["total"] == total for _, figures in await self.cards.do("last"))

    async def shows_all(self, registrations: Registrations) -> bool:
        """True when every list has all answered registrations, and all cards show the same figures."""
        counts = await self.lists.do("counts")
        wanted = registrations.earlier + len(registrations.ids)
        if not all(connected and seen >= wanted for connected, seen in counts):
            return False
        shown = await self.cards.do("last")
        return all(connected and figures == shown[0][1] for connected, figures in shown)

    async def assert_nothing_was_lost(self, client: aiohttp.ClientSession, registrations: Registrations) -> None:
        await eventually(lambda: self.shows_all(registrations), 60)
        reports = await self.lists.report()
        for each in reports:
            assert each["versions"] == reports[0]["versions"]
            assert each["recovered"] == each["connects"] - 1, each["lost"]
        seen: list[str] = reports[0]["versions"]
        assert len(seen) == len(set(seen))
        assert set(registrations.ids) <= set(seen)
        # A registration whose answer was lost was retried, and the retry found the account.
        assert len(seen) == len(registrations.ids)

        async def all_listed() -> bool:
            return bool((await data_of(client, USERS))["total"] == len(seen))

        await eventually(all_listed, 30)  # the search document of a killed process's last save follows its event

        await eventually(lambda: self.show(len(seen)), 90)

    async def assert_connections_match(self, client: aiohttp.ClientSession) -> None:
        """The list of connections has each connected client exactly once, after any number of reconnects."""

        async def exact() -> bool:
            cards = len(await self.cards.do("last"))
            connected_clients = len(await self.lists.do("counts")) + cards
            listed = (await data_of(client, "/api/realtime/connections"))["total"]
            figures = [shown["online"] for _, shown in await self.cards.do("last")]
            return bool(listed == connected_clients and figures == [cards] * cards)

        await self.all_connected()
        await eventually(exact, 60)  # connections of killed processes expire after twelve seconds


@asynccontextmanager
async def watching_crowd(product: Product, token: str, clients: int) -> AsyncIterator[Crowd]:
    """A connected crowd; a fifth of the clients follow the statistics."""
    port = URL(product.url).port
    assert port is not None
    cards = max(2, clients // 5)
    async with AsyncExitStack() as stack:
        shared: dict[str, Any] = {"token": token}
        lists = await stack.enter_async_context(official_clients(port, clients - cards, field="userId", **shared))
        figures = await stack.enter_async_context(official_clients(port, cards, "/statistics", "statistics", **shared))
        crowd = Crowd(lists, figures)
        await crowd.all_connected()
        yield crowd
