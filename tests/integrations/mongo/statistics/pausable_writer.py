"""A process that journals the facts it is given, one a line, and says when each has its row."""

import asyncio
import sys
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from domain.shared.events import event_from_json
from integrations.clock import SystemClock
from integrations.mongo.statistics.store import Figures, Writers
from integrations.mongo.users.login_journal import MongoLoginJournal
from integrations.security.ids import ObjectIds
from tests.background import in_background


async def main(uri: str, name: str) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    database = client[name]
    journal = MongoLoginJournal(database, Writers(database), Figures(database), SystemClock(), ObjectIds())
    async with in_background(journal.background):
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            await journal.follow([event_from_json(line)])
            sys.stdout.write("kept\n")
            sys.stdout.flush()
    await journal.end()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
