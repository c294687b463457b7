"""A manager reads notifications in two tabs, and an administrator edits a template, in a real browser."""

import os
import re
import signal

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.contract_api import housekeeping_form
from tests.journeys.support.app_processes import app_process_ids
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import Product
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
INITIAL, OWN = "plum tree 43", "eight quiet rivers"
TIMEOUT_MS = 15_000
REFUSED = (*SIGNED_OUT, "400 (Bad Request)", "409 (Conflict)")
RECONNECTING = (*SIGNED_OUT, "ERR_CONNECTION", "WebSocket connection to")


async def make_manager(admin: aiohttp.ClientSession) -> None:
    body = {"username": "bell_manager", "password": INITIAL, "name": "钟经理", "role": "manager"}
    async with admin.post("/api/users", json=body) as answer:
        assert answer.status == 201, await answer.text()


async def sign_in_as_manager(page: Page, url: str) -> None:
    """The first log-in asks for a password of one's own; that it was changed is the first notification."""
    await page.goto(url)
    await page.get_by_test_id("login-username").fill("bell_manager")
    await page.get_by_test_id("login-password").fill(INITIAL)
    await page.get_by_test_id("login-submit").click()
    for field, value in {"current": INITIAL, "fresh": OWN, "again": OWN}.items():
        await page.get_by_test_id(f"password-{field}").fill(value)
    await page.get_by_test_id("password-save").click()


async def make_contract(admin: aiohttp.ClientSession, number: int, customer: str) -> None:
    """Managers get an important notification of it, which leads to the contract."""
    form = housekeeping_form(number, customerName=customer)
    async with admin.post("/api/contracts/miniprogram/create", json=form) as answer:
        assert answer.status == 201, await answer.text()


async def shows_unread(page: Page, count: int) -> None:
    """In the badge, in its accessible name and in the title of the document."""
    badge = page.get_by_test_id("bell-badge")
    if count:
        await expect(badge).to_have_text(str(count), timeout=TIMEOUT_MS)
        await expect(page.get_by_test_id("bell")).to_have_accessible_name(f"通知，{count} 条未读")
        await expect(page).to_have_title(re.compile(rf"^\({count}\) "))
    else:
        await expect(badge).to_be_hidden(timeout=TIMEOUT_MS)
        await expect(page.get_by_test_id("bell")).to_have_accessible_name("通知")
        await expect(page).to_have_title(re.compile(r"^[^(]"))


async def test_notifications_come_to_two_tabs_and_are_read_in_both(browser: Browser, product: Product) -> None:
    async with product.client(await product.admin_token()) as admin:
        await make_manager(admin)
        context = await browser.new_context(locale="zh-CN")
        one = await context.new_page()
        errors = ConsoleErrors(one, RECONNECTING)
        await sign_in_as_manager(one, product.url)
        await shows_unread(one, 1)
        two = await context.new_page()
        await two.goto(f"{product.url}/#/notifications?status=unread")
        await shows_unread(two, 1)
        of_two = two.get_by_test_id("notices")

        # an important one is also shown at once
        await make_contract(admin, 7001, "通知甲")
        for page in (one, two):
            await shows_unread(page, 2)
            await expect(page.get_by_test_id("toast-open")).to_have_text("查看合同")

        # the drawer counts what comes, and its rows stay where they are
        await one.get_by_test_id("bell").focus()
        await one.keyboard.press("Enter")
        drawer = one.get_by_test_id("notification-drawer")
        rows = drawer.get_by_test_id("notice-CONTRACT_CREATED")
        await expect(rows).to_have_count(1)
        await make_contract(admin, 7002, "通知乙")
        await expect(drawer.get_by_test_id("new-notices")).to_have_text("1 条新通知", timeout=TIMEOUT_MS)
        await expect(rows).to_have_count(1)
        await drawer.get_by_test_id("new-notices").click()
        await expect(rows.first).to_contain_text("通知乙")
        await expect(drawer).to_contain_text("今天")
        sounds = [drawer.get_by_test_id("notice-sound"), two.get_by_test_id("notice-sound")]
        for state in ("true", "false"):  # off until it is turned on, in all tabs
            await expect(sounds[0]).not_to_have_attribute("aria-pressed", state)
            await sounds[0].click()
            for sound in sounds:
                await expect(sound).to_have_attribute("aria-pressed", state)

        # opening one reads it and shows the contract; every tab follows
        await two.get_by_test_id("new-notices").click()
        await expect(of_two.locator(".notice-row.unread")).to_have_count(3)
        await rows.first.click()
        await expect(one.get_by_test_id("contract-drawer")).to_contain_text("通知乙")
        await expect(drawer).to_be_hidden()
        for page in (one, two):
            await shows_unread(page, 2)
        await expect(of_two.locator(".notice-row.unread")).to_have_count(2)
        await of_two.get_by_test_id("notice-PASSWORD_CHANGED").click()  # it leads nowhere: it is read all the same
        await shows_unread(one, 1)

        # a tab whose app process died has everything afterwards
        [pid] = app_process_ids(product)
        os.kill(pid, signal.SIGKILL)

        async def returned() -> bool:
            return app_process_ids(product) not in ([], [pid])

        await eventually(returned, 30)
        product.wait_until_ready()
        await make_contract(admin, 7003, "通知丙")
        for page in (one, two):
            await shows_unread(page, 2)

        # all are read at once, and the address has the filters
        await two.get_by_test_id("notices-all").click()
        await expect(of_two).to_contain_text("通知丙")
        await two.get_by_test_id("read-all").click()
        for page in (one, two):
            await shows_unread(page, 0)
        await expect(of_two.locator(".notice-row.unread")).to_have_count(0)
        await choose(two.get_by_test_id("notices-type"), value="CONTRACT_CREATED")
        await expect(two).to_have_url(re.compile(r"#/notifications\?type=CONTRACT_CREATED$"))
        await two.reload()
        await expect(of_two).to_contain_text("通知丙")
        await choose(two.get_by_test_id("notices-kind"), value="interview")
        await expect(two.get_by_text("没有符合条件的通知")).to_be_visible()
        assert errors.seen == []


