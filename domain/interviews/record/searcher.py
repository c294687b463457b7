"""Interviews in the search of all areas."""

from typing import Final

from domain.interviews.record.listing import RoomQuery, visible_rooms
from domain.interviews.record.model import HOST, MANAGE, VIEW
from domain.interviews.record.service import InterviewRoomService
from domain.shared.authority import StaffAuthority
from domain.shared.paging import PageRequest
from domain.shared.search import Found, Hit


class InterviewSearcher:
    area: Final = "interviews"
    permissions: Final = (VIEW, HOST, MANAGE)

    def __init__(self, rooms: InterviewRoomService) -> None:
        self._rooms = rooms

    async def find(self, text: str, reader: StaffAuthority, limit: int) -> Found:
        page = await self._rooms.page(visible_rooms(RoomQuery(search=text), reader), PageRequest(page_size=limit))
        hits = [
            Hit(
                id=room.room_id,
                title=room.room_name,
                detail=" · ".join(filter(None, (room.host_name, room.candidate_name))),
                status=room.status,
            )
            for room in page.list
        ]
        return Found(hits=tuple(hits), total=page.total)
