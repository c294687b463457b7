"""Routes of departments (部门)."""

from typing import Self

from pydantic import RootModel

from domain.shared.model import Instant, Model
from domain.shared.text import Text
from domain.staff.department import DepartmentName
from domain.staff.departments import CountedDepartment
from domain.staff.errors import DepartmentInUse, DepartmentNameTaken, DepartmentNotFound
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

endpoints = Endpoints("/api/departments", tag=Text("部门", "Departments"))

EDIT = Staff("admin:roles")


class DepartmentAnswer(Model):
    id: str
    name: str
    users_count: int
    """Accounts of the department that are not deactivated."""
    created_at: Instant

    @classmethod
    def of(cls, counted: CountedDepartment) -> Self:
        known = counted.department
        return cls(id=known.id, name=known.name, users_count=counted.users_count, created_at=known.created_at)


class DepartmentList(RootModel[list[DepartmentAnswer]]):
    """By name."""


class DepartmentBody(Model):
    name: DepartmentName


@endpoints.get(
    "", access=Staff("admin:roles", "user:view"), rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS
)
async def list_departments(context: RequestContext) -> DepartmentList:
    """部门列表 · list departments"""
    return DepartmentList([DepartmentAnswer.of(each) for each in await context.services.staff.departments.list()])


@endpoints.post(
    "",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="department.create",
    message=Text("部门创建成功", "Department created"),
    raises=(*STAFF_ERRORS, DepartmentNameTaken),
    status=201,
    example={"name": "城东门店"},
)
async def create_department(context: RequestContext, body: DepartmentBody) -> DepartmentAnswer:
    """新建部门 · create a department"""
    return DepartmentAnswer.of(await context.services.staff.departments.create(body.name, context.actor))


@endpoints.patch(
    "/{department_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="department.rename",
    message=Text("部门更新成功", "Department renamed"),
    raises=(*STAFF_ERRORS, DepartmentNotFound, DepartmentNameTaken),
    example={"name": "城东一店"},
)
async def rename_department(context: RequestContext, department_id: EntityId, body: DepartmentBody) -> DepartmentAnswer:
    """部门改名 · rename a department"""
    renamed = await context.services.staff.departments.rename(department_id, body.name, context.actor)
    return DepartmentAnswer.of(renamed)


@endpoints.delete(
    "/{department_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="department.delete",
    message=Text("部门删除成功", "Department deleted"),
    raises=(*STAFF_ERRORS, DepartmentNotFound, DepartmentInUse),
)
async def delete_department(context: RequestContext, department_id: EntityId) -> None:
    """删除没有员工的部门 · delete an empty department"""
    await context.services.staff.departments.delete(department_id, context.actor)
