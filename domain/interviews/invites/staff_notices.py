"""Notices to staff that an interview has begun (面试邀请): sent to the staff member responsible for the worker."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from pydantic import Field

from domain.interviews.events import InterviewOpened
from domain.shared.events import DomainEvent
from domain.shared.model import Model


class ResponsibleStaff(Model):
    """The staff member responsible for a domestic worker."""

    staff_id: str
    worker_name: str = ""


class WorkerDirectory(Protocol):
    async def responsible_staff(self, worker_id: str) -> ResponsibleStaff | None:
        """The staff member whom the worker is assigned to, else the one who created the worker. Raises Unavailable."""


class StaffInvited(DomainEvent):
    """A notice that is due. It stays in its store until the notifications area delivers it."""

    type: ClassVar[str] = "interview.staff_invited"
    published: ClassVar[bool] = False

    key: str
    kind: Literal["INTERVIEW_INVITED"] = "INTERVIEW_INVITED"
    to_staff: tuple[str, ...]
    room_id: str
    room_name: str
    worker_id: str = Field(alias="resumeId")
    worker_name: str = Field(alias="resumeName")
    operator_name: str


class StaffNoticeStore(Protocol):
    async def add(self, notice: StaffInvited) -> None:
        """Idempotent by the notice's key. Raises Unavailable."""


class StaffNoticeFollower:
    """Follows `InterviewOpened` durably. Several openings of one room give one notice."""

    def __init__(self, workers: WorkerDirectory, notices: StaffNoticeStore) -> None:
        self._workers = workers
        self._notices = notices

    async def follow(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if isinstance(event, InterviewOpened) and event.worker_id:
                await self._notify(event)

    async def _notify(self, opened: InterviewOpened) -> None:
        responsible = await self._workers.responsible_staff(opened.worker_id)
        if responsible is None or responsible.staff_id == opened.host_user_id:
            return
        notice = StaffInvited(
            id=opened.id,
            at=opened.at,
            key=f"INTERVIEW_INVITED:{opened.room_id}",
            to_staff=(responsible.staff_id,),
            room_id=opened.room_id,
            room_name=opened.room_name,
            worker_id=opened.worker_id,
            worker_name=responsible.worker_name,
            operator_name=opened.host_name,
        )
        await self._notices.add(notice)
