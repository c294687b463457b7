"""The notifications that interviews give to staff: to the host, and to the staff member responsible for the worker."""

from typing import Any, Final

from pydantic import Field

from domain.interviews.events import InterviewAboutToBegin, InterviewEnded, InterviewOpened, InterviewScheduled
from domain.interviews.record.model import VIEW, EndReason
from domain.shared.business_day import local_minute
from domain.shared.model import Model
from domain.shared.notifications import (
    Notice,
    Notifications,
    NotificationType,
    Priority,
    Recipients,
    RecordRef,
    ResponsibleFor,
)
from domain.shared.text import Text

KIND: Final = "interview"


class InterviewValues(Model):
    """`resume_name`: the worker's, from the record of the worker."""

    room_id: str = Field(examples=["65f0c1d2e3a4b5c6d7e8f901"])
    room_name: str = Field(examples=["赵阿姨视频面试"])
    resume_id: str = Field("", examples=["65f0c1d2e3a4b5c6d7e8f901"])
    resume_name: str = Field("", examples=["赵阿姨"])


class InvitedValues(InterviewValues):
    operator_name: str = Field(examples=["李经理"])


class BeginningValues(InterviewValues):
    host_name: str = Field(examples=["李老师"])
    starts_at: str = Field(examples=["12-01 14:30"])


class MovedValues(InterviewValues):
    operator_name: str = Field(examples=["李经理"])
    former_start: str = Field(examples=["12-01 09:00"])
    starts_at: str = Field(examples=["12-01 14:30"])


class CancelledValues(InterviewValues):
    operator_name: str = Field(examples=["李经理"])
    starts_at: str = Field(examples=["12-01 14:30"])


def _invited(event: InterviewOpened) -> Notice | None:
    if not event.worker_id:
        return None
    values = InvitedValues(**_common(event), operator_name=event.host_name)
    to = Recipients(responsible=_worker(event), without=(event.host_user_id,))
    return Notice(fact=event.room_id, to=to, about=_about(event), values=values)  # several openings are one fact


def _beginning(event: InterviewAboutToBegin) -> Notice | None:
    values = BeginningValues(**_common(event), host_name=event.host_name, starts_at=local_minute(event.starts_at))
    to = Recipients(staff=(event.host_user_id,), responsible=_worker(event))
    fact = f"{event.room_id}:{event.starts_at.isoformat()}"
    return Notice(fact=fact, to=to, about=_about(event), values=values)


def _moved(event: InterviewScheduled) -> Notice | None:
    if event.former_start is None or event.starts_at is None or event.former_start == event.starts_at:
        return None
    former, start = local_minute(event.former_start), local_minute(event.starts_at)
    values = MovedValues(**_common(event), operator_name=event.by_name, former_start=former, starts_at=start)
    to = Recipients(staff=(event.host_user_id,), responsible=_worker(event), without=(event.by_id,))
    return Notice(fact=event.id, to=to, about=_about(event), values=values)


def _cancelled(event: InterviewEnded) -> Notice | None:
    if event.reason is not EndReason.CANCELLED or event.starts_at is None:
        return None
    start = local_minute(event.starts_at)
    values = CancelledValues(**_common(event), operator_name=event.ended_by, starts_at=start)
    to = Recipients(staff=(event.host_user_id,), responsible=_worker(event), without=(event.by_id,))
    return Notice(fact=event.room_id, to=to, about=_about(event), values=values)


_Event = InterviewOpened | InterviewAboutToBegin | InterviewScheduled | InterviewEnded


def _worker(event: _Event) -> ResponsibleFor | None:
    if not event.worker_id:
        return None
    return ResponsibleFor(RecordRef(kind="resume", id=event.worker_id), name_value="resumeName")


def _about(event: _Event) -> RecordRef:
    return RecordRef(kind=KIND, id=event.room_id)


def _common(event: _Event) -> dict[str, Any]:
    return {"room_id": event.room_id, "room_name": event.room_name, "resume_id": event.worker_id}


_SHARED: Final[dict[str, Any]] = {
    "action_url": "#/interviews?room={{roomId}}",
    "action_text": Text("查看面试", "View interview"),
    "icon": "interview",
    "permission": VIEW,
}

NOTIFICATIONS: Final = Notifications(
    types=(
        NotificationType(
            code="INTERVIEW_INVITED",
            name=Text("面试邀请", "Interview invitation"),
            priority=Priority.MEDIUM,
            cause=InterviewOpened,
            notice=_invited,
            values=InvitedValues,
            title=Text("{{resumeName}} 的面试已开始", "The interview of {{resumeName}} has begun"),
            content=Text(
                "{{operatorName}} 正在面试您负责的阿姨 {{resumeName}}：{{roomName}}",
                "{{operatorName}} is interviewing {{resumeName}}, who is assigned to you: {{roomName}}",
            ),
            **_SHARED,
        ),
        NotificationType(
            code="INTERVIEW_ABOUT_TO_BEGIN",
            name=Text("面试即将开始", "Interview about to begin"),
            priority=Priority.HIGH,
            cause=InterviewAboutToBegin,
            notice=_beginning,
            values=BeginningValues,
            title=Text("面试即将开始：{{startsAt}}", "Interview at {{startsAt}}"),
            content=Text("{{roomName}}，主持人 {{hostName}}", "{{roomName}}, hosted by {{hostName}}"),
            color="warning",
            **_SHARED,
        ),
        NotificationType(
            code="INTERVIEW_MOVED",
            name=Text("面试改期", "Interview moved"),
            priority=Priority.MEDIUM,
            cause=InterviewScheduled,
            notice=_moved,
            values=MovedValues,
            title=Text("面试改期至 {{startsAt}}", "Interview moved to {{startsAt}}"),
            content=Text(
                "{{operatorName}} 将 {{roomName}} 由 {{formerStart}} 改至 {{startsAt}}",
                "{{operatorName}} moved {{roomName}} from {{formerStart}} to {{startsAt}}",
            ),
            **_SHARED,
        ),
        NotificationType(
            code="INTERVIEW_CANCELLED",
            name=Text("面试取消", "Interview cancelled"),
            priority=Priority.MEDIUM,
            cause=InterviewEnded,
            notice=_cancelled,
            values=CancelledValues,
            title=Text("{{startsAt}} 的面试已取消", "The interview at {{startsAt}} was cancelled"),
            content=Text("{{roomName}} 已由 {{operatorName}} 取消", "{{roomName}} was cancelled by {{operatorName}}"),
            color="danger",
            **_SHARED,
        ),
    )
)
