"""The dashboard's own control for a choice of one value."""

from playwright.async_api import Locator


async def choose(control: Locator, *, value: str | None = None, text: str = "") -> None:
    """Opens the list of a control and presses the option with this value, or with this text."""
    await control.click()
    options = control.page.get_by_role("option")
    found = options.and_(control.page.locator(f'[data-value="{value}"]')) if value is not None else None
    await (found or options.filter(has_text=text)).click()
