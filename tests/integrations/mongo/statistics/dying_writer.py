"""A process that writes login rows of the events on its input, and is killed before it stores their counters."""

import asyncio
import os
import signal
import sys
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.events import event_from_json
from integrations.clock import SystemClock
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.security.ids import ObjectIds


async def main(uri: str, name: str) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    database = client[name]
    journal = MongoLoginJournal(
        database, WriterRegistry(database), StatisticsStore(database), SystemClock(), ObjectIds()
    )
    events = [event_from_json(line) for line in sys.stdin.buffer]
    await journal.follow(events[: len(events) // 2])
    await journal.flush()
    await journal.follow(events[len(events) // 2 :])
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
