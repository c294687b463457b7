"""Routes of staff on the accounts of mini-program users."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, model_validator

from domain.shared.model import Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.places.region import normalise_province
from domain.shared.plain_text import cleaned_line, one_line, several_lines
from domain.shared.spreadsheets import ExportTooLarge
from domain.shared.text import Text
from domain.users.administration.search import MAX_SEARCH_LENGTH
from domain.users.errors import (
    AdministratorRequired,
    MergeRefused,
    SearchTooBroad,
    UserNotFound,
    UserVersionConflict,
)
from domain.users.model import ShownStatus, StoredStatus
from domain.users.profile_fields import ProfileFields
from domain.users.user_query import TimeRange, UserFilter, UserQuery, UserSort
from http_api.core.access import Staff
from http_api.core.dates import InputInstant
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.file_response import XLSX, send_export
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS, ExpectedVersion
from http_api.routes.users.answers import PREFIX, TAG, LoginLogAnswer, StaffUserAnswer

endpoints = Endpoints(PREFIX, tag=TAG)

VIEW = Staff("miniprogram-user:view")
EDIT = Staff("miniprogram-user:edit")
DELETE = Staff("miniprogram-user:delete")
EXPORT = Staff("miniprogram-user:export")

UPDATED = Text("更新成功", "Updated")

Reason = Annotated[str, several_lines(200)]


class ListFilters(Model):
    """`search`: prefix of a phone number or account name (3 characters or more), part of a nickname, or a whole openid.

    `inactive`: no login for 30 days.
    """

    search: Annotated[str, cleaned_line(MAX_SEARCH_LENGTH)] = ""
    status: ShownStatus | None = None
    has_phone: bool | None = None
    province: Annotated[str, one_line(32)] | None = None
    created_from: InputInstant | None = None
    created_to: InputInstant | None = None
    last_login_from: InputInstant | None = None
    last_login_to: InputInstant | None = None
    needs_review: bool = False
    sort: UserSort = UserSort.CREATED_DESCENDING

    def to_query(self, context: RequestContext) -> UserQuery:
        wanted = UserFilter(
            status=self.status,
            has_phone=self.has_phone,
            province=(normalise_province(self.province) or self.province) if self.province else None,
            created=TimeRange(since=self.created_from, until=self.created_to),
            last_login=TimeRange(since=self.last_login_from, until=self.last_login_to),
            needs_review=self.needs_review,
        )
        return context.services.users.administration.query(wanted, self.search, self.sort)


class ListQuery(ListFilters, PageRequest):
    pass


class ExportQuery(ListFilters):
    clear: bool = False
    """Show phones and openids in clear; recorded in the audit log."""


class UserPage(Page[StaffUserAnswer]):
    """`total` of a filtered list is exact up to 10,000, the last row that can be paged to."""


class LoginLogPage(Page[LoginLogAnswer]):
    pass


class EditBody(ProfileFields):
    version: ExpectedVersion | None = None
    """The version that the client has loaded."""


class StatusBody(Model):
    status: StoredStatus
    reason: Reason = ""
    version: ExpectedVersion | None = None

    @model_validator(mode="after")
    def _blocking_has_a_reason(self) -> "StatusBody":
        if self.status == "blocked" and not self.reason:
            raise ValueError("封禁必须填写原因 / blocking needs a reason")
        return self


class ReasonBody(Model):
    reason: Reason = ""


class RevealBody(Model):
    fields: Annotated[list[Literal["phone", "openid", "unionid"]], Field(min_length=1, max_length=3)]
    reason: Reason = ""


class Revealed(Model):
    """Fields that were not requested, or are empty, are null."""

    phone: str | None = None
    openid: str | None = None
    unionid: str | None = None


class MergeBody(Model):
    into: EntityId
    reason: Annotated[str, several_lines(200, required=True)]


@endpoints.get(
    "", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep, SearchTooBroad)
)
async def list_users(context: RequestContext, query: ListQuery) -> UserPage:
    """用户列表 · list users"""
    user_query = query.to_query(context)
    page = await context.services.users.administration.page(
        user_query, PageRequest(page=query.page, page_size=query.page_size)
    )
    shown = [StaffUserAnswer.of(user, user_query.now, listed=True) for user in page.list]
    return UserPage.of(shown, page.total, page)


@endpoints.get(
    "/export",
    access=EXPORT,
    rate_limit=RateLimit.EXPORT,
    audit="miniprogram-user.export",
    message=Text("导出成功", "Exported"),
    raises=(*STAFF_ERRORS, SearchTooBroad, ExportTooLarge),
    produces=XLSX,
)
async def export(context: RequestContext, query: ExportQuery) -> web.StreamResponse:
    """导出用户列表 (xlsx) · export the filtered list as a spreadsheet"""
    exported = await context.services.users.export.workbook(query.to_query(context), query.clear, context.actor)
    return await send_export(context.request, exported, "miniprogram-users.xlsx")


@endpoints.get(
    "/{user_id}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, UserNotFound)
)
async def get_user(context: RequestContext, user_id: EntityId) -> StaffUserAnswer:
    """用户详情 · get a user"""
    administration = context.services.users.administration
    return StaffUserAnswer.of(await administration.find(user_id), administration.now())


@endpoints.patch(
    "/{user_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.update",
    message=UPDATED,
    raises=(*STAFF_ERRORS, UserNotFound, UserVersionConflict),
    example={"nickname": "小王", "province": "广东", "city": "深圳", "version": 3},
)
async def update_user(context: RequestContext, user_id: EntityId, body: EditBody) -> StaffUserAnswer:
    """修改用户资料 · change a user's profile; an empty value removes a field"""
    administration = context.services.users.administration
    user = await administration.update(user_id, body, body.version, context.actor)
    return StaffUserAnswer.of(user, administration.now())


