"""Polling clients: they join, are kept by polls or by the media room, and are disconnected after their deadline."""

import pytest

from domain.interviews.errors import Banned, NotJoined, RoomEnded
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live.commands import Kick, LobbyDecide, Update
from domain.interviews.live.room import Seat
from domain.interviews.media.reports import MediaReport, MediaReportKind
from domain.interviews.polling.clients import PollingClients, is_polling
from domain.interviews.record.model import EndReason
from tests.domain.interviews.builders import staff
from tests.domain.interviews.fakes import Client, InterviewArea

ROOM = "room_a"


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    return area


@pytest.fixture
async def ticket(area: InterviewArea) -> GuestTicket:
    return await area.ticket(ROOM)


@pytest.fixture
def polling(area: InterviewArea) -> PollingClients:
    return area.media.polling_clients


def seat_of(area: InterviewArea, ticket: GuestTicket) -> Seat | None:
    return area.room(ROOM).seat(ticket.participant_id)


def is_connected(area: InterviewArea, ticket: GuestTicket) -> bool:
    seat = seat_of(area, ticket)
    return seat is not None and seat.connected


async def pass_time(area: InterviewArea, seconds: int) -> None:
    """Deadlines of polling clients are applied every second."""
    for _ in range(seconds):
        await area.pass_time(1)
        await area.media.polling_clients.sweep()


class TestJoining:
    async def test_a_polling_guest_has_a_seat_like_any_other(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        host = await area.host_joins(ROOM)

        result = await polling.join(ticket, ROOM)

        seat = seat_of(area, ticket)
        assert result.snapshot is not None
        assert seat is not None
        assert is_polling(seat)
        assert host.received().count("peerJoined") == 2

    async def test_the_host_may_poll(self, area: InterviewArea, polling: PollingClients) -> None:
        await polling.join(staff(), ROOM)

        assert area.room(ROOM).host_seat is not None

    async def test_a_token_request_does_not_supersede_a_socket_of_the_same_guest(
        self, area: InterviewArea, polling: PollingClients
    ) -> None:
        guest = await area.guest_joins(ROOM)

        await polling.join(guest.visitor, ROOM)

        assert guest.seat is not None
        assert guest.seat.connection == guest.connection.id
        assert "youSuperseded" not in area.pushes(ROOM)

    async def test_a_polling_guest_may_wait_in_the_lobby(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        host = await area.host_joins(ROOM)
        await host.send(Update(lobby_enabled=True))

        assert (await polling.join(ticket, ROOM)).lobby
        with pytest.raises(NotJoined):
            await polling.poll(ticket)

        await host.send(LobbyDecide(participant_id=ticket.participant_id, accept=True))
        assert not (await polling.join(ticket, ROOM)).lobby
        await polling.poll(ticket)


class TestPolling:
    async def test_polls_keep_a_guest_connected(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)

        for _ in range(20):
            await pass_time(area, 10)
            room, seat = await polling.poll(ticket)

        assert room == area.room(ROOM)
        assert seat.connected
        assert "peerReconnecting" not in area.pushes(ROOM)

    async def test_a_guest_who_stops_polling_is_disconnected_after_its_deadline(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)
        await pass_time(area, 59)
        assert is_connected(area, ticket)

        await pass_time(area, 1)

        assert seat_of(area, ticket) is not None
        assert not is_connected(area, ticket)
        assert area.polling_deadlines.stored == {}

    async def test_a_disconnected_guest_loses_the_seat_after_thirty_seconds_as_any_other(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)

        await pass_time(area, 90)

        assert seat_of(area, ticket) is None
        assert area.pushes(ROOM)[-1] == "peerLeft"

    @pytest.mark.parametrize("seconds", [60, 90])
    async def test_a_guest_comes_back_by_polling(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket, seconds: int
    ) -> None:
        await polling.join(ticket, ROOM)
        await pass_time(area, seconds)

        _, seat = await polling.poll(ticket)

        assert seat.connected

    async def test_a_guest_who_changes_to_a_socket_is_not_disconnected_by_the_old_deadline(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)
        client = Client(area, ticket, ROOM)
        await client.join()

        await pass_time(area, 120)

        assert client.is_connected

    async def test_a_banned_guest_cannot_poll(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        host = await area.host_joins(ROOM)
        await polling.join(ticket, ROOM)
        await host.send(Kick(participant_id=ticket.participant_id))

        with pytest.raises(Banned):
            await polling.poll(ticket)

    async def test_polls_are_refused_after_the_end(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)
        await area.services.rooms.end(ROOM, EndReason.DISMISSED, "李老师")

        with pytest.raises(RoomEnded):
            await polling.poll(ticket)


class TestMediaRoom:
    async def test_a_guest_in_the_media_room_is_connected_without_polls(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await area.user_ids.claim(ROOM, "guest_1777", ticket.participant_id)
        await polling.join(ticket, ROOM)
        await area.presence.apply(report(area, MediaReportKind.ENTERED, "guest_1777"))

        await pass_time(area, 300)

        assert is_connected(area, ticket)

    async def test_a_guest_who_left_the_media_room_must_poll_again(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)
        for kind in (MediaReportKind.ENTERED, MediaReportKind.LEFT):
            await area.presence.apply(report(area, kind, ticket.participant_id))
        await polling.media_left(ROOM, ticket.participant_id)

        await pass_time(area, 61)

        assert not is_connected(area, ticket)


class TestLeaving:
    async def test_a_closed_page_leaves_the_room(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)

        await polling.leave(ticket)

        assert seat_of(area, ticket) is None
        assert area.pushes(ROOM)[-1] == "peerLeft"

    async def test_a_closed_page_leaves_the_lobby(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        host = await area.host_joins(ROOM)
        await host.send(Update(lobby_enabled=True))
        await polling.join(ticket, ROOM)

        await polling.leave(ticket)

        assert seat_of(area, ticket) is None

    async def test_a_closed_page_does_not_end_a_socket_of_the_same_guest(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)
        client = Client(area, ticket, ROOM)
        await client.join()

        await polling.leave(ticket)

        assert client.is_connected

    async def test_leaving_after_the_end_is_accepted(
        self, area: InterviewArea, polling: PollingClients, ticket: GuestTicket
    ) -> None:
        await polling.join(ticket, ROOM)
        await area.services.rooms.end(ROOM, EndReason.DISMISSED, "李老师")

        await polling.leave(ticket)


def report(area: InterviewArea, kind: MediaReportKind, user_id: str) -> MediaReport:
    return MediaReport(kind=kind, room_id=ROOM, incarnation="1", user_id=user_id, login="1", at=area.clock.now())
