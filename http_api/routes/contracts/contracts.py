"""Contracts: looked up, written, given to somebody; most of it also under the staff mini-program's paths."""

from typing import Annotated, Literal

from pydantic import Field

from domain.contracts.board.filter import ContractTotals
from domain.contracts.errors import (
    ContractExists,
    IdempotencyKeyReused,
    NumberTaken,
    RenewalExists,
    SuccessorExists,
    TermsFrozen,
    TransitionNotAllowed,
    UnknownParty,
    WorkerBlacklisted,
    WorkerNotReleased,
)
from domain.contracts.terms import Name
from domain.shared.errors import PermissionDenied
from domain.shared.model import Model
from domain.shared.paging import PageTooDeep
from domain.shared.phone import Phone
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.dates import InputDay
from http_api.core.endpoint import ApiResponse, EntityId, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS
from http_api.routes.contracts.answers import ContractDetail
from http_api.routes.contracts.common import (
    CHANGED,
    CREATE,
    EDIT,
    ONE,
    VIEW,
    CreateBody,
    OptionalReason,
    TermsBody,
    UpdateBody,
    contracts_of,
    scope,
)
from http_api.routes.contracts.path_aliases import Twins
from http_api.routes.contracts.views import (
    ContractList,
    ContractQuery,
    ContractsFound,
    CreatedAnswer,
    CustomerCheck,
    answers,
    begun,
    check_customer,
    created,
    detail,
    list_answer,
    request_of,
    terms_of,
)
from http_api.routes.contracts.worker_history import WorkerHistory, worker_history

twins = Twins()

REFUSALS = (UnknownParty, WorkerBlacklisted, WorkerNotReleased, IdempotencyKeyReused, NumberTaken)
EXAMPLE = {
    "contractType": "月嫂",
    "customerName": "王芳",
    "customerPhone": "13800138000",
    "customerIdCard": "110101199003070011",
    "workerName": "赵阿姨",
    "workerPhone": "13900139000",
    "workerIdCard": "110101197511110017",
    "startDate": "2026-05-01",
    "endDate": "2026-10-31",
    "workerSalary": 8800,
    "customerServiceFee": 3000,
    "templateNo": "TN-HOMECARE",
    "服务备注": "月休四天",
}


class WorkerQuery(Model):
    name: Name = ""
    id_card: Annotated[str, Field(max_length=18)] = ""
    phone: Annotated[str, Field(max_length=11, pattern=r"^\d*$")] = ""


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
    """Fields that were not asked for, or are not there, are null."""

    customer_phone: str | None = None
    customer_id_card: str | None = None
    worker_phone: str | None = None
    worker_id_card: str | None = None


@twins.crm.post(
    "",
    access=CREATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.create",
    message=Text("合同创建成功", "Contract created"),
    raises=(*STAFF_ERRORS, *REFUSALS, ContractExists),
    statuses=(201, 200),
    example=EXAMPLE,
)
async def create(context: RequestContext, body: CreateBody) -> ApiResponse[CreatedAnswer]:
    """新建合同，信息完整时自动发起签署 · create; signing begins by itself when nothing is missing"""
    drafting = contracts_of(context).drafting
    done = await drafting.create(
        terms_of(body), context.staff, context.actor, request_of(context, body), second_order=body.force_create_new
    )
    contract, signing = await begun(context, done.contract)
    return await created(context, done.model_copy(update={"contract": contract}), signing)


@twins.both(
    "GET", "", "/list", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=(*STAFF_ERRORS, PageTooDeep)
)
async def list_contracts(context: RequestContext, query: ContractQuery) -> ContractList:
    """合同列表（按数据范围）· the list, within your data scope"""
    return await list_answer(context, query)


@twins.both(
    "GET", "/statistics", "/statistics", access=VIEW, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS
)
async def statistics(context: RequestContext) -> ContractTotals:
    """合同统计 · totals by type, this month, this year"""
    return await contracts_of(context).reading.totals(scope(context))


@twins.crm.get(
    "/assignable-users", access=Staff("user:view"), rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS
)
async def assignable(context: RequestContext) -> AssignableList:
    """可分配的员工 · who can own a contract"""
    found = await contracts_of(context).drafting.assignable(context.staff)
    return AssignableList(users=[AssignableStaff(id=id_, name=name, role=role) for id_, name, role in found])


