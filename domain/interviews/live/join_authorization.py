"""Authorization to join a room: who the visitor is there, and whether they may join."""

from domain.interviews.errors import Banned, NotYourRoom, RoomNotFound
from domain.interviews.invites.model import GuestTicket
from domain.interviews.live.commands import Join
from domain.interviews.live.room import Seat
from domain.interviews.live.rules.membership import JoiningParticipant, ParticipantConnection
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.participant_ids import Visitor, participant_id_of
from domain.interviews.ports import InterviewRoomRepository
from domain.interviews.record.model import HOST, MANAGE, InterviewRoom
from domain.shared.authority import StaffAuthority


class JoinAuthorization:
    def __init__(self, records: InterviewRoomRepository, unit_of_work: LiveRoomUnitOfWork) -> None:
        self._records = records
        self._unit_of_work = unit_of_work

    async def authorize(self, visitor: Visitor, command: Join, connection: ParticipantConnection) -> JoiningParticipant:
        """Raises NotYourRoom, RoomNotFound, RoomEnded, RoomNotOpen, Banned, PermissionDenied."""
        if isinstance(visitor, GuestTicket):
            await self._require_allowed(visitor, command.room_id)
            return JoiningParticipant(
                participant_id=visitor.participant_id,
                name=visitor.name,
                role="guest",
                identity=visitor.identity,
                invite_id=visitor.invite_id,
                connection=connection,
                media=command.media,
            )
        return JoiningParticipant(
            participant_id=participant_id_of(visitor, command.room_id),
            name=visitor.name,
            role="host" if await self._is_host(visitor, command.room_id) else "guest",
            identity="staff",
            connection=connection,
            media=command.media,
        )

    async def _require_allowed(self, ticket: GuestTicket, room_id: str) -> None:
        """Asks the record, which is authoritative for bans: a live room that was restored after a crash may lack the
        last second. Raises NotYourRoom, RoomNotFound, RoomEnded, RoomNotOpen, Banned."""
        if ticket.room_id != room_id:
            raise NotYourRoom
        record = await self._find(room_id)
        record.require_active()
        if any(ban.participant_id == ticket.participant_id for ban in record.bans):
            raise Banned

    async def _is_host(self, staff: StaffAuthority, room_id: str) -> bool:
        """False for a manager who may join as a guest. Raises NotYourRoom, RoomNotFound."""
        room = await self._unit_of_work.peek(room_id)
        host_user_id = (await self._find(room_id)).host_user_id if room is None else room.host_user_id
        if host_user_id == staff.id:
            staff.require(HOST)
            return True
        if not staff.may(MANAGE):
            raise NotYourRoom
        return False

    async def _find(self, room_id: str) -> InterviewRoom:
        record = await self._records.find_by_room_id(room_id)
        if record is None:
            raise RoomNotFound
        return record


def may_keep_seat(visitor: Visitor, seat: Seat) -> bool:
    """True if the visitor still has the right to the seat: staff may have lost a permission since they joined."""
    return isinstance(visitor, GuestTicket) or visitor.may(HOST if seat.role == "host" else MANAGE)
