"""A video interview in real browsers: host and guests, each in a browser context with a fake camera."""

import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.journeys.support.app_processes import child_process_ids
from tests.journeys.support.browser import ON_THE_LOOP_OF_THE_BROWSER, ConsoleErrors
from tests.journeys.support.media_network import MediaNetwork
from tests.journeys.support.running import Product, running
from tests.journeys.support.sign_in import SIGNED_OUT, sign_in
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, ON_THE_LOOP_OF_THE_BROWSER]

REDIS_UNAVAILABLE = "503"
"""The status of requests while Redis is unavailable."""
REFUSED = "422"
"""The status of requests that a rule refuses."""
BANNED = "403"
"""The status of a request with the ticket of a banned guest."""
OFFLINE_ERRORS = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
NEW_FRAMES = """
async () => {
  const tiles = [...document.querySelectorAll('.tile')];
  const video = tiles.find((tile) => tile.dataset.state !== 'own')?.querySelector('video');
  if (!video || video.videoWidth === 0) return false;
  const before = video.getVideoPlaybackQuality().totalVideoFrames;
  await new Promise((done) => setTimeout(done, 1000));
  return video.getVideoPlaybackQuality().totalVideoFrames > before;
}
"""
"""True if the video of the other participant gets new frames within a second."""


@dataclass
class Participant:
    """A participant in a browser context. Unexpected console errors fail the test."""

    page: Page
    context: BrowserContext
    console_errors: ConsoleErrors

    async def sees_moving_video(self) -> None:
        """Waits until the video of the other participant moves."""
        await eventually(self._video_moves, 40)

    async def sees_still_video(self) -> None:
        async def is_still() -> bool:
            return not await self._video_moves()

        await eventually(is_still, 20)

    async def _video_moves(self) -> bool:
        return bool(await self.page.evaluate(NEW_FRAMES))

    @asynccontextmanager
    async def offline(self, media: MediaNetwork) -> AsyncIterator[None]:
        """Without network inside the block."""
        session = await self.context.new_cdp_session(self.page)
        await session.send("Network.enable")
        unlimited = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        await session.send("Network.emulateNetworkConditions", {"offline": True, **unlimited})
        media.cut = True
        yield
        media.cut = False
        await session.send("Network.emulateNetworkConditions", {"offline": False, **unlimited})


@asynccontextmanager
async def participant(
    browser: Browser, *expected: str, width: int = 1280, height: int = 800
) -> AsyncIterator[Participant]:
    context = await browser.new_context(
        locale="zh-CN", viewport={"width": width, "height": height}, permissions=["camera", "microphone"]
    )
    page = await context.new_page()
    person = Participant(page, context, ConsoleErrors(page, (*SIGNED_OUT, *expected)))
    yield person
    assert person.console_errors.seen == []
    await context.close()


@asynccontextmanager
async def a_host(
    browser: Browser, product: Product, *expected: str, lobby: bool
) -> AsyncIterator[tuple[Page, Participant]]:
    """The list on the dashboard, and the host in the room that was created there."""
    async with participant(browser, *expected) as staff:
        await sign_in(staff.page, product.url)
        await staff.page.get_by_test_id("nav-interviews").click()
        await staff.page.get_by_test_id("interview-create").click()
        if lobby:
            await staff.page.get_by_test_id("interview-lobby").check()
        async with staff.context.expect_page() as opened:
            await staff.page.get_by_test_id("interview-save").click()
        room = await opened.value
        host = Participant(room, staff.context, ConsoleErrors(room, (*SIGNED_OUT, *expected)))
        await room.get_by_test_id("entrance-join").click()
        await expect(room.get_by_test_id("room")).to_be_visible()
        yield staff.page, host
        await room.get_by_test_id("control-leave").click()
        await room.get_by_test_id("confirm-ok").click()
        await expect(room.get_by_test_id("over-ended")).to_be_visible()
        assert host.console_errors.seen == []


async def invite_link(host: Page, identity: str) -> str:
    await host.get_by_test_id(f"invite-{identity}").click()
    return await host.get_by_test_id(f"link-{identity}").input_value()


async def join(guest: Page, link: str, name: str) -> None:
    await guest.goto(link)
    await guest.get_by_test_id("entrance-name").fill(name)
    await guest.get_by_test_id("entrance-join").click()


async def act_on_guest(host: Page, action: str) -> None:
    await host.locator("[data-testid^=actions-]").click()
    await host.get_by_test_id(f"action-{action}").click()


