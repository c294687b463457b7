"""Routes of the operation log: the content of an entry, its readers, and that no request changes it."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from domain.shared.authority import Role
from http_api.all_routes import ENDPOINTS
from tests.contract_api import ContractApi, StaffMember, housekeeping_form
from tests.waiting import eventually

LOGS = "/api/audit-logs"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"


async def entries(admin: StaffMember, **query: str) -> list[dict[str, Any]]:
    async def found() -> list[dict[str, Any]]:
        answer = await admin.call("GET", "/audit-logs", query=query)
        assert answer.status == 200, answer.body
        return list(answer.data["list"])

    return await eventually(found, 10)


async def test_an_entry_says_who_changed_what_and_from_where(api: ContractApi, admin: StaffMember) -> None:
    contract_id = await admin.create()
    headers = {"User-Agent": CHROME, "X-Request-Id": "request-of-wang-1", "X-Forwarded-For": "203.0.113.9"}
    body = {"workerSalary": 9100}
    await api.call("PUT", f"/api/contracts/{contract_id}", body, admin.token, **headers)

    [entry] = await entries(admin, action="contract.update", targetKind="contract", targetId=contract_id)
    one = (await admin.call("GET", f"/audit-logs/{entry['id']}")).data

    assert one == entry
    assert entry["actor"] == {"kind": "staff", "id": admin.id, "name": "admin"}
    assert entry["before"]["workerSalaryFen"] == 880_000
    assert entry["after"]["workerSalaryFen"] == 910_000
    assert (entry["address"], entry["device"]) == ("203.0.113.9", "Chrome · Windows")
    assert (entry["userAgent"], entry["requestId"]) == (CHROME, "request-of-wang-1")


async def test_the_history_of_one_record_is_newest_first(admin: StaffMember) -> None:
    contract_id, other = await admin.create(), await admin.create(2)
    await admin.call("PUT", f"/contracts/{contract_id}", {"workerSalary": 9200})

    async def both() -> list[dict[str, Any]]:
        found = await entries(admin, targetKind="contract", targetId=contract_id)
        return found if len(found) == 2 else []

    history = await eventually(both, 10)

    assert [entry["action"] for entry in history] == ["contract.update", "contract.create"]
    assert other not in str(history)


async def test_an_entry_that_does_not_exist_is_not_found(admin: StaffMember) -> None:
    answer = await admin.call("GET", f"/audit-logs/{'0' * 24}")

    assert (answer.status, answer.code) == (404, "AUDIT_ROW_NOT_FOUND")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_only_administrators_read_it_unless_they_grant_the_permission(api: ContractApi, role: Role) -> None:
    answer = await (await api.staff(role)).call("GET", "/audit-logs")

    assert (answer.status, answer.code) == (403, "PERMISSION_DENIED")


async def test_an_export_names_its_audit_entry_and_is_counted_with_the_reveals(
    api: ContractApi, admin: StaffMember
) -> None:
    contract_id = await admin.create()
    for _ in range(3):
        await admin.call("POST", f"/contracts/{contract_id}/reveal", {"fields": ["customerPhone"]})

    exported = await admin.call("GET", "/audit-logs/export", query={"action": "contract.reveal"})
    entry = (await admin.call("GET", f"/audit-logs/{exported.headers['X-Audit-Id']}")).data
    counted = (await admin.call("GET", "/audit-logs/accesses")).data["list"]

    assert (entry["action"], entry["after"]["rows"]) == ("audit.export", 3)
    with ZipFile(BytesIO(exported.body)) as book:
        drawing = book.read("xl/drawings/drawing1.xml").decode()
    assert entry["id"] in drawing
    assert "admin 于 " in drawing
    [person] = counted
    assert (person["staffId"], person["reveals"], person["exports"], person["marks"]) == (admin.id, 3, 1, ["reveal"])


async def test_reading_does_not_allow_exporting(api: ContractApi) -> None:
    _, token = await api.stores.hired(Role.EMPLOYEE)

    answer = await api.call("GET", f"{LOGS}/export", token=token)

    assert (answer.status, answer.code) == (403, "PERMISSION_DENIED")


async def test_refused_accesses_are_counted_by_person_and_shown_to_administrators(
    api: ContractApi, admin: StaffMember
) -> None:
    contract_id = await admin.create()
    employee = await api.staff(Role.EMPLOYEE, "王芳")
    assert (await employee.call("GET", "/audit-logs")).status == 403
    assert (await employee.call("GET", f"/contracts/{contract_id}")).code == "CONTRACT_NOT_FOUND"
    assert (await employee.call("GET", f"/contracts/{'0' * 24}")).code == "CONTRACT_NOT_FOUND"  # nothing was refused

    async def counted() -> list[dict[str, Any]]:
        found = (await admin.call("GET", "/audit-logs/accesses")).data["refused"]
        return [each for each in found if each["count"] == 2]

    [refused] = await eventually(counted, 10)

    assert (refused["staffId"], refused["name"]) == (employee.id, "王芳")


async def test_a_manager_with_a_department_sees_its_contracts_and_follows_who_moves(
    api: ContractApi, admin: StaffMember
) -> None:
    department = (await admin.call("POST", "/departments", {"name": "月嫂部"})).data["id"]
    _, member = await api.stores.hired(Role.EMPLOYEE, department=department)
    other_id, _ = await api.stores.hired(Role.EMPLOYEE, phone="13900000009")
    _, manager = await api.stores.hired(Role.MANAGER, department=department)
    strangers = await admin.create(1)
    answer = await api.call("POST", "/api/contracts/miniprogram/create", housekeeping_form(2), member)
    own = answer.data["id"]

    async def listed() -> list[str]:
        found = (await api.call("GET", "/api/contracts", token=manager)).data
        return [each["id"] for each in found["contracts"]]

    async def shown(contract_id: str) -> int:
        return (await api.call("GET", f"/api/contracts/{contract_id}", token=manager)).status

    assert (await listed(), await shown(own), await shown(strangers)) == ([own], 200, 404)
    await admin.call("PATCH", f"/contracts/{strangers}/assign", {"assignedTo": other_id})
    moved = await admin.call("PATCH", f"/users/{other_id}", {"departmentId": department})
    assert moved.status == 200, moved.body

    await eventually(lambda: _both(listed, {own, strangers}), 10)


async def _both(listed: Callable[[], Awaitable[list[str]]], wanted: set[str]) -> bool:
    return set(await listed()) == wanted


def test_no_route_changes_the_log() -> None:
    assert {each.method for each in ENDPOINTS if each.path.startswith(LOGS)} == {"GET"}
