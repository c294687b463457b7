"""Staff, a customer and a worker with one contract, each in a browser of their own, without reloading a page."""

import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import aiohttp
import openpyxl
import pytest
from playwright.async_api import Browser, Page, expect
from yarl import URL

from tests.contract_api import housekeeping_form, training_form
from tests.journeys.support.app_processes import app_process_ids
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import Product, running
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]

FORM = (
    *("customerName", "customerPhone", "customerIdCard", "workerName", "workerPhone", "workerIdCard"),
    *("startDate", "endDate", "workerSalary", "customerServiceFee"),
)


@asynccontextmanager
async def board(browser: Browser, product: Product, *expected: str, width: int = 1280) -> AsyncIterator[Page]:
    """The board in the browser of a staff member. An unexpected console error fails the test."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": width, "height": 844})
    page = await context.new_page()
    console_errors = ConsoleErrors(page, (*SIGNED_OUT, *expected))
    await sign_in(page, product.url)
    await page.goto(f"{product.url}/#/contracts")
    await expect(page.get_by_test_id("count-draft" if width > 860 else "tab-draft")).to_have_text(re.compile(r"\d"))
    await page.evaluate("window.sameAsBefore = true")
    yield page
    assert await page.evaluate("window.sameAsBefore") is True, "the page was loaded again"
    assert console_errors.seen == []
    await context.close()


async def write_contract(page: Page, number: int, name: str, button: str = "form-save") -> None:
    terms = housekeeping_form(number, customerName=name)
    await page.get_by_test_id("contract-create").click()
    for field in FORM:
        await page.get_by_test_id(f"field-{field}").fill(str(terms[field]))
    await choose(page.get_by_test_id("field-contractType"), value=terms["contractType"])
    await expect(page.get_by_test_id("template")).to_have_attribute("value", terms["templateNo"])
    await page.get_by_test_id(button).click()
    await expect(page.get_by_test_id("contract-drawer")).to_be_visible()
    if button == "form-save":
        preview = page.get_by_test_id("signing-preview")
        await expect(preview).to_contain_text(f"{name} 客户 · 138****{number:04d}")
        await expect(preview.locator("dd", has_text=name)).to_be_visible()
        await page.get_by_test_id("confirm-ok").click()


async def link_of(page: Page, role: str) -> str:
    """The sign link in the drawer of a sent contract."""
    await expect(page.get_by_test_id("history")).to_contain_text("已发送给签署方")
    await page.get_by_test_id("get-links").click()
    return str(await page.get_by_test_id(f"open-{role}").get_attribute("href"))


async def slow_links_and_preview(page: Page, name: str, link: str) -> None:
    """While the provider is slow the page shows progress, may be left, and gets the result by push."""
    async with aiohttp.ClientSession() as http:
        for path in ("/contract/getContract", "/contract/previewContract"):
            fault = {"path": path, "times": 1, "fault": {"delay_seconds": 5}}
            assert (await http.post(str(URL(link).with_path("/_sim/faults")), json=fault)).status == 200
    await page.evaluate("""() => {
        const later = window.setTimeout;
        window.setTimeout = (work, ms, ...rest) => (ms === 3000 ? 0 : later(work, ms, ...rest)); // tasks are not polled
    }""")
    await page.get_by_test_id("get-links").click()
    await expect(page.get_by_test_id("links-task")).to_contain_text("正在等待对方平台响应")
    await page.get_by_test_id("do-preview").click()
    await expect(page.get_by_test_id("preview-task")).to_be_visible()
    await page.get_by_test_id("drawer-close").click()
    await column(page, "signing").get_by_role("button", name=re.compile(name)).click()
    await expect(page.get_by_test_id("links-task")).to_be_visible()
    await expect(page.get_by_test_id("get-links")).to_be_disabled()

    await expect(page.get_by_test_id("open-customer")).to_have_attribute("href", re.compile("^http"))
    await expect(page.get_by_test_id("preview-ready").get_by_role("link")).to_have_attribute(
        "href", re.compile("^http")
    )


async def act(browser: Browser, link: str, button: str, remark: str = "") -> None:
    """A party acts on the provider's page, on a phone."""
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(link)
    if remark:
        await page.locator("input[name=remark]").fill(remark)
    await page.locator(button).click()
    await expect(page.locator("#result")).to_be_visible()
    await page.close()


