"""What staff do in their mini-program only: checking a form, and creating without signing."""

from domain.contracts.errors import ContractExists, UnknownParty
from domain.shared.model import Model
from domain.shared.text import Text
from http_api.core.endpoint import Call, Endpoints, Outcome
from http_api.core.rate_limits import Rate
from http_api.routes.contracts.common import CREATE, STAFF, TAG, CreateBody, contracts_of
from http_api.routes.contracts.contracts import EXAMPLE, REFUSALS
from http_api.routes.contracts.views import CreatedAnswer, created, request_of, terms_of

endpoints = Endpoints("/api/contracts/miniprogram", tag=TAG)


class Validation(Model):
    valid: bool
    missing: list[str]


@endpoints.post(
    "/validate",
    access=CREATE,
    rate=Rate.READ,
    unaudited="nothing is stored",
    message=Text("校验完成", "Checked"),
    raises=(*STAFF, UnknownParty),
    example=EXAMPLE,
)
async def validate(call: Call, body: CreateBody) -> Validation:
    """校验合同信息 · what is still missing for signing"""
    missing = await contracts_of(call).drafting.check(terms_of(body))
    return Validation(valid=not missing, missing=missing)


@endpoints.post(
    "/create",
    access=CREATE,
    rate=Rate.WRITE,
    audit="contract.create",
    message=Text("合同创建成功", "Contract created"),
    raises=(*STAFF, *REFUSALS, ContractExists),
    statuses=(201, 200),
    example=EXAMPLE,
)
async def create(call: Call, body: CreateBody) -> Outcome[CreatedAnswer]:
    """新建合同（不自动发起签署）· create a draft"""
    drafting, request = contracts_of(call).drafting, request_of(call, body)
    done = await drafting.create(terms_of(body), call.staff, call.actor, request, second_order=body.force_create_new)
    return await created(call, done)
