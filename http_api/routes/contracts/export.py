"""The route that exports the list of contracts."""

from aiohttp import web

from domain.shared.spreadsheets import ExportTooLarge
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints
from http_api.core.file_response import XLSX, send_export
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.contracts.common import TAG, VIEW, contracts_of
from http_api.routes.contracts.list_query import ContractFilters

endpoints = Endpoints("/api/contracts", tag=TAG)


@endpoints.get(
    "/export",
    access=VIEW,
    rate_limit=RateLimit.EXPORT,
    audit="contract.export",
    message=Text("导出成功", "Exported"),
    raises=(*STAFF_ERRORS, ExportTooLarge),
    produces=XLSX,
)
async def export(context: RequestContext, query: ContractFilters) -> web.StreamResponse:
    """导出合同列表 (xlsx)，contract:export 权限可见完整号码 · export the list; clear numbers need contract:export"""
    exported = await contracts_of(context).export.workbook(
        query.to_filter(context), query.search, context.language, context.staff, context.actor
    )
    return await send_export(context.request, exported, "contracts.xlsx")
