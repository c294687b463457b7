"""Reports of the media server and answers to questions: what they change in the interview, and who is removed."""

import pytest

from domain.interviews.errors import ForgedReport
from domain.interviews.live.commands import Kick, MediaStateChange, Update
from domain.interviews.media.reports import MediaReportKind
from domain.interviews.record.model import EndReason
from domain.shared.errors import Unavailable
from tests.domain.interviews.builders import staff
from tests.domain.interviews.fakes import InterviewArea

OPENED, CLOSED, ENTERED, LEFT = MediaReportKind


async def report(
    area: InterviewArea, kind: MediaReportKind, user_id: str = "", login: str = "1", **fields: str
) -> None:
    """The media server reports. Each report is a second later than the last."""
    area.clock.advance(1)
    given = {"incarnation": "1", "at": area.clock.now().isoformat(), **fields}
    await area.media.room_sync.receive(
        {"kind": kind.value, "roomId": "room_a", "userId": user_id, "login": login, **given}
    )


async def enter(area: InterviewArea, user_id: str, login: str = "1") -> None:
    """A user enters the media room, which reports it."""
    area.media_server.present.setdefault("room_a", set()).add(user_id)
    await report(area, ENTERED, user_id, login)
    await area.run_media_jobs()


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id="room_a")
    return area


