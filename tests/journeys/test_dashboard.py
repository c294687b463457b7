"""Staff work on the dashboard, in a real browser."""

import asyncio
import os
import re
import signal
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import Browser, Page, Request, expect

from tests.contract_api import housekeeping_form
from tests.journeys.support.app_processes import app_process_ids
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.people import data_of, log_in_user
from tests.journeys.support.running import Product
from tests.journeys.support.select import choose
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
FIRST_CHART = """
() => {
  const { options, data } = Chart.getChart(document.querySelector('.chart canvas'));
  const surface = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  return [options.plugins.tooltip.backgroundColor, surface, data.datasets[0].backgroundColor.at(-1).constructor.name];
}
"""
"""The colour of the tooltip and that of the page's surfaces; the filling of the last day, which is not over."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """
() => {
  const root = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
  const pressed = [...root.querySelectorAll('button, a[href], input, select, textarea')];
  const reach = (element, dx, dy) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    for (let step = 0; step < 44; step += 1) {
      const hit = document.elementFromPoint(left + width / 2 + dx * step, top + height / 2 + dy * step);
      if (!hit || !(element.contains(hit) || hit.closest('label')?.contains(element))) return step;
    }
    return 44;
  };
  return pressed.filter((element) => element.checkVisibility({ visibilityProperty: true })).filter((element) => {
    element.scrollIntoView({ block: 'center' });
    const { top, width, height } = element.getBoundingClientRect();
    const wide = width >= 44 || reach(element, -1, 0) + reach(element, 1, 0) >= 44;
    const high = height >= 44 || reach(element, 0, -1) + reach(element, 0, 1) >= 44;
    return top + height > 0 && !(wide && high);
  }).map((element) => element.outerHTML.slice(0, 120));
}
"""
"""Controls smaller than 44 px in one direction; those of the topmost dialog if one is open."""
MOST_BYTES = 140 * 1024
"""Of the compressed responses that the first view needs."""


async def test_the_sign_in_page_says_how_many_tries_are_left_and_how_long_to_wait(
    browser: Browser, product: Product
) -> None:
    page = await browser.new_page(locale="zh-CN")
    await page.goto(product.url)
    await page.get_by_test_id("login-username").fill("nobody")
    await page.get_by_test_id("login-password").fill("wrong")

    for shown in (
        *("用户名或密码错误 ", "用户名或密码错误 ", "还可以再试 2 次", "还可以再试 1 次"),
        *("请 1 分钟后再试", "密码错误次数过多，请 1 分钟后再试"),
    ):
        async with page.expect_response("**/api/auth/login"):
            await page.get_by_test_id("login-submit").click()
        await expect(page.get_by_role("alert")).to_contain_text(shown)

    await expect(page.get_by_test_id("login-submit")).to_be_disabled()
    await expect(page.get_by_test_id("login-submit")).to_contain_text("秒后再试")


async def settled_logins(product: Product, page: Page) -> int:
    """The number of logins today, once the card shows the number of the API."""
    async with product.client(await product.admin_token()) as staff:

        async def agreed() -> tuple[int] | None:
            shown = int(re.sub(r"\D", "", await page.get_by_test_id("card-logins").inner_text()) or -1)
            wanted = int((await data_of(staff, "/api/miniprogram-users/statistics"))["todayLogins"])
            return (wanted,) if shown == wanted else None

        return (await eventually(agreed, 15))[0]


async def test_the_cards_change_when_a_user_logs_in(browser: Browser, product: Product) -> None:
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    before = await settled_logins(product, page)
    assert await log_in_user(product, "oLiveCard000000000000000001", "看板测试") == 201

    moved = f"{before + 1:,}"
    await expect(page.get_by_test_id("card-logins")).to_contain_text(moved, timeout=3000)
    await expect(page.locator(".chart canvas").first).to_be_visible()
    background, surface, today = await page.evaluate(FIRST_CHART)
    assert background == surface
    assert today == "CanvasPattern"
    assert console_errors.seen == []


async def test_staff_find_and_block_a_user_whose_login_is_then_refused(browser: Browser, product: Product) -> None:
    openid, nickname = "oBlockMe0000000000000000001", "待封禁小李"
    await log_in_user(product, openid, nickname)
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
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
    assert await log_in_user(product, openid, nickname) == 403
    await expect(page.get_by_text(f"已封禁「{nickname}」")).to_be_visible()
    await page.get_by_test_id("toast-undo").click()  # also while the drawer makes the rest of the page inert
    await expect(page.get_by_text(f"已解封「{nickname}」")).to_be_visible()
    await expect(page.get_by_test_id("action-block")).to_be_visible()
    assert await log_in_user(product, openid, nickname) == 200
    assert console_errors.seen == []


async def test_an_account_is_found_by_the_end_of_its_phone_and_merged_into_another(
    browser: Browser, product: Product
) -> None:
    async with product.client() as client:
        for openid, nickname, phone in (
            ("oMergeFrom000000000000000001", "合并前", "13955573214"),
            ("oMergeInto000000000000000001", "合并后", "13955573215"),
        ):
            body = {"openid": openid, "nickname": nickname, "phone": phone}
            async with client.post("/api/miniprogram-users/login", json=body) as answer:
                assert answer.status == 201, await answer.text()
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    await page.get_by_test_id("nav-users").first.click()
    await page.get_by_test_id("users-search").fill("73214")
    await page.get_by_test_id("users-table").get_by_text("合并前").click()
    await page.get_by_test_id("action-merge").click()
    await page.get_by_test_id("merge-search").fill("73215")
    await page.get_by_role("dialog").get_by_text("合并后").click()
    both = page.get_by_test_id("merge-comparison")
    await expect(both).to_contain_text("139****3214")
    await expect(both).to_contain_text("139****3215")

    await both.get_by_role("radio").nth(1).check()  # the other account stays
    await page.get_by_test_id("confirm-reason").fill("同一客户")
    await page.get_by_test_id("confirm-ok").click()

    await expect(page.get_by_text("已将「合并前」并入「合并后」")).to_be_visible()
    await expect(page.get_by_test_id("drawer")).to_have_count(0)
    assert await log_in_user(product, "oMergeFrom000000000000000001", "合并前") == 200
    await page.get_by_test_id("users-search").fill("573214")
    await expect(page.get_by_text("没有符合条件的用户")).to_be_visible()
    assert console_errors.seen == []


async def test_the_login_log_shows_how_often_guesses_were_refused(browser: Browser, product: Product) -> None:
    nickname = "被猜测的小周"
    async with product.client() as client:
        body = {"openid": "oGuessed00000000000000000001", "nickname": nickname}
        async with client.post("/api/miniprogram-users/login", json=body) as answer:
            account, session, _ = (await answer.json())["data"]["refreshToken"].split(".")
        guess = {"refreshToken": f"{account}.{session}.guessed"}
        for _ in range(40):  # in at most two minutes, by two app processes at most
            async with client.post("/api/miniprogram-users/refresh", json=guess) as answer:
                assert answer.status == 401
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    await page.get_by_test_id("nav-users").first.click()
    await page.get_by_test_id("users-search").fill(nickname)
    await page.get_by_test_id("users-table").get_by_text(nickname).first.click()

    drawer = page.get_by_test_id("drawer")
    await expect(drawer.get_by_text(re.compile(r"×\d+（同一分钟内）")).first).to_be_visible()
    assert console_errors.seen == []


async def test_filters_are_kept_in_the_address_and_apply_to_the_export(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    nickname = "导出测试"
    await asyncio.gather(
        *(log_in_user(product, f"oExport{number:021d}", f"{nickname}{number}") for number in range(23))
    )
    page = await browser.new_page(locale="zh-CN", accept_downloads=True)
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    await page.get_by_test_id("nav-users").first.click()
    rows = page.get_by_test_id("users-table").locator("tbody tr")

    await page.get_by_test_id("users-search").fill(nickname)
    await choose(page.get_by_test_id("filter-phone"), value="false")
    await expect(page.get_by_text("共 23 条")).to_be_visible()
    await expect(rows).to_have_count(20)
    await page.locator(".page-number", has_text="2").click()
    await expect(rows).to_have_count(3)
    await page.reload()  # the address has the filters
    await expect(rows).to_have_count(3)
    async with page.expect_download() as downloading:
        await page.get_by_test_id("users-export").click()
    saved = tmp_path / (await downloading.value).suggested_filename
    await (await downloading.value).save_as(saved)
    workbook = openpyxl.load_workbook(saved)

    assert saved.suffix == ".xlsx"
    names = [row[1] for row in workbook.active.iter_rows(min_row=2, values_only=True)]
    assert sorted(names) == sorted(f"{nickname}{number}" for number in range(23))
    await page.get_by_test_id("users-search").fill("没有这个人")
    await expect(page.get_by_text("没有符合条件的用户")).to_be_visible()
    await expect(page.get_by_test_id("users-export")).to_be_disabled()
    assert console_errors.seen == []


async def test_a_link_with_an_invalid_page_or_filter_still_shows_the_list(browser: Browser, product: Product) -> None:
    await asyncio.gather(*(log_in_user(product, f"oLinked{number:020d}", f"链接{number}") for number in range(3)))
    page = await browser.new_page(locale="zh-CN")
    await sign_in(page, product.url)
    rows = page.get_by_test_id("users-table").locator("tbody tr:not([aria-hidden])")
    for number in (400, 9999):  # after the last page, and beyond the deepest page of any list
        await page.goto(f"{product.url}/#/users?search=链接&page={number}")
        await expect(page.get_by_text("这一页没有内容")).to_be_visible()
        await page.get_by_role("button", name="回到第一页").click()
        await expect(rows).to_have_count(3)

    await page.goto(f"{product.url}/#/users?search=链接&status=zzz&sort=zzz&needsReview=zzz&createdFrom=zzz")
    await expect(page.get_by_test_id("filter-status")).to_have_text("状态")
    await expect(rows).to_have_count(3)
    await choose(page.get_by_test_id("filter-review"), value="true")
    await expect(page.get_by_text("没有符合条件的用户")).to_be_visible()
    assert "needsReview=true" in page.url


async def test_the_page_shows_a_lost_connection_and_reconnects(browser: Browser, product: Product) -> None:
    page = await browser.new_page(locale="zh-CN")
    await sign_in(page, product.url)
    state = page.get_by_test_id("connection-state").first

    [pid] = app_process_ids(product)
    os.kill(pid, signal.SIGKILL)

    await expect(state).to_contain_text("重连中")
    await expect(state).to_contain_text("实时", timeout=30_000)
    before = int(re.sub(r"\D", "", await page.get_by_test_id("card-logins").inner_text()))
    assert await log_in_user(product, "oCameBack000000000000000001", "回来了") in (200, 201)
    await expect(page.get_by_test_id("card-logins")).to_contain_text(f"{before + 1:,}", timeout=10_000)


async def test_an_error_is_shown_with_its_code_and_can_be_retried(browser: Browser, product: Product) -> None:
    refusal = {"success": False, "data": None, "message": "服务暂时不可用", "code": "UNAVAILABLE", "requestId": "r-1"}
    page = await browser.new_page(locale="zh-CN")
    await sign_in(page, product.url)
    await page.route("**/api/miniprogram-users?*", lambda route: route.fulfill(status=503, json=refusal))
    await page.get_by_test_id("nav-users").first.click()
    await expect(page.get_by_text("服务暂时不可用")).to_be_visible()
    await expect(page.get_by_text("UNAVAILABLE")).to_be_visible()
    await expect(page.get_by_test_id("connection-state").first).to_contain_text("部分内容未加载")

    await page.unroute("**/api/miniprogram-users?*")
    await page.get_by_role("button", name="重试").click()

    await expect(page.get_by_test_id("users-table").locator("tbody tr").first).to_be_visible()
    await expect(page.get_by_test_id("connection-state").first).to_contain_text("实时")


async def test_a_page_that_was_opened_offline_is_whole_as_soon_as_the_network_is_back(
    browser: Browser, product: Product
) -> None:
    page = await browser.new_page(locale="zh-CN")
    await sign_in(page, product.url)
    state = page.get_by_test_id("connection-state").first
    await page.context.set_offline(True)
    await expect(state).to_contain_text("离线")
    await page.get_by_test_id("nav-contracts").first.click()
    await expect(page.get_by_text("无法连接服务器")).to_be_visible()

    await page.context.set_offline(False)

    await expect(page.get_by_test_id("count-draft")).to_be_visible(timeout=10_000)
    await expect(state).to_contain_text("实时", timeout=10_000)
    await expect(page.get_by_text("无法连接服务器")).to_have_count(0)


async def test_a_failed_sign_out_is_reported_and_a_successful_one_holds_for_all_tabs(
    browser: Browser, product: Product
) -> None:
    refusal = {"success": False, "data": None, "message": "服务暂时不可用", "code": "UNAVAILABLE", "requestId": "r-1"}
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await sign_in(page, product.url)
    other_tab = await page.context.new_page()
    await other_tab.goto(product.url)
    await expect(other_tab.get_by_test_id("card-total")).to_be_visible()
    await page.route("**/api/auth/logout", lambda route: route.fulfill(status=503, json=refusal))
    await page.get_by_test_id("profile-menu").click()
    await page.get_by_test_id("logout").click()
    await expect(page.get_by_text("退出失败，您仍处于登录状态：服务暂时不可用")).to_be_visible()
    await expect(page.get_by_test_id("card-total")).to_be_visible()

    await page.unroute("**/api/auth/logout")
    await page.get_by_test_id("profile-menu").click()
    await page.get_by_test_id("logout").click()

    await expect(page.get_by_test_id("login-submit")).to_be_visible()
    kept = await page.context.cookies(f"{product.url}/api/auth")
    assert [cookie.get("name") for cookie in kept] == ["staff_device"]
    await expect(other_tab.get_by_test_id("login-submit")).to_be_visible()
    await sign_in(page, product.url)
    await expect(other_tab.get_by_test_id("card-total")).to_be_visible()  # the tabs follow each other


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_the_screen_and_fingers_hit_what_they_press(
    browser: Browser, product: Product, width: int
) -> None:
    async with product.client(await product.admin_token()) as staff:  # an empty list has no columns
        created = await staff.post("/api/contracts/miniprogram/create", json=housekeeping_form(9900 + width))
        assert created.status == 201, await created.text()
        assert await log_in_user(product, "oAnybody0000000000000000001", "谁都行") in (200, 201)
        user = (await data_of(staff, "/api/miniprogram-users?pageSize=1"))["list"][0]["id"]
        contract = (await data_of(staff, "/api/contracts?limit=1"))["contracts"][0]["id"]
    page = await browser.new_page(locale="zh-CN", viewport={"width": width, "height": 844})
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    for address, content in {
        "#/": "card-total",
        "#/users": "users-table",
        f"#/users?user={user}": "reveal-openid",
        "#/contracts": "tab-draft" if width == 360 else "count-draft",
        "#/contracts?view=list": "contracts-table",
        f"#/contracts?contract={contract}": "do-initiate",
        "#/interviews?status=all": "interviews-all",
        "#/connections": "connections-table",
        "#/audit": "audit-table",
        "#/staff": "staff-table",
        "#/roles": "roles-table",
        "#/departments": "department-create",
        "#/notifications": "notices-all",
        "#/notification-templates": "templates-CONTRACT_SIGNED",
        "#/staff-logins": "logins-table",
    }.items():
        await page.goto(f"{product.url}/{address}")
        await expect(page.get_by_test_id(content)).to_be_visible()
        assert await page.evaluate(OVERFLOW) <= 0, address
        if width == 360:
            assert await page.evaluate(SMALL_TARGETS) == [], address
    await page.goto(f"{product.url}/#/users")
    if width == 360:  # columns without room are below the row
        row = page.get_by_test_id("users-table").locator("tbody tr:not([aria-hidden])").first
        await row.get_by_role("button", name="展开其余信息").click()
        await expect(page.locator(".row-details")).to_contain_text("注册时间")
        assert await page.evaluate(OVERFLOW) <= 0
    await page.get_by_test_id("filter-province").click()
    await page.keyboard.press("End")
    last = page.get_by_role("option").last
    await expect(last).to_be_in_viewport(ratio=0.9)
    assert await last.evaluate("({ offsetHeight }) => offsetHeight") >= (44 if width == 360 else 36)
    assert console_errors.seen == []


async def test_the_first_view_is_light(browser: Browser, product: Product) -> None:
    page = await browser.new_page(locale="zh-CN")
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    await page.goto(product.url, wait_until="networkidle")
    await expect(page.get_by_test_id("login-submit")).to_be_visible()

    sizes = [(await request.sizes())["responseBodySize"] for request in finished]

    assert len(sizes) > 20
    assert sum(sizes) <= MOST_BYTES


async def test_the_language_is_that_of_the_browser_until_another_is_chosen(browser: Browser, product: Product) -> None:
    assert await log_in_user(product, "oEnglish0000000000000000001", "Li") in (200, 201)  # an empty list has no columns
    page = await browser.new_page(locale="zh-CN")
    await sign_in(page, product.url)

    await page.get_by_test_id("language-switch").first.click()

    await expect(page.get_by_test_id("connection-state").first).to_contain_text("Live")
    await page.goto(f"{product.url}/#/users")
    await page.reload()
    await page.get_by_test_id("filter-province").press("Enter")
    await expect(page.get_by_role("option", name="Guangdong")).to_be_visible()
    await page.keyboard.press("Escape")
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for place in (".sidebar, nav", ".page-head", ".filters", "thead"):
        shown = await page.locator(place).first.inner_text()
        assert not chinese.search(shown), shown
    english = await browser.new_page(locale="en-GB")
    await english.goto(product.url)
    await expect(english.get_by_test_id("login-submit")).to_have_text("Sign in")


@pytest.mark.parametrize(("address", "entry"), [("/", "main.js"), ("/interview/r1", "pages/interview-room/main.js")])
async def test_a_browser_fetches_no_module_without_a_preload_link(
    browser: Browser, product: Product, address: str, entry: str
) -> None:
    fetched = "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)"
    linked = "[...document.querySelectorAll('link[rel=modulepreload]')].map(({ href }) => new URL(href).pathname)"
    page = await browser.new_page()
    await page.goto(f"{product.url}{address}")
    await expect(page.get_by_test_id("login-submit")).to_be_visible()

    modules = {path for path in await page.evaluate(fetched) if path.endswith(".js")}
    preloaded = set(await page.evaluate(linked))

    assert {path.split("/", 3)[3] for path in modules - preloaded} == {entry, "lib/theme.js"}
    assert preloaded <= modules