@twins.both(
    "GET",
    "/search-by-worker",
    "/search-worker",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def search_by_worker(context: RequestContext, query: WorkerQuery) -> ContractsFound:
    """按服务人员查合同 · by the worker's card number, phone or name"""
    reading = contracts_of(context).reading
    found = await reading.search_worker(query.name, query.id_card, query.phone, scope(context))
    return ContractsFound(contracts=await answers(context, found))


@twins.both(
    "GET",
    "/customer/{customer_id}",
    "/by-customer/{customer_id}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def of_customer(context: RequestContext, customer_id: EntityId) -> ContractsFound:
    """客户的合同 · a customer's contracts, newest first"""
    found = await contracts_of(context).reading.of_customer(customer_id, scope(context))
    return ContractsFound(contracts=await answers(context, found))


@twins.both(
    "GET",
    "/worker/{worker_id}",
    "/by-worker-id/{worker_id}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def of_worker(context: RequestContext, worker_id: EntityId) -> ContractsFound:
    """服务人员的合同 · a worker's contracts, newest first"""
    found = await contracts_of(context).reading.of_worker(worker_id, scope(context))
    return ContractsFound(contracts=await answers(context, found))


@twins.both(
    "GET",
    "/number/{number}",
    "/by-number/{number}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=ONE,
)
async def by_number(context: RequestContext, number: Annotated[str, Field(max_length=40)]) -> ContractDetail:
    """按合同编号查询 · by our number or the provider's"""
    return await detail(context, await contracts_of(context).reading.find_by_number(number, scope(context)))


@twins.both(
    "GET",
    "/check-customer/{phone}",
    "/check-customer/{phone}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def customer_check(context: RequestContext, phone: Phone) -> CustomerCheck:
    """客户是否已有合同 · whether this customer has a contract"""
    return await check_customer(context, phone)


@twins.both(
    "GET",
    "/history/{phone}",
    "/history/{phone}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=STAFF_ERRORS,
)
async def history(context: RequestContext, phone: Phone) -> WorkerHistory:
    """客户换人历史 · the workers whom this customer has had"""
    return await worker_history(context, phone)


@twins.both(
    "POST",
    "/change-worker/{original_id}",
    "/change-worker/{original_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.change-worker",
    message=Text("换人合同已创建，签署完成后生效", "Created; it takes the old one's place once it is signed"),
    raises=(*ONE, *REFUSALS, TransitionNotAllowed, SuccessorExists),
    statuses=(201, 200),
    example={"workerName": "钱阿姨", "workerPhone": "13700137000", "workerSalary": 9000},
)
async def change_worker(
    context: RequestContext, original_id: EntityId, body: ChangeWorkerBody
) -> ApiResponse[CreatedAnswer]:
    """换人：新合同签署完成前原合同继续有效 · change the worker; the old contract stays in force until then"""
    drafting = contracts_of(context).drafting
    request = request_of(context, body)
    return await created(
        context, await drafting.change_worker(original_id, body.to_terms(), context.staff, context.actor, request)
    )


@twins.both(
    "GET",
    "/{contract_id}",
    "/detail/{contract_id}",
    access=VIEW,
    rate_limit=RateLimit.READ,
    message=FETCHED,
    raises=ONE,
)
async def get_contract(context: RequestContext, contract_id: EntityId) -> ContractDetail:
    """合同详情：签署进度与历史 · one contract with its signers and its history"""
    return await detail(context, await contracts_of(context).reading.find(contract_id, scope(context)))


@twins.both(
    "PUT",
    "/{contract_id}",
    "/update/{contract_id}",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.update",
    message=Text("合同更新成功", "Contract updated"),
    raises=(*CHANGED, TermsFrozen),
    example={"customerAddress": "海淀区中关村大街 1 号", "version": 2},
)
async def update(context: RequestContext, contract_id: EntityId, body: UpdateBody) -> ContractDetail:
    """修改合同；发起签署后只能改联系方式 · edit; once signing has begun only how to reach people"""
    drafting = contracts_of(context).drafting
    contract = await drafting.update(contract_id, body.to_terms(), body.version, context.staff, context.actor)
    return await detail(context, contract)


@twins.crm.post(
    "/{contract_id}/renew",
    access=CREATE,
    rate_limit=RateLimit.WRITE,
    audit="contract.renew",
    message=Text("续签合同已创建", "Renewal created"),
    raises=(*ONE, *REFUSALS, TransitionNotAllowed, RenewalExists),
    statuses=(201, 200),
    example={"endDate": "2027-04-30"},
)
async def renew(context: RequestContext, contract_id: EntityId, body: RenewBody) -> ApiResponse[CreatedAnswer]:
    """续签：从原合同到期次日开始 · renew from the day after its end, with the same parties"""
    drafting, request = contracts_of(context).drafting, request_of(context, body)
    done = await drafting.renew(contract_id, body.end_date, body.to_terms(), context.staff, context.actor, request)
    return await created(context, done)


@twins.crm.patch(
    "/{contract_id}/assign",
    access=EDIT,
    rate_limit=RateLimit.WRITE,
    audit="contract.assign",
    message=Text("分配成功", "Assigned"),
    raises=(*ONE, PermissionDenied),
    example={"assignedTo": "65f0c1d2e3a4b5c6d7e8f901", "reason": "人员调整"},
)
async def assign(context: RequestContext, contract_id: EntityId, body: AssignBody) -> ContractDetail:
    """变更归属人（管理员、经理、运营）· give it to another member of staff"""
    drafting = contracts_of(context).drafting
    contract = await drafting.assign(contract_id, body.assigned_to, body.reason, context.staff, context.actor)
    return await detail(context, contract)


@twins.crm.post(
    "/{contract_id}/reveal",
    access=VIEW,
    rate_limit=RateLimit.WRITE,
    audit="contract.reveal",
    message=FETCHED,
    raises=ONE,
    example={"fields": ["customerPhone"], "reason": "联系客户"},
)
async def reveal(context: RequestContext, contract_id: EntityId, body: RevealBody) -> Revealed:
    """查看完整手机号或身份证号（记入审计）· personal numbers in clear; who looked is written down"""
    reading = contracts_of(context).reading
    contract = await reading.reveal(contract_id, body.fields, body.reason, scope(context), context.actor)
    shown = {
        "customerPhone": contract.customer_phone,
        "customerIdCard": contract.customer_id_card,
        "workerPhone": contract.worker_phone,
        "workerIdCard": contract.worker_id_card,
    }
    return Revealed.model_validate({name: shown[name] or None for name in body.fields})
