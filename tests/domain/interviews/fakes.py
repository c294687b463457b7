"""Fakes of the ports around the interviews area, and the area built on them and on in-memory stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from pydantic import ValidationError

from domain.interviews.errors import ForgedReport, InviteInvalid, TicketExpired, TicketInvalid
from domain.interviews.events import LiveRoomPushed
from domain.interviews.invites.model import GuestTicket, InviteClaims
from domain.interviews.invites.service import NewInvite
from domain.interviews.live.commands import Command, Join
from domain.interviews.live.connections import SeatConnection
from domain.interviews.live.results import JoinResult
from domain.interviews.live.room import LiveRoom, Seat
from domain.interviews.live.rules.membership import ParticipantConnection
from domain.interviews.live.socket_rooms import rooms_for
from domain.interviews.live.transition import CommandSender
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS, IceServer, MediaToken
from domain.interviews.media.ports import MediaReportVerifier, MediaServer
from domain.interviews.media.reports import MediaReport
from domain.interviews.media.services import MediaPorts, MediaServices, media_services
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.interviews.ports import MediaTokenIssuer, TicketSigner, TurnServers
from domain.interviews.record.model import InterviewRoom
from domain.interviews.record.new_room import NewRoom, OnConflict
from domain.interviews.services import InterviewPorts, InterviewServices, interview_services
from domain.interviews.value_types import MediaMode, MediaState
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import DomainError
from domain.shared.ports import DurableFollower
from tests.domain.interviews.builders import HOST, NOW, staff
from tests.domain.interviews.memory import (
    MemoryAppProcesses,
    MemoryInterviewRooms,
    MemoryLiveRooms,
    MemoryMediaJobs,
    MemoryMediaPresence,
    MemoryMediaUserIds,
    MemoryPeerRelay,
    MemoryPollingDeadlines,
)
from tests.domain.sequential_ids import SequentialIds
from tests.integrations.clocks import SettableClock

STAFF = Actor(kind="staff", id=HOST, name="李老师", action="interview.test")


class PlainSigner(TicketSigner):
    """Codes and tickets are readable JSON."""

    def sign_invite(self, claims: InviteClaims) -> str:
        return claims.model_dump_json()

    def read_invite(self, code: str) -> InviteClaims:
        try:
            return InviteClaims.model_validate_json(code)
        except ValidationError as error:
            raise InviteInvalid from error

    def sign_ticket(self, ticket: GuestTicket, now: datetime) -> str:
        return ticket.model_dump_json()

    def read_ticket(self, token: str, now: datetime) -> GuestTicket:
        try:
            ticket = GuestTicket.model_validate_json(token)
        except ValidationError as error:
            raise TicketInvalid from error
        if ticket.expires_at <= now:
            raise TicketExpired
        return ticket


@dataclass
class FakeMediaTokens(MediaTokenIssuer):
    available: bool = True

    def issue(self, room_id: str, participant_id: str, now: datetime, seconds: int = MEDIA_TOKEN_SECONDS) -> MediaToken:
        expires_at = now + timedelta(seconds=seconds)
        return MediaToken(app_id=1, user_id=participant_id, token=f"{room_id}/{participant_id}", expires_at=expires_at)


class FakeTurnServers(TurnServers):
    def ice_servers(self, participant_id: str, now: datetime) -> list[IceServer]:
        return [IceServer(urls=["turn:turn.example"], username=participant_id)]


@dataclass
class FakeMediaServer(MediaServer):
    present: dict[str, set[str]] = field(default_factory=dict)
    """The users by room."""
    calls: list[tuple[str, ...]] = field(default_factory=list)
    """The calls that succeeded."""
    failures: list[DomainError] = field(default_factory=list)
    """The next calls fail with these errors."""

    async def close_room(self, room_id: str, reason: str) -> None:
        self._call("close", room_id)
        self.present.pop(room_id, None)

    async def remove_users(self, room_id: str, media_user_ids: Sequence[str], reason: str) -> None:
        self._call("remove", room_id, *media_user_ids)
        self.present.get(room_id, set()).difference_update(media_user_ids)

    async def users(self, room_id: str) -> Sequence[str]:
        return sorted(self.present.get(room_id, ()))

    def _call(self, *call: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.calls.append(call)


class PlainReports(MediaReportVerifier):
    """The fields of an authentic report are those of `MediaReport`."""

    async def verify(self, fields: Mapping[str, str], now: datetime) -> MediaReport | None:
        try:
            return MediaReport.model_validate(dict(fields))
        except ValidationError as error:
            raise ForgedReport from error


@dataclass
class AppProcess:
    interviews: InterviewServices
    media: MediaServices


class InterviewArea:
    """The services of the interviews area over in-memory stores. Background jobs run when a test lets time pass."""

    def __init__(self, mode: MediaMode = "zego") -> None:
        self.clock = SettableClock(NOW)
        self.records = MemoryInterviewRooms()
        self.store = MemoryLiveRooms()
        self.processes = MemoryAppProcesses(self.clock)
        self.jobs = MemoryMediaJobs()
        self.presence = MemoryMediaPresence()
        self.user_ids = MemoryMediaUserIds()
        self.polling_deadlines = MemoryPollingDeadlines()
        self.media_server = FakeMediaServer()
        self.media_tokens = FakeMediaTokens()
        self._mode: MediaMode = mode
        self._ports = InterviewPorts(
            records=self.records,
            store=self.store,
            relay=MemoryPeerRelay(self.store),
            processes=self.processes,
            media_tokens=self.media_tokens,
            turn=FakeTurnServers(),
            signer=PlainSigner(),
            clock=self.clock,
            ids=SequentialIds(),
        )
        self._media_ports = MediaPorts(
            jobs=self.jobs,
            ids=self.user_ids,
            presence=self.presence,
            polling_deadlines=self.polling_deadlines,
            server=self.media_server,
            reports=PlainReports(),
            app_id=1,
        )
        self._delivered = 0
        process = self.another_process("process-1")
        self.services, self.media = process.interviews, process.media

    def another_process(self, name: str) -> AppProcess:
        """The services of one more app process on the same stores."""
        interviews = interview_services(self._ports, name, self._mode)
        return AppProcess(interviews, media_services(self._media_ports, self._ports, interviews))

    # --- background work

    async def pass_time(self, seconds: float) -> None:
        """Lets time pass. Every deadline on the way is applied when it is due."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while (due := self.store.next_deadline) is not None and due <= until:
            self.clock.time = max(self.clock.now(), due)
            await self.services.maintenance.apply_due_deadlines()
        self.clock.time = until

    async def deliver_events(self) -> None:
        """Delivers the saved events to all durable followers, as the outbox relay does."""
        events, self._delivered = self.records.events[self._delivered :], len(self.records.events)
        followers: list[DurableFollower] = [
            self.services.openings,
            self.services.bans,
            self.services.endings,
            self.media.job_queue,
        ]
        for follower in followers:
            await follower.follow(events)

    async def run_media_jobs(self) -> None:
        """Runs every media job that is due."""
        await self.deliver_events()
        while await self.media.job_runner.run_next("putOut") or await self.media.job_runner.run_next("closeRoom"):
            pass

    # --- actions

    async def create(
        self, host: StaffAuthority | None = None, on_conflict: OnConflict = "supersede", **fields: Any
    ) -> InterviewRoom:
        return await self.services.rooms.create(host or staff(), NewRoom(**fields), on_conflict, STAFF)

    async def invite(self, room_id: str, **fields: Any) -> str:
        """A new invitation of the host; its code."""
        return (await self.services.invites.create(staff(), room_id, NewInvite(**fields), STAFF)).code

    async def redeem(self, code: str, name: str = "王女士") -> GuestTicket:
        issued = await self.services.invites.redeem(code, name)
        return self.services.invites.read_ticket(issued.ticket)

    async def ticket(self, room_id: str, **fields: Any) -> GuestTicket:
        """The ticket of a guest with an invitation of their own."""
        return await self.redeem(await self.invite(room_id, **fields))

    async def host_joins(self, room_id: str) -> "Client":
        client = Client(self, staff(), room_id)
        await client.join()
        return client

    async def guest_joins(self, room_id: str, **fields: Any) -> "Client":
        client = Client(self, await self.ticket(room_id, **fields), room_id)
        await client.join()
        return client

    # --- what happened

    def room(self, room_id: str) -> LiveRoom:
        return self.store.stored[room_id]

    def record(self, room_id: str) -> InterviewRoom:
        return next(room for room in self.records.stored.values() if room.room_id == room_id)

    def pushes(self, room_id: str) -> list[str]:
        """The names of all pushes of a room, in order."""
        return [push.event for push in self.pushed(room_id)]

    def pushed(self, room_id: str) -> list[LiveRoomPushed]:
        return [event for event in self.store.events if isinstance(event, LiveRoomPushed) and event.room_id == room_id]


