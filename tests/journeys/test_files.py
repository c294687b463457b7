"""Pictures of accounts and the reading of identity cards, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from integrations.local.simulators.tencent.ocr import FRONT
from tests.file_samples import photo_with_place, picture
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.people import log_in_user
from tests.journeys.support.running import Product
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]
PARTS = "**/api/upload/sessions/*/parts/*"
SHOWN = ".top .avatar[src^='/api/upload/content/']"


async def choose(page: Page, path: Path, input_id: str = "file-input") -> None:
    await page.get_by_test_id(input_id).set_input_files(path)


async def open_own_picture(page: Page) -> None:
    await page.get_by_test_id("profile-menu").click()
    await page.get_by_test_id("change-picture").click()


async def test_an_upload_goes_on_after_a_reload_and_the_picture_is_shown(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(photo_with_place((900, 600)) + bytes(9_000_000))
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, SIGNED_OUT)
    await sign_in(page, product.url)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(number_of(request)) if number_of(request) else None)

    async def hold_second(route: Route) -> None:
        if not route.request.url.endswith("/2"):
            await route.continue_()

    await page.route(PARTS, hold_second)
    await open_own_picture(page)
    async with page.expect_request("**/parts/2"):
        await choose(page, photo)
    await expect(page.get_by_test_id("upload-progress")).to_have_js_property("value", 47)
    await page.reload()
    await page.unroute_all(behavior="ignoreErrors")
    await expect(page.get_by_test_id("card-total")).to_be_visible()
    assert sent == ["1", "2"]

    await open_own_picture(page)
    await choose(page, photo)
    await expect(page.get_by_test_id("picture-dialog").locator("img.avatar")).to_be_visible()
    assert sent == ["1", "2", "2", "3"]
    await page.get_by_test_id("picture-close").click()
    await expect(page.locator(SHOWN)).to_be_visible()
    await page.reload()
    await expect(page.locator(SHOWN)).to_be_visible()
    assert await page.locator(SHOWN).evaluate("image => [image.naturalWidth, image.naturalHeight]") == [107, 160]
    assert console_errors.seen == []


def number_of(request: Request) -> str:
    """Of the part that a request sends; empty for other requests."""
    return request.url.rsplit("/", 1)[1] if request.method == "PUT" and "/parts/" in request.url else ""


async def test_a_users_picture_is_replaced_and_an_identity_card_fills_a_form_after_a_look(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    for name, content in (("a.jpg", picture(size=(600, 400))), ("b.svg", b"<svg onload='alert(1)'/>")):
        (tmp_path / name).write_bytes(content)
    await log_in_user(product, "oPictured000000000000000001", "有头像的小何")
    page = await browser.new_page(locale="zh-CN")
    console_errors = ConsoleErrors(page, (*SIGNED_OUT, "400"))
    await sign_in(page, product.url)
    await page.get_by_test_id("nav-users").first.click()
    await page.get_by_test_id("users-search").fill("有头像的小何")
    row = page.get_by_test_id("users-table").locator("tbody tr").first
    await row.click()
    await page.get_by_test_id("user-picture").click()

    await choose(page, tmp_path / "b.svg")
    await expect(page.get_by_test_id("picture-dialog").get_by_role("alert")).to_contain_text("FILE_FORMAT_REFUSED")
    await choose(page, tmp_path / "a.jpg")
    await expect(page.get_by_test_id("picture-dialog").locator("img.avatar")).to_be_visible()
    await page.get_by_test_id("picture-close").click()
    await expect(page.get_by_test_id("drawer").locator("img.avatar")).to_be_visible()
    await page.get_by_test_id("drawer-close").click()
    await expect(row.locator("img.avatar")).to_be_visible()

    await page.get_by_test_id("nav-contracts").first.click()
    await page.get_by_test_id("contract-create").first.click()
    await page.get_by_test_id("id-card-read").first.click()
    await choose(page, tmp_path / "a.jpg", "id-card-input")
    await expect(page.get_by_test_id("id-card-result")).to_contain_text(FRONT["IdNum"])
    await expect(page.get_by_test_id("field-customerIdCard")).to_have_value("")
    await page.get_by_test_id("id-card-use").click()
    await expect(page.get_by_test_id("field-customerIdCard")).to_have_value(FRONT["IdNum"])
    await expect(page.get_by_test_id("field-customerName")).to_have_value(FRONT["Name"])
    assert console_errors.seen == []
