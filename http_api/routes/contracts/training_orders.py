"""Training orders (职培订单): contracts of their own category, under the paths that the CRM and mini-program know."""

from typing import Final

from domain.contracts.errors import AlreadyRefunded, ContractNotFound, RefundTooHigh, TransitionNotAllowed
from domain.contracts.model import Contract
from domain.contracts.statuses import OrderCategory
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.paging import PageTooDeep
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import ApiResponse, Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.answers import ContractDetail
from http_api.routes.contracts.common import ONE, CreateBody, contracts_of, scope
from http_api.routes.contracts.contracts import REFUSALS
from http_api.routes.contracts.esign import TemplateList, template_list
from http_api.routes.contracts.miniprogram import Validation
from http_api.routes.contracts.signing import BEGUN, SIGNING, InitiateBody, RefundBody
from http_api.routes.contracts.views import (
    ContractList,
    ContractQuery,
    CreatedAnswer,
    created,
    detail,
    list_answer,
    request_of,
    terms_of,
)

endpoints = Endpoints("/api/training-orders", tag=Text("职培订单", "Training orders"))

VIEW: Final = Staff("training-order:view", "contract:view")
CREATE: Final = Staff("training-order:create", "contract:create")
GRADUATE: Final = Staff("training-order:create", "contract:edit")
EXAMPLE: Final = {
    "customerName": "孙丽",
    "customerPhone": "13700137000",
    "customerIdCard": "11010119880808001X",
    "courseAmount": 6800,
    "serviceFeeAmount": 6800,
    "intendedCourses": ["高级母婴护理"],
    "templateNo": "TN-TRAINING",
}


class GraduateBody(Model):
    """Everything is said by the path."""


async def _training(context: RequestContext, contract_id: str) -> Contract:
    contract = await contracts_of(context).reading.find(contract_id, scope(context))
    if not contract.is_training:
        raise ContractNotFound
    return contract


@endpoints.get(
    "/miniprogram/list", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep)
)
@endpoints.get("", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep))
async def list_orders(context: RequestContext, query: ContractQuery) -> ContractList:
    """职培订单列表 · the list"""
    return await list_answer(context, query.model_copy(update={"order_category": "training"}))


@endpoints.get("/miniprogram/templates", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def templates(context: RequestContext) -> TemplateList:
    """协议模板 · templates"""
    return await template_list(context)


@endpoints.get("/miniprogram/detail/{order_id}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=ONE)
async def get_order_mini(context: RequestContext, order_id: EntityId) -> ContractDetail:
    """职培订单详情 · one order"""
    return await detail(context, await _training(context, order_id))


@endpoints.post(
    "/miniprogram/validate-student",
    access=CREATE,
    rate_limit=RateLimit.READ,
    unaudited="nothing is stored",
    message=Text("校验完成", "Checked"),
    raises=STAFF_ERRORS,
    example=EXAMPLE,
)
async def validate_student(context: RequestContext, body: CreateBody) -> Validation:
    """校验学员信息 · what is still missing for signing"""
    missing = await contracts_of(context).drafting.check(terms_of(_as_training(body)))
    return Validation(valid=not missing, missing=missing)


@endpoints.post(
    "/miniprogram/create",
    access=CREATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.create",
    message=Text("订单创建成功", "Order created"),
    raises=(*STAFF_ERRORS, *REFUSALS),
    statuses=(201, 200),
    example=EXAMPLE,
)
async def create(context: RequestContext, body: CreateBody) -> ApiResponse[CreatedAnswer]:
    """新建职培订单 · create an order"""
    order = _as_training(body)
    drafting, request = contracts_of(context).drafting, request_of(context, order)
    return await created(context, await drafting.create(terms_of(order), context.staff, context.actor, request))


@endpoints.post(
    "/miniprogram/initiate-signing/{order_id}",
    access=CREATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.initiate-signing",
    message=BEGUN,
    raises=SIGNING,
    example={},
)
async def initiate(context: RequestContext, order_id: EntityId, body: InitiateBody) -> ContractDetail:
    """发起签署 · have it signed"""
    await _training(context, order_id)
    signing = contracts_of(context).signing
    return await detail(
        context, await signing.initiate(order_id, body.template_no, context.staff, context.actor, body.version)
    )


@endpoints.get("/{order_id}", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=ONE)
async def get_order(context: RequestContext, order_id: EntityId) -> ContractDetail:
    """职培订单详情 · one order"""
    return await detail(context, await _training(context, order_id))


@endpoints.post(
    "/{order_id}/graduate",
    access=GRADUATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.graduate",
    message=Text("已毕业", "Graduated"),
    raises=(*ONE, TransitionNotAllowed),
    example={},
)
async def graduate(context: RequestContext, order_id: EntityId, body: GraduateBody) -> ContractDetail:
    """学员毕业 · the student has finished"""
    return await detail(context, await contracts_of(context).training.graduate(order_id, context.staff, context.actor))


@endpoints.post(
    "/{order_id}/refund",
    access=Staff("contract:edit"),
    rate_limit=RateLimit.WRITE,
    audit="contract.refund",
    message=Text("已退款", "Refunded"),
    raises=(*ONE, TransitionNotAllowed, RefundTooHigh, AlreadyRefunded, PermissionDenied),
    example={"refundAmount": 2000, "reason": "学员退课"},
)
async def refund(context: RequestContext, order_id: EntityId, body: RefundBody) -> ContractDetail:
    """退款（经理以上）· refund; managers only"""
    training = contracts_of(context).training
    return await detail(
        context, await training.refund(order_id, body.refund_amount, body.reason, context.staff, context.actor)
    )


def _as_training(body: CreateBody) -> CreateBody:
    return body.model_copy(update={"order_category": OrderCategory.TRAINING})