async def draft(product: Product, number: int, token: str = "", **more: Any) -> dict[str, Any]:
    """A draft that another staff member creates, by the API."""
    async with product.client(token or await product.admin_token()) as client:
        answer = await client.post("/api/contracts/miniprogram/create", json=housekeeping_form(number, **more))
        body: dict[str, Any] = await answer.json()
        assert answer.status == 201, body
        return dict(body["data"])


async def in_force(product: Product, number: int, name: str) -> None:
    """A contract that is created and signed without a browser."""
    async with product.client(await product.admin_token()) as client:
        created = (
            await (await client.post("/api/contracts", json=housekeeping_form(number, customerName=name))).json()
        )["data"]
        for role in ("customer", "worker"):
            link = await eventually(partial(_link, client, created["id"], role))
            async with aiohttp.ClientSession() as signer, signer.post(link, data={"action": "sign"}) as signed:
                assert signed.status == 200


async def signed_training(product: Product, number: int, name: str) -> str:
    """The id of a training order that the student has signed and not paid."""
    async with product.client(await product.admin_token()) as client:
        form = training_form(number, customerName=name)
        created = (await (await client.post("/api/training-orders/miniprogram/create", json=form)).json())["data"]
        await client.post(f"/api/training-orders/miniprogram/initiate-signing/{created['id']}", json={})
        link = await eventually(partial(_link, client, created["id"], "customer"))
        async with aiohttp.ClientSession() as signer, signer.post(link, data={"action": "sign"}) as signed:
            assert signed.status == 200
        return str(created["id"])


def day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


async def _link(client: aiohttp.ClientSession, contract_id: str, role: str) -> str | None:
    answer = await (await client.post(f"/api/contracts/{contract_id}/resend-sign-urls", json={})).json()
    links = answer["data"]["signUrls"] if answer["success"] else []
    return next((link["signUrl"] for link in links if link["role"] == role), None)


def column(page: Page, name: str) -> Any:
    return page.get_by_test_id(f"column-{name}")


async def test_a_second_browser_sees_each_step_from_the_form_to_the_last_signature(
    browser: Browser, product: Product
) -> None:
    name = "周晓岚"
    async with (
        board(browser, product) as staff,
        board(browser, product) as wall,
    ):
        before = int(await wall.get_by_test_id("count-active").inner_text())
        await write_contract(staff, 9101, name)
        await expect(column(wall, "signing")).to_contain_text(name)
        await expect(column(wall, "signing").locator("li", has_text=name)).to_contain_text("0/3")

        await slow_links_and_preview(staff, name, await link_of(staff, "customer"))
        await act(browser, str(await staff.get_by_test_id("open-customer").get_attribute("href")), "#sign")
        await expect(column(wall, "signing").locator("li", has_text=name)).to_contain_text("1/3")
        await expect(staff.get_by_test_id("signers-count")).to_have_text("1/3")

        await act(browser, await link_of(staff, "worker"), "#sign")
        await expect(column(wall, "active")).to_contain_text(name)
        await expect(column(wall, "signing")).not_to_contain_text(name)
        await expect(wall.get_by_test_id("count-active")).to_have_text(str(before + 1))
        await expect(staff.get_by_test_id("drawer-status")).to_have_text("生效中")

        await expect(staff.get_by_test_id("to-onboard")).to_be_visible()
        await staff.get_by_test_id("do-confirmOnboard").click()
        await staff.get_by_test_id("confirm-ok").click()
        await expect(staff.get_by_test_id("to-onboard")).not_to_be_visible()
        async with staff.expect_download() as download:
            await staff.get_by_test_id("do-download").click()
        assert (await download.value).suggested_filename.endswith(".pdf")


