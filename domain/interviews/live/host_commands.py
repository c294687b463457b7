"""What a host does by REST, sitting in the room or not. The log-in tells who is host, never what is sent."""

from collections.abc import Sequence
from typing import Literal

from domain.interviews.errors import DismissFailed, KickFailed, TargetNotFound
from domain.interviews.live.commands import ControlRequest, Kick, PrompterControl, PrompterLoad
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.transition import CommandSender
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.media.ports import MediaUserIds
from domain.interviews.record.model import EndReason, InterviewRoom
from domain.interviews.record.service import InterviewRoomService
from domain.interviews.value_types import MediaDevice
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import NotFound, PermissionDenied, RuleViolated

PrompterAction = Literal["PLAY", "PAUSE", "STOP", "SHOW", "HIDE"]


class HostCommands:
    """Targets may be named by the id that they brought into the media room, or by their participant id."""

    def __init__(
        self, rooms: InterviewRoomService, conversations: LiveRoomService, live: LiveRoomUnitOfWork, ids: MediaUserIds
    ) -> None:
        self._rooms = rooms
        self._conversations = conversations
        self._live = live
        self._ids = ids

    async def kick(self, staff: StaffAuthority, room_id: str, target: str, reason: str) -> None:
        """And banned. Raises KickFailed."""
        try:
            who = await self._acting(staff, room_id)
            participant_id = await self._target(room_id, target)
            await self._conversations.act(room_id, who, Kick(participant_id=participant_id, reason=reason))
        except (PermissionDenied, NotFound, RuleViolated) as error:
            raise KickFailed(reason=error.code) from error

    async def dismiss(self, staff: StaffAuthority, room_id: str, actor: Actor) -> InterviewRoom:
        """Raises DismissFailed."""
        try:
            return await self._rooms.end_by_staff(staff, room_id, actor, EndReason.DISMISSED)
        except (PermissionDenied, NotFound) as error:
            raise DismissFailed(reason=error.code) from error

    async def switch(self, staff: StaffAuthority, room_id: str, target: str, device: MediaDevice, *, on: bool) -> None:
        """Off at once; on only asks. Raises NotYourRoom, RoomNotFound, RoomEnded, TargetNotFound."""
        who = await self._acting(staff, room_id)
        participant_id = await self._target(room_id, target)
        await self._conversations.act(room_id, who, ControlRequest(target=participant_id, device=device, enabled=on))

    async def load_prompter(
        self, staff: StaffAuthority, room_id: str, targets: Sequence[str], content: str, speed: float, *, play: bool
    ) -> None:
        """No targets: every helper. Raises NotYourRoom, RoomNotFound, RoomEnded, TargetNotFound,
        PrompterForWorkersOnly."""
        who = await self._acting(staff, room_id)
        named = tuple([await self._target(room_id, target) for target in targets])
        load = PrompterLoad(targets=named, content=content, speed=speed, auto_play=play)
        await self._conversations.act(room_id, who, load)

    async def steer_prompter(self, staff: StaffAuthority, room_id: str, action: PrompterAction) -> None:
        """`PLAY` starts at the top, as today. Raises as above."""
        who = await self._acting(staff, room_id)
        room = await self._live.peek(room_id)
        if room is None or room.prompter is None:
            raise TargetNotFound
        top = 0.0 if action == "PLAY" else None
        command = PrompterControl(doc_id=room.prompter.doc.doc_id, action=action, position=top)
        await self._conversations.act(room_id, who, command)

    async def _acting(self, staff: StaffAuthority, room_id: str) -> CommandSender:
        room = await self._rooms.owned(staff, room_id)
        return CommandSender(participant_id=room.host_zego_user_id, connection=None)

    async def _target(self, room_id: str, named: str) -> str:
        participant_id = await self._ids.participant_of(room_id, named)
        room = await self._live.peek(room_id)
        if room is None or (room.seat(participant_id) is None and participant_id not in room.known):
            raise TargetNotFound
        return participant_id
