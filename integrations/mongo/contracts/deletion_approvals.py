"""The list of deletion approvals in MongoDB."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Final

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from domain.contracts.deletion.model import ApprovalStatus, DeletionApproval, DeletionRequest
from domain.shared.actor import ActorRef
from domain.shared.business_day import start_of_day
from domain.shared.paging import Page, PageRequest
from integrations.mongo.failures import store_failures
from integrations.mongo.pages import page_of
from integrations.mongo.repository import Document, object_id, reference

APPROVALS: Final = "contractdeletionapprovals"


class MongoDeletionApprovals:
    """`DeletionApprovalStore`: a copy of the requests in the contracts."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._collection = database[APPROVALS]

    async def create_indexes(self) -> None:
        with store_failures():
            await self._collection.create_index([("status", 1), ("createdAt", -1)], name="by_status")
            await self._collection.create_index([("requestedBy", 1), ("createdAt", -1)], name="by_requester")
            await self._collection.create_index([("createdAt", -1)], name="by_created")

    async def record(self, approval: DeletionApproval) -> None:
        fields = _approval_document(approval)
        with store_failures():
            try:
                # A decided approval does not match, and the upsert then fails on the duplicate id, as intended.
                await self._collection.update_one(
                    {"_id": object_id(approval.id), "status": "pending"}, {"$set": fields}, upsert=True
                )
            except DuplicateKeyError:
                return

    async def find(self, approval_id: str) -> DeletionApproval | None:
        with store_failures():
            document = await self._collection.find_one({"_id": object_id(approval_id)})
        return _approval(document) if document else None

    async def waiting(self, today: date, most: int) -> Sequence[str]:
        query = {
            "status": "pending",
            "createdAt": {"$lt": start_of_day(today)},
            "remindedOn": {"$ne": datetime.combine(today, time(), UTC)},
        }
        with store_failures():
            found = self._collection.find(query, {"contractId": 1}).sort("createdAt", 1).limit(most)
            return [str(document["contractId"]) for document in await found.to_list(most)]

    async def page(
        self, status: ApprovalStatus | None, requested_by: str, paging: PageRequest
    ) -> Page[DeletionApproval]:
        query: Document = {}
        if status:
            query["status"] = status
        if requested_by:
            query["requestedBy"] = reference(requested_by)
        return await page_of(self._collection, query, [("createdAt", -1)], paging, _approval)


def _approval_document(approval: DeletionApproval) -> Document:
    """The approval with the field names of legacy readers."""
    request = approval.request
    fields: Document = {
        "contractId": reference(approval.contract_id),
        "contractNumber": approval.contract_number,
        "requestedBy": reference(request.requested_by.id),
        "requestedByName": request.requested_by.name,
        "reason": request.reason,
        "status": request.status,
        "createdAt": request.requested_at,
        "updatedAt": request.decided_at or request.requested_at,
    }
    if request.reminded_on is not None:
        fields["remindedOn"] = datetime.combine(request.reminded_on, time(), UTC)
    if request.decided_by is not None:
        fields |= {
            "approvedBy": reference(request.decided_by.id),
            "approvedByName": request.decided_by.name,
            "approvalComment": request.comment,
            "approvedAt": request.decided_at,
        }
    return fields


def _approval(document: Document) -> DeletionApproval:
    decided_by = None
    if "approvedBy" in document:
        decided_by = ActorRef(kind="staff", id=str(document["approvedBy"]), name=document["approvedByName"])
    request = DeletionRequest(
        id=str(document["_id"]),
        status=document["status"],
        requested_by=ActorRef(kind="staff", id=str(document["requestedBy"]), name=document["requestedByName"]),
        requested_at=document["createdAt"],
        reason=document["reason"],
        reminded_on=document.get("remindedOn"),
        decided_by=decided_by,
        decided_at=document.get("approvedAt"),
        comment=document.get("approvalComment", ""),
    )
    return DeletionApproval(
        id=request.id,
        contract_id=str(document["contractId"]),
        contract_number=document["contractNumber"],
        request=request,
    )
