"""Notifications about accounts: to the person, or to those who oversee users."""

from domain.shared.authority import Role
from tests.contract_api import ContractApi
from tests.http_api.routes.notifications.test_own import notified
from tests.waiting import eventually


async def test_a_person_is_told_of_changed_rights_and_a_reset_password(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN, "管理员")
    employee = await api.staff(Role.EMPLOYEE)

    changed = await admin.call("PATCH", f"/users/{employee.id}", {"role": "operator"})
    named = await admin.call("PATCH", f"/users/{employee.id}", {"name": "新名字"})
    (row,) = (await notified(employee))["list"]

    assert (changed.status, named.status) == (200, 200)
    assert (row["type"], row["data"]["summary"]["zh"]) == ("PERMISSION_CHANGED", "普通员工 → 运营")
    assert row["content"] == "管理员 修改了您的权限：普通员工 → 运营"

    assert (await admin.call("POST", f"/users/{employee.id}/reset-password")).status in (200, 201)
    rows = api.stores.database["notifications"]

    async def told() -> bool:
        return await rows.count_documents({"type": "PASSWORD_CHANGED"}) == 1

    assert await eventually(told)


async def test_holders_of_a_role_are_told_once_that_it_grants_other_permissions(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN, "管理员")
    holder, other = await api.staff(Role.DISPATCH), await api.staff(Role.EMPLOYEE)
    (role,) = [each for each in (await admin.call("GET", "/roles")).data if each["code"] == "dispatch"]
    kept = [each for each in role["permissions"] if each != "contract:view"]
    changes = {"permissions": [*kept, "customer:export"]}

    renamed = await admin.call("PATCH", f"/roles/{role['id']}", {"description": "新的说明"})
    changed = [await admin.call("PATCH", f"/roles/{role['id']}", changes) for _ in range(2)]
    (row,) = (await notified(holder))["list"]

    assert {renamed.status, *(each.status for each in changed)} == {200}
    assert (row["type"], row["about"]) == ("PERMISSION_CHANGED", {"kind": "role", "id": role["id"]})
    assert row["content"] == "管理员 修改了您的权限：角色“派单老师”，增加 客户 · 导出，取消 合同 · 查看"
    assert row["contentEn"].endswith(": role 派单老师; added Customers: export; removed Contracts: view")
    assert (await other.call("GET", "/notifications")).data["total"] == 0
    assert (await admin.call("GET", "/notifications")).data["total"] == 0


async def test_overseers_are_told_that_somebody_else_blocked_a_user(api: ContractApi) -> None:
    admin, manager, employee = [await api.staff(role) for role in (Role.ADMIN, Role.MANAGER, Role.EMPLOYEE)]
    await api.mini_program_user("13800138000")
    (user,) = (await admin.call("GET", "/miniprogram-users")).data["list"]

    body = {"status": "blocked", "reason": "恶意下单"}
    blocked = await admin.call("PATCH", f"/miniprogram-users/{user['id']}/status", body)

    (row,) = (await notified(manager))["list"]
    assert blocked.status == 200
    assert (row["type"], row["content"]) == ("MINIPROGRAM_USER_BLOCKED", "原因：恶意下单")
    assert row["actionUrl"] == f"#/users?user={user['id']}"
    assert (await admin.call("GET", "/notifications")).data["total"] == 0
    assert (await employee.call("GET", "/notifications")).data["total"] == 0
