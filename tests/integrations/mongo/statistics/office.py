"""Any number of journals on one store, and one keeper."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.business_day import business_day
from domain.statistics.tally import GROUPS
from integrations.mongo.statistics.maintenance import StatisticsKeeper
from integrations.mongo.statistics.store import Figures, Writers
from integrations.mongo.users.login_journal import MongoLoginJournal
from integrations.security.ids import ObjectIds
from tests.domain.statistics.history import BEGIN, History
from tests.integrations.clocks import SettableClock

DEAD_AFTER = 60.0


class Office:
    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
        self.database = database
        self.clock = SettableClock(BEGIN)
        self.writers = Writers(database)
        self.figures = Figures(database)
        self.keeper = StatisticsKeeper(database, self.writers, self.clock)

    def journal(self) -> MongoLoginJournal:
        return MongoLoginJournal(self.database, self.writers, self.figures, self.clock, ObjectIds())

    async def differences(self, history: History) -> list[str]:
        """Where the figures are not what the facts add up to."""
        shown, wanted = await self.figures.ledger(business_day(BEGIN), GROUPS), history.ledger()
        found = [] if plain(shown.total) == plain(wanted.total) else ["total"]
        days = {*shown.days, *wanted.days}
        return found + [str(day) for day in sorted(days) if plain(shown.on(day)) != plain(wanted.on(day))]


def plain(tally: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in tally.items() if count}


def busy(days: int = 3, people: int = 8) -> History:
    """People who log in, get and lose phones, and leave."""
    history = History()
    for day in range(days):
        for person in range(people):
            at = BEGIN + timedelta(days=day, minutes=person)
            if (person + day) % 3:
                history.login(f"p{person}", at)
            if person == day:
                history.delete(f"p{person}", at + timedelta(seconds=1))
            history.toggle_phone(f"p{person}", at + timedelta(seconds=2))
    return history
