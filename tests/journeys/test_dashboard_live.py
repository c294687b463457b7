"""What moves on the dashboard without anybody touching it, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.journeys.browser import ConsoleErrors, chromium
from tests.journeys.people import dashboard, data_of
from tests.journeys.running import Product
from tests.journeys.test_dashboard import NOT_YET, a_login, sign_in

pytestmark = pytest.mark.browser
PATIENCE_MS = 15_000


async def go_to(page: Page, url: str, address: str) -> None:
    await page.goto(f"{url}/#/{address}")


async def test_the_list_of_users_moves_by_itself(product: Product) -> None:
    async with chromium() as browser:
        page = await browser.new_page(locale="zh-CN")
        console_errors = ConsoleErrors(page, NOT_YET)
        await sign_in(page, product.url)
        await go_to(page, product.url, "users")
        await page.wait_for_timeout(1_000)

        assert await a_login(product, "oListMoves00000000000000001", "自己出现的人") == 201

        await page.get_by_test_id("new-users").click(timeout=PATIENCE_MS)  # it says so, and does not move under a hand
        row = page.get_by_test_id("users-table").locator("tr", has_text="自己出现的人")
        await expect(row).to_be_visible(timeout=PATIENCE_MS)
        assert "已封禁" not in await row.inner_text()

        async with product.client(await product.admin_token()) as staff:
            user = (await data_of(staff, "/api/miniprogram-users"))["list"][0]
            assert user["nickname"] == "自己出现的人"
            blocking = {"status": "blocked", "reason": "测试", "version": user["version"]}
            async with staff.patch(f"/api/miniprogram-users/{user['id']}/status", json=blocking) as answer:
                assert answer.status == 200, await answer.text()

            await expect(row).to_contain_text("已封禁", timeout=PATIENCE_MS)

            await page.get_by_test_id("users-search").fill("自己出现")
            await expect(page.get_by_text("共 1 条")).to_be_visible(timeout=PATIENCE_MS)
            assert await a_login(product, "oListMoves00000000000000002", "搜索以外的人") == 201
            restoring = {"status": "active", "version": user["version"] + 1}
            async with staff.patch(f"/api/miniprogram-users/{user['id']}/status", json=restoring) as answer:
                assert answer.status == 200, await answer.text()
            await expect(row).not_to_contain_text("已封禁", timeout=PATIENCE_MS)  # it came after the newcomer
            await expect(page.get_by_test_id("new-users")).to_be_hidden()  # who is not known to fit the search

        assert console_errors.seen == []


async def test_who_is_online_moves_by_itself_and_an_administrator_ends_a_connection(product: Product) -> None:
    token = await product.admin_token()
    async with chromium() as browser:
        page = await browser.new_page(locale="zh-CN")
        console_errors = ConsoleErrors(page, NOT_YET)
        await sign_in(page, product.url)
        await go_to(page, product.url, "connections")
        rows = page.get_by_test_id("connections-table").locator("tbody tr:not([aria-hidden])")
        await expect(page.get_by_test_id("connections-table")).to_contain_text("Chrome", timeout=PATIENCE_MS)
        already = await rows.count()

        async with dashboard(product.url, token, "websocket") as watching:
            shown = page.get_by_test_id("connections-table").locator("tr", has=page.get_by_title(watching.name))
            await expect(shown).to_be_visible(timeout=PATIENCE_MS)
            await shown.get_by_role("button").click()
            await page.get_by_test_id("confirm-reason").fill("浏览器测试")
            await page.get_by_test_id("confirm-ok").click()

            await expect(shown).to_be_hidden(timeout=PATIENCE_MS)
            assert not watching.client.connected
        await expect(rows).to_have_count(already, timeout=PATIENCE_MS)
        assert console_errors.seen == []