class Client:
    """The client of one participant. Each join uses a new connection, which process 1 serves unless told otherwise."""

    def __init__(self, area: InterviewArea, visitor: Visitor, room_id: str) -> None:
        self._area = area
        self.visitor = visitor
        self.room_id = room_id
        self.id = participant_id_of(visitor, room_id)
        self.connection = ParticipantConnection(id="none", recovery_id="none", process="none")

    @property
    def sender(self) -> CommandSender:
        return CommandSender(participant_id=self.id, connection=self.connection.id)

    @property
    def seat(self) -> Seat | None:
        return self._area.room(self.room_id).seat(self.id)

    @property
    def is_connected(self) -> bool:
        return self.seat is not None and self.seat.connected

    async def join(self, process: str = "process-1", **media: bool) -> JoinResult:
        self.connection = a_connection(process)
        command = Join(room_id=self.room_id, media=MediaState(**media))
        return (await self._area.services.live_rooms.join(self.visitor, command, self.connection)).result

    async def send(self, command: Command) -> Any:
        return await self._area.services.live_rooms.execute(self.room_id, self.sender, command)

    async def leave(self) -> None:
        await self._area.services.live_rooms.leave(self.room_id, self.sender)

    async def drop(self) -> None:
        """The connection breaks."""
        closed = SeatConnection(room_id=self.room_id, participant_id=self.id, connection=self.connection.id)
        await self._area.services.connections.disconnected(closed)

    async def recover(self, process: str = "process-1") -> None:
        """The dropped connection is recovered as a new one."""
        recovered = a_connection(process).model_copy(update={"recovery_id": self.connection.recovery_id})
        await self._area.services.connections.reattach(self.room_id, self.id, recovered)
        self.connection = recovered

    def received(self) -> list[str]:
        """The names of the pushes to the Socket.IO rooms that the participant's connection is in now."""
        assert self.seat is not None
        rooms = rooms_for(self.room_id, self.seat)
        return [push.event for push in self._area.pushed(self.room_id) if rooms & set(push.rooms)]


_connection_numbers = count(1)


def a_connection(process: str) -> ParticipantConnection:
    name = f"connection-{next(_connection_numbers)}"
    return ParticipantConnection(id=name, recovery_id=f"recovery-{name}", process=process)
