"""Builders of interview rooms for tests of stores."""

from datetime import UTC, datetime
from typing import Any

from domain.interviews.participant_ids import staff_participant_id
from domain.interviews.record.model import InterviewRoom, RoomStatus
from integrations.security.ids import ObjectIds

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
IDS = ObjectIds()
HOST = "66f0a1b2c3d4e5f6a7b8c9d0"


def a_room(room_id: str = "room_a", host_user_id: str = HOST, **fields: Any) -> InterviewRoom:
    room: dict[str, Any] = {
        "id": IDS.next_id(),
        "room_id": room_id,
        "room_name": "李经理的面试间",
        "host_user_id": host_user_id,
        "host_name": "李经理",
        "host_zego_user_id": staff_participant_id(room_id, host_user_id),
        "status": RoomStatus.ACTIVE,
        "created_at": NOW,
        "updated_at": NOW,
        "opened_at": NOW,
    }
    return InterviewRoom(**{**room, **fields})
