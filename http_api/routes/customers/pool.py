"""Routes of the public pool (公海)."""

from domain.customers.errors import (
    AlreadyClaimed,
    CustomerFrozen,
    CustomerNotFound,
    DailyClaimCapReached,
    HoldingCapReached,
    ReclaimTooSoon,
    SearchTooBroad,
    UnknownAssignee,
)
from domain.customers.pool.service import Capacity
from domain.shared.model import JsonBool, Model
from domain.shared.paging import PageTooDeep
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.customers.answers import CustomerPage, page_answer
from http_api.routes.customers.common import (
    EDIT,
    POOL,
    PREFIX,
    READ,
    TAG,
    BatchResult,
    CustomerIds,
    OptionalReason,
    customers_of,
)
from http_api.routes.customers.list_query import PoolQuery

endpoints = Endpoints(PREFIX, tag=TAG)

CLAIM_ERRORS = (
    *(CustomerNotFound, AlreadyClaimed, CustomerFrozen, ReclaimTooSoon),
    *(HoldingCapReached, DailyClaimCapReached),
)


class ClaimBody(Model):
    customer_ids: CustomerIds


class PoolAssignBody(Model):
    customer_ids: CustomerIds
    assigned_to: EntityId
    reason: OptionalReason = ""
    forced: JsonBool = False
    """Also beyond the cap of the new owner."""


class PoolFiguresAnswer(Model):
    total: int
    today_entered: int
    today_claimed: int
    """Claims, and assignments from the pool."""
    by_lead_source: dict[str, int]
    by_lead_level: dict[str, int]


@endpoints.get("/public-pool", raises=(*STAFF_ERRORS, PageTooDeep, SearchTooBroad), **READ)
async def list_pool(context: RequestContext, query: PoolQuery) -> CustomerPage:
    """公海客户 · list the customers of the pool; numbers are masked"""
    return await page_answer(context, await customers_of(context).queries.page(query.to_query(), query.paging))


@endpoints.get("/public-pool/statistics", access=POOL, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def pool_statistics(context: RequestContext) -> PoolFiguresAnswer:
    """公海统计 · figures of the pool"""
    figures = await customers_of(context).pool.figures()
    return PoolFiguresAnswer(
        total=figures.counts.total,
        today_entered=figures.entered_today,
        today_claimed=figures.claimed_today,
        by_lead_source=figures.counts.by_source,
        by_lead_level=figures.counts.by_level,
    )


@endpoints.get("/my-customer-count", raises=STAFF_ERRORS, **READ)
async def my_customer_count(context: RequestContext) -> Capacity:
    """本人持有客户数与剩余名额 · how many customers you hold, and how many you can claim"""
    return await customers_of(context).pool.capacity(context.staff.id)


@endpoints.post(
    "/public-pool/claim",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="customer.claim",
    message=Text("领取成功", "Claimed"),
    raises=(*STAFF_ERRORS, *CLAIM_ERRORS),
    example={"customerIds": ["65f0c1d2e3a4b5c6d7e8f902"]},
)
async def claim(context: RequestContext, body: ClaimBody) -> BatchResult:
    """领取公海客户；多条时逐条返回结果 · claim customers; of several, a result for each"""
    pool = customers_of(context).pool
    if len(body.customer_ids) == 1:
        await pool.claim(body.customer_ids[0], context.actor)
        return BatchResult(success=1, failed=0, errors=[])
    return BatchResult.of(await pool.claim_all(body.customer_ids, context.actor), context.language)


@endpoints.post(
    "/public-pool/assign",
    access=POOL,
    rate_limit=RateLimit.WRITE,
    audit="customer.assign-from-pool",
    message=Text("分配成功", "Assigned"),
    raises=(*STAFF_ERRORS, UnknownAssignee),
    example={"customerIds": ["65f0c1d2e3a4b5c6d7e8f902"], "assignedTo": "65f0c1d2e3a4b5c6d7e8f901"},
)
async def assign_from_pool(context: RequestContext, body: PoolAssignBody) -> BatchResult:
    """从公海分配，逐条返回结果 · assign customers of the pool, with a result for each"""
    rows = await customers_of(context).pool.assign_all(
        body.customer_ids, body.assigned_to, body.reason, body.forced, context.actor
    )
    return BatchResult.of(rows, context.language)
