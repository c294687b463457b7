"""Live updates of the dashboard without any action on the page, in a real browser."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.people import dashboard, data_of, log_in_user
from tests.journeys.support.running import Product
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
TIMEOUT_MS = 15_000


async def go_to(page: Page, url: str, address: str) -> None:
    await page.goto(f"{url}/#/{address}")


async def until_subscribed(product: Product, namespace: str) -> None:
    """Wait until the server lists a connection in the namespace."""
    async with product.client(await product.admin_token()) as staff:

        async def subscribed() -> bool:
            connections = (await data_of(staff, "/api/realtime/connections"))["list"]
            return any(namespace in each["namespaces"] for each in connections)

        await eventually(subscribed, 15)


async def test_the_list_of_users_is_updated_live(browser: Browser, product: Product) -> None:
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    async with page.expect_response(lambda answer: "/api/miniprogram-users?" in answer.url):
        await go_to(page, product.url, "users")
    await until_subscribed(product, "/users")

    assert await log_in_user(product, "oListMoves00000000000000001", "自己出现的人") == 201

    await page.get_by_test_id("new-users").click(timeout=TIMEOUT_MS)  # announced, while the rows stay in place
    row = page.get_by_test_id("users-table").locator("tr", has_text="自己出现的人")
    await expect(row).to_be_visible(timeout=TIMEOUT_MS)
    assert "已封禁" not in await row.inner_text()
    widths = "all => all.map((each) => each.offsetWidth)"
    before = await page.locator(".list-table th").evaluate_all(widths)

    async with product.client(await product.admin_token()) as staff:
        user = (await data_of(staff, "/api/miniprogram-users"))["list"][0]
        assert user["nickname"] == "自己出现的人"
        blocking = {"status": "blocked", "reason": "测试", "version": user["version"]}
        async with staff.patch(f"/api/miniprogram-users/{user['id']}/status", json=blocking) as answer:
            assert answer.status == 200, await answer.text()

        await expect(row).to_contain_text("已封禁", timeout=TIMEOUT_MS)
        await expect(row).to_contain_text("刚被封禁")
        assert await page.locator(".list-table th").evaluate_all(widths) == before  # a mark moves nothing

        await page.get_by_test_id("users-search").fill("自己出现")
        await expect(page.get_by_text("共 1 条")).to_be_visible(timeout=TIMEOUT_MS)
        assert await log_in_user(product, "oListMoves00000000000000002", "搜索以外的人") == 201
        restoring = {"status": "active", "version": user["version"] + 1}
        async with staff.patch(f"/api/miniprogram-users/{user['id']}/status", json=restoring) as answer:
            assert answer.status == 200, await answer.text()
        await expect(row).not_to_contain_text("已封禁", timeout=TIMEOUT_MS)  # this event followed that of the new user
        await expect(page.get_by_test_id("new-users")).to_be_hidden()  # it is unknown whether the new user matches

    assert console_errors.seen == []


async def test_the_list_of_connections_is_updated_live_and_an_administrator_ends_a_connection(
    browser: Browser, product: Product
) -> None:
    token = await product.admin_token()
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    await go_to(page, product.url, "connections")
    rows = page.get_by_test_id("connections-table").locator("tbody tr:not([aria-hidden])")
    await expect(page.get_by_test_id("connections-table")).to_contain_text("Chrome", timeout=TIMEOUT_MS)
    already = await rows.count()

    async with dashboard(product.url, token, "websocket") as watching:
        shown = page.get_by_test_id("connections-table").locator("tr", has=page.get_by_title(watching.name))
        await expect(shown).to_be_visible(timeout=TIMEOUT_MS)
        await expect(shown).not_to_contain_text("本页面")
        this_page = rows.filter(has_text="本页面")
        await expect(this_page).to_have_count(1)
        await expect(this_page.get_by_role("button")).to_have_count(0)  # nobody puts out their own page
        await shown.get_by_role("button").click()
        await page.get_by_test_id("confirm-reason").fill("浏览器测试")
        await page.get_by_test_id("confirm-ok").click()

        await expect(shown).to_be_hidden(timeout=TIMEOUT_MS)
        assert not watching.client.connected
    await expect(rows).to_have_count(already, timeout=TIMEOUT_MS)

    await go_to(page, product.url, "audit")
    await choose(page.get_by_test_id("audit-action"), value="connection.disconnect")
    newest = page.get_by_test_id("audit-table").locator("tbody tr:not([aria-hidden])").first
    await newest.get_by_role("button", name="强制下线").click()
    await expect(page.get_by_test_id("audit-drawer")).to_contain_text("浏览器测试")
    await page.get_by_test_id("audit-history").click()
    await expect(page).to_have_url(re.compile("target=connection&record="))
    await page.get_by_test_id("filter-clear").click()
    async with product.client(token) as staff:
        await staff.post("/api/auth/logout")
    await expect(page.get_by_test_id("audit-new")).to_be_visible(timeout=TIMEOUT_MS)
    await page.get_by_test_id("audit-new").click()
    await expect(newest).to_contain_text("登出")
    assert console_errors.seen == []
