"""Commands of the host by REST, with or without a seat in the room. The log-in decides who is the host."""

from collections.abc import Sequence

from domain.interviews.errors import DismissFailed, KickFailed, TargetNotFound
from domain.interviews.live.commands import ControlRequest, Kick, PrompterControl, PrompterLoad
from domain.interviews.live.service import LiveRoomService
from domain.interviews.live.teleprompter import PrompterAction
from domain.interviews.live.transition import CommandSender
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.media.ports import MediaUserIds
from domain.interviews.record.model import EndReason, InterviewRoom
from domain.interviews.record.service import InterviewRoomService
from domain.interviews.value_types import MediaDevice
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import NotFound, PermissionDenied, RuleViolated


class HostCommands:
    """Targets are participant ids or media user ids."""

    def __init__(
        self,
        rooms: InterviewRoomService,
        live_rooms: LiveRoomService,
        unit_of_work: LiveRoomUnitOfWork,
        ids: MediaUserIds,
    ) -> None:
        self._rooms = rooms
        self._live_rooms = live_rooms
        self._unit_of_work = unit_of_work
        self._ids = ids

    async def kick(self, staff: StaffAuthority, room_id: str, target: str, reason: str) -> None:
        """Removes and bans a participant. Raises KickFailed."""
        try:
            host = await self._host(staff, room_id)
            participant_id = await self._target(room_id, target)
            await self._live_rooms.execute(room_id, host, Kick(participant_id=participant_id, reason=reason))
        except (PermissionDenied, NotFound, RuleViolated) as error:
            raise KickFailed(reason=error.code) from error

    async def dismiss(self, staff: StaffAuthority, room_id: str, actor: Actor) -> InterviewRoom:
        """Ends the interview. Raises DismissFailed."""
        try:
            return await self._rooms.end_by_staff(staff, room_id, actor, EndReason.DISMISSED)
        except (PermissionDenied, NotFound) as error:
            raise DismissFailed(reason=error.code) from error

    async def control_device(
        self, staff: StaffAuthority, room_id: str, target: str, device: MediaDevice, *, on: bool
    ) -> None:
        """Switches a device off at once, or asks its participant to switch it on. Raises NotYourRoom, RoomNotFound,
        RoomEnded, TargetNotFound."""
        host = await self._host(staff, room_id)
        participant_id = await self._target(room_id, target)
        await self._live_rooms.execute(room_id, host, ControlRequest(target=participant_id, device=device, enabled=on))

    async def load_prompter(
        self, staff: StaffAuthority, room_id: str, targets: Sequence[str], content: str, speed: float, *, play: bool
    ) -> None:
        """Without targets for every domestic worker. Raises NotYourRoom, RoomNotFound, RoomEnded, TargetNotFound,
        PrompterForWorkersOnly."""
        host = await self._host(staff, room_id)
        participant_ids = tuple([await self._target(room_id, target) for target in targets])
        load = PrompterLoad(targets=participant_ids, content=content, speed=speed, auto_play=play)
        await self._live_rooms.execute(room_id, host, load)

    async def control_prompter(self, staff: StaffAuthority, room_id: str, action: PrompterAction) -> None:
        """`PLAY` starts at the top, as legacy pages expect. Raises as `load_prompter`."""
        host = await self._host(staff, room_id)
        room = await self._unit_of_work.peek(room_id)
        if room is None or room.prompter is None:
            raise TargetNotFound
        position = 0.0 if action == "PLAY" else None
        command = PrompterControl(doc_id=room.prompter.doc.doc_id, action=action, position=position)
        await self._live_rooms.execute(room_id, host, command)

    async def _host(self, staff: StaffAuthority, room_id: str) -> CommandSender:
        room = await self._rooms.get_owned(staff, room_id)
        return CommandSender(participant_id=room.host_zego_user_id, connection=None)

    async def _target(self, room_id: str, target: str) -> str:
        participant_id = await self._ids.owner_of(room_id, target)
        room = await self._unit_of_work.peek(room_id)
        if room is None or (room.seat(participant_id) is None and participant_id not in room.known_guests):
            raise TargetNotFound
        return participant_id
