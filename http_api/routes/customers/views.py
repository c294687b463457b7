"""Routes of saved views of the customer list, and of its export."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import RootModel

from domain.customers.errors import SearchTooBroad, TooManyViews, ViewNotFound
from domain.customers.queries import customer_scope
from domain.customers.views.model import SavedView
from domain.shared.model import Instant, JsonBool, Model
from domain.shared.plain_text import one_line
from domain.shared.spreadsheets import ExportTooLarge
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.file_response import XLSX, send_export
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.customers.common import PREFIX, READ, TAG, VIEW, customers_of
from http_api.routes.customers.list_query import CustomerFilters

endpoints = Endpoints(PREFIX, tag=TAG)

MOST_COUNTED: Final = 1_000
VIEW_ERRORS: Final = (*STAFF_ERRORS, ViewNotFound)
ViewName = Annotated[str, one_line(30, required=True)]


class ViewFilters(CustomerFilters):
    """Filters and order of the list."""

    sort_by: Literal["createdAt", "updatedAt", "assignedAt", "lastActivityAt"] = "createdAt"
    sort_order: Literal["asc", "desc"] = "desc"

    def to_stored(self) -> Mapping[str, str]:
        values: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {name: value for name, value in values.items() if value}


class NewViewBody(Model):
    name: ViewName
    filters: ViewFilters
    shared: JsonBool = False


class ViewEditBody(Model):
    name: ViewName | None = None
    filters: ViewFilters | None = None
    shared: JsonBool | None = None

    def to_values(self) -> Mapping[str, Any]:
        filters = None if self.filters is None else self.filters.to_stored()
        values = {"name": self.name, "filters": filters, "shared": self.shared}
        return {name: value for name, value in values.items() if value is not None}


class ViewAnswer(Model):
    """`count`: of customers within your data scope; it stops at 1,000, and `hasMore` says that there are more."""

    id: str
    name: str
    filters: dict[str, str]
    shared: bool
    owner_id: str
    owner_name: str | None
    count: int
    has_more: bool
    created_at: Instant
    updated_at: Instant


class ViewList(RootModel[list[ViewAnswer]]):
    """In the order of their creation."""


@endpoints.get(
    "/export",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    audit="customer.export",
    message=Text("导出成功", "Exported"),
    raises=(*STAFF_ERRORS, ExportTooLarge, SearchTooBroad),
    produces=XLSX,
)
async def export(context: RequestContext, query: CustomerFilters) -> web.StreamResponse:
    """导出客户列表 (xlsx)，customer:export 权限可见完整号码 · export the list; clear numbers need customer:export"""
    wanted = query.to_filter(customer_scope(context.staff))
    exported = await customers_of(context).export.workbook(wanted, context.language, context.staff, context.actor)
    return await send_export(context.request, exported, "customers.xlsx")


@endpoints.get("/views", raises=STAFF_ERRORS, **READ)
async def list_views(context: RequestContext) -> ViewList:
    """本人保存的视图及实时数量 · your saved views, with live counts"""
    views = await customers_of(context).views.own(context.staff.id)
    return ViewList(list(await asyncio.gather(*(_answer(context, view) for view in views))))


@endpoints.post(
    "/views",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="customer-view.create",
    message=Text("视图已保存", "View saved"),
    raises=(*STAFF_ERRORS, TooManyViews),
    status=201,
    example={"name": "A类待跟进", "filters": {"leadLevel": "A类", "followUpStatus": "新客未跟进"}, "shared": False},
)
async def create_view(context: RequestContext, body: NewViewBody) -> ViewAnswer:
    """保存视图 · save a view"""
    view = await customers_of(context).views.create(body.name, body.filters.to_stored(), body.shared, context.actor)
    return await _answer(context, view)


@endpoints.get("/views/{view_id}", raises=VIEW_ERRORS, **READ)
async def open_view(context: RequestContext, view_id: EntityId) -> ViewAnswer:
    """打开本人或他人分享的视图 · open an own view, or one that was shared by its link"""
    return await _answer(context, await customers_of(context).views.open(view_id, context.staff.id))


@endpoints.patch(
    "/views/{view_id}",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="customer-view.update",
    message=Text("视图已更新", "View updated"),
    raises=VIEW_ERRORS,
    example={"name": "A类", "shared": True},
)
async def edit_view(context: RequestContext, view_id: EntityId, body: ViewEditBody) -> ViewAnswer:
    """修改本人的视图 · edit an own view"""
    return await _answer(context, await customers_of(context).views.edit(view_id, body.to_values(), context.actor))


@endpoints.delete(
    "/views/{view_id}",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="customer-view.delete",
    message=Text("视图已删除", "View deleted"),
    raises=VIEW_ERRORS,
)
async def delete_view(context: RequestContext, view_id: EntityId) -> None:
    """删除本人的视图，分享链接随之失效 · delete an own view; its link ends"""
    await customers_of(context).views.delete(view_id, context.actor)


async def _answer(context: RequestContext, view: SavedView) -> ViewAnswer:
    """Counted within the data scope of the reader, not of the owner."""
    queries = customers_of(context).queries
    wanted = ViewFilters.model_validate(view.filters).to_filter(customer_scope(context.staff))
    count = await queries.count(wanted, MOST_COUNTED + 1)
    names = await queries.staff_names([view.owner_id])
    return ViewAnswer(
        id=view.id,
        name=view.name,
        filters=dict(view.filters),
        shared=view.shared,
        owner_id=view.owner_id,
        owner_name=names.get(view.owner_id),
        count=min(count, MOST_COUNTED),
        has_more=count > MOST_COUNTED,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