async def test_a_guest_waits_joins_recovers_from_a_cut_network_is_muted_and_is_banned(
    browser: Browser, product: Product
) -> None:
    async with (
        a_host(browser, product, lobby=True) as (dashboard, host),
        participant(browser, *OFFLINE_ERRORS, BANNED, width=390, height=844) as guest,
    ):
        media = MediaNetwork()
        await media.attach(host.context, guest.context)
        await host.page.reload()  # the network takes effect when a page is loaded
        await host.page.get_by_test_id("entrance-join").click()
        link = await invite_link(host.page, "customer")
        await join(guest.page, link, "王女士")
        await expect(guest.page.get_by_test_id("lobby")).to_be_visible()
        await expect(dashboard.get_by_test_id("interviews-table")).to_contain_text("1 人等候")
        await host.page.locator("[data-testid^=admit-]").click()
        await expect(guest.page.get_by_test_id("room")).to_be_visible()
        await host.sees_moving_video()
        await guest.sees_moving_video()
        await expect(host.page.get_by_test_id("phase")).to_have_text("进行中")
        await expect(dashboard.get_by_test_id("interviews-table")).to_contain_text("2 人在场")

        assert media.carried > 0

        async with guest.offline(media):
            await expect(host.page.get_by_test_id("roster")).to_contain_text("掉线", timeout=15_000)
            await expect(guest.page.get_by_test_id("line")).to_have_text(re.compile("重连中"))
            await host.sees_still_video()
            await guest.page.wait_for_timeout(10_000)
        await expect(guest.page.get_by_test_id("line")).to_have_text(re.compile("实时"), timeout=15_000)
        await expect(host.page.get_by_test_id("roster")).not_to_contain_text("掉线")
        await host.sees_moving_video()
        await guest.sees_moving_video()

        await act_on_guest(host.page, "off-mic")
        await expect(guest.page.get_by_test_id("control-mic")).to_have_attribute("aria-pressed", "false")
        await act_on_guest(host.page, "ask-mic")
        await guest.page.get_by_test_id("consent-yes").click()
        await expect(guest.page.get_by_test_id("control-mic")).to_have_attribute("aria-pressed", "true")

        await act_on_guest(host.page, "kick")
        await host.page.get_by_test_id("confirm-ok").click()
        await expect(guest.page.get_by_test_id("over-banned")).to_be_visible()
        await expect(host.page.get_by_test_id("roster").locator("li")).to_have_count(1)
        await guest.page.reload()
        await expect(guest.page.get_by_test_id("over-refused")).to_contain_text("KICKED")
        media.close()


async def test_a_worker_sees_the_teleprompter_and_a_customer_does_not(browser: Browser, product: Product) -> None:
    async with (
        a_host(browser, product, lobby=False) as (_, host),
        participant(browser, width=390, height=844) as customer,
        participant(browser, width=390, height=844) as worker,
    ):
        await join(customer.page, await invite_link(host.page, "customer"), "")
        await expect(customer.page.get_by_test_id("room")).to_be_visible()
        await host.page.get_by_test_id("control-prompter").click()
        await host.page.get_by_test_id("prompter-text").fill("请介绍一下您带过的宝宝\n" * 20)
        await host.page.get_by_test_id("prompter-load").click()
        await host.page.get_by_test_id("prompter-play").click()
        await host.page.get_by_test_id("control-people").click()

        await join(worker.page, await invite_link(host.page, "helper"), "赵阿姨")

        await expect(worker.page.get_by_test_id("prompter")).to_contain_text("请介绍一下您带过的宝宝")
        await expect(customer.page.get_by_test_id("prompter")).to_have_count(0)
        prompter, faces = worker.page.get_by_test_id("prompter"), worker.page.locator(".stage")
        text, pictures = await prompter.bounding_box(), await faces.bounding_box()
        assert text
        assert pictures
        assert text["y"] + text["height"] <= pictures["y"]  # no face is covered
        await expect(host.page.get_by_test_id("roster").locator("li")).to_have_count(3)


