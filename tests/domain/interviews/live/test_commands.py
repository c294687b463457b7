"""Commands of participants: executed once, published with their pushes, written into the record where that matters."""

import asyncio

import pytest

from domain.interviews.errors import (
    ChatDisabled,
    DeviceLocked,
    DismissFailed,
    KickFailed,
    NotHost,
    NotJoined,
    NotYourRoom,
    PeerOffline,
    PrompterForWorkersOnly,
    RoomEnded,
    TargetNotFound,
)
from domain.interviews.events import ParticipantBanned, ParticipantRemoved
from domain.interviews.live.commands import (
    ChatSend,
    ControlRequest,
    ControlRespond,
    End,
    HandRaise,
    Kick,
    MediaStateChange,
    MuteAll,
    Offer,
    PrompterLoad,
    Rename,
    Unban,
    Update,
)
from domain.interviews.live.transition import CommandSender
from domain.interviews.ports import PeerMessage
from domain.interviews.record.model import EndReason
from domain.shared.errors import Unavailable
from tests.domain.interviews.builders import staff
from tests.domain.interviews.fakes import STAFF, Client, InterviewArea

ROOM = "room_a"
OTHER_STAFF = staff("b" * 24, name="别人")


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    return area


@pytest.fixture
async def host(area: InterviewArea) -> Client:
    return await area.host_joins(ROOM)


@pytest.fixture
async def guest(area: InterviewArea, host: Client) -> Client:
    """A customer."""
    return await area.guest_joins(ROOM)


