"""A staff member signs in to the dashboard in a browser."""

from playwright.async_api import Page, expect

from tests.journeys.support.running import PASSWORD

# Before the sign-in the page asks whether a cookie still has a session; the answer is a 401.
SIGNED_OUT = ("401",)


async def sign_in(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_test_id("login-username").fill("admin")
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("card-total")).to_be_visible()
    await expect(page.get_by_test_id("connection-state").first).to_contain_text("实时")