async def test_an_administrator_edits_a_template_with_a_preview(browser: Browser, product: Product) -> None:
    async with product.client(await product.admin_token()) as admin:
        page = await browser.new_page(locale="zh-CN")
        errors = ConsoleErrors(page, REFUSED)
        await sign_in(page, product.url)
        await page.get_by_test_id("nav-notification-templates").click()
        await page.get_by_test_id("templates-CONTRACT_SIGNED").get_by_role("button", name="合同签署完成").click()
        await expect(page).to_have_url(re.compile(r"template=CONTRACT_SIGNED$"))
        title, preview = page.get_by_test_id("template-title"), page.get_by_test_id("preview")
        await expect(preview.locator(".notice-row")).to_have_count(2)
        await expect(page.get_by_test_id("template-save")).to_be_disabled()

        # what the server refuses is said at the field, before it is saved
        await title.fill("签好了 {{nobody}}")
        await expect(page.locator("#problem-title")).to_contain_text("{{nobody}} (TEMPLATE_UNKNOWN_VARIABLE)")
        await expect(title).to_have_attribute("aria-invalid", "true")
        await title.fill("<b>签好了</b>")
        await expect(page.locator("#problem-title")).to_contain_text("TEMPLATE_MARKUP")
        await title.fill("签好了 ")
        await page.get_by_test_id("variable-customerName").click()
        await expect(title).to_have_value("签好了 {{customerName}}")
        await expect(title).to_be_focused()
        await expect(page.locator("#problem-title")).to_have_count(0)
        await expect(preview.locator("[lang=zh-CN]")).to_contain_text("签好了")
        await expect(preview).not_to_contain_text("{{")

        # another administrator was faster: both edits are kept
        path = "/api/notification-templates/CONTRACT_SIGNED"
        async with admin.patch(path, json={"version": 1, "actionText": "去看看"}) as answer:
            assert answer.status == 200, await answer.text()
        await page.get_by_test_id("template-save").click()
        await expect(page.get_by_test_id("template-meanwhile")).to_contain_text("按钮文字（中文）：去看看")
        await expect(title).to_have_value("签好了 {{customerName}}")
        await page.get_by_test_id("template-save").click()
        await expect(page.get_by_text("模板已保存")).to_be_visible()
        await page.get_by_test_id("template-reset").click()
        await page.get_by_test_id("confirm-ok").click()
        await expect(title).to_have_value("合同 {{contractNumber}} 签署完成")

        # a switch in the list turns a type off and on
        await page.keyboard.press("Escape")
        switch = page.get_by_test_id("toggle-CONTRACT_SIGNED")
        for state in ("false", "true"):
            await switch.click()
            await expect(switch).to_have_attribute("aria-checked", state)
        assert errors.seen == []
