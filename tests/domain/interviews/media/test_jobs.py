"""Media jobs: queued by events, run once, retried after failures, and given up after a day."""

import asyncio
import logging
from datetime import timedelta

import pytest

from domain.interviews.events import InterviewEnded, ParticipantBanned, ParticipantRemoved
from domain.interviews.live.commands import Kick
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS
from domain.interviews.media.job_runner import GIVE_UP_AFTER, LEASE_SECONDS
from domain.interviews.participant_ids import guest_participant_id
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import MediaMode
from domain.shared.errors import RateLimited, UpstreamTimedOut
from tests.background import in_background
from tests.domain.interviews.builders import HOST, NOW
from tests.domain.interviews.fakes import InterviewArea
from tests.waiting import eventually

GUEST, OTHER = guest_participant_id("one"), guest_participant_id("other")


def ended(mode: MediaMode = "zego") -> InterviewEnded:
    return InterviewEnded(
        id="1" * 24,
        at=NOW,
        room_id="room_a",
        host_user_id=HOST,
        reason=EndReason.HOST_ENDED,
        ended_by="李",
        duration=60,
        media_mode=mode,
    )


def banned() -> ParticipantBanned:
    return ParticipantBanned(id="2" * 24, at=NOW, room_id="room_a", participant_id=GUEST)


def removed() -> ParticipantRemoved:
    return ParticipantRemoved(id="3" * 24, at=NOW, room_id="room_a", participant_id=GUEST)


def seconds_until_next_try(area: InterviewArea) -> float:
    [job] = area.jobs.stored.values()
    return (job.next_try_at - area.clock.now()).total_seconds()


class TestQueue:
    async def test_a_repeated_end_closes_the_media_room_once(self, area: InterviewArea) -> None:
        await area.media.job_queue.follow([ended(), ended()])
        assert await area.media.job_runner.run_next("closeRoom")

        await area.media.job_queue.follow([ended()])

        assert not await area.media.job_runner.run_next("closeRoom")
        assert area.media_server.calls == [("close", "room_a")]

    async def test_a_ban_removes_every_media_user_id_of_the_participant(self, area: InterviewArea) -> None:
        await area.user_ids.claim("room_a", "guest_1777_x", GUEST)
        await area.user_ids.claim("room_a", "guest_1777_y", OTHER)

        await area.media.job_queue.follow([banned()])
        await area.run_media_jobs()

        assert area.media_server.calls == [("remove", "room_a", GUEST, "guest_1777_x")]

    async def test_a_call_from_browser_to_browser_has_no_media_room_to_close(self, area: InterviewArea) -> None:
        await area.media.job_queue.follow([ended("mesh")])

        assert area.jobs.stored == {}

    async def test_a_media_room_that_was_used_in_spite_of_mesh_mode_is_closed(self, area: InterviewArea) -> None:
        await area.user_ids.claim("room_a", GUEST, GUEST)

        await area.media.job_queue.follow([ended("mesh")])

        assert [job.kind for job in area.jobs.stored.values()] == ["closeRoom"]

    async def test_a_removal_without_a_ban_expires_after_a_minute(self, area: InterviewArea) -> None:
        area.media_server.failures = [UpstreamTimedOut()]
        await area.media.job_queue.follow([removed()])
        await area.run_media_jobs()

        area.clock.advance(60)
        await area.run_media_jobs()

        assert area.media_server.calls == []
        assert area.jobs.stored == {}


