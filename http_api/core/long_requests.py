"""Requests that may take long: with `Prefer: respond-async` (RFC 7240) they are answered by a task after a short grace.

The area declares the task's address, with the access of its record: `GET <address>` for the state, `<address>/file` for
a file. Without the preference a request waits for its result, as clients of the former system expect.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, TypeVar

from aiohttp import web
from pydantic import StringConstraints

from domain.shared.model import Instant, Model
from domain.shared.text import Text
from domain.tasks.errors import TaskNotFound, TooManyTasks
from domain.tasks.model import Accepted, FileDescription, Step, TaskFile, TaskRequest, TaskStatus, TaskView
from domain.tasks.service import Work, unreported
from http_api.core.envelope import success
from http_api.core.file_response import disposition
from http_api.core.request_context import RequestContext

ACCEPTED: Final = Text("正在处理，请稍候", "In progress")
LONG_ERRORS: Final = (TooManyTasks,)
TASK_ERRORS: Final = (TaskNotFound,)
PREFERENCE: Final = "respond-async"
RETRY_SECONDS: Final = 2
_PREFERS: Final = re.compile(rf"(^|[,\s]){PREFERENCE}\s*($|[,;])", re.IGNORECASE)

TaskSecret = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]

T = TypeVar("T", bound=Model)


class TaskAccepted(Model):
    """`address`: where the caller alone reads the task's state; keep it like a password."""

    task_id: str
    status: Literal["running"] = "running"
    address: str


class TaskProblem(Model):
    code: str
    message: str
    details: Mapping[str, Any]


class TaskAnswer(Model):
    """`result`: what the request itself would have answered as `data`. `file`: fetch it from the address + `/file`."""

    task_id: str
    kind: str
    status: TaskStatus
    step: Step
    received_bytes: int
    started_at: Instant
    result: Any
    file: FileDescription | None
    error: TaskProblem | None


def prefers_async(request: web.Request) -> bool:
    return any(_PREFERS.search(value) for value in request.headers.getall("Prefer", ()))


async def answer_or_accept(
    context: RequestContext, asked: TaskRequest, addresses: str, work: Work[T]
) -> T | web.Response:
    """The result of `work`, or 202 with an address below `addresses` if it takes long and the caller prefers that.

    Raises TooManyTasks, and the errors of `work`.
    """
    if not prefers_async(context.request):
        return await work(unreported)
    outcome = await context.services.tasks.run(asked, work)
    if not isinstance(outcome, Accepted):
        return outcome
    address = f"{addresses}/{outcome.task_id}/{outcome.secret}"
    body = TaskAccepted(task_id=outcome.task_id, address=address).model_dump_json(by_alias=True)
    response = success(context.request, body, ACCEPTED.in_language(context.language), HTTPStatus.ACCEPTED)
    response.headers.update({"Location": address, "Retry-After": str(RETRY_SECONDS), "Preference-Applied": PREFERENCE})
    return response


def task_answer(context: RequestContext, view: TaskView) -> TaskAnswer:
    error = view.outcome.error
    return TaskAnswer(
        task_id=view.task.id,
        kind=view.task.kind,
        status=view.status,
        step=view.progress.step,
        received_bytes=view.progress.received_bytes,
        started_at=view.task.started_at,
        result=view.outcome.result,
        file=view.outcome.file,
        error=error
        and TaskProblem(code=error.code, message=error.text.in_language(context.language), details=error.details),
    )


def file_response(file: TaskFile) -> web.Response:
    return web.Response(
        body=file.content,
        content_type=file.content_type,
        headers={"Content-Disposition": disposition("attachment", file.name), "Cache-Control": "no-store"},
    )
