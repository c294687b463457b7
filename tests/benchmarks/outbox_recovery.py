"""The time until the events of a dead app process are relayed, and the statistics exact, among many accounts.

`python -m tests.benchmarks.outbox_recovery [--accounts 100000] [--logins 1000]` fills a store with accounts. A process
that never relays saves the log-ins of some of them and dies without a sign. Then the product starts on that store.
Exits with 1 when a bar is missed. Most of the time is that after which a silent process counts as dead.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from domain.shared.actor import SYSTEM
from domain.users.change_events import UserChangeEvents
from domain.users.identity import WeChatIdentity
from domain.users.model import User
from integrations.clock import SystemClock
from integrations.mongo.layout import convert_layout
from integrations.mongo.outbox import Outbox
from integrations.mongo.outbox_writers import ALIVE_SECONDS, COLLECTION
from integrations.mongo.statistics.rebuild import rebuild_statistics
from integrations.mongo.users.users import MongoUserRepository
from integrations.security.ids import ObjectIds
from integrations.settings.groups import StoreSettings
from tests.journeys.support.people import USERS, data_of
from tests.journeys.support.running import Product, running
from tests.servers import MongoServer
from tests.waiting import eventually

BATCH = 1_000
BAR_SECONDS = 60

Database = AsyncIOMotorDatabase[dict[str, Any]]


class AccountsWithoutSearch(MongoUserRepository):
    async def complete_saves(self, ids: Sequence[ObjectId]) -> None:
        """Lists are not measured, so the accounts get no search documents, whose writing takes minutes."""


def account(ids: ObjectIds, number: int) -> User:
    created = datetime.now(UTC) - timedelta(days=2, seconds=number)
    identity = WeChatIdentity(app_id="wx0123456789abcdef", open_id=f"oBench{number:022d}")
    return User.registered(ids.next_id(), identity, created).model_copy(update={"version": 1})


async def fill(database: "Database", accounts: int, logins: int) -> None:
    ids, clock = ObjectIds(), SystemClock()
    users, events = AccountsWithoutSearch(database, Outbox(database)), UserChangeEvents(ids)
    await users.create_indexes()
    await convert_layout(database, users)  # an empty collection has the present layout
    everybody = [account(ids, number) for number in range(accounts)]
    for start in range(0, accounts, BATCH):
        await users.import_new(everybody[start : start + BATCH])
    await rebuild_statistics(database)

    async def log_in(before: User) -> None:
        now = clock.now()
        after = before.model_copy(update={"login_count": 1, "last_login_at": now, "last_active_at": now})
        await users.save(after, [events.user_active(before, after, "openid", "", SYSTEM, None, now)])

    chosen = everybody[:: max(1, accounts // logins)][:logins]
    for start in range(0, logins, BATCH):
        await asyncio.gather(*map(log_in, chosen[start : start + BATCH]))


async def recovered(product: Product, database: "Database", accounts: int, logins: int) -> float:
    """Seconds from the start of the product."""
    began = time.perf_counter()
    await asyncio.to_thread(product.wait_until_ready)
    print(f"ready after {time.perf_counter() - began:.1f} s")
    writers = database[COLLECTION]
    async with product.client(await product.admin_token()) as client:

        async def is_exact() -> bool:
            shown = await counted(client)
            assert shown[0] <= accounts, shown
            assert shown[1] <= logins, shown
            return shown == (accounts, logins)

        async def is_relayed() -> bool:
            return await writers.count_documents({"recoverAt": {"$exists": True}}) == 1

        await eventually(is_exact, 600, 0.2)
        print(f"statistics exact after {time.perf_counter() - began:.1f} s")
        await eventually(is_relayed, 600, 0.2)
    seconds = time.perf_counter() - began
    print(f"all relayed after {seconds:.1f} s; a silent process counts as dead after {ALIVE_SECONDS:.0f} s")
    return seconds


async def counted(client: aiohttp.ClientSession) -> tuple[int, int]:
    """The numbers of accounts, and of log-ins of the current day."""
    shown = await data_of(client, f"{USERS}/statistics")
    return shown["total"], shown["todayLogins"]


async def measure(accounts: int, logins: int) -> float:
    server = MongoServer()
    server.start()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(server.uri, tz_aware=True)
    database = client[StoreSettings.model_fields["mongodb_database"].default]
    try:
        began = time.perf_counter()
        await fill(database, accounts, logins)
        print(
            f"{accounts} accounts, {logins} log-ins that are not relayed: {time.perf_counter() - began:.0f} s to fill"
        )
        with running(environment={"MONGODB_URI": server.uri}, wait=False) as product:
            return await recovered(product, database, accounts, logins)
    finally:
        client.close()
        server.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--logins", type=int, default=1_000)
    options = parser.parse_args()
    seconds = asyncio.run(measure(options.accounts, options.logins))
    held = seconds <= BAR_SECONDS
    print(f"{'ok    ' if held else 'MISSED'}  start -> all relayed: {seconds:.1f} s   bar: <= {BAR_SECONDS}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