class TestRunner:
    async def test_a_failed_job_is_retried_with_growing_pauses_until_it_succeeds(self, area: InterviewArea) -> None:
        area.media_server.failures = [UpstreamTimedOut() for _ in range(5)]
        await area.media.job_queue.follow([banned()])
        pauses = []

        while not area.media_server.calls:
            assert await area.media.job_runner.run_next("putOut")
            if area.jobs.stored:
                pauses.append(seconds_until_next_try(area))
                area.clock.advance(pauses[-1])

        assert not await area.media.job_runner.run_next("putOut")
        assert [round(pause / expected) for pause, expected in zip(pauses, (1, 2, 4, 8, 10), strict=True)] == [1] * 5

    async def test_a_rate_limit_of_the_provider_is_waited_for(self, area: InterviewArea) -> None:
        area.media_server.failures = [RateLimited(30)]
        await area.media.job_queue.follow([ended()])

        await area.run_media_jobs()

        assert 24 <= seconds_until_next_try(area) <= 36

    async def test_another_process_takes_over_the_job_of_a_process_that_died(self, area: InterviewArea) -> None:
        await area.media.job_queue.follow([ended()])
        survivor = area.another_process("process-2").media.job_runner
        await area.jobs.claim("closeRoom", area.clock.now(), LEASE_SECONDS)  # by a process that dies now
        assert not await survivor.run_next("closeRoom")

        area.clock.advance(LEASE_SECONDS)

        assert await survivor.run_next("closeRoom")
        assert area.media_server.calls == [("close", "room_a")]

    async def test_a_failing_removal_does_not_delay_the_closing_of_rooms(self, area: InterviewArea) -> None:
        area.media_server.failures = [UpstreamTimedOut()]
        await area.media.job_queue.follow([banned(), ended()])

        await area.run_media_jobs()

        assert area.media_server.calls == [("close", "room_a")]

    async def test_a_job_is_given_up_after_a_day_and_logged(
        self, area: InterviewArea, caplog: pytest.LogCaptureFixture
    ) -> None:
        area.media_server.failures = [UpstreamTimedOut()]
        await area.media.job_queue.follow([ended()])
        area.clock.time += GIVE_UP_AFTER

        with caplog.at_level(logging.ERROR):
            await area.run_media_jobs()

        assert area.jobs.stored == {}
        assert "given up" in caplog.text

    def test_a_job_is_not_given_up_before_every_token_of_its_room_has_expired(self) -> None:
        assert timedelta(seconds=MEDIA_TOKEN_SECONDS) < GIVE_UP_AFTER

    async def test_a_new_job_wakes_the_waiting_runner(self, area: InterviewArea) -> None:
        async with in_background(area.media.job_runner.background):
            await asyncio.sleep(0)
            await area.media.job_queue.follow([ended(), banned()])
            await eventually(lambda: len(area.media_server.calls) == 2)

        assert sorted(area.media_server.calls) == [("close", "room_a"), ("remove", "room_a", GUEST)]


class TestEventsOfUseCases:
    async def test_the_end_of_an_interview_closes_its_media_room(self, area: InterviewArea) -> None:
        room = await area.create()

        await area.services.rooms.end(room.room_id, EndReason.HOST_ENDED, "李老师")
        await area.run_media_jobs()

        assert area.media_server.calls == [("close", room.room_id)]

    @pytest.mark.parametrize(("ban", "expires"), [(True, False), (False, True)])
    async def test_a_kick_removes_the_participant_from_the_media_room(
        self, area: InterviewArea, ban: bool, expires: bool
    ) -> None:
        room_id = (await area.create()).room_id
        host, guest = await area.host_joins(room_id), await area.guest_joins(room_id)
        await host.send(Kick(participant_id=guest.id, ban=ban))

        await area.deliver_events()

        [job] = area.jobs.stored.values()
        assert (job.kind, job.user_ids, job.until is not None) == ("putOut", (guest.id,), expires)

    async def test_no_use_case_waits_for_a_provider_that_is_down(self, area: InterviewArea) -> None:
        area.media_server.failures = [UpstreamTimedOut() for _ in range(9)]
        room_id = (await area.create()).room_id
        host, guest = await area.host_joins(room_id), await area.guest_joins(room_id)

        await host.send(Kick(participant_id=guest.id))
        await area.services.rooms.end(room_id, EndReason.HOST_ENDED, "李老师")

        assert guest.seat is None
        assert area.record(room_id).end_reason is EndReason.HOST_ENDED
        assert len(area.media_server.failures) == 9
