"""The paths of the staff mini-program answer as those of the CRM, within the same data scope."""

from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, customer_form

TWIN = "/miniprogram"


async def test_the_staff_mini_program_has_the_same_routes_and_the_same_scope(
    running: RunningProcess, admin: CustomerStaff, seller: CustomerStaff, other: CustomerStaff
) -> None:
    created = await seller.call("POST", f"{TWIN}/create", customer_form(1))
    assert created.status == 201, created.body
    customer_id = created.data["id"]
    edited = await seller.call("PATCH", f"{TWIN}/{customer_id}", {"remarks": "小程序修改"})
    assigned = await admin.call("PATCH", f"{TWIN}/{customer_id}/assign", {"assignedTo": admin.id})

    assert (edited.data["remarks"], edited.data["phone"], assigned.status) == ("小程序修改", "136****0001", 200)
    for path in (f"/{customer_id}", f"/{customer_id}/assignment-logs"):
        twin, crm = await seller.call("GET", f"{TWIN}{path}"), await seller.call("GET", path)
        assert (twin.status, twin.data) == (200, crm.data), path
        assert (await other.call("GET", f"{TWIN}{path}")).status == 404, path
    assert [each["id"] for each in (await seller.call("GET", f"{TWIN}/list")).data["list"]] == [customer_id]
    assert (await other.call("GET", f"{TWIN}/list")).data["total"] == 0
    assert (await admin.call("GET", f"{TWIN}/statistics")).data["total"] == 1
    assert seller.id in {each["id"] for each in (await admin.call("GET", f"{TWIN}/employees/list")).data}
    released = await admin.call("POST", f"{TWIN}/{customer_id}/release-to-pool", {"reason": "暂无需求"})
    assert (released.status, released.data["inPublicPool"]) == (200, True)
