"""Routes of staff accounts (员工), with the paths and fields of the legacy system."""

from typing import Annotated, Self

from pydantic import Field

from domain.shared.authority import StaffAuthority, role_of
from domain.shared.credentials import NewPassword, UsernameTaken
from domain.shared.masking import mask_phone
from domain.shared.model import Instant, JsonBool, Model
from domain.shared.paging import Page, PageRequest, PageTooDeep
from domain.shared.phone import Phone
from domain.shared.plain_text import cleaned_line, one_line, several_lines
from domain.shared.text import Text
from domain.staff.administration import NewStaff, StaffChanges, StaffLabels
from domain.staff.errors import (
    LastAdministrator,
    OwnAccount,
    StaffNotFound,
    StaffPhoneTaken,
    StaffVersionConflict,
    UnknownDepartment,
    UnknownRole,
)
from domain.staff.model import Staff as StaffMember
from domain.staff.model import StaffName, StaffUsername
from domain.staff.ports import StaffQuery, StaffStatus
from domain.staff.role import GrantsMoreThanHeld
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS, ExpectedVersion

endpoints = Endpoints("/api/users", tag=Text("员工", "Staff"))

VIEW = Staff("user:view")
EDIT = Staff("user:edit")

RoleText = Annotated[str, one_line(32, required=True), Field(description="角色编码 · the code of a role")]
Email = Annotated[str, Field(max_length=120, pattern=r"^$|^[^@\s<>\"]{1,64}@[A-Za-z0-9.-]{1,55}$")]
MonthlyTask = Annotated[int, Field(ge=0, le=100_000)]
NoPhone = Annotated[str, Field(max_length=0, pattern="^$")]
NoDepartment = Annotated[str, Field(max_length=0, pattern="^$")]
Reason = Annotated[str, several_lines(200)]

CHANGED = (*STAFF_ERRORS, StaffNotFound, GrantsMoreThanHeld)
LEAVING = (*CHANGED, OwnAccount, LastAdministrator)


class StaffAnswer(Model):
    """`phone` is in clear for those who may edit accounts."""

    id: str
    username: str
    name: str
    email: str | None
    phone: str | None
    avatar: str | None
    role: str
    role_label: str
    department: str | None
    department_id: str | None
    monthly_task: int | None
    active: bool
    suspended: bool
    must_change_password: bool
    last_login_at: Instant | None
    left_at: Instant | None
    version: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, staff: StaffMember, labels: StaffLabels, reader: StaffAuthority) -> Self:
        clear = reader.may("user:edit") or reader.id == staff.id
        return cls(
            id=staff.id,
            username=staff.username,
            name=staff.name,
            email=staff.email or None,
            phone=(staff.phone if clear else mask_phone(staff.phone)) or None,
            avatar=staff.avatar or None,
            role=staff.role_key,
            role_label=labels.role,
            department=labels.department or None,
            department_id=staff.department or None,
            monthly_task=staff.monthly_task,
            active=staff.active and staff.is_active and staff.left_at is None,
            suspended=staff.suspended,
            must_change_password=staff.must_change_password,
            last_login_at=staff.last_login_at,
            left_at=staff.left_at,
            version=max(1, staff.version),
            created_at=staff.created_at,
            updated_at=staff.updated_at,
        )


class StaffPage(Page[StaffAnswer]):
    list: Annotated[list[StaffAnswer], Field(alias="items")]


class StaffListQuery(PageRequest):
    """`search`: a part of the user name, name, email or phone. `role`: a code. `department`: an id."""

    page_size: int = Field(10, ge=1, le=100)
    search: Annotated[str, cleaned_line(64)] = ""
    role: Annotated[str, cleaned_line(32)] = ""
    department: EntityId | None = None
    status: StaffStatus | None = None

    def to_query(self) -> StaffQuery:
        return StaffQuery(search=self.search, role=self.role, department=self.department or "", status=self.status)


class NewStaffBody(Model):
    username: Annotated[StaffUsername, Field(min_length=3)]
    password: NewPassword
    name: StaffName
    role: RoleText
    email: Email = ""
    phone: Phone | NoPhone = ""
    department_id: EntityId | NoDepartment = ""
    monthly_task: MonthlyTask | None = None


class StaffEditBody(Model):
    """Absent fields keep their values; an empty text removes a value."""

    name: StaffName | None = None
    role: RoleText | None = None
    email: Email | None = None
    phone: Phone | NoPhone | None = None
    department_id: EntityId | NoDepartment | None = None
    monthly_task: MonthlyTask | None = None
    active: JsonBool | None = None
    version: ExpectedVersion | None = None

    def to_changes(self) -> StaffChanges:
        return StaffChanges(
            name=self.name,
            role=self.role and (role_of(self.role) or self.role),
            email=self.email,
            phone=self.phone,
            department=self.department_id,
            monthly_task=self.monthly_task,
            active=self.active,
        )


class SuspendBody(Model):
    reason: Reason = ""


class MonthlyTaskBody(Model):
    monthly_task: MonthlyTask


class MonthlyTaskAnswer(Model):
    user_id: str
    name: str
    monthly_task: int | None
    role: str
    department: str | None


class NewPasswordAnswer(Model):
    password: str
    """Shown once; it must be changed at the next log-in."""


@endpoints.get("", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep))
async def list_staff(context: RequestContext, query: StaffListQuery) -> StaffPage:
    """员工列表 · list staff accounts, newest first"""
    administration = context.services.staff.administration
    page = await administration.page(query.to_query(), query)
    labels = await administration.labels(page.list)
    shown = [StaffAnswer.of(each, named, context.staff) for each, named in zip(page.list, labels, strict=True)]
    return StaffPage.of(shown, page.total, page)


