"""Two staff members work with the same customers on the dashboard: live moves, conflicts, a lost race, to-dos."""

from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import Product
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
TIMEOUT_MS = 15_000
SELLER, FIRST, OWN = "seller_lin", "plum tree 43", "seven quiet hills"
REFUSED = (*SIGNED_OUT, "409 (Conflict)", "404 (Not Found)")


async def make_seller(admin: aiohttp.ClientSession) -> None:
    form = {"username": SELLER, "password": FIRST, "name": "林销售", "role": "employee"}
    async with admin.post("/api/users", json=form) as answer:
        assert answer.status == 201, await answer.text()


async def make_customer(admin: aiohttp.ClientSession, name: str, phone: str) -> dict[str, Any]:
    form = {"name": name, "phone": phone, "serviceCategory": "月嫂"}
    async with admin.post("/api/customers", json=form) as answer:
        assert answer.status == 201, await answer.text()
        created: dict[str, Any] = (await answer.json())["data"]
    return created


async def sign_in_as_seller(browser: Browser, product: Product) -> Page:
    page = await (await browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 740})).new_page()
    await page.goto(product.url)
    await page.get_by_test_id("login-username").fill(SELLER)
    await page.get_by_test_id("login-password").fill(FIRST)
    await page.get_by_test_id("login-submit").click()
    for field, value in {"current": FIRST, "fresh": OWN, "again": OWN}.items():
        await page.get_by_test_id(f"password-{field}").fill(value)
    await page.get_by_test_id("password-save").click()
    return page


async def open_customers(page: Page, product: Product, query: str = "") -> None:
    await page.goto(f"{product.url}/#/customers?{query}")


async def make_a_customer(page: Page) -> None:
    await page.get_by_test_id("customer-create").click()
    await page.get_by_test_id("field-name").fill("韩新客")
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("customer-form")).to_contain_text("手机号和微信号至少填写一项")
    await page.get_by_test_id("field-phone").fill("13911110001")
    await choose(page.get_by_test_id("field-serviceCategory"), text="月嫂")
    await page.get_by_test_id("form-save").click()
    await expect(page.get_by_test_id("customer-drawer")).to_contain_text("韩新客")


