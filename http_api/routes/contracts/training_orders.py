"""Routes of training orders (职培订单): contracts of category `training`, under the paths of CRM and mini-program."""

from typing import Any, Final

from domain.contracts.errors import AlreadyRefunded, ContractNotFound, RefundTooHigh, TransitionNotAllowed
from domain.contracts.model import Contract
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.money import YuanInput
from domain.shared.paging import PageTooDeep
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import ApiResponse, RequestContext
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.bodies import CreateBody
from http_api.routes.contracts.common import CONTRACT_ERRORS, EDIT, TAG, OptionalReason, contracts_of, scope
from http_api.routes.contracts.contract_answers import ContractDetail, detail
from http_api.routes.contracts.creation import (
    CREATION_ERRORS,
    CreatedAnswer,
    Validation,
    create_draft,
    created,
    validation_of,
)
from http_api.routes.contracts.list_query import ContractList, ContractQuery, list_answer
from http_api.routes.contracts.signing import SIGNING_ERRORS, SIGNING_STARTED, InitiateBody
from http_api.routes.contracts.templates import TemplateList, template_list

endpoints = Endpoints("/api/training-orders", tag=Text("职业培训订单", "Training orders"))
contract_paths = Endpoints("/api/contracts", tag=TAG)
"""The path of training refunds that legacy clients of contracts use."""

VIEW_ORDERS: Final = Staff("training-order:view", "contract:view")
CREATE_ORDERS: Final = Staff("training-order:create", "contract:create")
GRADUATE: Final = Staff("training-order:create", "contract:edit")

READ_ORDERS: Final[dict[str, Any]] = {"access": VIEW_ORDERS, "rate_limit": RateLimit.READ, "message": FETCHED}
REFUND: Final[dict[str, Any]] = {
    "access": EDIT,
    "rate_limit": RateLimit.WRITE,
    "audit": "contract.refund",
    "message": Text("已退款", "Refunded"),
    "raises": (*CONTRACT_ERRORS, TransitionNotAllowed, RefundTooHigh, AlreadyRefunded, PermissionDenied),
    "example": {"refundAmount": 2000, "reason": "学员退课"},
}
ORDER_EXAMPLE: Final = {
    "customerName": "孙丽",
    "customerPhone": "13700137000",
    "customerIdCard": "11010119880808001X",
    "courseAmount": 6800,
    "serviceFeeAmount": 6800,
    "intendedCourses": ["高级母婴护理"],
    "templateNo": "TN-TRAINING",
}


class GraduateBody(Model):
    """Empty: the path names the order."""


class RefundBody(Model):
    refund_amount: YuanInput | None = None
    """Left out: the whole amount that was paid."""
    reason: OptionalReason = ""


@endpoints.get("/miniprogram/list", raises=(*STAFF_ERRORS, PageTooDeep), **READ_ORDERS)
@endpoints.get("", raises=(*STAFF_ERRORS, PageTooDeep), **READ_ORDERS)
async def list_orders(context: RequestContext, query: ContractQuery) -> ContractList:
    """职业培训订单列表 · the list"""
    return await list_answer(context, query.model_copy(update={"order_category": "training"}))


@endpoints.get("/miniprogram/templates", raises=STAFF_ERRORS, **READ_ORDERS)
async def templates(context: RequestContext) -> TemplateList:
    """协议模板 · the templates"""
    return await template_list(context)


@endpoints.post(
    "/miniprogram/validate-student",
    access=CREATE_ORDERS,
    rate_limit=RateLimit.READ,
    unaudited="nothing is stored",
    message=Text("校验完成", "Checked"),
    raises=STAFF_ERRORS,
    example=ORDER_EXAMPLE,
)
async def validate_student(context: RequestContext, body: CreateBody) -> Validation:
    """校验学员信息 · the fields that are still missing for signing"""
    return await validation_of(context, body.as_training())


@endpoints.post(
    "/miniprogram/create",
    access=CREATE_ORDERS,
    rate_limit=RateLimit.WRITE,
    audit="contract.create",
    message=Text("订单创建成功", "Order created"),
    raises=(*STAFF_ERRORS, *CREATION_ERRORS),
    statuses=(201, 200),
    example=ORDER_EXAMPLE,
)
async def create(context: RequestContext, body: CreateBody) -> ApiResponse[CreatedAnswer]:
    """新建职业培训订单 · create an order"""
    return await created(context, await create_draft(context, body.as_training()))


@endpoints.post(
    "/miniprogram/initiate-signing/{order_id}",
    access=CREATE_ORDERS,
    rate_limit=RateLimit.WRITE,
    audit="contract.initiate-signing",
    message=SIGNING_STARTED,
    raises=SIGNING_ERRORS,
    example={},
)
async def initiate(context: RequestContext, order_id: EntityId, body: InitiateBody) -> ContractDetail:
    """发起签署 · start signing"""
    await _training(context, order_id)
    signing = contracts_of(context).signing
    return await detail(
        context, await signing.initiate(order_id, body.template_no, context.staff, context.actor, body.version)
    )


@endpoints.get("/miniprogram/detail/{order_id}", raises=CONTRACT_ERRORS, **READ_ORDERS)
@endpoints.get("/{order_id}", raises=CONTRACT_ERRORS, **READ_ORDERS)
async def get_order(context: RequestContext, order_id: EntityId) -> ContractDetail:
    """职业培训订单详情 · one order"""
    return await detail(context, await _training(context, order_id))


@endpoints.post(
    "/{order_id}/graduate",
    access=GRADUATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.graduate",
    message=Text("已毕业", "Graduated"),
    raises=(*CONTRACT_ERRORS, TransitionNotAllowed),
    example={},
)
async def graduate(context: RequestContext, order_id: EntityId, body: GraduateBody) -> ContractDetail:
    """学员毕业 · the student graduates"""
    return await detail(context, await contracts_of(context).training.graduate(order_id, context.staff, context.actor))


@endpoints.post("/{order_id}/refund", **REFUND)
async def refund(context: RequestContext, order_id: EntityId, body: RefundBody) -> ContractDetail:
    """退款（经理以上）· refund; managers only"""
    return await _refund(context, order_id, body)


@contract_paths.post("/{contract_id}/mark-refunded", **REFUND)
async def mark_refunded(context: RequestContext, contract_id: EntityId, body: RefundBody) -> ContractDetail:
    """职业培训退款（经理以上）· refund a training; managers only"""
    return await _refund(context, contract_id, body)


async def _training(context: RequestContext, contract_id: str) -> Contract:
    """Raises ContractNotFound, also for a contract of another category."""
    contract = await contracts_of(context).queries.find(contract_id, scope(context))
    if not contract.is_training:
        raise ContractNotFound
    return contract


async def _refund(context: RequestContext, contract_id: str, body: RefundBody) -> ContractDetail:
    training = contracts_of(context).training
    return await detail(
        context, await training.refund(contract_id, body.refund_amount, body.reason, context.staff, context.actor)
    )
