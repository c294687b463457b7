"""Routes of one customer and of the list, with the paths and fields of the former system."""

from typing import Annotated, Literal

from pydantic import Field

from domain.customers.errors import (
    ContactRequired,
    CustomerHasContracts,
    CustomerPhoneTaken,
    CustomerVersionConflict,
    CustomerWeChatTaken,
    IllegalStage,
    LevelSetBySystem,
    SearchTooBroad,
    UnknownAssignee,
    UnknownDictionaryValue,
)
from domain.customers.queries import customer_scope
from domain.customers.stages import Stage
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.paging import PageTooDeep
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.customers.answers import CustomerAnswer, CustomerPage, answer, changed_answer, page_answer
from http_api.routes.customers.bodies import CustomerEditBody, NewCustomerBody
from http_api.routes.customers.common import (
    CUSTOMER_ERRORS,
    EDIT,
    PREFIX,
    READ,
    TAG,
    VIEW,
    OptionalReason,
    customers_of,
)
from http_api.routes.customers.list_query import CustomerListQuery

endpoints = Endpoints(PREFIX, tag=TAG)

FIELD_ERRORS = (
    *(ContactRequired, UnknownDictionaryValue, IllegalStage, LevelSetBySystem),
    *(CustomerPhoneTaken, CustomerWeChatTaken),
)


class DeleteBody(Model):
    reason: OptionalReason = ""


class RevealBody(Model):
    fields: Annotated[list[Literal["phone", "wechatId", "idCardNumber", "address"]], Field(min_length=1, max_length=4)]
    reason: OptionalReason = ""


class Revealed(Model):
    """Fields that were not requested, or are empty, are null."""

    phone: str | None = None
    wechat_id: str | None = None
    id_card_number: str | None = None
    address: str | None = None


@endpoints.get("", raises=(*STAFF_ERRORS, PageTooDeep, SearchTooBroad), **READ)
async def list_customers(context: RequestContext, query: CustomerListQuery) -> CustomerPage:
    """客户列表（按数据范围，不含公海）· list customers within your data scope, without the pool"""
    wanted = query.to_query(customer_scope(context.staff))
    return await page_answer(context, await customers_of(context).queries.page(wanted, query.paging))


@endpoints.post(
    "",
    access=Staff("customer:create"),
    rate_limit=RateLimit.WRITE,
    audit="customer.create",
    message=Text("客户创建成功", "Customer created"),
    raises=(*STAFF_ERRORS, *FIELD_ERRORS, UnknownAssignee, PermissionDenied),
    status=201,
    example={"name": "王芳", "phone": "13800138000", "leadSource": "美团", "serviceCategory": "月嫂"},
)
async def create_customer(context: RequestContext, body: NewCustomerBody) -> CustomerAnswer:
    """新建客户；未指定负责人时归本人 · create a customer, your own unless an owner is named"""
    created = await customers_of(context).records.create(
        {"name": body.name, **body.to_fields()},
        body.contract_status or Stage.PENDING,
        body.lead_level,
        body.assigned_to or "",
        context.staff,
        context.actor,
        body.assignment_reason or "",
    )
    return await changed_answer(context, created)


@endpoints.get("/{customer_id}", raises=CUSTOMER_ERRORS, **READ)
async def get_customer(context: RequestContext, customer_id: EntityId) -> CustomerAnswer:
    """客户详情；公海客户只显示部分信息 · get a customer; of one in the pool only a part is shown"""
    return await answer(context, await customers_of(context).queries.see(customer_id, context.staff))


@endpoints.patch(
    "/{customer_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="customer.update",
    message=Text("客户更新成功", "Customer updated"),
    raises=(*CUSTOMER_ERRORS, CustomerVersionConflict, *FIELD_ERRORS),
    example={"contractStatus": "匹配中", "leadLevel": "A类", "version": 3},
)
async def update_customer(context: RequestContext, customer_id: EntityId, body: CustomerEditBody) -> CustomerAnswer:
    """修改客户；空值表示清除 · edit a customer; an empty value removes a field"""
    changed = await customers_of(context).records.edit(
        customer_id,
        body.to_fields(),
        body.contract_status,
        body.lead_level,
        body.version,
        context.staff,
        context.actor,
    )
    return await changed_answer(context, changed)


@endpoints.delete(
    "/{customer_id}",
    access=Staff("customer:delete"),
    rate_limit=RateLimit.WRITE,
    audit="customer.delete",
    message=Text("客户删除成功", "Customer deleted"),
    raises=(*CUSTOMER_ERRORS, CustomerHasContracts),
    example={"reason": "重复录入"},
)
async def delete_customer(context: RequestContext, customer_id: EntityId, body: DeleteBody) -> None:
    """删除客户（个人信息一并清除）· delete a customer and all personal values"""
    scope = customer_scope(context.staff)
    await customers_of(context).records.delete(customer_id, body.reason, scope, context.actor)


@endpoints.post(
    "/{customer_id}/reveal",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="customer.reveal",
    message=FETCHED,
    raises=CUSTOMER_ERRORS,
    example={"fields": ["phone"], "reason": "联系客户"},
)
async def reveal(context: RequestContext, customer_id: EntityId, body: RevealBody) -> Revealed:
    """查看完整联系方式（记入审计）· show personal values in clear; recorded in the audit log"""
    queries = customers_of(context).queries
    customer = await queries.reveal(customer_id, body.fields, body.reason, context.staff, context.actor)
    values = customer.model_dump(by_alias=True, include={"phone", "wechat_id", "id_card_number", "address"})
    return Revealed.model_validate({name: values[name] or None for name in body.fields})
