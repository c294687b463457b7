"""Login journals on one store with one maintenance, and their comparison with the true counters."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.shared.business_day import business_day
from domain.statistics.counters import GROUPS
from domain.statistics.ports import LiveCounters
from integrations.mongo.statistics.login_journal import MongoLoginJournal
from integrations.mongo.statistics.maintenance import StatisticsMaintenance
from integrations.mongo.statistics.store import StatisticsStore, WriterRegistry
from integrations.security.ids import ObjectIds
from tests.domain.statistics.history import BEGIN, UserHistory
from tests.integrations.clocks import SettableClock

DEAD_AFTER = 60.0


class StatisticsSetup:
    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]", live: LiveCounters | None = None) -> None:
        self.database = database
        self.clock = SettableClock(BEGIN)
        self.writers = WriterRegistry(database)
        self.store = StatisticsStore(database, live)
        self.maintenance = StatisticsMaintenance(database, self.writers, self.clock)

    def journal(self) -> MongoLoginJournal:
        return MongoLoginJournal(self.database, self.writers, self.store, self.clock, ObjectIds())

    async def differences(self, history: UserHistory) -> list[str]:
        """The days (and `total`) whose stored counters differ from the sums of the events."""
        shown, wanted = await self.store.daily_counters(business_day(BEGIN), GROUPS), history.daily_counters()
        found = [] if plain(shown.total) == plain(wanted.total) else ["total"]
        days = {*shown.days, *wanted.days}
        return found + [str(day) for day in sorted(days) if plain(shown.on(day)) != plain(wanted.on(day))]


def plain(counters: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counters.items() if count}


def busy_history(days: int = 3, people: int = 8) -> UserHistory:
    """A history of users that log in, bind and lose phones, and delete their accounts."""
    history = UserHistory()
    for day in range(days):
        for person in range(people):
            at = BEGIN + timedelta(days=day, minutes=person)
            if (person + day) % 3:
                history.login(f"p{person}", at)
            if person == day:
                history.delete(f"p{person}", at + timedelta(seconds=1))
            history.toggle_phone(f"p{person}", at + timedelta(seconds=2))
    return history
