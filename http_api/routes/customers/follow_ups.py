"""Routes of follow-ups: recording and listing them, and the customers with a due follow-up."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from domain.customers.errors import FollowUpInPool, NextFollowUpRefused
from domain.customers.follow_ups.model import FollowUp, FollowUpSource, FollowUpType
from domain.customers.follow_ups.service import DueWithin
from domain.customers.model import FollowUpStatus
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.plain_text import several_lines
from domain.shared.text import Text
from http_api.core.dates import InputInstant
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.customers.answers import CustomerPage, page_answer
from http_api.routes.customers.common import CUSTOMER_ERRORS, EDIT, PREFIX, READ, TAG, customers_of

endpoints = Endpoints(PREFIX, tag=TAG)
mini_program = Endpoints(f"{PREFIX}/miniprogram", tag=TAG)
"""The same routes under the paths of the staff mini-program."""


class FollowUpBody(Model):
    """`nextFollowUpAt`: when to follow up next; without it none is planned any more."""

    type: FollowUpType
    content: Annotated[str, several_lines(1000, required=True)]
    next_follow_up_at: InputInstant | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_present_name(cls, sent: Any) -> Any:
        """Legacy clients call it `nextFollowUpDate`."""
        if not isinstance(sent, dict) or "nextFollowUpDate" not in sent:
            return sent
        others = {name: value for name, value in sent.items() if name != "nextFollowUpDate"}
        return {"nextFollowUpAt": sent["nextFollowUpDate"] or None, **others}


class FollowUpAnswer(Model):
    id: str
    customer_id: str
    type: FollowUpType
    content: str
    source: FollowUpSource
    """`system`: written by the former system, not by a person."""
    next_follow_up_at: Instant | None
    created_by: str
    created_by_name: str | None
    created_at: Instant

    @classmethod
    def of(cls, follow_up: FollowUp, names: Mapping[str, str]) -> "FollowUpAnswer":
        return cls(**follow_up.model_dump(), created_by_name=names.get(follow_up.created_by))


class FollowUpPage(Page[FollowUpAnswer]):
    """Newest first."""


class FollowUpStatusAnswer(Model):
    """`followUpStatus` is null once the customer has signed."""

    follow_up_status: FollowUpStatus | None
    last_follow_up_by: str | None
    last_follow_up_time: Instant | None
    next_follow_up_at: Instant | None


class DueQuery(PageRequest):
    """`range`: overdue until now, later today, the seven days after today, or all of these."""

    range: DueWithin = DueWithin.EVERY
    assigned_to: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""


class TodoAnswer(Model):
    """Of your own customers; each number stops at 1,000."""

    overdue: int = Field(description="下次跟进已过期")
    today: int = Field(description="今日稍后应跟进")
    week: int = Field(description="今日之后七天内应跟进")
    not_contacted: int = Field(description="分配后尚未跟进")
    awaiting_response: int = Field(description="等待首次响应，未超时")
    response_breached: int = Field(description="首次响应已超时")
    next_response_due_at: Instant | None = Field(description="最近一个首次响应期限")
    falling: int = Field(description="下次回收将进入公海")
    falls_at: Instant | None = Field(description="下次回收时间")


async def add_follow_up(context: RequestContext, customer_id: EntityId, body: FollowUpBody) -> FollowUpAnswer:
    """新增跟进 · note a follow-up"""
    added = await customers_of(context).follow_ups.add(
        customer_id, body.type, body.content, body.next_follow_up_at, context.staff, context.actor
    )
    return FollowUpAnswer.of(added, {context.actor.id: context.actor.name})


async def list_follow_ups(context: RequestContext, customer_id: EntityId, query: PageRequest) -> FollowUpPage:
    """跟进记录 · list the follow-ups"""
    page = await customers_of(context).follow_ups.page(customer_id, context.staff, query)
    names = await customers_of(context).queries.staff_names(each.created_by for each in page.list)
    return FollowUpPage.of([FollowUpAnswer.of(each, names) for each in page.list], page.total, page)


for _client in (mini_program, endpoints):
    _client.post(
        "/{customer_id}/follow-ups",
        access=EDIT,
        rate_limit=RateLimit.WRITE,
        audit="customer.follow-up",
        message=Text("跟进已记录", "Follow-up noted"),
        raises=(*CUSTOMER_ERRORS, FollowUpInPool, NextFollowUpRefused),
        status=201,
        example={"type": "phone", "content": "已电话沟通，周末面试", "nextFollowUpAt": "2026-12-05T02:00:00Z"},
    )(add_follow_up)
    _client.get("/{customer_id}/follow-ups", raises=(*CUSTOMER_ERRORS, PageTooDeep), **READ)(list_follow_ups)


@endpoints.get("/{customer_id}/follow-up-status", raises=CUSTOMER_ERRORS, **READ)
async def follow_up_status(context: RequestContext, customer_id: EntityId) -> FollowUpStatusAnswer:
    """跟进状态 · whether the present owner has followed up"""
    customer = await customers_of(context).queries.within_scope(customer_id, context.staff)
    return FollowUpStatusAnswer(
        follow_up_status=customer.follow_up_status,
        last_follow_up_by=customer.last_follow_up_by or None,
        last_follow_up_time=customer.last_follow_up_time,
        next_follow_up_at=customer.next_follow_up_at,
    )


@endpoints.get("/due", raises=(*STAFF_ERRORS, PageTooDeep), **READ)
async def due(context: RequestContext, query: DueQuery) -> CustomerPage:
    """待跟进客户，最早到期的在前 · customers whose next follow-up is due, the longest due first"""
    page = await customers_of(context).follow_ups.due(query.range, query.assigned_to, context.staff, query)
    return await page_answer(context, page)


@endpoints.get("/todo", raises=STAFF_ERRORS, **READ)
async def todo(context: RequestContext) -> TodoAnswer:
    """今日待办数字 · the figures of your to-dos"""
    customers = customers_of(context)
    found = await customers.follow_ups.todo(context.staff)
    responses = await customers.responses.figures(context.staff)
    fall = await customers.recycling.next_of(context.staff.id)
    return TodoAnswer(
        **found.model_dump(),
        awaiting_response=responses.waiting,
        response_breached=responses.breached,
        next_response_due_at=responses.next_due_at,
        falling=fall.customers,
        falls_at=fall.at,
    )
