"""Routes that read the operation log (操作日志)."""

from typing import Annotated, Any

from aiohttp import web

from domain.audit.access_counts import PersonAccesses
from domain.audit.model import AccessKind, AuditRecorded
from domain.audit.query import AuditFilter
from domain.audit.refusals import RefusedAccesses
from domain.audit.service import AuditRowNotFound
from domain.presence.model import device_of
from domain.shared.actor import ActorKind
from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.plain_text import cleaned_line, one_line
from domain.shared.spreadsheets import ExportTooLarge
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.dates import InputDay, InputInstant
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.file_response import XLSX, send_export
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

TAG = Text("操作日志", "Operation log")
VIEW = Staff("audit:view")
EXPORT = Staff("audit:export")
endpoints = Endpoints("/api/audit-logs", tag=TAG)


class LogFilters(Model):
    """`actor`: the id or the whole name of a person. `targetKind` with `targetId`: the history of one record."""

    actor: Annotated[str, cleaned_line(64)] = ""
    action: Annotated[str, one_line(64)] = ""
    target_kind: Annotated[str, one_line(32)] = ""
    target_id: Annotated[str, one_line(64)] = ""
    since: InputInstant | None = None
    until: InputInstant | None = None

    def to_filter(self) -> AuditFilter:
        return AuditFilter(**{name: getattr(self, name) for name in AuditFilter.model_fields})


class LogQuery(LogFilters, PageRequest):
    pass


class LogActor(Model):
    kind: ActorKind
    id: str
    name: str


class LogEntry(Model):
    """`before` and `after` have only the values that changed; personal values and secrets are masked."""

    id: str
    at: Instant
    actor: LogActor
    action: str
    target_kind: str
    target_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    address: str
    device: str
    user_agent: str
    request_id: str

    @classmethod
    def of(cls, row: AuditRecorded) -> "LogEntry":
        by = row.actor
        return cls(
            **row.model_dump(exclude={"actor", "access"}),
            actor=LogActor(kind=by.kind, id=by.id, name=by.name),
            address=by.address,
            device=device_of(by.user_agent) if by.user_agent else "",
            user_agent=by.user_agent,
            request_id=by.request_id,
        )


class AccessQuery(Model):
    day: InputDay | None = None
    """Today when it is not given."""


class AccessAnswer(PersonAccesses):
    marks: list[AccessKind]
    """The kinds with at least three times the person's usual number."""

    @classmethod
    def of(cls, person: PersonAccesses) -> "AccessAnswer":
        return cls(**person.model_dump(), marks=list(person.unusual))


class AccessList(Model):
    day: InputDay
    refused: list[RefusedAccesses]
    """Refused accesses: a missing permission, or a record outside of the data scope."""
    list: list[AccessAnswer]


class LogPage(Page[LogEntry]):
    """`total` is exact up to 10,000, the last row that can be paged to."""


@endpoints.get("", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep))
async def list_entries(context: RequestContext, query: LogQuery) -> LogPage:
    """操作日志 · list the operation log, newest first"""
    page = await context.services.audit.log.page(query.to_filter(), query)
    return LogPage.of([LogEntry.of(row) for row in page.list], page.total, page)


@endpoints.get(
    "/export",
    access=EXPORT,
    rate_limit=RateLimit.EXPORT,
    audit="audit.export",
    message=Text("导出成功", "Exported"),
    raises=(*STAFF_ERRORS, ExportTooLarge),
    produces=XLSX,
)
async def export(context: RequestContext, query: LogFilters) -> web.StreamResponse:
    """导出操作日志 (xlsx) · export the operation log as a spreadsheet"""
    exported = await context.services.audit.export.workbook(query.to_filter(), context.language, context.actor)
    return await send_export(context.request, exported, "audit-logs.xlsx")


@endpoints.get("/accesses", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def accesses(context: RequestContext, query: AccessQuery) -> AccessList:
    """每人每日查看完整信息与导出的次数 · reveals and exports of each person on a day, the unusual ones marked"""
    counts = context.services.audit.accesses
    day = query.day or counts.today()
    refused = await context.services.audit.refusals.of_day(day)
    return AccessList(day=day, refused=[*refused], list=[AccessAnswer.of(each) for each in await counts.of_day(day)])


@endpoints.get(
    "/{entry_id}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, AuditRowNotFound)
)
async def get_entry(context: RequestContext, entry_id: EntityId) -> LogEntry:
    """操作记录详情 · get one entry"""
    return LogEntry.of(await context.services.audit.log.find(entry_id))