class TestEntering:
    async def test_a_participant_is_admitted_by_participant_id_and_by_media_user_id(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        await area.user_ids.claim("room_a", "guest_1777_x", guest.id)

        for user_id in (host.id, guest.id, "guest_1777_x"):
            await enter(area, user_id)

        assert area.media_server.calls == []
        assert await area.presence.users("room_a") == {host.id, guest.id, "guest_1777_x"}

    async def test_the_host_may_be_in_the_media_room_before_joining(self, area: InterviewArea) -> None:
        await area.services.unit_of_work.ensure("room_a")

        await enter(area, area.room("room_a").host_id)

        assert area.media_server.calls == []

    async def test_a_stranger_is_removed(self, area: InterviewArea) -> None:
        await area.host_joins("room_a")

        await enter(area, "stranger")

        assert area.media_server.calls == [("remove", "room_a", "stranger")]

    async def test_a_guest_in_the_lobby_is_removed(self, area: InterviewArea) -> None:
        host = await area.host_joins("room_a")
        await host.send(Update(lobby_enabled=True))
        guest = await area.guest_joins("room_a")

        await enter(area, guest.id)

        assert area.media_server.calls == [("remove", "room_a", guest.id)]

    async def test_a_guest_who_left_may_be_in_the_media_room_again(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await guest.leave()

        await enter(area, guest.id)

        assert area.media_server.calls == []

    async def test_a_banned_guest_with_a_valid_token_is_removed_at_each_entrance(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        await host.send(Kick(participant_id=guest.id))
        await area.run_media_jobs()
        area.media_server.calls.clear()

        for login in ("1", "2"):
            await enter(area, guest.id, login)

        assert area.media_server.calls == [("remove", "room_a", guest.id)] * 2

    async def test_a_user_who_enters_after_the_end_is_removed(self, area: InterviewArea) -> None:
        host = await area.host_joins("room_a")
        await area.services.rooms.end("room_a", EndReason.HOST_ENDED, "李老师")
        await area.run_media_jobs()
        area.media_server.calls.clear()

        await enter(area, host.id)

        assert area.media_server.calls == [("remove", "room_a", host.id)]

    async def test_a_media_room_of_another_product_is_left_alone(self, area: InterviewArea) -> None:
        await report(area, ENTERED, "stranger", roomId="a_room_of_another_product")
        await area.run_media_jobs()

        assert area.media_server.calls == []


class TestLeaving:
    async def test_leaving_the_media_room_switches_the_devices_off_and_keeps_the_seat(
        self, area: InterviewArea
    ) -> None:
        await area.host_joins("room_a")
        guest = await area.guest_joins("room_a")
        await guest.send(MediaStateChange(camera=True, mic=True, network=3))
        await enter(area, guest.id)

        await report(area, LEFT, guest.id)

        assert guest.seat is not None
        assert guest.is_connected
        assert (guest.seat.media.camera, guest.seat.media.mic, guest.seat.media.network) == (False, False, 3)
        assert area.pushes("room_a").count("peerMedia") == 2
        assert "peerLeft" not in area.pushes("room_a")

    async def test_the_end_of_an_earlier_log_in_changes_nothing(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await guest.send(MediaStateChange(camera=True))
        await enter(area, guest.id, "1")
        await enter(area, guest.id, "2")

        await report(area, LEFT, guest.id, "1")

        assert guest.seat is not None
        assert guest.seat.media.camera


class TestClosing:
    async def test_a_media_room_that_closed_because_all_left_does_not_end_the_interview(
        self, area: InterviewArea
    ) -> None:
        await area.host_joins("room_a")
        await area.guest_joins("room_a")

        await report(area, CLOSED)

        assert not area.room("room_a").ended
        assert "roomEnded" not in area.pushes("room_a")

    async def test_a_media_room_closed_by_order_ends_an_interview_without_connections(
        self, area: InterviewArea
    ) -> None:
        guest = await area.guest_joins("room_a")
        await guest.drop()

        await report(area, CLOSED, byOrder="true")

        assert area.record("room_a").end_reason is EndReason.ZEGO_CLOSED
        assert area.room("room_a").ended

    async def test_polling_clients_do_not_keep_an_interview_whose_media_room_was_closed_by_order(
        self, area: InterviewArea
    ) -> None:
        await area.media.polling_clients.join(await area.ticket("room_a"), "room_a")

        await report(area, CLOSED, byOrder="true")

        assert area.record("room_a").end_reason is EndReason.ZEGO_CLOSED

    async def test_an_interview_with_connected_participants_goes_on_without_its_media_room(
        self, area: InterviewArea
    ) -> None:
        guest = await area.guest_joins("room_a")
        await guest.send(MediaStateChange(camera=True))

        await report(area, CLOSED, byOrder="true")

        assert not area.room("room_a").ended
        assert guest.seat is not None
        assert not guest.seat.media.camera

    async def test_the_late_close_of_an_earlier_incarnation_changes_nothing(self, area: InterviewArea) -> None:
        await area.guest_joins("room_a")
        await report(area, OPENED, incarnation="2")
        before = area.room("room_a")

        await report(area, CLOSED, incarnation="1", byOrder="true")

        assert area.room("room_a") == before

    async def test_the_close_of_an_ended_interview_changes_nothing(self, area: InterviewArea) -> None:
        await area.services.unit_of_work.ensure("room_a")
        await area.services.rooms.end("room_a", EndReason.DISMISSED, "李老师")
        before = area.room("room_a")

        await report(area, CLOSED, byOrder="true")

        assert area.record("room_a").end_reason is EndReason.DISMISSED
        assert area.room("room_a") == before


class TestReports:
    async def test_a_repeated_report_is_acted_upon_once(self, area: InterviewArea) -> None:
        await area.host_joins("room_a")

        for _ in range(3):
            await report(area, ENTERED, "stranger")
            await area.run_media_jobs()

        assert area.media_server.calls == [("remove", "room_a", "stranger")]

    async def test_a_report_that_failed_is_acted_upon_when_it_arrives_again(self, area: InterviewArea) -> None:
        await area.host_joins("room_a")
        area.store.unavailable = True
        with pytest.raises(Unavailable):
            await report(area, ENTERED, "stranger")

        area.store.unavailable = False
        await report(area, ENTERED, "stranger")
        await area.run_media_jobs()

        assert area.media_server.calls == [("remove", "room_a", "stranger")]

    async def test_a_forged_report_is_refused_and_changes_nothing(self, area: InterviewArea) -> None:
        await area.guest_joins("room_a")
        before = area.room("room_a")

        with pytest.raises(ForgedReport):
            await area.media.room_sync.receive({"kind": "roomClosed", "forged": "yes"})

        assert area.room("room_a") == before


class TestReconciling:
    async def test_the_answer_of_the_media_server_replaces_reports_that_were_lost(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        await guest.send(MediaStateChange(camera=True))
        await enter(area, guest.id)
        area.media_server.present["room_a"] = {host.id}
        area.clock.advance(30)

        await area.media.room_sync.reconcile("room_a")

        assert await area.presence.users("room_a") == {host.id}
        assert guest.seat is not None
        assert not guest.seat.media.camera

    async def test_a_stranger_without_a_report_is_found_and_removed(self, area: InterviewArea) -> None:
        await area.host_joins("room_a")
        area.media_server.present["room_a"] = {"stranger"}

        await area.media.room_sync.reconcile("room_a")
        await area.run_media_jobs()

        assert area.media_server.present["room_a"] == set()

    async def test_a_stranger_who_stays_is_removed_again_by_the_next_question(self, area: InterviewArea) -> None:
        await area.host_joins("room_a")
        for _ in range(2):
            area.media_server.present["room_a"] = {"stranger"}
            await area.media.room_sync.reconcile("room_a")
            await area.run_media_jobs()
            area.media_server.present["room_a"] = set()
            area.clock.advance(30)
            await area.media.room_sync.reconcile("room_a")

        assert area.media_server.calls == [("remove", "room_a", "stranger")] * 2

    async def test_only_live_rooms_with_media_users_are_asked_about(self, area: InterviewArea) -> None:
        for room_id, host_id in (("room_b", "b" * 24), ("room_c", "c" * 24)):
            await area.create(staff(host_id), room_id=room_id)
            await area.services.unit_of_work.ensure(room_id)
            area.media_server.present[room_id] = {"stranger"}
        await area.user_ids.claim("room_b", "user_1", area.room("room_b").host_id)

        [job] = area.media.room_sync.background
        await job.run()
        await area.run_media_jobs()

        assert area.media_server.calls == [("remove", "room_b", "stranger")]
