"""Joining, leaving and dropping out of an interview: who may join, and what a client gets and receives."""

import asyncio
from datetime import timedelta

import pytest

from domain.interviews.errors import (
    Banned,
    LobbyFull,
    NotJoined,
    NotYourRoom,
    RoomEnded,
    RoomFull,
    RoomLocked,
    RoomNotFound,
    RoomNotOpen,
    TicketInvalid,
)
from domain.interviews.live.commands import Join, Kick, LobbyDecide, RenewToken, Update
from domain.interviews.live.room import MAX_LOBBY
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS
from domain.interviews.record.model import EndReason, Schedule
from domain.interviews.value_types import RoomPhase
from domain.shared.errors import PermissionDenied
from tests.domain.interviews.builders import HOST, NOW, later, staff
from tests.domain.interviews.fakes import STAFF, Client, InterviewArea, a_connection

MANAGER = staff("c" * 24, "interview:manage", name="王经理")


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id="room_a")
    return area


class TestAuthorization:
    async def test_the_staff_member_who_created_the_room_joins_as_its_host(self, area: InterviewArea) -> None:
        host = await area.host_joins("room_a")

        assert host.seat is not None
        assert (host.seat.role, host.seat.identity, host.seat.name) == ("host", "staff", "李老师")

    async def test_a_manager_joins_as_a_guest(self, area: InterviewArea) -> None:
        manager = Client(area, MANAGER, "room_a")

        await manager.join()

        assert manager.seat is not None
        assert (manager.seat.role, manager.seat.identity) == ("guest", "staff")

    @pytest.mark.parametrize("permissions", [("interview:host",), ("interview:view",), ("user:view",)])
    async def test_other_staff_cannot_join(self, area: InterviewArea, permissions: tuple[str, ...]) -> None:
        with pytest.raises(NotYourRoom):
            await Client(area, staff("b" * 24, *permissions), "room_a").join()

    async def test_a_host_who_lost_the_permission_cannot_join(self, area: InterviewArea) -> None:
        with pytest.raises(PermissionDenied):
            await Client(area, staff(HOST, "interview:view"), "room_a").join()

    async def test_a_guest_has_the_name_and_identity_of_the_invitation(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a", identity="helper", name="赵")

        assert guest.seat is not None
        assert (guest.seat.role, guest.seat.identity, guest.seat.name) == ("guest", "helper", "阿姨-赵")

    async def test_a_ticket_admits_to_its_own_room_only(self, area: InterviewArea) -> None:
        await area.create(staff("b" * 24), room_id="room_b")
        ticket = await area.ticket("room_a")

        with pytest.raises(NotYourRoom):
            await Client(area, ticket, "room_b").join()

    async def test_a_room_that_does_not_exist_cannot_be_joined(self, area: InterviewArea) -> None:
        with pytest.raises(RoomNotFound):
            await Client(area, staff(), "room_x").join()

    async def test_a_scheduled_room_is_joined_once_its_host_opens_it(self, area: InterviewArea) -> None:
        schedule = Schedule(starts_at=later(3600), ends_at=later(7200))
        await area.create(room_id="room_b", schedule=schedule)
        with pytest.raises(RoomNotOpen):
            await area.host_joins("room_b")

        await area.services.rooms.open(staff(), "room_b", "supersede", STAFF)

        assert (await area.host_joins("room_b")).is_connected


class TestJoining:
    async def test_the_interview_is_live_when_host_and_guest_have_met(self, area: InterviewArea) -> None:
        host = await area.host_joins("room_a")
        assert area.room("room_a").phase is RoomPhase.WAITING

        guest = await area.guest_joins("room_a")

        assert area.room("room_a").phase is RoomPhase.LIVE
        assert host.received().count("peerJoined") == 2
        assert guest.is_connected

    async def test_a_join_returns_snapshot_media_token_and_turn_credentials(self, area: InterviewArea) -> None:
        host = Client(area, staff(), "room_a")

        result = await host.join(camera=True)

        assert result.snapshot is not None
        assert result.snapshot.you.media.camera
        assert result.snapshot.version == area.room("room_a").version
        assert result.zego is not None
        assert (result.zego.user_id, result.zego.token) == (host.id, f"room_a/{host.id}")
        assert [server.username for server in result.ice_servers] == [host.id]

    async def test_without_a_provider_there_is_no_media_token(self, area: InterviewArea) -> None:
        area.media_tokens.available = False

        result = await Client(area, staff(), "room_a").join()

        assert result.zego is None
        assert result.snapshot is not None

    async def test_a_second_join_of_a_connection_gives_a_new_snapshot_and_no_second_seat(
        self, area: InterviewArea
    ) -> None:
        guest = await area.guest_joins("room_a")

        again = await area.services.live_rooms.join(guest.visitor, Join(room_id="room_a"), guest.connection)

        assert again.result.snapshot is not None
        assert len(area.room("room_a").seats) == 1
        assert area.pushes("room_a").count("peerJoined") == 1

    async def test_a_second_device_supersedes_the_first(self, area: InterviewArea) -> None:
        first = await area.guest_joins("room_a")
        second = Client(area, first.visitor, "room_a")

        await second.join()

        assert "youSuperseded" in area.pushes("room_a")
        assert len(area.room("room_a").seats) == 1
        with pytest.raises(NotJoined):
            await first.leave()
        await first.drop()
        assert second.is_connected

    async def test_a_full_room_keeps_a_seat_for_its_host(self, area: InterviewArea) -> None:
        await area.create(room_id="room_b", settings={"maxParticipants": 2})
        await area.guest_joins("room_b")

        with pytest.raises(RoomFull):
            await area.guest_joins("room_b")

        assert (await area.host_joins("room_b")).is_connected

    async def test_a_locked_room_admits_only_guests_who_were_in_it_before(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        await guest.leave()
        await host.send(Update(locked=True))

        await guest.join()
        with pytest.raises(RoomLocked):
            await area.guest_joins("room_a")

        assert guest.is_connected

    async def test_a_banned_guest_cannot_rejoin_with_any_ticket_of_the_invitation(self, area: InterviewArea) -> None:
        host = await area.host_joins("room_a")
        code = await area.invite("room_a", max_uses=3)
        guest = Client(area, await area.redeem(code), "room_a")
        other_ticket = await area.redeem(code)
        await guest.join()

        await host.send(Kick(participant_id=guest.id))

        with pytest.raises(Banned):
            await guest.join()
        with pytest.raises(Banned):
            await Client(area, other_ticket, "room_a").join()

    async def test_a_ticket_of_a_revoked_invitation_does_not_admit_a_new_guest(self, area: InterviewArea) -> None:
        await area.host_joins("room_a")
        ticket = await area.ticket("room_a")

        await area.services.invites.revoke(staff(), "room_a", ticket.invite_id, STAFF)

        with pytest.raises(TicketInvalid):
            await Client(area, ticket, "room_a").join()

    async def test_an_ended_interview_cannot_be_joined(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await area.services.rooms.end("room_a", EndReason.HOST_ENDED, "李老师")

        for visitor in (staff(), guest.visitor):
            with pytest.raises(RoomEnded):
                await Client(area, visitor, "room_a").join()

    async def test_a_room_that_the_store_lost_is_restored_with_its_bans(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        await host.send(Kick(participant_id=guest.id))
        await area.services.maintenance.record_all()
        version = area.room("room_a").version
        area.clock.advance(1)
        area.store.lose("room_a")

        await host.join()

        assert area.room("room_a").version > version
        assert [ban.participant_id for ban in area.room("room_a").bans] == [guest.id]
        with pytest.raises(Banned):
            await guest.join()

    async def test_a_ban_in_the_record_counts_when_the_live_room_lost_it(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        before = area.room("room_a")
        await host.send(Kick(participant_id=guest.id))
        area.store.stored["room_a"] = before  # the store came back without its last second

        with pytest.raises(Banned):
            await guest.join()

    async def test_a_guest_cannot_join_after_the_record_has_ended_before_the_live_room(
        self, area: InterviewArea
    ) -> None:
        guest = await area.guest_joins("room_a")
        before = area.room("room_a")
        await area.services.rooms.end("room_a", EndReason.HOST_ENDED, "李老师")
        area.store.stored["room_a"] = before

        with pytest.raises(RoomEnded):
            await guest.join()

    async def test_two_processes_seat_concurrent_guests_without_losing_one(self, area: InterviewArea) -> None:
        other = area.another_process("process-2").interviews.live_rooms
        guests = [Client(area, await area.ticket("room_a"), "room_a") for _ in range(4)]

        await asyncio.gather(
            *(guest.join() for guest in guests[:2]),
            *(other.join(guest.visitor, Join(room_id="room_a"), a_connection("process-2")) for guest in guests[2:]),
        )

        assert {seat.participant_id for seat in area.room("room_a").seats} == {guest.id for guest in guests}


class TestLobby:
    @pytest.fixture
    async def host(self, area: InterviewArea) -> Client:
        host = await area.host_joins("room_a")
        await host.send(Update(lobby_enabled=True))
        return host

    async def test_a_new_guest_waits_without_snapshot_and_token(self, area: InterviewArea, host: Client) -> None:
        guest = Client(area, await area.ticket("room_a"), "room_a")

        result = await guest.join()

        assert (result.lobby, result.snapshot, result.zego, result.ice_servers) == (True, None, None, [])
        assert "lobbyWaiting" in host.received()

    async def test_an_admitted_guest_joins_again_and_enters(self, area: InterviewArea, host: Client) -> None:
        guest = await area.guest_joins("room_a")

        await host.send(LobbyDecide(participant_id=guest.id, accept=True))
        assert "lobbyAdmitted" in guest.received()
        result = await guest.join()

        assert not result.lobby
        assert area.room("room_a").phase is RoomPhase.LIVE

    async def test_a_denied_guest_may_ask_again(self, area: InterviewArea, host: Client) -> None:
        guest = await area.guest_joins("room_a")

        await host.send(LobbyDecide(participant_id=guest.id, accept=False))

        assert guest.seat is None
        assert (await guest.join()).lobby

    async def test_a_guest_may_leave_the_lobby(self, area: InterviewArea, host: Client) -> None:
        guest = await area.guest_joins("room_a")

        await area.services.live_rooms.leave_lobby("room_a", guest.id, guest.connection.id)

        assert guest.seat is None
        assert host.received().count("lobbyWaiting") == 2

    async def test_a_superseded_device_cannot_leave_the_lobby_for_another(
        self, area: InterviewArea, host: Client
    ) -> None:
        first = await area.guest_joins("room_a")
        second = Client(area, first.visitor, "room_a")
        await second.join()

        await area.services.live_rooms.leave_lobby("room_a", first.id, first.connection.id)

        assert second.is_connected

    async def test_the_lobby_has_a_limit(self, area: InterviewArea, host: Client) -> None:
        for _ in range(MAX_LOBBY):
            await area.guest_joins("room_a")

        with pytest.raises(LobbyFull):
            await area.guest_joins("room_a")


class TestLeaving:
    async def test_a_guest_who_leaves_gives_the_seat_up_and_may_join_again(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")

        await guest.leave()

        assert guest.seat is None
        assert area.pushes("room_a")[-1] == "peerLeft"
        await guest.join()
        assert guest.is_connected

    async def test_a_participant_without_a_seat_cannot_leave(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await guest.leave()

        with pytest.raises(NotJoined):
            await guest.leave()

    async def test_a_dropped_guest_keeps_the_seat_and_takes_it_again(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await guest.drop()
        assert guest.seat is not None
        assert not guest.is_connected
        await area.pass_time(29)

        await guest.recover("process-2")

        assert guest.is_connected
        assert area.pushes("room_a")[-2:] == ["peerReconnecting", "peerResumed"]

    async def test_a_repeated_report_of_a_closed_connection_changes_nothing(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await guest.drop()
        before = area.room("room_a")

        await guest.drop()

        assert area.room("room_a") == before

    async def test_a_connection_cannot_recover_after_another_device_has_joined(self, area: InterviewArea) -> None:
        first = await area.guest_joins("room_a")
        await first.drop()
        await Client(area, first.visitor, "room_a").join()

        with pytest.raises(NotJoined):
            await first.recover()

    async def test_a_recovered_connection_gets_its_socket_rooms_again(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins("room_a"), await area.guest_joins("room_a")
        connections = area.services.connections

        assert "h:room_a" in await connections.rooms_of(host.visitor, "room_a")
        assert f"p:{guest.id}" in await connections.rooms_of(guest.visitor, "room_a")

    async def test_a_connection_without_right_or_seat_gets_no_socket_rooms(self, area: InterviewArea) -> None:
        manager, guest = Client(area, MANAGER, "room_a"), await area.guest_joins("room_a")
        await manager.join()
        await guest.leave()
        without_right = staff(MANAGER.id, "interview:host")
        connections = area.services.connections

        assert await connections.rooms_of(without_right, "room_a") == frozenset()
        assert await connections.rooms_of(guest.visitor, "room_a") == frozenset()
        await area.services.rooms.end("room_a", EndReason.HOST_ENDED, "李老师")
        assert await connections.rooms_of(MANAGER, "room_a") == frozenset()


class TestSnapshotsAndTokens:
    async def test_a_participant_may_request_a_new_snapshot(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await area.host_joins("room_a")

        snapshot = await area.services.live_rooms.sync("room_a", guest.sender)

        assert snapshot.version == area.room("room_a").version
        assert len(snapshot.participants) == 2

    async def test_a_snapshot_is_refused_without_a_seat(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await guest.leave()

        with pytest.raises(NotJoined):
            await area.services.live_rooms.sync("room_a", guest.sender)

    async def test_a_renewed_token_expires_later_and_is_announced_again(self, area: InterviewArea) -> None:
        guest = await area.guest_joins("room_a")
        await area.host_joins("room_a")
        await area.pass_time(MEDIA_TOKEN_SECONDS - 60)
        assert guest.received().count("tokenExpiring") == 1

        renewed = await area.services.live_rooms.renew_token("room_a", guest.sender, RenewToken())
        await area.pass_time(MEDIA_TOKEN_SECONDS - 60)

        assert renewed.zego is not None
        assert renewed.zego.expires_at == NOW + timedelta(seconds=2 * MEDIA_TOKEN_SECONDS - 60)
        assert guest.received().count("tokenExpiring") == 2
