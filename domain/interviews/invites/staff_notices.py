"""Whose bell rings when an interview begins: the person who looks after the worker's resume (面试邀请)."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from domain.interviews.events import InterviewOpened
from domain.shared.events import DomainEvent
from domain.shared.model import Model


class ResponsibleStaff(Model):
    """Who looks after a resume."""

    staff_id: str
    worker_name: str = ""


class WorkerDirectory(Protocol):
    async def keeper_of(self, resume_id: str) -> ResponsibleStaff | None:
        """Whom it is assigned to, else who made it. Raises Unavailable."""


class StaffInvited(DomainEvent):
    """An effect that is due: whoever delivers notices to staff takes it from its store."""

    type: ClassVar[str] = "interview.staff_invited"
    published: ClassVar[bool] = False

    key: str
    kind: Literal["INTERVIEW_INVITED"] = "INTERVIEW_INVITED"
    to_staff: tuple[str, ...]
    room_id: str
    room_name: str
    resume_id: str
    resume_name: str
    operator_name: str


class StaffNoticeFollower:
    """Follows `InterviewOpened` durably. An opening told twice is one notice."""

    def __init__(self, resumes: WorkerDirectory, effects: "StaffNoticeStore") -> None:
        self._resumes = resumes
        self._effects = effects

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InterviewOpened) and event.resume_id:
                await self._invite(event)

    async def _invite(self, opened: InterviewOpened) -> None:
        keeper = await self._resumes.keeper_of(opened.resume_id)
        if keeper is None or keeper.staff_id == opened.host_user_id:
            return
        notice = StaffInvited(
            id=opened.id,
            at=opened.at,
            key=f"INTERVIEW_INVITED:{opened.room_id}",
            to_staff=(keeper.staff_id,),
            room_id=opened.room_id,
            room_name=opened.room_name,
            resume_id=opened.resume_id,
            resume_name=keeper.worker_name,
            operator_name=opened.host_name,
        )
        await self._effects.add(notice)


class StaffNoticeStore(Protocol):
    async def add(self, effect: StaffInvited) -> None:
        """Once, by its key. Raises Unavailable."""
