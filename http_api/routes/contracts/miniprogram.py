"""What staff do in their mini-program only: checking a form, and creating without signing."""

from domain.contracts.errors import ContractExists, UnknownParty
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.endpoint import ApiResponse, Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import STAFF_ERRORS
from http_api.routes.contracts.common import CREATE, TAG, CreateBody, contracts_of
from http_api.routes.contracts.contracts import EXAMPLE, REFUSALS
from http_api.routes.contracts.views import CreatedAnswer, created, request_of, terms_of

endpoints = Endpoints("/api/contracts/miniprogram", tag=TAG)


class Validation(Model):
    valid: bool
    missing: list[str]


@endpoints.post(
    "/validate",
    access=CREATE,
    rate_limit=RateLimit.READ,
    unaudited="nothing is stored",
    message=Text("校验完成", "Checked"),
    raises=(*STAFF_ERRORS, UnknownParty),
    example=EXAMPLE,
)
async def validate(context: RequestContext, body: CreateBody) -> Validation:
    """校验合同信息 · what is still missing for signing"""
    missing = await contracts_of(context).drafting.check(terms_of(body))
    return Validation(valid=not missing, missing=missing)


@endpoints.post(
    "/create",
    access=CREATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.create",
    message=Text("合同创建成功", "Contract created"),
    raises=(*STAFF_ERRORS, *REFUSALS, ContractExists),
    statuses=(201, 200),
    example=EXAMPLE,
)
async def create(context: RequestContext, body: CreateBody) -> ApiResponse[CreatedAnswer]:
    """新建合同（不自动发起签署）· create a draft"""
    drafting, request = contracts_of(context).drafting, request_of(context, body)
    done = await drafting.create(
        terms_of(body), context.staff, context.actor, request, second_order=body.force_create_new
    )
    return await created(context, done)