async def test_a_booked_interview_is_listed_and_its_links_wait_until_the_host_starts_it(
    browser: Browser, product: Product
) -> None:
    async with (
        participant(browser, REFUSED) as staff,
        participant(browser, width=390, height=844) as guest,
        participant(browser, REFUSED, width=360, height=740) as latecomer,
    ):
        await sign_in(staff.page, product.url)
        await staff.page.get_by_test_id("nav-interviews").click()
        for name in ("取消的面试", "预约的面试"):
            await staff.page.get_by_test_id("interview-create").click()
            await staff.page.get_by_test_id("interview-name").fill(name)
            await staff.page.get_by_test_id("startsAt-day").fill("2020-5-2")
            await staff.page.get_by_test_id("startsAt-time").fill("10:00")
            await staff.page.get_by_test_id("interview-save").click()
            await expect(staff.page.get_by_test_id("interview-form")).to_contain_text("预约时间已过")
            await staff.page.get_by_test_id("startsAt-day").fill("2126-5-2")
            await staff.page.get_by_test_id("interview-save").click()
            link = await invite_link(staff.page, "customer")
            await staff.page.get_by_test_id("invite-close").click()
        await expect(staff.page.get_by_test_id("interviews-scheduled")).to_have_attribute("aria-pressed", "true")
        row = staff.page.get_by_test_id("interviews-table").locator("tr", has_text="预约的面试")
        cancelled = staff.page.get_by_test_id("interviews-table").locator("tr", has_text="取消的面试")
        await guest.page.goto(link)
        await expect(guest.page.get_by_test_id("early")).to_contain_text("2126-05-02 10:00")

        await cancelled.locator("[data-testid^=cancel-]").click()
        await staff.page.get_by_test_id("confirm-ok").click()
        await expect(cancelled).to_contain_text("已取消")
        await expect(cancelled.locator("[data-testid^=review-]")).to_have_count(0)
        await row.locator("[data-testid^=reschedule-]").click()
        await staff.page.get_by_test_id("startsAt-day").fill("2126-05-03")
        await staff.page.get_by_test_id("startsAt-time").fill("11:30")
        await staff.page.get_by_test_id("reschedule-save").click()
        await expect(row.locator(".starts-at")).to_have_attribute("title", "2126-05-03 11:30:00")
        await expect(guest.page.get_by_test_id("early")).to_contain_text("2126-05-03 11:30", timeout=10_000)
        async with staff.context.expect_page() as opened:
            await row.locator("[data-testid^=join-]").click()
        host = await opened.value
        await expect(host.get_by_test_id("entrance-join")).to_have_text("开始面试")
        await host.get_by_test_id("entrance-join").click()
        await expect(host.get_by_test_id("room")).to_be_visible()

        await guest.page.get_by_test_id("entrance-name").fill("王女士", timeout=10_000)  # the page went on by itself
        await guest.page.get_by_test_id("entrance-join").click()
        await expect(guest.page.get_by_test_id("room")).to_be_visible()
        await expect(host.get_by_test_id("roster")).to_contain_text("王女士客户")
        await latecomer.page.goto(link)
        await expect(latecomer.page.get_by_test_id("over-refused")).to_contain_text("INVITE_USED_UP")
        await host.get_by_test_id("control-leave").click()
        await host.get_by_test_id("confirm-ok").click()
        await expect(row).to_contain_text("已结束")


async def test_a_chat_message_reaches_the_other_participant(browser: Browser, product: Product) -> None:
    async with (
        a_host(browser, product, lobby=False) as (_, host),
        participant(browser, width=390, height=844) as guest,
    ):
        await join(guest.page, await invite_link(host.page, "customer"), "李先生")
        await expect(host.page.get_by_test_id("roster").locator("li")).to_have_count(2)
        await guest.page.get_by_test_id("control-chat").click()
        await guest.page.get_by_test_id("chat-text").fill("什么时候可以上户？")
        await guest.page.get_by_test_id("chat-send").click()

        await expect(host.page.get_by_test_id("control-chat")).to_contain_text("1")
        await host.page.get_by_test_id("control-chat").click()
        await expect(host.page.get_by_test_id("chat-lines")).to_contain_text("什么时候可以上户？")


async def test_an_interview_continues_after_redis_was_killed(browser: Browser, tmp_path: Path) -> None:
    with running(data=tmp_path) as product:
        async with (
            a_host(browser, product, REDIS_UNAVAILABLE, lobby=False) as (_, host),
            participant(browser, REDIS_UNAVAILABLE, width=390, height=844) as guest,
        ):
            await join(guest.page, await invite_link(host.page, "customer"), "李先生")
            await expect(host.page.get_by_test_id("roster").locator("li")).to_have_count(2)

            [redis] = child_process_ids(product, "valkey-server")
            os.kill(redis, signal.SIGKILL)
            await guest.page.wait_for_timeout(3_000)
            await guest.page.get_by_test_id("control-hand").click()

            await expect(host.page.get_by_test_id("roster").locator(".hand-up")).to_have_count(1, timeout=30_000)
            await expect(host.page.get_by_test_id("roster").locator("li")).to_have_count(2)
            await host.sees_moving_video()