async def test_a_refusal_is_shown_with_its_reason_and_can_be_sent_again(browser: Browser, product: Product) -> None:
    name = "吴静怡"
    async with (
        board(browser, product) as staff,
        board(browser, product) as wall,
    ):
        await write_contract(staff, 9102, name)
        await act(browser, await link_of(staff, "customer"), "#reject", "工资比谈好的高")

        card = column(wall, "cancelled").locator("li", has_text=name)
        await expect(card).to_contain_text("拒签")
        await expect(card).to_contain_text("客户：工资比谈好的高")
        await expect(staff.get_by_test_id("cancel-reason")).to_contain_text("工资比谈好的高")

        await staff.get_by_test_id("do-reinitiate").click()
        await expect(staff.get_by_test_id("signing-preview")).to_contain_text("赵阿姨")
        await staff.get_by_test_id("confirm-ok").click()
        await expect(column(wall, "signing")).to_contain_text(name)
        await expect(column(wall, "cancelled")).not_to_contain_text(name)


async def test_a_contract_in_force_is_void_once_both_have_signed_the_voiding(
    browser: Browser, product: Product
) -> None:
    name = "冯雅琴"
    await in_force(product, 9109, name)
    async with board(browser, product) as page:
        await column(page, "active").get_by_text(name).click()
        await page.get_by_test_id("do-void").click()
        await page.get_by_test_id("confirm-reason").fill("孩子入托")
        await page.get_by_test_id("confirm-ok").click()
        await expect(page.get_by_test_id("contract-drawer")).to_contain_text("作废中，等待各方确认")

        await expect(page.get_by_test_id("signers-count")).to_have_text("1/3")  # the agency seals it by itself
        await page.get_by_test_id("get-links").click()
        links = [await page.get_by_test_id(f"open-{role}").get_attribute("href") for role in ("customer", "worker")]
        await act(browser, str(links[0]), "#sign")
        await expect(page.get_by_test_id("signers-count")).to_have_text("2/3")
        await expect(page.get_by_test_id("signer-customer")).to_contain_text("已签署")
        await expect(column(page, "active").locator("li", has_text=name)).to_contain_text("2/3")
        await act(browser, str(links[1]), "#sign")

        await expect(page.get_by_test_id("drawer-status")).to_have_text("已取消")
        await expect(column(page, "cancelled").locator("li", has_text=name)).to_contain_text("孩子入托")


async def test_a_change_of_worker_replaces_the_original_only_when_it_is_signed(
    browser: Browser, product: Product
) -> None:
    name = "韩玉洁"
    await in_force(product, 9110, name)
    async with board(browser, product) as page:
        await column(page, "active").get_by_text(name).click()
        await page.get_by_test_id("do-changeWorker").click()
        for field, value in {"workerName": "钱阿姨", "workerPhone": "13700137009", "workerSalary": "9000"}.items():
            await page.get_by_test_id(f"field-{field}").fill(value)
        await page.get_by_test_id("field-workerIdCard").fill(housekeeping_form(9111)["workerIdCard"])
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("drawer-status")).to_have_text("草稿")
        await page.get_by_test_id("do-initiate").click()
        await page.get_by_test_id("confirm-ok").click()
        await act(browser, await link_of(page, "customer"), "#sign")
        await expect(page.get_by_test_id("signers-count")).to_have_text("1/3")
        await expect(column(page, "active").locator("li", has_text=name)).to_contain_text("赵阿姨")

        await act(browser, await link_of(page, "worker"), "#sign")

        # Both are in force for a moment: a follower of the new contract's event replaces the old one.
        of_the_family = column(page, "active").locator("li", has_text=name)
        await expect(of_the_family.filter(has_text="钱阿姨")).to_be_visible()
        await expect(of_the_family).to_have_count(1)
        await page.get_by_test_id("do-renew").click()
        last = str(housekeeping_form(9110)["endDate"])
        await expect(page.get_by_test_id("field-startDate")).to_have_value(day_after(last))
        await page.get_by_test_id("field-endDate").fill("2099/12/2")
        await page.keyboard.press("ArrowDown")  # opens the calendar at the day that was typed
        await page.keyboard.press("End")
        await page.keyboard.press("PageUp")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("field-endDate")).to_have_value("2099-11-06")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Escape")  # closes the calendar, and not the form
        await expect(page.get_by_test_id("field-endDate")).to_be_focused()
        await expect(page.get_by_test_id("form-save")).to_have_text("生成续签草稿")
        await page.get_by_test_id("form-save").click()
        await expect(page.get_by_test_id("drawer-status")).to_have_text("草稿")
        await page.get_by_test_id("open-renewsContractId").click()
        await page.get_by_test_id("open-replacesContractId").click()
        await expect(page.get_by_test_id("drawer-status")).to_have_text("已被替换")


