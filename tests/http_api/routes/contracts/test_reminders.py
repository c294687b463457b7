"""Scheduled notifications across app processes: sent once, also when the process that found them due dies at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.contracts.deletion.model import DeletionRequest
from domain.contracts.model import Contract
from domain.interviews.record.model import InterviewRoom, RoomStatus, Schedule
from domain.services import Services
from domain.shared.authority import Role
from domain.shared.business_day import BUSINESS_ZONE
from tests.app_process import RunningProcess, running_process, settings_of
from tests.domain.contracts.builders import STAFF, a_contract, active
from tests.integrations.clocks import SettableClock
from tests.integrations.mongo.interviews.builders import a_room
from tests.waiting import eventually

NINE = datetime(2026, 5, 8, 9, 0, tzinfo=BUSINESS_ZONE).astimezone(UTC)  # a Friday
WORKER = ObjectId("e" * 24)
Store = AsyncIOMotorDatabase[dict[str, Any]]


class Agency:
    """Reminders are due at nine: a contract that ends in seven days, a request of yesterday, an interview at 9:10."""

    def __init__(self, process: RunningProcess) -> None:
        self.stores = process.stores
        self.overseer = self.owner = ""

    async def open(self) -> None:
        self.overseer, _ = await self.stores.hired(Role.MANAGER)
        self.owner, _ = await self.stores.hired(Role.EMPLOYEE)
        await self._contract(active(1, end_date=date(2026, 5, 15), created_by=self.owner))
        request = DeletionRequest(
            id="d" * 24, requested_by=STAFF, requested_at=NINE - timedelta(days=1), reason="录入错误"
        )
        asked = a_contract(2, created_by=self.owner).with_fields(deletion_requests=(request,))
        await self._contract(asked)
        await self.stores.contracts.approvals.record(asked.deletion_approval(request))
        schedule = Schedule(starts_at=NINE + timedelta(minutes=10), ends_at=NINE + timedelta(minutes=40))
        await self.stores.database["resumes"].insert_one({"_id": WORKER, "name": "赵阿姨", "assignedTo": self.overseer})
        planned = {"status": RoomStatus.SCHEDULED, "schedule": schedule, "worker_id": str(WORKER)}
        await self.stores.interviews.save(a_room("room_due", host_user_id=self.owner, **planned), [])

    async def _contract(self, contract: Contract) -> None:
        await self.stores.contracts.contracts.save(contract, [])

    async def room(self) -> InterviewRoom:
        found = await self.stores.interviews.find_by_room_id("room_due")
        assert found is not None
        return found

    async def told(self) -> list[tuple[str, str]]:
        """Type and recipient of each notification and of each message to the customer."""
        rows = [(row["type"], str(row["userId"])) async for row in self.stores.database["notifications"].find({})]
        messages = self.stores.database["miniprogram_notifications"].find({})
        return sorted([*rows, *[(row["type"], row["phone"]) async for row in messages]])


async def run_due(services: Services) -> None:
    """A round of each job."""
    await services.contracts.expiry.run_due()
    await services.contracts.deletion_reminders.run_due()
    await services.interviews.reminders.run_due()


async def test_facts_that_a_killed_process_found_due_are_told_once_by_the_others(
    mongodb_uri: str, redis_url: str, redis: Redis, database: Store
) -> None:
    clock = SettableClock(NINE)

    def process(**more: Any) -> Any:
        settings = settings_of(mongodb_uri, redis_url, database.name)
        return running_process(settings, clock=clock, realtime=False, **more)

    async with process(jobs=False) as killed:
        agency = Agency(killed)
        await agency.open()
        await run_due(killed.services)  # saved; the process dies before it publishes the events
        assert await agency.told() == []
        long_ago = datetime.now(UTC) - timedelta(minutes=1)
        await database["outbox_writers"].update_many({}, {"$set": {"aliveUntil": long_ago}})

        async with process() as first, process() as second:  # in the same minute
            expected = sorted(
                [
                    ("CONTRACT_EXPIRING_SOON", agency.owner),
                    ("CONTRACT_EXPIRING_SOON", agency.overseer),
                    ("CONTRACT_APPROVAL_WAITING", agency.overseer),
                    ("INTERVIEW_ABOUT_TO_BEGIN", agency.owner),
                    ("INTERVIEW_ABOUT_TO_BEGIN", agency.overseer),
                    ("contract_expiring", active(1).customer_phone),
                ]
            )

            async def all_told() -> bool:
                return set(expected) <= set(await agency.told())

            await eventually(all_told)
            clock.advance(60)
            for each in (first, second):
                await run_due(each.services)
            await first.stores.outbox.drained(5)
            await second.stores.outbox.drained(5)

            assert await agency.told() == expected
            assert (await agency.room()).reminded_at == NINE