class TestExecution:
    async def test_a_repeated_command_is_executed_once_and_gets_the_same_result(
        self, area: InterviewArea, guest: Client
    ) -> None:
        command = ChatSend(client_msg_id="1", text="您好")

        first = await guest.send(command)
        again = await area.another_process("process-2").interviews.live_rooms.execute(ROOM, guest.sender, command)

        assert again == first
        assert area.pushes(ROOM).count("chatMessage") == 1

    async def test_a_repeated_command_without_a_result_is_executed_once(
        self, area: InterviewArea, guest: Client
    ) -> None:
        results = [await guest.send(HandRaise(cmd_id="raise")) for _ in range(2)]

        assert results == [None, None]
        assert area.pushes(ROOM).count("handQueue") == 1

    async def test_the_same_id_of_two_participants_means_two_commands(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        for client in (host, guest):
            await client.send(ChatSend(client_msg_id="1", text="您好"))

        assert len(area.room(ROOM).chat) == 2

    async def test_concurrent_commands_of_two_processes_are_all_executed(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        other = area.another_process("process-2").interviews.live_rooms
        texts = [str(number) for number in range(6)]

        await asyncio.gather(
            *(host.send(ChatSend(client_msg_id=text, text=text)) for text in texts[:3]),
            *(other.execute(ROOM, guest.sender, ChatSend(client_msg_id=text, text=text)) for text in texts[3:]),
        )

        assert sorted(message.text for message in area.room(ROOM).chat) == texts
        versions = [push.payload["version"] for push in area.pushed(ROOM)]
        assert versions == sorted(versions)

    async def test_a_refused_command_changes_and_publishes_nothing(self, area: InterviewArea, guest: Client) -> None:
        before = (area.room(ROOM), area.pushes(ROOM))

        with pytest.raises(NotHost):
            await guest.send(MuteAll(device="mic", cmd_id="mute"))

        assert (area.room(ROOM), area.pushes(ROOM)) == before

    async def test_a_command_during_an_outage_is_refused_and_may_be_repeated(
        self, area: InterviewArea, guest: Client
    ) -> None:
        area.store.unavailable = True
        with pytest.raises(Unavailable):
            await guest.send(HandRaise(cmd_id="raise"))

        area.store.unavailable = False
        await guest.send(HandRaise(cmd_id="raise"))

        assert area.room(ROOM).raised_hands == (guest.id,)

    async def test_a_disconnected_participant_cannot_send_commands(self, guest: Client) -> None:
        await guest.drop()

        with pytest.raises(NotJoined):
            await guest.send(HandRaise())

    async def test_no_command_is_executed_after_the_end(self, area: InterviewArea, host: Client, guest: Client) -> None:
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

        for client, command in ((host, Update(locked=True)), (guest, HandRaise())):
            with pytest.raises(RoomEnded):
                await client.send(command)


class TestRemovals:
    async def test_a_ban_is_in_the_record_with_its_event(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await host.send(Kick(participant_id=guest.id, reason="吵闹"))

        [ban] = area.record(ROOM).bans
        assert (ban.participant_id, ban.reason, ban.by) == (guest.id, "吵闹", host.id)
        assert ban.name.startswith("客户")
        assert [event.participant_id for event in area.records.events_of(ParticipantBanned)] == [guest.id]
        assert guest.seat is None
        assert area.pushes(ROOM)[-2:] == ["youKicked", "peerLeft"]

    async def test_a_removal_without_a_ban_is_an_event_and_allows_to_rejoin(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await host.send(Kick(participant_id=guest.id, ban=False))

        assert area.record(ROOM).bans == ()
        assert len(area.records.events_of(ParticipantRemoved)) == 1
        await guest.join()
        assert guest.is_connected

    async def test_a_refused_kick_writes_nothing_into_the_record(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        before = area.record(ROOM)

        for client, target, refusal in (
            *((guest, host.id, NotHost), (host, host.id, TargetNotFound)),
            (host, "p" + "0" * 20, TargetNotFound),
        ):
            with pytest.raises(refusal):
                await client.send(Kick(participant_id=target))

        assert area.record(ROOM) == before

    async def test_a_kick_that_was_interrupted_after_the_record_is_completed_by_its_event(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        before = area.room(ROOM)
        await host.send(Kick(participant_id=guest.id))
        area.store.stored[ROOM] = before  # the process died before it changed the live room

        await area.deliver_events()

        assert guest.seat is None
        assert [ban.participant_id for ban in area.room(ROOM).bans] == [guest.id]

    async def test_a_lifted_ban_is_gone_from_record_and_room(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await host.send(Kick(participant_id=guest.id))

        await host.send(Unban(participant_id=guest.id))

        assert area.record(ROOM).bans == ()
        await guest.join()
        assert guest.is_connected

    async def test_a_guest_cannot_lift_a_ban(self, area: InterviewArea, host: Client, guest: Client) -> None:
        other = await area.guest_joins(ROOM)
        await host.send(Kick(participant_id=guest.id))

        with pytest.raises(NotHost):
            await other.send(Unban(participant_id=guest.id))

        assert len(area.record(ROOM).bans) == 1


class TestDevices:
    async def test_the_host_mutes_at_once_and_switches_on_with_consent_only(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        await guest.send(MediaStateChange(mic=True))
        await host.send(ControlRequest(target=guest.id, device="mic", enabled=False))
        request = await host.send(ControlRequest(target=guest.id, device="camera", enabled=True))
        assert guest.seat is not None
        assert (guest.seat.media.mic, guest.seat.media.camera) == (False, False)

        await guest.send(ControlRespond(request_id=request.request_id, accepted=True))

        assert host.received()[-1] == "controlResult"
        assert {"controlCommand", "controlPrompt"} <= set(guest.received())

    async def test_a_repeated_device_request_is_one_request(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        command = ControlRequest(target=guest.id, device="camera", enabled=True, cmd_id="ask")

        results = [await host.send(command) for _ in range(2)]

        assert results[0] == results[1]
        assert len(area.room(ROOM).device_requests) == 1

    async def test_a_locked_microphone_stays_off(self, host: Client, guest: Client) -> None:
        await host.send(MuteAll(device="mic", lock=True))

        with pytest.raises(DeviceLocked):
            await guest.send(MediaStateChange(mic=True))


class TestChatAndTeleprompter:
    async def test_a_chat_message_is_recorded(self, area: InterviewArea, guest: Client) -> None:
        await guest.send(ChatSend(client_msg_id="1", text="您好"))

        await area.services.maintenance.record_all()

        assert [message.text for message in area.record(ROOM).chat] == ["您好"]

    async def test_the_host_disables_the_chat_of_guests(self, host: Client, guest: Client) -> None:
        await host.send(Update(chat_enabled=False))

        with pytest.raises(ChatDisabled):
            await guest.send(ChatSend(client_msg_id="1", text="您好"))

    async def test_only_workers_get_the_teleprompter(self, area: InterviewArea, host: Client, guest: Client) -> None:
        worker = await area.guest_joins(ROOM, identity="helper")

        await host.send(PrompterLoad(content="您好，我叫赵阿姨"))

        assert "prompterDoc" in worker.received()
        assert "prompterDoc" not in guest.received()


class TestSettingsAndNames:
    async def test_changed_settings_are_recorded(self, area: InterviewArea, host: Client) -> None:
        await host.send(Update(locked=True, lobby_enabled=True))

        await area.services.maintenance.record_all()

        assert area.record(ROOM).settings == area.room(ROOM).settings
        assert area.record(ROOM).settings.locked

    async def test_the_host_renames_a_guest_and_a_guest_cannot_rename_the_host(
        self, host: Client, guest: Client
    ) -> None:
        await host.send(Rename(participant_id=guest.id, name="王"))

        with pytest.raises(NotHost):
            await guest.send(Rename(participant_id=host.id, name="王"))

        assert guest.seat is not None
        assert guest.seat.name == "客户-王"


class TestEnding:
    async def test_the_host_ends_record_and_live_room(self, area: InterviewArea, host: Client) -> None:
        area.clock.advance(90)

        result = await area.services.live_rooms.end(ROOM, host.sender, End())

        record = area.record(ROOM)
        assert (record.end_reason, record.ended_by, record.duration) == (EndReason.HOST_ENDED, "李老师", 90)
        assert (result.ended_at, result.end_reason) == (record.ended_at, "hostEnded")
        assert area.room(ROOM).ended
        assert area.pushes(ROOM)[-1] == "roomEnded"

    async def test_a_guest_cannot_end_the_interview(self, area: InterviewArea, guest: Client) -> None:
        with pytest.raises(NotHost):
            await area.services.live_rooms.end(ROOM, guest.sender, End())

        assert area.record(ROOM).end_reason is None

    async def test_the_live_room_ends_later_when_its_store_is_down(self, area: InterviewArea, host: Client) -> None:
        area.store.unavailable = True
        ended = await area.services.rooms.end(ROOM, EndReason.ADMIN, "王经理")
        assert ended.end_reason is EndReason.ADMIN

        area.store.unavailable = False
        await area.deliver_events()

        assert area.room(ROOM).ended
        assert area.pushed(ROOM)[-1].payload["endReason"] == "admin"


class TestHostByRest:
    """With or without a seat; the log-in decides."""

    async def test_a_target_is_named_by_its_media_user_id(self, area: InterviewArea, guest: Client) -> None:
        await area.user_ids.claim(ROOM, "guest_1777", guest.id)

        await area.media.host_commands.kick(staff(), ROOM, "guest_1777", "吵闹")

        assert guest.seat is None
        assert area.record(ROOM).bans[0].participant_id == guest.id

    async def test_an_unknown_target_is_refused(self, area: InterviewArea, host: Client) -> None:
        with pytest.raises(KickFailed) as refused:
            await area.media.host_commands.kick(staff(), ROOM, "stranger", "")

        assert refused.value.details == {"reason": "NO_SUCH_TARGET"}

    async def test_other_staff_have_no_host_commands(self, area: InterviewArea, guest: Client) -> None:
        commands = area.media.host_commands
        before = area.room(ROOM)

        with pytest.raises(KickFailed):
            await commands.kick(OTHER_STAFF, ROOM, guest.id, "")
        with pytest.raises(DismissFailed):
            await commands.dismiss(OTHER_STAFF, ROOM, STAFF)
        with pytest.raises(NotYourRoom):
            await commands.control_device(OTHER_STAFF, ROOM, guest.id, "camera", on=False)
        with pytest.raises(NotYourRoom):
            await commands.load_prompter(OTHER_STAFF, ROOM, (), "您好", 50, play=True)
        with pytest.raises(NotYourRoom):
            await commands.control_prompter(OTHER_STAFF, ROOM, "PLAY")

        assert area.room(ROOM) == before

    async def test_a_device_is_switched_off_at_once(self, area: InterviewArea, guest: Client) -> None:
        await guest.send(MediaStateChange(camera=True))

        await area.media.host_commands.control_device(staff(), ROOM, guest.id, "camera", on=False)

        assert guest.seat is not None
        assert not guest.seat.media.camera

    async def test_the_teleprompter_plays_from_the_top(self, area: InterviewArea, host: Client) -> None:
        worker = await area.guest_joins(ROOM, identity="helper")
        await area.media.host_commands.load_prompter(staff(), ROOM, (worker.id,), "您好" * 50, 50, play=True)
        area.clock.advance(1)

        await area.media.host_commands.control_prompter(staff(), ROOM, "PLAY")

        prompter = area.room(ROOM).prompter
        assert prompter is not None
        assert (prompter.clock.state, prompter.clock.position) == ("playing", 0.0)

    async def test_a_customer_cannot_be_given_the_teleprompter(self, area: InterviewArea, guest: Client) -> None:
        with pytest.raises(PrompterForWorkersOnly):
            await area.media.host_commands.load_prompter(staff(), ROOM, (guest.id,), "您好", 50, play=True)

    async def test_a_teleprompter_without_text_cannot_be_controlled(self, area: InterviewArea, host: Client) -> None:
        with pytest.raises(TargetNotFound):
            await area.media.host_commands.control_prompter(staff(), ROOM, "PLAY")

    async def test_a_dismissal_ends_the_interview(self, area: InterviewArea, host: Client) -> None:
        await area.media.host_commands.dismiss(staff(), ROOM, STAFF)

        assert area.record(ROOM).end_reason is EndReason.DISMISSED


class TestSignaling:
    async def test_an_offer_reaches_the_connection_of_the_receiver(
        self, area: InterviewArea, host: Client, guest: Client
    ) -> None:
        received: list[PeerMessage] = []
        listening = asyncio.create_task(area.services.relay.follow("process-1", received.append))
        await asyncio.sleep(0)

        await area.services.live_rooms.relay(ROOM, host.sender, Offer(to=guest.id, conn_id="c", sdp="v=0"))

        [message] = received
        assert (message.connection, message.event, message.polite) == (guest.connection.id, "offer", True)
        assert f'"from":"{host.id}"' in message.payload
        listening.cancel()

    async def test_a_superseded_device_cannot_signal(self, area: InterviewArea, host: Client, guest: Client) -> None:
        await Client(area, guest.visitor, ROOM).join()

        with pytest.raises(NotJoined):
            await area.services.live_rooms.relay(ROOM, guest.sender, Offer(to=host.id, conn_id="c", sdp="v=0"))

    async def test_a_receiver_who_has_left_is_offline(self, area: InterviewArea, host: Client, guest: Client) -> None:
        await guest.leave()

        with pytest.raises(PeerOffline):
            await area.services.live_rooms.relay(ROOM, host.sender, Offer(to=guest.id, conn_id="c", sdp="v=0"))


async def test_a_host_sends_commands_by_rest_without_a_seat(area: InterviewArea, host: Client, guest: Client) -> None:
    await host.leave()
    by_rest = CommandSender(participant_id=host.id, connection=None)

    await area.services.live_rooms.execute(ROOM, by_rest, Kick(participant_id=guest.id))

    assert guest.seat is None