async def test_a_signed_training_is_paid_and_ended_on_the_page(browser: Browser, product: Product) -> None:
    name = "韦思敏"
    order = await signed_training(product, 9114, name)
    async with board(browser, product) as page:
        await column(page, "signed").get_by_text(name).click()
        await expect(page.get_by_test_id("to-be-paid")).to_contain_text("¥6,800")
        await page.get_by_test_id("do-recordPayment").click()
        await page.get_by_test_id("payment-number").fill(f"R-{order}")
        await page.get_by_test_id("confirm-ok").click()
        await expect(page.get_by_test_id("drawer-status")).to_have_text("生效中")

        await page.get_by_test_id("do-graduate").click()
        await page.get_by_test_id("confirm-ok").click()

        await expect(page.get_by_test_id("drawer-status")).to_have_text("已毕业")


async def test_an_outdated_edit_shows_the_changes_and_keeps_the_input(browser: Browser, product: Product) -> None:
    contract = await draft(product, 9103, customerName="郑海燕")
    async with board(browser, product, "409") as page:
        await column(page, "draft").get_by_text("郑海燕").click()
        await page.get_by_test_id("do-edit").click()
        await page.get_by_test_id("field-workerSalary").fill("9200")
        async with product.client(await product.admin_token()) as colleague:
            edit = {"customerAddress": "海淀区中关村大街 1 号", "version": contract["version"]}
            assert (await colleague.put(f"/api/contracts/{contract['id']}", json=edit)).status == 200

        await page.get_by_test_id("form-save").click()

        form = page.get_by_test_id("contract-form")
        await expect(form).to_contain_text("VERSION_CONFLICT")
        await expect(form).to_contain_text("地址：— → 海淀区中关村大街 1 号")
        await expect(page.get_by_test_id("field-workerSalary")).to_have_value("9200")
        await page.get_by_test_id("form-save").click()
        await expect(form).not_to_be_visible()
        drawer = page.get_by_test_id("contract-drawer")
        await expect(drawer).to_contain_text("¥9,200")
        await expect(drawer).to_contain_text("海淀区中关村大街 1 号")


async def test_a_customer_with_a_contract_gets_a_second_one_only_on_purpose(browser: Browser, product: Product) -> None:
    await draft(product, 9104, customerName="孙晓梅")
    async with board(browser, product, "409") as page:
        terms = housekeeping_form(9104, customerName="孙晓梅")
        await page.get_by_test_id("contract-create").click()
        for field in FORM:
            await page.get_by_test_id(f"field-{field}").fill(str(terms[field]))
        await choose(page.get_by_test_id("field-contractType"), value=terms["contractType"])
        await page.get_by_test_id("form-draft").click()
        await expect(page.get_by_test_id("candidate")).to_contain_text("赵阿姨")

        await page.get_by_test_id("candidate-second").click()

        await expect(page.get_by_test_id("contract-drawer")).to_be_visible()
        await expect(column(page, "draft").locator("li", has_text="孙晓梅")).to_have_count(2)


async def test_the_board_does_not_move_cards_while_a_person_is_using_them(browser: Browser, product: Product) -> None:
    earlier = await draft(product, 9105, customerName="先到的人")
    async with board(browser, product) as page:
        first = column(page, "draft").locator("li").first
        await expect(first).to_contain_text("先到的人")
        await first.hover()

        await draft(product, 9106, customerName="后到的人")

        pill = column(page, "draft").locator(".pill")
        await expect(pill).to_be_visible()
        await expect(first).to_contain_text("先到的人")
        await pill.click()
        await expect(column(page, "draft").locator("li").first).to_contain_text("后到的人")
        async with product.client(await product.admin_token()) as colleague:
            edit = {"customerAddress": "海淀区中关村大街 9 号", "version": earlier["version"]}
            assert (await colleague.put(f"/api/contracts/{earlier['id']}", json=edit)).status == 200
        await expect(column(page, "draft").locator("li.marked", has_text="先到的人")).to_be_visible()
        await page.get_by_test_id("view-list").click()
        await page.get_by_test_id("view-board").click()  # read anew; the edit has moved no card
        await expect(column(page, "draft").locator("li", has_text="先到的人")).to_be_visible()
        times = await column(page, "draft").locator("time").evaluate_all("all => all.map((each) => each.dateTime)")
        assert times == sorted(times, reverse=True)


