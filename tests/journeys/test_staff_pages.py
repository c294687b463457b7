"""Administrators manage staff, roles and departments, and open pages follow what is withdrawn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from tests.contract_api import housekeeping_form
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import Product
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
INITIAL, OWN = "plum tree 42", "seven quiet rivers"
REFUSED = (*SIGNED_OUT, "403 (Forbidden)", "422 (", "401 (Unauthorized)")


async def make_role_department_and_account(page: Page, product: Product) -> None:
    await page.goto(f"{product.url}/#/departments")
    await page.get_by_test_id("department-create").click()
    await page.get_by_test_id("department-name").fill("城东门店")
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("departments-table")).to_contain_text("城东门店")
    await page.get_by_test_id("nav-roles").click()
    await page.get_by_test_id("role-create").click()
    await page.get_by_test_id("role-name").fill("前台")
    await page.get_by_test_id("permission-search").fill("小程序")
    await page.get_by_test_id("permission-miniprogram-user:view").check()
    await page.get_by_test_id("permission-search").fill("connection")
    await page.get_by_test_id("permission-connection:view").check()
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("roles-table")).to_contain_text("前台")
    await page.get_by_test_id("nav-staff").click()
    await page.get_by_test_id("staff-create").click()
    for field, value in {"username": "front_desk", "password": INITIAL, "name": "赵前台"}.items():
        await page.get_by_test_id(f"staff-{field}").fill(value)
    await choose(page.get_by_test_id("staff-role"), text="前台")
    department = page.get_by_test_id("staff-department")
    await department.press("ArrowDown")
    await page.keyboard.press("Escape")  # closes the list, and not the form
    await page.keyboard.press("End")  # the focus is still on the control
    await expect(page.get_by_role("option", name="城东门店")).to_have_class("active")
    await page.keyboard.press("Enter")
    await expect(department).to_have_text("城东门店")
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("staff-row-front_desk")).to_contain_text("城东门店")


@asynccontextmanager
async def contract_and_interview(product: Product) -> AsyncIterator[None]:
    """Both bear the name of the account. The interview ends with the block: its host can have one only."""
    async with product.client(await product.admin_token()) as client:
        form = housekeeping_form(1, customerName="赵前台")
        contract = await client.post("/api/contracts/miniprogram/create", json=form)
        room = await client.post("/api/interview/rooms", json={"roomName": "赵前台的面试间"})
        assert (contract.status, room.status) == (201, 201)
        yield
        room_id = (await room.json())["data"]["roomId"]
        assert (await client.post(f"/api/interview/rooms/{room_id}/end", json={})).status == 200


async def test_an_account_is_made_changed_and_suspended_and_its_open_page_follows(
    browser: Browser, product: Product
) -> None:
    admin = await (await browser.new_context(locale="zh-CN")).new_page()
    member = await (await browser.new_context(locale="zh-CN")).new_page()
    errors = [ConsoleErrors(admin, REFUSED), ConsoleErrors(member, REFUSED)]
    await sign_in(admin, product.url)
    await make_role_department_and_account(admin, product)

    # the first log-in asks for a password of one's own
    await member.goto(product.url)
    await member.get_by_test_id("login-username").fill("front_desk")
    await member.get_by_test_id("login-password").fill(INITIAL)
    await member.get_by_test_id("login-submit").click()
    await expect(member.get_by_test_id("must-change-password")).to_be_visible()
    for field, value in {"current": INITIAL, "fresh": OWN, "again": OWN}.items():
        await member.get_by_test_id(f"password-{field}").fill(value)
    await member.get_by_test_id("password-save").click()
    await expect(member.get_by_test_id("nav-users")).to_be_visible()
    await expect(member.get_by_test_id("nav-connections")).to_be_visible()
    await expect(member.get_by_test_id("nav-staff")).to_have_count(0)

    # a permission that is removed from the role leaves the menu at once
    await admin.get_by_test_id("nav-roles").click()
    await admin.get_by_role("row", name="前台").get_by_role("button", name="编辑").click()
    await admin.get_by_test_id("permission-connection:view").uncheck()
    await admin.get_by_test_id("confirm-ok").click()
    await expect(member.get_by_test_id("nav-connections")).to_have_count(0)
    await expect(member.get_by_test_id("nav-users")).to_be_visible()

    # who has a permission, and one's own sessions
    await admin.get_by_test_id("who-has").click()
    await admin.get_by_test_id("permission-search").fill("miniprogram-user:view")
    await expect(admin.get_by_test_id("drawer")).to_contain_text("前台 (1)")
    await admin.get_by_test_id("drawer-close").click()
    await member.get_by_test_id("profile-menu").click()
    await member.get_by_test_id("open-account").click()
    await expect(member.get_by_test_id("own-account")).to_contain_text("本设备")
    await member.keyboard.press("Escape")

    # a suspension ends the session of the open page
    await admin.get_by_test_id("nav-staff").click()
    await admin.get_by_test_id("staff-row-front_desk").click()
    await admin.get_by_test_id("staff-suspend").click()
    await admin.get_by_test_id("confirm-reason").fill("离职交接")
    await admin.get_by_test_id("confirm-ok").click()
    await expect(member.get_by_test_id("login-submit")).to_be_visible()
    await expect(admin.get_by_test_id("drawer")).to_contain_text("已暂停")
    await admin.keyboard.press("Escape")
    await admin.get_by_test_id("nav-staff-logins").click()
    await expect(admin.get_by_test_id("logins-table")).to_contain_text("赵前台")

    # everything is found and opened by the keyboard alone
    async with contract_and_interview(product):
        await admin.keyboard.press("/")
        await expect(admin.get_by_test_id("global-search")).to_be_focused()
        await admin.keyboard.type("没有这样的人")
        await expect(admin.get_by_test_id("find-results")).to_contain_text("没有匹配的结果")
        await admin.keyboard.press("Escape")
        await expect(admin.get_by_test_id("find-results")).to_have_count(0)
        drawers = {"staff": "drawer", "contracts": "contract-drawer", "interviews": "interview-drawer"}
        for area, drawer in drawers.items():
            await admin.keyboard.press("/")
            await admin.keyboard.type("赵前台")
            found = admin.get_by_test_id(f"found-{area}")
            await expect(found).to_contain_text("赵前台")
            for _ in range(len(drawers)):  # the customer of the contract is found as well, once it is made
                if await found.locator("[aria-selected=true]").count() == 0:
                    await admin.keyboard.press("ArrowDown")
            await expect(found.locator("[aria-selected=true]")).to_have_count(1)
            await admin.keyboard.press("Enter")
            await expect(admin.get_by_test_id(drawer)).to_contain_text("赵前台")
            await admin.keyboard.press("Escape")
            await expect(admin.get_by_test_id(drawer)).to_have_count(0)
    for each in errors:
        assert each.seen == []
