"""A programmer reads the documentation of the interfaces in a browser, and tries a request."""

import json
import re

import aiohttp
import pytest
from playwright.async_api import Browser, Page, Response, expect

from realtime.asyncapi import asyncapi_document
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.running import PASSWORD, Product


async def try_operation(page: Page, search: str, operation: str, body: object = None) -> Response:
    """Find an operation by the search, fill in the body, send the request."""
    await page.locator("#nav-bar-search").fill(search)
    await page.locator("#nav-bar-search").press("Enter")
    await page.locator(f"[id='link-{operation}']").click()
    assert await page.locator(".nav-bar-path").count() < 5
    if body is not None:
        await page.locator("textarea.request-body-param-user-input").fill(json.dumps(body))
    path = operation.partition("-")[2]
    async with page.expect_response(f"**{path}") as answered:
        await page.get_by_role("button", name="TRY").click()
    return await answered.value


@pytest.mark.browser
@ON_THE_LOOP_OF_THE_BROWSER
async def test_an_operation_is_found_and_tried_with_the_token_of_a_login(browser: Browser, product: Product) -> None:
    page = await browser.new_page()
    errors, requested = ConsoleErrors(page), []
    page.on("request", lambda request: requested.append(request.url))
    await page.goto(f"{product.url}/api/docs")

    login = await try_operation(page, "员工登录", "post-/api/auth/login", {"username": "admin", "password": PASSWORD})
    profile = await try_operation(page, "/api/auth/me", "get-/api/auth/me")

    assert (login.status, profile.status) == (200, 200)
    await expect(page.locator(".tab-content", has_text='"username": "admin"').first).to_be_visible()
    await page.evaluate("location.hash = 'post-/api/contracts/miniprogram/create'")
    await expect(page.locator("textarea.request-body-param-user-input")).to_have_value(re.compile("王芳"))
    assert [url for url in requested if not url.startswith((product.url, "data:", "blob:"))] == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await page.goto(f"{product.url}/api/docs/realtime")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert errors.seen == []


async def test_scripts_stay_restricted_and_documents_are_compressed_and_kept(product: Product) -> None:
    async with aiohttp.ClientSession(product.url, auto_decompress=False) as client:
        page = await client.get("/api/docs")
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in (await client.get("/")).headers["Content-Security-Policy"]
        for name in ("openapi.json", "asyncapi.json", "realtime"):
            answer = await client.get(f"/api/docs/{name}", headers={"Accept-Encoding": "gzip"})
            assert answer.headers["Content-Encoding"] == "gzip"
            again = await client.get(f"/api/docs/{name}", headers={"If-None-Match": answer.headers["ETag"]})
            assert again.status == 304


async def test_every_event_has_a_line_in_both_languages(product: Product) -> None:
    async with product.client() as client:
        page = await (await client.get("/api/docs/realtime")).text()

    messages = asyncapi_document()["components"]["messages"]
    assert page.count("<details") == len(messages)
    assert [key for key, message in messages.items() if " · " not in message["summary"]] == []
    assert [key for key in messages if f'id="{key}"' not in page] == []