@endpoints.patch(
    "/{user_id}/status",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.set-status",
    message=UPDATED,
    raises=(*STAFF_ERRORS, UserNotFound, UserVersionConflict),
    example={"status": "blocked", "reason": "恶意下单"},
)
async def set_status(context: RequestContext, user_id: EntityId, body: StatusBody) -> StaffUserAnswer:
    """封禁或解封；封禁后会话立即失效 · block (all sessions end at once) or unblock"""
    administration = context.services.users.administration
    user = await administration.set_status(user_id, body.status, body.reason, body.version, context.actor)
    return StaffUserAnswer.of(user, administration.now())


@endpoints.post(
    "/{user_id}/unbind-phone",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.unbind-phone",
    message=Text("解绑成功", "Phone unbound"),
    raises=(*STAFF_ERRORS, UserNotFound),
    example={"reason": "号码已被回收"},
)
async def unbind_phone(context: RequestContext, user_id: EntityId, body: ReasonBody) -> StaffUserAnswer:
    """解绑用户手机号 · unbind a user's phone"""
    administration = context.services.users.administration
    user = await administration.unbind_phone(user_id, body.reason, context.actor)
    return StaffUserAnswer.of(user, administration.now())


@endpoints.get(
    "/{user_id}/login-logs",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*STAFF_ERRORS, UserNotFound, PageTooDeep),
)
async def login_logs(context: RequestContext, user_id: EntityId, query: PageRequest) -> LoginLogPage:
    """登录记录 · list a user's logins, newest first"""
    page = await context.services.users.administration.login_logs(user_id, query)
    return LoginLogPage.of([LoginLogAnswer.of(record) for record in page.list], page.total, page)


@endpoints.post(
    "/{user_id}/reveal",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.reveal",
    message=FETCHED,
    raises=(*STAFF_ERRORS, UserNotFound),
    example={"fields": ["phone"], "reason": "联系客户"},
)
async def reveal(context: RequestContext, user_id: EntityId, body: RevealBody) -> Revealed:
    """查看完整手机号或 openid（记入审计）· show personal values in clear; recorded in the audit log"""
    user = await context.services.users.administration.reveal(user_id, body.fields, body.reason, context.actor)
    return Revealed.model_validate({name: getattr(user, name) or None for name in body.fields})


@endpoints.post(
    "/{user_id}/merge",
    access=DELETE,
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.merge",
    message=Text("合并成功", "Merged"),
    raises=(*STAFF_ERRORS, UserNotFound, AdministratorRequired, MergeRefused),
    example={"into": "65f0c1d2e3a4b5c6d7e8f901", "reason": "同一客户的两个微信号"},
)
async def merge(context: RequestContext, user_id: EntityId, body: MergeBody) -> StaffUserAnswer:
    """合并到另一账号（仅管理员）· merge into another account of the same person; administrators only"""
    administration = context.services.users.administration
    user = await administration.merge(user_id, body.into, body.reason, context.staff, context.actor)
    return StaffUserAnswer.of(user, administration.now())


@endpoints.delete(
    "/{user_id}",
    access=DELETE,
    rate_limit=RateLimit.WRITE,
    audit="miniprogram-user.delete",
    message=Text("删除成功", "Deleted"),
    raises=(*STAFF_ERRORS, UserNotFound),
    example={"reason": "用户申请注销"},
)
async def delete_user(context: RequestContext, user_id: EntityId, body: ReasonBody) -> None:
    """删除用户（软删除）· delete a user; a later login creates a new account"""
    await context.services.users.administration.delete(user_id, body.reason, context.actor)
