"""An administrator sees who waits for a first response, and sets the rules by which customers change owners."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import Product
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
FIRST, OWN = "plum tree 43", "seven quiet hills"


async def post(admin: aiohttp.ClientSession, path: str, form: dict[str, Any]) -> dict[str, Any]:
    async with admin.post(path, json=form) as answer:
        assert answer.status == 201, await answer.text()
        created: dict[str, Any] = (await answer.json())["data"]
    return created


async def make_seller(product: Product, admin: aiohttp.ClientSession, username: str, name: str) -> str:
    """The seller gets a password of their own: without one, a staff member owns no customers."""
    form = {"username": username, "password": FIRST, "name": name, "role": "employee"}
    created = await post(admin, "/api/users", form)
    async with admin.post("/api/auth/login", json={"username": username, "password": FIRST}) as answer:
        token = (await answer.json())["data"]["access_token"]
    async with product.client(token) as seller:
        change = {"currentPassword": FIRST, "newPassword": OWN}
        async with seller.post("/api/auth/change-password", json=change) as answer:
            assert answer.ok, await answer.text()
    staff_id: str = created["id"]
    return staff_id


async def edit_pool_rules(page: Page, admin: aiohttp.ClientSession) -> None:
    """Another editor saves first: the typed values stay, and the next save is a decision."""
    await page.get_by_test_id("pool-rule-add").click()
    await choose(page.get_by_test_id("pool-level-2"), value="A类")
    await page.get_by_test_id("pool-days-2").fill("3")
    await page.get_by_role("button", name="上移第 2 条规则").click()
    await expect(page.get_by_test_id("pool-days-1")).to_have_value("3")
    async with admin.get("/api/customers/pool-rules") as answer:
        version = (await answer.json())["data"]["version"]
    other = {"enabled": False, "rules": [{"days": 30}], "keepLimit": 1, "version": version}
    async with admin.put("/api/customers/pool-rules", json=other) as answer:
        assert answer.status == 200, await answer.text()
    await page.get_by_test_id("pool-save").click()
    await expect(page.get_by_test_id("pool-meanwhile")).to_contain_text("全部等级 · 全部来源 · 30 天")
    await expect(page.get_by_test_id("pool-days-1")).to_have_value("3")
    await page.get_by_test_id("pool-save").click()
    await expect(page.get_by_test_id("pool-save")).to_be_disabled()
    await expect(page.get_by_test_id("pool-meanwhile")).to_have_count(0)
    await expect(page.get_by_test_id("dry-run")).to_contain_text("08:00 将回收 0 位客户")


async def test_an_administrator_watches_first_responses_and_sets_rules(browser: Browser, product: Product) -> None:
    async with product.client(await product.admin_token()) as admin:
        people = [await make_seller(product, admin, f"rules_{n}", name) for n, name in enumerate(("周转出", "吴接收"))]
        lead = {"name": "郑闲置", "phone": "13911110021", "assignedTo": people[0]}
        waiting = await post(admin, "/api/customers", lead)
        page = await (await browser.new_context(locale="zh-CN")).new_page()
        errors = ConsoleErrors(page, (*SIGNED_OUT, "409 (Conflict)"))
        await sign_in(page, product.url)
        await page.goto(f"{product.url}/#/customers?view=responses&state=waiting")
        row = page.get_by_test_id(f"response-row-{waiting['customerId']}")
        await expect(row).to_contain_text("周转出")
        await expect(page.get_by_test_id("responses-nearest")).to_be_visible()
        note = {"type": "phone", "content": "已联系"}
        await post(admin, f"/api/customers/{waiting['id']}/follow-ups", note)
        await expect(row).to_have_count(0)
        await page.goto(f"{product.url}/#/customer-rules")
        await edit_pool_rules(page, admin)

        await page.get_by_test_id("rules-transfer").click()
        await page.get_by_test_id("transfer-create").click()
        await page.get_by_test_id("transfer-name").fill("新线索轮转")
        await page.get_by_test_id("transfer-inactiveHours").fill("1")
        await expect(page.get_by_test_id("confirm-ok")).to_be_disabled()  # nobody gives or gets leads yet
        for field, name in {"sourceUserIds": "周转出", "targetUserIds": "吴接收"}.items():
            await page.get_by_test_id(f"transfer-{field}").get_by_label(name).check()
        # The lead is idle for an hour by the next run, which is hours ahead.
        ahead = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(hours=3)
        for name in ("开始时间", "结束时间"):
            await page.get_by_label(name).fill(f"{ahead:%H}:00")
        await page.get_by_test_id("confirm-ok").click()
        drawer = page.get_by_test_id("transfer-drawer")
        await expect(page.get_by_test_id("transfer-prediction")).to_contain_text("周转出 → 吴接收")

        await page.get_by_test_id("transfer-toggle").click()
        await page.get_by_test_id("confirm-ok").click()
        await expect(drawer.get_by_role("heading", name="新线索轮转 启用")).to_be_visible()
        # A run by hand takes what is idle now: nothing is.
        await page.get_by_test_id("transfer-execute").click()
        await page.get_by_test_id("confirm-ok").click()
        await expect(page.get_by_text("已流转 0 条线索")).to_be_visible()
        await drawer.get_by_role("link", name="流转记录").click()
        await expect(page.get_by_text("没有流转记录")).to_be_visible()
        assert errors.seen == []
