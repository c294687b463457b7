"""Interviews in the timeline of the customer for whom they are held."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from domain.interviews.record.listing import RoomQuery, visible_rooms
from domain.interviews.record.model import HOST, MANAGE, VIEW, EndReason, InterviewRoom
from domain.interviews.record.service import InterviewRoomService
from domain.shared.authority import StaffAuthority
from domain.shared.notifications import RecordRef
from domain.shared.paging import PageRequest
from domain.shared.text import Text
from domain.shared.timeline import TimelineCursor, TimelineEntry, first_after

_MOST: Final = 100
"""Interviews of one customer."""
_SCHEDULED: Final = Text("预约面试", "Interview scheduled")
_OPENED: Final = Text("面试开始", "Interview began")
_ENDED: Final = Text("面试结束", "Interview ended")
_CANCELLED: Final = Text("面试取消", "Interview cancelled")


class InterviewTimeline:
    name: Final = "interviews"
    permissions: Final = (VIEW, HOST, MANAGE)

    def __init__(self, rooms: InterviewRoomService) -> None:
        self._rooms = rooms

    async def entries(
        self, customer_id: str, reader: StaffAuthority, before: TimelineCursor | None, limit: int
    ) -> list[TimelineEntry]:
        wanted = visible_rooms(RoomQuery(customer_id=customer_id), reader)
        page = await self._rooms.page(wanted, PageRequest(page_size=_MOST))
        return first_after(before, (entry for room in page.list for entry in _entries(room)), limit)


def _entries(room: InterviewRoom) -> Iterator[TimelineEntry]:
    if room.schedule is not None:
        yield _entry(room, "scheduled", room.created_at, _SCHEDULED)
    if room.opened_at is not None:
        yield _entry(room, "opened", room.opened_at, _OPENED)
    if room.ended_at is not None:
        cancelled = room.end_reason is EndReason.CANCELLED
        yield _entry(room, "ended", room.ended_at, _CANCELLED if cancelled else _ENDED)


def _entry(room: InterviewRoom, step: str, at: datetime, title: Text) -> TimelineEntry:
    return TimelineEntry(
        id=f"{room.id}-{step}",
        at=at,
        kind="interview",
        title=title,
        detail=Text(room.room_name, room.room_name),
        record=RecordRef(kind="interview", id=room.room_id),
        actor_id=room.host_user_id,
        actor_name=room.host_name,
    )