async def test_the_view_is_in_the_address_and_search_finds_by_phone(browser: Browser, product: Product) -> None:
    await draft(product, 9113, customerName="找不到")  # a single row then means that the search was applied
    contract = await draft(product, 9107, customerName="找得到")
    async with board(browser, product) as page:
        await page.get_by_test_id("view-list").click()
        await page.get_by_test_id("contracts-search").fill(housekeeping_form(9107)["customerPhone"])
        table = page.get_by_test_id("contracts-table")
        await expect(table.locator("tbody tr")).to_have_count(1)
        await expect(table).to_contain_text(contract["contractNumber"])
        async with page.expect_download() as download:
            await page.get_by_test_id("contracts-export").click()
        exported = BytesIO((await (await download.value).path()).read_bytes())
        rows = list(openpyxl.load_workbook(exported).worksheets[0].values)
        assert [row[0] for row in rows[1:]] == [contract["contractNumber"]]

        await expect(page).to_have_url(re.compile("search="))
        await expect(page).to_have_url(re.compile("view=list"))
        await page.get_by_test_id("view-board").click()
        await expect(page.get_by_test_id("count-draft")).to_have_text("1")


async def test_a_personal_number_is_revealed_on_demand_with_an_audit_row(browser: Browser, product: Product) -> None:
    await draft(product, 9108, customerName="要回访的人")
    async with board(browser, product) as page:
        await column(page, "draft").get_by_text("要回访的人").click()
        drawer = page.get_by_test_id("contract-drawer")
        await expect(drawer).to_contain_text("138****9108")

        await page.get_by_test_id("reveal-customerPhone").click()

        await expect(drawer).to_contain_text("13800009108")
    assert '"message": "contract.reveal"' in product.printed


@pytest.mark.parametrize("width", [360, 390])
async def test_on_a_phone_the_board_is_one_column_and_nothing_is_wider_than_the_screen(
    browser: Browser, product: Product, width: int
) -> None:
    name = f"手机上的人{width}"
    await draft(product, 9200 + width, customerName=name)
    async with board(browser, product, width=width) as page:

        async def fits() -> None:
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(wide) <= 0

        await page.get_by_test_id("tab-draft").click()
        await expect(column(page, "signing")).to_be_hidden()
        await fits()
        await column(page, "draft").get_by_text(name).click()
        await expect(page.get_by_test_id("do-initiate")).to_be_visible()
        await fits()
        await page.get_by_test_id("do-edit").click()
        await expect(page.get_by_test_id("form-save")).to_be_in_viewport()
        await fits()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await page.get_by_test_id("view-list").click()
        await expect(page.get_by_test_id("contracts-table")).to_contain_text(name)
        await fits()


async def test_a_board_catches_up_after_a_server_outage(browser: Browser) -> None:
    with running() as product:
        await draft(product, 9111, customerName="之前的人")
        async with board(browser, product, "ERR_", "WebSocket", "502", "503") as page:
            await expect(column(page, "draft")).to_contain_text("之前的人")

            token = await product.admin_token()  # once: many log-ins would end the session of the page
            for worker in app_process_ids(product):
                os.kill(worker, signal.SIGKILL)
            await expect(page.get_by_test_id("connection-state").first).not_to_contain_text("实时")
            await eventually(lambda: added(product, token, 9112, "错过的人"), 20)

            await expect(column(page, "draft")).to_contain_text("错过的人", timeout=20_000)
            await expect(page.get_by_test_id("connection-state").first).to_contain_text("实时")


async def added(product: Product, token: str, number: int, name: str) -> bool:
    """Wait until the server responds again."""
    try:
        await draft(product, number, token, customerName=name)
    except (aiohttp.ClientError, AssertionError):
        return False
    return True