@endpoints.post(
    "",
    access=Staff("user:create"),
    rate_limit=RateLimit.WRITE,
    audit="staff.create",
    message=Text("用户创建成功", "Account created"),
    raises=(*STAFF_ERRORS, UsernameTaken, StaffPhoneTaken, UnknownRole, UnknownDepartment, GrantsMoreThanHeld),
    status=201,
    example={"username": "li_jing", "password": "plum tree 42", "name": "李静", "role": "employee"},
)
async def create_staff(context: RequestContext, body: NewStaffBody) -> StaffAnswer:
    """新建员工；首次登录须修改密码 · create an account, whose password must be changed at the first log-in"""
    new = NewStaff(
        username=body.username,
        name=body.name,
        role=role_of(body.role) or body.role,
        email=body.email,
        phone=body.phone,
        department=body.department_id,
        monthly_task=body.monthly_task,
    )
    made = await context.services.staff.administration.create(new, body.password, context.staff, context.actor)
    return await _answer(context, made)


@endpoints.get(
    "/{staff_id}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, StaffNotFound)
)
async def get_staff(context: RequestContext, staff_id: EntityId) -> StaffAnswer:
    """员工详情 · get an account"""
    return await _answer(context, await context.services.staff.administration.find(staff_id))


@endpoints.patch(
    "/{staff_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="staff.update",
    message=Text("用户更新成功", "Account updated"),
    raises=(*LEAVING, StaffVersionConflict, StaffPhoneTaken, UnknownRole, UnknownDepartment),
    example={"role": "manager", "version": 3},
)
async def update_staff(context: RequestContext, staff_id: EntityId, body: StaffEditBody) -> StaffAnswer:
    """修改员工；权限立即生效 · edit an account; changed rights take effect at once"""
    changed = await context.services.staff.administration.update(
        staff_id, body.to_changes(), body.version, context.staff, context.actor
    )
    return await _answer(context, changed)


@endpoints.delete(
    "/{staff_id}",
    access=Staff("user:delete"),
    rate_limit=RateLimit.WRITE,
    audit="staff.deactivate",
    message=Text("用户删除成功", "Account deactivated"),
    raises=LEAVING,
)
async def delete_staff(context: RequestContext, staff_id: EntityId) -> StaffAnswer:
    """停用员工；记录保留，登录立即失效 · deactivate an account: its records stay, its sessions end at once"""
    return await _answer(
        context, await context.services.staff.administration.deactivate(staff_id, context.staff, context.actor)
    )


@endpoints.patch(
    "/{staff_id}/suspend",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="staff.suspend",
    message=Text("用户账号已暂停", "Account suspended"),
    raises=LEAVING,
    example={"reason": "长期休假"},
)
async def suspend_staff(context: RequestContext, staff_id: EntityId, body: SuspendBody) -> StaffAnswer:
    """暂停账号，登录立即失效 · suspend an account; its sessions end at once"""
    return await _answer(
        context,
        await context.services.staff.administration.suspend(staff_id, body.reason, context.staff, context.actor),
    )


@endpoints.patch(
    "/{staff_id}/resume",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="staff.resume",
    message=Text("用户账号已恢复", "Account resumed"),
    raises=(*CHANGED, StaffPhoneTaken),
)
async def resume_staff(context: RequestContext, staff_id: EntityId) -> StaffAnswer:
    """恢复账号 · resume a suspended account"""
    return await _answer(
        context, await context.services.staff.administration.resume(staff_id, context.staff, context.actor)
    )


@endpoints.post(
    "/{staff_id}/reset-password",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="staff.reset-password",
    message=Text("密码已重置", "Password reset"),
    raises=(*CHANGED, OwnAccount),
)
async def reset_password(context: RequestContext, staff_id: EntityId) -> NewPasswordAnswer:
    """重置密码，登录立即失效 · set a generated password, shown once; all sessions end at once"""
    password = await context.services.staff.passwords.reset(staff_id, context.staff, context.actor)
    return NewPasswordAnswer(password=password)


@endpoints.get(
    "/{staff_id}/monthly-task",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=(*STAFF_ERRORS, StaffNotFound),
)
async def get_monthly_task(context: RequestContext, staff_id: EntityId) -> MonthlyTaskAnswer:
    """本月任务 · the task of the month"""
    return await _task(context, await context.services.staff.administration.find(staff_id))


@endpoints.patch(
    "/{staff_id}/monthly-task",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="staff.set-monthly-task",
    message=Text("本月任务更新成功", "Task of the month updated"),
    raises=CHANGED,
    example={"monthlyTask": 20},
)
async def set_monthly_task(context: RequestContext, staff_id: EntityId, body: MonthlyTaskBody) -> MonthlyTaskAnswer:
    """设定本月任务 · set the task of the month"""
    changes = StaffChanges(monthly_task=body.monthly_task)
    changed = await context.services.staff.administration.update(staff_id, changes, None, context.staff, context.actor)
    return await _task(context, changed)


async def _answer(context: RequestContext, staff: StaffMember) -> StaffAnswer:
    return StaffAnswer.of(staff, await context.services.staff.administration.labels_of(staff), context.staff)


async def _task(context: RequestContext, staff: StaffMember) -> MonthlyTaskAnswer:
    labels = await context.services.staff.administration.labels_of(staff)
    return MonthlyTaskAnswer(
        user_id=staff.id,
        name=staff.name,
        monthly_task=staff.monthly_task,
        role=staff.role_key,
        department=labels.department or None,
    )
