"""Builders of interview rooms, invitations and staff for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.interviews.invites.model import Invite
from domain.interviews.participant_ids import staff_participant_id
from domain.interviews.record.model import InterviewRoom, RoomStatus
from domain.shared.authority import StaffAuthority

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOST = "a" * 24


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def staff(staff_id: str = HOST, *permissions: str, name: str = "李老师") -> StaffAuthority:
    granted = frozenset(permissions or ("interview:view", "interview:host"))
    role = "manager" if granted & {"interview:manage", "interview:all"} else "employee"
    return StaffAuthority(id=staff_id, username=name, name=name, role=role, permissions=granted, session_id="s")


def a_room(**fields: Any) -> InterviewRoom:
    given: dict[str, Any] = {
        "id": "1" * 24,
        "room_id": "room_1",
        "room_name": "李老师的面试间",
        "host_user_id": HOST,
        "host_name": "李老师",
        "host_zego_user_id": staff_participant_id("room_1", HOST),
        "status": RoomStatus.ACTIVE,
        "created_at": NOW,
        "updated_at": NOW,
        "opened_at": NOW,
        **fields,
    }
    return InterviewRoom(**given)


def an_invite(**fields: Any) -> Invite:
    given: dict[str, Any] = {
        "id": "2" * 24,
        "identity": "customer",
        "expires_at": later(3600),
        "created_at": NOW,
        **fields,
    }
    return Invite(**given)
