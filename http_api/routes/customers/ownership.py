"""Routes of ownership: assignment, freezing, release to the pool, and the logs."""

from domain.customers.errors import (
    AdministratorRequired,
    AlreadyInPool,
    CustomerFrozen,
    NotTheOwner,
    SignedCustomer,
    UnknownAssignee,
)
from domain.customers.ownership.logs import AssignmentRow, OperationRow, PoolRow
from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.customers.answers import CustomerAnswer, changed_answer
from http_api.routes.customers.common import (
    ASSIGN,
    CUSTOMER_ERRORS,
    EDIT,
    PREFIX,
    READ,
    TAG,
    BatchResult,
    CustomerIds,
    OptionalReason,
    Reason,
    customers_of,
)

endpoints = Endpoints(PREFIX, tag=TAG)

ADMINISTRATION = Staff("customer:all")
"""Freezing also needs the role of administrators."""
ASSIGNED = Text("分配成功", "Assigned")
RELEASED = Text("已释放到公海", "Released to the pool")


class AssignBody(Model):
    assigned_to: EntityId
    assignment_reason: OptionalReason = ""


class BatchAssignBody(AssignBody):
    customer_ids: CustomerIds


class ReleaseBody(Model):
    reason: Reason


class BatchReleaseBody(ReleaseBody):
    customer_ids: CustomerIds


class FreezeBody(Model):
    reason: OptionalReason = ""


class AssignmentPage(Page[AssignmentRow]):
    """Newest first."""


class PoolMovePage(Page[PoolRow]):
    """Newest first."""


class OperationPage(Page[OperationRow]):
    """Newest first."""


@endpoints.patch(
    "/{customer_id}/assign",
    access=ASSIGN,
    rate_limit=RateLimit.WRITE,
    audit="customer.assign",
    message=ASSIGNED,
    raises=(*CUSTOMER_ERRORS, UnknownAssignee, CustomerFrozen),
    example={"assignedTo": "65f0c1d2e3a4b5c6d7e8f901", "assignmentReason": "就近服务"},
)
async def assign(context: RequestContext, customer_id: EntityId, body: AssignBody) -> CustomerAnswer:
    """分配客户 · assign a customer to a staff member"""
    changed = await customers_of(context).ownership.assign(
        customer_id, body.assigned_to, body.assignment_reason, context.staff, context.actor
    )
    return await changed_answer(context, changed)


@endpoints.post(
    "/batch-assign",
    access=ASSIGN,
    rate_limit=RateLimit.WRITE,
    audit="customer.batch-assign",
    message=ASSIGNED,
    raises=(*STAFF_ERRORS, UnknownAssignee),
    example={"customerIds": ["65f0c1d2e3a4b5c6d7e8f902"], "assignedTo": "65f0c1d2e3a4b5c6d7e8f901"},
)
async def batch_assign(context: RequestContext, body: BatchAssignBody) -> BatchResult:
    """批量分配，逐条返回结果 · assign several customers, with a result for each"""
    rows = await customers_of(context).ownership.assign_all(
        body.customer_ids, body.assigned_to, body.assignment_reason, context.staff, context.actor
    )
    return BatchResult.of(rows, context.language)


@endpoints.post(
    "/{customer_id}/release-to-pool",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="customer.release",
    message=RELEASED,
    raises=(*CUSTOMER_ERRORS, NotTheOwner, AlreadyInPool, CustomerFrozen, SignedCustomer),
    example={"reason": "暂无需求"},
)
async def release(context: RequestContext, customer_id: EntityId, body: ReleaseBody) -> CustomerAnswer:
    """释放到公海 · release a customer to the pool"""
    released = await customers_of(context).ownership.release(customer_id, body.reason, context.staff, context.actor)
    return await changed_answer(context, released)


@endpoints.post(
    "/batch-release-to-pool",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="customer.batch-release",
    message=RELEASED,
    raises=STAFF_ERRORS,
    example={"customerIds": ["65f0c1d2e3a4b5c6d7e8f902"], "reason": "暂无需求"},
)
async def batch_release(context: RequestContext, body: BatchReleaseBody) -> BatchResult:
    """批量释放到公海，逐条返回结果 · release several customers, with a result for each"""
    rows = await customers_of(context).ownership.release_all(
        body.customer_ids, body.reason, context.staff, context.actor
    )
    return BatchResult.of(rows, context.language)


@endpoints.patch(
    "/{customer_id}/freeze",
    access=ADMINISTRATION,
    rate_limit=RateLimit.WRITE,
    audit="customer.freeze",
    message=Text("已冻结", "Frozen"),
    raises=(*CUSTOMER_ERRORS, AdministratorRequired),
    example={"reason": "合同纠纷处理中"},
)
async def freeze(context: RequestContext, customer_id: EntityId, body: FreezeBody) -> CustomerAnswer:
    """冻结客户：不可流转、释放或领取（仅管理员）· freeze: no transfer, release or claim; administrators only"""
    frozen = await customers_of(context).ownership.freeze(customer_id, body.reason, context.staff, context.actor)
    return await changed_answer(context, frozen)


@endpoints.patch(
    "/{customer_id}/unfreeze",
    access=ADMINISTRATION,
    rate_limit=RateLimit.WRITE,
    audit="customer.unfreeze",
    message=Text("已解冻", "Unfrozen"),
    raises=(*CUSTOMER_ERRORS, AdministratorRequired),
)
async def unfreeze(context: RequestContext, customer_id: EntityId) -> CustomerAnswer:
    """解冻客户（仅管理员）· unfreeze a customer; administrators only"""
    unfrozen = await customers_of(context).ownership.unfreeze(customer_id, context.staff, context.actor)
    return await changed_answer(context, unfrozen)


@endpoints.get("/{customer_id}/assignment-logs", raises=(*CUSTOMER_ERRORS, PageTooDeep), **READ)
async def assignment_logs(context: RequestContext, customer_id: EntityId, query: PageRequest) -> AssignmentPage:
    """分配记录 · the assignment log"""
    page = await customers_of(context).queries.assignments(customer_id, context.staff, query)
    return AssignmentPage.of(page.list, page.total, page)


@endpoints.get("/{customer_id}/public-pool-logs", raises=(*CUSTOMER_ERRORS, PageTooDeep), **READ)
async def pool_logs(context: RequestContext, customer_id: EntityId, query: PageRequest) -> PoolMovePage:
    """公海记录 · the pool log"""
    page = await customers_of(context).queries.pool_moves(customer_id, context.staff, query)
    return PoolMovePage.of(page.list, page.total, page)


@endpoints.get("/{customer_id}/operation-logs", raises=(*STAFF_ERRORS, PageTooDeep, AdministratorRequired), **READ)
async def operation_logs(context: RequestContext, customer_id: EntityId, query: PageRequest) -> OperationPage:
    """操作日志（仅管理员）· the operation log; administrators only"""
    page = await customers_of(context).queries.operations(customer_id, context.staff, query)
    return OperationPage.of(page.list, page.total, page)
