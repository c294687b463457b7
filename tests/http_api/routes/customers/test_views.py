"""Saved views of the customer list with their counts, and the export."""

import io
from typing import Any

import openpyxl
import pytest

from domain.customers.views import service
from domain.shared.authority import Role
from http_api.routes.customers import views as routes
from tests.app_process import RunningProcess
from tests.http_api.routes.customers.customer_api import CustomerStaff, hired

CARD = "110101199003078515"


def sheet(content: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)


async def test_a_view_counts_for_its_reader_and_is_shared_by_its_link(
    seller: CustomerStaff, other: CustomerStaff, admin: CustomerStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        await seller.created_id(number, leadSource="美团" if number < 3 else "抖音")
    await other.created_id(4)
    filters = {"leadSource": "美团", "createdFrom": "2026-01-01", "search": "", "sortBy": "updatedAt"}

    saved = await seller.call("POST", "/views", {"name": "美团", "filters": filters})
    view = f"/views/{saved.data['id']}"

    assert saved.status == 201
    assert saved.data["filters"] == {"leadSource": "美团", "createdFrom": "2026-01-01", "sortBy": "updatedAt"}
    listed = (await seller.call("GET", "/views")).data
    assert [(each["name"], each["count"], each["hasMore"], each["ownerName"]) for each in listed] == [
        ("美团", 2, False, "李静")
    ]
    assert (await other.call("GET", view)).code == "VIEW_NOT_FOUND"
    assert (await seller.call("PATCH", view, {"shared": True})).data["shared"] is True
    assert ((await other.call("GET", view)).data["count"], (await admin.call("GET", view)).data["count"]) == (1, 3)
    assert (await other.call("GET", "/views")).data == []
    assert (await other.call("PATCH", view, {"name": "我的"})).code == "VIEW_NOT_FOUND"
    assert (await other.call("DELETE", view)).code == "VIEW_NOT_FOUND"
    monkeypatch.setattr(routes, "MOST_COUNTED", 1)
    capped = (await seller.call("GET", view)).data
    assert (capped["count"], capped["hasMore"]) == (1, True)

    assert (await seller.call("DELETE", view)).status == 200
    assert (await other.call("GET", view)).code == "VIEW_NOT_FOUND"
    assert (await seller.call("GET", "/views")).data == []


async def test_views_that_are_refused(seller: CustomerStaff, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ({"leadLevel": "E类"}, {"createdFrom": "9999-01-01"}, {"assignedTo": "me"}, {"unknown": "x"}):
        assert (await seller.call("POST", "/views", {"name": "x", "filters": wrong})).status == 400, wrong
    assert (await seller.call("POST", "/views", {"name": " ", "filters": {}})).status == 400
    monkeypatch.setattr(service, "MOST_VIEWS", 0)
    assert (await seller.call("POST", "/views", {"name": "x", "filters": {}})).code == "TOO_MANY_VIEWS"


async def test_the_export_has_the_rows_of_the_list_with_numbers_in_clear_only_by_right(
    running: RunningProcess, seller: CustomerStaff, other: CustomerStaff, admin: CustomerStaff
) -> None:
    details = {"idCardNumber": CARD, "wechatId": "wx_family_01", "address": "北京市海淀区中关村大街 1 号"}
    await seller.created_id(1, remarks="回电 13800138000", **details)
    await seller.created_id(2, leadSource="抖音")
    await other.created_id(3)
    await seller.in_pool(5)

    masked = await seller.call("GET", "/export", leadSource="美团")
    clear = await admin.call("GET", "/export", assignedTo=seller.id)

    assert (masked.status, clear.status) == (200, 200)
    rows = [row for row in sheet(masked.body) if row[1] == "王芳"]
    assert [row[2:5] for row in rows] == [("136****0001", "wx_f****y_01", "1101****8515")]
    assert rows[0][13] == "北京市海淀区****"
    assert rows[0][18] == "回电 138****8000"
    shown = {row[2]: row for row in sheet(clear.body) if row[1] == "王芳"}
    assert list(shown) == ["13600000002", "13600000001"]
    assert (shown["13600000001"][4], shown["13600000001"][15]) == (CARD, "李静")
    admissions = await hired(running, Role.ADMISSIONS)
    assert (await admissions.call("GET", "/export")).status == 403
    row = await running.stores.database["audit_logs"].find_one({"action": "customer.export", "actor.id": seller.id})
    assert row is not None
    assert (row["after"]["rows"], row["after"]["clear"]) == (1, False)
