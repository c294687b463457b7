"""`/interviews`: live changes for lists of interview rooms; hosts get those of their own rooms, managers all."""

from collections.abc import Sequence
from typing import ClassVar, Final

from domain.interviews.events import InterviewEnded, InterviewOpened, InterviewScheduled, LiveRoomPushed
from domain.interviews.record.model import MANAGE, VIEW
from domain.shared.authority import StaffAuthority
from domain.shared.events import StreamEntry
from domain.shared.model import Instant, Model
from domain.shared.scope import Resource, Scope, scope_of
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.namespaces.base import NamespaceContext
from realtime.namespaces.staff import StaffNamespace
from realtime.socketio.delivery import Delivery

NAME: Final = "/interviews"
ALL_ROOMS: Final = "all"
SHOWN_IN_LISTS: Final = frozenset(
    {"roomState", "peerJoined", "peerLeft", "peerReconnecting", "peerResumed", "lobbyWaiting", "hostAbsent", "hostBack"}
)
"""Pushes that change what a list shows. All other pushes are for the participants only."""


class InterviewChangedPush(Model):
    """The client reads the room again: GET /api/interview/rooms/{roomId}."""

    id: str
    room_id: str
    host_user_id: str
    at: Instant


INTERVIEW_CHANGED = Push(
    "interviewChanged",
    InterviewChangedPush,
    Text(
        "面试间有变化：预约、阶段、人数、开始或结束",
        "An interview room has changed: its schedule, phase or participants, its start or end",
    ),
    must_arrive=True,
)


class InterviewsNamespace(StaffNamespace):
    name = NAME
    permission = VIEW
    about = Text("面试间列表（主持人看自己的，管理者看全部）", "Lists of rooms: hosts their own, managers all")
    pushes: ClassVar = (INTERVIEW_CHANGED,)

    def __init__(self, context: NamespaceContext) -> None:
        super().__init__(context)
        for event in (LiveRoomPushed, InterviewScheduled, InterviewOpened, InterviewEnded):
            context.hub.translate(event, interview_changed)

    def rooms_of(self, authority: StaffAuthority) -> frozenset[str]:
        scope = scope_of(authority, Resource.INTERVIEW) if authority.may(MANAGE) else Scope.of(authority.id)
        return frozenset({ALL_ROOMS} if scope.people is None else map(rooms_of_host, scope.people))


def rooms_of_host(staff_id: str) -> str:
    return f"host:{staff_id}"


def interview_changed(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, LiveRoomPushed | InterviewScheduled | InterviewOpened | InterviewEnded):
        return ()
    if isinstance(event, LiveRoomPushed) and event.event not in SHOWN_IN_LISTS:
        return ()
    payload = InterviewChangedPush(id=event.id, room_id=event.room_id, host_user_id=event.host_user_id, at=event.at)
    rooms = (ALL_ROOMS, rooms_of_host(event.host_user_id))
    return [INTERVIEW_CHANGED.delivery(NAME, rooms, payload, entry)]
