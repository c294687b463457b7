"""Roles and the permission catalogue: what an editor may grant, and what follows for those who have the role."""

from typing import Any

import pytest

from domain.shared.authority import Role
from domain.staff.permissions import PERMISSIONS, ROLE_PERMISSIONS
from tests.app_process import Answer
from tests.user_api import UserApi

ROLES = "/api/roles"
NOBODY = "f" * 24


async def call(it: UserApi, method: str, path: str = "", body: object = None, token: str = "") -> Answer:
    return await it.running.call(method, ROLES + path, body, token or await it.staff_token())


async def a_role(it: UserApi, *permissions: str, name: str = "组长", **more: object) -> dict[str, Any]:
    answer = await call(it, "POST", "", {"name": name, "permissions": permissions, **more})
    assert answer.status == 201, answer.body
    return dict(answer.data)


async def an_editor(it: UserApi, *permissions: str) -> str:
    """The token of a staff member with a role of their own."""
    role = await a_role(it, "admin:roles", *permissions, name="角色管理员", code="role-editor")
    return (await it.stores.hired(role=role["code"]))[1]


async def test_the_system_roles_are_seeded_with_the_permissions_of_the_former_system(strict: UserApi) -> None:
    answer = await call(strict, "GET")

    shown = {role["code"]: role for role in answer.data}
    assert [*shown] == [role.value for role in Role]
    assert set(shown["dispatch"]["permissions"]) == ROLE_PERMISSIONS[Role.DISPATCH]
    assert (shown["admin"]["name"], shown["admin"]["isSystem"], shown["admin"]["usersCount"]) == ("系统管理员", True, 1)


async def test_seeding_again_keeps_edited_permissions_and_restores_names(strict: UserApi) -> None:
    roles = {role["code"]: role for role in (await call(strict, "GET")).data}
    await call(strict, "PATCH", f"/{roles['dispatch']['id']}", {"permissions": ["resume:view"], "description": "新"})
    await strict.stores.database["roles"].update_one({"code": "dispatch"}, {"$set": {"name": "别名"}})

    await strict.services.staff.roles.seed()

    answer = await call(strict, "GET", f"/{roles['dispatch']['id']}")
    assert (answer.data["name"], answer.data["permissions"]) == ("派单老师", ["resume:view"])
    assert answer.data["description"] == "新"


async def test_a_custom_role_grants_what_it_names_and_follows_its_edits(strict: UserApi) -> None:
    role = await a_role(strict, "miniprogram-user:all", code="front-desk")
    _, token = await strict.stores.hired(role="front-desk")
    before = await strict.call("GET", "", token=token)

    edited = await call(strict, "PATCH", f"/{role['id']}", {"permissions": ["resume:view"], "version": role["version"]})

    after = await strict.call("GET", "", token=token)
    me = await strict.running.call("GET", "/api/auth/me", token=token)
    assert (before.status, edited.status, after.status) == (200, 200, 403)
    assert (me.data["permissions"], me.data["role"], me.data["roleLabel"]) == (["resume:view"], "front-desk", "组长")


async def test_a_disabled_role_grants_nothing(strict: UserApi) -> None:
    role = await a_role(strict, "miniprogram-user:all", code="front-desk")
    _, token = await strict.stores.hired(role="front-desk", permissions=("miniprogram-user:view",))

    await call(strict, "PATCH", f"/{role['id']}", {"active": False})

    assert (await strict.call("GET", "", token=token)).status == 403


async def test_an_editor_grants_only_what_they_hold(strict: UserApi) -> None:
    editor = await an_editor(strict, "contract:all", "customer:view")
    roles = {role["code"]: role for role in (await call(strict, "GET")).data}
    own = await call(strict, "POST", "", {"name": "合同专员", "permissions": ["contract:view"]}, editor)
    mine = f"/{own.data['id']}"

    refused = [
        await call(strict, "POST", "", {"name": "客户专员", "permissions": ["customer:edit"]}, editor),
        await call(strict, "POST", "", {"name": "客户专员", "permissions": ["customer:all"]}, editor),
        await call(strict, "PATCH", mine, {"permissions": ["contract:view", "user:edit"]}, editor),
        await call(strict, "PATCH", f"/{roles['manager']['id']}", {"permissions": []}, editor),
        await call(strict, "PATCH", f"/{roles['role-editor']['id']}", {"permissions": ["admin:all"]}, editor),
    ]

    assert own.status == 201
    assert [(answer.status, answer.code) for answer in refused] == [(403, "GRANTS_MORE_THAN_HELD")] * len(refused)
    kept = {role["code"]: role["permissions"] for role in (await call(strict, "GET")).data}
    assert kept["manager"] == roles["manager"]["permissions"]
    assert kept["role-editor"] == roles["role-editor"]["permissions"]


