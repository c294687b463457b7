"""The audit log in MongoDB: filters, order, and the removal of old rows."""

from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.audit.model import AuditRecorded
from domain.audit.query import AuditFilter
from domain.audit.retention import KEPT_DAYS, AuditRetention
from domain.shared.actor import Actor
from domain.shared.paging import PageRequest
from integrations.mongo.audit import MongoAuditLog
from integrations.security.ids import ObjectIds
from tests.integrations.clocks import SettableClock

IDS, CLOCK = ObjectIds(), SettableClock()
WANG = Actor(kind="staff", id="a" * 24, name="王芳", address="10.0.0.7", user_agent="Mozilla/5.0", request_id="r1")
LI = Actor(kind="staff", id="b" * 24, name="李强")


def a_row(actor: Actor, action: str, target: tuple[str, str], days_ago: int = 0) -> AuditRecorded:
    return AuditRecorded(
        id=IDS.next_id(),
        at=CLOCK.now() - timedelta(days=days_ago),
        action=action,
        actor=actor.model_copy(update={"action": action}),
        target_kind=target[0],
        target_id=target[1],
        before={"status": "draft"},
        after={"status": "signing"},
    )


ROWS = [
    a_row(WANG, "contract.update", ("contract", "c1"), 3),
    a_row(LI, "contract.update", ("contract", "c1"), 2),
    a_row(WANG, "contract.assign", ("contract", "c2"), 1),
    a_row(WANG, "staff.login", ("staff", "s1"), 0),
]


@pytest.fixture
async def log(database: "AsyncIOMotorDatabase[dict[str, Any]]") -> MongoAuditLog:
    log = MongoAuditLog(database)
    await log.create_indexes()
    await log.follow(ROWS)
    return log


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(), [3, 2, 1, 0]),
        (AuditFilter(actor=WANG.id), [3, 2, 0]),
        (AuditFilter(actor="李强"), [1]),
        (AuditFilter(actor="李"), []),
        (AuditFilter(action="contract.update"), [1, 0]),
        (AuditFilter(target_kind="contract", target_id="c1"), [1, 0]),
        (AuditFilter(target_kind="contract", actor=WANG.id), [2, 0]),
        (AuditFilter(since=ROWS[1].at, until=ROWS[2].at), [2, 1]),
    ],
)
async def test_rows_are_found_by_person_action_record_and_time(
    log: MongoAuditLog, wanted: AuditFilter, found: list[int]
) -> None:
    page = await log.page(wanted, PageRequest())

    assert page.list == [ROWS[number] for number in found]
    assert page.total == len(found) == len([row async for row in log.stream(wanted, 10)])


async def test_a_page_continues_where_the_one_before_ended(log: MongoAuditLog) -> None:
    second = await log.page(AuditFilter(), PageRequest(page=2, page_size=3))

    assert (second.list, second.total) == ([ROWS[0]], 4)


async def test_a_row_that_is_delivered_again_stays_one_and_stays_as_it_was(log: MongoAuditLog) -> None:
    await log.follow([ROWS[0].model_copy(update={"reason": "changed"}), a_row(LI, "staff.logout", ("staff", "s2"))])

    assert await log.find(ROWS[0].id) == ROWS[0]
    assert await log.count(AuditFilter(), 100) == 5


@pytest.mark.parametrize("field", ["actor.id", "actor.name", "action", "targetKind", "targetId"])
async def test_every_filter_is_served_by_an_index(
    log: MongoAuditLog, database: "AsyncIOMotorDatabase[dict[str, Any]]", field: str
) -> None:
    found = database["audit_logs"].find({field: "x"}).sort([("at", -1), ("_id", -1)])

    assert f"by_{field}" in str((await found.explain())["queryPlanner"]["winningPlan"])


async def test_rows_are_removed_after_400_days(log: MongoAuditLog) -> None:
    old = [a_row(LI, "staff.login", ("staff", "s2"), KEPT_DAYS + 1) for _ in range(501)]
    kept = a_row(LI, "staff.login", ("staff", "s2"), KEPT_DAYS - 1)
    await log.follow([*old, kept])

    await AuditRetention(log, CLOCK).run_once()

    assert await log.count(AuditFilter(), 1000) == 5
    assert await log.find(kept.id) == kept
