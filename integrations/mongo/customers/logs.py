"""The logs of customers in MongoDB, with the collections and fields of the former system."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.audit.model import AuditRecorded
from domain.customers.change_events import AUDIT_TARGET
from domain.customers.events import (
    CustomerAssigned,
    CustomerChanged,
    CustomerFollowedUp,
    CustomerPoolMoved,
    CustomerStageChanged,
)
from domain.customers.follow_ups.model import FollowUp
from domain.customers.ownership.logs import AssignmentRow, OperationRow, PoolRow
from domain.shared.events import DomainEvent
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest
from integrations.mongo.failures import duplicates_in, store_failures
from integrations.mongo.pages import page_of
from integrations.mongo.repository import Document, object_id, reference

ASSIGNMENTS: Final = "customer_assignment_logs"
POOL_MOVES: Final = "public_pool_logs"
FOLLOW_UPS: Final = "customer_follow_ups"
STAGES: Final = "customer_stage_logs"
OPERATIONS: Final = "customer_operation_logs"
_INDEXES: Final[Mapping[str, Sequence[list[tuple[str, int]]]]] = {
    ASSIGNMENTS: ([("customerId", 1), ("assignedAt", -1)],),
    POOL_MOVES: ([("customerId", 1), ("operatedAt", -1)], [("action", 1), ("operatedAt", -1)]),
    FOLLOW_UPS: ([("customerId", 1), ("createdAt", -1)], [("createdAt", -1)]),
    STAGES: ([("customerId", 1), ("changedAt", -1)], [("toStage", 1), ("changedAt", -1)]),
    OPERATIONS: ([("entityId", 1), ("operatedAt", -1)], [("operationType", 1), ("operatedAt", -1)]),
}
_OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "customer.create": ("create", "创建客户"),
    "customer.update": ("update", "编辑客户"),
    "customer.delete": ("delete", "删除客户"),
    "customer.assign": ("assign", "分配客户"),
    "customer.batch-assign": ("batch_assign", "批量分配客户"),
    "customer.release": ("release_to_pool", "释放到公海"),
    "customer.batch-release": ("release_to_pool", "批量释放到公海"),
    "customer.claim": ("claim_from_pool", "从公海领取"),
    "customer.assign-from-pool": ("assign", "从公海分配"),
    "customer.follow-up": ("create_follow_up", "新增跟进"),
    "customer.freeze": ("freeze", "冻结客户"),
    "customer.unfreeze": ("unfreeze", "解冻客户"),
    "customer.link-account": ("update", "关联小程序用户"),
    "customer.of-contract": ("create", "合同建档"),
    "customer.website_lead": ("create", "官网留资"),
    "customer.view_resume": ("create", "小程序线索：查看简历"),
    "customer.contact_advisor": ("create", "小程序线索：联系顾问"),
    "customer.book_service": ("create", "小程序线索：预约服务"),
    "customer.follow-contracts": ("change_status", "合同带来的状态与资料变更"),
    "customer.auto-transfer": ("assign", "线索自动流转"),
    "customer.recycle": ("release_to_pool", "超期回收"),
    "customer.keep": ("other", "保留客户"),
}
"""Audit action → type and name of an operation."""

Row = TypeVar("Row", bound=Model)


class MongoCustomerLogs:
    """`CustomerLogs`, and the durable follower that writes the rows, each once: the row's id is the event's."""

    def __init__(self, database: "AsyncIOMotorDatabase[Document]") -> None:
        self._database = database

    async def create_indexes(self) -> None:
        with store_failures():
            for name, indexes in _INDEXES.items():
                for keys in indexes:
                    await self._database[name].create_index(keys)

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        assigned = [_assignment(event) for event in events if isinstance(event, CustomerAssigned)]
        moved = [_pool_move(event) for event in events if isinstance(event, CustomerPoolMoved)]
        noted = [_follow_up(event) for event in events if isinstance(event, CustomerFollowedUp)]
        done = [_operation(event) for event in events if isinstance(event, AuditRecorded) and _is_ours(event)]
        await self._insert(ASSIGNMENTS, assigned)
        await self._insert(POOL_MOVES, moved)
        await self._insert(FOLLOW_UPS, noted)
        await self._insert(STAGES, [_stage(event) for event in events if isinstance(event, CustomerStageChanged)])
        await self._insert(OPERATIONS, done)
        await self._forget(
            [event.card.id for event in events if isinstance(event, CustomerChanged) and event.change == "deleted"]
        )

    async def assignments(self, customer_id: str, paging: PageRequest) -> Page[AssignmentRow]:
        return await self._page(
            ASSIGNMENTS, {"customerId": reference(customer_id)}, "assignedAt", AssignmentRow, paging
        )

    async def pool_moves(self, customer_id: str, paging: PageRequest) -> Page[PoolRow]:
        return await self._page(POOL_MOVES, {"customerId": reference(customer_id)}, "operatedAt", PoolRow, paging)

    async def operations(self, customer_id: str, paging: PageRequest) -> Page[OperationRow]:
        return await self._page(OPERATIONS, {"entityId": reference(customer_id)}, "operatedAt", OperationRow, paging)

    async def follow_ups(self, customer_id: str, paging: PageRequest) -> Page[FollowUp]:
        return await self._page(FOLLOW_UPS, {"customerId": reference(customer_id)}, "createdAt", FollowUp, paging)

    async def pool_moves_of_day(self, since: datetime, until: datetime) -> Mapping[str, int]:
        rows, day = self._database[POOL_MOVES], {"$gte": since, "$lt": until}
        with store_failures():
            return {
                action: await rows.count_documents({"action": action, "operatedAt": day})
                for action in ("enter", "claim", "assign", "release")
            }

    async def _forget(self, customer_ids: Sequence[str]) -> None:
        """Removes the texts that people wrote about deleted customers; the rows count in reports nevertheless."""
        if not customer_ids:
            return
        wanted = {"customerId": {"$in": [reference(each) for each in customer_ids]}}
        with store_failures():
            await self._database[FOLLOW_UPS].update_many(wanted, {"$set": {"content": ""}})

    async def _insert(self, name: str, rows: Sequence[Document]) -> None:
        if not rows:
            return
        with store_failures():
            await duplicates_in(self._database[name].insert_many(rows, ordered=False))  # they were delivered before

    async def _page(self, name: str, wanted: Document, order: str, row: type[Row], paging: PageRequest) -> Page[Row]:
        newest_first = [(order, -1), ("_id", -1)]
        return await page_of(self._database[name], wanted, newest_first, paging, partial(_row, row))


def _is_ours(event: AuditRecorded) -> bool:
    return event.target_kind == AUDIT_TARGET


def _document(event: DomainEvent, fields: Mapping[str, Any], references: Iterable[str]) -> Document:
    present = {name: value for name, value in fields.items() if value not in (None, "")}
    stored = {name: reference(value) if name in references else value for name, value in present.items()}
    return {"_id": object_id(event.id), **stored}


def _assignment(event: CustomerAssigned) -> Document:
    fields = {
        "customerId": event.card.id,
        "oldAssignedTo": event.former_owner_id,
        "newAssignedTo": event.card.owner_id,
        "assignedBy": event.actor.id,
        "assignedAt": event.at,
        "reason": event.reason,
        "action": "assign" if event.card.owner_id else "release",
        "leftPool": event.left_pool or None,
    }
    return _document(event, fields, ("customerId", "oldAssignedTo", "newAssignedTo", "assignedBy"))


def _pool_move(event: CustomerPoolMoved) -> Document:
    fields = {
        "customerId": event.card.id,
        "action": event.action,
        "operatorId": event.actor.id,
        "fromUserId": event.former_owner_id,
        "toUserId": event.card.owner_id,
        "reason": event.reason,
        "operatedAt": event.at,
    }
    return _document(event, fields, ("customerId", "operatorId", "fromUserId", "toUserId"))


def _stage(event: CustomerStageChanged) -> Document:
    """Of ours: the former system keeps no log of stages."""
    fields = {
        "customerId": event.card.id,
        "fromStage": event.from_stage,
        "toStage": event.to_stage,
        "ownerId": event.card.owner_id,
        "operatorId": event.actor.id,
        "changedAt": event.at,
    }
    return _document(event, fields, ("customerId", "ownerId", "operatorId"))


def _follow_up(event: CustomerFollowedUp) -> Document:
    return _document(event, event.follow_up.model_dump(by_alias=True, exclude={"id"}), ("customerId", "createdBy"))


def _operation(event: AuditRecorded) -> Document:
    kind, name = _OPERATIONS.get(event.action, ("other", event.action))
    fields = {
        "entityType": "customer",
        "entityId": event.target_id,
        "operationType": kind,
        "operationName": name,
        "details": {"before": event.before, "after": event.after, "description": event.reason},
        "operatorId": event.actor.id,
        "operatorName": event.actor.name,
        "operatedAt": event.at,
        "requestId": event.actor.request_id,
        "ipAddress": event.actor.address,
        "userAgent": event.actor.user_agent,
    }
    return _document(event, fields, ("entityId", "operatorId"))


def _row(row: type[Row], document: Document) -> Row:
    """Also of a document of the former system, which may have fields that ours lacks."""
    known = {field.alias for field in row.model_fields.values()}
    texts = {name: str(value) if name.endswith(_IDS) else value for name, value in document.items() if name in known}
    if row is FollowUp:
        texts.setdefault("source", "system" if str(texts.get("content", "")).startswith(SYSTEM_NOTE) else "human")
    return row.model_validate({**texts, "id": str(document["_id"])})


_IDS: Final = ("Id", "AssignedTo", "assignedBy", "createdBy")
SYSTEM_NOTE: Final = "系统"
"""How the former system began the notes that it wrote by itself."""
