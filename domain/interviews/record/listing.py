"""Filters of a list of interview rooms."""

from typing import Annotated

from pydantic import StringConstraints

from domain.interviews.record.model import MANAGE, RoomStatus
from domain.shared.authority import StaffAuthority
from domain.shared.model import Model
from domain.shared.plain_text import cleaned_line
from domain.shared.scope import EVERYTHING, Resource, Scope, scope_of


class RoomQuery(Model):
    status: RoomStatus | None = None
    search: Annotated[str, cleaned_line(100)] = ""
    customer_id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{24})?$")] = ""


class RoomFilter(RoomQuery):
    """`host_user_id` is empty for the rooms of all hosts."""

    host_user_id: str = ""
    scope: Scope = EVERYTHING


def own_rooms(query: RoomQuery, staff: StaffAuthority) -> RoomFilter:
    return RoomFilter(**query.model_dump(), host_user_id=staff.id)


def all_rooms(query: RoomQuery, staff: StaffAuthority) -> RoomFilter:
    """Those within the data scope. Raises PermissionDenied unless the staff member manages interviews."""
    staff.require(MANAGE)
    return RoomFilter(**query.model_dump(), scope=scope_of(staff, Resource.INTERVIEW))


def visible_rooms(query: RoomQuery, staff: StaffAuthority) -> RoomFilter:
    """Managers see all rooms within their scope, hosts their own."""
    return all_rooms(query, staff) if staff.may(MANAGE) else own_rooms(query, staff)
