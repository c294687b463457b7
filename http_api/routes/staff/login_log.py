"""The route of the staff login log (登录日志)."""

from typing import Self

from domain.shared.model import Instant, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.text import Text
from domain.staff.login_log import LoginLogQuery, LoginResult, StaffLoginRecorded
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

endpoints = Endpoints("/api/staff-login-logs", tag=Text("员工", "Staff"))


class StaffLoginAnswer(Model):
    id: str
    at: Instant
    staff_id: str | None
    username: str
    name: str | None
    method: str
    result: LoginResult
    reason: str | None
    ip: str
    user_agent: str
    new_device: bool
    new_place: bool

    @classmethod
    def of(cls, row: StaffLoginRecorded) -> Self:
        return cls(
            **row.model_dump(include={"id", "at", "username", "method", "result", "user_agent"}),
            staff_id=row.staff_id or None,
            name=row.name or None,
            reason=row.reason or None,
            ip=row.address,
            new_device=row.new_device,
            new_place=row.new_place,
        )


class StaffLoginPage(Page[StaffLoginAnswer]):
    """`total` is exact up to 10,000, the last row that can be paged to."""


class StaffLoginQuery(PageRequest):
    """`onlyNew`: only logins from a new place or device."""

    staff: EntityId | None = None
    result: LoginResult | None = None
    only_new: bool = False


@endpoints.get(
    "", access=Staff("user:edit"), rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep)
)
async def list_logins(context: RequestContext, query: StaffLoginQuery) -> StaffLoginPage:
    """员工登录日志 · logins of staff and refused attempts, newest first"""
    asked = LoginLogQuery(staff_id=query.staff or "", result=query.result, only_new=query.only_new)
    page = await context.services.staff.login_log.page(asked, query)
    return StaffLoginPage.of([StaffLoginAnswer.of(row) for row in page.list], page.total, page)