async def test_what_is_wrong_with_a_role_is_refused_and_changes_nothing(strict: UserApi) -> None:
    roles = {role["code"]: role for role in (await call(strict, "GET")).data}
    admin, manager = (f"/{roles[code]['id']}" for code in ("admin", "manager"))
    used = await a_role(strict, "contract:view", code="in-use")
    holder, _ = await strict.stores.hired(role="in-use")
    before = (await call(strict, "GET")).data

    answers = [
        await call(strict, "POST", "", {"name": "甲", "permissions": ["contract:fly"]}),
        await call(strict, "POST", "", {"name": "甲", "permissions": ["*"]}),
        await call(strict, "POST", "", {"name": "组长"}),
        await call(strict, "POST", "", {"name": "甲", "code": "in-use"}),
        await call(strict, "POST", "", {"name": "甲", "code": "administrator"}),
        await call(strict, "POST", "", {"name": "经理"}),
        await call(strict, "PATCH", manager, {"name": "甲"}),
        await call(strict, "PATCH", manager, {"active": False}),
        await call(strict, "PATCH", manager, {"description": "x", "version": 99}),
        await call(strict, "PATCH", admin, {"permissions": ["user:view"]}),
        await call(strict, "DELETE", admin),
        await call(strict, "DELETE", f"/{used['id']}"),
        await call(strict, "DELETE", f"/{NOBODY}"),
        await call(strict, "PATCH", f"/{NOBODY}", {"name": "甲"}),
        await call(strict, "POST", "", {"name": "  "}),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [
        *[(400, "UNKNOWN_PERMISSION")] * 2,
        (409, "ROLE_NAME_TAKEN"),
        *[(409, "ROLE_CODE_TAKEN")] * 2,
        (409, "ROLE_NAME_TAKEN"),
        *[(422, "SYSTEM_ROLE")] * 2,
        (409, "VERSION_CONFLICT"),
        *[(422, "SYSTEM_ROLE")] * 2,
        (422, "ROLE_IN_USE"),
        *[(404, "ROLE_NOT_FOUND")] * 2,
        (400, "INVALID_REQUEST"),
    ]
    assert (await call(strict, "GET")).data == before
    assert holder


async def test_a_deleted_role_frees_its_name(strict: UserApi) -> None:
    role = await a_role(strict, "contract:view", code="short-lived")

    deleted = await call(strict, "DELETE", f"/{role['id']}")
    again = await a_role(strict, "contract:view", code="short-lived")

    assert deleted.status == 200
    assert again["id"] != role["id"]
    assert (await call(strict, "GET", f"/{role['id']}")).code == "ROLE_NOT_FOUND"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("GET", "/../permissions/catalog")])
async def test_roles_are_for_those_who_may_edit_them(strict: UserApi, method: str, path: str) -> None:
    answer = await call(strict, method, path, {"name": "甲"}, await strict.staff_token(Role.MANAGER))

    assert (answer.status, answer.code) == (403, "PERMISSION_DENIED")


async def test_the_catalogue_names_every_permission_in_the_readers_language(strict: UserApi) -> None:
    answer = await strict.running.call("GET", "/api/permissions/catalog", token=await strict.staff_token())

    listed = {entry["key"]: entry for group in answer.data for entry in group["permissions"]}
    assert listed.keys() == PERMISSIONS
    assert listed["contract:view"]["description"] == "合同 · 查看"


async def test_documents_of_the_former_system_can_be_edited(strict: UserApi) -> None:
    older = {"code": "legacy", "name": "旧角色", "description": "", "permissions": ["resume:view"], "active": True}
    inserted = await strict.stores.database["roles"].insert_one({**older, "__v": 0})

    for area in strict.running.process.areas.all:
        if area.name == "staff":
            await area.create_indexes()
    answer = await call(strict, "PATCH", f"/{inserted.inserted_id}", {"permissions": ["customer:view"]})

    assert (answer.status, answer.data["permissions"]) == (200, ["customer:view"])
