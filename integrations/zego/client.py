"""ZEGO's server API as the media server: close a room, remove users, list users."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.interviews.media.ports import MediaServer
from domain.shared.errors import UpstreamFailed
from domain.shared.parts import parts_of
from integrations.zego.codes import (
    CLOSE_ROOM,
    DESCRIBE_USER_LIST,
    DESCRIBE_USER_NUM,
    GONE,
    KICKOUT_USER,
    NO_ROOM,
    SEND_CUSTOM_COMMAND,
    Action,
    ZegoRefused,
)
from integrations.zego.http import Parameters, ZegoHttp

MAX_USERS_PER_KICK: Final = 5
MAX_ROOMS_PER_CALL: Final = 10
MAX_REASON_BYTES: Final = 256
MAX_PAGE_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class MediaUser:
    user_id: str
    name: str


class ZegoClient(MediaServer):
    """Every method raises UpstreamFailed and its kinds. A room or user that does not exist is not a failure."""

    def __init__(self, http: ZegoHttp) -> None:
        self._http = http

    async def close_room(self, room_id: str, reason: str = "") -> None:
        await self._end(CLOSE_ROOM, [("RoomId", room_id), *_reason(reason)])

    async def remove_users(self, room_id: str, media_user_ids: Sequence[str], reason: str = "") -> None:
        for batch in parts_of(media_user_ids, MAX_USERS_PER_KICK):
            users = [("UserId[]", user_id) for user_id in batch]
            await self._end(KICKOUT_USER, [("RoomId", room_id), *users, *_reason(reason)])

    async def counts(self, room_ids: Sequence[str]) -> dict[str, int]:
        """The number of users in each room; 0 for a room that does not exist."""
        found: dict[str, int] = dict.fromkeys(room_ids, 0)
        for batch in parts_of(room_ids, MAX_ROOMS_PER_CALL):
            data = await self._http.call(DESCRIBE_USER_NUM, [("RoomId[]", room_id) for room_id in batch])
            try:
                found |= {str(row["RoomId"]): int(row["UserCount"]) for row in data["UserCountList"]}
            except (KeyError, TypeError, ValueError):
                raise UpstreamFailed from None
        return found

    async def users(self, room_id: str) -> list[str]:
        return [user.user_id for user in await self.users_with_names(room_id)]

    async def users_with_names(self, room_id: str) -> list[MediaUser]:
        found: list[MediaUser] = []
        page = [("RoomId", room_id), ("Mode", "0"), ("Limit", str(MAX_PAGE_SIZE))]
        marker: list[tuple[str, str]] = []
        try:
            while True:
                data = await self._http.call(DESCRIBE_USER_LIST, [*page, *marker])
                found += [MediaUser(str(row["UserId"]), str(row["UserName"])) for row in data["UserList"]]
                if not data.get("Marker"):
                    return found
                marker = [("Marker", str(data["Marker"]))]
        except ZegoRefused as refused:
            if refused.zego_code in NO_ROOM:
                return []
            raise
        except (KeyError, TypeError):
            raise UpstreamFailed from None

    async def send_custom_command(self, room_id: str, sender: str, receivers: Sequence[str], content: str) -> None:
        """Delivered at most once: not repeated when it is unknown whether the command arrived."""
        parameters = [("RoomId", room_id), ("FromUserId", sender), *(("ToUserId[]", to) for to in receivers)]
        await self._http.call(SEND_CUSTOM_COMMAND, [*parameters, ("MessageContent", content)])

    async def _end(self, action: Action, parameters: Parameters) -> None:
        try:
            await self._http.call(action, parameters)
        except ZegoRefused as refused:
            if refused.zego_code not in GONE:
                raise


def _reason(reason: str) -> Parameters:
    """Truncated to ZEGO's limit at a character boundary."""
    text = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
    return [("CustomReason", text)] if text else []
