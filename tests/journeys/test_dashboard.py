"""Staff at work on the dashboard, in a real browser."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.journeys.browser import Complaints, chromium
from tests.journeys.running import PASSWORD, Product

pytestmark = pytest.mark.browser

# Before anybody is signed in, the page asks whether a cookie still opens a session; the answer is a 401.
NOT_YET = ("401",)


async def sign_in(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_test_id("login-username").fill("admin")
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("card-total")).to_be_visible()
    await expect(page.get_by_test_id("connection-state").first).to_contain_text("实时")


async def a_login(product: Product, openid: str, nickname: str) -> int:
    async with product.client() as client:
        answer = await client.post("/api/miniprogram-users/login", json={"openid": openid, "nickname": nickname})
        return answer.status


async def test_the_cards_move_when_a_user_logs_in_from_outside(product: Product) -> None:
    async with chromium() as browser:
        page = await browser.new_page(locale="zh-CN")
        complaints = Complaints(page, NOT_YET)
        await sign_in(page, product.url)
        await page.wait_for_timeout(500)
        before = int(re.sub(r"\D", "", await page.get_by_test_id("card-logins").inner_text()))
        assert await a_login(product, "oLiveCard000000000000000001", "看板测试") == 201

        moved = f"{before + 1:,}"
        await expect(page.get_by_test_id("card-logins")).to_contain_text(moved, timeout=3000)
        assert complaints.seen == []


async def test_staff_find_a_user_block_them_and_they_are_refused(product: Product) -> None:
    openid, nickname = "oBlockMe0000000000000000001", "待封禁小李"
    await a_login(product, openid, nickname)
    async with chromium() as browser:
        page = await browser.new_page(locale="zh-CN")
        complaints = Complaints(page, NOT_YET)
        await sign_in(page, product.url)
        await page.get_by_test_id("nav-users").first.click()
        await page.get_by_test_id("users-search").fill(nickname)
        row = page.get_by_test_id("users-table").get_by_text(nickname).first
        await row.click()
        await expect(page.get_by_test_id("drawer")).to_be_visible()

        await page.get_by_test_id("action-block").first.click()
        await page.get_by_test_id("confirm-reason").fill("浏览器测试")
        await page.get_by_test_id("confirm-ok").click()

        await expect(page.get_by_test_id("action-unblock").first).to_be_visible()
        assert await a_login(product, openid, nickname) == 403
        assert complaints.seen == []


@pytest.mark.parametrize("width", [390, 1280])
async def test_no_page_is_wider_than_the_screen(product: Product, width: int) -> None:
    async with chromium() as browser:
        page = await browser.new_page(locale="zh-CN", viewport={"width": width, "height": 844})
        complaints = Complaints(page, NOT_YET)
        await sign_in(page, product.url)
        for address in ("#/", "#/users", "#/contracts", "#/contracts?view=list", "#/connections"):
            await page.goto(f"{product.url}/{address}")
            await page.wait_for_timeout(400)
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, address
        assert complaints.seen == []


async def test_the_language_can_be_switched_to_english(product: Product) -> None:
    async with chromium() as browser:
        page = await browser.new_page(locale="zh-CN")
        await sign_in(page, product.url)

        await page.get_by_test_id("language-switch").first.click()

        await expect(page.get_by_test_id("connection-state").first).to_contain_text("Live")
