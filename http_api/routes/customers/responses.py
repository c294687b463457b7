"""Routes of first responses (首次响应): the board of customers that wait for one."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from domain.customers.sla.board import AwaitedResponse, ResponseState
from domain.customers.stages import Stage
from domain.shared.masking import mask_phone
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.customers.common import PREFIX, READ, TAG, customers_of

endpoints = Endpoints(PREFIX, tag=TAG)


class ResponseQuery(PageRequest):
    """`state`: overdue ones, those in time, or both."""

    state: ResponseState = ResponseState.BREACHED
    assigned_to: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""


class AwaitedResponseAnswer(Model):
    """`minutesLeft`: of working time; negative when the response is overdue."""

    id: str
    customer_id: str
    name: str
    phone: str | None
    lead_source: str
    contract_status: Stage
    assigned_to: str
    assigned_to_name: str | None
    assigned_at: Instant
    due_at: Instant
    breached: bool
    minutes_left: int

    @classmethod
    def of(cls, row: AwaitedResponse, names: Mapping[str, str]) -> "AwaitedResponseAnswer":
        customer = row.customer
        return cls(
            id=customer.id,
            customer_id=customer.customer_id,
            name=customer.name,
            phone=mask_phone(customer.phone) if customer.phone else None,
            lead_source=customer.lead_source,
            contract_status=customer.contract_status,
            assigned_to=customer.assigned_to,
            assigned_to_name=names.get(customer.assigned_to),
            **row.model_dump(exclude={"customer"}),
        )


class AwaitedResponsePage(Page[AwaitedResponseAnswer]):
    """The longest waiting first."""


@endpoints.get("/sla", raises=(*STAFF_ERRORS, PageTooDeep), **READ)
async def awaited_responses(context: RequestContext, query: ResponseQuery) -> AwaitedResponsePage:
    """首次响应看板：超时与等待中的客户 · customers that wait for a first response, and overdue ones"""
    customers = customers_of(context)
    page = await customers.responses.page(query.state, query.assigned_to, context.staff, query)
    names = await customers.queries.staff_names(each.customer.assigned_to for each in page.list)
    return AwaitedResponsePage.of([AwaitedResponseAnswer.of(each, names) for each in page.list], page.total, page)
