"""Routes that list, create, edit, renew and assign contracts; most also under the staff mini-program's paths."""

from typing import Annotated, Literal

from pydantic import Field

from domain.contracts.errors import (
    ContractExists,
    RenewalExists,
    SuccessorExists,
    TermsFrozen,
    TransitionNotAllowed,
)
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.paging import PageTooDeep
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.dates import InputDay
from http_api.core.endpoint import EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import ApiResponse, RequestContext
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.bodies import CreateBody, TermsBody, UpdateBody
from http_api.routes.contracts.common import (
    CONTRACT_ERRORS,
    CREATE,
    EDIT_ERRORS,
    READ,
    VIEW,
    WRITE,
    OptionalReason,
    contracts_of,
    scope,
)
from http_api.routes.contracts.contract_answers import ContractDetail, detail
from http_api.routes.contracts.creation import (
    CREATE_DRAFT,
    CREATION_ERRORS,
    CreatedAnswer,
    create_draft,
    created,
    idempotency_key,
    start_signing,
)
from http_api.routes.contracts.list_query import ContractList, ContractQuery, list_answer
from http_api.routes.contracts.path_aliases import PathAliases

aliases = PathAliases()


class AssignableStaff(Model):
    id: str
    name: str
    role: str


class AssignableList(Model):
    users: list[AssignableStaff]


class AssignBody(Model):
    assigned_to: EntityId
    reason: OptionalReason = ""


class RenewBody(TermsBody):
    end_date: InputDay


class ChangeWorkerBody(TermsBody):
    pass


class RevealBody(Model):
    fields: Annotated[
        list[Literal["customerPhone", "customerIdCard", "workerPhone", "workerIdCard"]],
        Field(min_length=1, max_length=4),
    ]
    reason: OptionalReason = ""


class Revealed(Model):
    """Fields that were not requested, or that the contract does not have, are null."""

    customer_phone: str | None = None
    customer_id_card: str | None = None
    worker_phone: str | None = None
    worker_id_card: str | None = None


@aliases.crm.post(
    "",
    **CREATE_DRAFT,
)
async def create(context: RequestContext, body: CreateBody) -> ApiResponse[CreatedAnswer]:
    """新建合同，信息完整时自动发起签署 · create a contract; signing starts at once when no field is missing"""
    result = await create_draft(context, body)
    contract, signing = await start_signing(context, result.contract)
    return await created(context, result.model_copy(update={"contract": contract}), signing)


@aliases.both("GET", "", "/list", raises=(*STAFF_ERRORS, PageTooDeep), **READ)
async def list_contracts(context: RequestContext, query: ContractQuery) -> ContractList:
    """合同列表（按数据范围）· the list, within your data scope"""
    return await list_answer(context, query)


@aliases.crm.get(
    "/assignable-users",
    access=Staff("user:view"),
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def assignable(context: RequestContext) -> AssignableList:
    """可分配的员工 · the staff members who can own a contract"""
    found = await contracts_of(context).drafting.assignable(context.staff)
    return AssignableList(users=[AssignableStaff(id=id_, name=name, role=role) for id_, name, role in found])


@aliases.both(
    "POST",
    "/change-worker/{original_id}",
    "/change-worker/{original_id}",
    audit="contract.change-worker",
    message=Text("换人合同已创建，签署完成后生效", "Created; it takes the old one's place once it is signed"),
    raises=(*CONTRACT_ERRORS, *CREATION_ERRORS, TransitionNotAllowed, SuccessorExists),
    statuses=(201, 200),
    example={"workerName": "钱阿姨", "workerPhone": "13700137000", "workerSalary": 9000},
    **WRITE,
)
async def change_worker(
    context: RequestContext, original_id: EntityId, body: ChangeWorkerBody
) -> ApiResponse[CreatedAnswer]:
    """换人：新合同签署完成前原合同继续有效 · change the worker; until the new one is signed, the old one is in force"""
    drafting, key = contracts_of(context).drafting, idempotency_key(context, body)
    result = await drafting.change_worker(original_id, body.to_terms(), context.staff, context.actor, key)
    return await created(context, result)


@aliases.both("GET", "/{contract_id}", "/detail/{contract_id}", raises=CONTRACT_ERRORS, **READ)
async def get_contract(context: RequestContext, contract_id: EntityId) -> ContractDetail:
    """合同详情：签署进度与历史 · one contract with its signers and its history"""
    return await detail(context, await contracts_of(context).queries.find(contract_id, scope(context)))


@aliases.both(
    "PUT",
    "/{contract_id}",
    "/update/{contract_id}",
    audit="contract.update",
    message=Text("合同更新成功", "Contract updated"),
    raises=(*EDIT_ERRORS, TermsFrozen, ContractExists),
    example={"customerAddress": "海淀区中关村大街 1 号", "version": 2},
    **WRITE,
)
async def update(context: RequestContext, contract_id: EntityId, body: UpdateBody) -> ContractDetail:
    """修改合同；发起签署后只能改联系方式 · edit; after signing has started only the contact details"""
    drafting = contracts_of(context).drafting
    contract = await drafting.update(contract_id, body.to_terms(), body.version, context.staff, context.actor)
    return await detail(context, contract)


@aliases.crm.post(
    "/{contract_id}/renew",
    access=CREATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.renew",
    message=Text("续签合同已创建", "Renewal created"),
    raises=(*CONTRACT_ERRORS, *CREATION_ERRORS, TransitionNotAllowed, RenewalExists),
    statuses=(201, 200),
    example={"endDate": "2027-04-30"},
)
async def renew(context: RequestContext, contract_id: EntityId, body: RenewBody) -> ApiResponse[CreatedAnswer]:
    """续签：从原合同到期次日开始 · renew from the day after its end, with the same parties"""
    drafting, key = contracts_of(context).drafting, idempotency_key(context, body)
    result = await drafting.renew(contract_id, body.end_date, body.to_terms(), context.staff, context.actor, key)
    return await created(context, result)


@aliases.crm.patch(
    "/{contract_id}/assign",
    audit="contract.assign",
    message=Text("分配成功", "Assigned"),
    raises=(*CONTRACT_ERRORS, PermissionDenied),
    example={"assignedTo": "65f0c1d2e3a4b5c6d7e8f901", "reason": "人员调整"},
    **WRITE,
)
async def assign(context: RequestContext, contract_id: EntityId, body: AssignBody) -> ContractDetail:
    """变更归属人（管理员、经理、运营）· assign the contract to another staff member"""
    drafting = contracts_of(context).drafting
    contract = await drafting.assign(contract_id, body.assigned_to, body.reason, context.staff, context.actor)
    return await detail(context, contract)


@aliases.crm.post(
    "/{contract_id}/reveal",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="contract.reveal",
    message=FETCHED,
    raises=CONTRACT_ERRORS,
    example={"fields": ["customerPhone"], "reason": "联系客户"},
)
async def reveal(context: RequestContext, contract_id: EntityId, body: RevealBody) -> Revealed:
    """查看完整手机号或身份证号（记入审计）· unmasked personal numbers; the access is recorded in the audit log"""
    queries = contracts_of(context).queries
    contract = await queries.reveal(contract_id, body.fields, body.reason, scope(context), context.actor)
    shown = {
        "customerPhone": contract.customer_phone,
        "customerIdCard": contract.customer_id_card,
        "workerPhone": contract.worker_phone,
        "workerIdCard": contract.worker_id_card,
    }
    return Revealed.model_validate({name: shown[name] or None for name in body.fields})