async def test_two_staff_members_share_customers(browser: Browser, product: Product) -> None:
    async with product.client(await product.admin_token()) as admin:
        await make_seller(admin)
        moved = (await make_customer(admin, "白看板", "13911110002"))["customerId"]
        pooled = await make_customer(admin, "万抢手", "13911110003")
        wanted = pooled["customerId"]
        await admin.post(f"/api/customers/{pooled['id']}/release-to-pool", json={"reason": "暂无需求"})
        one = await (await browser.new_context(locale="zh-CN")).new_page()
        errors = [ConsoleErrors(one, REFUSED)]
        await sign_in(one, product.url)
        seller = await sign_in_as_seller(browser, product)
        errors.append(ConsoleErrors(seller, REFUSED))
        await expect(seller.get_by_test_id("todo-notContacted")).to_be_visible()  # where sales staff start
        await open_customers(one, product)
        await make_a_customer(one)
        await one.get_by_test_id("grade-A类").click()
        await expect(one.get_by_test_id("grade-A类")).to_have_attribute("aria-pressed", "true")
        await one.get_by_test_id("drawer-close").click()

        # a list is searched while one types, by pinyin, too, and the address has the search
        await one.get_by_test_id("customers-search").fill("bkb")
        await expect(one.get_by_test_id("customers-table").locator("tbody tr")).to_have_count(1)
        await expect(one).to_have_url(f"{product.url}/#/customers?search=bkb")
        await expect(one.get_by_test_id(f"customer-row-{moved}")).to_be_visible()
        await one.get_by_test_id("view-save").click()
        await one.get_by_test_id("view-name").fill("看板客户")
        await one.get_by_test_id("confirm-ok").click()
        await expect(one.get_by_test_id("saved-views")).to_contain_text("看板客户 1")

        # a card is dragged and moved by the keyboard; the board of another window follows
        two = await one.context.new_page()
        errors.append(ConsoleErrors(two, REFUSED))
        for page in (one, two):
            await open_customers(page, product, "view=board&search=bkb")
        matching = [page.get_by_test_id("column-匹配中").get_by_test_id(f"card-{moved}") for page in (one, two)]
        await one.get_by_test_id(f"card-{moved}").drag_to(one.get_by_test_id("column-匹配中"))
        for card in matching:
            await expect(card).to_be_visible(timeout=TIMEOUT_MS)
        move = one.get_by_test_id(f"move-{moved}")
        await move.focus()
        await one.keyboard.press("ArrowDown")
        await one.keyboard.press("ArrowDown")
        await one.keyboard.press("Enter")
        await expect(two.get_by_test_id("column-已面试").get_by_test_id(f"card-{moved}")).to_be_visible(
            timeout=TIMEOUT_MS
        )

        # an edit that came too late keeps what was typed, and says what changed
        await two.get_by_test_id(f"card-{moved}").get_by_role("button", name="白看板").click()
        await two.get_by_test_id("do-edit").click()
        await two.get_by_test_id("field-remarks").fill("双胞胎")
        await choose(move, value="签约中")
        await expect(one.get_by_test_id("column-签约中").get_by_test_id(f"card-{moved}")).to_be_visible()
        await two.get_by_test_id("form-save").click()
        await expect(two.get_by_test_id("meanwhile")).to_contain_text("客户状态：已面试 → 签约中")
        await two.get_by_test_id("form-save").click()
        await expect(two.get_by_test_id("customer-form")).to_have_count(0)
        await expect(two.get_by_test_id("customer-drawer")).to_contain_text("双胞胎")

        # the releaser of a customer cannot claim it, and reads so before the click
        await open_customers(one, product, "view=pool")
        await expect(one.get_by_test_id(f"claim-{wanted}")).to_be_disabled()
        await expect(one.get_by_test_id(f"customer-row-{wanted}")).to_contain_text("您释放的客户")

        # the loser of a race gets a message
        await open_customers(seller, product, "view=pool")
        await seller.get_by_test_id(f"customer-row-{wanted}").get_by_role("button", name="万抢手").click()
        await expect(seller.get_by_test_id(f"claim-{wanted}")).to_be_enabled()
        await expect(seller.get_by_test_id("customer-drawer")).to_contain_text("领取后可查看")
        await lose_the_race(seller, admin, pooled)

        # what administrators add to a dictionary is in an open form at once
        await one.get_by_test_id("customer-create").click()
        await two.goto(f"{product.url}/#/dictionaries")
        await two.get_by_test_id("add-leadSource").click()
        await two.get_by_test_id("dictionary-leadSource").get_by_test_id("entry-value").last.fill("社区地推")
        await two.get_by_test_id("save-leadSource").click()
        await expect(two.get_by_test_id("save-leadSource")).to_be_disabled()
        await choose(one.get_by_test_id("field-leadSource"), text="社区地推")
        await expect(one.get_by_test_id("field-leadSource")).to_have_text("社区地推")

        # a contract takes its customer from the records, with masked numbers, which the server knows
        await two.goto(f"{product.url}/#/contracts")
        await two.get_by_test_id("contract-create").click()
        await two.get_by_test_id("customer-pick").click()
        await two.get_by_test_id("customer-pick-search").fill("hxk")
        await two.get_by_test_id("customer-pick-dialog").get_by_role("button", name="韩新客").click()
        await expect(two.get_by_test_id("customer-picked")).to_be_visible()
        await expect(two.get_by_test_id("field-customerName")).to_have_value("韩新客")
        await expect(two.get_by_test_id("field-customerPhone")).to_have_value("139****0001")
        for each in errors:
            assert each.seen == []


async def lose_the_race(loser: Page, admin: aiohttp.ClientSession, wanted: dict[str, Any]) -> None:
    """The claim leaves while the customer is free, and arrives when another owner has it."""

    async def overtaken(route: Route) -> None:
        async with admin.get("/api/auth/me") as me:
            owner = (await me.json())["data"]["id"]
        body = {"customerIds": [wanted["id"]], "assignedTo": owner}
        async with admin.post("/api/customers/public-pool/assign", json=body) as answer:
            assert (await answer.json())["data"]["success"] == 1
        await route.continue_()

    await loser.route("**/api/customers/public-pool/claim", overtaken)
    await loser.get_by_test_id(f"claim-{wanted['customerId']}").click()
    await expect(loser.get_by_text("客户已被他人领取")).to_be_visible(timeout=TIMEOUT_MS)
    await expect(loser.get_by_test_id(f"customer-row-{wanted['customerId']}")).to_contain_text(
        "已被领走", timeout=TIMEOUT_MS
    )
