"""The MongoDB store of deletion approvals."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.deletion.model import ApprovalStatus, DeletionApproval, DeletionRequest
from domain.shared.actor import ActorRef
from domain.shared.business_day import business_day
from domain.shared.paging import PageRequest
from integrations.mongo.contracts.deletion_approvals import MongoDeletionApprovals
from tests.domain.contracts.builders import NOW, STAFF

Store = AsyncIOMotorDatabase[dict[str, Any]]
ADMIN = ActorRef(kind="staff", id="9" * 24, name="陈总")


@pytest.fixture
async def approvals(database: Store) -> MongoDeletionApprovals:
    stored = MongoDeletionApprovals(database)
    await stored.create_indexes()
    return stored


def an_approval(number: int = 1, status: ApprovalStatus = "pending", by: ActorRef = STAFF) -> DeletionApproval:
    decided = {} if status == "pending" else {"decided_by": ADMIN, "decided_at": NOW, "comment": "同意"}
    request = DeletionRequest(
        id=f"{number:024x}",
        status=status,
        requested_by=by,
        requested_at=NOW + timedelta(minutes=number),
        reason="录入错误",
        **decided,
    )
    return DeletionApproval(id=request.id, contract_id="c" * 24, contract_number="CON1", request=request)


@pytest.mark.parametrize("status", ["pending", "approved", "rejected"])
async def test_a_recorded_approval_is_loaded_unchanged(
    approvals: MongoDeletionApprovals, status: ApprovalStatus
) -> None:
    await approvals.record(an_approval(1, status))

    assert await approvals.find(f"{1:024x}") == an_approval(1, status)
    assert await approvals.find("nonsense") is None


async def test_a_pending_approval_never_replaces_a_decided_one(approvals: MongoDeletionApprovals) -> None:
    events: list[ApprovalStatus] = ["pending", "pending", "approved", "pending", "rejected"]
    for status in events:
        await approvals.record(an_approval(1, status))

    found = await approvals.find(f"{1:024x}")
    assert found == an_approval(1, "approved")


async def test_waiting_requests_of_earlier_days_are_found_until_reminded_of(
    approvals: MongoDeletionApprovals, database: Store
) -> None:
    for number in range(1, 5):
        approval = an_approval(number, "approved" if number == 4 else "pending")
        await approvals.record(approval.model_copy(update={"contract_id": f"{number:024x}"}))
    tomorrow = business_day(NOW) + timedelta(days=1)
    second = an_approval(2)
    reminded = second.request.model_copy(update={"reminded_on": tomorrow})

    await approvals.record(second.model_copy(update={"request": reminded}))

    assert await approvals.waiting(business_day(NOW), 10) == []
    assert [int(each, 16) for each in await approvals.waiting(tomorrow, 10)] == [1, 3]
    assert len(await approvals.waiting(tomorrow + timedelta(days=1), 2)) == 2
    assert await approvals.find(f"{2:024x}") == second.model_copy(update={"request": reminded})


async def test_pages_list_matching_approvals_newest_first(approvals: MongoDeletionApprovals) -> None:
    for number in range(1, 6):
        by = ADMIN if number == 3 else STAFF
        await approvals.record(an_approval(number, "approved" if number == 2 else "pending", by))

    everybodys = await approvals.page(None, "", PageRequest(page=1, page_size=2))
    pending = await approvals.page("pending", "", PageRequest())
    own = await approvals.page(None, ADMIN.id, PageRequest())

    assert ([int(each.id, 16) for each in everybodys.list], everybodys.total) == ([5, 4], 5)
    assert [int(each.id, 16) for each in pending.list] == [5, 4, 3, 1]
    assert [int(each.id, 16) for each in own.list] == [3]


async def test_an_approval_has_the_fields_of_legacy_readers(approvals: MongoDeletionApprovals, database: Store) -> None:
    await approvals.record(an_approval(1, "approved"))

    document = await database["contractdeletionapprovals"].find_one({})

    assert document == {
        "_id": ObjectId(f"{1:024x}"),
        "contractId": ObjectId("c" * 24),
        "contractNumber": "CON1",
        "requestedBy": ObjectId(STAFF.id),
        "requestedByName": STAFF.name,
        "reason": "录入错误",
        "status": "approved",
        "approvedBy": ObjectId(ADMIN.id),
        "approvedByName": ADMIN.name,
        "approvalComment": "同意",
        "approvedAt": NOW,
        "createdAt": NOW + timedelta(minutes=1),
        "updatedAt": NOW,
    }


@pytest.mark.parametrize(
    ("query", "index"),
    [({"status": "pending"}, "by_status"), ({"requestedBy": ObjectId(STAFF.id)}, "by_requester"), ({}, "by_created")],
)
async def test_each_list_of_approvals_uses_its_index(
    approvals: MongoDeletionApprovals, database: Store, query: dict[str, Any], index: str
) -> None:
    there = await database["contractdeletionapprovals"].index_information()

    assert [field for field, _ in there[index]["key"]] == [*query, "createdAt"]
