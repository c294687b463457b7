"""Routes that only the staff mini-program has: checking a form, and creating a draft without signing."""

from domain.contracts.errors import UnknownParty
from domain.shared.text import Text
from http_api.core.endpoint import Endpoints
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import ApiResponse, RequestContext
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.contracts.bodies import CreateBody
from http_api.routes.contracts.common import CREATE, TAG
from http_api.routes.contracts.creation import (
    CREATE_DRAFT,
    CREATE_EXAMPLE,
    CreatedAnswer,
    Validation,
    create_draft,
    created,
    validation_of,
)

endpoints = Endpoints("/api/contracts/miniprogram", tag=TAG)


@endpoints.post(
    "/validate",
    access=CREATE,
    rate_limit=RateLimit.READ,
    unaudited="nothing is stored",
    message=Text("校验完成", "Checked"),
    raises=(*STAFF_ERRORS, UnknownParty),
    example=CREATE_EXAMPLE,
)
async def validate(context: RequestContext, body: CreateBody) -> Validation:
    """校验合同信息 · the fields that are still missing for signing"""
    return await validation_of(context, body)


@endpoints.post(
    "/create",
    **CREATE_DRAFT,
)
async def create(context: RequestContext, body: CreateBody) -> ApiResponse[CreatedAnswer]:
    """新建合同（不自动发起签署）· create a draft"""
    return await created(context, await create_draft(context, body))
