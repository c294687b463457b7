"""A process that writes login rows of the events on its input, one per line, and confirms each on its output."""

import asyncio
import sys
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.events import event_from_json
from integrations.clock import SystemClock
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.security.ids import ObjectIds
from tests.background import in_background


async def main(uri: str, name: str) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    database = client[name]
    journal = MongoLoginJournal(
        database, WriterRegistry(database), StatisticsStore(database), SystemClock(), ObjectIds()
    )
    async with in_background(journal.background):
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            await journal.follow([event_from_json(line)])
            sys.stdout.write("stored\n")
            sys.stdout.flush()
    await journal.end()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
