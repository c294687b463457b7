"""Which rooms a list shows."""

from typing import Annotated

from pydantic import Field

from domain.interviews.record.model import MANAGE, RoomStatus
from domain.shared.authority import StaffAuthority
from domain.shared.model import Model


class RoomQuery(Model):
    status: RoomStatus | None = None
    search: Annotated[str, Field(max_length=100)] = ""


class RoomFilter(RoomQuery):
    """`host_user_id` empty: everybody's."""

    host_user_id: str = ""


def own(query: RoomQuery, staff: StaffAuthority) -> RoomFilter:
    return RoomFilter(**query.model_dump(), host_user_id=staff.id)


def all_of_them(query: RoomQuery, staff: StaffAuthority) -> RoomFilter:
    """Raises PermissionDenied."""
    staff.require(MANAGE)
    return RoomFilter(**query.model_dump())
