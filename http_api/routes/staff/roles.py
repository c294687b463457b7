"""Routes of roles (角色) and of the permission catalogue, with the paths and fields of the legacy system."""

from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from domain.shared.model import Instant, JsonBool, Model
from domain.shared.plain_text import PRINTABLE_ASCII
from domain.shared.text import Language, Text
from domain.staff.permission_labels import ACTION_LABELS, RESOURCE_LABELS, color_of, label_of
from domain.staff.permissions import CATALOGUE
from domain.staff.role import (
    GrantsMoreThanHeld,
    RoleCode,
    RoleCodeTaken,
    RoleDescription,
    RoleInUse,
    RoleName,
    RoleNameTaken,
    RoleNotFound,
    RoleVersionConflict,
    SystemRole,
    UnknownPermission,
)
from domain.staff.role_administration import CountedRole, RoleChanges
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS, ExpectedVersion, Ignored

endpoints = Endpoints("/api/roles", tag=Text("角色与权限", "Roles and permissions"))
catalogue_endpoints = Endpoints("/api/permissions", tag=Text("角色与权限", "Roles and permissions"))

ROLES = Staff("admin:roles")

PermissionKeys = Annotated[
    list[Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE_ASCII)]], Field(max_length=200)
]


class RoleAnswer(Model):
    id: str
    code: str
    name: str
    description: str
    permissions: list[str]
    active: bool
    is_system: bool
    users_count: int
    """Accounts with this role that are not deactivated."""
    version: int
    created_at: Instant | None
    updated_at: Instant | None

    @classmethod
    def of(cls, counted: CountedRole) -> "RoleAnswer":
        fields = counted.role.model_dump(exclude={"deleted_at", "permissions"})
        return cls(
            **fields,
            permissions=[*counted.role.permissions],
            is_system=counted.role.is_system,
            users_count=counted.users_count,
        )


class RoleList(RootModel[list[RoleAnswer]]):
    """An array, as legacy clients expect it."""


class NewRole(Model):
    code: RoleCode | None = None
    """Generated if it is absent."""
    name: RoleName
    description: RoleDescription = ""
    permissions: PermissionKeys = Field(default_factory=list)
    active: JsonBool = True


class RoleEdit(Model):
    """Absent fields keep their values."""

    code: Ignored = None
    """Sent by legacy clients; the code of a role never changes."""
    name: RoleName | None = None
    description: RoleDescription | None = None
    permissions: PermissionKeys | None = None
    active: JsonBool | None = None
    version: ExpectedVersion | None = None


class PermissionAnswer(Model):
    key: str
    label: str
    description: str
    color: str


class PermissionGroup(Model):
    key: str
    label: str
    permissions: list[PermissionAnswer]


class Catalogue(RootModel[list[PermissionGroup]]):
    """An array, as legacy clients expect it."""


@endpoints.get("", access=ROLES, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def list_roles(context: RequestContext) -> RoleList:
    """角色列表 · list roles, system roles first"""
    return RoleList([RoleAnswer.of(role) for role in await context.services.staff.roles.list()])


@endpoints.get(
    "/{role_id}", access=ROLES, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, RoleNotFound)
)
async def get_role(context: RequestContext, role_id: EntityId) -> RoleAnswer:
    """角色详情 · get a role"""
    return RoleAnswer.of(await context.services.staff.roles.find(role_id))


@endpoints.post(
    "",
    access=ROLES,
    rate_limit=RateLimit.WRITE,
    audit="role.create",
    message=Text("角色创建成功", "Role created"),
    raises=(*STAFF_ERRORS, UnknownPermission, GrantsMoreThanHeld, RoleNameTaken, RoleCodeTaken),
    status=201,
    example={"name": "客服组长", "description": "带一个小组", "permissions": ["customer:all", "contract:view"]},
)
async def create_role(context: RequestContext, body: NewRole) -> RoleAnswer:
    """新建角色；只能授予本人拥有的权限 · create a role; you grant only what you hold yourself"""
    return RoleAnswer.of(
        await context.services.staff.roles.create(
            body.code, body.name, body.description, body.permissions, body.active, context.staff, context.actor
        )
    )


@endpoints.patch(
    "/{role_id}",
    access=ROLES,
    rate_limit=RateLimit.WRITE,
    audit="role.update",
    message=Text("角色更新成功", "Role updated"),
    raises=(
        *STAFF_ERRORS,
        *(RoleNotFound, RoleVersionConflict, SystemRole, UnknownPermission, GrantsMoreThanHeld, RoleNameTaken),
    ),
    example={"permissions": ["customer:all", "contract:view"], "version": 3},
)
async def update_role(context: RequestContext, role_id: EntityId, body: RoleEdit) -> RoleAnswer:
    """修改角色，立即对所有在线员工生效 · edit a role; it takes effect at once for everyone who has it"""
    keys = None if body.permissions is None else tuple(body.permissions)
    changes = RoleChanges(name=body.name, description=body.description, permissions=keys, active=body.active)
    return RoleAnswer.of(
        await context.services.staff.roles.update(role_id, changes, body.version, context.staff, context.actor)
    )


@endpoints.delete(
    "/{role_id}",
    access=ROLES,
    rate_limit=RateLimit.WRITE,
    audit="role.delete",
    message=Text("角色删除成功", "Role deleted"),
    raises=(*STAFF_ERRORS, RoleNotFound, SystemRole, RoleInUse, GrantsMoreThanHeld),
)
async def delete_role(context: RequestContext, role_id: EntityId) -> None:
    """删除没有员工使用的角色 · delete a role that no account has"""
    await context.services.staff.roles.delete(role_id, context.staff, context.actor)


@catalogue_endpoints.get("/catalog", access=ROLES, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def catalogue(context: RequestContext) -> Catalogue:
    """权限目录 · all permissions, by resource"""
    groups = [
        PermissionGroup(
            key=resource,
            label=RESOURCE_LABELS[resource].in_language(context.language),
            permissions=[_permission(resource, action, context.language) for action in actions],
        )
        for resource, actions in CATALOGUE.items()
    ]
    return Catalogue(groups)


def _permission(resource: str, action: str, language: Language) -> PermissionAnswer:
    key = f"{resource}:{action}"
    return PermissionAnswer(
        key=key,
        label=ACTION_LABELS[action].in_language(language),
        description=label_of(key).in_language(language),
        color=color_of(action),
    )
