"""Tasks about a contract: requests to the e-sign provider that go on when they have been answered."""

from typing import Final, TypeVar

from aiohttp import web

from domain.shared.model import Model
from domain.tasks.model import TaskRequest
from domain.tasks.service import Work
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.long_requests import (
    TASK_ERRORS,
    TaskAnswer,
    TaskSecret,
    answer_or_accept,
    file_response,
    task_answer,
)
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import CONTRACT_ERRORS, READ, TAG, contracts_of, scope

STAFF_PREFIX: Final = "/api/contracts"
_PATH: Final = "/{contract_id}/tasks/{task_id}/{secret}"

T = TypeVar("T", bound=Model)

endpoints = Endpoints(STAFF_PREFIX, tag=TAG)


async def of_staff(
    context: RequestContext, access: Staff, contract_id: str, kind: str, work: Work[T]
) -> T | web.Response:
    """The result of `work`, or a task of the calling staff member, who needs the same permission to read it."""
    asked = TaskRequest(
        owner_kind="staff",
        owner_id=context.staff.id,
        kind=f"contract.{kind}",
        subject=contract_id,
        permission=access.permissions[0],
    )
    return await answer_or_accept(context, asked, f"{STAFF_PREFIX}/{contract_id}/tasks", work)


@endpoints.get(_PATH, raises=(*CONTRACT_ERRORS, *TASK_ERRORS), **READ)
async def task(context: RequestContext, contract_id: EntityId, task_id: EntityId, secret: TaskSecret) -> TaskAnswer:
    """处理进度与结果（仅限发起人）· progress and result of a request in progress, for the one who made it"""
    await contracts_of(context).queries.find(contract_id, scope(context))
    return task_answer(context, await context.services.tasks.view(context.reader, contract_id, task_id, secret))


@endpoints.get(
    f"{_PATH}/file",
    raises=(*CONTRACT_ERRORS, *TASK_ERRORS),
    produces="application/pdf",
    **READ,
)
async def task_file(
    context: RequestContext, contract_id: EntityId, task_id: EntityId, secret: TaskSecret
) -> web.Response:
    """处理完成的文件（仅限发起人）· the file that the request has fetched, for the one who made it"""
    await contracts_of(context).queries.find(contract_id, scope(context))
    return file_response(await context.services.tasks.file(context.reader, contract_id, task_id, secret))
