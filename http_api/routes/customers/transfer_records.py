"""Routes of the records of automatic transfer."""

from typing import Literal

from pydantic import Field

from domain.customers.queries import customer_scope
from domain.customers.transfer.ports import LeadSnapshot, RecordFilter
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.scope import Scope
from domain.shared.text import Text
from http_api.core.dates import InputDay
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.customers.common import READ, customers_of
from http_api.routes.customers.list_query import OptionalId, end_of, start_of

endpoints = Endpoints("/api/lead-transfer", tag=Text("线索流转", "Lead transfer"))


class RecordQuery(Model):
    """`userId`: who gave or got the lead. Days are those of the agency, both included."""

    rule_id: OptionalId = ""
    user_id: OptionalId = ""
    customer_id: OptionalId = ""
    status: Literal["", "success", "failed"] = ""
    start_date: InputDay | None = None
    end_date: InputDay | None = None

    def to_filter(self, scope: Scope) -> RecordFilter:
        return RecordFilter(
            scope=scope,
            rule_id=self.rule_id,
            user_id=self.user_id,
            customer_id=self.customer_id,
            status=self.status,
            since=start_of(self.start_date),
            until=end_of(self.end_date),
        )


class RecordListQuery(RecordQuery):
    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(20, ge=1, le=100)


class RecordAnswer(Model):
    id: str
    rule_id: str
    customer_id: str
    from_user_id: str
    from_user_name: str | None
    to_user_id: str
    to_user_name: str | None
    snapshot: LeadSnapshot
    status: Literal["success", "failed"]
    error_message: str
    transferred_at: Instant


class RecordPage(Page[RecordAnswer]):
    """Newest first."""


class UserFigures(Model):
    user_id: str
    user_name: str | None
    transferred_out: int
    transferred_in: int
    balance: int


class TransferStatistics(Model):
    """`successRate`: null without transfers."""

    total: int
    success: int
    failed: int
    success_rate: float | None
    by_user: list[UserFigures]


@endpoints.get("/records", raises=(*STAFF_ERRORS, PageTooDeep), **READ)
async def list_records(context: RequestContext, query: RecordListQuery) -> RecordPage:
    """流转记录（按数据范围）· list the records within your data scope"""
    customers = customers_of(context)
    paging = PageRequest(page=query.page, page_size=query.page_size)
    page = await customers.transfer_records.page(query.to_filter(customer_scope(context.staff)), paging)
    people = {person for each in page.list for person in (each.from_user_id, each.to_user_id)}
    names = await customers.queries.staff_names(people)
    rows = [
        RecordAnswer(
            **each.model_dump(),
            from_user_name=names.get(each.from_user_id),
            to_user_name=names.get(each.to_user_id),
        )
        for each in page.list
    ]
    return RecordPage.of(rows, page.total, page)


@endpoints.get("/statistics", raises=STAFF_ERRORS, **READ)
async def statistics(context: RequestContext, query: RecordQuery) -> TransferStatistics:
    """流转统计（按数据范围）· figures of the records within your data scope"""
    customers = customers_of(context)
    figures = await customers.transfer_records.figures(query.to_filter(customer_scope(context.staff)))
    names = await customers.queries.staff_names(figures.by_user)
    return TransferStatistics(
        total=figures.total,
        success=figures.success,
        failed=figures.failed,
        success_rate=figures.success / figures.total if figures.total else None,
        by_user=[
            UserFigures(user_id=user_id, user_name=names.get(user_id), balance=used.balance, **used.model_dump())
            for user_id, used in figures.by_user.items()
        ],
    )
