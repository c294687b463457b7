"""ZEGO's server API in our words: end a room, put people out, ask who is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.interviews.media.ports import MediaServer
from domain.shared.errors import UpstreamFailed
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

MOST_KICKED_AT_ONCE: Final = 5
MOST_ROOMS_AT_ONCE: Final = 10
LONGEST_REASON_BYTES: Final = 256
LARGEST_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class MediaUser:
    user_id: str
    name: str


class ZegoClient(MediaServer):
    """Every method raises UpstreamFailed and its kinds; a room or a user that is not there is no failure."""

    def __init__(self, http: ZegoHttp) -> None:
        self._http = http

    async def close_room(self, room_id: str, reason: str = "") -> None:
        """Everybody is put out with `reason`."""
        await self._end(CLOSE_ROOM, [("RoomId", room_id), *_reason(reason)])

    async def put_out(self, room_id: str, media_user_ids: Sequence[str], reason: str = "") -> None:
        for first in range(0, len(media_user_ids), MOST_KICKED_AT_ONCE):
            some = media_user_ids[first : first + MOST_KICKED_AT_ONCE]
            users = [("UserId[]", user_id) for user_id in some]
            await self._end(KICKOUT_USER, [("RoomId", room_id), *users, *_reason(reason)])

    async def counts(self, room_ids: Sequence[str]) -> dict[str, int]:
        """How many are in each room; 0 for a room that is not there."""
        found: dict[str, int] = dict.fromkeys(room_ids, 0)
        for first in range(0, len(room_ids), MOST_ROOMS_AT_ONCE):
            some = room_ids[first : first + MOST_ROOMS_AT_ONCE]
            data = await self._http.call(DESCRIBE_USER_NUM, [("RoomId[]", room_id) for room_id in some])
            try:
                found |= {str(row["RoomId"]): int(row["UserCount"]) for row in data["UserCountList"]}
            except (KeyError, TypeError, ValueError):
                raise UpstreamFailed from None
        return found

    async def users(self, room_id: str) -> list[str]:
        return [user.user_id for user in await self.people(room_id)]

    async def people(self, room_id: str) -> list[MediaUser]:
        found: list[MediaUser] = []
        page = [("RoomId", room_id), ("Mode", "0"), ("Limit", str(LARGEST_PAGE))]
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

    async def tell(self, room_id: str, sender: str, receivers: Sequence[str], content: str) -> None:
        """A custom command, at most once: it is not repeated when we cannot know whether it arrived."""
        parameters = [("RoomId", room_id), ("FromUserId", sender), *(("ToUserId[]", to) for to in receivers)]
        await self._http.call(SEND_CUSTOM_COMMAND, [*parameters, ("MessageContent", content)])

    async def _end(self, action: Action, parameters: Parameters) -> None:
        try:
            await self._http.call(action, parameters)
        except ZegoRefused as refused:
            if refused.zego_code not in GONE:
                raise


def _reason(reason: str) -> Parameters:
    """Cut to ZEGO's bound without cutting a character."""
    text = reason.encode()[:LONGEST_REASON_BYTES].decode(errors="ignore")
    return [("CustomReason", text)] if text else []
